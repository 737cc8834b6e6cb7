"""Booked visits that a change of the site cuts: a day closed, hours shortened, a unit closed. The one rule of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.calendar import ANY
from planner.core.units import kind_of, open_cells, taken_by

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from datetime import date

    from planner.core.calendar import Calendar, Closure
    from planner.core.facts import Fact
    from planner.core.protocol import Encounter
    from planner.core.units import Opened, Unit

OUTSIDE_HOURS = "outside hours"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a site offers at one moment: its calendar, its units by public id, its days opened by hand."""

    zone: str
    calendar: Calendar
    units: Mapping[str, Unit]
    opened: tuple[Opened, ...] = ()

    def against(self, fact: Fact, *attended: Encounter) -> frozenset[Hashable]:
        """Everything of the site that speaks against a booking; a patient's absence is not the site's."""
        if fact.day is None:
            return frozenset()
        shut = {_reason(closure) for one in attended for closure in self._closures(one, fact, fact.day)}
        return frozenset(shut | ({OUTSIDE_HOURS} if self._outside(fact, fact.day, attended) else set()))

    def _closures(self, encounter: Encounter, fact: Fact, day: date) -> Iterator[Closure]:
        """What closes the day to the visit: to its calendar, to its kind of unit, to its own unit.

        A call obeys no calendar of the site, whatever it takes a line of: only its own unit closes it.
        """
        if encounter.calendar != ANY:
            for name in filter(None, (encounter.calendar, kind_of(encounter))):
                yield from self.calendar.why_closed(day, name, attended=False)
        unit = self.units.get(fact.unit or "")
        yield from (closure for closure in (unit.closures if unit is not None else ()) if day in closure)

    def _outside(self, fact: Fact, day: date, attended: tuple[Encounter, ...]) -> bool:
        """Whether the visit takes time in which its unit is not open, or a unit that is no longer there."""
        taken = frozenset(taken_by(fact, *attended))
        unit = self.units.get(fact.unit or "")
        return bool(taken) and (unit is None or not taken <= open_cells(unit, day, self.zone, self.opened))


def cut(before: Ground, after: Ground, fact: Fact, *attended: Encounter) -> bool:
    """Whether something speaks against the booking that did not before."""
    return bool(after.against(fact, *attended) - before.against(fact, *attended))


def _reason(closure: Closure) -> Hashable:
    """What tells one reason from another; a weekly one is the same on whatever other weekdays it closes too."""
    if closure.weekly:
        return closure.because
    return (closure.because, closure.first, closure.last, closure.name, closure.calendars)
