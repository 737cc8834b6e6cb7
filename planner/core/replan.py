"""What an act on one visit does to all others, as values to be read before anything is saved.

Bookings stay where they are and what clashes is told, or those that no longer fit get the nearest legal days. Either
way the plan after is the plan of the facts proposed: nothing is shown that saving would not bring, and nothing moves
that is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.arranging import Arranging
from planner.core.conflicts import ConflictKind
from planner.core.explain import Why
from planner.core.facts import State
from planner.core.lifting import Lifting, movable, rebooked_codes
from planner.core.moves import apart, rebooked
from planner.core.repairs import stuck_by
from planner.core.schedule import changes, plan
from planner.core.standing import Standing
from planner.core.undo import touched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.calendar import Calendar, Closure
    from planner.core.conflicts import Conflict
    from planner.core.deviations import Deviation
    from planner.core.facts import Facts
    from planner.core.repairs import Stuck
    from planner.core.schedule import Change, Schedule
    from planner.core.visit import DaysLeft, Visit


class How(StrEnum):
    """What happens to a visit: a person asked for it, its booking moves, is given back or would have to move.

    What is not booked follows what it counts from; a booking may stay and only its window move. Where a study goes on
    that had ended, what is still booked returns.
    """

    ASKED = "asked"
    MOVES = "moves"
    FALLS_AWAY = "falls_away"
    WOULD_MOVE = "would_move"
    STAYS = "stays"
    RETURNS = "returns"
    FOLLOWS = "follows"


@dataclass(frozen=True, slots=True)
class Line:
    """One visit that differs.

    `met` are the closures on its target, on the day that it leaves and on the one where it stands; `full` the days
    that it would have taken and on which there was no room.
    """

    change: Change
    how: How
    met: tuple[Closure, ...] = ()
    full: tuple[date, ...] = ()

    @property
    def code(self) -> str:
        """The visit's code."""
        return self.change.code

    @property
    def old(self) -> date | None:
        """The day before."""
        return self.change.before.day if self.change.before is not None else None

    @property
    def new(self) -> date | None:
        """The day after."""
        return self.change.after.day if self.change.after is not None else None

    @property
    def outside_before(self) -> int:
        """Days outside its window before: negative early, positive late, 0 inside or without one."""
        return _outside(self.change.before)

    @property
    def outside(self) -> int:
        """Days outside its window after, counted alike."""
        return _outside(self.change.after)

    @property
    def becomes_provisional(self) -> bool:
        """Whether it now counts from a day that is only suggested."""
        before, after = self.change.before, self.change.after
        return after is not None and after.provisional and not (before is not None and before.provisional)


@dataclass(frozen=True)
class Proposal:
    """What would be saved: facts with the plan that they give; neither where something is `stuck` without a legal day.

    `conflicts` are those that the plan before did not have.
    """

    before: Schedule
    facts: Facts | None
    after: Schedule | None
    lines: tuple[Line, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stuck: tuple[Stuck, ...] = ()

    @property
    def moves(self) -> dict[str, tuple[date | None, date | None]]:
        """Each booking that moves by itself, guests of an attendance included: old day and new day, by code."""
        return {line.code: (line.old, line.new) for line in self.lines if line.how is How.MOVES}

    @property
    def bookings(self) -> tuple[str, ...]:
        """The visits that differ and are booked after: what is asked of a booking is asked of them."""
        afters = (line.change.after for line in self.lines)
        return tuple(visit.code for visit in afters if visit is not None and visit.booked is not None)

    @property
    def would_move(self) -> tuple[str, ...]:
        """The bookings that stay and clash."""
        return tuple(line.code for line in self.lines if line.how is How.WOULD_MOVE)

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """What is to be declared: windows and rules broken after and not before, that nobody has accepted."""
        known = {(deviation.visit, deviation.rule) for visit in self.before.visits for deviation in visit.deviations}
        told = (one for line in self.lines if line.change.after is not None for one in line.change.after.deviations)
        return tuple(one for one in told if not one.accepted and (one.visit, one.rule) not in known)

    @property
    def days_left(self) -> tuple[DaysLeft | None, DaysLeft | None]:
        """Room for the key visit before and after."""
        return self.before.days_left, self.after.days_left if self.after is not None else None


def always(_code: str, _day: date) -> bool:
    """There is room on every day."""
    return True


def proposal(  # noqa: PLR0913  # what a person chooses on the page, each by its name
    before: Schedule,
    facts: Facts,
    *,
    keep: bool,
    free: Free = always,
    calendar: Calendar | None = None,
    asked: Collection[str] | None = None,
    exact: bool = True,
) -> Proposal:
    """What the plan becomes with the facts of an act: bookings to come stay (`keep`) or move where they must.

    `free` says whether a visit has room on a day, its own booking not counted; it is asked of the visit that takes
    the time. `calendar`: the one from now on, where that changes. `asked`: the visits whose day a person named (all
    that the act booked anew, unless told); they stay on it, or go to the nearest possible day where it is not
    `exact`. Whatever else the act booked anew is a wish.

    Without `keep`, in this order: every absolute and hard rule and every closed or full day is kept; what is asked
    stays; as many bookings as possible stay, those whose window leaves them apart; the others go into their window
    where they can, else least outside it, and as near as possible to the day that they leave. A booking that moves
    loses its time and unit, and what was accepted for its day; one that falls away is given back.
    """
    calendar = before.calendar if calendar is None else calendar
    codes = rebooked_codes(before.facts, facts) if asked is None else asked
    named = frozenset(one for code in codes for one in facts.attendance(code))
    if keep:
        return _shown(before, facts, facts, calendar, named)
    act, facts = facts, _given_back(before, facts)
    lifting = Lifting(before, facts, calendar, named, exact=exact)
    arranging = Arranging(lifting, free)
    days = arranging.arranged()
    if isinstance(days, tuple):
        return Proposal(before, None, None, stuck=days)
    for code, day in days.items():
        if day != facts.visits[code].day:
            facts = rebooked(facts, code, day)
    found = _shown(before, act, facts, calendar, named)
    found = replace(found, lines=tuple(replace(line, full=arranging.full.get(line.code, ())) for line in found.lines))
    if found.conflicts:
        return Proposal(before, None, None, stuck=tuple(map(stuck_by, found.conflicts)))
    return found


def _given_back(before: Schedule, facts: Facts) -> Facts:
    """Without the bookings that fall away now and did not before: their branch or what they count from is gone."""
    known = {conflict.visit for conflict in before.conflicts if conflict.kind is ConflictKind.BRANCH}
    while True:
        standing = Standing(before.protocol, facts)
        gone = next((code for code in standing.states if code not in known and _falls_away(standing, code)), None)
        if gone is None:
            return facts
        facts = apart(facts, gone).combined(gone, None).planned(gone).reconsidered(gone)


def _falls_away(standing: Standing, code: str) -> bool:
    """Whether it is booked, and would not take place were it not."""
    encounter = standing.protocol.by_code[code]
    against = not all(map(standing.holds, encounter.conditions))
    return standing.states[code] is State.BOOKED and (against or standing.falls_away(encounter) is not None)


def _shown(before: Schedule, act: Facts, facts: Facts, calendar: Calendar, asked: Collection[str]) -> Proposal:
    """The proposal of these facts, which came of what the `act` itself changed."""
    after = plan(before.protocol, facts, calendar, before.possible.today)
    conflicts = tuple(conflict for conflict in after.conflicts if not _known(conflict, before))
    clashing = frozenset(_clashing(after, conflicts, asked))
    done = {code for code in touched(before.facts.visits, act.visits) if facts.visits.get(code) == act.visits.get(code)}
    lines = tuple(_lines(before, after, done.union(asked), clashing))
    return Proposal(before, facts, after, lines, conflicts)


def _known(conflict: Conflict, before: Schedule) -> bool:
    """Whether the plan before had the conflict; one about a visit without a day may have other reasons since."""
    if conflict.kind in (ConflictKind.NO_DAY, ConflictKind.BRANCH):
        return any((one.kind, one.visit) == (conflict.kind, conflict.visit) for one in before.conflicts)
    return conflict in before.conflicts


def _clashing(after: Schedule, conflicts: tuple[Conflict, ...], asked: Collection[str]) -> Iterator[str]:
    """The bookings to come that stand against a conflict and that nobody asked for."""
    hosts = movable(after.possible.standing, after.possible.today)
    loose = {code for host in hosts for code in after.facts.attendance(host)} - {*asked}
    for conflict in conflicts:
        named = {reason.visit for reason in conflict.reasons if reason.why is Why.BOOKED}
        yield from loose & {*named, conflict.visit}


def _lines(before: Schedule, after: Schedule, asked: Collection[str], clashing: Collection[str]) -> Iterator[Line]:
    """Every visit that differs, clashes, or counts from a day that is only suggested now, in the plan's order."""
    loose = {v.code for v in after.visits if v.provisional} - {v.code for v in before.visits if v.provisional}
    found = {change.code: change for change in changes(before, after, *clashing, *loose)}
    for code, change in found.items():
        how = How.WOULD_MOVE if code in clashing else _how(change, asked)
        yield Line(change, how, tuple(_met(after, change)))


def _how(change: Change, asked: Collection[str]) -> How:
    before, after = change.before, change.after
    was, now = (visit is not None and visit.booked is not None for visit in (before, after))
    if change.code in asked:
        return How.ASKED
    if now and not was and _day(before) == _day(after):
        return How.RETURNS
    if now:
        return How.MOVES if change.moved else How.STAYS
    return How.FALLS_AWAY if was else How.FOLLOWS


def _day(visit: Visit | None) -> date | None:
    """The day of its fact, which a visit keeps that an end of the study canceled."""
    return visit.fact.day if visit is not None and visit.fact is not None else None


def _met(after: Schedule, change: Change) -> Iterator[Closure]:
    """The closures on its target, on the day that it leaves and on the day where it stands, each once."""
    visit = change.after
    if visit is None or not visit.to_come:
        return
    stay = after.possible.standing.stay_of(visit.code)
    wanted = (visit.target, change.before.day if change.before is not None else None, visit.day)
    closed = (
        closure
        for day in wanted
        if day is not None
        for closure in after.calendar.why_closed(
            day, visit.encounter.calendar, attended=visit.encounter.attended, stay=stay
        )
    )
    yield from dict.fromkeys(closed)


def _outside(visit: Visit | None) -> int:
    day = visit.day if visit is not None else None
    return visit.window.outside(day) if visit is not None and day is not None and visit.window is not None else 0
