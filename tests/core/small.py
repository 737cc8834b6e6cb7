"""Small protocols and plans for tests, written as values."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import planner.protocols
from planner.core.calendar import Because, Calendar, Closure
from planner.core.days import Span
from planner.core.facts import Facts
from planner.core.protocol import (
    Anchor,
    Decision,
    Encounter,
    Epoch,
    NamedDate,
    Protocol,
    Rule,
    Skipped,
    Strength,
    Text,
    Timing,
    Tolerance,
)
from planner.protocols.reader import read

DAY_1 = date(2025, 3, 3)
"""A Monday."""

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
START = Facts(dates={"registration": date(2025, 2, 24), "day_one": DAY_1})
OPEN = Calendar()
BELGIUM_2025 = tuple(
    Closure(day, day, Because.HOLIDAY, name)
    for day, name in (
        (date(2025, 4, 21), "Easter Monday"),
        (date(2025, 5, 1), "Labour Day"),
        (date(2025, 5, 29), "Ascension Day"),
        (date(2025, 6, 9), "Whit Monday"),
        (date(2025, 7, 21), "National Day"),
        (date(2025, 8, 15), "Assumption Day"),
    )
)
WORKING_WEEK = Calendar(frozenset({5, 6}), BELGIUM_2025)


def day(number: int) -> date:
    """Study day `number` of a patient whose Day 1 is DAY_1."""
    return DAY_1 + timedelta(days=number - 1)


def text(words: str) -> Text:
    return Text((("en", words),))


def within(before: int, after: int) -> Tolerance:
    return Tolerance(Span(before), Span(after))


def visit(code: str, anchor: str = "d1", offset: int = 0, window: Tolerance | None = None, **more: object) -> Encounter:
    """An encounter that counts from `anchor`; skipped anchors count on their ideal day unless told."""
    skipped = Skipped(more.pop("skipped", Skipped.IDEAL))
    timing = Timing(Anchor((anchor,)), Span(offset), window, Strength(more.pop("strength", "window")), skipped)
    return Encounter(**{"code": code, "epoch": "e", "name": text(code), "timing": timing, "calendar": "clinic"} | more)


def rule(first: str, then: str, lo: int | None, hi: int | None = None, strength: Strength = Strength.HARD) -> Rule:
    spans = [None if days is None else Span(days) for days in (lo, hi)]
    return Rule(f"{first}-{then}", Anchor((first,)), Anchor((then,)), spans[0], spans[1], strength)


def protocol(*encounters: Encounter, **more: object) -> Protocol:
    """A protocol of one epoch whose reference date is d1, Day 1."""
    given: dict[str, object] = {
        "id": "T",
        "name": "T",
        "version": "1",
        "title": text("T"),
        "note": text(""),
        "first_day": 1,
        "reference": "d1",
        "dates": (NamedDate("d1", text("Day 1")),),
        "epochs": (Epoch("e", text("E")),),
        "decisions": (Decision("go", text("Go"), ("yes", "no"), "yes"),),
        "blocks": (),
        "encounters": encounters,
        "rules": (),
    }
    return Protocol(**given | more)


def started(**visits: date) -> Facts:
    """Facts with Day 1 and these visits as they occurred."""
    facts = Facts(dates={"d1": DAY_1})
    for code, when in visits.items():
        facts = facts.occurred(code, when)
    return facts


def closed(first: date, last: date | None = None, because: Because = Because.CLOSURE) -> Calendar:
    return Calendar(closures=(Closure(first, last or first, because, "closed"),))
