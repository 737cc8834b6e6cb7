"""Room for visits: what the units of a site still offer, and the times that bookings get on the days they move to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from planner.core.calendar import ANY, without_opened
from planner.core.facts import State
from planner.core.turns import barred
from planner.core.units import attended, free, kind_of, minutes_of, room, taken_by
from planner.core.walltime import after_gap, zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from planner.core.arranging import Free as FreeDay
    from planner.core.calendar import Closure
    from planner.core.facts import Fact, Facts
    from planner.core.patients import Site
    from planner.core.protocol import Protocol
    from planner.core.units import Free, Opened, Unit

    Rooms = Callable[[str], "Room"]
    """The room for a visit of a patient, as if all bookings of that patient were given back."""


P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Room:
    """The units of the kind that a visit needs, and what of their time others have taken; empty where it needs none.

    `busy` are the cells in which the patient is elsewhere; nothing begins before `now`, or on a day that is `shut`.
    """

    site: Site
    minutes: int
    units: tuple[Unit, ...] = ()
    opened: tuple[Opened, ...] = ()
    taken: Mapping[str, frozenset[int]] = field(default_factory=dict)
    busy: frozenset[int] = frozenset()
    now: datetime | None = None
    shut: tuple[Closure, ...] = ()

    def free(self, day: date) -> tuple[Free, ...]:
        """The times at which the visit can begin on that day."""
        gone = {unit.public_id: self.taken.get(unit.public_id, frozenset()) | self.busy for unit in self.units}
        return self._to_come(day, gone)

    def offered(self, day: date) -> tuple[Free, ...]:
        """The times that would be there if nobody had taken any."""
        return self._to_come(day, {})

    def _to_come(self, day: date, gone: Mapping[str, frozenset[int]]) -> tuple[Free, ...]:
        if any(day in closure and day not in closure.opened for closure in self.shut):
            return ()
        found = free(self.units, day, self.minutes, self.site, gone, self.opened)
        return tuple(f for f in found if self.now is None or f.start >= self.now)

    def places(self, day: date) -> int:
        """How many such visits still fit into that day."""
        return room(self.free(day), self.minutes)

    def crowded(self, day: date) -> bool:
        """Whether only the patient's other visits of that day, or the order among them, leave the visit no time."""
        return not self.fits(day) and replace(self, busy=frozenset()).fits(day)

    def fits(self, day: date) -> bool:
        """Whether the visit can be on that day: it takes no unit, or one has room."""
        return not self.units or bool(self.free(day))


@dataclass(frozen=True, slots=True)
class Capacity:
    """All units of a site, the days on which they are `shut` together, and the cells of each (public id) `taken`."""

    site: Site
    units: tuple[Unit, ...] = ()
    opened: tuple[Opened, ...] = ()
    shut: tuple[Closure, ...] = ()
    taken: Mapping[str, frozenset[int]] = field(default_factory=dict)
    now: datetime | None = None

    def room(self, protocol: Protocol, facts: Facts, code: str) -> Room:
        """What it offers to the attendance of a visit; a unit without hours offers nothing.

        A day that is open by hand for units of this kind is shut no more. No day of the site is shut to a call, only
        those of its own kind.
        """
        kind = kind_of(protocol.by_code[code])
        minutes = minutes_of(*attended(protocol, facts, code))
        units = tuple(unit for unit in self.units if unit.kind == kind and unit.hours)
        if not units:
            return Room(self.site, minutes)
        by_hand = tuple(sorted({one.day for one in self.opened if one.kind in ("", kind)}))
        called = protocol.by_code[code].calendar == ANY
        shut = (c for c in self.shut if kind in c.calendars or not (c.calendars or called))
        closed = tuple(without_opened(closure, by_hand) for closure in shut)
        return Room(self.site, minutes, units, self.opened, self.taken, now=self.now, shut=closed)

    def rooms(self, protocol: Protocol, facts: Facts) -> Rooms:
        """The same for every visit of a patient, each asked once."""
        return cache(lambda code: self.room(protocol, facts, code))

    def without(self, protocol: Protocol, facts: Facts) -> Capacity:
        """With what a patient of these facts has taken given back."""
        own = held(protocol, facts)
        return replace(self, taken={unit: cells - own.get(unit, frozenset()) for unit, cells in self.taken.items()})

    def beside(self, protocol: Protocol, facts: Facts) -> Capacity:
        """With what these facts take taken too."""
        own = held(protocol, facts)
        return replace(self, taken={**self.taken, **{u: self.taken.get(u, frozenset()) | c for u, c in own.items()}})


def held(protocol: Protocol, facts: Facts) -> dict[str, frozenset[int]]:
    """The cells that the visits of a patient take, by the unit's public id."""
    found: dict[str, frozenset[int]] = {}
    for code, fact in facts.visits.items():
        if fact.unit is not None and code in protocol.by_code:
            found[fact.unit] = found.get(fact.unit, frozenset()).union(taken_by(fact, *attended(protocol, facts, code)))
    return found


def timed(protocol: Protocol, before: Facts, facts: Facts, rooms: Rooms, displaced: Collection[str] = ()) -> Facts:
    """Each booking that moved at the time that it had, where that is free on its new day, else at the nearest one.

    One that is new has the first time that there is in a unit. `displaced` are bookings that have lost their time or
    place though their day may stay.
    """
    for code, fact in facts.visits.items():
        known = before.visits.get(code)
        again = fact == known and code in displaced
        if fact.day is not None and code not in facts.together and _wants_time(known, fact, again=again):
            facts = facts.booked(code, fact.day, *_time(protocol, facts, known, code, rooms(code), fact.day))
    return facts


def _wants_time(known: Fact | None, fact: Fact, *, again: bool = False) -> bool:
    """Whether a time is to be found: the booking is new, or it had a time and has none now, or is to have another."""
    if known is None:
        return fact.state is State.BOOKED and fact.at is None
    return known.at is not None and (fact.at is None or again)


def _time(  # what the choice of a time hangs on
    protocol: Protocol, facts: Facts, known: Fact | None, code: str, room: Room, day: date
) -> tuple[time | None, str | None, str | None]:
    """The time nearest to the one known, else the first, with its zone and a unit; none where none is left."""
    if not room.units:
        at = _on_the_clock(day, known) if known is not None else None
        return at, known.zone if known is not None and at is not None else None, None
    free = replace(room, busy=room.busy | barred(protocol, facts, code)).free(day)
    wanted = datetime.combine(day, known.at if known is not None and known.at is not None else time())
    best = min(free, key=lambda one: (abs(datetime.combine(day, one.at) - wanted), one.at), default=None)
    if best is None:
        return None, None, None
    own = known.unit if known is not None else None
    return best.at, room.site.zone, own if own in best.units else best.units[0]


def _on_the_clock(day: date, known: Fact) -> time | None:
    """The time known, on that day the first one after it where clocks skip it; none where that is another day."""
    if known.at is None or known.zone is None:
        return known.at
    wall = after_gap(datetime.combine(day, known.at), zone_named(known.zone))
    return wall.time() if wall.date() == day else None


def lost(before: Facts, facts: Facts, rooms: Rooms) -> frozenset[tuple[str, date]]:
    """The bookings without a time, which they had or need, since none is left in a unit: the visit and its day."""
    wanting = ((code, fact) for code, fact in facts.visits.items() if _wants_time(before.visits.get(code), fact))
    alone = ((code, fact.day) for code, fact in wanting if fact.day is not None and code not in facts.together)
    return frozenset((code, day) for code, day in alone if rooms(code).units)


def side_by_side(planned: Callable[[FreeDay], P], gone: Callable[[P], Collection[tuple[str, date]]], rooms: Rooms) -> P:
    """A plan in which no booking takes a day on which another one of its patient leaves it no time.

    `gone` says of a plan which visits are left without a time on their day: that day is full to them, and it is
    planned anew, until a plan leaves none, or no other one than before.
    """
    full: set[tuple[str, date]] = set()

    def free(code: str, day: date) -> bool:
        return (code, day) not in full and rooms(code).fits(day)

    while True:
        found = planned(free)
        more = {*gone(found)} - full
        if not more:
            return found
        full |= more
