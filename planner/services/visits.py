"""Visits: book a day, give it back, record what happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from planner.core.acceptances import FIXED, newly_broken, to_declare
from planner.core.deviations import WINDOW
from planner.core.errors import NotFound, Refused, Stale
from planner.core.facts import Acceptance, Facts, State
from planner.core.giving import TO_SEE
from planner.core.overruling import new_conflicts, overruled
from planner.core.schedule import Verdict, accepting, explain
from planner.core.staff import Role
from planner.core.walltime import exists, happens_twice, zone_named
from planner.services.cases import Act, as_seen, must_be_open, redrafted, save
from planner.services.resources import room_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import time

    from planner.core.protocol import Encounter
    from planner.core.rooms import Room
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Start:
    """When on its day a visit begins, local time (fold 1: the second of two equal ones; `sure` where that was said).

    `unit` is the public id of the unit wanted; empty: the first that has room.
    """

    at: time
    unit: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class How:
    """What a booking has beside its day: a time, the room there is, and what its person may decide.

    `overrule`: whether they may overrule a hard rule in writing; `second` is the name of a second person who agrees.
    """

    start: Start | None = None
    room: Room | None = None
    overrule: bool = False
    second: str = ""


PLAIN = How()


def visit_of(case: Case, code: str) -> Visit:
    """The visit in the patient's schedule."""
    visit = case.schedule.by_code.get(code)
    if visit is None:
        raise NotFound("no_such_visit", code=code)
    return visit


def booking(case: Case, code: str, day: date, reason: str = "", how: How = PLAIN) -> Act:
    """The visit booked on a day; Refused where the day is not possible, or outside the window without a reason.

    Stale where its time is no longer free.
    """
    visit = visit_of(case, code)
    must_be_open(case)
    stands_alone(case, code)
    if not visit.to_come:
        raise Refused("visit_not_to_come", visit=visit.encounter.name.into("en"), state=visit.state)
    if day < case.today:
        raise Refused("day_is_past", day=day)
    answer = explain(case.schedule, code, day)
    facts = alone(case, code).booked(code, day, *_time(case, code, day, how))
    after = redrafted(case, facts.reconsidered(*facts.attendance(code)))
    if day == visit.booked:  # another time of its own day breaks nothing new, and what was overruled for it holds
        after = redrafted(case, facts) if new_conflicts(case.schedule, after) else after
    elif answer.verdict is Verdict.IMPOSSIBLE:
        if not how.overrule:
            raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
        after = _overruled(case, after, answer, reason)
    return accepted(case, "book", facts.attendance(code), after, reason, how.second)


def stands_alone(case: Case, code: str) -> None:
    """Refused for a visit that the attendance of another fulfils too: that one is booked and recorded for both."""
    visit = case.schedule.by_code.get(code)
    host = visit.host if visit is not None else None
    if host is not None:
        by_code = case.protocol.by_code
        raise Refused("combined_with", visit=by_code[code].name.into("en"), host=by_code[host].name.into("en"))


def alone(case: Case, code: str) -> Facts:
    """The facts with a visit on its own again whose combined visit does not take place any more."""
    return case.facts.combined(code, None) if code in case.facts.together else case.facts


def as_needed(case: Case) -> tuple[Encounter, ...]:
    """The visits that the protocol leaves to need and that nothing is known of yet: a fever, a fall."""
    return tuple(e for e in case.protocol.encounters if e.timing is None and e.code not in case.facts.visits)


def adding(case: Case, code: str, day: date, how: How = PLAIN) -> Act:
    """A visit as needed: on a day that is past it took place, from today on it is booked; it has no window to break.

    Refused on a closed day; Stale where its time is no longer free.
    """
    must_be_open(case)
    encounter = next((e for e in as_needed(case) if e.code == code), None)
    if encounter is None:
        raise NotFound("no_such_visit", code=code)
    if day < case.today:
        return Act("record", case, redrafted(case, case.facts.occurred(code, day)))
    shut = case.schedule.calendar.why_closed(day, encounter.calendar, attended=encounter.attended)
    if shut:
        raise Refused("day_is_closed", day=day, calendar=case.schedule.calendar, shut=shut)
    return Act("book", case, redrafted(case, case.facts.booked(code, day, *_time(case, code, day, how))))


def _time(case: Case, code: str, day: date, how: How) -> tuple[time | None, str | None, str | None]:
    """The time, its zone and the unit; Stale where nobody can have them any more."""
    zone, start = case.patient.site.zone, how.start
    if start is not None:
        _on_the_clock(day, start, zone)
    if how.room is None or not how.room.units:
        return (start.at, zone, None) if start is not None else (None, None, None)
    if start is None:
        raise Refused("time_needed", visit=case.protocol.by_code[code].name.into("en"))
    free = {(one.at, one.at.fold): one.units for one in how.room.free(day)}
    units = free.get((start.at, start.at.fold), ())
    if not units or (start.unit and start.unit not in units):
        offered = {(one.at, one.at.fold): one.units for one in how.room.offered(day)}.get((start.at, start.at.fold), ())
        if not offered or (start.unit and start.unit not in offered):
            raise Refused("time_not_offered", at=start.at, day=day)
        raise Stale("slot_taken")
    return start.at, zone, start.unit or units[0]


def _on_the_clock(day: date, start: Start, zone: str) -> None:
    """Refused for a time that the clocks skip, and for one that they show twice until it is said which."""
    wall = datetime.combine(day, start.at)
    if not exists(wall, zone_named(zone)):
        raise Refused("time_does_not_exist", at=start.at, day=day, zone=zone)
    if happens_twice(wall, zone_named(zone)) and not start.sure:
        raise Refused("time_happens_twice", at=start.at, day=day)


def _overruled(case: Case, after: Schedule, answer: Explanation, reason: str) -> Schedule:
    """The schedule with every hard rule accepted that the day breaks; Refused where anything else stands against it."""
    found = overruled(case.schedule, after, reason or TO_SEE)
    if found is None:
        raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
    reason_to_overrule((a.rule for a in found.facts.accepted[len(after.facts.accepted) :]), reason)
    return found


def reason_to_overrule(rules: Iterable[str], reason: str) -> None:
    """Refused where rules are overruled without a reason in writing."""
    named = tuple(dict.fromkeys(rules))
    if named and not reason:
        raise Refused("reason_to_overrule_needed", rules=named)


def may_overrule(work: Work) -> bool:
    """Whether the actor may overrule a hard rule in writing."""
    return work.actor.role is Role.INVESTIGATOR


def taking_back(case: Case, code: str, reason: str) -> Act:
    """The visit planned again: its booking given back, or its record corrected, which asks for a reason."""
    visit = visit_of(case, code)
    if visit.fact is not None and visit.fact.state is State.BOOKED:
        must_be_open(case)
    stands_alone(case, code)
    if visit.fact is None:
        raise Refused("nothing_to_take_back", visit=visit.encounter.name.into("en"))
    if visit.state is not State.BOOKED and not reason:
        raise Refused("reason_for_correction_needed")
    action = "unbook" if visit.state is State.BOOKED else "correct"
    return Act(
        action, case, redrafted(case, case.facts.reconsidered(*case.facts.attendance(code)).planned(code)), reason
    )


def accepted(  # noqa: PLR0913  # what is asked of every act that may break a window
    case: Case,
    action: str,
    codes: Collection[str],
    after: Schedule,
    reason: str,
    second: str = "",
    *,
    states: Collection[State] = FIXED,
) -> Act:
    """The act that leaves the schedule `after`, with every deviation that is to be declared accepted for the reason.

    `codes` are the visits whose day somebody names; of the others those in these `states` are declared. Refused without
    a reason, and without a second person where an infusion is outside its window.
    """
    broken = to_declare(after, newly_broken(case.schedule, after, codes), states)
    if not broken:
        return Act(action, case, after, reason)
    if not reason:
        raise Refused("reason_for_deviation_needed", schedule=after, deviations=broken)
    alone = [d for d in broken if d.rule == WINDOW and case.protocol.by_code[d.visit].two_persons and not second]
    if alone:
        raise Refused("second_person_needed", visit=case.protocol.by_code[alone[0].visit].name.into("en"))
    agreed = {d.visit: second if case.protocol.by_code[d.visit].two_persons else "" for d in broken}
    new = (Acceptance(deviation.rule, deviation.visit, reason, agreed[deviation.visit]) for deviation in broken)
    return Act(action, case, accepting(after, (*after.facts.accepted, *new)), reason)


def book(  # noqa: PLR0913, PLR0917  # what a nurse says of a booking
    work: Work, public_id: str, seen: int, code: str, day: date, reason: str = "", how: How = PLAIN
) -> Act:
    """Save a booking, with the time that it takes."""
    found = as_seen(work, public_id, seen)
    return save(work, booking(found, code, day, reason, allowed(work, found, code, day, how)))


def add(work: Work, public_id: str, seen: int, code: str, day: date, how: How = PLAIN) -> Act:
    """Save a visit as needed."""
    found = as_seen(work, public_id, seen)
    room = room_for(work, found, code, (day, day)) if code in found.protocol.by_code else None
    return save(work, adding(found, code, day, replace(how, room=room)))


def allowed(work: Work, case: Case, code: str, day: date, how: How) -> How:
    """How the actor may book: with the room that there is now, and overruling only as an investigator."""
    visit_of(case, code)
    return replace(how, room=room_for(work, case, code, (day, day)), overrule=may_overrule(work))


def take_back(work: Work, public_id: str, seen: int, code: str, reason: str = "") -> Act:
    """Save that the visit is planned again."""
    return save(work, taking_back(as_seen(work, public_id, seen), code, reason))
