"""Plans on a site's calendar: drafted from facts, and remembered while nothing that they come from changed."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from planner.core.calendar import Calendar
from planner.core.placing import horizon
from planner.core.schedule import plan
from planner.core.standing import Standing
from planner.services.resources import calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import date

    from planner.core.constraints import Horizon
    from planner.core.facts import Facts
    from planner.core.protocol import Protocol
    from planner.core.schedule import Schedule
    from planner.services.resources import SiteDays

T = TypeVar("T")


def draft(
    protocol: Protocol, facts: Facts, days: SiteDays, today: date | None, near: Calendar | None = None
) -> Schedule:
    """The schedule that these facts leave on the site's calendar, which covers every day that the plan looks at.

    `near` is the calendar of such a plan by other facts, on the same `days`: taken where it covers this one too.
    """
    if near is not None and near.years is not None:
        found = plan(protocol, facts, near, today)
        if {*_years(found.possible.horizon)} <= {*near.years}:
            return found
    return plan(protocol, facts, calendar_for(protocol, facts, days, today), today)


def calendar_for(protocol: Protocol, facts: Facts, days: SiteDays, today: date | None) -> Calendar:
    """The site's calendar over every day that a plan of these facts looks at."""
    return calendar(days, _years(horizon(Standing(protocol, facts), Calendar(), today)))


def _years(span: Horizon) -> range:
    """The years of these days, with one more on either side."""
    return range(span.first.year - 1, span.last.year + 2)


class Memory(Generic[T]):
    """The last `size` values made, by all that they were made from: memoised, never stored."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `key`; made where it is not there. Two threads may make it at once: they make the same."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made
