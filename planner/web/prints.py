"""What is printed: a patient's fridge sheet and booklet, the binder of a site, the week of a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, render_template, request

from planner.core.patients import LANGUAGES
from planner.core.staff import Role
from planner.exports.words import OWN_NAMES
from planner.services import agenda, cases, feeds, history, prints
from planner.services.patients import own_sites
from planner.web.access import close, look, note, require
from planner.web.agenda import day_asked
from planner.web.feeds import webcal
from planner.web.patients import READERS, WRITERS

if TYPE_CHECKING:
    from planner.core.patients import Site
    from planner.services.work import Work
    from planner.store.prints import Prints
    from planner.web.filters import Answer

pages = Blueprint("prints", __name__)


@pages.get("/patients/<id:public_id>/print")
@require(*WRITERS)
def show(public_id: str) -> Answer:
    with look() as work:
        case = cases.case(work, public_id)
    own = case.patient.language
    languages = [(code, OWN_NAMES[code]) for code in (own, *(code for code in LANGUAGES if code != own))]
    return render_template("prints/show.html", case=case, languages=languages)


@pages.get("/patients/<id:public_id>/sheet.pdf")
@require(*WRITERS)
def sheet(public_id: str) -> Answer:
    with look() as work:
        case = cases.case(work, public_id)
        replaces = prints.replaced(work, case)
    close()  # a print takes a second, and holds no connection meanwhile
    content = prints.sheet(case, request.args.get("language", ""), replaces=replaces)
    note(lambda work: history.taken_away(work, public_id, prints.SHEET))
    return _file(content, "sheet.pdf")


@pages.post("/patients/<id:public_id>/feed/sheet.pdf")
@require(Role.NURSE)
def sheet_with_feed(public_id: str) -> Answer:
    """The sheet with the code of the feed: its token is kept nowhere, so the page that shows it sends it here."""
    token = request.form.get("token", "")
    with look() as work:
        case = cases.case(work, public_id)
        feeds.must_be_of(work, public_id, token)
        replaces = prints.replaced(work, case)
    content = prints.sheet(case, replaces=replaces, feed=webcal(token))
    note(lambda work: history.taken_away(work, public_id, prints.SHEET))
    return _file(content, "sheet.pdf")


@pages.get("/binder")
@require(Role.NURSE)
def choose() -> Answer:
    with look() as work:
        site = _site(work)
        found = prints.choice(work, site) if site is not None else ()
        sites = own_sites(work)
    told = {"site": site, "sites": sites, "cases": found, "names": OWN_NAMES}
    return render_template("prints/binder.html", **told)


@pages.get("/binder.pdf")
@require(Role.NURSE)
def binder() -> Answer:
    kept = cast("Prints", current_app.extensions["prints"])
    with look() as work:
        site = _site(work)
        found = prints.chosen(work, site, request.args.getlist("patient"))
        staying = prints.staying(work)
        now = work.now
    close()
    kept.keep_only(staying)
    content = prints.binder(found, kept, now)

    def told(work: Work) -> None:
        for case in found:
            history.taken_away(work, case.patient.public_id, prints.BINDER)

    note(told)
    return _file(content, "binder.pdf")


@pages.get("/week.pdf")
@require(*READERS)
def week() -> Answer:
    with look() as work:
        found = agenda.week(work, request.args.get("site", ""), day_asked())
        now = work.now
    close()
    content = prints.week_list(found, now)
    rows, site = sum(len(day.visits) for day in found.days), found.site.code if found.site is not None else ""
    note(lambda work: history.week_copied(work, rows, site, found.first))
    return _file(content, "week.pdf")


def _site(work: Work) -> Site | None:
    """The site that the address asks for, else the first of the person's own."""
    return agenda.chosen_of(own_sites(work), request.args.get("site", ""))


def _file(content: bytes, name: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=None, content_type="application/pdf", headers=named)
