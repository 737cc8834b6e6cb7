"""What an act on one visit does to all others, as values to be read before anything is saved.

Bookings stay where they are and what clashes is told, or those that no longer fit get the nearest legal days. Either
way the plan after is the plan of the facts proposed: nothing is shown that saving would not bring, and nothing moves
that is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from planner.core.acceptances import newly_broken, settled, to_declare
from planner.core.arranging import Arranging
from planner.core.conflicts import ConflictKind
from planner.core.explain import Why
from planner.core.facts import State
from planner.core.giving import NOTHING
from planner.core.lifting import Lifting, movable, rebooked_codes
from planner.core.lines import How, compared
from planner.core.moves import apart, rebooked
from planner.core.overruling import overruling
from planner.core.protocol import Strength
from planner.core.repairs import Way, stuck_by
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

    `conflicts` are those that the plan before did not have; `asked` the visits that somebody gives a day; `overruled`
    the rules that are broken after, and that are accepted with it.
    """

    before: Schedule
    facts: Facts | None
    after: Schedule | None
    lines: tuple[Line, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    asked: frozenset[str] = frozenset()
    overruled: tuple[Deviation, ...] = ()

    @property
    def moves(self) -> dict[str, tuple[date | None, date | None]]:
        """Each booking that moves by itself, guests of an attendance included: old day and new day, by code."""
        return {line.code: (line.old, line.new) for line in self.lines if line.how is How.MOVES}

    @property
    def would_move(self) -> tuple[str, ...]:
        """The bookings that stay and clash."""
        return tuple(line.code for line in self.lines if line.how is How.WOULD_MOVE)

    @cached_property
    def deviations(self) -> tuple[Deviation, ...]:
        """The windows and rules newly broken after, that nobody has accepted."""
        return newly_broken(self.before, self.after, self.asked) if self.after is not None else ()

    @property
    def declared(self) -> tuple[Deviation, ...]:
        """What is to be declared of them with a reason where it is saved: of what is booked, or took place."""
        return to_declare(self.after, self.deviations) if self.after is not None else ()

    @property
    def expected(self) -> tuple[Deviation, ...]:
        """What is only to be expected then: of visits that nobody has booked yet."""
        return tuple(one for one in self.deviations if one not in self.declared)

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
    that the act booked anew, unless told); they stay on it, or go to the first possible day from it on where it is not
    `exact`. Whatever else the act booked anew is a wish. `giving`: what gives way of visits, rules and full days; what
    it says of closed days stands in the `calendar` (`planner.core.repairing`).

    With `keep`, what clashes with a booking that could still move is told as a conflict; an absolute rule, and whatever
    else would refuse what is `asked` if it were only booked, leaves no plan.

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
        found = _shown(before, (facts, facts), calendar, named, giving)
        barred = tuple(_barred(found)) if asked is None or named else ()
        return _without_plan(found, barred) if barred else found
    act, facts = facts, _given_back(before, facts)
    loose, overruled = giving.loose if exact else named, giving.overruled
    later = frozenset() if exact else named - giving.loose
    lifting = Lifting(before, facts, calendar, asked=named, loose=loose, later=later, overruled=overruled)
    lifting = _with_both_booked(lifting)
    facts, arranging = lifting.facts, Arranging(lifting, giving.free(free))
    days = arranging.arranged()
    if isinstance(days, tuple):
        return Proposal(before, None, None, stuck=days)
    for code, day in days.items():
        if day != facts.visits[code].day:
            facts = rebooked(facts, code, day)
    found = _shown(before, (act, facts), calendar, named, giving)
    found = replace(found, lines=tuple(replace(line, full=arranging.full.get(line.code, ())) for line in found.lines))
    return _without_plan(found, tuple(map(stuck_by, found.conflicts))) if found.conflicts else found


def _without_plan(found: Proposal, stuck: tuple[Stuck, ...]) -> Proposal:
    """Nothing that could be saved, and why."""
    return Proposal(found.before, None, None, stuck=stuck)


def _barred(found: Proposal) -> Iterator[Stuck]:
    """What nobody may leave for later: an absolute rule, and what a person asks for against what cannot move.

    The same holds where the visit is only booked. No other booking moves here, so only rules and closed days can give.
    """
    after = cast("Schedule", found.after)
    for clash in found.conflicts:
        ruled = clash.kind is ConflictKind.RULE
        absolute = ruled and clash.reasons[0].strength is Strength.ABSOLUTE
        fixed = bool(found.asked) and not any(_clashing(after, (clash,), found.asked))
        if absolute or fixed:
            told = stuck_by(clash)
            here = ruled or clash.kind is ConflictKind.CLOSED
            yield replace(told, repairs=tuple(r for r in told.repairs if here and Way.REBOOK not in r.ways))


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


def _shown(
    before: Schedule, facts: tuple[Facts, Facts], calendar: Calendar, asked: frozenset[str], giving: Giving
) -> Proposal:
    """The proposal of facts that came of those of the act itself (both, the act's first)."""
    act, now = facts
    after = settled(before, plan(before.protocol, now, calendar, before.possible.today), calendar)
    rules = (clash for clash in after.conflicts if clash.kind is ConflictKind.RULE and not _known(clash, before))
    broken = [clash for clash in rules if clash.reasons[0] in giving.overruled]
    after = overruling(after, broken, giving.because)
    conflicts = tuple(conflict for conflict in after.conflicts if not _known(conflict, before))
    clashing = frozenset(_clashing(after, conflicts, asked))
    done = {code for code in touched(before.facts.visits, act.visits) if now.visits.get(code) == act.visits.get(code)}
    lines = tuple(compared(before, after, done.union(asked), clashing))
    told = {(clash.reasons[0].rule, clash.visit) for clash in broken}
    overruled = tuple(d for visit in after.visits for d in visit.deviations if (d.rule, d.visit) in told)
    return Proposal(before, after.facts, after, lines, conflicts, asked=asked, overruled=overruled)


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
