"""Patients and their facts. A fact taken back stays as a row that says so; no row is deleted."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from planner.core.errors import NotFound
from planner.core.facts import Acceptance, Fact, Facts, State
from planner.core.patients import Contact, Ended, Known, Patient, Site
from planner.store import sites
from planner.store.tables import (
    AcceptanceRow,
    ContactRow,
    DateRow,
    DecisionRow,
    PatientRow,
    SiteRow,
    TogetherRow,
    VisitRow,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row, Select

Reach = frozenset[str] | None
OWN = ("public_id", "subject_id", "dose_level", "phase", "language", "seed", "version", "ended_because")
RENAMED = {"enrolled": "enrolled_at", "changed": "changed_at", "ended": "ended_on"}

# Every page reads a patient: the questions are put together once, and answered in plain columns.
_SITE = [getattr(SiteRow, name) for name in Site.__slots__]
_OWN = [getattr(PatientRow, name) for name in (*OWN, *RENAMED.values(), "protocol_id", "protocol_version")]
_ANY = core_select(*_SITE, *_OWN).select_from(PatientRow).join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
_NEAR = _ANY.where(col(SiteRow.code).in_(bindparam("reach", expanding=True)))
_ALL, _ALL_NEAR = (query.order_by(col(PatientRow.subject_id)) for query in (_ANY, _NEAR))
_ONE, _ONE_NEAR = (query.where(col(PatientRow.public_id) == bindparam("public_id")) for query in (_ANY, _NEAR))
_KEY = core_select(col(PatientRow.id)).where(col(PatientRow.public_id) == bindparam("public_id"))


def _of_patient(row: type[Any], *names: str) -> Select[*tuple[Any, ...]]:
    """Of one patient's rows these columns."""
    return core_select(*(getattr(row, name) for name in names)).where(row.patient_id == bindparam("own"))


_FACT = tuple(name for name in Fact.__slots__ if name != "at")
_VISITS = _of_patient(VisitRow, "code", "at", "later", *_FACT).where(col(VisitRow.state) != State.PLANNED)
_DATES = _of_patient(DateRow, "code", "day").where(col(DateRow.day).is_not(None))
_DECISIONS = _of_patient(DecisionRow, "code", "value").where(col(DecisionRow.value).is_not(None))
_TOGETHER = _of_patient(TogetherRow, "code", "host").where(col(TogetherRow.host).is_not(None))
_ACCEPTED = _of_patient(AcceptanceRow, "rule", "visit", "reason", "second").where(~col(AcceptanceRow.withdrawn))
_ACCEPTED = _ACCEPTED.order_by(col(AcceptanceRow.id))


def find(session: Session, public_id: str, reach: Reach) -> Patient:
    """The patient, within `reach` (site codes; None: every site); NotFound alike for one unknown or out of reach."""
    query, within = (_ONE, {}) if reach is None else (_ONE_NEAR, {"reach": list(reach)})
    found = session.connection().execute(query, {"public_id": public_id, **within}).first()
    if found is None:
        raise NotFound("no_such_patient")
    return _patient(found)


def every(session: Session, reach: Reach) -> tuple[Patient, ...]:
    """The patients within reach, by subject number."""
    query, within = (_ALL, {}) if reach is None else (_ALL_NEAR, {"reach": list(reach)})
    return tuple(map(_patient, session.connection().execute(query, within)))


def _patient(row: Row[*tuple[Any, ...]]) -> Patient:
    values = iter(row)
    site = Site(*islice(values, len(_SITE)))
    own = dict(zip((*OWN, *RENAMED), values, strict=False))
    return Patient(**own, site=site, protocol=(row.protocol_id, row.protocol_version))


def one_by_one(session: Session) -> None:
    """From here to the end of the transaction nobody else adds a patient; SQLite writes one by one anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql("LOCK TABLE patient IN SHARE ROW EXCLUSIVE MODE")


def enrolled(session: Session, protocol_id: str) -> int:
    """How many patients of the trial were saved at all sites, screening failures not counted."""
    counted = col(PatientRow.ended_because).is_distinct_from(Ended.SCREEN_FAILURE)
    query = select(func.count()).select_from(PatientRow).where(PatientRow.protocol_id == protocol_id, counted)
    return session.exec(query).one()


def taken(session: Session, subject_id: str) -> bool:
    """Whether a patient has that subject number already, at whatever site."""
    return session.exec(select(PatientRow.id).where(PatientRow.subject_id == subject_id)).first() is not None


def add(session: Session, patient: Patient) -> None:
    """Save a new patient, without facts."""
    session.add(
        PatientRow(
            **{name: getattr(patient, name) for name in OWN},
            site_id=sites.ids(session, frozenset({patient.site.code}))[0],
            protocol_id=patient.protocol[0],
            protocol_version=patient.protocol[1],
            enrolled_at=patient.enrolled,
            changed_at=patient.changed,
        )
    )
    session.flush()


def key(session: Session, public_id: str) -> int:
    """The row's own key."""
    found: int | None = session.connection().execute(_KEY, {"public_id": public_id}).scalar()
    if found is None:
        raise NotFound("no_such_patient")
    return found


def known(session: Session, patient: Patient) -> Known:
    """The patient with all facts."""
    connection, own = session.connection(), {"own": key(session, patient.public_id)}
    facts = Facts(
        dates=dict(connection.execute(_DATES, own).all()),
        visits={row.code: _fact(row) for row in connection.execute(_VISITS, own)},
        decisions=dict(connection.execute(_DECISIONS, own).all()),
        accepted=tuple(Acceptance(*row) for row in connection.execute(_ACCEPTED, own)),
        ended=patient.ended,
        together=dict(connection.execute(_TOGETHER, own).all()),
    )
    return Known(patient, facts)


def _fact(row: Row[*tuple[Any, ...]]) -> Fact:
    at = row.at.replace(fold=int(row.later)) if row.at is not None else None
    return Fact(at=at, **{name: getattr(row, name) for name in _FACT})


def advance(session: Session, public_id: str, seen: int, at: datetime) -> bool:
    """Count one more act; False where somebody saved one since version `seen` was read."""
    counted = update(PatientRow).where(col(PatientRow.public_id) == public_id, col(PatientRow.version) == seen)
    done = session.connection().execute(counted.values(version=seen + 1, changed_at=at))
    return done.rowcount == 1


def end(session: Session, public_id: str, day: date | None, because: Ended | None) -> None:
    """The study ended for the patient, or (without a day) goes on."""
    row = session.get_one(PatientRow, key(session, public_id))
    row.ended_on, row.ended_because = day, because
    session.add(row)
    session.flush()


def write_visit(session: Session, patient: int, code: str, fact: Fact | None) -> None:
    """What is known of a visit from now on, with the instant that its time means; None: it is planned again."""
    found = fact or Fact(State.PLANNED)
    values = {name: getattr(found, name) for name in (*Fact.__slots__, "instant")}
    values["at"] = found.at and found.at.replace(fold=0)
    session.merge(VisitRow(patient_id=patient, code=code, later=found.at is not None and found.at.fold == 1, **values))


def instants(session: Session, patient: int) -> dict[str, datetime]:
    """The instant (UTC) that the time of each booked visit meant when it was written, by the visit's code."""
    booked = (VisitRow.patient_id == patient, VisitRow.state == State.BOOKED, col(VisitRow.instant).is_not(None))
    found = session.exec(select(VisitRow.code, VisitRow.instant).where(*booked))
    return {code: instant for code, instant in found if instant is not None}


def write_date(session: Session, patient: int, code: str, day: date | None) -> None:
    """A named date."""
    session.merge(DateRow(patient_id=patient, code=code, day=day))


def write_decision(session: Session, patient: int, code: str, value: str | None) -> None:
    """A decision that branches hang on."""
    session.merge(DecisionRow(patient_id=patient, code=code, value=value))


def write_together(session: Session, patient: int, code: str, host: str | None) -> None:
    """The visit whose attendance fulfils this one too; None: it stands alone."""
    session.merge(TogetherRow(patient_id=patient, code=code, host=host))


def write_acceptance(session: Session, patient: int, accepted: Acceptance, *, withdrawn: bool) -> None:
    """A broken rule or window that a person accepted, or that fell away with the day it was accepted for."""
    row = session.exec(
        select(AcceptanceRow).where(
            AcceptanceRow.patient_id == patient,
            AcceptanceRow.rule == accepted.rule,
            AcceptanceRow.visit == accepted.visit,
        )
    ).first()
    row = row or AcceptanceRow(patient_id=patient, rule=accepted.rule, visit=accepted.visit, reason="")
    row.reason, row.second, row.withdrawn = accepted.reason, accepted.second, withdrawn
    session.add(row)


def contact(session: Session, public_id: str) -> Contact:
    """How the patient is reached; empty where nobody wrote it down."""
    row = session.get(ContactRow, key(session, public_id))
    return Contact(row.name, row.email, row.phone) if row is not None else Contact()


def write_language(session: Session, public_id: str, language: str) -> None:
    """What the patient reads from now on is in this language."""
    written = update(PatientRow).where(col(PatientRow.public_id) == public_id)
    session.connection().execute(written.values(language=language))


def write_contact(session: Session, public_id: str, found: Contact) -> None:
    """How the patient is reached from now on."""
    session.merge(ContactRow(patient_id=key(session, public_id), **asdict(found)))
