"""planner check-zones: an upgrade of tzdata, as a package of another edition that Python finds first."""

from __future__ import annotations

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path

import pytest
from tzdata import IANA_VERSION

from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE
from planner.services import patients, sites, visits
from planner.services.patients import Enrolment
from planner.services.visits import How, Start
from planner.services.work import Office
from planner.store.database import connect
from planner.store.migrations import upgrade

ROOT = Path(__file__).parents[2]
YEAR = datetime.now(UTC).year + 1
"""The command looks at the clock of this machine: what is booked lies in the next year."""

DAY_ONE = next(date(YEAR, 6, day) for day in range(1, 8) if date(YEAR, 6, day).weekday() == 0)
KEY = "another key of the tests with 40 letters or more"
SETTINGS = {"SECRET_KEY": "a key of the tests with 40 letters or more", "AUDIT_KEY": KEY, "TRUSTED_HOSTS": "localhost"}
NOTHING = "Nothing moved: every visit to come is at the moment for which it was booked.\n"


@pytest.fixture
def booked(monkeypatch, tmp_path):
    """The settings of a planner with one patient, whose start is booked for 9:30 on a Monday in June."""
    url = f"sqlite:///{tmp_path}/planner.db"
    for name, value in (SETTINGS | {"DATABASE_URL": url}).items():
        monkeypatch.setenv(f"PLANNER_{name}", value)
    database = connect(url, KEY)
    upgrade(database)
    with Office(database).begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels"))
        wanted = Enrolment(
            subject_id="01-001",
            site="01",
            protocol=("NCT03310008", "0.1 illustrative"),
            day_one=DAY_ONE,
            registration=None,
            dose_level=1,
            phase="escalation",
            language="nl",
        )
        new = patients.enrol(work, wanted)
        visits.book(work, new.public_id, new.version, "C1D1", DAY_ONE, how=How(Start(time(9, 30))))
    database.close()


@pytest.fixture
def newer(tmp_path):
    """The folder of a package tzdata of a later edition, in which Brussels has no summer time."""
    place = tmp_path / "newer" / "tzdata"
    (place / "zoneinfo" / "Europe").mkdir(parents=True)
    for folder in (place, place / "zoneinfo", place / "zoneinfo" / "Europe"):
        (folder / "__init__.py").touch()
    (place / "__init__.py").write_text('IANA_VERSION = "2099z"\n')
    algiers = resources.files("tzdata.zoneinfo").joinpath("Africa", "Algiers").read_bytes()
    (place / "zoneinfo" / "Europe" / "Brussels").write_bytes(algiers)
    return place.parent


def check_zones(*words, first=ROOT, **surroundings):
    """The command in a process of its own, which finds packages in that folder first."""
    path = os.pathsep.join((str(first), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "planner", "check-zones", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path} | surroundings,
    )
    return done.returncode, done.stdout, done.stderr


def test_what_moved_is_listed_then_followed_and_is_nothing_the_second_time(booked, newer):
    line = (
        f"01-001 FOLFOX 1 (C1D1), Mon {DAY_ONE.day} Jun {YEAR} at 9:30 (Europe/Brussels): "
        f"{DAY_ONE} 07:30 UTC when it was booked, {DAY_ONE} 08:30 UTC now.\n"
    )
    said = "Time zones as of tzdata 2099z.\n"
    moved = "Booked visits that moved: 1. Of these, for a person: 0."

    assert check_zones() == (0, f"Time zones as of tzdata {IANA_VERSION}.\n{NOTHING}", "")
    assert check_zones("--dry-run", first=newer) == (0, f"{said}{line}{moved} Nothing is saved yet.\n", "")
    told = f"{said}{line}{moved} Whoever was told of one of them gets one update.\n"
    assert check_zones(first=newer) == (0, told, "")
    assert check_zones(first=newer) == (0, f"{said}{NOTHING}", "")


def test_the_files_of_the_machine_are_read_by_no_process_of_the_planner_whatever_it_is_told(booked, newer):
    """Only the package counts, even where the surroundings name other files."""
    machine = str(newer / "tzdata" / "zoneinfo")

    assert check_zones(PYTHONTZPATH=machine) == (0, f"Time zones as of tzdata {IANA_VERSION}.\n{NOTHING}", "")


def test_where_other_files_would_be_read_all_the_same_nothing_is_done(run, rules, booked, tmp_path):
    rules("Africa/Algiers")

    ran = run("check-zones")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"planner: Time zones would be read from files of this machine ({zoneinfo.TZPATH[0]}), which may differ from "
        "the pinned tzdata package. Start it as ./run does, with PYTHONTZPATH empty.\n"
    )


def test_a_time_that_needs_a_person_is_told_in_the_exit_status(run, booked, monkeypatch, tmp_path):
    """By hand: the booking is written as one of half past two in the night in which the clocks go on."""
    night = max(date(YEAR, 3, day) for day in range(25, 32) if date(YEAR, 3, day).weekday() == 6)
    database = connect(f"sqlite:///{tmp_path}/planner.db", KEY)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE visit SET day = '{night}', at = '02:30:00.000000'")  # noqa: S608
    database.close()

    ran = run("check-zones")

    told = (
        f"01-001 FOLFOX 1 (C1D1), Sun {night.day} Mar {YEAR} at 2:30 (Europe/Brussels): {DAY_ONE} 07:30 UTC when it "
        "was booked, and the clocks skip this time now; it is left as it was: book another time."
    )
    assert (ran.status, ran.err, ran.out.splitlines()[1]) == (1, "", told)
    assert ran.out.splitlines()[2].startswith("Booked visits that moved: 1. Of these, for a person: 1. ")
