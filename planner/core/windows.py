"""Target and window of a visit as dates, from the day of what it counts from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from planner.core.days import Window, shift, upright
from planner.core.protocol import Bounds, Tolerance

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date

    from planner.core.days import Span
    from planner.core.protocol import Anchor, Timing


MOST_TIMINGS = 4096
"""Timings whose window is kept as spans: those of every protocol in use."""


def window_anchor(timing: Timing) -> Anchor:
    """What the window counts from: an anchor of its own, else the target's."""
    return timing.window.anchor if isinstance(timing.window, Bounds) else timing.anchor


@lru_cache(MOST_TIMINGS)
def window_spans(timing: Timing) -> tuple[Span | None, Span | None] | None:
    """The window's edges as spans from its anchor; None where they cannot be written as one span each.

    A tolerance in the target's own unit is added to the offset before counting, so months stay counted from
    their origin: 28 months with 1 month before is 27 months from the origin.
    """
    window = timing.window
    if not isinstance(window, Tolerance):
        return (None, None) if window is None else (window.earliest, window.latest)
    low = None if window.before is None else _total(timing.offset, -window.before)
    high = None if window.after is None else _total(timing.offset, window.after)
    written = (window.before is None or low is not None) and (window.after is None or high is not None)
    return (low, high) if written else None


def _total(offset: Span, tolerance: Span) -> Span | None:
    return offset if tolerance.amount == 0 else offset + tolerance


def window_edge(timing: Timing, day: date, holidays: Container[date], *, late: bool) -> date | None:
    """The first (or, `late`, the last) day of the window, inclusive, when its anchor's day is `day`.

    None is no limit on that side. A tolerance that cannot be added to the offset counts from the target.
    """
    spans = window_spans(timing)
    if spans is not None:
        span = spans[late]
        return None if span is None else shift(day, span, holidays)
    window = cast("Tolerance", timing.window)
    tolerance = window.after if late else window.before
    if tolerance is None:
        return None
    signed = tolerance if late else -tolerance
    total = _total(timing.offset, signed)
    if total is not None:
        return shift(day, total, holidays)
    return shift(shift(day, timing.offset, holidays), signed, holidays)


def window_of(timing: Timing, day: date, holidays: Container[date]) -> Window | None:
    """The window as dates when its anchor's day is `day`; None where the protocol gives none."""
    if timing.window is None:
        return None
    spans = window_spans(timing)
    if spans is None:
        return upright(*(window_edge(timing, day, holidays, late=late) for late in (False, True)))
    return upright(*(None if span is None else shift(day, span, holidays) for span in spans))


def opens_early(timing: Timing) -> bool:
    """Whether the window starts before its target."""
    window = timing.window
    return isinstance(window, Tolerance) and (window.before is None or window.before.amount > 0)
