"""The start advisor against figures counted by hand and published for the illustrative schedule."""

from __future__ import annotations

from datetime import date

from planner.core.calendar import Because, Calendar, Closure
from planner.core.protocol import NamedDate
from planner.core.starts import Clash, Start, starts

from .small import OPEN, SHRINK, WORKING_WEEK, closed, day, protocol, text, visit, within

MONDAY_3_MARCH = (date(2025, 3, 3), date(2025, 3, 3))
A_WEEK_BEFORE = {"registration": -7}


def test_a_monday_start_over_easter_2025_meets_six_sundays_two_holidays_and_no_deviation():
    (start,) = starts(SHRINK, WORKING_WEEK, MONDAY_3_MARCH, A_WEEK_BEFORE)

    met = {clash.visit: (clash.target, clash.instead) for clash in start.clashes}
    assert met == {
        "C1P": (date(2025, 3, 2), date(2025, 3, 3)),
        "C2P": (date(2025, 3, 16), date(2025, 3, 17)),
        "C3P": (date(2025, 3, 30), date(2025, 3, 31)),
        "C4P": (date(2025, 4, 13), date(2025, 4, 14)),
        "C5P": (date(2025, 4, 27), date(2025, 4, 28)),
        "C6P": (date(2025, 5, 11), date(2025, 5, 12)),
        "N3": (date(2025, 5, 1), date(2025, 5, 2)),
        "PRE": (date(2025, 6, 9), date(2025, 6, 10)),
        "P60": (date(2025, 8, 15), date(2025, 8, 18)),
    }
    assert (start.conflicts, start.deviations, start.drift) == ((), (), 0)


def test_a_closed_start_day_is_left_out():
    open_days = [
        start.day for start in starts(SHRINK, WORKING_WEEK, (date(2025, 4, 18), date(2025, 4, 22)), A_WEEK_BEFORE)
    ]

    assert open_days == [date(2025, 4, 18), date(2025, 4, 22)]  # Saturday, Sunday, Easter Monday are closed


def test_a_wednesday_start_puts_the_infusions_on_saturdays_and_outside_their_windows():
    (start,) = starts(SHRINK, WORKING_WEEK, (date(2025, 3, 5), date(2025, 3, 5)), A_WEEK_BEFORE)

    assert start.deviations == ("N1", "N2", "N3")


def test_a_cycle_moved_by_a_holiday_is_drift_for_all_that_follow():
    (start,) = starts(SHRINK, WORKING_WEEK, (date(2025, 3, 10), date(2025, 3, 10)), A_WEEK_BEFORE)

    assert start.drift == 1  # cycle 4 falls on Easter Monday, 21 April, and goes to Tuesday


def test_starts_are_ranked_by_conflicts_deviations_drift_and_clashes():
    clash = Clash("A", day(1), None, ())
    good, clashing, drifting, deviating, impossible = (
        Start(day(5), (), (), (), 0),
        Start(day(4), (), (), (clash,), 0),
        Start(day(3), (), (), (), 1),
        Start(day(2), (), ("A",), (), 0),
        Start(day(1), ("A",), (), (), 0),
    )

    ranked = sorted([impossible, deviating, drifting, clashing, good], key=lambda start: start.rank)

    assert ranked == [good, clashing, drifting, deviating, impossible]


def test_a_start_with_a_visit_that_finds_no_day_counts_its_conflict():
    trial = protocol(visit("A", offset=7, window=within(0, 0), strength="hard"))

    (start,) = starts(trial, closed(day(8)), (day(1), day(1)), {})

    assert start.conflicts == ("A",)


def test_other_dates_may_be_given_as_they_are():
    dates = (NamedDate("d1", text("Day 1")), NamedDate("reg", text("Registration")))
    trial = protocol(visit("A", "reg", 7), dates=dates)

    found = list(
        starts(trial, Calendar(closures=(Closure(day(8), day(8), Because.HOLIDAY),)), (day(1), day(2)), {"reg": day(1)})
    )

    assert [[clash.target for clash in start.clashes] for start in found] == [[day(8)], [day(8)]]
    assert [start.drift for start in starts(SHRINK, OPEN, MONDAY_3_MARCH, {"registration": -7})] == [0]
