"""Re-planning a visit: what it does is read before anything is saved."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.errors import Refused, Stale
from planner.core.moves import Scope
from planner.exports import replanning as words
from planner.services import cases, replanning, resources, visits
from planner.services.replanning import Asked, Verb
from planner.web.access import begin, look, require
from planner.web.fields import one_of
from planner.web.filters import moved
from planner.web.forms import ReplanForm
from planner.web.patients import WRITERS
from planner.web.visits import AT, SOMEBODY, TO_BE_GIVEN, case_of, second_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.services.cases import Act, Case
    from planner.services.replanning import Replan
    from planner.web.filters import Answer
    from planner.web.forms import ReadFirstForm

    class Shown(Protocol):
        """What a page shows before it is saved."""

        @property
        def seal(self) -> str: ...


T = TypeVar("T", bound="Shown")
S = TypeVar("S")
pages = Blueprint("replanning", __name__)


@pages.route(f"{AT}/replan", methods=["GET", "POST"])
@require(*WRITERS)
def show(public_id: str, code: str) -> Answer:
    form = ReplanForm()
    case = case_of(public_id)
    visits.visit_of(case, code)
    form.scope.choices = one_of(words.scopes(case.schedule, code))
    act, found, status = planned(form, lambda: _looked(public_id, code, form), lambda: _saved(public_id, code, form))
    if act is not None:
        return done(act)
    case = case_of(public_id)
    form.show(case.patient.version)
    page = {"case": case, "visit": visits.visit_of(case, code), "form": form, "found": found, **told(case)}
    return render_template("replanning/show.html", **page), status


def planned(form: ReadFirstForm, looked: Callable[[], T], saved: Callable[[], S]) -> tuple[S | None, T | None, int]:
    """What was saved, or what the page shows of it, and the status; what is refused is shown all the same.

    The form then carries the seal of what is shown, and can be saved only with one.
    """
    if not form.is_submitted() or form.looks:
        act, (found, status) = None, form.save(looked)
        status = HTTPStatus.OK if found is not None else status
    else:
        (act, status), found = form.save(saved), None
        if act is None and not any(field.errors for field in form):
            with suppress(Refused, Stale):  # what stands against it is said already
                found = looked()
    form.shown.data = found.seal if found is not None else ""
    return act, found, status


def told(case: Case) -> dict[str, object]:
    """What a page says it with: the words of a re-planning, and the names of the site's units."""
    with look() as work:
        return {"words": words, "units": resources.unit_names(work, case.patient.site)}


def done(act: Act) -> Answer:
    """Back to the patient, with what moved."""
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=act.case.patient.public_id), 303)


def _asked(code: str, form: ReplanForm) -> Asked:
    keep = form.keep.data == "keep"
    return Asked(Verb(form.verb.data), code, form.days.data, form.day.data, Scope(form.scope.data), keep, form.choose())


def _saved(public_id: str, code: str, form: ReplanForm) -> Act:
    second, asked, shown = second_person(public_id, form), _asked(code, form), form.seal
    with begin(form.once) as work:
        return replanning.replan(work, public_id, form.version, asked, form.reason, second, shown)


def _looked(public_id: str, code: str, form: ReplanForm) -> Replan:
    """What it would do now."""
    with look() as work:
        case = cases.as_seen(work, public_id, form.version)
        return replanning.replanning(work, case, _asked(code, form), TO_BE_GIVEN, SOMEBODY)
