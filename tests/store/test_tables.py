"""What the tables themselves refuse, whatever the floors above do: both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from planner.core.facts import State
from planner.core.patients import Ended
from planner.core.staff import Role
from planner.store.tables import (
    AcceptanceRow,
    AuditRow,
    ContactRow,
    DateRow,
    PatientRow,
    SiteRow,
    StaffRow,
    Table,
    VisitRow,
)

NOW = datetime(2025, 2, 24, 9, tzinfo=UTC)


def patient(**other):
    given = {
        "public_id": "p" * 22,
        "subject_id": "01-001",
        "protocol_id": "T",
        "protocol_version": "1",
        "dose_level": 1,
        "phase": "escalation",
        "language": "nl",
        "seed": "s",
        "enrolled_at": NOW,
        "changed_at": NOW,
    }
    return PatientRow(**given | other)


def audit(**other):
    return AuditRow(
        **{"at": NOW, "actor": "Anna", "login": "anna", "act": "a", "action": "book", "entity": "visit:V1"} | other
    )


@pytest.fixture
def own(session):
    """The key of a patient of a site."""
    site = SiteRow(code="01", name="Brussels", zone="Europe/Brussels")
    session.add(site)
    session.flush()
    row = patient(site_id=site.id)
    session.add(row)
    session.flush()
    return row.id


# ---- words


@pytest.mark.parametrize("word", ["PLANNED", "Planned", "done", "", "planned "])
def test_a_foreign_word_is_refused_before_it_reaches_the_database(session, own, word):
    session.add(VisitRow(patient_id=own, code="V1", state=word))

    with pytest.raises(StatementError, match="is not among the defined enum values"):
        session.flush()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO visit (patient_id, code, state) VALUES (:own, 'V1', 'PLANNED')",
        "INSERT INTO visit (patient_id, code, state) VALUES (:own, 'V1', '')",
        "UPDATE patient SET ended_because = 'boredom' WHERE id = :own",
        "UPDATE patient SET dose_level = 0 WHERE id = :own",
        (
            "INSERT INTO audit (at, actor, login, role, act, action, entity, reason) "
            "VALUES ('2025-02-24 09:00:00', 'A', 'a', 'king', 'a', 'b', 'c', '')"
        ),
    ],
)
def test_what_goes_past_the_program_is_refused_by_the_database(session, own, statement):
    with pytest.raises(IntegrityError, match=r"(?i)check constraint"):
        session.execute(text(statement), {"own": own})


@pytest.mark.parametrize("state", State)
def test_each_state_is_kept_as_its_word_and_comes_back_as_itself(session, own, state):
    session.add(VisitRow(patient_id=own, code="V1", state=state))
    session.flush()
    session.expire_all()

    assert session.execute(text("SELECT state FROM visit")).scalar_one() == state.value
    assert session.exec(select(VisitRow)).one().state is state


@pytest.mark.parametrize("ended", [None, *Ended])
def test_each_reason_to_end_is_kept_as_its_word_and_comes_back_as_itself(session, own, ended):
    session.get_one(PatientRow, own).ended_because = ended
    session.flush()
    session.expire_all()

    assert session.execute(text("SELECT ended_because FROM patient")).scalar_one() == (ended and ended.value)
    assert session.get_one(PatientRow, own).ended_because is ended


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_is_kept_as_its_word_and_comes_back_as_itself(session, role):
    session.add(audit(role=role))
    session.flush()
    session.expire_all()

    assert session.execute(text("SELECT role FROM audit")).scalar_one() == (role and role.value)
    assert session.exec(select(AuditRow)).one().role is role


def test_every_word_fits_into_its_column():
    assert max(len(word) for words in (State, Ended, Role) for word in words) <= 20


# ---- instants and days


def test_an_instant_without_its_distance_from_utc_is_refused(session):
    session.add(audit(at=datetime(2025, 2, 24, 9)))  # noqa: DTZ001  # this is what is refused

    with pytest.raises(StatementError, match=r"(?i)naive|timezone"):
        session.flush()


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        datetime(2025, 2, 24, 10, tzinfo=timezone(timedelta(hours=1))),
        datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
    ids=str,
)
def test_an_instant_comes_back_in_utc(session, instant):
    session.add(audit(at=instant))
    session.flush()
    session.expire_all()

    found = session.exec(select(AuditRow)).one().at
    assert (found, found.utcoffset()) == (instant, timedelta())


def test_a_day_comes_back_as_a_day(session, own):
    session.add(DateRow(patient_id=own, code="day_one", day=date(2025, 3, 3)))
    session.flush()
    session.expire_all()

    assert session.exec(select(DateRow)).one().day == date(2025, 3, 3)


# ---- what hangs together


@pytest.mark.parametrize(
    "row",
    [
        lambda: patient(site_id=987_654),
        lambda: ContactRow(patient_id=987_654),
        lambda: DateRow(patient_id=987_654, code="d"),
        lambda: VisitRow(patient_id=987_654, code="V1", state=State.PLANNED),
        lambda: AcceptanceRow(patient_id=987_654, rule="window", visit="V1", reason="r"),
        lambda: audit(patient_id=987_654),
    ],
    ids=["patient", "contact", "date", "visit", "acceptance", "audit"],
)
def test_nothing_is_of_a_patient_or_site_that_there_is_not(session, row):
    session.add(row())

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.flush()


def test_a_site_with_patients_cannot_be_deleted(session, own):
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(text("DELETE FROM site"))


def test_a_patient_with_facts_cannot_be_deleted(session, own):
    session.add(DateRow(patient_id=own, code="day_one", day=date(2025, 3, 3)))
    session.flush()

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(text("DELETE FROM patient"))


def test_a_subject_number_and_an_id_in_addresses_are_given_once(session, own):
    first = session.get_one(PatientRow, own)

    for given in ({"public_id": "q" * 22}, {"subject_id": "01-002"}):
        with session.begin_nested() as nested:
            session.add(patient(site_id=first.site_id, **given))
            with pytest.raises(IntegrityError):
                session.flush()
            nested.rollback()


def test_a_login_is_given_once(session):
    session.add(StaffRow(public_id="a" * 22, login="anna", name="Anna", role=Role.NURSE, created_at=NOW))
    session.flush()

    session.add(StaffRow(public_id="b" * 22, login="anna", name="Anna", role=Role.NURSE, created_at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_deviation_is_accepted_once_for_each_rule_and_visit(session, own):
    session.add_all(AcceptanceRow(patient_id=own, rule="window", visit="V1", reason=each) for each in ("one", "two"))

    with pytest.raises(IntegrityError):
        session.flush()


def test_no_table_keeps_a_day_that_is_derived(migrated):
    """Target, window, live days, study day, overdue: never stored. Closures and opened days are a person's own."""
    columns = {
        f"{table}.{column['name']}"
        for table in Table.metadata.tables
        for column in inspect(migrated.engine).get_columns(table)
        if column["type"].python_type is date
    }

    of_the_site = {"closure.first", "closure.last", "opened.day"}
    seen = {"feed.used_on", "patient_word.day"}  # when a calendar came, and of which day the patient spoke
    known = {"named_date.day", "visit.day", "visit.end", "visit.taken_for", "patient.ended_on"}
    assert columns == known | of_the_site | seen
