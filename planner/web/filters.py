"""What templates say: days, times, names and sentences, each made where every other screen makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.typing import ResponseReturnValue as Answer

from planner.core.days import study_day
from planner.core.facts import State
from planner.exports.agenda import when_and_where
from planner.exports.cuts import cut_lines, stand_closed
from planner.exports.naming import name, reference_day, window_words
from planner.exports.saved import done_again, saved, taken_back
from planner.exports.sentences import conflict, days_left, deviation, flag
from planner.exports.starts import met
from planner.exports.trail import words as trail_words
from planner.exports.words import moment, staff_day, staff_days
from planner.services.undoing import REDO, UNDO

if TYPE_CHECKING:
    from flask import Flask

    from planner.core.days import Window
    from planner.services.cases import Act, Case
    from planner.services.history import Told

SENTENCES = (conflict, days_left, deviation, flag)
__all__ = ["Answer", "install", "moved"]


def install(app: Flask) -> None:
    """Hand them to every template."""
    for one in (
        staff_day,
        staff_days,
        moment,
        words,
        day_words,
        window_days,
        written,
        cut_lines,
        stand_closed,
        met,
        *SENTENCES,
        name,
        when_and_where,
    ):
        app.jinja_env.filters[one.__name__] = one
    app.jinja_env.globals["State"] = State


def day_words(case: Case) -> str:
    """`Day 38`: today, counted as the patient's protocol counts."""
    reference = reference_day(case.schedule)
    if reference is None:
        return "no Day 1 yet"
    return f"Day {study_day(case.today, reference, case.protocol.first_day)}"


def window_days(window: Window) -> str:
    """`14 Apr to 17 Apr 2025`."""
    return window_words(window).removeprefix("window ")


def words(code: str) -> str:
    """`medical_monitor` as words."""
    return str(code).replace("_", " ")


def written(told: Told) -> str:
    """A line of the history as a sentence."""
    return trail_words(told.line, told.protocol, told.units)


def moved(act: Act) -> str:
    """What was saved, taken back or done again, and how many visits got another day with it."""
    told = {UNDO: taken_back, REDO: done_again}.get(act.action, saved)
    return told(act.case.schedule, act.after)
