"""The calendar: which days are open to which kind of visit, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

ANY = "any"
"""The calendar of visits that ignore the site's closed days (telephone, home nurse, staff only)."""


class Because(StrEnum):
    """Why a day is closed."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, order=True)
class Closure:
    """A run of closed days, first and last inclusive.

    `calendars` empty closes every calendar of the site; an absence closes every visit that the patient attends.
    """

    first: date
    last: date
    because: Because = Because.CLOSURE
    name: str = ""
    calendars: tuple[str, ...] = ()

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
"""All weekends as one reason; a single weekend needs no name of its own."""


@dataclass(frozen=True)
class Calendar:
    """The closed days that concern one patient: site's weekdays, public holidays, closures, absences.

    `closed_weekdays` holds 0 (Monday) to 6 (Sunday).
    """

    closed_weekdays: frozenset[int] = frozenset()
    closures: tuple[Closure, ...] = ()
    _memo: dict[tuple[str, bool], tuple[Closure, ...]] = field(
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
            self._memo[key] = weekend + tuple(others)
        return self._memo[key]

    def closes(self, closure: Closure, day: date, stay: int = 0) -> bool:
        """Whether `closure` closes `day` for a visit that lasts `stay` days more.

        The site must be open on the first day of a stay only; the patient must be there on every day of it.
        """
        if closure is WEEKEND:
            return day.weekday() in self.closed_weekdays
        return closure.first - _reach(closure, stay) <= day <= closure.last

    def why_closed(self, day: date, calendar: str, *, attended: bool, stay: int = 0) -> tuple[Closure, ...]:
        """Every reason for which `day` is closed to a visit that lasts `stay` days more; empty when it is open."""
        return tuple(c for c in self.closing(calendar, attended=attended) if self.closes(c, day, stay))

    def mask(self, closure: Closure, first: date, last: date, stay: int = 0) -> int:
        """The days of `first`..`last` (inclusive) that `closure` closes, as a day set: bit k is `first` + k."""
        length = (last - first).days + 1
        if closure is WEEKEND:
            week = sum(1 << k for k in range(7) if (first + timedelta(days=k)).weekday() in self.closed_weekdays)
            return sum(week << k for k in range(0, length, 7)) & ((1 << length) - 1)
        low = max((closure.first - _reach(closure, stay) - first).days, 0)
        high = min((closure.last - first).days, length - 1)
        return (1 << high + 1) - (1 << low) if low <= high else 0


def _reach(closure: Closure, stay: int) -> timedelta:
    """How long before an absence a stay of `stay` days more can no longer begin."""
    return timedelta(days=stay if closure.because is Because.ABSENCE else 0)
