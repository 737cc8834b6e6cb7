"""Re-planning: one visit moves, is put off or falls away, and the bookings that hang on it move with it or stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.moves import Scope, deferred, moved, omitted, stopped
from planner.core.replan import proposal
from planner.core.rooms import timed
from planner.services.cases import as_seen, must_be_open, save
from planner.services.resources import capacity
from planner.services.visits import accepted, stands_alone, visit_of
from planner.store import patients

if TYPE_CHECKING:
    from planner.core.facts import Facts
    from planner.core.replan import Proposal
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
    own = patients.key(work.session, case.patient.public_id)
    rooms = capacity(work, case.patient.site, beside=(own, None)).rooms(case.protocol, case.facts)
    found = proposal(
        case.schedule,
        facts,
        keep=asked.keep,
        free=lambda code, day: rooms(code).fits(day),
        asked=(asked.code,) if asked.verb is Verb.DEFER else None,
        exact=asked.verb is not Verb.DEFER,
    )
    if found.facts is None:
        return Replan(asked, found, None)
    with_times = timed(case.protocol, case.facts, found.facts, rooms)
    return Replan(asked, found, accepted(case, asked.verb.value, found.bookings, with_times, reason, second))


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


def replan(  # what a nurse says of it
    work: Work, public_id: str, seen: int, asked: Asked, reason: str = "", second: str = ""
) -> Act:
    """Save what the page showed; Refused where no legal plan is left."""
    found = replanning(work, as_seen(work, public_id, seen), asked, reason, second)
    if found.act is None:
        raise Refused("no_legal_plan", number=len(found.proposal.stuck))
    return save(work, found.act)
