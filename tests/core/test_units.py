"""What is free on the ward: hours, taken quarters of an hour, and the two nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.calendar import Because, Calendar, Closure, Opening
from planner.core.facts import Fact, State
from planner.core.patients import Site
from planner.core.units import (
    CELL,
    Free,
    Hours,
    Opened,
    Unit,
    cells,
    ends,
    free,
    hours_on,
    open_cells,
    room,
    taken_by,
    weekdays_without,
)

from .small import SHRINK

BRUSSELS = Site("01", "Brussels", "Europe/Brussels", "BE")
MONDAY, TUESDAY = date(2025, 3, 3), date(2025, 3, 4)
MORNING = tuple(Hours(n, time(8), time(10)) for n in range(5))
CHAIRS = (Unit("one", "chair", "Chair 1", MORNING), Unit("two", "chair", "Chair 2", MORNING))


def at(hour, minute=0):
    return time(hour, minute)


def begins(hour, minute, *units):
    """Free at that local time of the Monday, when Brussels is an hour ahead of universal time."""
    return Free(at(hour, minute), units, datetime(2025, 3, 3, hour - 1, minute, tzinfo=UTC))


def test_a_visit_can_begin_each_quarter_of_an_hour_as_long_as_it_ends_before_closing():
    """Open from 8 to 10; an hour and a half fits at 8:00, 8:15 and 8:30."""
    found = free(CHAIRS[:1], MONDAY, 90, BRUSSELS, {})

    assert found == (begins(8, 0, "one"), begins(8, 15, "one"), begins(8, 30, "one"))


def test_taken_time_is_free_in_no_unit_but_the_others():
    """Chair 1 is taken from 8:30 to 9:00 (7:30 in universal time): an hour fits from 9:00 on only."""
    taken = {"one": frozenset(cells(datetime(2025, 3, 3, 7, 30, tzinfo=UTC), 30))}

    assert free(CHAIRS[:1], MONDAY, 60, BRUSSELS, taken) == (begins(9, 0, "one"),)
    assert free(CHAIRS, MONDAY, 60, BRUSSELS, taken) == (
        *(begins(8, m, "two") for m in (0, 15, 30, 45)),
        begins(9, 0, "one", "two"),
    )


def test_a_visit_takes_every_quarter_that_it_touches():
    assert len(cells(datetime(2025, 3, 3, 8, tzinfo=UTC), 30)) == 2
    assert len(cells(datetime(2025, 3, 3, 8, 5, tzinfo=UTC), 30)) == 3
    assert len(cells(datetime(2025, 3, 3, 8, tzinfo=UTC), 31)) == 3


def test_no_time_begins_in_the_hour_that_spring_skips():
    """On 30 March 2025 Brussels goes from 2:00 to 3:00."""
    night = Unit("one", "bed", "Bed 1", (Hours(6, time(1, 30), time(3, 30)),))

    found = free([night], date(2025, 3, 30), 15, BRUSSELS, {})

    assert [one.at for one in found] == [at(1, 30), at(1, 45), at(3), at(3, 15)]


def test_an_hour_that_autumn_repeats_is_there_twice_and_taken_once():
    """On 26 October 2025 Brussels shows 2:00 to 3:00 twice: first at 0:00, then at 1:00 in universal time."""
    night = Unit("one", "bed", "Bed 1", (Hours(6, time(2), time(3)),))
    day = date(2025, 10, 26)
    taken = {"one": frozenset(cells(datetime(2025, 10, 26, 0, 0, tzinfo=UTC), 60))}

    both = free([night], day, 30, BRUSSELS, {})
    second = free([night], day, 30, BRUSSELS, taken)

    first, again = [(at(2, m), 0) for m in (0, 15, 30, 45)], [(at(2, m), 1) for m in (0, 15, 30)]
    assert [(one.at, one.at.fold) for one in both] == first + again
    assert [(one.at, one.at.fold) for one in second] == again
    assert {one.units for one in both} == {("one",)}


def test_a_day_opened_by_hand_has_its_own_hours_and_a_closed_unit_has_none():
    saturday = date(2025, 3, 8)
    opened = [Opened(saturday, time(9), time(12), "chair", "catching up")]
    shut = Unit("three", "chair", "Chair 3", MORNING, (Closure(MONDAY, MONDAY, name="repair"),))

    assert hours_on(CHAIRS[0], saturday) == ()
    assert hours_on(CHAIRS[0], saturday, opened) == ((time(9), time(12)),)
    assert hours_on(Unit("s", "scanner", "CT"), saturday, opened) == ()
    assert (hours_on(shut, MONDAY), hours_on(shut, TUESDAY)) == ((), ((time(8), time(10)),))


def test_room_counts_the_visits_that_fit_one_after_the_other():
    """Two chairs of two hours hold four visits of an hour, and two of an hour and a quarter."""
    for minutes, wanted in ((60, 4), (75, 2), (120, 2), (121, 0)):
        assert room(free(CHAIRS, MONDAY, minutes, BRUSSELS, {}), minutes) == wanted


def test_a_kind_is_closed_on_the_weekdays_on_which_none_of_its_units_opens():
    theatre = Unit("t", "theatre", "Theatre", (Hours(1, time(8), time(17)), Hours(3, time(8), time(17))))

    assert weekdays_without([theatre, *CHAIRS]) == {"theatre": (0, 2, 4, 5, 6), "chair": (5, 6)}


def test_hours_that_end_before_they_begin_are_none():
    with pytest.raises(ValueError, match="end"):
        Hours(0, time(10), time(8))


@given(
    minutes=st.integers(1, 300),
    gone=st.frozensets(st.integers(0, 60), max_size=40),
    day=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
)
def test_whatever_is_free_collides_with_nothing_and_lies_within_the_hours(minutes, gone, day):
    unit = Unit("one", "chair", "Chair 1", tuple(Hours(n, time(7), time(22)) for n in range(7)))
    start = cells(datetime(day.year, day.month, day.day, 5, tzinfo=UTC), 1).start
    taken = {"one": frozenset(start + n for n in gone)}

    for one in free([unit], day, minutes, BRUSSELS, taken):
        assert one.units == ("one",)
        assert time(7) <= one.at
        wanted = cells(local(day, one.at), minutes)
        assert taken["one"].isdisjoint(wanted)
        assert local(day, one.at) + minutes * CELL / 15 <= local(day, time(22))


def local(day, at):
    return datetime.combine(day, at, ZoneInfo("Europe/Brussels")).astimezone(UTC)


# ---- the calendar


def test_an_opening_lifts_weekend_holiday_and_closure_but_never_an_absence():
    labour_day, saturday = date(2025, 5, 1), date(2025, 5, 3)
    closures = (
        Closure(labour_day, labour_day, Because.HOLIDAY, "Labour Day"),
        Closure(saturday, saturday, Because.ABSENCE),
    )
    openings = (Opening(labour_day, "catching up", ("chair",)), Opening(saturday, "catching up"))
    calendar = Calendar(frozenset({5, 6}), closures, openings)

    def why(day, kind):
        return [closure.because for closure in calendar.why_closed(day, kind, attended=True)]

    assert (why(labour_day, "chair"), why(labour_day, "scanner")) == ([], [Because.HOLIDAY])
    assert why(saturday, "chair") == [Because.ABSENCE]
    assert why(date(2025, 5, 4), "chair") == [Because.WEEKEND]


def test_the_days_of_a_mask_are_those_that_are_closed_one_by_one():
    hours = Closure(date.min, date.max, Because.HOURS, calendars=("theatre",), weekdays=(0, 2, 4))
    month = Closure(date(2025, 5, 5), date(2025, 5, 20), name="building work")
    calendar = Calendar(frozenset({5, 6}), (hours, month), (Opening(date(2025, 5, 5)), Opening(date(2025, 5, 10))))
    first, last = date(2025, 4, 28), date(2025, 6, 1)

    for closure in calendar.closing("theatre", attended=True):
        mask = calendar.mask(closure, first, last)
        days = [first.fromordinal(first.toordinal() + k) for k in range((last - first).days + 1)]
        assert [bool(mask >> k & 1) for k in range(len(days))] == [calendar.closes(closure, day) for day in days]
    assert calendar.why_closed(date(2025, 5, 5), "theatre", attended=True) == ()


def test_the_open_quarters_follow_the_clocks_of_the_night():
    """Sunday 30 March 2025, Brussels: two o'clock is three. Sunday 26 October: three o'clock is two again."""
    night = date(2025, 3, 30)
    chair = Unit("u", "chair", "Chair 1", (Hours(6, time(1), time(5)),))

    assert len(open_cells(chair, night, "Europe/Brussels")) == 12
    assert len(open_cells(chair, date(2025, 10, 26), "Europe/Brussels")) == 20
    assert open_cells(chair, date(2025, 3, 31), "Europe/Brussels") == frozenset()


def test_hours_that_begin_in_the_skipped_hour_begin_where_the_clocks_go_on():
    """2:30 does not exist on 30 March 2025: the bed opens at 3:00."""
    night = Unit("one", "bed", "Bed 1", (Hours(6, time(2, 30), time(3, 30)),))

    assert [one.at for one in free([night], date(2025, 3, 30), 15, BRUSSELS, {})] == [at(3), at(3, 15)]


def test_a_visit_without_a_time_ends_at_none_and_takes_no_quarter():
    fact = Fact(State.BOOKED, MONDAY)

    assert (ends(fact, SHRINK.by_code["C1D1"]), taken_by(fact, SHRINK.by_code["C1D1"])) == (None, range(0))


def test_nobody_takes_a_unit_without_a_time():
    with pytest.raises(ValueError, match="a unit is taken from a time on"):
        Fact(State.BOOKED, MONDAY, unit="one")


def test_days_opened_by_hand_that_overlap_are_one():
    opened = [Opened(MONDAY, time(9), time(12), "chair"), Opened(MONDAY, time(11), time(15))]

    assert hours_on(CHAIRS[0], MONDAY, opened) == ((time(9), time(15)),)
