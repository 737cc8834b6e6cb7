"""Visits: book a day, give it back, record what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.core.facts import Acceptance, Facts, State
from planner.core.schedule import Verdict, explain
from planner.services.cases import Act, as_seen, must_be_open, redrafted, save

if TYPE_CHECKING:
    from planner.core.deviations import Deviation
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to a visit: it occurred on `day` (a stay until `end`), was missed, or is omitted (canceled)."""

    state: State
    day: date | None = None
    end: date | None = None


def visit_of(case: Case, code: str) -> Visit:
    """The visit in the patient's schedule."""
    visit = case.schedule.by_code.get(code)
    if visit is None:
        raise NotFound("no_such_visit", code=code)
    return visit


def booking(case: Case, code: str, day: date, reason: str = "") -> Act:
    """The visit booked on a day; Refused where the day is not possible, or outside the window without a reason."""
    visit = visit_of(case, code)
    must_be_open(case)
    if not visit.to_come:
        raise Refused("visit_not_to_come", visit=visit.encounter.name.into("en"), state=visit.state)
    if day < case.today:
        raise Refused("day_is_past", day=day)
    answer = explain(case.schedule, code, day)
    if answer.verdict is Verdict.IMPOSSIBLE:
        raise Refused("day_not_possible", schedule=case.schedule, answer=answer)
    facts = case.facts.reconsidered(code).booked(code, day)
    return _accepted(case, "book", code, facts, reason)


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


def _accepted(case: Case, action: str, code: str, facts: Facts, reason: str) -> Act:
    """The act, with every deviation of its visit accepted for the reason given."""
    after = redrafted(case, facts)
    broken = _newly_broken(case.schedule, after, code)
    if not broken:
        return Act(action, case, after, reason)
    if not reason:
        raise Refused("reason_for_deviation_needed", schedule=after, deviations=broken)
    for deviation in broken:
        facts = facts.accepting(Acceptance(deviation.rule, deviation.visit, reason))
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


def book(work: Work, public_id: str, seen: int, code: str, day: date, reason: str = "") -> Act:
    """Save a booking."""
    return save(work, booking(as_seen(work, public_id, seen), code, day, reason))


def record(work: Work, public_id: str, seen: int, code: str, what: Record, reason: str = "") -> Act:
    """Save what happened."""
    return save(work, recording(as_seen(work, public_id, seen), code, what, reason))


def take_back(work: Work, public_id: str, seen: int, code: str, reason: str = "") -> Act:
    """Save that the visit is planned again."""
    return save(work, taking_back(as_seen(work, public_id, seen), code, reason))
