"""Re-planning: one visit moves, is put off or falls away, and the bookings that hang on it move with it or stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.errors import Refused
from planner.core.giving import TO_SEE, Giving
from planner.core.moves import Scope, deferred, moved, omitted, stopped
from planner.core.repairing import can_give, repaired
from planner.core.rooms import lost, side_by_side, timed
from planner.services.cases import as_seen, must_be_open, save
from planner.services.resources import capacity, must_be_meant
from planner.services.schedules import calendar_for, draft
from planner.services.seals import must_be_as_shown, of_plan, sealed
from planner.services.visits import accepted, may_overrule, reason_to_overrule, stands_alone, visit_of
from planner.store import patients

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.facts import Facts
    from planner.core.repairing import Repaired
    from planner.core.repairs import Repair
    from planner.core.replan import Proposal
    from planner.core.rooms import Rooms
    from planner.services.cases import Act, Case
    from planner.services.work import Work


class Verb(StrEnum):
    """What a person does to a visit to come."""

    DEFER = "defer"
    MOVE = "move"
    OMIT = "omit"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Asked:
    """The verb with its visit: later by `days`, or on `day`; how far it reaches, and whether bookings stay (`keep`).

    `repairs`: the keys of what gives way, in the order in which it was chosen.
    """

    verb: Verb
    code: str
    days: int | None = None
    day: date | None = None
    scope: Scope = Scope.VISIT
    keep: bool = False
    repairs: tuple[str, ...] = ()


class Bar(StrEnum):
    """Why what is shown cannot be saved yet, or not by this person: somebody else has to do something first."""

    AWAY = "away"
    CLOSED = "closed"
    FULL = "full"
    INVESTIGATOR = "investigator"


MOST_REPAIRS = 5
"""Repairs that can be chosen on one page, one after the other."""


@dataclass(frozen=True, slots=True)
class Replan:
    """What the page shows: the proposal with what gives way and, where it can be saved, the act.

    `bars` say why it cannot be saved although there is a legal plan; `asked` is everything that was asked for.
    """

    found: Repaired
    bars: tuple[Bar, ...] = ()
    act: Act | None = None
    asked: object = None

    @property
    def proposal(self) -> Proposal:
        """What it does to every visit."""
        return self.found.proposal

    @property
    def seal(self) -> str:
        """What stands for all that is shown in the form that saves it; empty where it cannot be saved."""
        if self.act is None:
            return ""
        return sealed(self.act.action, self.asked, of_plan(self.act.after.facts, self.proposal))

    def can_try(self, repair: Repair) -> bool:
        """Whether one of the repairs that it names can be chosen here."""
        return can_give(self.proposal.before, self.proposal.before.facts, repair)


def replanning(work: Work, case: Case, asked: Asked, reason: str = "", second: str = "") -> Replan:
    """What the verb would do; nothing is saved. Refused for a verb that cannot be done with this visit."""
    must_be_open(case)
    visit_of(case, asked.code)
    stands_alone(case, asked.code)
    if asked.day is not None:
        must_be_meant(work, case.patient.site, asked.day)
    if asked.verb in (Verb.OMIT, Verb.STOP) and not reason:
        raise Refused("reason_for_lost_visit_needed", visit=case.protocol.by_code[asked.code].name.into("en"))
    loose = asked.verb is Verb.DEFER
    planning = Planning(work, case, asked.verb.value, reason, second)
    found = planning.of(
        _changed(case, asked), keep=asked.keep, repairs=asked.repairs, asked=(asked.code,) if loose else None
    )
    return replace(found, asked=asked)


def _changed(case: Case, asked: Asked) -> Facts:
    """The facts with the verb done, and nothing else."""
    if asked.verb is Verb.STOP:
        return stopped(case.schedule, {case.protocol.by_code[asked.code].epoch})
    if asked.verb is Verb.OMIT:
        return omitted(case.schedule, asked.code, asked.scope)
    if asked.days is not None and asked.day is not None:
        raise Refused("days_and_day", days=asked.days, day=asked.day)
    if asked.verb is Verb.MOVE:
        if asked.day is None:
            raise Refused("new_day_needed")
        return moved(case.schedule, asked.code, asked.day)
    by = asked.days if asked.days is not None else asked.day
    if by is None:
        raise Refused("days_needed")
    return deferred(case.schedule, asked.code, by, asked.scope, on_open=asked.keep)


@dataclass(frozen=True, slots=True)
class Planning:
    """How an act that moves visits is planned, shown and saved: the same for a visit, a start and a whole course."""

    work: Work
    case: Case
    action: str
    reason: str = ""
    second: str = ""

    def of(
        self, facts: Facts, *, keep: bool, repairs: tuple[str, ...] = (), asked: Collection[str] | None = None
    ) -> Replan:
        """What these facts bring. `asked`: visits that go to the day nearest to theirs; else what was booked stays."""
        rooms = self._rooms()
        found = self._found(facts, rooms, keep=keep, repairs=repairs, asked=asked)
        if found.proposal.facts is None:
            return Replan(found)
        bars = self._bars(found, found.proposal.facts)
        return Replan(found, bars, None if bars else self._act(found, found.proposal.facts, rooms))

    def _found(
        self,
        facts: Facts,
        rooms: Rooms,
        *,
        keep: bool,
        repairs: tuple[str, ...],
        asked: Collection[str] | None,
    ) -> Repaired:
        """The proposal with every repair chosen, each of those that are left by the ones before it."""
        case = self.case
        calendar = calendar_for(case.protocol, facts, case.days, case.today)

        def planned(giving: Giving, free: Free) -> Repaired:
            exact = asked is None
            return repaired(
                case.schedule, facts, giving, keep=keep, free=free, calendar=calendar, asked=asked, exact=exact
            )

        def tried(giving: Giving) -> Repaired:
            return side_by_side(partial(planned, giving), lambda found: self._lost(found.proposal, rooms), rooms)

        found = tried(Giving(because=self.reason or TO_SEE))
        for key in repairs[:MOST_REPAIRS]:
            offered = (repair for stuck in found.proposal.stuck for repair in stuck.repairs)
            repair = next((one for one in offered if one.key == key), None)
            if repair is None or not can_give(case.schedule, facts, repair):
                raise Refused("repair_gone")
            found = tried(found.giving.also(repair))
        return found

    def _bars(self, found: Repaired, facts: Facts) -> tuple[Bar, ...]:
        full = any(code in facts.visits and facts.visits[code].day == day for code, day in found.giving.made)
        holds = {Bar.AWAY if one.closure.because is Because.ABSENCE else Bar.CLOSED for one in found.needed}
        holds |= {Bar.FULL} if full else set()
        if found.proposal.overruled and not may_overrule(self.work):
            holds.add(Bar.INVESTIGATOR)
        return tuple(bar for bar in Bar if bar in holds)

    def _act(self, found: Repaired, facts: Facts, rooms: Rooms) -> Act:
        """The act that would be saved, with its times and all that it declares."""
        reason_to_overrule((broken.rule for broken in found.proposal.overruled), self.reason)
        with_times = self._with_times(facts, rooms)
        after = found.proposal.after
        if after is None or with_times != facts:  # a time breaks nothing, so what was accepted is settled
            after = draft(self.case.protocol, with_times, self.case.days, self.case.today, self.case.schedule.calendar)
        return accepted(self.case, self.action, found.proposal.asked, after, self.reason, self.second)

    def _rooms(self) -> Rooms:
        """The room for a visit, as if all bookings of this patient that are to come were given back."""
        site, own = self.case.patient.site, patients.key(self.work.session, self.case.patient.public_id)
        return capacity(self.work, site, beside=(own, None)).rooms(self.case.protocol, self.case.facts)

    def _with_times(self, facts: Facts, rooms: Rooms) -> Facts:
        """The bookings that moved with their times; Refused where no time is left for one on its new day."""
        found = timed(self.case.protocol, self.case.facts, facts, rooms)
        for code, day in sorted(lost(self.case.facts, found, rooms)):
            raise Refused("no_time_left", visit=self.case.protocol.by_code[code].name.into("en"), day=day)
        return found

    def _lost(self, found: Proposal, rooms: Rooms) -> frozenset[tuple[str, date]]:
        """The bookings that moved and for which no time is left beside the patient's other ones."""
        if found.facts is None:
            return frozenset()
        return lost(self.case.facts, timed(self.case.protocol, self.case.facts, found.facts, rooms), rooms)


def replan(  # noqa: PLR0913, PLR0917  # what a nurse says of it
    work: Work,
    public_id: str,
    seen: int,
    asked: Asked,
    reason: str = "",
    second: str = "",
    shown: str | None = None,
) -> Act:
    """Save what the page showed, by its seal (None: no page showed it); Refused where no legal plan is left."""
    case = as_seen(work, public_id, seen)
    must_be_as_shown(shown, lambda: replanning(work, case, asked, TO_SEE, TO_SEE).seal)
    return save(work, to_save(replanning(work, case, asked, reason, second)))


def to_save(found: Replan) -> Act:
    """The act; Refused where no legal plan is left, and where somebody has to do something first."""
    if found.act is not None:
        return found.act
    first = {
        Bar.AWAY: Refused("not_saved_away"),
        Bar.CLOSED: Refused("not_saved_closed"),
        Bar.FULL: Refused("not_saved_full"),
        Bar.INVESTIGATOR: Refused("not_saved_investigator"),
    }
    raise first[found.bars[0]] if found.bars else Refused("no_legal_plan", number=len(found.proposal.stuck))
