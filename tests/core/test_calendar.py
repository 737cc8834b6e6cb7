"""Open and closed days, each closed one with its reason."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import ANY, WEEKEND, Because, Calendar, Closure
from planner.core.network import bits

MONDAY, SATURDAY = date(2025, 3, 3), date(2025, 3, 8)
AWAY = Closure(MONDAY, MONDAY, Because.ABSENCE)
HOLIDAY = Closure(date(2025, 4, 21), date(2025, 4, 22), Because.HOLIDAY, "Easter Monday")
THEATRE = Closure(MONDAY, MONDAY, Because.CLOSURE, "Repair", ("theatre",))


def test_a_weekend_closes_the_site_and_not_visits_that_ignore_it():
    calendar = Calendar(frozenset({5, 6}))

    assert calendar.why_closed(SATURDAY, "clinic", attended=True) == (WEEKEND,)
    assert calendar.why_closed(SATURDAY, ANY, attended=True) == ()
    assert calendar.why_closed(MONDAY, "clinic", attended=True) == ()


def test_an_absence_closes_every_visit_that_the_patient_attends_and_no_other():
    calendar = Calendar(closures=(AWAY,))

    assert calendar.why_closed(MONDAY, ANY, attended=True) == (AWAY,)
    assert calendar.why_closed(MONDAY, "clinic", attended=False) == ()


def test_a_closure_of_one_calendar_leaves_the_others_open():
    calendar = Calendar(closures=(THEATRE,))

    assert calendar.why_closed(MONDAY, "theatre", attended=True) == (THEATRE,)
    assert calendar.why_closed(MONDAY, "clinic", attended=True) == ()


def test_a_day_tells_every_reason_for_which_it_is_closed():
    calendar = Calendar(frozenset({0}), (HOLIDAY, Closure(date(2025, 4, 1), date(2025, 4, 30), name="Move")))

    reasons = calendar.why_closed(date(2025, 4, 21), "clinic", attended=True)
    assert [(reason.because, reason.name) for reason in reasons] == [
        (Because.WEEKEND, ""),
        (Because.CLOSURE, "Move"),
        (Because.HOLIDAY, "Easter Monday"),
    ]


def test_public_holidays_are_no_working_days_each_day_of_them():
    assert Calendar(closures=(HOLIDAY, AWAY)).holidays == {date(2025, 4, 21), date(2025, 4, 22)}


def test_a_closure_as_a_day_set_is_cut_to_the_horizon():
    calendar = Calendar(frozenset({5, 6}), (HOLIDAY,))

    assert list(bits(calendar.mask(WEEKEND, MONDAY, date(2025, 3, 17)))) == [5, 6, 12, 13]
    assert list(bits(calendar.mask(HOLIDAY, date(2025, 4, 20), date(2025, 4, 21)))) == [1]
    assert calendar.mask(HOLIDAY, date(2025, 5, 1), date(2025, 5, 2)) == 0
    assert calendar.mask(HOLIDAY, MONDAY, date(2025, 3, 5)) == 0


def test_a_closure_that_ends_before_it_starts_is_a_mistake():
    with pytest.raises(ValueError, match="ends 2025-03-02 before it starts"):
        Closure(MONDAY, date(2025, 3, 2))


def test_a_patient_must_be_there_on_every_day_of_a_stay_and_the_site_open_on_its_first():
    away = Closure(date(2025, 3, 12), date(2025, 3, 13), Because.ABSENCE)
    calendar = Calendar(frozenset({5, 6}), (away,))

    days = [date(2025, 3, n) for n in range(4, 15)]
    shut = [d.day for d in days if calendar.why_closed(d, "theatre", attended=True, stay=7)]
    assert shut == [5, 6, 7, 8, 9, 10, 11, 12, 13]  # from 7 days before the absence; 8 and 9 are a weekend too
    assert list(bits(calendar.mask(away, date(2025, 3, 4), date(2025, 3, 14), 7))) == list(range(1, 10))
