"""One visit: its rules and days, booking one, and recording what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.errors import NotFound
from planner.core.facts import State
from planner.exports.definitions import rules_of, visit_type
from planner.exports.months import bookable
from planner.services import cases, visits
from planner.services.visits import Record
from planner.web.access import begin, look, require
from planner.web.filters import moved
from planner.web.forms import BookForm, RecordForm, TakeBackForm
from planner.web.patients import READERS, WRITERS, month_asked

if TYPE_CHECKING:
    from planner.core.visit import Visit
    from planner.exports.months import Month
    from planner.services.cases import Act, Case
    from planner.web.filters import Answer

pages = Blueprint("visits", __name__)
AT = "/patients/<id:public_id>/visits/<code>"


@dataclass
class Forms:
    """The three forms of a visit's page; the one that was sent keeps what was typed."""

    book: BookForm = field(default_factory=lambda: BookForm(prefix="book"))
    record: RecordForm = field(default_factory=lambda: RecordForm(prefix="record"))
    take_back: TakeBackForm = field(default_factory=lambda: TakeBackForm(prefix="back"))


@pages.get(AT)
@require(*READERS)
def show(public_id: str, code: str) -> Answer:
    return _page(_case(public_id), code, Forms(), 200)


@pages.post(f"{AT}/book")
@require(*WRITERS)
def book(public_id: str, code: str) -> Answer:
    forms, act = Forms(), None
    form = forms.book

    def booked() -> Act:
        with begin() as work:
            return visits.book(work, public_id, form.version, code, form.day.data or date.min, form.reason)

    def previewed() -> Act:
        with look() as work:
            case = cases.as_seen(work, public_id, form.version)
        return visits.booking(case, code, form.day.data or date.min, form.reason)

    act, status = form.save(previewed if form.preview.data else booked)
    if act is not None and not form.preview.data:
        return _saved(act)
    return _page(_case(public_id), code, forms, 200 if act is not None else status, act)


@pages.post(f"{AT}/record")
@require(*WRITERS)
def record(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.record

    def recorded() -> Act:
        occurred = form.what.data == State.OCCURRED
        what = Record(State(form.what.data), *((form.day.data, form.end.data) if occurred else ()))
        with begin() as work:
            return visits.record(work, public_id, form.version, code, what, form.reason)

    act, status = form.save(recorded)
    return _saved(act) if act is not None else _page(_case(public_id), code, forms, status)


@pages.post(f"{AT}/take-back")
@require(*WRITERS)
def take_back(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.take_back

    def taken_back() -> Act:
        with begin() as work:
            return visits.take_back(work, public_id, form.version, code, form.reason)

    act, status = form.save(taken_back)
    return _saved(act) if act is not None else _page(_case(public_id), code, forms, status)


def _case(public_id: str) -> Case:
    with look() as work:
        return cases.case(work, public_id)


def _saved(act: Act) -> Answer:
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=act.case.patient.public_id), 303)


def _page(case: Case, code: str, forms: Forms, status: int, act: Act | None = None) -> Answer:
    visit = visits.visit_of(case, code)
    for form in (forms.book, forms.record, forms.take_back):
        form.show(case.patient.version)
    if forms.record.day.data is None and not forms.record.is_submitted():
        past = (
            visit.day is not None and visit.day <= case.today
        )  # what lies ahead has not happened: no day stands there
        forms.record.day.data = visit.day if past else None
    about: dict[str, Any] = {
        "month": _month(case, visit, None if forms.book.day.errors else forms.book.day.data),
        "kind": visit_type(case.protocol, code),
        "rules": rules_of(case.protocol, code),
    }
    return render_template("visits/show.html", case=case, visit=visit, forms=forms, act=act, **about), status


def _month(case: Case, visit: Visit, chosen: date | None) -> Month | None:
    """The month to book in: the one asked for, else that of the day chosen, else of the visit."""
    if not visit.to_come:
        return None
    first = month_asked(case, chosen or visit.day or visit.target or min(visit.live, default=case.today))
    try:
        return bookable(case.schedule, visit.code, first, case.today)
    except NotFound:
        return None
