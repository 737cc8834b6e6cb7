"""Taking a saved act of a patient back, and doing it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, url_for

from planner.services import undoing
from planner.services.undoing import REDO, UNDO
from planner.web.access import begin, require
from planner.web.filters import moved
from planner.web.history import page_of, undo_forms
from planner.web.patients import WRITERS

if TYPE_CHECKING:
    from planner.services.cases import Act
    from planner.web.filters import Answer

pages = Blueprint("undoing", __name__)


@pages.post("/patients/<id:public_id>/undo")
@require(*WRITERS)
def undo(public_id: str) -> Answer:
    return _take(public_id, UNDO)


@pages.post("/patients/<id:public_id>/redo")
@require(*WRITERS)
def redo(public_id: str) -> Answer:
    return _take(public_id, REDO)


def _take(public_id: str, verb: str) -> Answer:
    forms = undo_forms()
    form = forms[verb]

    def taken() -> Act:
        with begin(form.once) as work:
            return undoing.take(
                work, public_id, form.version, str(form.act.data or ""), verb, str(form.shown.data or "")
            )

    act, status = form.save(taken)
    if act is None:
        return page_of(public_id, forms, status)
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=public_id), 303)
