"""The tables of what a site has: units, hours, closures, days opened by hand, and the time that is taken.

No `from __future__ import annotations` here: SQLModel reads the annotations.
"""

from datetime import date, time

from sqlmodel import Field

from planner.store.tables import Table


class UnitRow(Table, table=True):
    """One chair, scanner or theatre of a site."""

    __tablename__ = "unit"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    kind: str = Field(max_length=40)
    name: str = Field(max_length=80)
    withdrawn: bool = False


class HoursRow(Table, table=True):
    """Opening hours of a unit on one weekday (0 Monday), local time."""

    __tablename__ = "unit_hours"

    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    weekday: int = Field(primary_key=True)
    opens: time = Field(primary_key=True)
    closes: time


class ClosureRow(Table, table=True):
    """Days on which a site is closed: for all, for a `kind`, for one unit; or on which a patient is away."""

    __tablename__ = "closure"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    kind: str = Field(default="", max_length=40)
    first: date
    last: date
    name: str = Field(max_length=120)
    withdrawn: bool = False


class OpenedRow(Table, table=True):
    """A day opened by hand, with its hours; for every unit of the site or for those of a `kind`."""

    __tablename__ = "opened"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=22, unique=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    kind: str = Field(default="", max_length=40)
    day: date
    opens: time
    closes: time
    name: str = Field(max_length=120)
    withdrawn: bool = False


class CellRow(Table, table=True):
    """A quarter of an hour of a unit that a visit has taken: the primary key lets nobody else have it."""

    __tablename__ = "slot_cell"

    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    cell: int = Field(primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    code: str = Field(max_length=80)
