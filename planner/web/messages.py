"""What was sent to patients: here only that they were told by telephone instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, url_for

from planner.core.staff import Role
from planner.services import messages
from planner.web.access import begin, require
from planner.web.fields import ActForm

if TYPE_CHECKING:
    from uuid import UUID

    from planner.web.filters import Answer

pages = Blueprint("messages", __name__)


@pages.post("/patients/<id:public_id>/told/<uuid:uid>")
@require(Role.NURSE)
def phoned(public_id: str, uid: UUID) -> Answer:
    with begin() as work:
        messages.phoned(work, public_id, str(uid))
    flash("Noted: the patient was told by telephone.")
    return redirect(url_for("agenda.today"), 303)


@pages.post("/patients/<id:public_id>/told")
@require(Role.NURSE)
def cleared(public_id: str) -> Answer:
    form = ActForm()
    with begin(form.once) as work:
        messages.cleared(work, public_id, form.version)
    flash("Noted: the patient was told by telephone what to delete.")
    return redirect(url_for("agenda.today"), 303)
