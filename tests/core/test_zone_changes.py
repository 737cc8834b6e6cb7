"""Who can follow new rules of a time zone, and who has whose place. A cell is a quarter of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from planner.core.facts import Fact, State
from planner.core.zone_changes import Moved, clashes

NINE, EIGHT = datetime(2025, 4, 14, 9, tzinfo=UTC), datetime(2025, 4, 14, 8, tzinfo=UTC)
A, B, C = (1, "A"), (2, "B"), (3, "C")


def moved(visit, first, last, unit="chair"):
    """A visit that is to take the cells from first to last."""
    fact = Fact(State.BOOKED, date(2025, 4, 14), time(10), "Europe/Brussels", unit=unit)
    return Moved(visit, fact, EIGHT, NINE, range(first, last + 1) if unit else range(0))


def taken(**cells):
    """Who has which cells of the chair."""
    return {("chair", cell): {"a": A, "b": B, "c": C}[who] for who, span in cells.items() for cell in span}


def test_those_who_move_alike_take_each_others_places_in_any_order():
    before = taken(a=range(4), b=range(4, 8), c=range(8, 12))
    all_one_on = [moved(A, 1, 4), moved(B, 5, 8), moved(C, 9, 12)]

    assert (clashes(all_one_on, before), clashes(all_one_on[::-1], before)) == ({}, {})


def test_whoever_meets_one_that_does_not_move_stays_and_is_told_whom():
    assert clashes([moved(A, 4, 7)], taken(a=range(4), b=range(7, 9))) == {A: B}


def test_whoever_stays_keeps_the_place_and_may_stop_another_one():
    before = taken(a=range(4), b=range(4, 8), c=range(8, 12))

    assert clashes([moved(A, 4, 7), moved(B, 8, 11)], before) == {B: C, A: B}


def test_of_two_who_come_to_one_place_the_first_has_it():
    assert clashes([moved(A, 4, 7), moved(B, 4, 7)], taken(a=range(4), b=range(12, 16))) == {B: A}


def test_one_that_comes_to_overlap_its_own_old_place_or_takes_no_unit_meets_nobody():
    assert clashes([moved(A, 1, 4), moved(B, 0, 0, unit=None)], taken(a=range(4))) == {}
