"""Units of a resource (a chair, a scanner, a theatre): when they are open, and what is still free.

Taken time is counted in cells of a quarter of an hour of universal time, so that no two visits share one, on the
nights on which the clocks change as on any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from planner.core.calendar import ANY
from planner.core.walltime import first_shown, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planner.core.calendar import Closure
    from planner.core.facts import Fact, Facts
    from planner.core.patients import Site
    from planner.core.protocol import Encounter, Protocol

CELL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Opening hours on one weekday (0 Monday to 6 Sunday), local time; the end is the moment of closing."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.closes <= self.opens:
            raise ValueError(f"hours end {self.closes} before they begin {self.opens}")


@dataclass(frozen=True, slots=True)
class Unit:
    """One chair, scanner or theatre; `kind` is the calendar that visits obey. `closures` are its own."""

    public_id: str
    kind: str
    name: str
    hours: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """Hours of one day opened by hand, instead of those of its weekday; without a kind for every unit of the site."""

    day: date
    opens: time
    closes: time
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """A local time at which a visit can begin, and the units (public ids) that have room then, in the site's order.

    `start` is the instant (UTC) that it means.
    """

    at: time
    units: tuple[str, ...]
    start: datetime


def kind_of(encounter: Encounter) -> str | None:
    """The kind of unit that a visit takes; None where it takes none (home nurse, staff only)."""
    return encounter.resource or (encounter.calendar if encounter.calendar != ANY else None)


def minutes_of(*attended: Encounter) -> int:
    """How long an attendance takes a unit: of each visit the longest that the protocol says, one after the other.

    A quarter of an hour for a visit of which it says nothing.
    """
    least = int(CELL.total_seconds() // 60)
    return sum(encounter.duration[1] if encounter.duration is not None else least for encounter in attended)


def attended(protocol: Protocol, facts: Facts, code: str) -> tuple[Encounter, ...]:
    """The visits that are made in the time of this one: itself, and those that its attendance fulfils too."""
    return tuple(protocol.by_code[one] for one in (code, *facts.guests(code)))


def cells(start: datetime, minutes: int) -> range:
    """The quarters of an hour, counted from 1970 in universal time, that a visit of `minutes` from `start` takes."""
    first, seconds = int(start.timestamp()), int(CELL.total_seconds())
    return range(first // seconds, -(-(first + 60 * minutes) // seconds))


def taken_by(fact: Fact, *attended: Encounter) -> range:
    """The cells that a booked attendance takes of its unit; none where no unit is taken."""
    return spent_by(fact, *attended) if fact.unit is not None else range(0)


def spent_by(fact: Fact, *attended: Encounter) -> range:
    """The cells in which the patient is at an attendance, wherever that is; none where no time is agreed."""
    if fact.day is None or fact.at is None or fact.zone is None:
        return range(0)
    return cells(first_shown(fact.day, fact.at, fact.zone), minutes_of(*attended))


def spent_elsewhere(protocol: Protocol, facts: Facts, code: str) -> frozenset[int]:
    """The cells in which the patient attends other visits: nobody is in two places at once."""
    here = {*facts.together, *facts.attendance(code)}  # what another attendance fulfils takes no time
    others = ((attended(protocol, facts, other), fact) for other, fact in facts.visits.items() if other not in here)
    return frozenset(cell for visits, fact in others if visits[0].attended for cell in spent_by(fact, *visits))


def ends(fact: Fact, *attended: Encounter) -> time | None:
    """The local time at which a booked visit is over; None where no time is agreed."""
    if fact.day is None or fact.at is None or fact.zone is None:
        return None
    over = first_shown(fact.day, fact.at, fact.zone) + timedelta(minutes=minutes_of(*attended))
    local = over.astimezone(zone_named(fact.zone))
    return time(local.hour, local.minute, fold=local.fold)


def open_cells(unit: Unit, day: date, zone: str, opened: Iterable[Opened] = ()) -> frozenset[int]:
    """The quarters of an hour in which the unit is open on that day."""
    hours = (
        (first_shown(day, opens, zone), first_shown(day, closes, zone)) for opens, closes in hours_on(unit, day, opened)
    )
    return frozenset(cell for first, last in hours for cell in cells(first, int((last - first).total_seconds()) // 60))


def hours_on(unit: Unit, day: date, opened: Iterable[Opened] = ()) -> tuple[tuple[time, time], ...]:
    """When the unit is open on that day: as opened by hand, else as on that weekday; never while it is closed."""
    if any(day in closure for closure in unit.closures):
        return ()
    by_hand = [(o.opens, o.closes) for o in opened if o.day == day and o.kind in ("", unit.kind)]
    usual = [(h.opens, h.closes) for h in unit.hours if h.weekday == day.weekday()]
    return _merged(sorted(by_hand or usual))


def _merged(spans: list[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Spans in order, those that touch or overlap as one."""
    found: list[tuple[time, time]] = []
    for opens, closes in spans:
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return tuple(found)


def weekdays_without(units: Iterable[Unit]) -> Mapping[str, tuple[int, ...]]:
    """For each kind the weekdays on which none of its units opens; a unit without any hours is not in use yet."""
    found: dict[str, set[int]] = {}
    for unit in (unit for unit in units if unit.hours):
        found.setdefault(unit.kind, set()).update(hours.weekday for hours in unit.hours)
    return {kind: tuple(sorted(set(range(7)) - days)) for kind, days in found.items()}


def free(
    units: Iterable[Unit],
    day: date,
    minutes: int,
    site: Site,
    taken: Mapping[str, frozenset[int]],
    opened: Iterable[Opened] = (),
) -> tuple[Free, ...]:
    """Every quarter of an hour at which a visit of `minutes` can begin on `day`, with the units that have room.

    `taken` holds the cells of each unit that are gone. A time that the clocks skip is none; one that they show twice
    stands there twice, the second with `fold` 1.
    """
    found: dict[datetime, tuple[time, list[str]]] = {}  # by instant: two equal times of one night are two
    opened = tuple(opened)
    spans: dict[tuple[time, time], list[tuple[time, datetime, frozenset[int]]]] = {}  # most units open and close alike
    for unit in units:
        gone = taken.get(unit.public_id, frozenset())
        for span in hours_on(unit, day, opened):
            if span not in spans:
                spans[span] = list(_starts(day, *span, minutes, site.zone))
            for at, start, spent in spans[span]:
                if gone.isdisjoint(spent):
                    found.setdefault(start, (at, []))[1].append(unit.public_id)
    return tuple(Free(at, tuple(places), start) for start, (at, places) in sorted(found.items()))


def _starts(
    day: date, opens: time, closes: time, minutes: int, zone: str
) -> Iterator[tuple[time, datetime, frozenset[int]]]:
    """Local times from opening on after which `minutes` still fit, with their instants and the cells they take."""
    last = first_shown(day, closes, zone) - timedelta(minutes=minutes)
    now = first_shown(day, opens, zone)
    place = zone_named(zone)
    while now <= last:
        local = now.astimezone(place)
        yield time(local.hour, local.minute, fold=local.fold), now, frozenset(cells(now, minutes))
        now += CELL


def room(found: Iterable[Free], minutes: int) -> int:
    """How many visits of `minutes` still fit one after the other into these free times."""
    last: dict[str, datetime] = {}
    count = 0
    for one in found:
        for unit in one.units:
            if unit not in last or one.start >= last[unit]:
                last[unit] = one.start + timedelta(minutes=minutes)
                count += 1
    return count
