"""Patients: enrol, find, and change what everything else counts from."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.agenda import needing
from planner.core.errors import NotFound, Refused
from planner.core.escalation import known_dose, may_enrol
from planner.core.facts import Facts, State
from planner.core.patients import LANGUAGES, Patient, subject_number
from planner.core.starts import starts
from planner.services.cases import (
    Act,
    Case,
    as_seen,
    case_of,
    keep,
    must_be_open,
    redrafted,
    save,
)
from planner.services.resources import calendar, site_days
from planner.services.work import public_id
from planner.store import audit, patients, sites

if TYPE_CHECKING:
    from datetime import date

    from planner.core.history import Payload
    from planner.core.patients import Site
    from planner.core.protocol import Decision, NamedDate, Protocol
    from planner.core.starts import Start
    from planner.core.visit import Visit
    from planner.services.protocols import Name
    from planner.services.work import Work

YEARS_AHEAD = 20
FAR_AWAY = 3 * 366
"""Days from today that a patient's Day 1 may lie away: beyond, somebody mistyped the year."""

AROUND = 7
"""Days on either side of a start day in mind that are compared with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a nurse gives to enrol a patient; `registration` may still be unknown."""

    subject_id: str
    site: str
    protocol: Name
    day_one: date
    registration: date | None
    dose_level: int
    phase: str
    language: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A start day in mind, to be compared with those up to AROUND days before and after it."""

    site: str
    protocol: Name
    day_one: date
    registration: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A patient in the list: the next visit, how many visits of those to be given are done, what needs a person."""

    case: Case
    coming: Visit | None
    done: int
    total: int
    needs: tuple[Visit, ...]


def own_sites(work: Work) -> tuple[Site, ...]:
    """The sites whose patients the actor may see."""
    return sites.every(work.session, work.actor.reach)


def listing(work: Work, words: str = "") -> tuple[Case, ...]:
    """The patients within reach whose subject number or site holds these words: those who need a person first.

    Of these the ones with a conflict; those whose study ended come last. Else by subject number.
    """
    found = patients.every(work.session, work.actor.reach)
    sought = words.casefold().split()
    return tuple(sorted((case_of(work, p) for p in found if all(w in _searched(p) for w in sought)), key=_need))


def _need(case: Case) -> tuple[bool, bool, bool]:
    """First whose study goes on, of these who has a conflict, then who has a visit that asks for something."""
    waits = needing(case.schedule, case.today)
    return case.patient.ended is not None, not case.schedule.conflicts, not waits


def _searched(patient: Patient) -> str:
    return f"{patient.subject_id} {patient.site.name}".casefold()


def line(case: Case) -> Line:
    """What the list says of a case."""
    given = [visit for visit in case.schedule.visits if visit.encounter.attended]
    dated = [visit for visit in given if visit.to_come and visit.day is not None]
    coming = min(dated, key=lambda visit: visit.day or case.today, default=None)
    done = sum(visit.state is State.OCCURRED for visit in given)
    lost = (State.CANCELED, State.NOT_APPLICABLE)
    total = sum(visit.state not in lost and (visit.target or visit.day) is not None for visit in given)
    return Line(case, coming, done, total, needing(case.schedule, case.today))


def enrol(work: Work, wanted: Enrolment) -> Patient:
    """Save a new patient; Refused where the trial is full, the number taken, or a value is not the protocol's."""
    protocol = work.library.find(wanted.protocol)
    site = _site(work, wanted.site)
    subject_number(wanted.subject_id)
    known_dose(protocol, wanted.dose_level, wanted.phase)
    if wanted.language not in LANGUAGES:
        raise Refused("no_such_language", language=wanted.language, known=LANGUAGES)
    _plausible(protocol, work.today(site), wanted)
    patients.one_by_one(work.session)
    may_enrol(protocol, patients.enrolled(work.session, protocol.id))
    if patients.taken(work.session, wanted.subject_id):
        raise Refused("subject_number_taken", subject_id=wanted.subject_id)
    found = _new(work, wanted, site)
    patients.add(work.session, found)
    stamp = work.stamp("enrol")
    _enrolled(work, stamp, found, wanted)
    dates = {protocol.reference: wanted.day_one, **_registered(protocol, wanted.registration)}
    keep(work, found, (Facts(), Facts(dates)), stamp)
    return patients.find(work.session, found.public_id, None)


def _plausible(protocol: Protocol, today: date, wanted: Enrolment) -> None:
    """A slip of the year is found before it is saved; nobody is registered after the treatment began."""
    for day in filter(None, (wanted.day_one, wanted.registration)):
        if abs((day - today).days) > FAR_AWAY:
            raise Refused("day_far_away", day=day)
    if wanted.registration is not None and wanted.registration > wanted.day_one:
        what = registration_of(protocol)
        raise Refused("registered_too_late", what=what.name.into("en") if what is not None else "", day=wanted.day_one)


def _site(work: Work, code: str) -> Site:
    """One of the actor's own sites."""
    site = next((s for s in own_sites(work) if s.code == code), None)
    if site is None:
        raise NotFound("no_such_site")
    return site


def _new(work: Work, wanted: Enrolment, site: Site) -> Patient:
    return Patient(
        public_id=public_id(),
        subject_id=wanted.subject_id,
        site=site,
        protocol=wanted.protocol,
        dose_level=wanted.dose_level,
        phase=wanted.phase,
        language=wanted.language,
        seed=secrets.token_urlsafe(32),
        enrolled=work.now,
        changed=work.now,
        version=1,
    )


def _enrolled(work: Work, stamp: audit.Stamp, patient: Patient, wanted: Enrolment) -> None:
    """The audit row of the patient's own row; the seed is a secret, so it is not in it."""
    new: Payload = {
        "subject_id": patient.subject_id,
        "site": patient.site.code,
        "protocol": " ".join(wanted.protocol),
        "dose_level": patient.dose_level,
        "phase": patient.phase,
        "language": patient.language,
    }
    own = patients.key(work.session, patient.public_id)
    audit.write(work.session, stamp, "patient", (None, new), own)


def _registered(protocol: Protocol, day: date | None) -> dict[str, date]:
    """The date of registration, where the protocol has one and it is known."""
    code = registration_of(protocol)
    return {code.code: day} if code is not None and day is not None else {}


def registration_of(protocol: Protocol) -> NamedDate | None:
    """The date beside the reference date on which a visit stands: the patient's registration."""
    others = (named for named in protocol.dates if named.visit is not None and named.code != protocol.reference)
    return next(others, None)


def advise(work: Work, wanted: Advice) -> tuple[Start, ...]:
    """What each open start day around the one in mind would meet, best first."""
    found, place = work.library.find(wanted.protocol), _site(work, wanted.site)
    first, last = wanted.day_one - timedelta(days=AROUND), wanted.day_one + timedelta(days=AROUND)
    days = calendar(site_days(work, place), range(first.year - 1, last.year + YEARS_AHEAD))
    ranked = starts(found, days, (first, last), _registered(found, wanted.registration))
    return tuple(sorted(ranked, key=lambda start: start.rank))


def date_of(case: Case, code: str) -> NamedDate:
    """The named date of the patient's protocol."""
    if code not in case.protocol.date_of:
        raise NotFound("no_such_date", code=code)
    return case.protocol.date_of[code]


def decision_of(case: Case, code: str) -> Decision:
    """The decision of the patient's protocol."""
    found = next((decision for decision in case.protocol.decisions if decision.code == code), None)
    if found is None:
        raise NotFound("no_such_decision", code=code)
    return found


def decide(work: Work, public_id: str, seen: int, code: str, value: str, reason: str) -> Act:
    """Save a decision that branches hang on; changing one asks for a reason."""
    found = as_seen(work, public_id, seen)
    decision = decision_of(found, code)
    if value not in decision.values:
        raise Refused("no_such_value", decision=decision.name.into("en"), known=decision.values)
    if code in found.facts.decisions and not reason:
        raise Refused("reason_for_change_needed", what=decision.name.into("en"))
    must_be_open(found)
    return save(work, Act("decide", found, redrafted(found, found.facts.decided(code, value)), reason))
