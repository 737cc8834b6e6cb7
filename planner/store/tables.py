"""The tables: what people decided or saw, who they are, and what was done. Derived dates are in none of them.

No `from __future__ import annotations` here: SQLModel reads the annotations.
"""

import enum
from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Column, Enum, MetaData, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from planner.core.facts import Go, State
from planner.core.patients import Ended
from planner.core.staff import Role

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LONGEST_CODE = 20


class Table(SQLModel):
    """What all tables share: constraints named alike on every engine, so that a migration can name them."""

    metadata = MetaData(naming_convention=NAMING)


def chosen_from(words: type[enum.StrEnum], name: str, *, nullable: bool = False, key: bool = False) -> Column[str]:
    """A column that holds the words of an enum, refused at bind and by the database alike; `key`: of the key."""
    kind: Enum = Enum(
        words,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=LONGEST_CODE,
        name=name,
        values_callable=lambda found: [word.value for word in found],
    )
    return Column(name, kind, nullable=nullable, primary_key=key)


class SiteRow(Table, table=True):
    __tablename__ = "site"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    name: str = Field(max_length=120)
    zone: str = Field(max_length=60)
    holidays: str | None = Field(default=None, max_length=10)
    weekends_closed: bool = True
    phone: str = Field(default="", max_length=40)
    emergency: str = Field(default="", max_length=40)
    version: int = 1


class StaffRow(Table, table=True):
    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    login: str = Field(max_length=120, unique=True)
    name: str = Field(max_length=120)
    role: Role = Field(sa_column=chosen_from(Role, "role"))
    password_hash: str | None = Field(default=None, max_length=200)
    code_hash: str | None = Field(default=None, max_length=64)
    code_until: datetime | None = None
    disabled_at: datetime | None = None
    created_at: datetime
    version: int = 1


class StaffSiteRow(Table, table=True):
    __tablename__ = "staff_site"

    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    site_id: int = Field(foreign_key="site.id", primary_key=True)


class FailureRow(Table, table=True):
    """Sign-ins that failed in a row, by the hash of what was typed: whether that login exists makes no difference."""

    __tablename__ = "sign_in_failure"

    login_hash: str = Field(max_length=64, primary_key=True)
    failures: int
    last_at: datetime


class LoginRow(Table, table=True):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "login"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class PatientRow(Table, table=True):
    __tablename__ = "patient"
    __table_args__ = (CheckConstraint("dose_level >= 1", name="dose_level"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    subject_id: str = Field(max_length=20, unique=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    protocol_id: str = Field(max_length=40)
    protocol_version: str = Field(max_length=40)
    dose_level: int
    phase: str = Field(max_length=40)
    language: str = Field(max_length=2)
    seed: str = Field(max_length=64)
    enrolled_at: datetime
    changed_at: datetime
    ended_on: date | None = None
    ended_because: Ended | None = Field(default=None, sa_column=chosen_from(Ended, "ended_because", nullable=True))
    version: int = 1


class ContactRow(Table, table=True):
    __tablename__ = "contact"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    name: str = Field(default="", max_length=120)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)


class DateRow(Table, table=True):
    """A named date of the protocol; empty until somebody gives it."""

    __tablename__ = "named_date"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(max_length=80, primary_key=True)
    day: date | None = None


class DecisionRow(Table, table=True):
    __tablename__ = "decision"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(max_length=80, primary_key=True)
    value: str | None = Field(default=None, max_length=80)


class VisitRow(Table, table=True):
    """What is known of one visit; `planned` once a booking or a record was taken back. `at` is local to `zone`.

    `later`: the second of two equal times, in the night in which the clocks go back. `unit` is a unit's public id.
    `instant` (UTC) is what the local time meant when it was written: no plan reads it, only whoever asks whether new
    rules of the time zone moved it. It is the one thing derived that is kept.
    """

    __tablename__ = "visit"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(max_length=80, primary_key=True)
    state: State = Field(sa_column=chosen_from(State, "state"))
    day: date | None = None
    at: time | None = None
    zone: str | None = Field(default=None, max_length=60)
    end: date | None = None
    later: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    unit: str | None = Field(default=None, max_length=22)
    confirmed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    go: Go | None = Field(default=None, sa_column=chosen_from(Go, "go", nullable=True))
    decided_by: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": text("''")})
    again: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    taken_for: date | None = None
    instant: datetime | None = None


class TogetherRow(Table, table=True):
    """The visit `host` whose attendance fulfils the visit `code` too; empty once it stands alone again."""

    __tablename__ = "together"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(max_length=80, primary_key=True)
    host: str | None = Field(default=None, max_length=80)


class SentRow(Table, table=True):
    """A form that was sent: the same one sent again does nothing again. Only a digest of what it said is kept."""

    __tablename__ = "sent_form"

    login: str = Field(max_length=120, primary_key=True)
    key: str = Field(max_length=44, primary_key=True)
    digest: str = Field(max_length=64)
    at: datetime


class AcceptanceRow(Table, table=True):
    __tablename__ = "acceptance"
    __table_args__ = (UniqueConstraint("patient_id", "rule", "visit"),)

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id")
    rule: str = Field(max_length=80)
    visit: str = Field(max_length=80)
    reason: str = Field(max_length=600)
    second: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": text("''")})
    withdrawn: bool = False


class AuditRow(Table, table=True):
    """One write: who, when (UTC), what, old and new value as JSON, and why. `act` holds together one saved act.

    `mac` seals the row with that of the row before it (`previous`); rows older than the chain have none. The database
    itself refuses to change or delete a row: a migration that rebuilds this table must make its triggers anew.
    """

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str = Field(max_length=120)
    login: str = Field(max_length=120)
    role: Role | None = Field(default=None, sa_column=chosen_from(Role, "role", nullable=True))
    act: str = Field(max_length=22, index=True)
    action: str = Field(max_length=40)
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    entity: str = Field(max_length=120)
    old: str | None = None
    new: str | None = None
    reason: str = Field(default="", max_length=600)
    previous: str | None = Field(default=None, max_length=64)
    mac: str | None = Field(default=None, max_length=64)


class HeadRow(Table, table=True):
    """The end of the audit chain, one row; whoever adds to the chain locks it first, so that rows follow each other."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    mac: str = Field(max_length=64)
