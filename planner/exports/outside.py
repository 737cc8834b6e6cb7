"""What the eyes of others would read in a patient's calendar: shown to the nurse before the patient agrees to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.disclosure import NEUTRAL, Arranged, Detail, glimpse, secret_words
from planner.exports.entry import one_line
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.disclosure import Glimpse
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
    titled = [pair for pair in known if pair[1].title] or known
    chosen = min(titled, key=lambda pair: (pair[1].arranged is not Arranged.BOOKED, pair[1].first), default=None)
    if chosen is None:
        neutral = words.say(NEUTRAL)
        return Outside(language, neutral, neutral, "")
    visit, seen = chosen
    least = glimpse(visit, secret, language, Detail.MINIMAL)
    return Outside(language, _title(least or seen, words), _title(seen, words), ", ".join(_when(seen, words)))


def _title(seen: Glimpse, words: Words) -> str:
    return one_line(seen.title) or words.say(NEUTRAL)


def _when(seen: Glimpse, words: Words) -> Iterator[str]:
    yield words.day(seen.first)
    if seen.at is not None:
        yield words.time(seen.at)
