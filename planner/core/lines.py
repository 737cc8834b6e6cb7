"""What a re-planning says of each visit: its day before and after, and what becomes of its window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.schedule import changes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from planner.core.calendar import Closure
    from planner.core.schedule import Change, Schedule
    from planner.core.visit import Visit


class How(StrEnum):
    """What happens to a visit: a person asked for it, its booking moves, is given back or would have to move.

    What is not booked follows what it counts from; a booking may stay and only its window move. Where a study goes on
    that had ended, what is still booked returns. A rule is overruled between two visits that are booked: one that was
    not is booked with it.
    """

    ASKED = "asked"
    BOOKED = "booked"
    MOVES = "moves"
    FALLS_AWAY = "falls_away"
    WOULD_MOVE = "would_move"
    STAYS = "stays"
    RETURNS = "returns"
    FOLLOWS = "follows"


@dataclass(frozen=True, slots=True)
class Line:
    """One visit that differs.

    `met` are the closures on its target, on the day that it leaves and on the one where it stands; `full` the days
    that it would have taken and on which there was no room.
    """

    change: Change
    how: How
    met: tuple[Closure, ...] = ()
    full: tuple[date, ...] = ()

    @property
    def code(self) -> str:
        """The visit's code."""
        return self.change.code

    @property
    def old(self) -> date | None:
        """The day before."""
        return self.change.before.day if self.change.before is not None else None

    @property
    def new(self) -> date | None:
        """The day after."""
        return self.change.after.day if self.change.after is not None else None

    @property
    def outside_before(self) -> int:
        """Days outside its window before: negative early, positive late, 0 inside or without one."""
        return _outside(self.change.before)

    @property
    def outside(self) -> int:
        """Days outside its window after, counted alike."""
        return _outside(self.change.after)

    @property
    def becomes_provisional(self) -> bool:
        """Whether it now counts from a day that is only suggested."""
        before, after = self.change.before, self.change.after
        return after is not None and after.provisional and not (before is not None and before.provisional)


def compared(before: Schedule, after: Schedule, asked: Collection[str], clashing: Collection[str]) -> Iterator[Line]:
    """Every visit that differs, clashes, or counts from a day that is only suggested now, in the plan's order."""
    loose = {v.code for v in after.visits if v.provisional} - {v.code for v in before.visits if v.provisional}
    found = {change.code: change for change in changes(before, after, *clashing, *loose)}
    for code, change in found.items():
        how = How.WOULD_MOVE if code in clashing else _how(change, asked)
        yield Line(change, how, tuple(_met(after, change)))


def _how(change: Change, asked: Collection[str]) -> How:
    before, after = change.before, change.after
    was, now = (visit is not None and visit.booked is not None for visit in (before, after))
    if change.code in asked:
        return How.ASKED
    if now and not was and _day(before) == _day(after):
        return How.RETURNS
    if now and not was and before is not None and before.fact is None:
        return How.BOOKED
    if now:
        return How.MOVES if change.moved else How.STAYS
    return How.FALLS_AWAY if was else How.FOLLOWS


def _day(visit: Visit | None) -> date | None:
    """The day of its fact, which a visit keeps that an end of the study canceled."""
    return visit.fact.day if visit is not None and visit.fact is not None else None


def _met(after: Schedule, change: Change) -> Iterator[Closure]:
    """The closures on its target, on the day that it leaves and on the day where it stands, each once."""
    visit = change.after
    if visit is None or not visit.to_come:
        return
    wanted = (visit.target, change.before.day if change.before is not None else None, visit.day)
    closed = (
        closure
        for day in wanted
        if day is not None
        for closure in after.possible.standing.why_closed(after.calendar, visit.code, day)
    )
    yield from dict.fromkeys(closed)


def _outside(visit: Visit | None) -> int:
    day = visit.day if visit is not None else None
    return visit.window.outside(day) if visit is not None and day is not None and visit.window is not None else 0
