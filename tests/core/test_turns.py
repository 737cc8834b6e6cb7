"""Two visits of one day keep their order by the clock. The day is Monday 10 March 2025, in Brussels an hour ahead."""

from datetime import UTC, datetime, time

import pytest

from planner.core.facts import Facts
from planner.core.turns import barred
from planner.core.units import cells

from .small import DAY_1, day, protocol, visit, within

MONDAY = day(8)
BRUSSELS = "Europe/Brussels"
TRIAL = protocol(
    visit("CHEMO", offset=7, window=within(3, 3), duration=(120, 120)),
    visit("BLOOD", "CHEMO", -1, window=within(1, 1), duration=(30, 30)),
    visit("CHECK", "CHEMO", 1, window=within(1, 1), duration=(30, 30)),
    visit("SCAN", "CHEMO", 0, window=within(2, 2), duration=(30, 30)),
    visit("NEED", duration=(30, 30), timing=None),
)
START = Facts(dates={"d1": DAY_1})
AT_TEN = START.booked("CHEMO", MONDAY, time(10), BRUSSELS)


def span(first, last):
    """The quarters of an hour of that Monday between two local hours."""
    start = datetime(2025, 3, 10, tzinfo=UTC).timestamp() // 900
    return set(range(int(start) + 4 * (first - 1), int(start) + 4 * (last - 1)))


@pytest.mark.parametrize(
    ("code", "hours"),
    [("BLOOD", (10, 24)), ("CHECK", (0, 12)), ("SCAN", (10, 12)), ("NEED", (10, 12))],
    ids=["counts back: only before", "counts on: only after", "on the same day: not at once", "as needed: not at once"],
)
def test_a_visit_stands_on_its_side_of_another_of_the_day(code, hours):
    """Chemotherapy is from 10 to 12 o'clock."""
    assert barred(TRIAL, AT_TEN, code) == span(*hours)


def test_what_counts_from_it_bars_it_too():
    """Blood from 9:00 to 9:30: chemotherapy begins at 9:30 or later."""
    facts = START.booked("BLOOD", MONDAY, time(9), BRUSSELS)

    assert barred(TRIAL, facts, "CHEMO") == span(0, 9) | set(cells(datetime(2025, 3, 10, 8, tzinfo=UTC), 30))


def test_without_a_time_and_on_its_own_it_bars_nothing():
    assert barred(TRIAL, START.booked("CHEMO", MONDAY), "BLOOD") == frozenset()
    assert barred(TRIAL, AT_TEN, "CHEMO") == frozenset()


def test_what_one_attendance_fulfils_is_on_the_side_of_both():
    """The check is made with a visit as needed, from 9 o'clock on: chemotherapy, which comes before it, is earlier."""
    facts = START.booked("NEED", MONDAY, time(9), BRUSSELS).booked("CHECK", MONDAY).combined("CHECK", "NEED")

    assert barred(TRIAL, facts, "CHEMO") == span(9, 24)
