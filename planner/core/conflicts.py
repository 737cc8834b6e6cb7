"""Conflicts: what cannot hold and waits for a person. The planner never hides one and never moves a booking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.deviations import bearer, is_deviation
from planner.core.explain import Reason, Why
from planner.core.facts import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.core.constraints import Constraints
    from planner.core.days import Window
    from planner.core.explain import Item
    from planner.core.possible import Possible
    from planner.core.standing import Standing


class ConflictKind(StrEnum):
    """What clashes: two fixed days and a rule, a fixed day and the calendar, a booking and its branch, or no day."""

    RULE = "rule"
    CLOSED = "closed"
    BRANCH = "branch"
    NO_DAY = "no_day"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A visit that cannot stand as the facts have it, with a minimal set of reasons."""

    kind: ConflictKind
    visit: str
    reasons: tuple[Reason, ...]


def conflicts(possible: Possible, windows: Mapping[str, Window | None]) -> tuple[Conflict, ...]:
    """Every conflict, in the order rules, closed days, branches, visits without a day."""
    standing, network = possible.standing, possible.solution.network
    return (
        *(_rule(standing, network, item) for item in network.broken if not is_deviation(standing, item)),
        *_closed(standing, possible, network),
        *_branch(standing),
        *_no_day(possible, windows),
    )


def _rule(standing: Standing, network: Constraints, item: Item) -> Conflict:
    reason = item.reason
    return Conflict(ConflictKind.RULE, bearer(standing, reason), (reason, *_facts(network, reason.other, reason.visit)))


def _facts(network: Constraints, *codes: str) -> Iterator[Reason]:
    facts = {item.reason.visit: item.reason for item in network.limits if item.reason.visit in network.fixed}
    return (facts[code] for code in codes)


def _closed(standing: Standing, possible: Possible, network: Constraints) -> Iterator[Conflict]:
    for code, day in network.fixed.items():
        if code not in standing.protocol.by_code or standing.states[code] is State.OCCURRED:
            continue
        closed = standing.why_closed(possible.calendar, code, day)
        if closed:
            reasons = (Reason(Why.CLOSED, closure=closure) for closure in closed)
            yield Conflict(ConflictKind.CLOSED, code, (*_facts(network, code), *reasons))


def _branch(standing: Standing) -> Iterator[Conflict]:
    """Bookings of visits that the facts have meanwhile made fall away."""
    for code, state in standing.states.items():
        encounter = standing.protocol.by_code[code]
        if state is State.BOOKED:
            against = [c for c in encounter.conditions if not standing.holds(c)]
            reasons = [Reason(Why.DECISION, code, rule=condition.decision) for condition in against]
            if standing.falls_away(encounter) and encounter.timing is not None:
                reasons.append(Reason(Why.SKIPPED, code, standing.ideal(encounter.timing.anchor)))
            if reasons:
                yield Conflict(ConflictKind.BRANCH, code, tuple(reasons))


def _no_day(possible: Possible, windows: Mapping[str, Window | None]) -> Iterator[Conflict]:
    key, today = possible.standing.protocol.key_visit, possible.today
    for code in (c for c in possible.order if c in possible.solution.aside):
        window = windows[code]
        latest = window.latest if window is not None else None
        overdue = today is not None and latest is not None and latest < today
        if not overdue or (key is not None and code == key.code):
            yield Conflict(ConflictKind.NO_DAY, code, possible.why_aside(code))
