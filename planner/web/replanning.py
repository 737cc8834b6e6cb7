"""Re-planning a visit: what it does is read before anything is saved."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.errors import Refused, Stale
from planner.core.moves import Scope
from planner.exports import replanning as words
from planner.services import cases, replanning, visits
from planner.services.replanning import Asked, Verb
from planner.web.access import begin, look, require
from planner.web.filters import moved
from planner.web.forms import ReplanForm
from planner.web.patients import WRITERS
from planner.web.visits import AT, SOMEBODY, TO_BE_GIVEN, case_of, second_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.services.cases import Act
    from planner.services.replanning import Replan
    from planner.web.filters import Answer
    from planner.web.forms import PlannedForm, ResumeForm, SwapForm

T = TypeVar("T")
pages = Blueprint("replanning", __name__)


@pages.route(f"{AT}/replan", methods=["GET", "POST"])
@require(*WRITERS)
def show(public_id: str, code: str) -> Answer:
    form = ReplanForm()
    visits.visit_of(case_of(public_id), code)
    act, found, status = planned(form, lambda: _looked(public_id, code, form), lambda: _saved(public_id, code, form))
    if act is not None:
        return done(act)
    case = case_of(public_id)
    form.show(case.patient.version)
    visit = visits.visit_of(case, code)
    return render_template("replanning/show.html", case=case, visit=visit, form=form, found=found, words=words), status


def planned(
    form: PlannedForm | ResumeForm | SwapForm, looked: Callable[[], T], saved: Callable[[], Act]
) -> tuple[Act | None, T | None, int]:
    """What was saved, or what the page shows of it, and the status; what is refused is shown all the same."""
    if not form.is_submitted() or form.looks:
        found, status = form.save(looked)
        return None, found, 200 if found is not None else status
    act, status = form.save(saved)
    found = None
    if act is None and not any(field.errors for field in form):
        with suppress(Refused, Stale):  # what stands against it is said already
            found = looked()
    return act, found, status


def done(act: Act) -> Answer:
    """Back to the patient, with what moved."""
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=act.case.patient.public_id), 303)


def _asked(code: str, form: ReplanForm) -> Asked:
    keep = form.keep.data == "keep"
    return Asked(Verb(form.verb.data), code, form.days.data, form.day.data, Scope(form.scope.data), keep, form.choose())


def _saved(public_id: str, code: str, form: ReplanForm) -> Act:
    second = second_person(public_id, form)
    with begin(form.once) as work:
        return replanning.replan(work, public_id, form.version, _asked(code, form), form.reason, second)


def _looked(public_id: str, code: str, form: ReplanForm) -> Replan:
    """What it would do now."""
    with look() as work:
        case = cases.as_seen(work, public_id, form.version)
        return replanning.replanning(work, case, _asked(code, form), TO_BE_GIVEN, SOMEBODY)
