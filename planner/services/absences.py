"""A patient's absences: days on which no visit that they attend is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Repeated
from planner.services.cases import advance, as_seen, case
from planner.services.resources import must_be_meant
from planner.services.work import public_id as new_id
from planner.store import audit, patients, resources

if TYPE_CHECKING:
    from planner.core.calendar import Closure
    from planner.core.history import Payload
    from planner.services.cases import Case
    from planner.services.work import Work


def every(work: Work, case: Case) -> tuple[tuple[str, Closure], ...]:
    """The days on which the patient is away, each with its id."""
    return resources.absences(work.session, patients.key(work.session, case.patient.public_id))


def away(work: Work, public_id: str, seen: int, closure: Closure) -> None:
    """Save days on which the patient is away: no visit that they attend is planned on them."""
    patient = as_seen(work, public_id, seen).patient
    must_be_meant(work, patient.site, closure.first, closure.last)
    advance(work, patient)
    own = patients.key(work.session, public_id)
    resources.add_closure(work.session, patient.site.code, (new_id(), closure), patient=own)
    audit.write(work.session, work.stamp("away"), "absence", (None, _days(closure)), own)


def back(work: Work, public_id: str, seen: int, absence: str) -> None:
    """An absence taken back."""
    known = case(work, public_id)
    own = patients.key(work.session, public_id)
    if resources.withdrawn(
        work.session, own, absence
    ):  # before the version is asked: a second click comes with an old one
        raise Repeated("taken_back_before")
    if absence not in dict(every(work, known)):
        raise NotFound("no_such_closure")
    found = as_seen(work, public_id, seen)
    advance(work, found.patient)
    closure = resources.withdraw_closure(work.session, found.patient.site.code, absence, own)
    audit.write(work.session, work.stamp("back"), "absence", (_days(closure), None), own)


def _days(closure: Closure) -> Payload:
    return {"first": closure.first.isoformat(), "last": closure.last.isoformat()}
