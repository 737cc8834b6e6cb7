"""The chain of the audit trail: what was done to a row shows, on both engines, whoever did it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from planner.core.history import Broken, Fault, Head
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services.work import Office
from planner.store import audit
from planner.store.chain import BEGINNING
from planner.store.database import Database, connect
from planner.store.migrations import upgrade
from tests.conftest import AUDIT_KEY
from tests.tampering import unguarded

ANNA = Actor("anna", "Anna Péeters", Role.NURSE, frozenset({"01"}))
AT = datetime(2025, 2, 24, 9, tzinfo=UTC)


@pytest.fixture
def work_on(database):
    return Office(database, clock=lambda: AT)


@pytest.fixture
def written(work_on):
    """Writes rows, one transaction for each group of entities."""

    def write(*groups):
        for entities in groups:
            with work_on.begin(ANNA) as work:
                for entity in entities:
                    change = (None, {"day": "2025-03-03", "note": "ä € 漢"})
                    audit.write(work.session, work.stamp("book", "why\nnot"), entity, change, None)

    return write


@pytest.fixture
def verdict(work_on):
    def read(since=None):
        with work_on.look(COMMAND_LINE) as work:
            return audit.verify(work.session, since)

    return read


@pytest.fixture
def head(work_on):
    def read():
        with work_on.look(COMMAND_LINE) as work:
            return audit.head(work.session)

    return read


@pytest.fixture
def tamper(database):
    """Statements of somebody who may do everything to the database."""

    def do(*statements):
        with unguarded(database) as connection:
            for statement in statements:
                connection.execute(text(statement))

    return do


def fell(found):
    return found.broken, found.intact


# ---- a chain that is whole


def test_a_chain_without_rows_is_whole(verdict, head):
    found = verdict()

    assert (found.rows, found.older, found.intact, head()) == (0, 0, True, Head(0, BEGINNING))


def test_rows_of_one_and_of_several_transactions_are_one_chain(written, verdict, head, database):
    written(["visit:A", "visit:B", "visit:C"], ["visit:D"], ["visit:E", "visit:F"])

    with Session(database.engine) as session:
        rows = session.execute(text("SELECT id, previous, mac FROM audit ORDER BY id")).all()

    assert [row.id for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.previous for row in rows] == [BEGINNING, *(row.mac for row in rows[:-1])]
    assert head() == Head(6, rows[-1].mac)
    assert (verdict().rows, verdict().intact) == (6, True)


def test_what_was_not_saved_leaves_no_gap(written, verdict, work_on):
    written(["visit:A"])
    with work_on.begin(ANNA) as work:
        audit.write(work.session, work.stamp("book"), "visit:B", (None, None), None)
        work.session.rollback()
    written(["visit:C"])

    assert (verdict().rows, verdict().intact) == (2, True)


def test_four_who_write_at_once_leave_one_chain(work_on, verdict):
    def write(number):
        with work_on.begin(ANNA) as work:
            stamp = work.stamp("book")
            for part in "AB":
                audit.write(work.session, stamp, f"visit:{number}{part}", (None, {"day": None}), None)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(write, number) for number in range(40)]:
            done.result()

    assert (verdict().rows, verdict().intact) == (80, True)


def test_rows_older_than_the_chain_are_counted_and_not_judged(empty):
    upgrade(empty, "0001")
    old = "INSERT INTO audit (at, actor, login, act, action, entity, reason) VALUES (:at, 'A', 'a', 'a', 'b', 'c', '')"
    with empty.engine.begin() as connection:
        for _ in range(3):
            connection.execute(text(old), {"at": AT.replace(tzinfo=None) if empty.is_sqlite else AT})
    upgrade(empty)
    keyed = connect(empty.engine.url.render_as_string(hide_password=False), AUDIT_KEY)
    with Office(keyed).begin(ANNA) as work:
        audit.write(work.session, work.stamp("book"), "visit:A", (None, None), None)

    with Office(keyed).look(ANNA) as work:
        found = audit.verify(work.session)

    keyed.close()
    assert (found.rows, found.older, found.last.seq, found.intact) == (1, 3, 4, True)


# ---- a chain that is not


@pytest.fixture
def five(written):
    written(["visit:A", "visit:B"], ["visit:C"], ["visit:D"], ["visit:E"])


@pytest.mark.parametrize(
    "edit",
    [
        "reason = 'another'",
        "new = NULL",
        "old = '{}'",
        "actor = 'Bert'",
        "login = 'bert'",
        "role = 'monitor'",
        "role = NULL",
        "at = '2025-02-23 09:00:00+00:00'",
        "act = 'x'",
        "action = 'enrol'",
        "entity = 'visit:Z'",
        "mac = NULL",
        "previous = NULL",
        f"mac = '{'f' * 64}'",
        f"previous = '{'f' * 64}'",
    ],
)
def test_an_edited_row_is_found(five, tamper, verdict, database, edit):
    change = edit.replace("+00:00", "") if database.is_sqlite else edit
    tamper(f"UPDATE audit SET {change} WHERE id = 3")  # noqa: S608  # what the test is about

    assert fell(verdict()) == (Broken(3, Fault.EDITED), False)


def test_a_row_that_was_deleted_in_the_middle_is_missing(five, tamper, verdict):
    tamper("DELETE FROM audit WHERE id = 3")

    assert fell(verdict()) == (Broken(3, Fault.MISSING), False)


def test_the_first_row_cannot_be_deleted_either(five, tamper, verdict):
    tamper("DELETE FROM audit WHERE id = 1")

    assert verdict().intact is False


def test_a_deleted_row_is_found_though_those_after_it_are_counted_anew(five, tamper, verdict):
    tamper(
        "DELETE FROM audit WHERE id = 3", "UPDATE audit SET id = 3 WHERE id = 4", "UPDATE audit SET id = 4 WHERE id = 5"
    )

    assert fell(verdict()) == (Broken(3, Fault.EDITED), False)


def test_two_rows_that_changed_places_are_found(five, tamper, verdict):
    tamper(*(f"UPDATE audit SET id = {to} WHERE id = {of}" for of, to in ((2, 99), (3, 2), (99, 3))))  # noqa: S608

    assert fell(verdict()) == (Broken(2, Fault.MOVED), False)


def test_rows_that_lost_their_seals_are_no_older_rows(five, tamper, verdict):
    tamper("UPDATE audit SET mac = NULL, previous = NULL WHERE id < 3")

    assert verdict().intact is False


def test_a_cut_end_shows_against_the_head(five, tamper, verdict):
    tamper("DELETE FROM audit WHERE id > 3")

    found = verdict()

    assert (found.broken, found.last.seq, found.head.seq, found.intact) == (None, 3, 5, False)


def test_an_end_cut_off_with_the_head_shows_against_a_head_written_down(five, tamper, verdict, head, database):
    written_down = head()
    with Session(database.engine) as session:
        mac = session.execute(text("SELECT mac FROM audit WHERE id = 3")).scalar_one()
    tamper("DELETE FROM audit WHERE id > 3", f"UPDATE audit_head SET seq = 3, mac = '{mac}'")  # noqa: S608

    assert (verdict().intact, verdict(written_down).intact, verdict(written_down).kept) == (True, False, False)


def test_a_head_written_down_earlier_is_still_in_a_chain_that_grew(five, written, verdict, head):
    written_down = head()
    written(["visit:F"])

    assert (verdict(written_down).intact, verdict(Head(0, BEGINNING)).intact) == (True, True)


def test_a_head_that_is_gone_is_found(five, tamper, verdict):
    tamper("DELETE FROM audit_head")

    assert (verdict().head, verdict().intact) == (None, False)


def test_whoever_has_another_key_finds_the_first_row_broken(five, database):
    other = connect(database.engine.url.render_as_string(hide_password=False), AUDIT_KEY + "x")
    with Office(other).look(ANNA) as work:
        found = audit.verify(work.session)

    other.close()
    assert fell(found) == (Broken(1, Fault.EDITED), False)


def test_without_a_key_nothing_is_written(database, verdict):
    other = connect(database.engine.url.render_as_string(hide_password=False))
    with pytest.raises(ValueError, match="connect with the audit key"), Office(other).begin(ANNA) as work:
        audit.write(work.session, work.stamp("book"), "visit:A", (None, None), None)

    other.close()
    assert verdict().rows == 0


# ---- the database refuses


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'another' WHERE id = 3",
        "UPDATE audit SET mac = NULL",
        "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_row(five, database, verdict, statement):
    with pytest.raises(DBAPIError, match="never changed or deleted"), database.engine.begin() as connection:
        connection.execute(text(statement))

    assert (verdict().rows, verdict().intact) == (5, True)


def test_no_way_around_the_triggers_is_left_open(five, database, verdict):
    """SQLite replaces a row without calling it a deletion, PostgreSQL empties a table so."""
    around = (
        "INSERT OR REPLACE INTO audit (id, at, actor, login, act, action, entity, reason) "
        "VALUES (3, '2025-02-24 09:00:00', 'A', 'a', 'a', 'b', 'c', '')"
        if database.is_sqlite
        else "TRUNCATE audit"
    )

    with pytest.raises(DBAPIError, match="never changed or deleted"), database.engine.begin() as connection:
        connection.execute(text(around))

    assert (verdict().rows, verdict().intact) == (5, True)


def test_the_key_is_in_no_row_of_the_database(five, database: Database):
    with database.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        held = [str(row) for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]  # noqa: S608

    assert len(held) >= 6
    assert [row for row in held if AUDIT_KEY in row] == []
