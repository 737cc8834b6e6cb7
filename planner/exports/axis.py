"""The axis of the timeline: which days it shows, how wide one is, and what stands along its top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from babel.dates import format_date

from planner.core.facts import State
from planner.exports.months import closed_words, site_calendar
from planner.exports.tables import week_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

LEFT = 152
"""Room for the lanes' labels."""
PLOT, NARROWEST, WIDEST = 1000, 3, 12
"""The plot is about PLOT wide unless a day would become too narrow to see or clumsily wide."""
BEFORE, AFTER, LONGEST = timedelta(weeks=2), timedelta(weeks=4), timedelta(weeks=60)
"""Shown of the first windows before the first visit; shown after the key visit; the longest axis, whatever is late."""
SHORTEST, PAST, NEAR = timedelta(weeks=8), timedelta(days=3), 7
"""Of the picture that begins with today: its least length, how much it shows before, the widest day on a phone."""
LETTER, WEEK_LABEL, MONTH_LABEL = 8, 64, 72
"""Widths of words as drawn."""
HUNDRED = 100
"""From here on the number of a week has a digit more."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words that stand at `x`; without words a mere tick."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """Days on end: a phase, closed days, a window; `open_start` and `open_end`: it goes on beyond what is shown."""

    x: float
    width: float
    text: str = ""
    open_start: bool = False
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """Days from a Monday to a Sunday, both shown, and the width of one."""

    first: date
    last: date
    step: int

    @property
    def right(self) -> float:
        """Where the last day ends."""
        return LEFT + ((self.last - self.first).days + 1) * self.step

    def left_of(self, day: date) -> float:
        """Where a day begins."""
        return LEFT + (day - self.first).days * self.step

    def middle(self, day: date) -> float:
        """Where a mark of a day stands."""
        return self.left_of(day) + self.step / 2

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def band(self, first: date | None, last: date | None, text: str = "") -> Band | None:
        """The days from first to last as far as they are shown; None where none is."""
        start, end = max(first or self.first, self.first), min(last or self.last, self.last)
        if end < start:
            return None
        width = ((end - start).days + 1) * self.step
        return Band(self.left_of(start), width, text, first is None or first < start, last is None or last > end)


def shown_day(visit: Visit) -> date | None:
    """The day on which it is drawn: its own, else its target; none for a visit that does not apply."""
    return None if visit.state is State.NOT_APPLICABLE else visit.day or visit.target


def key_visit(schedule: Schedule) -> Visit | None:
    """The protocol's key visit, where it has one that applies."""
    key = schedule.protocol.key_visit
    visit = schedule.by_code.get(key.code) if key is not None else None
    return visit if visit is not None and visit.state is not State.NOT_APPLICABLE else None


def axis_of(schedule: Schedule, dated: list[tuple[date, Visit]]) -> Axis:
    """The axis for these visits, which come in the order of their days."""
    start = dated[0][0]
    windows = [v.window.earliest for day, v in dated if v.window is not None and v.window.earliest is not None]
    first = max(min(start, *windows) if windows else start, start - BEFORE)
    first -= timedelta(days=first.weekday())
    last = min(_end(schedule, dated), first + LONGEST)
    last += timedelta(days=6 - last.weekday())
    return Axis(first, last, min(max(PLOT // ((last - first).days + 1), NARROWEST), WIDEST))


def axis_near(whole: Axis, dated: list[tuple[date, Visit]], today: date) -> Axis | None:
    """The axis from the week of today on, to the end of the whole one, or to the last visit where today is beyond it.

    None where nothing lies before that, or after.
    """
    first = today - PAST
    first -= timedelta(days=first.weekday())
    very_last = dated[-1][0]
    if first <= whole.first or first > very_last:
        return None
    end = whole.last if today in whole else min(very_last, first + LONGEST)
    last = max(end, first + SHORTEST)
    last += timedelta(days=6 - last.weekday())
    return Axis(first, last, min(max(PLOT // ((last - first).days + 1), NARROWEST), NEAR))


def _end(schedule: Schedule, dated: list[tuple[date, Visit]]) -> date:
    """Four weeks after the key visit's window and all phases before it; the last visit where that is earlier."""
    key, very_last = key_visit(schedule), dated[-1][0]
    if key is None:
        return very_last
    epochs = [epoch.code for epoch in schedule.protocol.epochs]
    before = epochs[: epochs.index(key.encounter.epoch)]
    ends = [day for day, visit in dated if visit.encounter.epoch in before]
    own = (shown_day(key), key.window.latest if key.window is not None else None)
    ends += [day for day in own if day is not None]
    return min(max(ends, default=very_last) + AFTER, very_last)


def months(axis: Axis) -> Iterator[Label]:
    """The name of each month where it begins, with the year at first and in January; where its name has room."""
    starts = [axis.first]
    while (following := (starts[-1].replace(day=1) + timedelta(days=31)).replace(day=1)) <= axis.last:
        starts.append(following)
    named = ""
    for day, after in pairwise((*starts, axis.last + timedelta(days=1))):
        if axis.left_of(after) - axis.left_of(day) >= MONTH_LABEL:
            pattern = "MMM y" if str(day.year) != named else "MMM"
            named = str(day.year)
            yield Label(axis.left_of(day), format_date(day, pattern, locale="en"))


def weeks(schedule: Schedule, axis: Axis) -> Iterator[Label]:
    """A tick on every Monday; as many of them numbered as there is room for, from week 1 on."""
    label = WEEK_LABEL + LETTER * ((week_number(schedule, axis.last) or 0) >= HUNDRED)
    every = -(-label // (7 * axis.step))
    for n in range(0, (axis.last - axis.first).days, 7):
        monday = axis.first + timedelta(days=n)
        number = week_number(schedule, monday)
        room = axis.left_of(monday) + label <= axis.right
        said = number is not None and room and (number - (number > 0)) % every == 0
        yield Label(axis.left_of(monday), f"Week {number}" if said else "")


def phases(schedule: Schedule, axis: Axis, drawn: Iterable[tuple[date, Visit]]) -> Iterator[Band]:
    """Each phase from its first visit to the first of the next one."""
    firsts: dict[str, date] = {}
    for day, visit in drawn:
        firsts.setdefault(visit.encounter.epoch, day)
    starts: list[tuple[str, date]] = []
    for epoch in (epoch for epoch in schedule.protocol.epochs if epoch.code in firsts):
        start = max(firsts[epoch.code], starts[-1][1]) if starts else axis.first
        starts.append((epoch.name.into("en"), start))
    for (words, start), (_, after) in pairwise((*starts, ("", axis.last + timedelta(days=1)))):
        band = axis.band(start, after - timedelta(days=1), words)
        if band is not None:
            yield Band(band.x, band.width, words if band.width >= len(words) * LETTER else "")


def closed_days(schedule: Schedule, axis: Axis) -> Iterator[Band]:
    """Closed days of the site, those on end and for one reason as one."""
    calendar, place = schedule.possible.calendar, site_calendar(schedule)
    days = [axis.first + timedelta(days=n) for n in range((axis.last - axis.first).days + 1)]

    def why(day: date) -> str:
        return closed_words(calendar, calendar.why_closed(day, place, attended=True), day)

    for words, group in groupby(days, key=why):
        run = list(group)
        if words:
            yield Band(axis.left_of(run[0]), len(run) * axis.step, words)
