"""The lines of today and of the week as sentences for staff. English only."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from planner.core.agenda import Asks
from planner.core.flags import GATES, NEEDS, raised
from planner.exports.messages import NO_ADDRESS, clear, phone
from planner.exports.months import closed_words
from planner.exports.naming import listed, name, window_words
from planner.exports.sentences import conflict, flag
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, time

    from planner.core.agenda import Item
    from planner.core.calendar import Calendar, Closure
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

ACTS = {
    Asks.PHONE: "Open",
    Asks.ADDRESS: "Open",
    Asks.CONFLICT: "Solve",
    Asks.OVERDUE: "Settle",
    Asks.RECORD: "Record",
    Asks.GATE: "Record",
    Asks.DECISION: "Decide",
    Asks.VISIT: "Record",
    Asks.FEW_DAYS: "Open",
    Asks.CLOSING: "Book",
    Asks.CONFIRM: "Confirm",
    Asks.BOOK: "Book",
}
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def line(schedule: Schedule, item: Item, units: Mapping[str, str] = NO_NAMES) -> str:
    """One line of today: what it is about, and what it asks for; `units` are names of units by their public ids."""
    if item.asks in (Asks.PHONE, Asks.ADDRESS):
        return _to_phone(item)
    if item.clash is not None:
        return conflict(schedule, item.clash)
    if item.visit is None:
        return ""
    if item.asks is Asks.VISIT:
        told = (name(schedule.protocol, item.visit.code), place_of(item.visit, units), *_waits(schedule, item.visit))
        return f"{', '.join(filter(None, told))}."
    return TOLD.get(item.asks, _flagged)(schedule, item.visit, item)


def _to_phone(item: Item) -> str:
    """What no mail tells the patient."""
    if item.message is not None:
        return phone(item.message)
    return clear(item.left) if item.left else NO_ADDRESS


def act(item: Item, *, writes: bool) -> str:
    """The word on the line's link: what to do there, or only to open it."""
    over = item.asks is Asks.VISIT and item.visit is not None and not item.visit.to_come
    return ACTS[item.asks] if writes and not over else "Open"


def _flagged(schedule: Schedule, visit: Visit, _item: Item) -> str:
    """The same words that stand on the patient's page."""
    said = "; ".join(flag(schedule, visit, one) for one in visit.flags if one.kind in NEEDS)
    return f"{name(schedule.protocol, visit.code)}: {said}."


def _waits(schedule: Schedule, visit: Visit) -> tuple[str, ...]:
    """What its gate says against it."""
    return tuple(flag(schedule, visit, one) for one in visit.flags if one.kind in GATES)


def _gate(schedule: Schedule, visit: Visit, _item: Item) -> str:
    if raised(visit, *GATES):
        return _flagged(schedule, visit, _item)
    limit = f" ({window_words(visit.window)})" if visit.window is not None else ""
    return f"{name(schedule.protocol, visit.code)}: due{limit}; a person decides it and records it."


def _decision(schedule: Schedule, visit: Visit, item: Item) -> str:
    asked = item.decision
    if asked is None:
        return ""
    day = f", {staff_day(item.day)}" if item.day is not None else ""
    hanging = f"{name(schedule.protocol, visit.code)}{day}"
    return f"{asked.name.into('en')}: nobody has decided yet, {asked.default} is assumed; {hanging}, hangs on it."


def _book(schedule: Schedule, visit: Visit, item: Item) -> str:
    on = f" on {staff_day(item.day)}" if item.day is not None else ""
    return f"{name(schedule.protocol, visit.code)}: due{on}, not booked."


def _confirm(schedule: Schedule, visit: Visit, item: Item) -> str:
    on = f" on {staff_day(item.day)}" if item.day is not None else ""
    return f"{name(schedule.protocol, visit.code)}: booked{on}, not confirmed by the patient."


TOLD: dict[Asks, Callable[[Schedule, Visit, Item], str]] = {
    Asks.GATE: _gate,
    Asks.DECISION: _decision,
    Asks.CONFIRM: _confirm,
    Asks.BOOK: _book,
}


def place_of(visit: Visit, units: Mapping[str, str] = NO_NAMES) -> str:
    """Where the visit takes place: as the protocol says, and the unit that was booked for it."""
    return ", ".join(filter(None, (visit.encounter.place.into("en"), unit_of(visit, units))))


def unit_of(visit: Visit, units: Mapping[str, str]) -> str:
    """The name of the unit that was booked for the visit; empty where none was, or nobody knows its name."""
    return units.get(visit.fact.unit or "", "") if visit.fact is not None else ""


def when_and_where(visit: Visit, units: Mapping[str, str]) -> str:
    """`9:00, Chair 2`: what was agreed beside the day; empty where nothing was."""
    at = clock(visit.fact.at) if visit.fact is not None and visit.fact.at is not None else ""
    return ", ".join(filter(None, (at, unit_of(visit, units))))


def booked_for(visit: Visit, units: Mapping[str, str]) -> str:
    """`Mon 28 Apr 2025, 9:00, Chair 2`; empty where it is not booked."""
    if visit.booked is None:
        return ""
    return ", ".join(filter(None, (staff_day(visit.booked), when_and_where(visit, units))))


def span(first: time, last: time) -> str:
    """`09:00-13:30`, to stand below each other; a second of two equal times says so."""
    return f"{first:%H:%M}-{last:%H:%M}{' (second time)' if first.fold else ''}"


def hours(number: float) -> str:
    """`13.5`."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def clock(at: time) -> str:
    """`9:00`; the second of two equal times, in the night that has them, says so."""
    return f"{at.hour}:{at:%M}{' (second time)' if at.fold else ''}"


def shut(calendar: Calendar, closed: Sequence[tuple[str, tuple[Closure, ...]]], day: date) -> str:
    """Why a day of a site is closed: in one breath where all of it is, else kind by kind; empty where all is open."""
    told = {kind: closed_words(calendar, why, day) for kind, why in closed}
    alike = set(told.values())
    if len(alike) == 1:
        return alike.pop()
    return "; ".join(
        f"{words}: {listed([kind for kind in told if told[kind] == words])}" for words in sorted(alike - {""})
    )
