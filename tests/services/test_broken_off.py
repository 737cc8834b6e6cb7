"""A booking that breaks off between any two of its steps leaves nothing behind, on both engines."""

from __future__ import annotations

from datetime import date, time
from functools import wraps

import pytest

from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import Hours, Unit
from planner.services import sites, visits
from planner.services.visits import How, Start
from planner.store import audit, patients, resources
from tests.booked import hold

from .conftest import NURSE

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEK = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
LATE, LATER = date(2025, 4, 22), date(2025, 4, 23)
"""FOLFOX 4 may be given until Thursday 17 April."""

STEPS = [
    "advance",
    "release",
    "take",
    "write_visit",
    "write_acceptance",  # the one for the day that the visit leaves, withdrawn
    "write_acceptance",
    "write",
    "write",
    "write",
]
"""What a late visit moved to another late day writes, in this order: all that a booking can."""

WRITERS = {
    patients: ("advance", "write_visit", "write_date", "write_decision", "write_acceptance", "end"),
    resources: ("take", "release"),
    audit: ("write",),
}


class Planted(Exception):
    """A fault that a test plants."""


@pytest.fixture
def steps(monkeypatch):
    """The steps as they are done; the one numbered `stop` is done and then raises."""

    class Steps(list):
        stop = None

    seen = Steps()

    def breaking(name, step):
        @wraps(step)
        def done(*arguments, **named):
            outcome = step(*arguments, **named)
            seen.append(name)
            if len(seen) == seen.stop:
                raise Planted
            return outcome

        return done

    for module, names in WRITERS.items():
        for name in names:
            monkeypatch.setattr(module, name, breaking(name, getattr(module, name)))
    return seen


@pytest.fixture
def chair(office):
    with office.begin(ADMIN) as work:
        return sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEK)).public_id


@pytest.fixture
def moving(office, patient, version, act, chair, steps):
    """FOLFOX 4 stands late at eight with a reason; moved to the day after, at noon, with another one."""
    act(visits.book, "C4D1", LATE, "low blood counts", How(Start(time(8), chair)))

    def move(stop=None):
        steps.clear()
        steps.stop = stop
        with office.begin(NURSE) as work:
            visits.book(work, patient, version(), "C4D1", LATER, "infection or fever", How(Start(time(12), chair)))

    return move


@pytest.fixture
def whole(office):
    def look():
        with office.look(COMMAND_LINE) as work:
            hold(work)

    return look


def test_these_are_the_steps_of_a_booking(moving, steps, whole):
    moving()

    assert steps == STEPS
    whole()


@pytest.mark.parametrize("stop", range(1, len(STEPS) + 1), ids=[f"{n}-{name}" for n, name in enumerate(STEPS, 1)])
def test_a_booking_that_breaks_off_after_a_step_leaves_nothing_and_the_next_one_works(
    moving, rows, facts, version, whole, stop
):
    before, seen = rows(), version()

    with pytest.raises(Planted):
        moving(stop)
    assert rows() == before
    whole()

    moving()
    assert (version(), facts().visits["C4D1"].day, facts().visits["C4D1"].at) == (seen + 1, LATER, time(12))
    whole()


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
def test_a_first_booking_that_breaks_off_was_never_made(office, patient, chair, steps, rows, *, version, whole, stop):
    """Its steps: the version, the cells, the visit, the acceptance and the first row of the history."""
    before, seen = rows(), version()
    steps.stop = stop

    with pytest.raises(Planted), office.begin(NURSE) as work:
        visits.book(work, patient, seen, "C4D1", LATE, "low blood counts", How(Start(time(8), chair)))

    assert steps == ["advance", "take", "write_visit", "write_acceptance", "write"][:stop]
    assert rows() == before
    whole()


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_a_booking_given_back_half_way_stands_as_it_was(
    office, patient, act, chair, steps, rows, *, version, whole, stop
):
    act(visits.book, "C4D1", date(2025, 4, 14), "", How(Start(time(8), chair)))
    before, seen = rows(), version()
    steps.clear()
    steps.stop = stop

    with pytest.raises(Planted), office.begin(NURSE) as work:
        visits.take_back(work, patient, seen, "C4D1")

    assert steps == ["advance", "release", "write_visit", "write"][:stop]
    assert rows() == before
    whole()
