"""A patient's absences: days on which no visit that they attend is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.calendar import Calendar
from planner.core.errors import NotFound, Refused, Repeated
from planner.services.cases import advance, as_seen, case
from planner.services.cuts import Cut, ahead, must_be_agreed
from planner.services.resources import must_be_meant, unit_names
from planner.services.seals import sealed
from planner.services.work import public_id as new_id
from planner.store import audit, patients, resources

if TYPE_CHECKING:
    from planner.core.calendar import Closure
    from planner.core.history import Payload
    from planner.services.cases import Case
    from planner.services.work import Work

LONGEST = 60
"""Days away in one breath that nobody is asked about."""


def every(work: Work, case: Case) -> tuple[tuple[str, Closure], ...]:
    """The days on which the patient is away, each with its id."""
    return resources.absences(work.session, patients.key(work.session, case.patient.public_id))


def away(work: Work, public_id: str, seen: int, closure: Closure, agreed: str | None = None) -> None:
    """Save days on which the patient is away: no visit that they attend is planned on them.

    Refused until somebody has seen which booked visits they hit, and that they are many; None: nobody is there to be
    asked.
    """
    known = as_seen(work, public_id, seen)
    patient = known.patient
    must_be_meant(work, patient.site, closure.first, closure.last)
    _must_be_agreed(closure, _hit(work, known, closure), agreed)
    advance(work, patient)
    own = patients.key(work.session, public_id)
    resources.add_closure(work.session, patient.site.code, (new_id(), closure), patient=own)
    audit.write(work.session, work.stamp("away"), "absence", (None, _days(closure)), own)


def _must_be_agreed(closure: Closure, found: tuple[Cut, ...], agreed: str | None) -> None:
    """Very many days are asked about like booked visits that are hit: somebody may have mistyped a year."""
    days = (closure.last - closure.first).days + 1
    if days <= LONGEST:
        return must_be_agreed(found, agreed)
    asked = sealed(closure, found)
    if agreed not in (None, asked):
        raise Refused("absence_is_long", days=days, cut=found, agreed=asked)
    return None


def _hit(work: Work, known: Case, closure: Closure) -> tuple[Cut, ...]:
    """The booked visits to come that the days away meet, a stay by any of its days; in order of time."""
    names, standing = unit_names(work, known.patient.site), known.schedule.possible.standing
    alone, public_id = Calendar(closures=(closure,)), known.patient.public_id
    found = [
        Cut(public_id, visits[0].code, fact.day, fact.at, names.get(fact.unit or "", ""))
        for visits, fact in ahead(known.protocol, known.facts, known.today)
        if fact.day is not None and any(standing.why_closed(alone, one.code, fact.day) for one in visits)
    ]
    return tuple(sorted(found, key=lambda one: (one.day, str(one.at or ""))))


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
