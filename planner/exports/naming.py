"""Names of visits, days and spans for staff: what each reason is told with. English only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.days import study_day
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from datetime import date

    from planner.core.days import Span, Window
    from planner.core.protocol import Protocol
    from planner.core.schedule import Schedule


def name(protocol: Protocol, code: str) -> str:
    """`FOLFOX 6 (C6D1)`; a named date by its name alone."""
    if code in protocol.date_of:
        return protocol.date_of[code].name.into("en")
    encounter = protocol.by_code.get(code)
    words = encounter.name.into("en") if encounter is not None else code
    return words if code.casefold() in words.casefold().split() else f"{words} ({code})"


def named_once(protocol: Protocol, text: str) -> str:
    """The text with the code of each visit beside its name the first time only."""
    for code in (code for code in protocol.by_code if f"({code})" in text):
        full = name(protocol, code)
        start, found, rest = text.partition(full)
        text = start + found + rest.replace(full, full.removesuffix(f" ({code})"))
    return text


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def reference_day(schedule: Schedule) -> date | None:
    """The day that study days are counted from, once it is known."""
    return schedule.dates.get(schedule.protocol.reference)


def numbered(schedule: Schedule, day: date) -> str:
    """`Day 126 (Sun 6 Jul 2025)`."""
    reference = reference_day(schedule)
    if reference is None:
        return staff_day(day)
    return f"Day {study_day(day, reference, schedule.protocol.first_day)} ({staff_day(day)})"


def spelled(span: Span) -> str:
    """`28 days`, `1 working day`: without its direction."""
    amount = abs(span.amount)
    return f"{amount} {span.unit.removesuffix('s') if amount == 1 else span.unit}"


def apart(lo: Span | None, hi: Span | None, other: str) -> str:
    """How far a visit lies from `other`: `at least 14 days after FOLFOX 3 (C3D1)`."""
    if lo is None:
        return f"{_most(hi) if hi is not None else 'in its window, counted from'} {other}"
    return f"{_least(lo)} {other}" if hi is None else _between(lo, hi, other)


def _between(lo: Span, hi: Span, other: str) -> str:
    if lo == hi:
        return f"{_exactly(lo)} {other}"
    if lo.amount == 0 or hi.amount == 0:
        return f"on the day of {other} or {_most(hi) if lo.amount == 0 else _least(lo)} it"
    if lo.amount < 0 < hi.amount:
        return f"from {spelled(lo)} before to {spelled(hi)} after {other}"
    if lo.unit is hi.unit:
        near, far = sorted((lo, hi), key=lambda span: abs(span.amount))
        return f"{abs(near.amount)} to {spelled(far)} {_side(lo)} {other}"
    return f"{_least(lo)} {other} and {_most(hi)} it"


def _exactly(span: Span) -> str:
    return f"exactly {spelled(span)} {_side(span)}" if span.amount else "on the same day as"


def _side(span: Span) -> str:
    return "after" if span.amount > 0 else "before"


def _least(span: Span) -> str:
    """The first day allowed, as a distance."""
    if span.amount == 0:
        return "not before"
    return f"at least {spelled(span)} after" if span.amount > 0 else f"at most {spelled(span)} before"


def _most(span: Span) -> str:
    """The last day allowed, as a distance."""
    if span.amount == 0:
        return "not after"
    return f"at most {spelled(span)} after" if span.amount > 0 else f"at least {spelled(span)} before"


def limits(schedule: Schedule, window: Window) -> str:
    """A window counted from the reference date, in study days: `within Day 99 (...) to Day 126 (...)`."""
    if window.earliest is None or window.latest is None:
        low = f"not before {numbered(schedule, window.earliest)}" if window.earliest is not None else ""
        return low or (f"not after {numbered(schedule, window.latest)}" if window.latest is not None else "on any day")
    if window.earliest == window.latest:
        return f"on {numbered(schedule, window.earliest)}"
    return f"within {numbered(schedule, window.earliest)} to {numbered(schedule, window.latest)}"


def window_words(window: Window) -> str:
    """`window 14 Apr to 17 Apr 2025`."""
    if window.earliest is not None and window.latest is not None:
        return f"window {staff_days(window.earliest, window.latest)}"
    if window.earliest is not None:
        return f"window from {staff_day(window.earliest)}"
    return f"window to {staff_day(window.latest)}" if window.latest is not None else "window without limits"
