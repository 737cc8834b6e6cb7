"""One month as a grid of weeks: what is on each day, or what each day is for one visit that is to be booked."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from babel.dates import format_date

from planner.core.calendar import ANY, Because
from planner.core.errors import NotFound
from planner.core.facts import State
from planner.core.schedule import Verdict, explain
from planner.exports.naming import listed, named_once
from planner.exports.reasons import causes
from planner.exports.sentences import lateness
from planner.exports.tables import MARKS, STAFF_ONLY
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from planner.core.calendar import Calendar, Closure
    from planner.core.protocol import Encounter
    from planner.core.rooms import Room
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import Visit

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PAST = "in the past"
FULL = "full: no unit has room for this visit"
CROWDED = (
    "no time is left: the patient's other visits of that day, and the order among them, leave this one none. Move one "
    "of them, or book it at another hour"
)
PAIR = 2
"""A run of two days is told as two days, a longer one from its first to its last."""


class Kind(StrEnum):
    """What a day is for the visit that is being booked."""

    TARGET = "target"
    LIVE = "live"
    OUTSIDE = "outside"
    FULL = "full"
    IMPOSSIBLE = "impossible"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit on its day: the shape and the word of its state; `name` without its code."""

    code: str
    name: str
    shape: str
    word: str
    deviation: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One day; nothing but its date where it is of another month. `closed`: why the site is closed.

    `kind`: what it is for one visit, with the `reason` where it is not live.
    `target`: the visit's ideal day, bookable or not. `chosen`: the day on which it is booked or took place.
    `free`: how many such visits still fit into the day, where it takes a unit.
    """

    day: date
    within: bool
    today: bool
    closed: str = ""
    visits: tuple[Entry, ...] = ()
    kind: Kind | None = None
    target: bool = False
    chosen: bool = False
    reason: str = ""
    free: int | None = None

    @property
    def bookable(self) -> bool:
        """Whether the visit may be booked here, be it with a reason."""
        return self.kind in (Kind.TARGET, Kind.LIVE, Kind.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday to Sunday; `reasons`: days that are not bookable without a word, a line for each cause.

    `previous` and `following` are the first days of the months beside it.
    """

    title: str
    first: date
    previous: date
    following: date
    weeks: tuple[tuple[Cell, ...], ...]
    reasons: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = WEEKDAYS

    @property
    def to_choose(self) -> bool:
        """Whether a day can be chosen here for one visit."""
        return any(cell.bookable for week in self.weeks for cell in week)


def visits_in(schedule: Schedule, first: date, today: date) -> Month:
    """The month that holds `first`, with the visits of each day and the days on which the site is closed."""
    on: dict[date, list[Entry]] = {}
    for visit in schedule.visits:
        if visit.day is not None and visit.state is not State.NOT_APPLICABLE:
            on.setdefault(visit.day, []).append(_entry(visit))
    calendar, place = schedule.possible.calendar, site_calendar(schedule)

    def cell(day: date) -> Cell:
        if day.month != first.month:
            return Cell(day, within=False, today=False)
        closures = calendar.why_closed(day, place, attended=True)
        said = closed_words(calendar, closures, day)
        return Cell(day, within=True, today=day == today, closed=said, visits=tuple(on.get(day, ())))

    return _month(first, [cell(day) for day in _days_shown(first)])


def bookable(schedule: Schedule, code: str, first: date, today: date, room: Room | None = None) -> Month:
    """The month that holds `first`, each day with what it is for the visit `code`; only its own days are explained.

    `room` is what the site has for it, where the visit takes a unit. Raises NotFound for a visit that the plan does not
    have, or that has no days because it waits or falls away.
    """
    if code not in schedule.by_code or code not in schedule.possible.solution.network.index:
        raise NotFound("no_such_visit", code=code)
    grid = visits_in(schedule, first, today)
    judged: list[Cell] = []
    told: dict[str, list[date]] = {}
    for cell in (cell for week in grid.weeks for cell in week):
        others = tuple(entry for entry in cell.visits if entry.code != code)
        kind, cause = _judged(schedule, code, cell.day, today) if cell.within else (None, "")
        free = room.places(cell.day) if room is not None and kind in (Kind.LIVE, Kind.OUTSIDE) else None
        if free == 0 and room is not None:
            kind, cause = Kind.FULL, CROWDED if room.crowded(cell.day) else FULL
        if cause:
            told.setdefault(cause, []).append(cell.day)
        judged.append(replace(_marked(schedule.by_code[code], cell, kind, cause), visits=others, free=free))
    return replace(_month(first, judged), reasons=tuple(f"{runs(days)}: {cause}" for cause, days in told.items()))


def site_calendar(schedule: Schedule) -> str:
    """The calendar that stands for the site: of the reference visit, else of the first one that obeys any."""
    protocol = schedule.protocol
    reference = next((d.visit for d in protocol.dates if d.code == protocol.reference), None)
    attended = [e for e in protocol.encounters if e.attended and e.calendar != ANY]
    return next((e.calendar for e in sorted(attended, key=lambda e: e.code != reference)), ANY)


def shape(visit: Visit) -> str:
    """The mark of its state; of staff only while it is still to come."""
    return MARKS[visit.state] if visit.encounter.attended or not visit.to_come else STAFF_ONLY


def state_word(visit: Visit) -> str:
    """The state in words; a visit of staff only says so."""
    if visit.to_come and visit.day is None:
        return "waits for a date" if visit.waits else "no day"
    said = visit.state.replace("_", " ")
    return said if visit.encounter.attended or not visit.to_come else f"{said}, staff only"


def closed_words(calendar: Calendar, closures: Iterable[Closure], day: date) -> str:
    """Why `day` is closed, in few words: `Labour Day`, `weekend and the patient is away`; empty where it is open.

    A public holiday or a weekday without hours that falls on a weekend closes nothing more.
    """
    found = tuple(closures)
    weekly = any(c.because is Because.WEEKEND for c in found)
    told = [c for c in found if not weekly or c.because not in (Because.HOLIDAY, Because.HOURS)]
    return listed(list(dict.fromkeys(_closed(calendar, closure, day) for closure in told)))


def _closed(calendar: Calendar, closure: Closure, day: date) -> str:
    if closure.because is Because.WEEKEND:
        whole = calendar.closed_weekdays <= {5, 6}
        return "weekend" if whole else f"closed on {format_date(day, 'EEEE', locale='en')}s"
    if closure.because is Because.HOURS:
        return f"no {listed(list(closure.calendars))} on {format_date(day, 'EEEE', locale='en')}s"
    if closure.because is Because.HOLIDAY:
        return closure.name or "public holiday"
    said = "the patient is away" if closure.because is Because.ABSENCE else "closed"
    return f"{said} ({closure.name})" if closure.name else said


def _entry(visit: Visit) -> Entry:
    name = visit.encounter.name.into("en")
    return Entry(visit.code, name, shape(visit), state_word(visit), bool(visit.deviations))


def _days_shown(first: date) -> Iterator[date]:
    """Whole weeks around the month that holds `first`."""
    start = first.replace(day=1)
    end = first.replace(day=monthrange(first.year, first.month)[1])
    monday = start - timedelta(days=start.weekday())
    weeks = ((end - monday).days // 7) + 1
    return (monday + timedelta(days=n) for n in range(7 * weeks))


def _month(first: date, cells: list[Cell]) -> Month:
    start = first.replace(day=1)
    return Month(
        title=format_date(start, "MMMM y", locale="en"),
        first=start,
        previous=(start - timedelta(days=1)).replace(day=1),
        following=(start + timedelta(days=31)).replace(day=1),
        weeks=tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
    )


# ---- one visit's days


def _marked(visit: Visit, cell: Cell, kind: Kind | None, cause: str) -> Cell:
    """The cell with what it is for the visit; its own reason names the day and how far it is outside."""
    here = cell.within and cell.day == visit.target
    kind = Kind.TARGET if here and kind is Kind.LIVE else kind
    chosen = cell.within and visit.fact is not None and cell.day == visit.fact.day
    outside = visit.window.outside(cell.day) if kind is Kind.OUTSIDE and visit.window is not None else 0
    late = f"{lateness(outside)}; " if outside else ""
    reason = f"{_short(cell.day)}: {late}{cause}" if cause else ""
    return replace(cell, kind=kind, target=here, chosen=chosen, reason=reason)


def _judged(schedule: Schedule, code: str, day: date, today: date) -> tuple[Kind, str]:
    """What the day is for the visit, and its cause where it is not live; closed and past days need no search."""
    visit = schedule.by_code[code]
    if day in visit.live:
        return Kind.LIVE, ""
    if day in visit.possible:
        return Kind.OUTSIDE, _cause(schedule, explain(schedule, code, day))
    if day < today:
        return Kind.PAST, PAST
    return Kind.IMPOSSIBLE, _shut(schedule, visit.encounter, day) or _cause(schedule, explain(schedule, code, day))


def _shut(schedule: Schedule, encounter: Encounter, day: date) -> str:
    calendar, stay = schedule.possible.calendar, schedule.possible.standing.stay_of(encounter.code)
    closures = calendar.why_closed(day, encounter.calendar, attended=encounter.attended, stay=stay)
    return closed_words(calendar, closures, day)


def _cause(schedule: Schedule, answer: Explanation) -> str:
    """The cause without the day, which stands before it."""
    said = causes(schedule, answer.reasons, answer.visit)
    if not said:
        horizon = schedule.possible.horizon
        return f"this plan looks only at the days from {staff_days(horizon.first, horizon.last)}"
    cause = named_once(schedule.protocol, "; ".join(said))
    return f"possible, but a deviation: {cause}" if answer.verdict is Verdict.OUTSIDE else cause


# ---- days in words


def runs(days: list[date]) -> str:
    """`Sat 3 and Sun 4, Sat 10 May`: days of one month in order, those on end as a run."""
    found: list[list[date]] = []
    for day in days:
        if found and (day - found[-1][-1]).days == 1:
            found[-1].append(day)
        else:
            found.append([day])
    return f"{', '.join(map(_run, found))} {format_date(days[0], 'MMM', locale='en')}"


def _run(days: list[date]) -> str:
    first, last = (format_date(day, "EEE d", locale="en") for day in (days[0], days[-1]))
    if first == last:
        return first
    return f"{first} {'and' if len(days) == PAIR else 'to'} {last}"


def _short(day: date) -> str:
    """`Thu 1 May`, the year being told by the month's title."""
    return staff_day(day).removesuffix(f" {day.year}")
