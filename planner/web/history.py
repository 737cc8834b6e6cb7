"""A patient's history in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from planner.exports.history import told
from planner.services import history
from planner.web.access import look, require
from planner.web.patients import READERS

if TYPE_CHECKING:
    from planner.web.filters import Answer

pages = Blueprint("history", __name__)


@pages.get("/patients/<id:public_id>/history")
@require(*READERS)
def show(public_id: str) -> Answer:
    with look() as work:
        case, entries = history.of_patient(work, public_id)
    return render_template("history/show.html", case=case, acts=told(case.protocol, entries))
