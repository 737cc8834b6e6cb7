"""A patient's history in sentences, and the history of everything: filtered, signed as read, taken away."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from planner.core.history import Only, Sought
from planner.core.staff import REVIEWERS
from planner.exports.history import told
from planner.exports.trail import Record, as_csv, as_json, words
from planner.services import history, resources, undoing
from planner.web.access import begin, look, note, require
from planner.web.fields import one_of
from planner.web.forms import UndoForm
from planner.web.history_forms import HistoryForm, ReviewForm
from planner.web.patients import READERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planner.services.cases import Case
    from planner.services.undoing import Coming, Saved
    from planner.services.work import Work
    from planner.web.filters import Answer

pages = Blueprint("history", __name__)
KINDS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}
MOST_PAGES = 6
"""Figures in the number of a page that is asked for."""


@pages.get("/patients/<id:public_id>/history")
@require(*READERS)
def show(public_id: str) -> Answer:
    return page_of(public_id, undo_forms(), 200)


def undo_forms() -> dict[str, UndoForm]:
    """The form to take the last act back, and the one to do it again."""
    return {verb: UndoForm(prefix=verb) for verb in (undoing.UNDO, undoing.REDO)}


def page_of(public_id: str, forms: dict[str, UndoForm], status: int) -> Answer:
    """A patient's history, with what can be taken back and done again."""
    with look() as work:
        case, entries = history.of_patient(work, public_id)
        units = resources.unit_names(work, case.patient.site)
        stacks = undoing.stacks(entries[::-1])
        both = {undoing.UNDO: stacks.undo, undoing.REDO: stacks.redo}
        next_one = {verb: undoing.coming(work, public_id, saved[-1]) for verb, saved in both.items() if saved}
    for form in forms.values():
        form.show(case.patient.version)
    for verb, coming in next_one.items():
        forms[verb].act.data, forms[verb].shown.data = coming.saved.act, coming.seal
    last = {verb: _last(case, coming, units) for verb, coming in next_one.items()}
    acts = told(case.protocol, entries, units)
    shown = {"undo": last.get(undoing.UNDO), "redo": last.get(undoing.REDO), "forms": forms}
    return render_template("history/show.html", case=case, acts=acts, **shown), status


def _last(case: Case, coming: Coming, units: Mapping[str, str]) -> dict[str, object]:
    """Who saved what is taken back or done again, and what that was, of other patients too."""
    others = [(one.patient.subject_id, _said(one, saved, units)) for one, saved in coming.others]
    return {
        "actor": coming.saved.entries[0].actor,
        "sentences": _said(case, coming.saved, units),
        "others": others,
    }


def _said(case: Case, saved: Saved, units: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sentence for act in told(case.protocol, saved.entries[::-1], units) for sentence in act.sentences)


@pages.get("/history")
@require(*history.READERS)
def every() -> Answer:
    return _page(ReviewForm(), 200)


@pages.post("/history/review")
@require(*REVIEWERS)
def review() -> Answer:
    form = ReviewForm()

    def signed() -> bool:
        with begin() as work:
            history.review(work, form.number, form.note.data or "")
        return True

    done, status = form.save(signed)
    if not done:
        return _page(form, status)
    flash("Your review is signed.")
    return redirect(url_for("history.every"), 303)


@pages.get("/history.<any(csv, json):kind>")
@require(*history.READERS)
def take_away(kind: str) -> Answer:
    with look() as work:
        filters = _filters(work)
        if not filters.validate():
            return redirect(f"{url_for('history.every')}?{urlencode(filters.asked)}", 303)
        found = history.copy(work, _sought(filters, history.zone(work)))
    written, kind_of = KINDS[kind]
    content = written([Record(one.line, words(one.line, one.protocol, one.units)) for one in found.lines], found.head)
    told = {name: "one" if name == "subject" else value for name, value in filters.asked.items()}  # never the number
    sought = ", ".join(f"{name} {value}" for name, value in told.items()) or "everything"
    note(lambda work: history.copied(work, kind, len(found.lines), sought))
    named = {"Content-Disposition": f'attachment; filename="history.{kind}"'}
    return Response(content, mimetype=None, content_type=kind_of, headers=named)


def _page(form: ReviewForm, status: int) -> Answer:
    with look() as work:
        filters = _filters(work)
        good, zone = filters.validate(), history.zone(work)
        page = history.page(work, _sought(filters, zone) if good else Sought(), _number(request.args.get("page", "")))
    form.up_to.data = str(page.newest or "")
    shown = {"filters": filters, "asked": filters.asked, "zone": zone, "page": page, "form": form}
    return render_template("history/every.html", **shown), status if good else 422


def _filters(work: Work) -> HistoryForm:
    filters = HistoryForm(formdata=request.args, meta={"csrf": False})
    filters.person.choices = one_of({"": "Anybody"} | history.people(work))
    acts = {act: act.replace("_", " ").capitalize() for act in history.actions(work)}
    filters.act.choices = one_of({"": "Every kind"} | acts)
    return filters


def _sought(filters: HistoryForm, zone: str) -> Sought:
    last: date | None = filters.last.data
    return Sought(
        login=filters.person.data or "",
        subject=filters.subject.data or "",
        action=filters.act.data or "",
        since=_begin_of(filters.first.data, zone),
        before=_begin_of(last + timedelta(days=1) if last is not None else None, zone),
        only=Only(filters.only.data) if filters.only.data else None,
    )


def _begin_of(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), ZoneInfo(zone))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_PAGES else 1
