"""What was saved, in a sentence for the person who saved it: what it was about, and how many others moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.facts import Go, State
from planner.core.schedule import changes
from planner.core.undo import touched
from planner.exports.naming import name
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.facts import Fact
    from planner.core.schedule import Schedule

MOST_NAMED = 3
"""Visits of one act that a sentence can carry."""


def saved(before: Schedule, after: Schedule) -> str:
    """As in `Saved: FOLFOX 3 booked on Monday 5 January 2026, 09:00. No other visit moved`."""
    lead = _what(before, after)
    return f"Saved{f': {lead}' if lead else ''}. {_others(before, after)}"


def taken_back(before: Schedule, after: Schedule) -> str:
    """The same of an act taken back, which once led from `after` to `before`, in the words that were said of it."""
    return f"Taken back: {_quoted(after, before)}. {_others(before, after)}"


def done_again(before: Schedule, after: Schedule) -> str:
    """The same of an act that was taken back and is done again."""
    return f"Done again: {_quoted(before, after)}. {_others(before, after)}"


def _quoted(before: Schedule, after: Schedule) -> str:
    """In quotation marks: it is what was said, not what holds now."""
    what = _what(before, after)
    return f"\N{LEFT DOUBLE QUOTATION MARK}{what}\N{RIGHT DOUBLE QUOTATION MARK}" if what else "the last act"


def _what(before: Schedule, after: Schedule) -> str:
    """What was done, in the patient's terms: the end, a date, a decision, else the visits; empty for none of them."""
    told = (*_ended(before, after), *_dates(before, after), *_decisions(before, after))
    return "; ".join(told or (*_attendances(before, after), *_visits(before, after)))


def _ended(before: Schedule, after: Schedule) -> Iterator[str]:
    if after.facts.ended != before.facts.ended:
        ended = after.facts.ended
        yield f"study ended on {Words('en').day(ended)}" if ended is not None else "the study goes on"


def _dates(before: Schedule, after: Schedule) -> Iterator[str]:
    old, new = before.facts.dates, after.facts.dates
    for code in touched(old, new):
        named = name(after.protocol, code)
        verb = "moved" if code in old else "set"
        yield f"{named} {verb} to {Words('en').day(new[code])}" if code in new else f"{named} no longer set"


def _decisions(before: Schedule, after: Schedule) -> Iterator[str]:
    names = {decision.code: decision.name.into("en") for decision in after.protocol.decisions}
    for code in touched(before.facts.decisions, after.facts.decisions):
        yield f"{names[code]}: {after.facts.decisions.get(code, 'open again')}"


def _attendances(before: Schedule, after: Schedule) -> Iterator[str]:
    """What became one attendance with another visit, or is one of its own again."""
    old, new = before.facts.together, after.facts.together
    names = {code: encounter.name.into("en") for code, encounter in after.protocol.by_code.items()}
    for code in touched(old, new):
        how, host = ("combined with", new[code]) if code in new else ("separated from", old[code])
        yield f"{names[code]} {how} {names[host]}"


def _visits(before: Schedule, after: Schedule) -> Iterator[str]:
    """The visits of the act itself, the first of them by name."""
    codes = _own(before, after)
    named = codes if len(codes) <= MOST_NAMED else codes[: MOST_NAMED - 1]
    yield from (_told(before, after, code) for code in named)
    if len(codes) > len(named):
        yield f"{len(codes) - len(named)} more visits changed"


def _others(before: Schedule, after: Schedule) -> str:
    """How many visits that the act did not name have another day, or fall away with the end and come back after it."""
    if before.facts.ended != after.facts.ended:
        here, there = ({v.code for v in plan.visits if v.state is State.CANCELED} for plan in (before, after))
        gone, back = len(there - here), len(here - there)
        return f"{_counted(back, 'is', 'are')} to come again." if back else f"{_counted(gone, 'is', 'are')} canceled."
    own = _own(before, after) if _about_visits(before, after) else ()
    number = sum(change.moved for change in changes(before, after) if change.code not in own)
    others = "other " if own else ""
    return f"{_counted(number, 'has', 'have', others)} another day now." if number else f"No {others}visit moved."


def _about_visits(before: Schedule, after: Schedule) -> bool:
    """Whether the act is told by its visits: not by a date or a decision that they follow."""
    old, new = before.facts, after.facts
    return (old.dates, old.decisions) == (new.dates, new.decisions)


def _counted(number: int, one: str, more: str, others: str = "") -> str:
    return f"{number} {others}{f'visit {one}' if number == 1 else f'visits {more}'}"


def _own(before: Schedule, after: Schedule) -> tuple[str, ...]:
    """The visits that the act was about, in the order of the plan; of an attendance the one that takes the time."""
    known = {after.facts.attendance(code)[0] for code in touched(before.facts.visits, after.facts.visits)}
    return tuple(code for code in after.protocol.by_code if code in known)


def _told(before: Schedule, after: Schedule, code: str) -> str:
    who = after.protocol.by_code[code].name.into("en")
    fact = after.facts.visits.get(code)
    if fact is None:
        given_back = before.facts.visits[code].state is State.BOOKED
        return f"{who} is no longer booked" if given_back else f"{who} is planned again"
    if fact.state is State.MISSED:
        return f"{who}, the patient did not come"
    if fact.day is None:
        return f"{who} is omitted"
    if fact.confirmed and before.facts.visits.get(code) == replace(fact, confirmed=False):
        return f"{who} confirmed by the patient, {_when(fact, fact.day)}"
    word = {Go.GO: ", GO", Go.NO_GO: ", NO-GO: a repeat is planned", None: ""}[fact.go]
    return f"{who} {'booked' if fact.state is State.BOOKED else 'took place'} {_when(fact, fact.day)}{word}"


def _when(fact: Fact, day: date) -> str:
    """`on Monday 5 January 2026, 09:00`, a stay with its last day."""
    english = Words("en")
    if fact.end is not None and fact.end != day:
        return f"from {english.day(day)} to {english.day(fact.end)}"
    at = fact.at
    clock = f", {at:%H:%M}{' (second time)' if at.fold else ''}" if at is not None else ""
    return f"on {english.day(day)}{clock}"
