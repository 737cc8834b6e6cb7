"""Re-planning a visit: what it does is read before anything is saved."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.errors import Refused, Stale
from planner.core.moves import Scope
from planner.exports.replanning import concerned, groups, repair_words, why_stuck
from planner.services import cases, replanning, visits
from planner.services.replanning import Asked, Verb
from planner.web.access import begin, look, require
from planner.web.filters import moved
from planner.web.forms import ReplanForm
from planner.web.patients import WRITERS
from planner.web.visits import AT, SOMEBODY, TO_BE_GIVEN, case_of, second_person

if TYPE_CHECKING:
    from planner.services.cases import Act
    from planner.services.replanning import Replan
    from planner.web.filters import Answer

pages = Blueprint("replanning", __name__)


@pages.route(f"{AT}/replan", methods=["GET", "POST"])
@require(*WRITERS)
def show(public_id: str, code: str) -> Answer:
    form, status = ReplanForm(), HTTPStatus.OK.value
    visits.visit_of(case_of(public_id), code)
    found = None
    if form.save_it.data:
        act, status = form.save(lambda: _saved(public_id, code, form))
        if act is not None:
            flash(moved(act))
            return redirect(url_for("patients.show", public_id=public_id), 303)
        if not any(field.errors for field in form):
            with suppress(Refused, Stale):  # what stands against it is said already
                found = _looked(public_id, code, form)
    elif form.is_submitted():
        found, status = form.save(lambda: _looked(public_id, code, form))
        status = HTTPStatus.OK.value if found is not None else status
    case = case_of(public_id)
    form.show(case.patient.version)
    told = {"groups": groups, "concerned": concerned, "why_stuck": why_stuck, "ways": repair_words}
    visit = visits.visit_of(case, code)
    return render_template("replanning/show.html", case=case, visit=visit, form=form, found=found, **told), status


def _asked(code: str, form: ReplanForm) -> Asked:
    keep = form.keep.data == "keep"
    return Asked(Verb(form.verb.data), code, form.days.data, form.day.data, Scope(form.scope.data), keep)


def _saved(public_id: str, code: str, form: ReplanForm) -> Act:
    second = second_person(public_id, form)
    with begin(form.once) as work:
        return replanning.replan(work, public_id, form.version, _asked(code, form), form.reason, second)


def _looked(public_id: str, code: str, form: ReplanForm) -> Replan:
    """What it would do now."""
    with look() as work:
        case = cases.as_seen(work, public_id, form.version)
        return replanning.replanning(work, case, _asked(code, form), TO_BE_GIVEN, SOMEBODY)
