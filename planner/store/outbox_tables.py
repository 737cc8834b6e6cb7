"""The tables of what patients are told: what they agreed to, and every message owed to them.

No `from __future__ import annotations` here: SQLModel reads the annotations.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from planner.core.disclosure import Detail
from planner.core.notices import Delivery, Kind
from planner.store.tables import Table, chosen_from


class WishesRow(Table, table=True):
    """What the patient agreed to, by channel; without a row, to nothing."""

    __tablename__ = "wishes"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    mail: Detail | None = Field(default=None, sa_column=chosen_from(Detail, "mail", nullable=True))
    feed: Detail | None = Field(default=None, sa_column=chosen_from(Detail, "feed", nullable=True))
    page: Detail | None = Field(default=None, sa_column=chosen_from(Detail, "page", nullable=True))
    alarm: bool = True
    reminder: bool = True
    open_days: bool = False


class OutboxRow(Table, table=True):
    """One message to one patient: what it says (`sight`, JSON), where it goes, and how far it got.

    `uid`, `sequence` and `stamp` mark the revision of the calendar entry: sent again, it is the same to the byte. A row
    that was tried may have arrived, whatever the answer was; only one that never was may still change.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("uid", "sequence", "kind", name="uq_outbox_uid_sequence_kind"),
        CheckConstraint("sequence >= 0", name="sequence"),
        Index(
            "ix_outbox_waiting",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    code: str = Field(max_length=80)
    kind: Kind = Field(sa_column=chosen_from(Kind, "kind"))
    uid: str = Field(max_length=36)
    sequence: int
    stamp: datetime
    address: str = Field(max_length=254)
    sight: str
    alarm: bool = True
    state: Delivery = Field(sa_column=chosen_from(Delivery, "state"))
    due_at: datetime
    lease_until: datetime | None = None
    attempts: int = 0
    error: str = Field(default="", max_length=300)
    done_at: datetime | None = None
