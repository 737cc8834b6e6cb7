"""The database's versions: from nothing to the newest, and the same tables as the program's, on both engines."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Enum, Integer, String, inspect
from sqlalchemy import Table as SqlTable
from sqlalchemy import text as sql
from sqlmodel import Session, select

from planner.core.errors import Refused
from planner.exports.refusals import sentence
from planner.store import outbox
from planner.store.migrations import must_be_newest, newest, upgrade
from planner.store.outbox_tables import OutboxRow
from planner.store.tables import Table, VisitRow

LONGEST_IDENTIFIER = 63
"""PostgreSQL cuts longer names without a word."""


def differences(database, metadata=Table.metadata):
    """What Alembic would change to make the database's tables those of the program."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, metadata)


def version(database):
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_the_tables_come_from_nothing(empty):
    upgrade(empty)

    assert set(inspect(empty.engine).get_table_names()) == {*Table.metadata.tables, "alembic_version"}
    assert version(empty) == newest()


def test_the_tables_after_the_migrations_are_those_of_the_program(migrated):
    assert differences(migrated) == []


def test_a_table_a_column_or_a_type_that_no_migration_made_is_found(migrated):
    planted = Table.metadata.__class__(naming_convention=Table.metadata.naming_convention)
    for table in Table.metadata.sorted_tables:
        table.to_metadata(planted)
    SqlTable("planted", planted, Column("id", Integer, primary_key=True))
    planted.tables["site"].append_column(Column("planted", Integer))
    planted.tables["patient"].c.seed.type = String(65)

    found = {change[0][0] if isinstance(change, list) else change[0] for change in differences(migrated, planted)}

    assert found == {"add_table", "add_column", "modify_type"}


def test_what_is_the_newest_already_is_left_as_it_is(empty):
    upgrade(empty)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO site (code, name, zone, weekends_closed, phone, emergency, version) "
            "VALUES ('01', 'Brussels', 'Europe/Brussels', true, '', '', 1)"
        )

    upgrade(empty)

    with empty.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT code FROM site").all() == [("01",)]
    assert (differences(empty), version(empty)) == ([], newest())


def test_each_version_comes_from_the_one_before(empty):
    """Step by step, as sites that skip no release do; today there is one step."""
    for step in ["0001", "head"]:
        upgrade(empty, step)

    assert differences(empty) == []


PATIENT = {
    "id": 1,
    "public_id": "p",
    "subject_id": "01-001",
    "site_id": 1,
    "protocol_id": "NCT03310008",
    "protocol_version": "0.1 illustrative",
    "dose_level": 1,
    "phase": "escalation",
    "language": "nl",
    "seed": "seed",
    "enrolled_at": "2025-02-24 09:00:00",
    "changed_at": "2025-02-24 09:00:00",
    "version": 1,
}
TOLD = (
    '{"seen": {"title": "", "arranged": "booked", "first": "2025-10-26", "last": "2025-10-26", "at": %s, "zone": %s, '
    '"minutes": 15}, "place": "Brussels", "language": "nl", "phone": "", "ready": "", "link": ""}'
)


def insert(connection, table, **values):
    names, places = ", ".join(f'"{name}"' for name in values), ", ".join(f":{name}" for name in values)
    connection.execute(sql(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608


def before_instants(database):
    """A database of version 0006 with bookings and messages of the night in which Brussels has 2:30 twice."""
    upgrade(database, "0006")
    message = {"kind": "invite", "sequence": 0, "stamp": "2025-02-24 09:00:00", "due_at": "2025-02-24 09:00:00"}
    message |= {"patient_id": 1, "code": "A", "address": "z@home.example", "alarm": True, "state": "sent"}
    with database.engine.begin() as connection:
        site = {"id": 1, "code": "01", "name": "Brussels", "zone": "Europe/Brussels", "phone": "", "emergency": ""}
        insert(connection, "site", **site, weekends_closed=True, version=1)
        insert(connection, "patient", **PATIENT)
        for code, at, later in (("A", "02:30:00", False), ("B", "02:30:00", True), ("C", None, False)):
            timed = {"at": at, "zone": at and "Europe/Brussels", "later": later}
            insert(connection, "visit", patient_id=1, code=code, state="booked", day="2025-10-26", **timed)
        for uid, at in (("a", '"02:30:00"'), ("b", '"02:30:00+"'), ("c", "null")):
            told = TOLD % (at, "null" if at == "null" else '"Europe/Brussels"')
            insert(connection, "outbox", **message, uid=uid, sight=told, attempts=1, error="")


def test_bookings_and_messages_of_before_get_the_instants_that_they_mean(empty):
    before_instants(empty)

    upgrade(empty)

    with Session(empty.engine) as session:
        visits = dict(session.exec(select(VisitRow.code, VisitRow.instant)).all())
        told = {row.uid: outbox.sight(row.sight).seen.instant for row in session.exec(select(OutboxRow))}
    first, second = (datetime(2025, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert visits == {"A": first, "B": second, "C": None}
    assert told == {"a": first, "b": second, "c": None}


def test_a_migration_that_breaks_leaves_nothing(empty):
    """A table of ours is there already, made by somebody else: the tables made before it are gone again."""
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (id INTEGER)")

    with pytest.raises(Exception, match="visit"):
        upgrade(empty)

    assert inspect(empty.engine).get_table_names() == ["visit"]


def test_a_database_of_the_newest_version_is_taken(migrated):
    assert must_be_newest(migrated) is None


def test_an_empty_database_is_refused_with_what_to_do(empty):
    with pytest.raises(Refused) as error:
        must_be_newest(empty)

    assert sentence(error.value) == (
        f"The database is of version none, this program needs {newest()}. Run: ./run migrate"
    )


def test_a_database_of_a_later_program_is_refused(empty):
    upgrade(empty)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(Refused) as error:
        must_be_newest(empty)

    assert error.value.values == {"found": "9999", "wanted": newest()}


def test_asking_for_the_version_waits_for_no_writer(migrated):
    with migrated.engine.connect() as writer:
        writer.exec_driver_sql("UPDATE site SET version = 2")

        assert must_be_newest(migrated) is None


def named(metadata):
    """Every name of a table, a column or a constraint."""
    for table in metadata.sorted_tables:
        yield table.name
        yield from (column.name for column in table.columns)
        yield from (each.name for each in (*table.constraints, *table.indexes))


def test_every_name_fits_into_the_63_characters_of_postgresql(migrated):
    names = {str(name) for name in named(Table.metadata)}

    assert {name for name in names if len(name) > LONGEST_IDENTIFIER} == set()
    assert max(map(len, names)) > 20


def test_every_constraint_of_the_database_has_the_name_that_a_migration_would_use(migrated):
    wanted = re.compile(r"(pk|uq|fk|ck|ix)_[a-z_]+")

    found = inspect(migrated.engine)
    names = [
        each["name"]
        for table in Table.metadata.tables
        for each in (
            found.get_pk_constraint(table),
            *found.get_unique_constraints(table),
            *found.get_foreign_keys(table),
            *found.get_check_constraints(table),
            *found.get_indexes(table),
        )
    ]

    assert [name for name in names if name is None or not wanted.fullmatch(name)] == []
    assert len(names) > 30


def checked_words(database):
    """Each column with a list of words, with the words that the database itself takes."""
    found = inspect(database.engine)
    for table in Table.metadata.tables:
        for check in found.get_check_constraints(table):
            words = re.findall(r"'([a-z_]+)'", check["sqltext"])
            if words:
                yield f"{table}.{check['name'].removeprefix(f'ck_{table}_')}", words


def test_the_database_takes_the_words_of_the_program_and_no_others(migrated):
    """Autogenerate does not see a widened enum: whoever adds a word writes its migration by hand, or this fails."""
    ours = {
        f"{table.name}.{column.name}": sorted(column.type.enums)
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Enum)
    }

    assert {column: sorted(words) for column, words in checked_words(migrated)} == ours
    assert set(ours) == {
        *("staff.role", "audit.role", "patient.ended_because", "visit.state", "visit.go"),
        *("outbox.kind", "outbox.state", "wishes.mail", "wishes.feed", "wishes.page"),
        *("feed.kind", "patient_word.word"),
    }
