"""The engines: how each begins, who waits for whom, and who may serve a SQLite file."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from planner.core.errors import Refused
from planner.exports.refusals import sentence
from planner.store.database import connect, serve_alone
from planner.store.migrations import upgrade

ROOT = Path(__file__).parents[2]
SERVER = """
import sys, time
from planner.core.errors import PlannerError
from planner.exports.refusals import sentence
from planner.store.database import connect, serve_alone
try:
    place = serve_alone(connect(sys.argv[1]))
except PlannerError as error:
    print(sentence(error), flush=True)
else:
    print("serving", flush=True)
    time.sleep(600)
"""


def pragma(connection, name):
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.fixture
def file(sqlite):
    """A SQLite database of its own, with one site's table."""
    database = connect(sqlite)
    upgrade(database)
    yield database
    database.close()


# ---- SQLite


def test_every_connection_to_sqlite_is_set_up_alike(file):
    reading = file.engine.execution_options(write=False)

    with reading.connect() as one, reading.connect() as other:
        for connection in (one, other):
            found = {name: pragma(connection, name) for name in ("foreign_keys", "journal_mode", "synchronous")}
            assert found == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}
            assert pragma(connection, "busy_timeout") == 10_000


def begun(database, **options):
    """The words with which transactions began."""
    said = []
    with database.engine.connect().execution_options(**options) as connection:
        raw = connection.connection.driver_connection
        raw.set_trace_callback(said.append)
        connection.exec_driver_sql("SELECT 1")
        raw.set_trace_callback(None)
    return [words for words in said if words.startswith("BEGIN")]


def test_a_write_takes_its_lock_at_once_and_a_read_takes_none(file):
    with file.engine.connect():
        pass

    assert (begun(file), begun(file, write=False)) == (["BEGIN IMMEDIATE"], ["BEGIN"])


def test_a_second_writer_does_not_begin_while_another_one_writes(file):
    with file.engine.connect() as first, file.engine.connect() as second:
        raw = second.connection.driver_connection
        raw.execute("PRAGMA busy_timeout=50")
        first.exec_driver_sql("SELECT 1")

        with pytest.raises(OperationalError, match="database is locked"):
            second.exec_driver_sql("SELECT 1")


def test_one_write_at_a_time_enters_sqlite_and_postgresql_needs_no_queue(migrated):
    with migrated.writing:
        free = migrated.writing.acquire(blocking=False) if migrated.is_sqlite else True

    assert free is not migrated.is_sqlite


def test_a_database_in_memory_needs_no_folder_and_no_place():
    database = connect("sqlite://")

    assert serve_alone(database) is None
    with database.engine.connect() as connection:
        assert pragma(connection, "foreign_keys") == 1
    database.close()


def test_a_folder_that_there_is_not_is_told(tmp_path):
    with pytest.raises(Refused) as error:
        connect(f"sqlite:///{tmp_path}/missing/planner.db")

    assert sentence(error.value) == f"There is no folder {tmp_path}/missing. Make it, or name another one."


# ---- both


def test_a_read_does_not_wait_for_a_writer(office, database):
    """While one transaction has written and not yet saved, another one reads what was before."""
    written, done = Event(), Event()

    def write():
        with office.begin(None) as work:
            work.session.execute(text("UPDATE site SET name = 'Bruges'"))
            written.set()
            done.wait(30)

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(write)
        written.wait(30)
        with office.look(None) as work:
            before = work.session.execute(text("SELECT name FROM site WHERE code = '01'")).scalar_one()
        done.set()
        writer.result()
    with office.look(None) as work:
        after = work.session.execute(text("SELECT name FROM site WHERE code = '01'")).scalar_one()

    assert (before, after) == ("Brussels", "Bruges")


def test_many_writers_at_once_all_come_through(office):
    def count():
        with office.begin(None) as work:
            work.session.execute(text("UPDATE site SET version = version + 1 WHERE code = '01'"))

    with ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(count) for _ in range(160)]:
            done.result()

    with office.look(None) as work:
        assert set(work.session.execute(text("SELECT version FROM site WHERE code = '01'")).scalars()) == {161}


def test_what_is_saved_is_there_for_the_next_process(file, sqlite):
    with file.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sign_in_failure VALUES ('a', 1, :now)"), {"now": datetime(2025, 2, 24, tzinfo=UTC)}
        )
    file.close()

    again = connect(sqlite)
    with again.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT failures FROM sign_in_failure").scalar_one() == 1
    again.close()


def test_nobody_waits_for_ever(migrated):
    """Ten seconds for SQLite's lock; on PostgreSQL five for a lock, ten for any statement."""
    asked, wanted = (
        ("PRAGMA {}", {"busy_timeout": 10_000})
        if migrated.is_sqlite
        else ("SHOW {}", {"statement_timeout": "10s", "lock_timeout": "5s"})
    )

    with migrated.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(asked.format(name)).scalar_one() for name in wanted}

    assert found == wanted


# ---- one process on SQLite


@pytest.fixture
def server(sqlite):
    """Starts a process that takes the place to serve the file, and gives it with what it said."""
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, sqlite], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def taken(sqlite):
    place = sqlite.removeprefix("sqlite:///")
    return (
        f"The database {place} is served by another process already, and SQLite takes one only. Stop that one, serve "
        "with a single worker, or move to PostgreSQL."
    )


def test_a_second_process_is_refused_with_a_sentence(server, sqlite):
    _, first = server()
    _, second = server()

    assert (first, second) == ("serving", taken(sqlite))


def test_this_process_is_refused_while_another_one_serves(server, sqlite):
    server()

    with pytest.raises(Refused) as error:
        serve_alone(connect(sqlite))

    assert sentence(error.value) == taken(sqlite)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_the_place_is_free_again_however_the_process_ended(server, how):
    process, first = server()

    process.send_signal(how)
    process.wait(30)
    _, second = server()

    assert (first, second) == ("serving", "serving")


def test_the_place_is_held_while_it_is_kept_and_free_once_it_is_closed(server, sqlite):
    place = serve_alone(connect(sqlite))
    _, meanwhile = server()
    place.close()

    _, afterwards = server()

    assert (meanwhile, afterwards) == (taken(sqlite), "serving")


def test_postgresql_is_served_by_as_many_as_like(migrated):
    if migrated.is_sqlite:
        place = serve_alone(migrated)
        assert place is not None
        place.close()
    else:
        assert [serve_alone(migrated), serve_alone(migrated)] == [None, None]
