"""The course as a whole: its start moves, it ends, or it goes on after all; each is read before it is saved."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, render_template

from planner.core.patients import Ended
from planner.services import cases, courses, patients, prints
from planner.web.access import begin, look, require
from planner.web.forms import EndForm, RedateForm, ResumeForm
from planner.web.patients import WRITERS
from planner.web.replanning import done, planned, told
from planner.web.visits import SOMEBODY, TO_BE_GIVEN, case_of, second_person

if TYPE_CHECKING:
    from planner.services.cases import Act
    from planner.services.replanning import Replan
    from planner.store.prints import Prints
    from planner.web.filters import Answer

pages = Blueprint("courses", __name__)


@pages.route("/patients/<id:public_id>/dates/<code>", methods=["GET", "POST"])
@require(*WRITERS)
def redate(public_id: str, code: str) -> Answer:
    case, form = case_of(public_id), RedateForm()
    named = patients.date_of(case, code)
    act, found, status = planned(
        form, lambda: _redating(public_id, code, form), lambda: _redated(public_id, code, form)
    )
    if act is not None:
        return done(act)
    if not form.is_submitted():
        form.day.data = case.schedule.dates.get(code)
    case = case_of(public_id)
    form.show(case.patient.version)
    page = {"case": case, "named": named, "form": form, "found": found, **told(case)}
    return render_template("patients/redate.html", **page), status


def _redating(public_id: str, code: str, form: RedateForm) -> Replan:
    keep, repairs = form.keep.data == "keep", form.choose()
    with look() as work:
        case, day = cases.as_seen(work, public_id, form.version), form.day.data or date.min
        return courses.redating(work, case, code, day, TO_BE_GIVEN, SOMEBODY, keep=keep, repairs=repairs)


def _redated(public_id: str, code: str, form: RedateForm) -> Act:
    second, keep, repairs = second_person(public_id, form), form.keep.data == "keep", form.choose()
    day, reason, seal = form.day.data or date.min, form.reason, form.seal
    with begin(form.once) as work:
        return courses.redate(
            work, public_id, form.version, code, day, reason, second, keep=keep, repairs=repairs, shown=seal
        )


@pages.route("/patients/<id:public_id>/end", methods=["GET", "POST"])
@require(*WRITERS)
def end(public_id: str) -> Answer:
    form = EndForm()

    def ending() -> Replan:
        with look() as work:
            case = cases.as_seen(work, public_id, form.version)
        return courses.ending(case, form.day.data or date.min, Ended(form.because.data), TO_BE_GIVEN)

    def ended() -> Act:
        with begin(form.once) as work:
            because = Ended(form.because.data)
            day = form.day.data or date.min
            return courses.end(work, public_id, form.version, day, because, form.reason, form.seal)

    act, found, status = planned(form, ending, ended)
    if act is None:
        return _end(public_id, form, found, status)
    prints.forget(public_id, cast("Prints", current_app.extensions["prints"]))
    return done(act)


@pages.post("/patients/<id:public_id>/reopen")
@require(*WRITERS)
def reopen(public_id: str) -> Answer:
    form = ResumeForm()

    def resuming() -> Replan:
        with look() as work:
            return courses.resuming(cases.as_seen(work, public_id, form.version), TO_BE_GIVEN)

    def reopened() -> Act:
        with begin(form.once) as work:
            return courses.reopen(work, public_id, form.version, form.reason, form.seal)

    act, found, status = planned(form, resuming, reopened)
    return done(act) if act is not None else _end(public_id, form, found, status)


def _end(public_id: str, sent: ResumeForm, found: Replan | None, status: int) -> Answer:
    """The page of the end, or of taking it back: whichever the patient is at by now."""
    case, form = case_of(public_id), sent
    if isinstance(sent, EndForm) == (case.patient.ended is not None):
        form = ResumeForm(formdata=None) if case.patient.ended is not None else EndForm(formdata=None)
        form.form_errors.extend(sent.form_errors)
    form.show(case.patient.version)
    return render_template("patients/end.html", case=case, form=form, found=found, **told(case)), status
