"""Days: study-day numbers, spans, windows, month and working-day maps. The one place that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

YEARS_AROUND = 30
"""Years from today within which people mean a day: beyond, somebody mistyped the year."""

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
FRIDAY = 4


def near(day: date, today: date) -> bool:
    """Whether the year of a day is one that people mean."""
    return abs(day.year - today.year) <= YEARS_AROUND


class Unit(StrEnum):
    """What a span is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working days"


@dataclass(frozen=True, slots=True)
class Span:
    """A signed length of time; weeks are kept as written and count as seven days."""

    amount: int
    unit: Unit = Unit.DAYS

    def __neg__(self) -> Span:
        return Span(-self.amount, self.unit)

    @property
    def days(self) -> int | None:
        """The number of days where it is the same from every day, else None (months, working days)."""
        if self.unit is Unit.DAYS:
            return self.amount
        return self.amount * 7 if self.unit is Unit.WEEKS else None

    def __add__(self, other: Span) -> Span | None:
        """The sum where both are counted alike, else None."""
        if self.days is not None and other.days is not None:
            return Span(self.days + other.days)
        if self.unit is other.unit and self.unit is not Unit.WORKING_DAYS:
            return Span(self.amount + other.amount, self.unit)
        return None


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day allowed, both inclusive; None on one side means no limit there."""

    earliest: date | None
    latest: date | None

    def __post_init__(self) -> None:
        if self.earliest is not None and self.latest is not None and self.latest < self.earliest:
            raise ValueError(f"window ends {self.latest} before it starts {self.earliest}")

    def __contains__(self, day: date) -> bool:
        return self.outside(day) == 0

    def outside(self, day: date) -> int:
        """Days outside: negative when early, positive when late, 0 inside."""
        if self.earliest is not None and day < self.earliest:
            return (day - self.earliest).days
        if self.latest is not None and day > self.latest:
            return (day - self.latest).days
        return 0

    def clamp(self, day: date) -> date:
        """The day of the window nearest to `day`."""
        return day - timedelta(days=self.outside(day))


def upright(earliest: date | None, latest: date | None) -> Window:
    """The window between two edges; where months and days cross from some start, its first day alone is left."""
    crossed = earliest is not None and latest is not None and latest < earliest
    return Window(earliest, earliest if crossed else latest)


def study_day(day: date, reference: date, first: int) -> int:
    """The number printed for `day`: `first` (1 or 0) on the reference day; with 1 there is no Day 0 (SDTM --DY)."""
    distance = (day - reference).days
    return distance + first if distance >= 0 else distance


def day_offset(number: int, first: int) -> int:
    """Days from the reference day to study day `number`; the inverse of `study_day`.

    Raises ValueError for Day 0 where days count from 1.
    """
    if first == 1 and number == 0:
        raise ValueError("there is no Day 0 where days count from Day 1")
    return number - first if number > 0 or first == 0 else number


def is_working(day: date, holidays: Container[date]) -> bool:
    """Monday to Friday, less the public holidays."""
    return day.weekday() <= FRIDAY and day not in holidays


def shift(day: date, span: Span, holidays: Container[date] = frozenset()) -> date:
    """`day` moved by `span`; never decreases as `day` grows, whatever the unit.

    Months are clamped to the month's end (31 Jan + 1 month = 28 or 29 Feb).
    Working days: the nth one strictly after (before) `day`; 0 is the first on or after it.
    """
    days = span.days
    if days is not None:
        return day + timedelta(days=days)
    if span.unit is Unit.MONTHS:
        return day + relativedelta(months=span.amount)
    return _working_days(day, span.amount, holidays)


def _working_days(day: date, amount: int, holidays: Container[date]) -> date:
    if amount == 0:
        return day if is_working(day, holidays) else _working_days(day, 1, holidays)
    step = timedelta(days=1 if amount > 0 else -1)
    left = abs(amount)
    while left:
        day += step
        left -= is_working(day, holidays)
    return day


@dataclass(frozen=True, slots=True)
class DaySet:
    """A set of days: bit k of `bits` is `origin` + k; equal to any other set of the same days."""

    origin: date
    bits: int

    def __contains__(self, day: date) -> bool:
        place = (day - self.origin).days
        return place >= 0 and self.bits >> place & 1 == 1

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __iter__(self) -> Iterator[date]:
        left = self.bits
        while left:
            low = left & -left
            yield self.origin + timedelta(days=low.bit_length() - 1)
            left ^= low

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DaySet) and self.ranges() == other.ranges()

    def __hash__(self) -> int:
        return hash(self.ranges())

    def ranges(self) -> tuple[tuple[date, date], ...]:
        """Runs of days on end as first and last, both inclusive, in order."""
        found, left, start = [], self.bits, 0
        while left:
            gap = (left & -left).bit_length() - 1
            left >>= gap
            run = (~left & (left + 1)).bit_length() - 1
            left >>= run
            start += gap
            found.append((self.origin + timedelta(days=start), self.origin + timedelta(days=start + run - 1)))
            start += run
        return tuple(found)

    def within(self, window: Window) -> DaySet:
        """The days that lie in the window."""
        kept = self.bits
        if window.earliest is not None:
            kept = kept >> (skip := max((window.earliest - self.origin).days, 0)) << skip
        if window.latest is not None:
            kept &= (1 << max((window.latest - self.origin).days + 1, 0)) - 1
        return DaySet(self.origin, kept)

    def nearest(self, target: date) -> date:
        """The day nearest to `target`, the earlier on a tie; the set is not empty."""
        place = max((target - self.origin).days, -1)
        before, after = self.bits & ((1 << place + 1) - 1), self.bits >> place + 1
        low, high = before.bit_length() - 1, place + (after & -after).bit_length()
        closer = low if before and (not after or place - low <= high - place) else high
        return self.origin + timedelta(days=closer)

    @property
    def span(self) -> int:
        """Days from the first to the last, both counted; 0 for the empty set."""
        return self.bits.bit_length() - ((self.bits & -self.bits).bit_length() - 1) if self.bits else 0
