"""Re-planning: one visit moves, is put off or falls away, and the bookings that hang on it move with it or stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.moves import Scope, deferred, moved, omitted, stopped
from planner.core.replan import proposal
from planner.core.units import spent_elsewhere
from planner.services.cases import as_seen, must_be_open, save
from planner.services.resources import room_for
from planner.services.visits import accepted, stands_alone, visit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.core.facts import Fact, Facts
    from planner.core.replan import Proposal
    from planner.services.cases import Act, Case
    from planner.services.resources import Room
    from planner.services.work import Work


class Verb(StrEnum):
    """What a person does to a visit to come."""

    DEFER = "defer"
    MOVE = "move"
    OMIT = "omit"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Asked:
    """The verb with its visit: later by `days`, or on `day`; how far it reaches, and whether bookings stay (`keep`)."""

    verb: Verb
    code: str
    days: int | None = None
    day: date | None = None
    scope: Scope = Scope.VISIT
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Replan:
    """What the page shows: the proposal and, where there is a legal plan, the act that would be saved."""

    asked: Asked
    proposal: Proposal
    act: Act | None


def replanning(work: Work, case: Case, asked: Asked, reason: str = "", second: str = "") -> Replan:
    """What the verb would do; nothing is saved. Refused for a verb that cannot be done with this visit."""
    must_be_open(case)
    visit_of(case, asked.code)
    stands_alone(case, asked.code)
    if asked.verb in (Verb.OMIT, Verb.STOP) and not reason:
        raise Refused("reason_for_lost_visit_needed", visit=case.protocol.by_code[asked.code].name.into("en"))
    facts = _changed(case, asked)
    rooms = _rooms(work, case)
    found = proposal(
        case.schedule,
        facts,
        keep=asked.keep,
        free=lambda code, day: not rooms(code, day).units or rooms(code, day).places(day) > 0,
        asked=(asked.code,) if asked.verb is Verb.DEFER else None,
        exact=asked.verb is not Verb.DEFER,
    )
    if found.facts is None:
        return Replan(asked, found, None)
    booked = [line.code for line in found.lines if line.change.after is not None and line.change.after.booked]
    timed = _timed(case, found.facts, rooms)
    return Replan(asked, found, accepted(case, asked.verb.value, booked, timed, reason, second))


def _changed(case: Case, asked: Asked) -> Facts:
    """The facts with the verb done, and nothing else."""
    if asked.verb is Verb.STOP:
        return stopped(case.schedule, {case.protocol.by_code[asked.code].epoch})
    if asked.verb is Verb.OMIT:
        return omitted(case.schedule, asked.code, asked.scope)
    if asked.verb is Verb.MOVE:
        if asked.day is None:
            raise Refused("day_needed")
        return moved(case.schedule, asked.code, asked.day)
    by = asked.days if asked.days is not None else asked.day
    if by is None:
        raise Refused("days_needed")
    if asked.keep:  # nobody looks for a day then, and nothing is booked on a closed one
        by = _open_from(case, asked.code, by)
    return deferred(case.schedule, asked.code, by, asked.scope)


def _open_from(case: Case, code: str, by: int | date) -> date:
    """The first open day from the one that is asked for."""
    visit, encounter = visit_of(case, code), case.protocol.by_code[code]
    day = by if isinstance(by, date) else (visit.day or case.today) + timedelta(days=by)
    stay = case.schedule.possible.standing.stay_of(code)
    while case.schedule.calendar.why_closed(day, encounter.calendar, attended=encounter.attended, stay=stay):
        day += timedelta(days=1)
    return day


def _rooms(work: Work, case: Case) -> Callable[[str, date], Room]:
    """The room for a visit on a day, as if all bookings of this patient that are to come were given back."""

    @cache
    def room(code: str, day: date) -> Room:
        return room_for(work, case, code, (day, day), alone=False)

    return room


def _timed(case: Case, facts: Facts, rooms: Callable[[str, date], Room]) -> Facts:
    """Each booking that moved, at the time that it had where that is free on its new day, else at the nearest one."""
    for code, fact in facts.visits.items():
        known = case.facts.visits.get(code)
        moved_day = fact.day is not None and fact.at is None and known is not None and known.at is not None
        if moved_day and code not in facts.together and known is not None and fact.day is not None:
            facts = facts.booked(code, fact.day, *_time(case, facts, known, code, fact.day, rooms))
    return facts


def _time(  # what the choice of a time hangs on
    case: Case, facts: Facts, known: Fact, code: str, day: date, rooms: Callable[[str, date], Room]
) -> tuple[time | None, str | None, str | None]:
    """The time nearest to the one known, with its zone and a unit; no time where none is left on that day."""
    room = rooms(code, day)
    if not room.units or known.at is None:
        return known.at, known.zone, None
    free = replace(room, busy=room.busy | spent_elsewhere(case.protocol, facts, code)).free(day)
    wanted = datetime.combine(day, known.at)
    best = min(free, key=lambda one: (abs(datetime.combine(day, one.at) - wanted), one.at), default=None)
    if best is None:
        return None, None, None
    return best.at, case.patient.site.zone, known.unit if known.unit in best.units else best.units[0]


def replan(  # what a nurse says of it
    work: Work, public_id: str, seen: int, asked: Asked, reason: str = "", second: str = ""
) -> Act:
    """Save what the page showed; Refused where no legal plan is left."""
    found = replanning(work, as_seen(work, public_id, seen), asked, reason, second)
    if found.act is None:
        raise Refused("no_legal_plan", number=len(found.proposal.stuck))
    return save(work, found.act)
