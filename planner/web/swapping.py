"""Two patients exchange the times of two bookings: what that does to both is read before anything is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, render_template

from planner.exports.agenda import booked_for
from planner.services import cases, resources, swapping, visits
from planner.web.access import begin, look, require
from planner.web.fields import one_of
from planner.web.filters import moved
from planner.web.forms import SwapForm
from planner.web.patients import WRITERS
from planner.web.replanning import done, planned, told
from planner.web.visits import AT, SOMEBODY, TO_BE_GIVEN, second_person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.services.cases import Act
    from planner.services.swapping import Exchange, Slot
    from planner.web.filters import Answer

pages = Blueprint("swapping", __name__)


@pages.route(f"{AT}/swap", methods=["GET", "POST"])
@require(*WRITERS)
def show(public_id: str, code: str) -> Answer:
    form = SwapForm()
    acts, found, status = planned(form, lambda: _looked(public_id, code, form), lambda: _saved(public_id, code, form))
    if acts is not None:
        back = done(acts[0])
        flash(f"{acts[1].case.patient.subject_id}: {moved(acts[1])}")
        return back
    with look() as work:
        case = cases.case(work, public_id)
        visit, slots = visits.visit_of(case, code), swapping.offered(work, case, code)
        units = resources.unit_names(work, case.patient.site)
    form.other.choices = one_of({_value(slot): _told(slot, units) for slot in slots})
    form.show(case.patient.version)
    page = {"case": case, "visit": visit, "form": form, "found": found, "slots": slots, **told(case)}
    return render_template("swapping/show.html", **page), status


def _value(slot: Slot) -> str:
    return f"{slot.case.patient.public_id} {slot.visit.code} {slot.case.patient.version}"


def _told(slot: Slot, units: Mapping[str, str]) -> str:
    """`01-002, FOLFOX 3, Mon 31 Mar 2025, 09:00, Chair 1`."""
    who, what = slot.case.patient.subject_id, slot.visit.encounter.name.into("en")
    return f"{who}, {what}, {booked_for(slot.visit, units)}"


def _looked(public_id: str, code: str, form: SwapForm) -> Exchange:
    other = swapping.chosen(str(form.other.data or ""))
    with look() as work:
        case = cases.as_seen(work, public_id, form.version)
        cases.as_seen(work, other.public_id, other.seen)
        return swapping.swapping(work, case, code, other, TO_BE_GIVEN, SOMEBODY)


def _saved(public_id: str, code: str, form: SwapForm) -> tuple[Act, Act]:
    second, other = second_person(public_id, form), swapping.chosen(str(form.other.data or ""))
    with begin(form.once) as work:
        return swapping.swap(work, public_id, form.version, code, other, form.reason, second, form.seal)
