"""The tables of what is looked at from outside: calendar feeds, and the patient's own page.

Of every token only the hash is kept. No `from __future__ import annotations` here: SQLModel reads the annotations.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from planner.core.feeds import FeedKind
from planner.core.portal import Word
from planner.store.tables import Table, chosen_from


class FeedRow(Table, table=True):
    """A calendar feed: of one patient, or of a person and a site or one unit of it."""

    __tablename__ = "feed"
    __table_args__ = (CheckConstraint("(patient_id IS NULL) <> (staff_id IS NULL)", name="one_owner"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    kind: FeedKind = Field(sa_column=chosen_from(FeedKind, "kind"))
    token_hash: str = Field(max_length=64, unique=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    site_id: int | None = Field(default=None, foreign_key="site.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    made_at: datetime
    made_by: str = Field(max_length=120)
    used_on: date | None = None
    revoked_at: datetime | None = None


class LinkRow(Table, table=True):
    """A link that somebody asked for: to one patient's page, or (without a patient) to nowhere.

    `address_hash` is of the address that was typed, whether or not it is anybody's: it counts how often one asks.
    """

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    address_hash: str = Field(max_length=64, index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    asked_at: datetime = Field(index=True)
    until: datetime
    used_at: datetime | None = None


class GuestRow(Table, table=True):
    """A browser in which a patient's own page is open."""

    __tablename__ = "guest"

    token_hash: str = Field(max_length=64, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    created_at: datetime
    ended_at: datetime | None = None


class WordRow(Table, table=True):
    """What the patient said of a visit on its day: that they have seen it, or that they want to be called."""

    __tablename__ = "patient_word"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(max_length=80, primary_key=True)
    word: Word = Field(sa_column=chosen_from(Word, "word", key=True))
    day: date
    at: datetime
    done_at: datetime | None = None
