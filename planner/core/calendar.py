"""The calendar: which days are open to which kind of visit, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

ANY = "any"
"""The calendar of visits that ignore the site's closed days (telephone, home nurse, staff only)."""


class Because(StrEnum):
    """Why a day is closed."""

    WEEKEND = "weekend"
    HOURS = "hours"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, order=True)
class Closure:
    """A run of closed days, first and last inclusive; with `weekdays` (0 Monday to 6 Sunday) only these of them.

    `calendars` empty closes every calendar of the site; an absence closes every visit that the patient attends.
    `opened`: days on which it does not hold, because somebody opened them by hand.
    """

    first: date
    last: date
    because: Because = Because.CLOSURE
    name: str = ""
    calendars: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    opened: tuple[date, ...] = ()

    @property
    def weekly(self) -> bool:
        """Whether it comes back every week: a single such day needs no name of its own."""
        return self.because in (Because.WEEKEND, Because.HOURS)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"closure ends {self.last} before it starts {self.first}")

    def closes(self, calendar: str, *, attended: bool) -> bool:
        """Whether it holds for visits that obey `calendar` (the patient comes: `attended`)."""
        if self.because is Because.ABSENCE:
            return attended
        return calendar != ANY and (not self.calendars or calendar in self.calendars)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


WEEKEND = Closure(date.min, date.max, Because.WEEKEND)
"""All weekends as one reason; which weekdays they are, the calendar knows."""


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """A closed day that somebody opened by hand, for every calendar of the site or for `calendars` only."""

    day: date
    name: str = ""
    calendars: tuple[str, ...] = ()

    def opens(self, calendar: str) -> bool:
        """Whether it holds for visits that obey `calendar`."""
        return not self.calendars or calendar in self.calendars


@dataclass(frozen=True)
class Calendar:
    """The closed days that concern one patient: site's weekdays, public holidays, closures, absences.

    `closed_weekdays` holds 0 (Monday) to 6 (Sunday). An opening lifts everything of the site, never an absence.
    `years` are those whose public holidays it was made with, where they are counted year by year.
    """

    closed_weekdays: frozenset[int] = frozenset()
    closures: tuple[Closure, ...] = ()
    openings: tuple[Opening, ...] = ()
    years: range | None = field(default=None, compare=False)
    _memo: dict[tuple[str, bool], tuple[Closure, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _reopened: dict[tuple[date, str, bool], date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _whys: dict[tuple[date, str, bool, int], tuple[Closure, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def holidays(self) -> frozenset[date]:
        """The public holidays: not working days."""
        return frozenset(
            closure.first + timedelta(days=n)
            for closure in self.closures
            if closure.because is Because.HOLIDAY
            for n in range((closure.last - closure.first).days + 1)
        )

    def closing(self, calendar: str, *, attended: bool) -> tuple[Closure, ...]:
        """The closures that hold for this kind of visit, weekends included as one, in order."""
        key = (calendar, attended)
        if key not in self._memo:
            weekend = (WEEKEND,) if self.closed_weekdays and calendar != ANY else ()
            others = sorted(c for c in self.closures if c.closes(calendar, attended=attended))
            opened = tuple(sorted({opening.day for opening in self.openings if opening.opens(calendar)}))
            self._memo[key] = tuple(without_opened(closure, opened) for closure in (*weekend, *others))
        return self._memo[key]

    def closes(self, closure: Closure, day: date, stay: int = 0) -> bool:
        """Whether `closure` closes `day` for a visit that lasts `stay` days more.

        The site must be open on the first day of a stay only; the patient must be there on every day of it.
        """
        if day in closure.opened:
            return False
        if closure.weekly:
            return day in closure and day.weekday() in self._weekdays(closure)
        return closure.first - _reach(closure, stay) <= day <= closure.last

    def why_closed(self, day: date, calendar: str, *, attended: bool, stay: int = 0) -> tuple[Closure, ...]:
        """Every reason for which `day` is closed to a visit that lasts `stay` days more; empty when it is open."""
        key = (day, calendar, attended, stay)
        if key not in self._whys:
            closures = self.closing(calendar, attended=attended)
            self._whys[key] = tuple(c for c in closures if self.closes(c, day, stay))
        return self._whys[key]

    def reopens(self, day: date, calendar: str, *, attended: bool) -> date:
        """`day`, or the first one after the closures that it meets in order of time; weekly ones do not count."""
        key = (day, calendar, attended)
        if key not in self._reopened:
            for closure in self.closing(calendar, attended=attended):
                if not closure.weekly and day in closure:
                    day = closure.last + timedelta(days=1)
            self._reopened[key] = day
        return self._reopened[key]

    def mask(self, closure: Closure, first: date, last: date, stay: int = 0) -> int:
        """The days of `first`..`last` (inclusive) that `closure` closes, as a day set: bit k is `first` + k."""
        length = (last - first).days + 1
        opened = sum(1 << (day - first).days for day in closure.opened if first <= day <= last)
        if closure.weekly:
            closed = self._weekdays(closure)
            week = sum(1 << k for k in range(7) if (first + timedelta(days=k)).weekday() in closed)
            return sum(week << k for k in range(0, length, 7)) & ((1 << length) - 1) & ~opened
        low = max((closure.first - _reach(closure, stay) - first).days, 0)
        high = min((closure.last - first).days, length - 1)
        return ((1 << high + 1) - (1 << low)) & ~opened if low <= high else 0

    def _weekdays(self, closure: Closure) -> Collection[int]:
        return closure.weekdays if closure.because is Because.HOURS else self.closed_weekdays


def without_opened(closure: Closure, days: tuple[date, ...]) -> Closure:
    """The closure without the days opened by hand; nobody opens a day for a patient who is away."""
    found = tuple(day for day in days if day in closure)
    return replace(closure, opened=found) if found and closure.because is not Because.ABSENCE else closure


def _reach(closure: Closure, stay: int) -> timedelta:
    """How long before an absence a stay of `stay` days more can no longer begin."""
    return timedelta(days=stay if closure.because is Because.ABSENCE else 0)
