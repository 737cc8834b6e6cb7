"""The site's calendar: its weekends, its public holidays by country and region, its closures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from holidays import country_holidays

from planner.core.calendar import Because, Calendar, Closure
from planner.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class SiteDays:
    """Where a site's closed days come from: a country or region (`BE`, `DE-BY`), its weekends, closures of its own."""

    holidays: str | None = None
    weekends_closed: bool = False
    closures: tuple[Closure, ...] = ()


@lru_cache(maxsize=64)
def calendar(days: SiteDays, years: range) -> Calendar:
    """The calendar of a site over these years; Refused for a country or region that is not known."""
    public = public_holidays(days.holidays, years) if days.holidays is not None else ()
    weekend = SATURDAY_AND_SUNDAY if days.weekends_closed else frozenset()
    return Calendar(weekend, (*public, *days.closures))


def public_holidays(place: str, years: Iterable[int]) -> tuple[Closure, ...]:
    """The public holidays of a country or region (`BE`, `DE-BY`) in these years, one closure per day.

    Raises Refused for a place that is not known.
    """
    country, dash, region = place.upper().partition("-")
    try:
        found = country_holidays(country, subdiv=region or None, years=years, language="en_US", observed=True)
    except NotImplementedError as error:
        raise Refused("no_such_holidays", place=place) from error
    if dash and not region:
        raise Refused("no_such_holidays", place=place)
    return tuple(Closure(day, day, Because.HOLIDAY, name) for day, name in sorted(found.items()))
