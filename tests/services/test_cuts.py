"""Visits that a change of the site cuts: told before it is saved, to those who can be asked."""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.calendar import Closure
from planner.core.errors import Refused
from planner.core.patients import Ended
from planner.core.staff import Actor, Role
from planner.core.units import Hours, Unit
from planner.services import courses, cuts, patients, sites, visits
from planner.services.visits import How, Start

from .conftest import NURSE, noon, wanted

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
C4 = date(2025, 4, 14)
STRIKE = Closure(C4, C4, name="strike")


@pytest.fixture
def chair(office):
    with office.begin(ADMIN) as work:
        return sites.add_unit(
            work, "01", Unit("", "chair", "Chair 1", tuple(Hours(n, time(8), time(17)) for n in range(5)))
        )


@pytest.fixture
def booked(act, chair):
    """FOLFOX 4 of 01-001 on Monday 14 April at 9:00."""
    act(visits.book, "C4D1", C4, "", How(Start(time(9))))


@pytest.fixture
def close(office):
    def do(agreed=None, closure=STRIKE, code="01"):
        with office.begin(ADMIN) as work:
            return sites.close(work, code, closure, agreed=agreed)

    return do


def told(found):
    return [(one.code, one.day, one.at, one.unit) for one in found]


FOLFOX_4 = [("C4D1", C4, time(9), "Chair 1")]


def test_nothing_is_saved_until_these_very_visits_are_agreed_to(office, booked, close):
    with pytest.raises(Refused, match="visits_are_cut") as first:
        close("")
    with office.look(ADMIN) as work:
        before = sites.ward(work, "01").closures

    cut = close(first.value.values["agreed"])

    assert (before, told(first.value.values["cut"]), told(cut)) == ((), FOLFOX_4, FOLFOX_4)


def test_what_was_agreed_to_for_others_counts_for_nothing(office, booked, close):
    with pytest.raises(Refused, match="visits_are_cut"):
        close(cuts.seal(()))


def test_where_nobody_is_there_to_be_asked_it_is_saved_and_told(booked, close):
    assert told(close()) == FOLFOX_4


def test_hours_that_close_the_chair_on_mondays_cut_the_visit(office, booked, chair):
    tuesdays = (Hours(1, time(8), time(17)),)
    with pytest.raises(Refused, match="visits_are_cut"), office.begin(ADMIN) as work:
        sites.set_hours(work, "01", chair.public_id, tuesdays, "")

    with office.begin(ADMIN) as work:
        assert told(sites.set_hours(work, "01", chair.public_id, tuesdays)) == FOLFOX_4


def test_neither_the_past_nor_another_site_nor_an_ended_study_is_hit(office, act, booked, close, clock):
    with office.begin(NURSE) as work:
        other = patients.enrol(work, wanted(subject_id="01-002"))
        visits.book(work, other.public_id, other.version, "SC1", date(2025, 2, 24))
    clock.now = noon(2, 25)
    past = close("", Closure(date(2025, 2, 24), date(2025, 2, 24), name="flood"))
    elsewhere = close("", code="02")
    act(courses.end, date(2025, 2, 25), Ended.WITHDRAWAL, "the patient's wish")

    assert (past, elsewhere, close("")) == ((), (), ())
