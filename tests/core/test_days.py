"""Study-day numbers, spans, windows and sets of days, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.days import DaySet, Span, Unit, Window, day_offset, is_working, near, shift, study_day, upright

REFERENCE = date(2025, 3, 3)
LABOUR_DAY = frozenset({date(2025, 5, 1)})


@pytest.mark.parametrize(
    ("day", "first", "number"),
    [
        (date(2025, 3, 3), 1, 1),
        (date(2025, 3, 2), 1, -1),
        (date(2025, 6, 9), 1, 99),
        (date(2025, 7, 6), 1, 126),
        (date(2025, 3, 3), 0, 0),
        (date(2025, 3, 2), 0, -1),
        (date(2025, 3, 17), 0, 14),
    ],
)
def test_a_study_day_counts_from_day_1_without_day_0_or_from_day_0(day, first, number):
    assert study_day(day, REFERENCE, first) == number


@given(st.integers(-400, 400), st.sampled_from([0, 1]))
def test_a_day_number_and_its_offset_are_each_others_inverse(offset, first):
    day = shift(REFERENCE, Span(offset))

    assert day_offset(study_day(day, REFERENCE, first), first) == offset


def test_there_is_no_day_0_where_days_count_from_day_1():
    with pytest.raises(ValueError, match="no Day 0"):
        day_offset(0, 1)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        (date(2025, 3, 3), Span(-21), date(2025, 2, 10)),
        (date(2025, 3, 3), Span(2, Unit.WEEKS), date(2025, 3, 17)),
        (date(2024, 8, 31), Span(28, Unit.MONTHS), date(2026, 12, 31)),
        (date(2024, 10, 31), Span(4, Unit.MONTHS), date(2025, 2, 28)),
        (date(2023, 10, 31), Span(4, Unit.MONTHS), date(2024, 2, 29)),
        (date(2025, 4, 30), Span(1, Unit.WORKING_DAYS), date(2025, 5, 2)),
        (date(2025, 5, 2), Span(-1, Unit.WORKING_DAYS), date(2025, 4, 30)),
        (date(2025, 5, 2), Span(5, Unit.WORKING_DAYS), date(2025, 5, 9)),
        (date(2025, 5, 1), Span(0, Unit.WORKING_DAYS), date(2025, 5, 2)),
        (date(2025, 5, 2), Span(0, Unit.WORKING_DAYS), date(2025, 5, 2)),
    ],
)
def test_a_span_moves_a_day(start, span, end):
    assert shift(start, span, LABOUR_DAY) == end


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 60),
    st.builds(Span, st.integers(-30, 30), st.sampled_from(Unit)),
)
def test_no_span_makes_a_later_day_earlier(day, later, span):
    assert shift(day, span, LABOUR_DAY) <= shift(shift(day, Span(later)), span, LABOUR_DAY)


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        (Span(14), Span(1, Unit.WEEKS), Span(21)),
        (Span(28, Unit.MONTHS), Span(-1, Unit.MONTHS), Span(27, Unit.MONTHS)),
        (Span(28, Unit.MONTHS), Span(-14), None),
        (Span(2, Unit.WORKING_DAYS), Span(1, Unit.WORKING_DAYS), None),
    ],
)
def test_spans_add_up_only_where_they_are_counted_alike(a, b, total):
    assert a + b == total


@pytest.mark.parametrize(
    ("day", "outside", "clamped"),
    [
        (date(2025, 6, 7), -2, date(2025, 6, 9)),
        (date(2025, 6, 9), 0, date(2025, 6, 9)),
        (date(2025, 7, 6), 0, date(2025, 7, 6)),
        (date(2025, 7, 10), 4, date(2025, 7, 6)),
    ],
)
def test_a_window_is_inclusive_and_says_how_far_a_day_lies_outside(day, outside, clamped):
    window = Window(date(2025, 6, 9), date(2025, 7, 6))

    assert (window.outside(day), window.clamp(day), day in window) == (outside, clamped, outside == 0)


def test_a_window_may_be_open_on_one_side():
    assert Window(REFERENCE, None).outside(date(2199, 1, 1)) == 0
    assert Window(None, REFERENCE).outside(date(1900, 1, 1)) == 0
    assert Window(REFERENCE, None).outside(date(2025, 3, 1)) == -2


def test_a_window_that_ends_before_it_starts_is_a_mistake():
    with pytest.raises(ValueError, match="ends 2025-03-02 before it starts 2025-03-03"):
        Window(REFERENCE, date(2025, 3, 2))


def test_a_working_day_is_monday_to_friday_and_no_holiday():
    week = [date(2025, 4, 28 + n) for n in range(3)] + [date(2025, 5, n) for n in range(1, 5)]

    assert [is_working(day, LABOUR_DAY) for day in week] == [True, True, True, False, True, False, False]


@given(st.integers(0, 2**40 - 1), st.integers(-30, 30))
def test_a_set_of_days_is_its_days_wherever_it_is_counted_from(bits, moved):
    days = DaySet(REFERENCE, bits)
    same = DaySet(shift(REFERENCE, Span(-30 - moved)), bits << 30 + moved)

    assert (days, hash(days), list(days)) == (same, hash(same), list(same))
    assert [day for first, last in days.ranges() for day in _run(first, last)] == list(days)
    assert len(days) == len(list(days))
    assert days.span == ((max(days) - min(days)).days + 1 if bits else 0)


def _run(first, last):
    return [shift(first, Span(n)) for n in range((last - first).days + 1)]


def test_a_set_of_days_is_cut_by_a_window():
    days = DaySet(REFERENCE, 0b1011_0111)

    assert days.within(Window(date(2025, 3, 4), date(2025, 3, 8))) == DaySet(REFERENCE, 0b11_0110)
    assert days.within(Window(None, date(2025, 3, 1))) == DaySet(REFERENCE, 0)
    assert date(2025, 3, 2) not in days
    assert days != "no set"


@given(st.integers(1, 2**40 - 1), st.integers(-60, 90))
def test_the_nearest_day_is_the_one_at_the_least_distance_and_the_earlier_on_a_tie(bits, away):
    days, target = DaySet(REFERENCE, bits), shift(REFERENCE, Span(away))

    assert days.nearest(target) == min(days, key=lambda day: (abs((day - target).days), day))


def test_edges_that_cross_leave_the_first_day_alone():
    assert upright(date(2025, 4, 30), date(2025, 4, 27)) == Window(date(2025, 4, 30), date(2025, 4, 30))
    assert upright(date(2025, 4, 27), date(2025, 4, 30)) == Window(date(2025, 4, 27), date(2025, 4, 30))
    assert upright(None, date(2025, 4, 30)) == Window(None, date(2025, 4, 30))


@pytest.mark.parametrize(("year", "meant"), [(1994, False), (1995, True), (2025, True), (2055, True), (2056, False)])
def test_people_mean_a_year_within_thirty_of_this_one(year, meant):
    assert near(date(year, 7, 1), date(2025, 2, 24)) is meant
