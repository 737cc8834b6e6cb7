"""The people and the patient of the worked example, and one act after another as they do them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from planner.core.errors import PlannerError
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.exports.refusals import sentence
from planner.services import cases, history, patients
from planner.services.patients import Enrolment
from planner.store.resource_tables import CellRow
from planner.store.tables import Table

NURSE = Actor("anna", "Anna Peeters", Role.NURSE, frozenset({"01"}))
ELSEWHERE = Actor("bert", "Bert Claes", Role.NURSE, frozenset({"02"}))
INVESTIGATOR = Actor("ines", "Ines Maes", Role.INVESTIGATOR, frozenset({"01"}))
MEDICAL_MONITOR = Actor("mona", "Mona Wouters", Role.MEDICAL_MONITOR)

SHRINK = ("NCT03310008", "0.1 illustrative")
WANTED = Enrolment(
    subject_id="01-001",
    site="01",
    protocol=SHRINK,
    day_one=date(2025, 3, 3),
    registration=date(2025, 2, 24),
    dose_level=1,
    phase="escalation",
    language="nl",
)
"""The worked example: registered on Monday 24 February 2025, Day 1 on Monday 3 March."""


def wanted(**other):
    return replace(WANTED, **other)


def noon(month, day, year=2025):
    """Noon in London, one or two hours later in Brussels: the same day in both."""
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.fixture
def patient(office):
    """The public id of the patient of the worked example."""
    with office.begin(NURSE) as work:
        return patients.enrol(work, WANTED).public_id


@pytest.fixture
def version(office, patient):
    """The version that a page made now would carry."""

    def read():
        with office.look(COMMAND_LINE) as work:
            return cases.case(work, patient).patient.version

    return read


@pytest.fixture
def act(office, patient, version):
    """Does one act, as a person who has just read the page."""

    def do(verb, *arguments, by=NURSE, seen=None, **named):
        seen = version() if seen is None else seen
        with office.begin(by) as work:
            return verb(work, patient, seen, *arguments, **named)

    return do


@pytest.fixture
def case(office, patient):
    """The patient's case as it stands."""

    def read(by=NURSE):
        with office.look(by) as work:
            return cases.case(work, patient)

    return read


@pytest.fixture
def facts(case):
    return lambda: case().facts


@pytest.fixture
def entries(office, patient):
    """The audit rows of the patient, the oldest first."""

    def read():
        with office.look(NURSE) as work:
            return history.of_patient(work, patient)[1][::-1]

    return read


@pytest.fixture
def cells(office, case):
    """Every taken cell, as (unit, cell, visit)."""

    def read():
        with office.look(COMMAND_LINE) as work:
            rows = work.session.exec(select(CellRow).order_by(col(CellRow.cell)))
            return [(row.unit_id, row.cell, row.code) for row in rows]

    return read


@pytest.fixture
def rows(database):
    """Every row of every table, as text: what a thief of the database would read."""

    def read():
        with Session(database.engine) as session:
            return {
                table.name: [tuple(map(str, row)) for row in session.execute(select(table))]
                for table in Table.metadata.sorted_tables
            }

    return read


@pytest.fixture
def refused():
    """What an act is refused with, by its kind, and as the sentence that its person reads."""

    def told(verb, *arguments, kind=PlannerError, **named):
        with pytest.raises(kind) as error:
            verb(*arguments, **named)
        return sentence(error.value)

    return told
