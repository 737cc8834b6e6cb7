"""Public holidays by country and region."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import Because
from planner.core.errors import Refused
from planner.services.resources import public_holidays


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
