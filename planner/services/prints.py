"""What is printed beside the booklet: the fridge sheet of a patient, the binder and the week of a site."""

from __future__ import annotations

from contextlib import suppress
from datetime import time, timedelta
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.core.walltime import instant
from planner.exports.agenda import shut
from planner.exports.binder import Booklet, bound
from planner.exports.fridge import fridge_sheet
from planner.exports.paper import Paper
from planner.exports.pdf import fingerprint, for_paper, page
from planner.exports.week import day_of, printed_week, row
from planner.services.cases import case_of
from planner.services.invitations import paper_of
from planner.store import audit, patients

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from planner.core.patients import Site
    from planner.services.agenda import Week
    from planner.services.cases import Case
    from planner.services.work import Work
    from planner.store.prints import Prints

SHEET, BINDER = "sheet", "binder"
"""Under which names the history tells of them."""

SUNDAY = timedelta(days=6)


def sheet(case: Case, language: str = "", *, replaces: date | None = None, feed: str = "") -> bytes:
    """The patient's fridge sheet in their language, or another one; `feed` is the address of their calendar feed."""
    more = {"replaces": replaces, "feed": feed}
    return fridge_sheet(case.schedule, paper_of(case, language, **more))


def replaced(work: Work, case: Case) -> date | None:
    """The day on which the sheet before this one was printed: before today, or before what was saved last.

    So a sheet that is printed twice is the same twice.
    """
    zone = case.patient.site.zone
    until = max(case.patient.changed, instant(case.today, time.min, zone))
    own = patients.key(work.session, case.patient.public_id)
    return audit.last_day(work.session, own, f"export:{SHEET}", until, zone)


def choice(work: Work, site: Site) -> tuple[Case, ...]:
    """Whose booklets can be in the binder of a site: everybody for whom the study goes on."""
    found = patients.every(work.session, frozenset({site.code}))
    return tuple(case_of(work, patient) for patient in found if patient.ended is None)


def chosen(work: Work, site: Site | None, public_ids: Collection[str]) -> tuple[Case, ...]:
    """Those of them that were chosen, by subject number; NotFound for anybody else, Refused where nobody was."""
    if not public_ids:
        raise Refused("nobody_chosen")
    found = choice(work, site) if site is not None else ()
    if not set(public_ids) <= {case.patient.public_id for case in found}:
        raise NotFound("no_such_patient")
    return tuple(case for case in found if case.patient.public_id in public_ids)


def binder(cases: tuple[Case, ...], prints: Prints, now: datetime) -> bytes:
    """Their booklets in one file; only those that differ from the last time are made anew."""
    booklets = [Booklet(case.patient.subject_id, case.patient.language, _booklet(case, prints)) for case in cases]
    site = cases[0].patient.site
    return bound(booklets, Paper(printed=cases[0].today, stamp=now, zone=site.zone, site=site.name))


def _booklet(case: Case, prints: Prints) -> bytes:
    text = page(case.schedule, paper_of(case))
    return prints.kept(case.patient.public_id, fingerprint(text), lambda: for_paper(text))


def staying(work: Work) -> frozenset[str]:
    """Whose prints may be kept, by public id: nothing of those who are gone, or for whom the study ended."""
    everybody = patients.every(work.session, None)
    return frozenset(patient.public_id for patient in everybody if patient.ended is None)


def forget(public_id: str, prints: Prints) -> None:
    """Nothing is kept of a patient for whom the study ended; what cannot be removed now goes with the next binder."""
    with suppress(OSError):
        prints.forget(public_id)


def week_list(week: Week, now: datetime) -> bytes:
    """The week of a site on paper; NotFound for a person without a site."""
    if week.site is None:
        raise NotFound("no_such_site")
    days = tuple(
        day_of(
            one.day,
            shut(one.calendar, one.closed, one.day),
            tuple(row(b.patient.subject_id, b.case.schedule, b.visit, week.units) for b in one.visits),
        )
        for one in week.days
    )
    paper = Paper(printed=week.today, stamp=now, zone=week.site.zone, site=week.site.name)
    return printed_week(days, week.first, week.first + SUNDAY, paper)
