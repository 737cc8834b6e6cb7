"""A patient's absences: days on which nothing that they attend is planned."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.calendar import Because, Closure
from planner.services import absences, cases
from planner.web.access import begin, look, require
from planner.web.fields import ActForm
from planner.web.forms import AwayForm
from planner.web.patients import WRITERS

if TYPE_CHECKING:
    from planner.web.filters import Answer

pages = Blueprint("absences", __name__)
AT = "/patients/<id:public_id>/absences"


@pages.route(AT, methods=["GET", "POST"])
@require(*WRITERS)
def away(public_id: str) -> Answer:
    form = AwayForm()

    def saved() -> bool:
        closure = Closure(form.first.data or date.min, form.last.data or date.min, Because.ABSENCE)
        with begin(form.once) as work:
            absences.away(work, public_id, form.version, closure)
        return True

    return _answer(public_id, form, *form.save(saved))


@pages.post(f"{AT}/<id:which>/back")
@require(*WRITERS)
def back(public_id: str, which: str) -> Answer:
    form = ActForm()

    def saved() -> bool:
        with begin(form.once) as work:
            absences.back(work, public_id, form.version, which)
        return True

    done, status = form.save(saved)
    return _answer(public_id, AwayForm(formdata=None), done, status)


def _answer(public_id: str, form: AwayForm, done: bool | None, status: int) -> Answer:
    """Back to the patient, or the page with what was refused."""
    if done:
        flash("Saved. The plan follows.")
        return redirect(url_for("patients.show", public_id=public_id), 303)
    with look() as work:
        case = cases.case(work, public_id)
        known = absences.every(work, case)
    form.show(case.patient.version)
    return render_template("patients/absences.html", case=case, form=form, known=known), status
