"""The patients' papers in one run: ./run bench paper.

36 booklets laid out by the planner, each followed by the same page printed by headless Chromium that is started for it
alone, so that a machine that slows down slows both; beside them the same words written as one raw string. Then the
binder of all 36: cold, and again after one visit of one patient was booked. Last the feeds, asked for as a calendar
does: the first time of a patient, and again with what it got (304), in turns. Ratios mean more than times.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from werkzeug.test import EnvironBuilder, run_wsgi_app

from planner.core.disclosure import Detail
from planner.core.patients import Wishes
from planner.core.staff import Actor, Role
from planner.exports.pdf import STATIC, laid_out, page
from planner.exports.printed import pages
from planner.services import cases, contacts, feeds, prints, visits
from planner.services.invitations import paper_of
from planner.services.patients import own_sites
from planner.services.work import Office
from planner.settings import Settings
from planner.store.database import connect
from planner.store.prints import Prints
from planner.web.app import create_app
from tests.bench.pages import AUDIT_KEY, PATIENTS, _filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from planner.services.cases import Case

NURSE = Actor("nurse", "Nurse", Role.NURSE, frozenset({"01"}))
POLLS = 10
"""How often a calendar asks again, of each patient: one answer of a thousandth of a second is no measure."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
NO_NETWORK = ("--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer")


@dataclass(frozen=True)
class Measured:
    """A way of making a paper, how long it took (seconds), and what it is compared with."""

    name: str
    seconds: float
    against: str = ""
    goal: float | None = None


def main(args: Sequence[str]) -> int:
    """Measure, print, and leave with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="planner bench paper", description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=PATIENTS, help=f"booklets beside Chromium ({PATIENTS})")
    options = parser.parse_args(args)
    chromium = next(filter(None, map(which, CHROMIUM)), None)
    if chromium is None:
        parser.error(f"needs one of {', '.join(CHROMIUM)} to compare with")
    with tempfile.TemporaryDirectory() as folder:
        office = _office(Path(folder))
        booklets = _booklets(_cases(office)[: options.files], chromium, Path(folder))
        found = [*booklets, *_binders(office, Path(folder)), *_feeds(office)]
        office.database.close()
    return _told(found)


def _office(folder: Path) -> Office:
    """36 patients under treatment in a database of their own."""
    url = f"sqlite:///{folder}/planner.db"
    _filled(url)
    return Office(connect(url, AUDIT_KEY))


def _cases(office: Office) -> tuple[Case, ...]:
    with office.look(NURSE) as work:
        return prints.choice(work, own_sites(work)[0])


# ---- one booklet


def _booklets(found: tuple[Case, ...], chromium: str, folder: Path) -> Iterator[Measured]:
    """The same page by each, in turns; the first one, which loads the libraries, is not counted."""
    ours, theirs, raw = [], [], []
    for turn, case in enumerate((found[0], *found)):
        text = page(case.schedule, paper_of(case))
        made = _timed(lambda: laid_out(page(case.schedule, paper_of(case))))  # noqa: B023  # called at once
        printed = _timed(lambda: _printed(chromium, text, folder))  # noqa: B023  # as above
        wrote = _timed(lambda: _raw(case))  # noqa: B023  # as above
        if turn:
            ours.append(made)
            theirs.append(printed)
            raw.append(wrote)
    yield Measured("Chromium, started per file", median(theirs))
    yield Measured("booklet", median(ours), "Chromium, started per file", 0.5)
    yield Measured("raw string of its words", median(raw), "Chromium, started per file")


def _timed(do: Callable[[], object]) -> float:
    begin = perf_counter()
    do()
    return perf_counter() - begin


def _printed(chromium: str, text: str, folder: Path) -> None:
    """The page by Chromium, which reads the same style sheet."""
    link = '<link rel="stylesheet" href="static:css/print.css">'
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(text.replace(link, f"<style>{(STATIC / 'css' / 'print.css').read_text()}</style>"))
    target.unlink(missing_ok=True)
    command = [chromium, *QUIET, *NO_NETWORK, f"--print-to-pdf={target}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True)
    if not target.read_bytes().startswith(b"%PDF-"):
        raise RuntimeError("Chromium printed nothing")


def _raw(case: Case) -> str:
    """The words of the booklet without any form."""
    lines = pages(case.schedule, paper_of(case)).to_come
    told = (f"{one.day} {one.time} {one.what} {one.place} {one.length} {one.ready} {one.move}" for one in lines)
    return "\n".join(told)


# ---- the binder


def _binders(office: Office, folder: Path) -> Iterator[Measured]:
    """Cold: every booklet is made. After one change: read anew, one booklet made, the others found, all bound."""
    kept, now = Prints(folder / "prints"), datetime.now(UTC)
    cold = _timed(lambda: prints.binder(_cases(office), kept, now))
    before = _files(kept)
    _change(office)
    changed = _timed(lambda: prints.binder(_cases(office), kept, now))
    anew = len(_files(kept) - before)
    if (len(before), anew) != (PATIENTS, 1):
        raise RuntimeError(f"{anew} of {len(before)} booklets were made anew, not 1 of {PATIENTS}")
    yield Measured(f"binder of {PATIENTS}, cold", cold)
    yield Measured("binder after one change", changed, f"binder of {PATIENTS}, cold", 0.1)


def _files(kept: Prints) -> set[Path]:
    return set(kept.folder.rglob("*.pdf")) if kept.folder is not None else set()


def _change(office: Office) -> None:
    """The first visit whose suggested day is still to come and bookable is booked on it."""
    case = _cases(office)[0]
    attended = (v for v in case.schedule.visits if v.encounter.attended and v.to_come and v.suggested is not None)
    visit = next(v for v in attended if v.suggested >= case.today and v.suggested in v.live)
    with office.begin(NURSE) as work:
        visits.book(work, case.patient.public_id, case.patient.version, visit.code, visit.suggested)


# ---- the feeds


def _feeds(office: Office) -> Iterator[Measured]:
    """Of each patient: the feed whose schedule nobody remembers, and the answer that it still holds.

    The application is called as a server calls it, so that no test client is measured with it.
    """
    app, cold, again = create_app(_settings(office)), [], []
    for case in _cases(office):
        asked = EnvironBuilder(f"/feed/{_agreed(office, case)}.ics").get_environ()
        _, tag = _fetched(app, asked, "200")  # the first fetch of a day is noted
        cases._schedules._kept.clear()
        cold.append(_fetched(app, asked, "200")[0])
        again += [_fetched(app, {**asked, "HTTP_IF_NONE_MATCH": tag}, "304")[0] for _ in range(POLLS)]
    app.extensions["planner"].database.close()
    yield Measured("feed, cold", median(cold))
    yield Measured("feed that still holds (304)", median(again), "feed, cold", 0.02)


def _fetched(app: Flask, asked: WSGIEnvironment, wanted: str) -> tuple[float, str]:
    """How long the answer took (seconds), and its ETag."""
    begin = perf_counter()
    content, status, headers = run_wsgi_app(app, asked, buffered=True)
    took = perf_counter() - begin
    if not status.startswith(wanted):
        raise RuntimeError(f"the feed was answered with {status}, not {wanted}: {b''.join(content)!r}")
    return took, headers["ETag"]


def _settings(office: Office) -> Settings:
    return Settings(
        secret_key="a key of the tests with 40 letters or more",
        audit_key=AUDIT_KEY,
        database_url=office.database.engine.url.render_as_string(hide_password=False),
        trusted_hosts="localhost",
        secure_cookies=False,
    )


def _agreed(office: Office, case: Case) -> str:
    """The token of a new feed of the patient, who agrees to it and wants every visit in it, booked or not."""
    with office.begin(NURSE) as work:
        found = cases.case(work, case.patient.public_id).patient
        contacts.agree(work, found.public_id, found.version, Wishes(feed=Detail.STANDARD, open_days=True))
        return feeds.make(work, found.public_id)


# ---- the table


def _told(found: list[Measured]) -> int:
    """The table, and whether every goal is reached."""
    seconds = {one.name: one.seconds for one in found}
    print(f"{PATIENTS} patients, {datetime.now(UTC):%Y-%m-%d}; medians of one run")
    print(f"{'what':<30}{'ms':>10}{'ratio':>10}  against")
    missed = 0
    for one in found:
        ratio = one.seconds / seconds[one.against] if one.against else 1.0
        low = one.goal is not None and ratio > one.goal
        missed += low
        goal = f", goal {one.goal:.2f}{' missed' if low else ''}" if one.goal is not None else ""
        print(f"{one.name:<30}{one.seconds * 1000:>10.1f}{ratio:>10.3f}  {one.against}{goal}")
    return 1 if missed else 0
