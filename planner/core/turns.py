"""The order of two visits of one day: the one that has to come first is over before the other begins.

The rules of a plan know days only; two visits that may share a day are kept in their order by the clock.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from planner.core.standing import Standing
from planner.core.units import CELL, attended, cells, spent_by, spent_elsewhere
from planner.core.walltime import zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.facts import Facts
    from planner.core.protocol import Protocol

A_CELL = int(CELL.total_seconds()) // 60


def barred(protocol: Protocol, facts: Facts, code: str) -> frozenset[int]:
    """The cells in which a visit cannot be: the patient is elsewhere, or it would be on the wrong side of a visit."""
    return spent_elsewhere(protocol, facts, code).union(_out_of_turn(protocol, facts, code))


def _out_of_turn(protocol: Protocol, facts: Facts, code: str) -> Iterator[int]:
    """Of each day on which another visit has its time, the part before or after it, by which of the two comes first."""
    standing, own = Standing(protocol, facts), facts.attendance(code)
    for other, fact in facts.visits.items():
        if other in own or other in facts.together or fact.day is None or fact.at is None or fact.zone is None:
            continue
        taken, day = spent_by(fact, *attended(protocol, facts, other)), _day(fact.day, fact.zone)
        whole = facts.attendance(other)
        if any(_first(standing, one, two) for one in own for two in whole):
            yield from range(taken.start, day.stop)
        elif any(_first(standing, two, one) for one in own for two in whole):
            yield from range(day.start, taken.stop)


def _first(standing: Standing, one: str, other: str) -> bool:
    """Whether the one has to be over first: it counts back from the other, or the other counts on from it."""
    return _counts(standing, one, other) < 0 or _counts(standing, other, one) > 0


def _counts(standing: Standing, code: str, other: str) -> int:
    """How far a visit counts from another one: below 0 back, above 0 on; 0 where it does not, or on the same day."""
    timing = standing.protocol.by_code[code].timing
    if timing is None or standing.chosen(timing.anchor) != other:
        return 0
    return timing.offset.amount


def _day(day: date, zone: str) -> range:
    """The cells of a day, as the clocks of the zone count them."""
    start, end = (datetime.combine(one, time(), zone_named(zone)) for one in (day, day + timedelta(days=1)))
    return range(cells(start, A_CELL).start, cells(end, A_CELL).start)
