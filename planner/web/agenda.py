"""Today, and the week of a site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for

from planner.core.errors import Refused
from planner.exports.agenda import act, line, place_of, shut
from planner.services import agenda
from planner.web.access import look, may, require
from planner.web.patients import READERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.core.agenda import Entry, Item
    from planner.web.filters import Answer

pages = Blueprint("agenda", __name__)
WEEK, SUNDAY = timedelta(days=7), timedelta(days=6)


@pages.get("/today")
@require(*READERS)
def today() -> Answer:
    with look() as work:
        found = agenda.today(work, request.args.get("site", ""))
    columns = {
        name: [_told(entry, found.units) for entry in getattr(found, name)] for name in ("now", "decide", "soon")
    }
    return render_template("agenda/today.html", found=found, columns=columns)


def _told(entry: Entry, units: Mapping[str, str]) -> dict[str, object]:
    """One line: who, the sentence, the visit whose time and state it shows, and the link to where it is done."""
    item, public_id = entry.item, entry.patient.public_id
    writes = may("visits.record" if item.decision is None else "patients.decide")
    return {
        "patient": entry.patient,
        "item": item,
        "words": line(entry.schedule, item, units),
        "act": act(item, writes=writes),
        "url": _where(public_id, item, writes=writes),
    }


def _where(public_id: str, item: Item, *, writes: bool) -> str:
    """Where the line is dealt with: a decision by those who may decide it, on a page of its own."""
    if item.message is not None and may("patients.contact"):
        return url_for("patients.contact", public_id=public_id)
    if item.decision is None:
        return url_for("visits.show", public_id=public_id, code=item.code)
    if not writes:
        return url_for("patients.show", public_id=public_id)
    return url_for("patients.decide", public_id=public_id, code=item.decision.code)


@pages.get("/week")
@require(*READERS)
def week() -> Answer:
    with look() as work:
        found = agenda.week(work, request.args.get("site", ""), day_asked())
    around = {"previous": found.first - WEEK, "following": found.first + WEEK, "last": found.first + SUNDAY}
    return render_template("agenda/week.html", week=found, around=around, shut=shut, place_of=place_of)


def day_asked() -> date | None:
    """The day that the address asks for; Refused where it is none."""
    text = request.args.get("from", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("no_such_week", day=text[:20]) from error
