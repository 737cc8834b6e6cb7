"""Visits: book a day, give it back, record what happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from planner.core.conflicts import ConflictKind
from planner.core.deviations import WINDOW
from planner.core.errors import NotFound, Refused, Stale
from planner.core.facts import Acceptance, Facts, State
from planner.core.protocol import Strength
from planner.core.schedule import Verdict, explain
from planner.core.staff import Role
from planner.core.walltime import exists, happens_twice, zone_named
from planner.services.cases import Act, as_seen, must_be_open, redrafted, save
from planner.services.resources import room_for

if TYPE_CHECKING:
    from datetime import time

    from planner.core.conflicts import Conflict
    from planner.core.deviations import Deviation
    from planner.core.protocol import Encounter
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.resources import Room
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to a visit: it occurred on `day` (a stay until `end`), was missed, or is omitted (canceled)."""

    state: State
    day: date | None = None
    end: date | None = None


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
    if not visit.to_come:
        raise Refused("visit_not_to_come", visit=visit.encounter.name.into("en"), state=visit.state)
    if day < case.today:
        raise Refused("day_is_past", day=day)
    answer = explain(case.schedule, code, day)
    facts = case.facts.reconsidered(code).booked(code, day, *_time(case, code, day, how))
    if answer.verdict is Verdict.IMPOSSIBLE and day != visit.booked:  # another time of its own day breaks nothing new
        if not how.overrule:
            raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
        facts = _overruled(case, facts, answer, reason)
    return _accepted(case, "book", code, facts, reason, how.second)


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
    if case.schedule.calendar.why_closed(day, encounter.calendar, attended=encounter.attended):
        raise Refused("day_is_closed", day=day)
    return Act("book", case, redrafted(case, case.facts.booked(code, day, *_time(case, code, day, how))))


def _time(case: Case, code: str, day: date, how: How) -> tuple[time | None, str | None, str | None]:
    """The time, its zone and the unit; Stale where nobody can have them any more."""
    zone, start = case.patient.site.zone, how.start
    if how.room is None or not how.room.units:
        if start is None:
            return None, None, None
        _on_the_clock(day, start, zone)
        return start.at, zone, None
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


def _overruled(case: Case, facts: Facts, answer: Explanation, reason: str) -> Facts:
    """The facts with every hard rule accepted that the day breaks; Refused where anything else stands against it."""
    broken = _new_conflicts(case, facts)
    hard = all(c.kind is ConflictKind.RULE and c.reasons[0].strength is Strength.HARD for c in broken)
    if not hard:
        raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
    if broken and not reason:
        raise Refused("reason_to_overrule_needed", rules=tuple(dict.fromkeys(c.reasons[0].rule for c in broken)))
    for clash in broken:
        facts = facts.accepting(Acceptance(clash.reasons[0].rule, clash.visit, reason))
    if _new_conflicts(case, facts):
        raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
    return facts


def _new_conflicts(case: Case, facts: Facts) -> list[Conflict]:
    return [clash for clash in redrafted(case, facts).conflicts if clash not in case.schedule.conflicts]


def recording(case: Case, code: str, record: Record, reason: str = "") -> Act:
    """What happened to the visit; outside a window, against a rule, or not at all: then it asks for a reason."""
    visit = visit_of(case, code)
    if visit.fact is not None and visit.fact.state is not State.BOOKED:
        raise Refused("visit_not_to_come", visit=visit.encounter.name.into("en"), state=visit.state)
    _before_the_end(case, record)
    facts = case.facts.reconsidered(code)
    if record.state is State.OCCURRED:
        _on_its_date(case, code, record, reason)
        return _accepted(case, "record", code, _occurred(case, facts, code, record), reason)
    if not reason:
        raise Refused("reason_for_lost_visit_needed", visit=visit.encounter.name.into("en"))
    due = visit.booked or visit.target or visit.suggested  # what is overdue is suggested ahead, yet it was missed
    if record.state is State.MISSED and due is not None and due > case.today:
        raise Refused("not_missed_yet", day=due)
    lost = facts.missed(code) if record.state is State.MISSED else facts.omitted(code)
    return Act("record", case, redrafted(case, lost), reason)


def _on_its_date(case: Case, code: str, record: Record, reason: str) -> None:
    """A visit that stands on a named date moves that date when it took place on another day: that asks for a reason."""
    named = case.protocol.date_under.get(code) if code in case.protocol.pinned else None
    known = case.facts.dates.get(named or "")
    if named is not None and known is not None and record.day not in (None, known) and not reason:
        raise Refused("reason_for_change_needed", what=case.protocol.date_of[named].name.into("en"))


def _before_the_end(case: Case, record: Record) -> None:
    """Once the study ended for the patient, only what took place by then can still be recorded."""
    ended = case.patient.ended
    if ended is not None and (record.state is not State.OCCURRED or (record.end or record.day or date.max) > ended):
        raise Refused("study_has_ended", day=ended)


def _occurred(case: Case, facts: Facts, code: str, record: Record) -> Facts:
    if record.day is None:
        raise Refused("day_needed")
    if record.day > case.today or (record.end is not None and record.end > case.today):
        raise Refused("day_lies_ahead", day=record.end or record.day)
    if record.end is not None and case.protocol.by_code[code].stay is None:
        raise Refused("no_stay")
    if record.end is not None and record.end < record.day:
        raise Refused("stay_ends_before_it_starts", day=record.day, end=record.end)
    return facts.occurred(code, record.day, record.end)


def taking_back(case: Case, code: str, reason: str) -> Act:
    """The visit planned again: its booking given back, or its record corrected, which asks for a reason."""
    visit = visit_of(case, code)
    if visit.fact is not None and visit.fact.state is State.BOOKED:
        must_be_open(case)
    if visit.fact is None:
        raise Refused("nothing_to_take_back", visit=visit.encounter.name.into("en"))
    if visit.state is not State.BOOKED and not reason:
        raise Refused("reason_for_correction_needed")
    action = "unbook" if visit.state is State.BOOKED else "correct"
    return Act(action, case, redrafted(case, case.facts.reconsidered(code).planned(code)), reason)


def _accepted(case: Case, action: str, code: str, facts: Facts, reason: str, second: str = "") -> Act:
    """The act, with every deviation of its visit accepted for the reason given."""
    after = redrafted(case, facts)
    broken = _newly_broken(case.schedule, after, code)
    if not broken:
        return Act(action, case, after, reason)
    if not reason:
        raise Refused("reason_for_deviation_needed", schedule=after, deviations=broken)
    alone = [d for d in broken if d.rule == WINDOW and case.protocol.by_code[d.visit].two_persons and not second]
    if alone and action == "book":  # what took place outside its window is recorded as it was
        raise Refused("second_person_needed", visit=case.protocol.by_code[alone[0].visit].name.into("en"))
    for deviation in broken:
        agreed = second if case.protocol.by_code[deviation.visit].two_persons else ""
        facts = facts.accepting(Acceptance(deviation.rule, deviation.visit, reason, agreed))
    return Act(action, case, redrafted(case, facts), reason)


def _newly_broken(before: Schedule, after: Schedule, code: str) -> tuple[Deviation, ...]:
    """What nobody has given a reason for: of the visit itself, and of others that took place and fit no longer."""
    known = {(deviation.visit, deviation.rule) for visit in before.visits for deviation in visit.deviations}
    return tuple(
        deviation
        for visit in after.visits
        for deviation in visit.deviations
        if not deviation.accepted
        and (visit.code == code or (visit.state is State.OCCURRED and (visit.code, deviation.rule) not in known))
    )


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
    return replace(how, room=room_for(work, case, code, (day, day)), overrule=work.actor.role is Role.INVESTIGATOR)


def record(work: Work, public_id: str, seen: int, code: str, what: Record, reason: str = "") -> Act:
    """Save what happened."""
    return save(work, recording(as_seen(work, public_id, seen), code, what, reason))


def take_back(work: Work, public_id: str, seen: int, code: str, reason: str = "") -> Act:
    """Save that the visit is planned again."""
    return save(work, taking_back(as_seen(work, public_id, seen), code, reason))
