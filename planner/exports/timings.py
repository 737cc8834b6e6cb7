"""When a visit type is due, in words: from what it counts, its window, its clock, how long it takes. English only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from planner.core.days import Unit, shift, study_day
from planner.core.protocol import Bounds
from planner.exports.naming import apart, listed, name, spelled
from planner.exports.words import Words

if TYPE_CHECKING:
    from planner.core.days import Span
    from planner.core.protocol import Anchor, Clock, Encounter, Protocol, Timing, Tolerance

ENGLISH = Words("en")
SOME_DAY = date(2000, 1, 1)
"""Day numbers are differences: any day serves to count them from."""
PICKS = ("first", "second", "third", "fourth", "fifth", "sixth", "last")
"""Which of several an anchor takes; the last is also number -1."""
SERIES = 3
"""Visits from which a run is told by its two ends."""


def when(protocol: Protocol, timing: Timing) -> str:
    """`14 days after FOLFOX 3 (C3D1)`; from the reference date the study day: `Day 57`."""
    day = _day(protocol, timing.anchor, timing.offset)
    return day or _exactly(timing.offset, counted_from(protocol, timing.anchor)).removeprefix("exactly ")


def _day(protocol: Protocol, anchor: Anchor, span: Span | None) -> str:
    """`Day 57`; empty where it is not counted in days from the reference date."""
    if span is None or span.days is None or anchor.codes != (protocol.reference,):
        return ""
    return f"Day {study_day(shift(SOME_DAY, span), SOME_DAY, protocol.first_day)}"


def _exactly(span: Span, other: str) -> str:
    """0 working days is a day of its own: it waits for the site to work."""
    if span.unit is Unit.WORKING_DAYS and span.amount == 0:
        return f"on the first working day from {other} on"
    return apart(span, span, other)


def counted_from(protocol: Protocol, anchor: Anchor) -> str:
    """`FOLFOX 3 (C3D1)`, `the end of Resection (RES)`, `the last of FOLFOX 1 (C1D1) to ... that takes place`."""
    names = [name(protocol, code) for code in anchor.codes]
    words = names[0]
    if len(names) > 1:
        several = f"{names[0]} to {names[-1]}" if _run(protocol, anchor.codes) else listed(names)
        words = f"the {PICKS[anchor.pick]} of {several} that takes place"
    return f"the end of {words}" if anchor.end else words


def _run(protocol: Protocol, codes: tuple[str, ...]) -> bool:
    """Whether the codes are three or more of one repetition on end, so that its two ends tell them all."""
    first = protocol.by_code.get(codes[0])
    if first is None or first.instance is None or len(codes) < SERIES:
        return False
    template = first.instance.template
    series = tuple(e.code for e in protocol.encounters if e.instance is not None and e.instance.template == template)
    start = series.index(codes[0])
    return series[start : start + len(codes)] == codes


def clock_words(protocol: Protocol, clock: Clock) -> str:
    """`46 hours after the start of FOLFOX 1 (C1D1), at most 30 minutes earlier or 2 hours later`."""
    sides = ((clock.before, "earlier"), (clock.after, "later"))
    slack = " or ".join(f"{ENGLISH.length(minutes)} {side}" for minutes, side in sides if minutes)
    start = f"{ENGLISH.length(clock.minutes)} after the start of {name(protocol, clock.anchor)}"
    return f"{start}, at most {slack}" if slack else start


def tolerance(protocol: Protocol, timing: Timing) -> str:
    """`up to 3 days later`, `within Day 99 to Day 126`; `none` is no window, not that exact day."""
    if timing.window is None:
        return "none"
    return _bounds(protocol, timing.window) if isinstance(timing.window, Bounds) else _around(timing.window)


def _bounds(protocol: Protocol, bounds: Bounds) -> str:
    """`within Day 99 to Day 126`; what is not counted in days from the reference date as distances."""
    low, high = (_day(protocol, bounds.anchor, span) for span in (bounds.earliest, bounds.latest))
    if bool(low) != (bounds.earliest is not None) or bool(high) != (bounds.latest is not None):
        return apart(bounds.earliest, bounds.latest, counted_from(protocol, bounds.anchor))
    if low and high:
        return f"on {low}" if low == high else f"within {low} to {high}"
    return f"not before {low}" if low else f"not after {high}"


def _around(window: Tolerance) -> str:
    """`up to 7 days earlier or up to 14 days later`; 0 on both sides is that exact day."""
    before, after = (_side(side) for side in (window.before, window.after))
    if before == after:
        return f"{before} earlier or later" if before else "that exact day"
    return " or ".join([f"{before} earlier"] * bool(before) + [f"{after} later"] * bool(after))


def _side(side: Span | None) -> str:
    """`up to 3 days`; empty for 0."""
    if side is None:
        return "any day"
    return f"up to {spelled(side)}" if side.amount else ""


def length(encounter: Encounter) -> str:
    """`about 5 hours`; of a stay its nights, from its first day to its last."""
    stay = encounter.stay
    parts = [ENGLISH.how_long(*encounter.duration)] if encounter.duration is not None else []
    if stay is not None:
        nights = ENGLISH.counted("%(number)d night", "%(number)d nights", stay.most)
        fixed = stay.least == stay.most
        parts.append(f"a stay of {nights if fixed else f'{stay.least} to {nights}, {stay.planned} planned'}")
    return "; ".join(parts)
