"""What a patient agreed to be told, by which channel and in how many words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.disclosure import Detail
from planner.core.patients import Wishes
from planner.core.staff import Role
from planner.exports.messages import NO_ADDRESS
from planner.exports.outside import outside, still_shown
from planner.exports.words import NAMES
from planner.services import cases, contacts, feeds
from planner.web.access import begin, look, require
from planner.web.fields import PlannerForm
from planner.web.forms import CHANNELS, AgreeForm

if TYPE_CHECKING:
    from planner.web.filters import Answer

pages = Blueprint("contacts", __name__)


@pages.route("/patients/<id:public_id>/agreed", methods=["GET", "POST"])
@require(Role.NURSE)
def agree(public_id: str) -> Answer:
    with look() as work:
        case, known = cases.case(work, public_id), contacts.wishes(work, public_id)
        feed, left = feeds.of_patient(work, public_id), contacts.left(work, public_id)
        unaddressed = contacts.unaddressed(work, public_id)
    form = AgreeForm(obj=known)

    def agreed() -> bool:
        with begin(form.once) as work:
            contacts.agree(work, public_id, form.version, _wishes(form))
        return True

    done, status = form.save(agreed)
    if done:
        flash("Saved. It holds from now on: what the patient no longer agrees to is stopped.")
        return redirect(url_for("contacts.agree", public_id=public_id), 303)
    form.show(case.patient.version)
    parts = {
        "seen": outside(case.schedule, case.patient.language),
        "language": NAMES[case.patient.language],
        "known": known,
        "left": still_shown(case.schedule, left),
        "missing": NO_ADDRESS if unaddressed else "",
        "feed": feed,
        "key": PlannerForm(formdata=None).key.data,
    }
    return render_template("patients/agreed.html", form=form, case=case, **parts), status


def _wishes(form: AgreeForm) -> Wishes:
    chosen = {name: Detail(form[name].data) if form[name].data else None for name in CHANNELS}
    return Wishes(**chosen, alarm=form.alarm.data, reminder=form.reminder.data, open_days=form.open_days.data)
