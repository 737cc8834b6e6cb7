"""How many days a span can take, from whatever day it is counted: months and working days differ."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.core.days import shift

if TYPE_CHECKING:
    from planner.core.days import Span

SOME_DAY = date(2001, 1, 1)
FOUR_YEARS = tuple(SOME_DAY + timedelta(days=k) for k in range(1461))
SAMPLE = tuple(day for day in FOUR_YEARS if day.day == 1 or day.day > 28)  # noqa: PLR2004  # months differ in no more


@lru_cache(1024)
def reach(span: Span) -> tuple[int, int]:
    """Fewest and most days, without public holidays."""
    if span.days is not None:
        return span.days, span.days
    taken = [(shift(day, span) - day).days for day in SAMPLE]
    return min(taken), max(taken)
