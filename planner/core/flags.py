"""Flags beside a visit's state: said, never enforced. One function decides each, for every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.deviations import Flag, FlagKind
from planner.core.explain import Reason, Why
from planner.core.facts import State
from planner.core.gates import gate_flags
from planner.core.protocol import Strength
from planner.core.soft_rules import soft_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.standing import Standing
    from planner.core.visit import Visit

CLOSING_WITHIN = 7
"""Days ahead in which a window that ends is said to be closing."""

GATES = (FlagKind.NO_GO, FlagKind.UNDECIDED)
"""Flags of a visit that waits for what a person says at its gate."""

NEEDS = frozenset({FlagKind.OVERDUE, FlagKind.TO_RECORD, FlagKind.CLOSING, FlagKind.FEW_DAYS_LEFT, *GATES})
"""Flags that ask a person for something, on every screen."""


def raised(visit: Visit, *kinds: FlagKind) -> bool:
    """Whether one of these flags stands beside the visit."""
    return any(flag.kind in kinds for flag in visit.flags)


def overdue(visit: Visit) -> bool:
    """Whether its window has passed and nothing is booked or recorded: the same answer for every screen."""
    return raised(visit, FlagKind.OVERDUE)


def flags(visit: Visit, standing: Standing, calendar: Calendar, today: date | None) -> Iterator[Flag]:
    """What is to be said of one visit, but for the flag rules."""
    if standing.assumed(visit.encounter) and visit.state is State.PLANNED:
        yield Flag(FlagKind.ASSUMED)
    closed = _closed(visit, calendar, standing.stay_of(visit.code))
    if visit.to_come and closed:
        yield Flag(FlagKind.CLASH, closed)
    key = standing.protocol.key_visit
    if key is not None and visit.code == key.code and visit.to_come and visit.days_left.days_left < key.warn_below:
        yield Flag(FlagKind.FEW_DAYS_LEFT)
    yield from gate_flags(standing, visit.code)
    if today is not None and visit.to_come:
        yield from _timely(visit, today, stands=standing.stands(visit.code))


def _closed(visit: Visit, calendar: Calendar, stay: int) -> tuple[Reason, ...]:
    encounter, target = visit.encounter, visit.target
    if target is None:
        return ()
    closed = calendar.why_closed(target, encounter.calendar, attended=encounter.attended, stay=stay)
    return tuple(Reason(Why.CLOSED, closure=closure) for closure in closed)


def _timely(visit: Visit, today: date, *, stands: bool) -> Iterator[Flag]:
    """Due while its window is open; overdue once that has passed; to record once its fixed day has."""
    fixed = visit.booked or (visit.target if stands else None)
    if fixed is not None:
        if fixed < today:
            yield Flag(FlagKind.TO_RECORD)
        elif fixed == today:
            yield Flag(FlagKind.DUE)
        return
    if visit.window is not None and visit.window.latest is not None and visit.window.latest < today:
        yield Flag(FlagKind.OVERDUE)
    elif visit.target is not None and (visit.window.outside(today) >= 0 if visit.window else visit.target <= today):
        yield Flag(FlagKind.DUE)
    last = max(visit.live, default=None)
    if visit.window is not None and last is not None and (last - today).days <= CLOSING_WITHIN:
        yield Flag(FlagKind.CLOSING)


def flag_rules(
    standing: Standing, calendar: Calendar, day_of: Callable[[str], date | None]
) -> Iterator[tuple[str, Flag]]:
    """The flag rules that the days as they stand do not keep, by the later visit's code."""
    for rule in soft_rules(standing, calendar.holidays, day_of, Strength.FLAG):
        day = day_of(rule.visit)
        if day is not None and day not in rule.window:
            yield rule.visit, Flag(FlagKind.RULE, (rule.reason,))
