"""What an act on one visit does to all others, as values to be read before anything is saved.

Bookings stay where they are and what clashes is told, or those that no longer fit get the nearest legal days. Either
way the plan after is the plan of the facts proposed: nothing is shown that saving would not bring, and nothing moves
that is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.arranging import Arranging
from planner.core.conflicts import ConflictKind
from planner.core.explain import Why
from planner.core.facts import State
from planner.core.giving import NOTHING
from planner.core.lifting import Lifting, movable, rebooked_codes
from planner.core.lines import How, compared
from planner.core.moves import apart, rebooked
from planner.core.overruling import accepting
from planner.core.repairs import stuck_by
from planner.core.schedule import plan
from planner.core.standing import Standing
from planner.core.undo import touched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.calendar import Calendar
    from planner.core.conflicts import Conflict
    from planner.core.deviations import Deviation
    from planner.core.facts import Facts
    from planner.core.giving import Giving
    from planner.core.lines import Line
    from planner.core.repairs import Stuck
    from planner.core.schedule import Schedule
    from planner.core.visit import DaysLeft


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
    def overruled(self) -> tuple[Deviation, ...]:
        """The rules that are overruled with it: broken after, and accepted for a day that was not accepted before."""
        if self.after is None:
            return ()
        known = self.before.facts.accepted
        new = {(one.rule, one.visit) for one in self.after.facts.accepted if one not in known}
        return tuple(d for visit in self.after.visits for d in visit.deviations if (d.rule, d.visit) in new)

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
    giving: Giving = NOTHING,
) -> Proposal:
    """What the plan becomes with the facts of an act: bookings to come stay (`keep`) or move where they must.

    `free` says whether a visit has room on a day, its own booking not counted; it is asked of the visit that takes
    the time. `calendar`: the one from now on, where that changes. `asked`: the visits whose day a person named (all
    that the act booked anew, unless told); they stay on it, or go to the nearest possible day where it is not
    `exact`. Whatever else the act booked anew is a wish. `giving`: what gives way of visits, rules and full days; what
    it says of closed days stands in the `calendar` (`planner.core.repairing`).

    Without `keep`, in this order: every absolute and hard rule and every closed or full day is kept; what is asked
    stays; as many bookings as possible stay, those whose window leaves them apart; the others go into their window
    where they can, else least outside it, and as near as possible to the day that they leave. A booking that moves
    loses its time and unit, and what was accepted for its day; one that falls away is given back.
    """
    calendar = before.calendar if calendar is None else calendar
    facts = giving.facts(facts)
    codes = (rebooked_codes(before.facts, facts) if asked is None else frozenset(asked)).difference(giving.apart)
    named = frozenset(one for code in codes for one in facts.attendance(code))
    if keep:
        return _shown(before, facts, facts, calendar, named)
    act, facts = facts, _given_back(before, facts)
    loose, overruled = giving.loose if exact else named, giving.overruled
    lifting = _with_both_booked(Lifting(before, facts, calendar, asked=named, loose=loose, overruled=overruled))
    facts, arranging = lifting.facts, Arranging(lifting, giving.free(free))
    days = arranging.arranged()
    if isinstance(days, tuple):
        return Proposal(before, None, None, stuck=days)
    for code, day in days.items():
        if day != facts.visits[code].day:
            facts = rebooked(facts, code, day)
    found = _shown(before, act, facts, calendar, named)
    broken = [clash for clash in found.conflicts if clash.reasons[0] in giving.overruled]
    if broken:
        found = _shown(before, act, accepting(facts, broken, giving.because), calendar, named)
    found = replace(found, lines=tuple(replace(line, full=arranging.full.get(line.code, ())) for line in found.lines))
    if found.conflicts:
        return Proposal(before, None, None, stuck=tuple(map(stuck_by, found.conflicts)))
    return found


def _with_both_booked(lifting: Lifting) -> Lifting:
    """With the visits of every rule that is overruled booked: a day that is only suggested is nobody's to accept."""
    for code in dict.fromkeys(one for reason in lifting.overruled for one in (reason.other, reason.visit)):
        day = lifting.nearest(code)
        if day is not None:
            lifting = lifting.with_facts(rebooked(lifting.facts, code, day))
    return lifting


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
    lines = tuple(compared(before, after, done.union(asked), clashing))
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
