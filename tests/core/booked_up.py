"""Patients of SHRINK with every visit booked on its suggested day, and proposals as tables."""

from __future__ import annotations

from datetime import date

from planner.core.disruption import Struck
from planner.core.lifting import movable
from planner.core.schedule import plan

from .small import SHRINK, START

STANDING = ("REG", "C1D1")
"""They stand on their named dates, booked by nobody."""


def booked_up(calendar, today=None):
    """The plan in which every visit is booked on the day that was suggested for it."""
    facts = START
    for visit in plan(SHRINK, START, calendar).visits:
        if visit.suggested is not None and visit.code not in STANDING:
            facts = facts.booked(visit.code, visit.suggested)
    return plan(SHRINK, facts, calendar, today)


def d(day: int, month: int) -> date:
    """A day of 2025."""
    return date(2025, month, day)


def moved_to(proposal):
    """The visits whose day differs: (visit, old, new, window)."""
    windows = {code: visit.window for code, visit in proposal.after.by_code.items()}
    return [
        (line.code, line.old, line.new, (windows[line.code].earliest, windows[line.code].latest))
        for line in proposal.lines
        if line.old != line.new
    ]


def struck(before, calendar, key="", cut=()):
    """The patient with the bookings to come whose day is closed on that calendar, and those that are `cut` anyhow."""
    hosts = movable(before.possible.standing, before.possible.today)
    return Struck(key, before, calendar, tuple(h for h in hosts if h in cut or _shut(before, calendar, h)))


def _shut(before, calendar, host):
    visits = [before.by_code[code].encounter for code in before.facts.attendance(host)]
    day = before.by_code[host].booked
    return any(calendar.why_closed(day, visit.calendar, attended=visit.attended) for visit in visits)
