"""What the eyes of others would read in a patient's calendar: shown to the nurse before the patient agrees to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.disclosure import NEUTRAL, Arranged, Detail, glimpse, secret_words
from planner.exports.agenda import clock
from planner.exports.entry import one_line
from planner.exports.naming import name
from planner.exports.words import Words, staff_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time

    from planner.core.disclosure import Glimpse
    from planner.core.notices import Held
    from planner.core.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Outside:
    """One visit of the patient in their own language, in as few words as each choice lets through."""

    language: str
    minimal: str
    standard: str
    when: str


def outside(schedule: Schedule, language: str) -> Outside:
    """The words of the next visit that has a title of its own; the general words alone where there is no visit."""
    words, secret = Words(language), secret_words(schedule.protocol)
    shown = [(visit, glimpse(visit, secret, language)) for visit in schedule.visits if visit.to_come]
    known = [(visit, seen) for visit, seen in shown if seen is not None]
    titled = [pair for pair in known if pair[1].title and not pair[1].by_phone] or known
    chosen = min(titled, key=lambda pair: (pair[1].arranged is not Arranged.BOOKED, pair[1].first), default=None)
    if chosen is None:
        neutral = words.say(NEUTRAL)
        return Outside(language, neutral, neutral, "")
    visit, seen = chosen
    least = glimpse(visit, secret, language, Detail.MINIMAL)
    return Outside(language, _title(least or seen, words), _title(seen, words), ", ".join(_when(seen, words)))


def still_shown(schedule: Schedule, left: Iterable[Held]) -> tuple[str, ...]:
    """Each entry that stays in the patient's calendar, beside what holds now, for staff."""
    return tuple(_beside(schedule, one.code, one.seen) for one in left)


def _beside(schedule: Schedule, code: str, seen: Glimpse) -> str:
    visit = schedule.by_code.get(code)
    fact = visit.fact if visit is not None and visit.booked is not None else None
    shows = _at(seen.first, seen.at)
    now = _at(fact.day, fact.at) if fact is not None and fact.day is not None else ""
    is_now = "as it is booked" if now == shows else f"now {now}" if now else "not booked any more"
    return f"{name(schedule.protocol, code)}: {shows}, {is_now}"


def _at(day: date, at: time | None) -> str:
    return ", ".join((staff_day(day), *([clock(at)] if at is not None else [])))


def _title(seen: Glimpse, words: Words) -> str:
    return one_line(seen.title) or words.say(seen.neutral)


def _when(seen: Glimpse, words: Words) -> Iterator[str]:
    yield words.day(seen.first)
    if seen.at is not None:
        yield words.time(seen.at)
