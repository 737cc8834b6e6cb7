"""The ward of a site: a week unit by unit, a month day by day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from planner.exports.agenda import clock, hours, shut, span
from planner.exports.months import closed_words
from planner.services import ward
from planner.web.access import look, require
from planner.web.agenda import day_asked
from planner.web.patients import READERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.services.ward import Day
    from planner.web.filters import Answer

pages = Blueprint("ward", __name__)
ASKED = ("site", "kind")
DAY = timedelta(days=1)
WORDS = {one.__name__: one for one in (clock, closed_words, hours, shut, span)}


@pages.get("/ward")
@require(*READERS)
def show() -> Answer:
    asked = {name: request.args[name] for name in ASKED if request.args.get(name)}
    monthly = request.args.get("view") == "month"
    shown = ward.month if monthly else ward.week
    with look() as work:
        found = shown(work, asked.get("site", ""), asked.get("kind", ""), day_asked())
    asked |= {"view": "month"} if monthly else {}
    told = {
        "asked": asked,
        "monthly": monthly,
        "around": {"previous": found.first - DAY, "following": found.last + DAY},
        "beside": {name: value for name, value in asked.items() if name != "site"} | {"from": found.first.isoformat()},
        "weeks": _weeks(found.days),
    }
    return render_template("agenda/ward.html", ward=found, **told, **WORDS)


def _weeks(days: Sequence[Day]) -> list[list[Day | None]]:
    """The days of a month from Monday to Sunday; nothing where a day is of another month."""
    before = days[0].day.weekday() if days else 0
    shown = [*[None] * before, *days, *[None] * (-(before + len(days)) % 7)]
    return [shown[n : n + 7] for n in range(0, len(shown), 7)]
