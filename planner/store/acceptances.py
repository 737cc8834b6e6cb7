"""Who accepted which deviation, and when: from the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from planner.store.audit import entry
from planner.store.tables import AuditRow, PatientRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlmodel import Session

    from planner.core.history import Entry


def of_patients(session: Session, ids: Collection[str]) -> dict[str, list[Entry]]:
    """The acceptances written for these patients (public ids), the newest first; withdrawals too."""
    rows = session.exec(
        select(AuditRow, PatientRow.public_id)
        .join(PatientRow, col(PatientRow.id) == col(AuditRow.patient_id))
        .where(col(PatientRow.public_id).in_(ids), col(AuditRow.entity).startswith("acceptance:"))
        .order_by(col(AuditRow.id).desc())
    )
    found: dict[str, list[Entry]] = {public_id: [] for public_id in ids}
    for row, public_id in rows:
        found[public_id].append(entry(row))
    return found
