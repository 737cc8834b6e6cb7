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
            absences.away(work, public_id, form.version, closure, form.agreed.data or "")
        return True

    done, status = form.save(saved)
    return _saved(public_id) if done else _page(public_id, form, status)


@pages.post(f"{AT}/<id:which>/back")
@require(*WRITERS)
def back(public_id: str, which: str) -> Answer:
    form = ActForm()

    def saved() -> bool:
        with begin(form.once) as work:
            absences.back(work, public_id, form.version, which)
        return True

    done, status = form.save(saved)
    if done:
        return _saved(public_id)
    page = AwayForm(formdata=None)
    page.form_errors.extend(form.form_errors)
    return _page(public_id, page, status)


def _saved(public_id: str) -> Answer:
    flash("Saved. The plan follows.")
    return redirect(url_for("patients.show", public_id=public_id), 303)


def _page(public_id: str, form: AwayForm, status: int) -> Answer:
    with look() as work:
        case = cases.case(work, public_id)
        known = absences.every(work, case)
    form.show(case.patient.version)
    return render_template("patients/absences.html", case=case, form=form, known=known), status
