"""The commands that work on a database: what they say where it is missing, unreadable, old, or served."""

from __future__ import annotations

import pytest

from planner.store.database import connect, serve_alone
from planner.store.migrations import upgrade

UNREADABLE = (
    "planner: the database of PLANNER_DATABASE_URL cannot be reached or read: check its address, whether it runs, and "
    "whether it lets this user in\n"
)
COMMANDS = {
    "run": ("run",),
    "migrate": ("migrate",),
    "add-site": ("add-site", "--code", "01", "--name", "Brussels"),
    "create-admin": ("create-admin", "--login", "ada", "--name", "Ada"),
}


@pytest.fixture
def settled(monkeypatch, tmp_path):
    """The settings of a server with a SQLite file; the file."""
    path = tmp_path / "planner.db"
    monkeypatch.setenv("PLANNER_SECRET_KEY", "a key of the tests with 40 letters or more")
    monkeypatch.setenv("PLANNER_AUDIT_KEY", "another key of the tests with 40 letters or more")
    monkeypatch.setenv("PLANNER_TRUSTED_HOSTS", "localhost")
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_none_is_told_in_one_sentence(run, settled, command):
    settled.write_text("no database " * 1000)

    ran = run(*COMMANDS[command])

    assert (ran.status, ran.out, ran.err) == (2, "", UNREADABLE)


@pytest.mark.parametrize("words", [("run",), ("audit", "verify"), ("check-zones", "--dry-run"), COMMANDS["add-site"]])
def test_where_there_is_no_file_none_is_made(run, settled, words):
    ran = run(*words)

    assert (ran.status, ran.out, settled.exists()) == (2, "", False)
    assert ran.err == (
        f"planner: there is no database {settled}: correct PLANNER_DATABASE_URL. A new one is made by: ./run migrate\n"
    )


def test_zones_are_checked_with_the_settings_of_the_database_alone(run, settled, monkeypatch):
    assert run("migrate").status == 0
    for name in ("SECRET_KEY", "TRUSTED_HOSTS"):
        monkeypatch.delenv(f"PLANNER_{name}")

    assert run("check-zones", "--dry-run").status == 0


@pytest.mark.enable_socket
@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_does_not_answer_is_told_in_one_sentence(run, settled, free_port, monkeypatch, command):
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"postgresql://nobody:secret@127.0.0.1:{free_port}/planner")

    ran = run(*COMMANDS[command])

    assert (ran.status, ran.out, ran.err) == (2, "", UNREADABLE)


@pytest.mark.parametrize("command", ["run", "add-site", "create-admin"])
def test_an_empty_database_asks_for_migrate(run, settled, command):
    settled.touch()  # a database of SQLite without a table

    ran = run(*COMMANDS[command])

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith("Run: ./run migrate\n")


def test_a_served_database_is_not_migrated(run, settled):
    database = connect(f"sqlite:///{settled}")
    upgrade(database)

    with serve_alone(database):
        ran = run("migrate")

    database.close()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"planner: The database {settled} is served by another process already")
