"""Thirty nurses at once, and a database that grows, over HTTP and on both engines: ./run bench load.

The nurses read pages, book and give back for a minute, a second of thought before each click, on a site whose patients
have 5,000 visits. Beside them, in the same minute, somebody asks a server that does nothing else for a fixed page, and
for one row written into a table: the two yardsticks. Then each page is asked for in short turns that rotate between
this database and one of 100,000 visits, whose further patients are at another site. Ratios mean more than times.
"""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import Thread
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url

from planner.core.facts import Facts, State
from planner.core.patients import Patient, Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import Hours, Unit
from planner.services import accounts, sites
from planner.services.protocols import Library, shipped
from planner.services.resources import SiteDays
from planner.services.schedules import draft
from planner.services.work import Office
from planner.store import patients
from planner.store.database import connect
from planner.store.tables import DateRow, VisitRow
from tests.bench.pages import AUDIT_KEY, LONG, PASSWORD, Page, _ask, _filled, _length, _server, _settings, _urls
from tests.bench.pages import _signed_in as signed_in
from tests.nurse import Nurse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlmodel import Session

    from planner.core.schedule import Schedule
    from planner.store.database import Database

NURSES, THINK, SECONDS, TURNS = 30, 1.0, 60, 4
SMALL, LARGE = 5_000, 100_000
"""Visits in a database, of all its patients."""

READ_GOAL, BOOKING_GOAL, GROWTH_GOAL = 0.3, 0.5, 1.5
"""Seconds at the 99th percentile; and what a page may cost more where there are twenty times as many visits."""

OPEN = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
WARD = {"chair": 6, "clinic": 4}
SHRINK = next(iter(shipped()))
READS = ("patient page", "patient list", "today", "week", "visit page")
BOOKABLE = ("C2P", "C2D1", "C3P", "C3D1", "C4P", "C4D1", "C5D1", "C6D1")
NAMES = ("bare page", *READS, "one row", "booking")
GIVEN_BACK = 0.5
SEE_OTHER, SERVER_ERROR = 303, 500

bare = Flask(__name__)


@cache
def _yardstick() -> Database:
    return connect(os.environ["BENCH_INSERT_URL"])


@bare.get("/")
def fixed() -> str:
    """The yardstick of reads."""
    return LONG


@bare.get("/insert")
def one_row() -> str:
    """The yardstick of bookings: one row, saved for good."""
    database = _yardstick()
    with database.writing, database.engine.begin() as connection:
        connection.execute(text("INSERT INTO yardstick (words) VALUES ('one row')"))
    return "saved"


@dataclass
class Run:
    """What one engine answered: seconds by name, and every status."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in NAMES})
    statuses: list[int] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)

    def timed(self, name: str, ask: Callable[[], tuple[int, str]]) -> str:
        """One answer, counted."""
        begin = perf_counter()
        status, page = ask()
        self.seconds[name].append(perf_counter() - begin)
        self.statuses.append(status)
        if name == "booking":
            self.booked.append(status)
        return page


def main(args: Sequence[str]) -> int:
    """Measure, print, and leave with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="planner bench load", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"how long the nurses work ({SECONDS})")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"turns for each page, a second each ({TURNS})")
    options = parser.parse_args(args)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for engine, url in _urls(Path(folder)).items():
            with ExitStack() as stack:
                missed += _measured(stack, engine, url, options)
    return 1 if missed else 0


def _measured(stack: ExitStack, engine: str, url: str, options: argparse.Namespace) -> int:
    """How many goals one engine misses."""
    served, pages = {}, []
    for visits in (SMALL, LARGE):
        place = url if visits == SMALL else _beside(url, "large")
        ids = _grown(place, visits)
        port = stack.enter_context(_server("wsgi:app", _settings(place)))
        served[visits] = port, ids
        pages += _pages(visits, port, ids[0])
    length = str(_length(pages[0]))
    settings = {"BENCH_PAGE_LENGTH": length, "BENCH_INSERT_URL": _insertable(_beside(url, "yardstick"))}
    yardstick = stack.enter_context(_server("tests.bench.load:bare", settings))
    run = _worked(*served[SMALL], yardstick, options.seconds)
    for turn in range(options.turns + 1):
        for page in pages[turn % len(pages) :] + pages[: turn % len(pages)]:
            _ask(page, counted=turn > 0)
    return _told_load(engine, run) + _told_growth(engine, pages)


def _pages(visits: int, port: int, patient: str) -> list[Page]:
    cookie = signed_in(port)
    paths = {"patient page": f"/patients/{patient}", "patient list": "/patients", "today": "/today", "week": "/week"}
    return [Page(name, str(visits), port, path, cookie) for name, path in paths.items()]


# ---- the databases


def _beside(url: str, name: str) -> str:
    """Another database of the same engine, empty."""
    known = make_url(url)
    if known.drivername == "sqlite":
        return f"sqlite:///{Path(str(known.database)).with_name(name)}.db"
    root = create_engine(known.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS bench_{name}")
        connection.exec_driver_sql(f"CREATE DATABASE bench_{name}")
    root.dispose()
    return known.set(database=f"bench_{name}").render_as_string(hide_password=False)


def _insertable(url: str) -> str:
    """The database of the yardstick, with its one table."""
    database = connect(url)
    kind = "INTEGER PRIMARY KEY" if database.is_sqlite else "SERIAL PRIMARY KEY"
    with database.engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE yardstick (id {kind}, words TEXT)"))
    database.close()
    return url


def _grown(url: str, visits: int) -> list[str]:
    """A ward with its nurses, and patients until they have so many visits; the ids of those under treatment.

    The study takes 36: the others are written past its services, with all that took place so far.
    Beyond 5,000 visits they are at another site.
    """
    _filled(url)
    database = connect(url, AUDIT_KEY)
    office = Office(database)
    with office.begin(COMMAND_LINE) as work:
        sites.add(work, Site("02", "Leuven", "Europe/Brussels", "BE"))
        for kind, places in WARD.items():
            for number in range(1, places + 1):
                sites.add_unit(work, "01", Unit("", kind, f"{kind} {number}", OPEN))
        ids = [patient.public_id for patient in patients.every(work.session, None)]
        near = next(site for site in sites.every(work) if site.code == "01")
        far = next(site for site in sites.every(work) if site.code == "02")
        plans = [_plan(work.today(near), weeks) for weeks in range(0, 110, 6)]
        each = len(plans[0].visits)
        for number in range(len(ids), -(-visits // each)):
            site = near if number < SMALL // each else far
            _written(work.session, site, number, plans[number % len(plans)])
    for number in range(NURSES if visits == SMALL else 0):
        nurse = Actor(f"nurse{number}", f"Nurse {number}", Role.NURSE, frozenset({"01"}))
        with office.begin(COMMAND_LINE) as work:
            _, code = accounts.create(work, nurse)
        with office.begin(COMMAND_LINE) as work:
            accounts.choose_password(work, nurse.login, code, PASSWORD)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
    database.close()
    return ids


def _plan(today: date, weeks: int) -> Schedule:
    """The plan of a patient who began so many weeks ago."""
    monday = today - timedelta(days=today.weekday(), weeks=weeks)
    facts = Facts(dates={"registration": monday - timedelta(days=7), "day_one": monday})
    return draft(Library().find(SHRINK), facts, SiteDays("BE"), monday)


def _written(session: Session, site: Site, number: int, plan: Schedule) -> None:
    """A patient for whom all that could take place by now did, each visit on the day that the plan suggested."""
    now = datetime.now(UTC)
    new = Patient(
        public_id=secrets.token_urlsafe(16),
        subject_id=f"{site.code}-{number:05}",
        site=site,
        protocol=SHRINK,
        dose_level=1,
        phase="escalation",
        language="nl",
        seed="seed",
        enrolled=now,
        changed=now,
        version=1,
    )
    patients.add(session, new)
    own = patients.key(session, new.public_id)
    days = [{"patient_id": own, "code": code, "day": day} for code, day in plan.facts.dates.items()]
    session.connection().execute(insert(DateRow), days)
    past = [visit for visit in plan.visits if visit.day is not None and visit.to_come and visit.day <= now.date()]
    done = [{"patient_id": own, "code": v.code, "state": State.OCCURRED, "day": v.day} for v in past]
    session.connection().execute(insert(VisitRow), done)


# ---- the minute


def _worked(port: int, ids: list[str], yardstick: int, seconds: int) -> Run:
    """What thirty nurses and the yardsticks were answered in that time."""
    run = Run()
    nurses = [Nurse(port, f"nurse{number}", PASSWORD) for number in range(NURSES)]
    for nurse in nurses:
        nurse.sign_in()
        _read(run, nurse, ids, Random(0), "patient list")
    for public_id in ids:
        nurses[0].ask("GET", f"/patients/{public_id}")
    run = Run()
    end = monotonic() + seconds
    hands = [Thread(target=_day, args=(run, nurse, ids, Random(n), end)) for n, nurse in enumerate(nurses)]
    hands += [Thread(target=_beat, args=(run, yardstick, end)) for _ in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    for nurse in nurses:
        nurse.hang_up()
    return run


def _beat(run: Run, port: int, end: float) -> None:
    """Asks for the fixed page and for the one row, with a pause before each."""
    asks = Nurse(port, "", "")
    while monotonic() < end:
        for name, path in (("bare page", "/"), ("one row", "/insert")):
            sleep(0.05)
            run.timed(name, lambda path=path: asks.ask("GET", path))
    asks.hang_up()


def _day(run: Run, nurse: Nurse, ids: list[str], random: Random, end: float) -> None:
    """What a nurse does: three pages are read for one visit that is booked, moved or given back."""
    sleep(random.uniform(0, THINK))
    while monotonic() < end:
        for name in random.choices(READS[:-1], (3, 1, 1, 1), k=3):
            _read(run, nurse, ids, random, name)
            sleep(THINK)
        _booked(run, nurse, random.choice(ids), random)


def _read(run: Run, nurse: Nurse, ids: list[str], random: Random, name: str) -> None:
    paths = {"patient page": f"/patients/{random.choice(ids)}", "patient list": "/patients"}
    run.timed(name, lambda: nurse.ask("GET", paths.get(name, f"/{name}")))


def _booked(run: Run, nurse: Nurse, patient: str, random: Random) -> None:
    code = random.choice(BOOKABLE)
    text = run.timed("visit page", lambda: nurse.look(patient, code))
    sleep(THINK)
    days = nurse.days(text)
    if nurse.booked(text) and random.random() < GIVEN_BACK:
        run.timed("booking", lambda: nurse.give_back(patient, code, text))
    elif days:
        start = f"{random.randrange(8, 14):02}:{random.choice(('00', '15', '30', '45'))}"
        run.timed("booking", lambda: nurse.book(patient, code, text, random.choice(days), start))
    sleep(THINK)


# ---- what is told


def _told_load(engine: str, run: Run) -> int:
    """The table of the minute, and how many of its goals are missed."""
    broken = sum(status >= SERVER_ERROR for status in run.statuses)
    saved = run.booked.count(SEE_OTHER)
    print(f"\n{engine}: {NURSES} nurses, {SMALL} visits, {datetime.now(UTC):%Y-%m-%d}; its yardstick is 1")
    print(f"{'what':<14}{'median':>10}{'p99':>10}{'p99 here':>12}{'answers':>10}")
    missed = broken > 0
    for name, took in run.seconds.items():
        booking = name in ("booking", "one row")
        base = run.seconds["one row" if booking else "bare page"]
        goal = None if name in ("one row", "bare page") else BOOKING_GOAL if booking else READ_GOAL
        late = goal is not None and _p99(took) > goal
        missed += late
        said = f"  goal {goal * 1000:.0f} ms{', missed' if late else ''}" if goal is not None else ""
        row = f"{median(took) / median(base):>10.1f}{_p99(took) / _p99(base):>10.1f}{_p99(took) * 1000:>9.0f} ms"
        print(f"{name:<14}{row}{len(took):>10}{said}")
    print(f"{len(run.statuses)} answers, {broken} of them 5xx; {saved} acts saved, {len(run.booked) - saved} refused.")
    return missed


def _told_growth(engine: str, pages: list[Page]) -> int:
    """The table of the pages where there are more visits, and how many cost too much."""
    print(f"{engine}: {LARGE} visits beside {SMALL}; ms of the server's time for a page, at {SMALL}")
    missed = 0
    for name in dict.fromkeys(page.name for page in pages):
        few, many = (page for page in pages if page.name == name)
        ratio = median(many.seconds) / median(few.seconds)
        missed += ratio > GROWTH_GOAL
        row = f"{ratio:>10.2f}{1000 / few.rate:>9.0f} ms  goal {GROWTH_GOAL}"
        print(f"{name:<14}{row}{', missed' if ratio > GROWTH_GOAL else ''}")
    return missed


def _p99(took: list[float]) -> float:
    return quantiles(took, n=100)[-1] if len(took) > 1 else took[0]
