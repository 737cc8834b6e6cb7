"""The week of a site on paper: for staff, A4 across, day by day with time, unit, subject number and visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.exports.agenda import clock, place_of
from planner.exports.months import state_word
from planner.exports.naming import name
from planner.exports.pdf import instant_of, laid_out, printing
from planner.exports.words import moment, staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.exports.paper import Paper


@dataclass(frozen=True, slots=True)
class Row:
    """One visit: `time` empty where none was agreed."""

    time: str
    unit: str
    subject: str
    visit: str
    state: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day, why it is closed (empty: it is open), and its visits in order of time."""

    day: str
    closed: str
    rows: tuple[Row, ...]


def row(subject: str, schedule: Schedule, visit: Visit, units: Mapping[str, str]) -> Row:
    """One visit of the list; `units` are names of units by their public ids."""
    at = clock(visit.fact.at) if visit.fact is not None and visit.fact.at is not None else ""
    return Row(at, place_of(visit, units), subject, name(schedule.protocol, visit.code), state_word(visit))


def day_of(day: date, closed: str, rows: tuple[Row, ...]) -> Day:
    """One day of the list."""
    return Day(staff_day(day), closed, rows)


def printed_week(days: tuple[Day, ...], first: date, last: date, paper: Paper) -> bytes:
    """The list on paper."""
    return laid_out(week_page(days, first, last, paper))


def week_page(days: tuple[Day, ...], first: date, last: date, paper: Paper) -> str:
    """The paper before it is laid out, as HTML."""
    template = printing().get_template("week.html")
    as_of, stamp = moment(paper.stamp, paper.zone), instant_of(paper.stamp)
    return template.render(days=days, week=staff_days(first, last), site=paper.site, as_of=as_of, stamp=stamp)
