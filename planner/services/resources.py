"""The site's calendar: its public holidays, by country and region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holidays import country_holidays, list_supported_countries

from planner.core.calendar import Because, Closure
from planner.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable


def public_holidays(place: str, years: Iterable[int]) -> tuple[Closure, ...]:
    """The public holidays of a country or region (`BE`, `DE-BY`) in these years, one closure per day.

    Raises Refused for a place that is not known.
    """
    country, _, region = place.upper().partition("-")
    regions = list_supported_countries(include_aliases=True).get(country)
    if regions is None or (region and region not in regions):
        raise Refused("no_such_holidays", place=place)
    found = country_holidays(country, subdiv=region or None, years=years, language="en_US", observed=True)
    return tuple(Closure(day, day, Because.HOLIDAY, name) for day, name in sorted(found.items()))
