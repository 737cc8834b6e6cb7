"""What was saved, in a sentence for the person who saved it: the visit that it was about, and who else moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.facts import Go, State
from planner.core.schedule import changes
from planner.exports.words import Words

if TYPE_CHECKING:
    from datetime import date

    from planner.core.facts import Fact, Facts
    from planner.core.schedule import Schedule


def saved(before: Schedule, after: Schedule) -> str:
    """As in `Saved: FOLFOX 3 booked on Monday 5 January 2026, 09:00. No other visit moved`."""
    code = subject(before.facts, after.facts)
    number = sum(change.moved for change in changes(before, after) if change.code != code)
    others = "other " if code else ""
    told = f"{number} {others}visit{' has' if number == 1 else 's have'} another day now."
    lead = f"Saved: {_told(before, after, code)}. " if code else "Saved. "
    return lead + (told if number else f"No {others}visit moved.")


def subject(before: Facts, after: Facts) -> str:
    """The one visit that the act was about; empty where it was about several, a date, a decision or the end."""
    touched = [c for c in {**before.visits, **after.visits} if before.visits.get(c) != after.visits.get(c)]
    attended = {after.attendance(code)[0] for code in touched}
    alone = len(attended) == 1 and (before.decisions, before.ended) == (after.decisions, after.ended)
    return attended.pop() if alone else ""


def _told(before: Schedule, after: Schedule, code: str) -> str:
    name = after.protocol.by_code[code].name.into("en")
    fact = after.facts.visits.get(code)
    if fact is None:
        given_back = before.facts.visits[code].state is State.BOOKED
        return f"{name} is no longer booked" if given_back else f"{name} is planned again"
    if fact.state is State.MISSED:
        return f"{name}, the patient did not come"
    if fact.day is None:
        return f"{name} is omitted"
    if fact.confirmed and before.facts.visits.get(code) == replace(fact, confirmed=False):
        return f"{name} confirmed by the patient, {_when(fact, fact.day)}"
    word = {Go.GO: ", GO", Go.NO_GO: ", NO-GO: a repeat is planned", None: ""}[fact.go]
    return f"{name} {'booked' if fact.state is State.BOOKED else 'took place'} {_when(fact, fact.day)}{word}"


def _when(fact: Fact, day: date) -> str:
    """`on Monday 5 January 2026, 09:00`, a stay with its last day."""
    english = Words("en")
    if fact.end is not None and fact.end != day:
        return f"from {english.day(day)} to {english.day(fact.end)}"
    at = fact.at
    clock = f", {at:%H:%M}{' (second time)' if at.fold else ''}" if at is not None else ""
    return f"on {english.day(day)}{clock}"
