"""Room for one visit: what is free of its units, what would be if nobody had taken any, and how many more fit."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from planner.core.calendar import ANY, Closure
from planner.core.facts import Facts
from planner.core.patients import Site
from planner.core.rooms import Capacity, Room, lost, timed
from planner.core.units import Hours, Opened, Unit, cells
from planner.core.walltime import instant

from .small import START, protocol, visit

MONDAY = date(2025, 3, 3)
BRUSSELS = Site("01", "Brussels", "Europe/Brussels")
CHAIR = Unit("one", "chair", "Chair 1", (Hours(0, time(8), time(10)),))
TAKEN = {"one": frozenset(cells(instant(MONDAY, time(8), "Europe/Brussels"), 60))}


def test_from_8_to_10_with_the_first_hour_taken_one_visit_of_an_hour_fits_at_9():
    room = Room(BRUSSELS, 60, (CHAIR,), taken=TAKEN)

    assert [one.at for one in room.free(MONDAY)] == [time(9)]
    assert [one.at for one in room.offered(MONDAY)] == [time(8), time(8, 15), time(8, 30), time(8, 45), time(9)]
    assert (room.places(MONDAY), room.fits(MONDAY)) == (1, True)


ANY_DAY = protocol(visit("A", resource="chair", calendar="chair"), visit("CALL", resource="chair", calendar=ANY))
SHUT = Capacity(BRUSSELS, (CHAIR,), shut=(Closure(MONDAY, MONDAY),))


@pytest.mark.parametrize(
    ("code", "kind", "times"), [("A", "chair", 8), ("A", "", 8), ("A", "scanner", 0), ("CALL", "scanner", 8)]
)
def test_a_day_opened_by_hand_for_its_kind_has_room_again_and_a_call_always_has(code, kind, times):
    """Closed for the whole site; from 8 to 10 there are eight quarters of an hour."""
    opened = Opened(MONDAY, time(8), time(10), kind, "catching up")

    room = replace(SHUT, opened=(opened,)).room(ANY_DAY, START, code)

    assert len(room.free(MONDAY)) == times


def test_a_visit_that_takes_no_unit_fits_on_any_day():
    assert (Room(BRUSSELS, 60).fits(MONDAY), Room(BRUSSELS, 60).places(MONDAY)) == (True, 0)


SPRING = date(2025, 3, 30)
"""In Brussels clocks go from 2 to 3 o'clock; on 30 December 2011 Samoa skipped the whole day."""


@pytest.mark.parametrize(
    ("day", "zone", "wanted", "at"),
    [
        (SPRING, "Europe/Brussels", time(2, 30), time(3)),
        (SPRING, "Europe/Brussels", time(9), time(9)),
        (date(2011, 12, 30), "Pacific/Apia", time(9), None),
        (SPRING, None, time(9), time(9)),
    ],
)
def test_a_booking_that_moves_gets_no_time_that_the_clocks_skip(day, zone, wanted, at):
    trial = protocol(visit("A"))
    before = Facts().booked("A", day - timedelta(days=1), wanted, zone)

    found = timed(trial, before, Facts().booked("A", day), lambda _code: Room(BRUSSELS, 15)).visits["A"]

    assert (found.day, found.at, found.zone) == (day, at, zone if at is not None else None)


@pytest.mark.parametrize(
    ("room", "time_and_place"),
    [
        (Room(BRUSSELS, 60, (CHAIR,), taken=TAKEN), (time(9), "Europe/Brussels", "one")),
        (Room(BRUSSELS, 90, (CHAIR,), taken=TAKEN), (None, None, None)),
        (Room(BRUSSELS, 60), (None, None, None)),
    ],
    ids=["the first time left", "no time left", "it takes no place"],
)
def test_a_booking_that_is_new_gets_the_first_time_that_its_units_have(room, time_and_place):
    """The chair is open from 8 to 10, and taken until 9. Without a time where one is needed, the day is lost."""
    trial, new = protocol(visit("A")), Facts().booked("A", MONDAY)

    found = timed(trial, Facts(), new, lambda _code: room)

    fact = found.visits["A"]
    assert (fact.at, fact.zone, fact.unit) == time_and_place
    assert lost(Facts(), found, lambda _code: room) == ({("A", MONDAY)} if room.minutes == 90 else frozenset())
