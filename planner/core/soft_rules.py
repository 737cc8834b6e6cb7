"""Rules that bind no other visit's days (strength window or flag), as windows of the later visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from planner.core.days import Window, shift, upright
from planner.core.explain import Reason, Why
from planner.core.protocol import Strength

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from planner.core.days import Span
    from planner.core.protocol import Rule
    from planner.core.standing import Standing


@dataclass(frozen=True, slots=True)
class SoftRule:
    """What a rule asks of the visit `visit`: a day in `window`, because of `reason`."""

    visit: str
    window: Window
    reason: Reason


def soft_rules(
    standing: Standing, holidays: Container[date], day_of: Callable[[str], date | None], strength: Strength
) -> Iterator[SoftRule]:
    """Each rule of that strength between two visits that take place, where the first one's day is known."""
    for rule in standing.protocol.rules:
        first, then = standing.chosen(rule.first), standing.chosen(rule.then)
        if rule.strength is strength and first is not None and then is not None and first != then:
            day = day_of(first)
            if day is not None:
                reason = Reason(Why.RULE, then, first, rule.lo, rule.hi, rule=rule.id, strength=rule.strength)
                yield SoftRule(then, _window(standing, holidays, rule, day, first, then), reason)


def beside(standing: Standing, code: str, window_of: Callable[[str], Window | None]) -> Iterator[SoftRule]:
    """What the windows of the other visits of its attendance ask of a visit: one day is to suit them all."""
    for other in standing.attendance(code):
        window = window_of(other) if other != code else None
        if window is not None:
            reason = Reason(Why.WINDOW, other, day=window.earliest, last=window.latest, strength=Strength.WINDOW)
            yield SoftRule(code, window, reason)


def _window(standing: Standing, holidays: Container[date], rule: Rule, day: date, first: str, then: str) -> Window:
    """The days that the rule leaves, from the starts or the ends of stays as it says."""
    start = day + timedelta(days=standing.stay_of(first) if rule.first.end else 0)
    own = timedelta(days=standing.stay_of(then) if rule.then.end else 0)

    def edge(span: Span | None) -> date | None:
        return None if span is None else shift(start, span, holidays) - own

    return upright(edge(rule.lo), edge(rule.hi))
