"""Which booked visits a change of a site cuts, and which it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import ANY, Because, Calendar, Closure, Opening
from planner.core.cuts import Ground, cut
from planner.core.facts import Fact, State
from planner.core.units import Hours, Opened, Unit

from .small import visit

ZONE = "Europe/Brussels"
MONDAY, TUESDAY = date(2025, 4, 14), date(2025, 4, 15)
CHAIR = Unit("one", "chair", "Chair 1", tuple(Hours(n, time(8), time(17)) for n in range(5)))
GROUND = Ground(ZONE, Calendar(frozenset({5, 6})), {"one": CHAIR})
FOLFOX = visit("C4D1", resource="chair", duration=(240, 240))
CALL = visit("CALL", calendar=ANY)
ON_A_LINE = visit("CALL", calendar=ANY, resource="telephone")
NINE = Fact(State.BOOKED, MONDAY, time(9), ZONE, unit="one")
BY_DAY = Fact(State.BOOKED, MONDAY)


def closed(*closures):
    return replace(GROUND, calendar=Calendar(frozenset({5, 6}), closures))


def chair(**other):
    return replace(GROUND, units={"one": replace(CHAIR, **other)})


@pytest.mark.parametrize(
    ("after", "encounter", "fact", "hit"),
    [
        (GROUND, FOLFOX, NINE, False),
        (closed(Closure(MONDAY, MONDAY)), FOLFOX, NINE, True),
        (closed(Closure(MONDAY, MONDAY)), FOLFOX, BY_DAY, True),
        (closed(Closure(TUESDAY, TUESDAY)), FOLFOX, NINE, False),
        (closed(Closure(MONDAY, MONDAY, calendars=("chair",))), FOLFOX, BY_DAY, True),
        (closed(Closure(MONDAY, MONDAY, calendars=("scanner",))), FOLFOX, NINE, False),
        (closed(Closure(MONDAY, MONDAY)), CALL, BY_DAY, False),
        (closed(Closure(MONDAY, MONDAY)), ON_A_LINE, BY_DAY, False),
        (closed(Closure(MONDAY, MONDAY, Because.ABSENCE)), FOLFOX, NINE, False),
        (closed(Closure(date.min, date.max, Because.HOURS, calendars=("chair",), weekdays=(0,))), FOLFOX, BY_DAY, True),
        (chair(hours=(Hours(0, time(8), time(13)),)), FOLFOX, NINE, False),
        (chair(hours=(Hours(0, time(8), time(12, 45)),)), FOLFOX, NINE, True),
        (chair(hours=(Hours(0, time(8), time(12, 45)),)), FOLFOX, BY_DAY, False),
        (chair(closures=(Closure(MONDAY, MONDAY, name="repair"),)), FOLFOX, NINE, True),
        (chair(closures=(Closure(TUESDAY, TUESDAY, name="repair"),)), FOLFOX, NINE, False),
        (replace(GROUND, units={}), FOLFOX, NINE, True),
        (closed(Closure(MONDAY, MONDAY)), FOLFOX, Fact(State.MISSED), False),
    ],
    ids=[
        "nothing changed",
        "the site is closed",
        "the site is closed, booked by day",
        "another day",
        "its kind is closed",
        "another kind",
        "it obeys no calendar of the site",
        "nor where it takes a line of its telephones",
        "an absence is not the site's",
        "its kind has no hours on that weekday",
        "it ends when the chair closes",
        "it ends later",
        "it takes no chair",
        "its chair is closed",
        "its chair is closed on another day",
        "its chair is gone",
        "it has no day",
    ],
)
def test_what_speaks_against_a_booking_now_and_did_not_before_cuts_it(after, encounter, fact, hit):
    assert cut(GROUND, after, fact, encounter) is hit


def test_what_stood_there_already_cuts_nothing():
    holiday = Closure(MONDAY, MONDAY, Because.HOLIDAY, "Easter Monday")
    tuesdays = Closure(date.min, date.max, Because.HOURS, calendars=("chair",), weekdays=(0, 1))

    assert not cut(closed(holiday), closed(holiday, Closure(TUESDAY, TUESDAY)), NINE, FOLFOX)
    assert not cut(closed(replace(tuesdays, weekdays=(0,))), closed(tuesdays), NINE, FOLFOX)
    assert cut(closed(holiday), closed(holiday, Closure(MONDAY, MONDAY, name="strike")), NINE, FOLFOX)


def test_a_day_opened_by_hand_and_shut_again_cuts_what_was_booked_on_it():
    holiday = Closure(MONDAY, MONDAY, Because.HOLIDAY, "Easter Monday")
    hours = (Opened(MONDAY, time(8), time(14)),)
    before = replace(GROUND, calendar=Calendar(closures=(holiday,), openings=(Opening(MONDAY),)), opened=hours)

    assert cut(before, closed(holiday), NINE, FOLFOX)
    assert not cut(before, before, NINE, FOLFOX)
