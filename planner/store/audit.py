"""The audit trail: one row for every write, in its transaction. Rows are only ever added, each sealed to the last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from planner.core.history import Entry
from planner.store.chain import head, seal, verify
from planner.store.tables import AuditRow, PatientRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlmodel import Session

    from planner.core.history import Payload
    from planner.core.staff import Actor

__all__ = [
    "Stamp",
    "entry",
    "head",
    "last_act_of",
    "last_day",
    "of_patient",
    "patients_of",
    "told_since",
    "verify",
    "write",
]
NO_FACTS = ("export:%", "feed:%", "page:%", "told:%")
"""Entities of rows that do not count as an act on a patient: the version stays."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of one act share."""

    actor: Actor
    at: datetime
    act: str
    action: str
    reason: str = ""


def write(session: Session, stamp: Stamp, entity: str, change: tuple[Payload, Payload], patient: int | None) -> None:
    """Add one row to the end of the chain; `change` is the old and the new value."""
    old, new = (None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True) for value in change)
    row = AuditRow(
        at=stamp.at,
        actor=stamp.actor.name,
        login=stamp.actor.login,
        role=stamp.actor.role,
        act=stamp.act,
        action=stamp.action,
        patient_id=patient,
        entity=entity,
        old=old,
        new=new,
        reason=stamp.reason,
    )
    seal(session, row)
    session.add(row)


def of_patient(session: Session, public_id: str) -> tuple[Entry, ...]:
    """Everything written about a patient, the newest first."""
    rows = session.exec(
        select(AuditRow)
        .join(PatientRow, col(PatientRow.id) == col(AuditRow.patient_id))
        .where(PatientRow.public_id == public_id)
        .order_by(col(AuditRow.id).desc())
    )
    return tuple(entry(row) for row in rows)


def patients_of(session: Session, act: str) -> tuple[str, ...]:
    """The public ids of the patients about whom an act wrote something."""
    joined = select(PatientRow.public_id).join(AuditRow, col(PatientRow.id) == col(AuditRow.patient_id))
    return tuple(sorted(set(session.exec(joined.where(AuditRow.act == act)))))


def told_since(session: Session, entity: str, act: str) -> tuple[Entry, ...]:
    """Everything written of this entity after the last row of an act, in order."""
    last = select(func.max(AuditRow.id)).where(AuditRow.act == act).scalar_subquery()
    rows = select(AuditRow).where(AuditRow.entity == entity, col(AuditRow.id) > last)
    return tuple(entry(row) for row in session.exec(rows.order_by(col(AuditRow.id))))


def last_act_of(session: Session, public_id: str) -> str | None:
    """The name of whoever last changed the patient's facts."""
    rows = select(AuditRow.actor).join(PatientRow, col(PatientRow.id) == col(AuditRow.patient_id))
    changed = [col(AuditRow.entity).not_like(entity) for entity in NO_FACTS]
    acts = rows.where(PatientRow.public_id == public_id, *changed)
    return session.exec(acts.order_by(col(AuditRow.id).desc()).limit(1)).first()


def last_day(session: Session, patient: int, entity: str, before: datetime, zone: str) -> date | None:
    """The day, as clocks in that zone showed it, of the last row of that kind before a moment."""
    rows = select(AuditRow.at).where(AuditRow.patient_id == patient, AuditRow.entity == entity, AuditRow.at < before)
    at = session.exec(rows.order_by(col(AuditRow.id).desc()).limit(1)).first()
    return at.astimezone(ZoneInfo(zone)).date() if at is not None else None


def entry(row: AuditRow) -> Entry:
    """The value of a row."""
    old, new = (None if text is None else json.loads(text) for text in (row.old, row.new))
    return Entry(row.at, row.actor, row.act, row.action, row.entity, old, new, row.reason)
