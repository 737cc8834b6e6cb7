"""A day, a week or a unit of the site closes: which bookings that hits, and the least that must move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from planner.core.lifting import movable
from planner.core.replan import always, proposal

if TYPE_CHECKING:
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.calendar import Calendar
    from planner.core.replan import Proposal
    from planner.core.schedule import Schedule


@dataclass(frozen=True)
class Disruption:
    """One patient's bookings that a closure hits, and new days for these and for what must move with them."""

    hit: tuple[str, ...]
    proposal: Proposal


def disrupted(before: Schedule, calendar: Calendar, *, free: Free = always) -> Disruption:
    """What the calendar from now on does to the bookings to come of a patient; the plan before has the old one.

    A unit that closes while others of its kind stay open is no closed day: `free` says where there is no room left.
    """
    return Disruption(
        hit(before, calendar, free), proposal(before, before.facts, keep=False, free=free, calendar=calendar)
    )


def hit(before: Schedule, calendar: Calendar, free: Free = always) -> tuple[str, ...]:
    """The bookings to come whose day closes or has no room any more, in the order in which visits are placed.

    One of an attendance for two visits is named by the visit that takes the time, closed where either is.
    """
    found = []
    for host, day in _booked(before).items():
        newly = (_shut(before, calendar, code, day) for code in before.facts.attendance(host))
        if any(newly) or not free(host, day):
            found.append(host)
    return tuple(found)


def _booked(before: Schedule) -> dict[str, date]:
    """The bookings to come by the visit that takes the time, in the order in which visits are placed."""
    hosts = movable(before.possible.standing, before.possible.today)
    return {host: cast("date", before.by_code[host].booked) for host in hosts}


def _shut(before: Schedule, calendar: Calendar, code: str, day: date) -> bool:
    """Whether the day is closed to the visit now and was not before."""
    encounter, stay = before.protocol.by_code[code], before.possible.standing.stay_of(code)
    was, now = (
        one.why_closed(day, encounter.calendar, attended=encounter.attended, stay=stay)
        for one in (before.calendar, calendar)
    )
    return bool(now) and not was


def cascade(before: Schedule, since: date) -> tuple[str, ...]:
    """The bookings that shifting everything from `since` on by the same days would change, for the comparison.

    Nobody asks there whether the days shifted to are legal; in an attendance for two visits one booking changes.
    """
    return tuple(host for host, day in _booked(before).items() if day >= since)
