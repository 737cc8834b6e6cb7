"""The words of the patient's paper: each visit as lines to read, neutral, in the patient's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from planner.core.deviations import FlagKind
from planner.core.disclosure import (
    Arranged,
    Detail,
    Glimpse,
    glimpse,
    neutral_place,
    preparation,
    secret_words,
)
from planner.core.facts import State
from planner.exports.words import Words

if TYPE_CHECKING:
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.exports.paper import Paper

APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@dataclass(frozen=True, slots=True)
class Line:
    """One visit on the paper; `time`, `place` and the others are empty where there is nothing to say."""

    code: str
    order: tuple[date, time]
    day: str
    time: str
    what: str
    place: str
    length: str
    ready: str
    open_day: str
    no_time: str
    move: str
    confirmed: bool
    done: bool
    to_record: bool

    @property
    def about(self) -> str:
        """Where, and how long."""
        return ", ".join(filter(None, (self.place, self.length)))


@dataclass(frozen=True, slots=True)
class Week:
    """The visits of one week, from Monday to Sunday."""

    days: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """Everything that the paper says of the visits: the next one first, then all to come by week, then those done."""

    coming: Line | None
    weeks: tuple[Week, ...]
    done: tuple[Line, ...]

    @property
    def to_come(self) -> tuple[Line, ...]:
        """The visits still to come."""
        return tuple(line for week in self.weeks for line in week.lines)

    @property
    def timed(self) -> bool:
        """Whether any time is said."""
        return any(line.time for line in self.to_come)


def pages(schedule: Schedule, paper: Paper, detail: Detail = Detail.STANDARD) -> Pages:
    """The visits that the patient attends, in the order of their days; MINIMAL: when they are, and no more."""
    words, secret = Words(paper.language), secret_words(schedule.protocol)
    seen = ((visit, glimpse(visit, secret, paper.language, detail)) for visit in schedule.visits)
    lines = [_line(visit, shown, secret, words, detail) for visit, shown in seen if shown is not None]
    lines.sort(key=lambda line: line.order)
    to_come = [line for line in lines if not line.done and not line.to_record]
    weeks = [
        Week(words.week(start, start + timedelta(days=6)), tuple(group))
        for start, group in groupby(to_come, key=lambda line: monday(line.order[0]))
    ]
    coming = next(iter(to_come), None)
    return Pages(coming, tuple(weeks), tuple(line for line in lines if line.done))


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _line(visit: Visit, shown: Glimpse, secret: frozenset[str], words: Words, detail: Detail) -> Line:
    attended, day = (visit.encounter, *visit.guests) if detail is Detail.STANDARD else (), visit.day or shown.first
    places = dict.fromkeys(neutral_place(one, secret, words.language) for one in attended)
    return Line(
        code=visit.code,
        order=(day, shown.at or time.min),
        day=words.day(day),
        time=words.time(shown.at) if shown.at is not None else "",
        what=typographic(shown.title) or words.say(shown.neutral),
        place=typographic(", ".join(filter(None, places))),
        length=_how_long(visit, words),
        ready=typographic(preparation(visit, secret, words.language, detail)),
        open_day=words.say("Still to be arranged with you.") if shown.arranged is Arranged.NOT_YET else "",
        no_time=words.say("The time is not agreed yet.") if _without_time(shown) else "",
        move=_move(visit, words),
        confirmed=visit.fact is not None and visit.fact.confirmed,
        done=shown.arranged is Arranged.TOOK_PLACE,
        to_record=any(flag.kind is FlagKind.TO_RECORD for flag in visit.flags),
    )


def _without_time(shown: Glimpse) -> bool:
    return shown.arranged is Arranged.BOOKED and shown.at is None


def _how_long(visit: Visit, words: Words) -> str:
    encounter = visit.encounter
    if encounter.stay is not None:
        nights = words.counted("%(number)d night", "%(number)d nights", encounter.stay.planned)
        return words.say("about %(length)s", length=nights)
    lengths = [one.duration for one in (encounter, *visit.guests) if one.duration is not None]
    return words.how_long(sum(low for low, _ in lengths), sum(high for _, high in lengths)) if lengths else ""


def _move(visit: Visit, words: Words) -> str:
    """Whether and how far the day may be moved: the days on which the visit can be booked without a word."""
    if not visit.to_come or not visit.live:
        return ""
    first, last = min(visit.live), max(visit.live)
    if first == last:
        only = visit.state is State.BOOKED and visit.day == first  # of what is still to be arranged we ask
        return words.say("Only this day is possible. If it does not suit you, call at once.") if only else ""
    days = {"first": words.day(first), "last": words.day(last)}
    return words.say("May be moved between %(first)s and %(last)s: call first.", **days)


def typographic(text: str) -> str:
    """Apostrophes as they are printed."""
    return APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", text)
