"""What gives way in a re-planning: the reasons of the repairs that a person chose, each lifted where it binds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.calendar import WEEKEND, Because, Calendar, Closure, Opening
from planner.core.explain import Why
from planner.core.moves import alone
from planner.core.repairs import Way, way

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.explain import Reason
    from planner.core.facts import Facts
    from planner.core.repairs import Repair

TO_SEE = "to see what is left"
"""Stands for the reason that an investigator gives, where it is only asked what would be."""
A_DAY = timedelta(days=1)
SHUT = frozenset({Way.ASK_PATIENT, Way.OPEN_DAY})


@dataclass(frozen=True, slots=True)
class Needed:
    """A closed day that somebody has to open: of the site for one calendar, of an absence for the patient."""

    day: date
    closure: Closure
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Giving:
    """The reasons that give way; `because`: why an investigator overrules the rules among them."""

    reasons: tuple[Reason, ...] = ()
    because: str = TO_SEE

    def also(self, repair: Repair) -> Giving:
        """With one more repair chosen."""
        return replace(self, reasons=tuple(dict.fromkeys((*self.reasons, *repair.reasons))))

    @property
    def ways(self) -> frozenset[Way]:
        """How they give way."""
        return frozenset(map(way, self.reasons))

    @property
    def loose(self) -> frozenset[str]:
        """The visits that go to the day nearest to the one that a person named."""
        return frozenset(reason.visit for reason in self.reasons if reason.why is Why.BOOKED)

    @property
    def apart(self) -> tuple[str, ...]:
        """The visits that another attendance was to fulfil too, and that are booked for themselves."""
        return tuple(reason.visit for reason in self.reasons if reason.why is Why.TOGETHER)

    @property
    def overruled(self) -> tuple[Reason, ...]:
        """The rules that are overruled in writing."""
        return tuple(reason for reason in self.reasons if way(reason) is Way.DEVIATE)

    @property
    def closures(self) -> frozenset[Closure]:
        """The closures of the site and the absences of the patient that are lifted, as the calendar has them."""
        shut = (reason for reason in self.reasons if way(reason) in SHUT)
        return frozenset(replace(reason.closure, opened=()) for reason in shut if reason.closure is not None)

    @property
    def made(self) -> frozenset[tuple[str, date]]:
        """The visits for which somebody makes room, each with its day."""
        full = (reason for reason in self.reasons if way(reason) is Way.MAKE_ROOM)
        return frozenset((reason.visit, reason.closure.first) for reason in full if reason.closure is not None)

    def facts(self, facts: Facts) -> Facts:
        """With the visits booked apart that one attendance was to fulfil."""
        for guest in self.apart:
            facts = alone(facts, guest)
        return facts

    def calendar(self, calendar: Calendar) -> Calendar:
        """Without these closures; all weekends are one."""
        gone = self.closures
        weekdays = frozenset[int]() if WEEKEND in gone else calendar.closed_weekdays
        return Calendar(weekdays, tuple(c for c in calendar.closures if c not in gone), calendar.openings)

    def free(self, free: Free) -> Free:
        """With room on the days on which somebody makes room for a visit."""
        made = self.made
        return lambda code, day: (code, day) in made or free(code, day)


NOTHING = Giving()


def opened(calendar: Calendar, needed: Iterable[Needed]) -> Calendar:
    """The calendar with these days opened by hand, and these days taken out of the patient's absences."""
    needed = tuple(needed)
    away = {one.day for one in needed if one.closure.because is Because.ABSENCE}
    absent = (rest for closure in calendar.closures for rest in _back_on(closure, away))
    by_hand = (Opening(n.day, calendars=(n.calendar,)) for n in needed if n.closure.because is not Because.ABSENCE)
    return Calendar(calendar.closed_weekdays, tuple(absent), (*calendar.openings, *by_hand))


def _back_on(closure: Closure, days: Collection[date]) -> Iterator[Closure]:
    """What is left of an absence of which the patient gives up these days; any other closure stays."""
    mine = sorted(day for day in days if closure.because is Because.ABSENCE and day in closure)
    first: date | None = closure.first
    for day in mine:
        if first is not None and first < day:
            yield replace(closure, first=first, last=day - A_DAY)
        first = day + A_DAY if day < closure.last else None
    if first is not None:
        yield replace(closure, first=first)
