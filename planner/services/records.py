"""Records: what happened to a visit, and what a named person decided with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.facts import State
from planner.services.cases import Act, as_seen, redrafted, save
from planner.services.visits import accepted, alone, stands_alone, visit_of

if TYPE_CHECKING:
    from planner.core.facts import Facts, Go
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to a visit: it occurred on `day` (a stay until `end`), was missed, or is omitted (canceled).

    `go` is what the person `decided_by` decided with it for the visit behind its gate; `taken_for` the day of the visit
    that it counts from, where that was another one than it is now.
    """

    state: State
    day: date | None = None
    end: date | None = None
    go: Go | None = None
    decided_by: str = ""
    taken_for: date | None = None


def recording(case: Case, code: str, record: Record, reason: str = "", second: str = "") -> Act:
    """What happened to the visit; outside a window, against a rule, or not at all: then it asks for a reason.

    What was agreed when it was booked holds for the day that it was booked on.
    """
    visit = visit_of(case, code)
    if visit.fact is not None and visit.fact.state is not State.BOOKED:
        raise Refused("visit_not_to_come", visit=visit.encounter.name.into("en"), state=visit.state)
    _before_the_end(case, record)
    if record.state is State.OCCURRED:
        stands_alone(case, code)
        _on_its_date(case, code, record, reason)
        facts = _occurred(case, visit, record)
        after, took_place = redrafted(case, facts), (State.OCCURRED,)  # what is booked may still be moved
        return accepted(case, "record", facts.attendance(code), after, reason, second, states=took_place)
    return _lost(case, visit, record, reason)


def _lost(case: Case, visit: Visit, record: Record, reason: str) -> Act:
    """A visit that did not take place; who does not come to a combined attendance misses all of it."""
    if record.state is State.MISSED:
        stands_alone(case, visit.code)
    if not reason:
        raise Refused("reason_for_lost_visit_needed", visit=visit.encounter.name.into("en"))
    due = visit.booked or visit.target or visit.suggested  # what is overdue is suggested ahead, yet it was missed
    if record.state is State.MISSED and due is not None and due > case.today:
        raise Refused("not_missed_yet", day=due)
    known = case.facts if visit.host is not None else alone(case, visit.code)
    facts = known.reconsidered(visit.code, *known.guests(visit.code))
    lost = facts.missed(visit.code) if record.state is State.MISSED else facts.omitted(visit.code)
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


def _occurred(case: Case, visit: Visit, record: Record) -> Facts:
    code = visit.code
    if record.day is None:
        raise Refused("day_needed")
    if record.day > case.today or (record.end is not None and record.end > case.today):
        raise Refused("day_lies_ahead", day=record.end or record.day)
    if record.end is not None and visit.encounter.stay is None:
        raise Refused("no_stay")
    if record.end is not None and record.end < record.day:
        raise Refused("stay_ends_before_it_starts", day=record.day, end=record.end)
    facts = alone(case, code)
    facts = facts if record.day == visit.booked else facts.reconsidered(*facts.attendance(code))
    return _decided(case, visit, record, facts.occurred(code, record.day, record.end))


def _decided(case: Case, visit: Visit, record: Record, facts: Facts) -> Facts:
    """With the day that the visit was taken for, and the GO or NO-GO of a named person."""
    if record.go is not None and visit.encounter.gate is None:
        raise Refused("no_gate", visit=visit.encounter.name.into("en"))
    if record.go is not None and not record.decided_by:
        raise Refused("who_decided_needed")
    repeatable = any(e.repeats == visit.code for e in case.protocol.encounters)
    if visit.encounter.gate is None and not repeatable:
        return facts
    taken_for = record.taken_for or counted_from(case, visit)
    return facts.taken_for(visit.code, taken_for, record.go, record.decided_by if record.go else "")


def counted_from(case: Case, visit: Visit) -> date | None:
    """The day of the visit, or the named date, that this one counts from: actual, booked, else wanted, as it is now."""
    other, timing = case.schedule.by_code.get(visit.anchor or ""), visit.encounter.timing
    if other is None:
        return case.facts.dates.get(visit.anchor or "")
    day = other.occurred or other.booked or other.target
    stay = case.schedule.possible.standing.stay_of(other.code) if timing is not None and timing.anchor.end else 0
    return day + timedelta(days=stay) if day is not None else None


def deciding(case: Case, code: str, go: Go, decided_by: str, reason: str = "") -> Act:
    """GO or NO-GO for a visit that took place already; another word than before asks for a reason."""
    visit = visit_of(case, code)
    if visit.encounter.gate is None or visit.fact is None or visit.state is not State.OCCURRED:
        raise Refused("no_gate", visit=visit.encounter.name.into("en"))
    if not decided_by:
        raise Refused("who_decided_needed")
    if visit.fact.go is not None and (visit.fact.go, visit.fact.decided_by) != (go, decided_by) and not reason:
        raise Refused("reason_for_correction_needed")
    taken_for = visit.fact.taken_for or counted_from(case, visit)
    decided = case.facts.taken_for(code, taken_for, go, decided_by)
    return accepted(case, "decide", (code,), redrafted(case, decided), reason, states=(State.OCCURRED,))


def record(  # noqa: PLR0913, PLR0917  # what a nurse says of a record
    work: Work, public_id: str, seen: int, code: str, what: Record, reason: str = "", second: str = ""
) -> Act:
    """Save what happened."""
    return save(work, recording(as_seen(work, public_id, seen), code, what, reason, second))


def decide(  # noqa: PLR0913, PLR0917  # what a nurse says of a gate
    work: Work, public_id: str, seen: int, code: str, go: Go, decided_by: str, reason: str = ""
) -> Act:
    """Save GO or NO-GO."""
    return save(work, deciding(as_seen(work, public_id, seen), code, go, decided_by, reason))
