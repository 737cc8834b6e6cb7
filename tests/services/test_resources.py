"""A site's calendar: weekends, public holidays by country and region, closures of its own."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.errors import Refused
from planner.services.resources import SiteDays, calendar, public_holidays


def test_belgian_holidays_of_2025_are_those_of_the_law():
    found = public_holidays("BE", [2025])

    assert {closure.because for closure in found} == {Because.HOLIDAY}
    assert [(closure.first.month, closure.first.day) for closure in found if closure.first.weekday() < 6] == [
        *((1, 1), (4, 21), (5, 1), (5, 29), (6, 9), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
    ]


def test_a_region_may_have_holidays_of_its_own():
    country, bavaria = (public_holidays(place, [2025]) for place in ("DE", "de-by"))

    assert date(2025, 1, 6) in {closure.first for closure in bavaria} - {closure.first for closure in country}


@pytest.mark.parametrize("place", ["XX", "BE-XX", "", "Belgium"])
def test_an_unknown_place_is_refused(place):
    with pytest.raises(Refused) as refused:
        public_holidays(place, [2025])

    assert refused.value.values == {"place": place}


YEAR = range(2025, 2026)
MOVE = Closure(date(2025, 4, 7), date(2025, 4, 11), Because.CLOSURE, "the ward moves")


def test_a_site_without_closed_days_is_always_open():
    assert calendar(SiteDays(), YEAR) == Calendar()


def test_a_site_closes_on_its_weekends_its_holidays_and_days_of_its_own():
    found = calendar(SiteDays("BE", weekends_closed=True, closures=(MOVE,)), YEAR)

    assert found == Calendar(frozenset({5, 6}), (*public_holidays("BE", YEAR), MOVE))


def test_easter_monday_is_closed_by_its_name():
    found = calendar(SiteDays("BE"), YEAR)

    (closure,) = [c for c in found.closures if c.first == date(2025, 4, 21)]
    assert closure == Closure(date(2025, 4, 21), date(2025, 4, 21), Because.HOLIDAY, "Easter Monday")


def test_good_friday_and_the_day_before_christmas_are_open_in_belgium():
    closed = {closure.first for closure in public_holidays("BE", YEAR)}

    assert {date(2025, 4, 18), date(2025, 12, 24)}.isdisjoint(closed)


def test_the_same_days_are_the_same_calendar():
    assert calendar(SiteDays("BE"), YEAR) is calendar(SiteDays("BE"), YEAR)


def test_a_calendar_of_an_unknown_country_is_refused():
    with pytest.raises(Refused, match="no_such_holidays"):
        calendar(SiteDays("XX"), YEAR)
