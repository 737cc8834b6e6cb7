"""Today, and the week of a site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from planner.core.agenda import SOON, Asks
from planner.core.errors import Refused
from planner.core.staff import Role
from planner.exports.agenda import act, line, place_of, shut
from planner.services import agenda, portal
from planner.web.access import begin, look, may, require
from planner.web.fields import PlannerForm
from planner.web.frame import lines
from planner.web.patients import READERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from planner.core.agenda import Item
    from planner.services.agenda import Booked
    from planner.services.cases import Case
    from planner.web.filters import Answer

pages = Blueprint("agenda", __name__)
WEEK, SUNDAY = timedelta(days=7), timedelta(days=6)
MOST_OPEN = 6
"""Patients of whom what is soon is told at once; the others are folded away."""


@pages.get("/today")
@require(*READERS)
def today() -> Answer:
    with look() as work:
        asked = request.args.get("site", "")
        found = agenda.today(work, asked)
        calls = portal.calls(work, asked) if may("agenda.called") else ()
    told = {case.patient.public_id: _lines(case, found.units) for case in found.cases}
    columns = {
        name: [told[entry.patient.public_id][entry.place] for entry in getattr(found, name)]
        for name in ("now", "decide")
    }
    soon = [
        (entries[0].patient, [told[entry.patient.public_id][entry.place] for entry in entries])
        for entries in found.soon_by_patient
    ]
    untold = [_untold(entry.case, entry.item, found.units) for entry in found.untold]
    parts = {"columns": columns, "soon": soon, "most": MOST_OPEN, "calls": calls, "untold": untold}
    return render_template("agenda/today.html", found=found, **parts)


@pages.post("/patients/<id:public_id>/called/<code>")
@require(Role.NURSE, Role.INVESTIGATOR)
def called(public_id: str, code: str) -> Answer:
    with begin(PlannerForm().once) as work:
        portal.called(work, public_id, code)
    flash("Saved: the patient was called.")
    return redirect(url_for("agenda.today"), 303)


def _lines(case: Case, units: Mapping[str, str]) -> tuple[Markup, ...]:
    """The lines of one patient, as those of one role see them."""
    return lines("agenda/_line.html", case, lambda: (_told(case, item, units) for item in agenda.lines(case)))


def _told(case: Case, item: Item, units: Mapping[str, str]) -> dict[str, object]:
    """One line: who, the sentence, the visit whose time and state it shows, and the link to where it is done."""
    public_id = case.patient.public_id
    writes = may("visits.record" if item.decision is None else "patients.decide")
    return {
        "patient": case.patient,
        "item": item,
        "alone": item.asks in SOON,
        "words": line(case.schedule, item, units),
        "act": act(item, writes=writes),
        "url": _where(public_id, item, writes=writes),
    }


def _untold(case: Case, item: Item, units: Mapping[str, str]) -> dict[str, object]:
    """A line that asks to phone the patient, and where it is noted that somebody did."""
    whose, done = case.patient.public_id, ""
    if may("messages.phoned") and item.message is not None:
        done = url_for("messages.phoned", public_id=whose, uid=item.message.uid)
    elif may("messages.cleared") and item.left:
        done = url_for("messages.cleared", public_id=whose)
    return {**_told(case, item, units), "done": done}


def _where(public_id: str, item: Item, *, writes: bool) -> str:
    """Where the line is dealt with: a decision by those who may decide it, on a page of its own."""
    if item.asks in (Asks.PHONE, Asks.ADDRESS) and may("patients.contact"):
        return url_for("patients.contact", public_id=public_id)
    if item.left or item.asks is Asks.ADDRESS:
        return url_for("patients.show", public_id=public_id)
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
    told = {day.day: [_visit(booked, found.units) for booked in day.visits] for day in found.days}
    return render_template("agenda/week.html", week=found, around=around, shut=shut, told=told)


def _visit(booked: Booked, units: Mapping[str, str]) -> Markup:
    """One visit of the week."""
    visit = booked.visit
    told = {"case": booked.case, "visit": visit, "place": place_of(visit, units)}
    return lines("agenda/_visit.html", booked.case, lambda: (told,), visit.code)[0]


def day_asked() -> date | None:
    """The day that the address asks for; Refused where it is none."""
    text = request.args.get("from", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("no_such_week", day=text[:20]) from error
