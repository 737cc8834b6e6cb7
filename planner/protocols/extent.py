"""Whether a plan of a protocol can be counted: how long it is, and how much its rules ask of the planner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.calendar import Calendar
from planner.core.constraints import constraints
from planner.core.days import Unit
from planner.core.explain import Why
from planner.core.facts import Facts
from planner.core.network import Net
from planner.core.placing import MARGIN, horizon
from planner.core.protocol import Tolerance
from planner.core.standing import Standing
from planner.protocols.clashes import ONE_DAY
from planner.protocols.reach import SOME_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.days import Span
    from planner.core.explain import Reason
    from planner.core.protocol import Encounter, Protocol

LONGEST = 7320
CENTURIES = 300_000
MOST_STEPS = 10_000_000
DAY_MAP = 50
"""How many rules in days one rule in months costs, measured."""


def beyond_counting(protocol: Protocol) -> tuple[str, str] | None:
    """What makes a plan too long or too dear to count, and how to mend it; None where nothing does."""
    length = _length(protocol)
    if length is None or length > LONGEST:
        what = "from its first visit to its last the plan takes more than 20 years"
        return what, "Shorten the offsets, or repeat fewer times"
    if _countable(protocol, length):
        return None
    what = "the binding rules are too many for so long a plan, those in months or working days most of all"
    return what, "Write fewer, make windows no binding rules, or write them in days and weeks"


def _length(protocol: Protocol) -> int | None:
    """Days between the first and the last of a plan; None where its offsets add up to centuries."""
    if sum(_days(encounter) for encounter in protocol.encounters) > CENTURIES:
        return None
    return horizon(Standing(protocol, _facts(protocol)), Calendar(), None).length - 2 * MARGIN.days - 1


def _countable(protocol: Protocol, length: int) -> bool:
    """Whether a plan of it is counted in seconds: day maps are dear, and so are rules that run both ways."""
    network = constraints(Standing(protocol, _facts(protocol)), Calendar(), None, ONE_DAY)
    bounds = [item.bound for item in network.rules if item.bound is not None]
    net = Net(len(network.nodes), bounds)
    both_ways = sum(bound.first in net.tangled and bound.then in net.tangled for bound in net.bounds)
    mapped = [item.reason for item in network.rules if item.bound is not None and item.bound.table is not None]
    maps = sum(_dear(_spans(protocol, reason)) for reason in mapped)
    return (both_ways + maps) * length <= MOST_STEPS


def _spans(protocol: Protocol, reason: Reason) -> Iterator[Span | None]:
    yield from (reason.lo, reason.hi)
    timing = protocol.by_code[reason.visit].timing if reason.why is Why.WINDOW else None
    if timing is not None and isinstance(timing.window, Tolerance):
        yield from (timing.offset, timing.window.before, timing.window.after)


def _dear(spans: Iterator[Span | None]) -> int:
    """What a rule in months or working days costs, where one in days costs 1."""
    working = (abs(span.amount) for span in spans if span is not None and span.unit is Unit.WORKING_DAYS)
    return DAY_MAP * (1 + max(working, default=0) // 20)


def _facts(protocol: Protocol) -> Facts:
    return Facts(dates={named.code: SOME_DAY for named in protocol.dates})


def _days(encounter: Encounter) -> int:
    if encounter.timing is None:
        return 0
    stay = encounter.stay.planned if encounter.stay is not None else 0
    return _most(encounter.timing.offset) + stay


def _most(span: Span) -> int:
    return abs(span.amount * 31 if span.days is None else span.days)
