"""What was sent to patients: here only that one was told by telephone instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, url_for

from planner.core.staff import Role
from planner.services import delivery
from planner.web.access import begin, require

if TYPE_CHECKING:
    from uuid import UUID

    from planner.web.filters import Answer

pages = Blueprint("messages", __name__)


@pages.post("/patients/<id:public_id>/told/<uuid:uid>")
@require(Role.NURSE)
def phoned(public_id: str, uid: UUID) -> Answer:
    with begin() as work:
        delivery.phoned(work, public_id, str(uid))
    flash("Noted: the patient was told by telephone.")
    return redirect(url_for("agenda.today"), 303)
