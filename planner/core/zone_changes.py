"""What new rules of a time zone do to bookings: the local time stands, the instant that it means moves. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from planner.core.facts import Fact

    Visit = tuple[int, str]
    """A patient's own key, and the code of a visit."""

    Place = tuple[str, int]
    """A unit's public id and one of its cells."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A booked visit that means another instant (UTC) now than it `was`; `now` None: the clocks skip its time.

    `cells` are those that it is to take of its unit from now on; none where it takes no unit, or cannot be then.
    """

    visit: Visit
    fact: Fact
    was: datetime
    now: datetime | None
    cells: range = range(0)

    @property
    def places(self) -> tuple[Place, ...]:
        """What it is to take."""
        return tuple((self.fact.unit, cell) for cell in self.cells) if self.fact.unit is not None else ()


def clashes(moved: Iterable[Moved], taken: Mapping[Place, Visit]) -> dict[Visit, Visit]:
    """The visits that cannot follow, each with the one that has its place; `taken` as it is before anybody moves.

    All who can move do so at once: a place that one leaves is free for the next. Who cannot keeps what it has, which
    may stop another one.
    """
    going = {one.visit: one for one in moved}
    staying: dict[Visit, Visit] = {}
    while True:
        held = {place: visit for place, visit in taken.items() if visit not in going}
        stopped: dict[Visit, Visit] = {}
        for one in going.values():
            other = next((held[place] for place in one.places if place in held), None)
            if other is not None:
                stopped[one.visit] = other
                break
            held |= dict.fromkeys(one.places, one.visit)
        if not stopped:
            return staying
        staying |= stopped
        going = {visit: one for visit, one in going.items() if visit not in stopped}
