"""planner audit: whether the history is whole, in a sentence and an exit status."""

from __future__ import annotations

import pytest

from planner.cli.audit import FAULTS
from planner.core.history import Fault
from planner.core.staff import COMMAND_LINE
from planner.services import history
from planner.services.work import Office
from planner.store.database import connect
from tests.tampering import unguarded

KEY, OTHER = "another key of the tests with 40 letters or more", "yet another key of the tests, 40 letters or more"
ADVICE = "Keep the database as it is, and compare it with a backup.\n"


@pytest.fixture
def url(monkeypatch, tmp_path):
    """The settings of a server with a SQLite file; its address."""
    address = f"sqlite:///{tmp_path / 'planner.db'}"
    monkeypatch.setenv("PLANNER_SECRET_KEY", "a key of the tests with 40 letters or more")
    monkeypatch.setenv("PLANNER_AUDIT_KEY", KEY)
    monkeypatch.setenv("PLANNER_TRUSTED_HOSTS", "localhost")
    monkeypatch.setenv("PLANNER_DATABASE_URL", address)
    return address


@pytest.fixture
def three(run, url):
    """A database in which three rows were written."""
    run("migrate")
    for code in ("01", "02", "03"):
        run("add-site", "--code", code, "--name", f"Hospital {code}")


def tamper(url, *statements):
    database = connect(url)
    with unguarded(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    database.close()


def head_of(url):
    database = connect(url, KEY)
    with Office(database).look(COMMAND_LINE) as work:
        found = history.head(work)
    database.close()
    return found


def test_a_whole_history_is_told_with_its_head(run, three, url):
    ran = run("audit", "verify")

    assert (ran.status, ran.out, ran.err) == (
        0,
        f"Intact: 3 rows of the history stand as they were written. Head: {head_of(url)}\n",
        "",
    )


def test_the_head_is_printed_to_be_kept_elsewhere(run, three, url):
    ran = run("audit", "head")

    assert (ran.status, ran.out, ran.err) == (0, f"{head_of(url)}\n", "")
    assert run("audit", "verify", "--since", ran.out.strip()).status == 0


@pytest.mark.parametrize(("off", "status"), [(0, 0), (1, 1)])
def test_the_sixteen_digits_of_a_paper_are_enough(run, three, url, off, status):
    """The last digit is right, or another one."""
    found = head_of(url)
    typed = found.mac[:15] + f"{(int(found.mac[15], 16) + off) % 16:x}"

    assert run("audit", "verify", "--since", f"{found.seq}:{typed}").status == status


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (
            ["UPDATE audit SET actor = 'Eve' WHERE id = 2"],
            f"row 2 of the history {FAULTS[Fault.EDITED]}.",
        ),
        (["DELETE FROM audit WHERE id = 2"], "row 2 of the history is missing."),
        (
            [f"UPDATE audit SET id = {to} WHERE id = {of}" for of, to in ((1, 9), (2, 1), (9, 2))],  # noqa: S608
            "row 1 of the history stands where another row stood.",
        ),
        (
            ["DELETE FROM audit WHERE id = 3"],
            "the rows end at 2, the head of the chain says 3: rows were cut off.",
        ),
        (["DELETE FROM audit_head"], "the rows end at 3, the head of the chain is gone: rows were cut off."),
    ],
)
def test_what_is_broken_is_told_in_a_sentence(run, three, url, statements, words):
    tamper(url, *statements)

    ran = run("audit", "verify")

    assert (ran.status, ran.out, ran.err) == (1, f"Broken: {words} {ADVICE}", "")


def test_an_end_cut_off_with_its_head_is_found_with_what_was_written_down(run, three, url):
    head = head_of(url)
    tamper(
        url,
        "UPDATE audit_head SET seq = 2, mac = (SELECT mac FROM audit WHERE id = 2)",
        "DELETE FROM audit WHERE id = 3",
    )

    ran = run("audit", "verify", "--since", head)

    assert run("audit", "verify").status == 0
    assert (ran.status, ran.out) == (
        1,
        f"Broken: row 3 is not as it was written down: the end was cut off or changed. {ADVICE}",
    )


def test_another_key_finds_the_first_row_broken(run, three, monkeypatch):
    monkeypatch.setenv("PLANNER_AUDIT_KEY", OTHER)

    ran = run("audit", "verify")

    assert ran.status == 1
    assert "PLANNER_AUDIT_KEY is not the key" in ran.out


@pytest.mark.parametrize("text", ["", "7", "7:abc", f"7:{'G' * 64}", f"-1:{'a' * 64}", f"x:{'a' * 64}"])
def test_a_head_that_cannot_be_read_is_refused_with_its_form(run, three, text):
    ran = run("audit", "verify", "--since", text)

    assert (ran.status, ran.out) == (2, "")
    assert (
        "write it as planner audit head prints it: a number, a colon, 64 letters or figures (from paper: 16)" in ran.err
    )


@pytest.mark.parametrize("command", ["verify", "head"])
def test_the_database_and_its_key_are_enough(run, three, monkeypatch, command):
    for name in ("PLANNER_SECRET_KEY", "PLANNER_TRUSTED_HOSTS"):
        monkeypatch.delenv(name)

    assert run("audit", command).status == 0


def test_every_setting_of_the_history_that_is_missing_is_named_and_no_other(run, three, monkeypatch):
    for name in ("PLANNER_SECRET_KEY", "PLANNER_TRUSTED_HOSTS", "PLANNER_AUDIT_KEY", "PLANNER_DATABASE_URL"):
        monkeypatch.delenv(name)

    ran = run("audit", "head")

    assert (ran.status, [word for word in ran.err.split() if word.startswith("PLANNER_")]) == (
        2,
        ["PLANNER_AUDIT_KEY", "PLANNER_DATABASE_URL"],
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "PLANNER_AUDIT_KEY is missing."),
        ("short", "PLANNER_AUDIT_KEY must have 32 bytes at least"),
        ("a" * 40, "PLANNER_AUDIT_KEY is easy to guess"),
        ("a key of the tests with 40 letters or more", "PLANNER_AUDIT_KEY must differ from the secret key"),
    ],
)
def test_an_unsafe_key_is_refused_at_the_start(run, url, monkeypatch, key, words):
    monkeypatch.delenv("PLANNER_AUDIT_KEY")
    if key is not None:
        monkeypatch.setenv("PLANNER_AUDIT_KEY", key)

    ran = run("audit", "verify")

    assert (ran.status, ran.out) == (2, "")
    assert words in ran.err
