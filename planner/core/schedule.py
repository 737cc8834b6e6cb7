"""`schedule = plan(protocol, facts, calendar, today)`: everything that is derived, and what differs between two."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from planner.core.conflicts import Conflict, conflicts
from planner.core.deriving import Deriving
from planner.core.errors import NotFound
from planner.core.explain import Reason, Why
from planner.core.placing import horizon, places
from planner.core.possible import Possible
from planner.core.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.facts import Acceptance, Facts
    from planner.core.placing import Place
    from planner.core.protocol import Protocol
    from planner.core.visit import DaysLeft, Visit


@dataclass(frozen=True)
class Schedule:
    """One patient's plan, derived from facts and never stored."""

    protocol: Protocol
    visits: tuple[Visit, ...]
    conflicts: tuple[Conflict, ...]
    possible: Possible = field(repr=False, compare=False)
    placed: Mapping[str, Place] = field(repr=False, compare=False)

    @cached_property
    def by_code(self) -> dict[str, Visit]:
        """Visits by code."""
        return {visit.code: visit for visit in self.visits}

    @property
    def facts(self) -> Facts:
        """The facts that it was planned from."""
        return self.possible.standing.facts

    @property
    def dates(self) -> Mapping[str, date]:
        """Each named date known: the actual day of its visit, else its booked day (if it may move), else as given."""
        return self.possible.standing.dates

    @property
    def calendar(self) -> Calendar:
        """The calendar that it was planned on."""
        return self.possible.calendar

    @property
    def days_left(self) -> DaysLeft | None:
        """Room left for the protocol's key visit; None where there is none or it is no longer to come."""
        key = self.protocol.key_visit
        visit = self.by_code.get(key.code) if key is not None else None
        return visit.days_left if visit is not None and visit.to_come else None


@dataclass(frozen=True, slots=True)
class Change:
    """One visit in two plans; None where a plan does not have it."""

    before: Visit | None
    after: Visit | None

    @property
    def code(self) -> str:
        """The visit's code."""
        return next(visit.code for visit in (self.before, self.after) if visit is not None)

    @property
    def moved(self) -> bool:
        """Whether the day to show differs."""
        before, after = (visit and visit.day for visit in (self.before, self.after))
        return before != after

    @property
    def off_clock(self) -> bool:
        """Whether it is booked, and the start that is proposed for it became another: it is to be moved."""
        before, after = self.before, self.after
        if after is None or after.booked is None or after.clock is None or after.clock == (before and before.clock):
            return False
        return after.fact is not None and (after.fact.day, after.fact.at) != (after.clock.date(), after.clock.time())


def changes(before: Schedule, after: Schedule, *also: str) -> tuple[Change, ...]:
    """The visits that differ in state, day, time, target, window or deviations, in the plan's order, and these `also`.

    Days still possible are room, not a change: they differ for nearly every visit at every booking.
    """
    codes = dict.fromkeys([*before.by_code, *after.by_code])
    pairs = (Change(before.by_code.get(code), after.by_code.get(code)) for code in codes)
    return tuple(change for change in pairs if change.code in also or _told(change.before) != _told(change.after))


def _told(visit: Visit | None) -> tuple[object, ...] | None:
    if visit is None:
        return None
    return (visit.state, visit.day, visit.fact, visit.target, visit.window, visit.clock, visit.deviations, visit.host)


def plan(protocol: Protocol, facts: Facts, calendar: Calendar, today: date | None = None) -> Schedule:
    """The schedule that the facts leave. Pure; facts are never infeasible: what clashes is reported, not raised.

    `today` None: nothing counts as past. Visits come in the file's order, as-needed ones only once they have a fact.
    """
    standing = Standing(protocol, facts)
    possible = Possible(standing, calendar, today, horizon(standing, calendar, today))
    return _derived(possible, places(standing, calendar, possible))


def accepting(schedule: Schedule, accepted: tuple[Acceptance, ...]) -> Schedule:
    """The plan of the same facts but for what was accepted in writing: that moves no day, so none is sought again."""
    facts = replace(schedule.facts, accepted=accepted)
    return _derived(schedule.possible.beside(Standing(schedule.protocol, facts)), schedule.placed)


def _derived(possible: Possible, placed: Mapping[str, Place]) -> Schedule:
    """Everything that follows from the days possible and the places."""
    standing = possible.standing
    windows = {code: place.window for code, place in placed.items()}
    deriving = Deriving(possible, placed)
    visits = tuple(deriving.visit(e) for e in standing.protocol.encounters if e.code in standing.states)
    return Schedule(standing.protocol, visits, conflicts(possible, windows), possible, placed)


class Verdict(StrEnum):
    """What a day is for a visit: bookable without a word, possible but outside its window, or not possible."""

    LIVE = "live"
    OUTSIDE = "outside"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a day is for a visit, and why it is not live; `days` early (negative) or late outside the window."""

    visit: str
    day: date
    verdict: Verdict
    days: int = 0
    reasons: tuple[Reason, ...] = ()


def explain(schedule: Schedule, code: str, day: date) -> Explanation:
    """Why the visit can or cannot be on `day`, its own booking or record lifted.

    The reasons for a day that is not possible are minimal: every one of them is needed. Raises NotFound for a
    visit that the plan does not have, or that has no days at all because it does not take place or still waits.
    """
    visit = schedule.by_code.get(code)
    if visit is None or code not in schedule.possible.solution.network.index:
        raise NotFound("no_such_visit", code=code)
    outside = visit.window.outside(day) if visit.window is not None else 0
    if day in visit.live:
        return Explanation(code, day, Verdict.LIVE)
    if day not in visit.possible:
        return Explanation(code, day, Verdict.IMPOSSIBLE, outside, schedule.possible.why_not(code, day))
    rules = tuple(rule.reason for rule in visit.rules if day not in rule.window)
    own = visit.window or visit.neighbours
    why = Why.NEIGHBOUR if visit.window is None else Why.WINDOW
    limit = (Reason(why, code, visit.anchor or "", day=own.earliest, last=own.latest),) if day not in own else ()
    return Explanation(code, day, Verdict.OUTSIDE, outside, (*limit, *rules))


def repairs(schedule: Schedule, code: str, day: date) -> tuple[tuple[Reason, ...], ...]:
    """What could give way for the visit to be on `day`: smallest sets of reasons, fewest first."""
    return schedule.possible.repairs(code, day)
