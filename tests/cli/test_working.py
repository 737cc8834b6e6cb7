"""planner worker: its settings, and a real process that sends and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from huey.exceptions import TaskException
from huey.serializer import Serializer

from planner.core.disclosure import Detail
from planner.core.patients import Contact, Site, Wishes
from planner.core.staff import COMMAND_LINE
from planner.services import cases, contacts, patients, sites, visits
from planner.services.patients import Enrolment
from planner.services.work import Office, by_the_clock
from planner.store.database import connect
from planner.store.migrations import upgrade
from planner.worker import queue

ROOT = Path(__file__).parents[2]
KEY = "another key of the tests with 40 letters or more"
SHRINK = ("NCT03310008", "0.1 illustrative")
SOON = 120


@pytest.fixture
def settled(monkeypatch, tmp_path):
    """The settings of a worker that writes into a folder, on a database of the newest version; that folder."""
    folder = tmp_path / "mails"
    folder.mkdir()
    monkeypatch.setenv("PLANNER_AUDIT_KEY", KEY)
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"sqlite:///{tmp_path}/planner.db")
    monkeypatch.setenv("PLANNER_MAIL_FROM", "visits@hospital.example")
    monkeypatch.setenv("PLANNER_MAIL_FOLDER", str(folder))
    database = connect(f"sqlite:///{tmp_path}/planner.db", KEY)
    upgrade(database)
    database.close()
    return folder


ONE_ADDRESS = "PLANNER_MAIL_FROM must be one plain address, such as visits@hospital.example."
ONE_WAY = "PLANNER_MAIL_FOLDER must be given where PLANNER_SMTP_URL is not, and only there: mails go one way."


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAIL_FROM", None, "PLANNER_MAIL_FROM is missing."),
        ("MAIL_FROM", "Zoe <zoe@x.example>", ONE_ADDRESS),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example", ONE_ADDRESS),
        ("MAIL_FOLDER", "/nowhere", "PLANNER_MAIL_FOLDER must name a folder that is there."),
        ("MAIL_FOLDER", None, ONE_WAY),
        ("SMTP_URL", "smtp://u:hush@mail.example", ONE_WAY),
        (
            "SMTP_URL",
            "http://u:hush@mail.example",
            "PLANNER_SMTP_URL must be written as smtp://user:password@host:587 or smtps://user:password@host:465.",
        ),
        (
            "QUEUE_URL",
            "amqp://u:hush@mail.example",
            "PLANNER_QUEUE_URL must begin with sqlite://, redis://, rediss:// or postgresql://.",
        ),
    ],
)
def test_a_worker_with_unsafe_settings_is_not_started_and_no_password_is_shown(
    run, settled, monkeypatch, name, value, words
):
    if value is None:
        monkeypatch.delenv(f"PLANNER_{name}")
    else:
        monkeypatch.setenv(f"PLANNER_{name}", value)

    ran = run("worker")

    assert (ran.status, ran.out, "hush" in ran.err) == (2, "", False)
    assert ran.err == f"planner: The planner is not started, its settings are not safe:\n{words}\n"


def booked(folder):
    """A patient who agreed to mails has a visit some weeks ahead, booked an hour ago by the clock of this machine."""
    database = connect(f"sqlite:///{folder.parent}/planner.db", KEY)
    now = by_the_clock() - timedelta(hours=1)
    start = now.date() + timedelta(days=35 - now.date().weekday())
    with Office(database, clock=lambda: now).begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE"))
        wanted = Enrolment(
            subject_id="01-001",
            site="01",
            protocol=SHRINK,
            day_one=start,
            registration=None,
            dose_level=1,
            phase="escalation",
            language="fr",
        )
        new = patients.enrol(work, wanted)
        contacts.write_contact(work, new.public_id, new.version, Contact("", "zoe@home.example", ""))
        contacts.agree(work, new.public_id, new.version + 1, Wishes(mail=Detail.STANDARD))
        case = cases.case(work, new.public_id)
        visit = next(v for v in case.schedule.visits if v.encounter.attended and v.live and v.day and v.day > start)
        visits.book(work, new.public_id, new.version + 2, visit.code, visit.day)
    return database


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_sends_what_waits_and_ends_when_it_is_told_to(settled, number):
    database = booked(settled)
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "planner", "worker"], stderr=subprocess.PIPE, text=True, env=surroundings
    ) as process:
        said = process.stderr.readline()
        while not (found := list(settled.glob("*.eml"))) and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(number)
        left, rest = process.wait(SOON), process.stderr.read()

    database.close()
    assert said == f"The worker sends into {settled} as visits@hospital.example; Ctrl-C ends it.\n"
    assert (left, rest, len(found)) == (0, "", 1)
    assert b"To: zoe@home.example\r\n" in found[0].read_bytes()


def test_the_queue_of_a_worker_stands_beside_its_database_or_in_memory(tmp_path):
    beside = queue("", str(tmp_path / "planner.db"), KEY)
    named = queue(f"sqlite:///{tmp_path}/own.queue", str(tmp_path / "planner.db"), KEY)
    memory = queue("", None, KEY)

    assert [type(one).__name__ for one in (beside, named, memory)] == ["SqliteHuey", "SqliteHuey", "MemoryHuey"]
    assert {path.name for path in tmp_path.iterdir() if path.suffix == ".queue"} == {"planner.db.queue", "own.queue"}
    beside.storage.close()
    named.storage.close()


def test_a_message_that_somebody_else_wrote_into_the_queue_is_not_run():
    kept = queue("", None, KEY)
    run = []
    task = kept.task(name="planted")(lambda: run.append(1))
    forged = Serializer().serialize(kept.serializer.deserialize(kept.serialize_task(task.s())))
    kept.storage.enqueue(forged)

    with pytest.raises((ValueError, TaskException)):
        kept.dequeue()

    assert run == []
