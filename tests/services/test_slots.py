"""Many hands on one slot, many editors of one patient, and long random sequences of acts, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from threading import Barrier
from time import sleep

import pytest

from planner.core.calendar import Because, Closure
from planner.core.errors import PlannerError, Refused, Stale
from planner.core.facts import State
from planner.core.patients import Ended
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import CELL, Hours, Unit, minutes_of, taken_by
from planner.services import cases, patients, resources, sites, visits
from planner.services.visits import How, Record, Start
from tests.booked import broken_absolutely, cells_kept, facts_kept, faults, hold
from tests.tampering import emptied

from .conftest import INVESTIGATOR, NURSE, wanted

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
OPENS, CLOSES = time(8), time(18)
WEEK = tuple(Hours(weekday, OPENS, CLOSES) for weekday in range(5))
MONDAY = date(2025, 4, 14)
NOON = datetime.combine(MONDAY, time(12))
ZONE = "Europe/Brussels"
RACERS = {
    "chair": "C1D1 04-14, C1D1 04-14, C2D1 03-31, C2D1 03-31, C3D1 03-17, C3D1 03-17, C4D1 03-03, C5D1 02-17",
    "clinic": "C1P 04-14, C2P 03-31, C3P 03-17, C4P 03-03, C5P 02-17, SC1 04-21, SC1 04-28, SC1 05-05",
    "scanner": "IM1 02-10, IM1 02-17, IM1 02-24, IM1 02-24, SC2 04-21, SC2 04-28, SC2 05-05, SC2 05-05",
}
"""Of each kind eight visits that can be on Monday 14 April 2025, each of a patient with the Day 1 that allows it."""


@dataclass
class Racer:
    """A patient with the visit that they race for, as the page of each showed them."""

    patient: str
    code: str
    minutes: int
    seen: int


@dataclass(frozen=True)
class Try:
    """A wish for the unit from `at` on."""

    racer: Racer
    at: time

    @property
    def span(self):
        first = datetime.combine(MONDAY, self.at)
        return first, first + timedelta(minutes=self.racer.minutes)

    def meets(self, other):
        return self.span[0] < other.span[1] and other.span[0] < self.span[1]


@pytest.fixture
def contested(office):
    """Of each kind one unit, and eight patients who want it on the same Monday."""
    units, racers = {}, {}
    for kind, written in RACERS.items():
        with office.begin(ADMIN) as work:
            units[kind] = sites.add_unit(work, "01", Unit("", kind, kind.title(), WEEK)).public_id
        racers[kind] = [_racer(office, kind, n, *one.split()) for n, one in enumerate(written.split(", "))]
    return units, racers


def _racer(office, kind, number, code, day_one):
    first = date.fromisoformat(f"2025-{day_one}")
    asked = wanted(subject_id=f"{kind}-{number}", day_one=first, registration=first - timedelta(days=7))
    with office.begin(NURSE) as work:
        made = patients.enrol(work, asked)
        encounter = work.library.find(made.protocol).by_code[code]
    return Racer(made.public_id, code, minutes_of(encounter), made.version)


def staggered(random, calls):
    """What came of calls that start together but for some microseconds; only what the planner says is caught."""
    gate, waits = Barrier(len(calls)), [random.randrange(3000) / 1e6 for _ in calls]

    def started(call, wait):
        gate.wait()
        sleep(wait)
        try:
            call()
        except PlannerError as error:
            return type(error), error.message
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(started, calls, waits))


def around_noon(random, racer):
    """A start from which the visit is there at noon: any two of these overlap."""
    quarters = random.randrange(racer.minutes // 15)
    return max(NOON - quarters * CELL, datetime.combine(MONDAY, OPENS)).time()


def at_any_time(random, racer):
    room = (datetime.combine(MONDAY, CLOSES) - datetime.combine(MONDAY, OPENS)) - timedelta(minutes=racer.minutes)
    return (datetime.combine(MONDAY, OPENS) + random.randrange(room // CELL + 1) * CELL).time()


SLOT_TAKEN = (Stale, "slot_taken")
OVERTAKEN = (Stale, "patient_changed")


def race(office, unit, racers, random, pick):
    """One round: what each wanted, and what came of it; afterwards whoever won has given the time back."""
    tries = [Try(racer, pick(random, racer)) for racer in racers]

    def booking(one):
        def book():
            with office.begin(NURSE) as work:
                visits.book(work, one.racer.patient, one.racer.seen, one.racer.code, MONDAY, "", How(Start(one.at, unit)))

        return book

    came = staggered(random, [booking(one) for one in tries])
    won = [one for one, outcome in zip(tries, came, strict=True) if outcome is None]
    with office.look(COMMAND_LINE) as work:
        kept = {code_of[2:] for code_of in cells_kept(work)}
    assert kept == {(one.racer.patient, one.racer.code) for one in won}
    for one in won:
        with office.begin(NURSE) as work:
            visits.take_back(work, one.racer.patient, one.racer.seen + 1, one.racer.code)
        one.racer.seen += 2
    return tries, came, won


def run_for_one_slot(office, contested, rounds):
    units, racers = contested
    random = Random(20250414)
    for number in range(rounds):
        kind = tuple(RACERS)[number % len(RACERS)]

        _, came, won = race(office, units[kind], racers[kind], random, around_noon)

        assert (len(won), sorted(came, key=str)) == (1, [*[SLOT_TAKEN] * 7, None])
    with office.look(COMMAND_LINE) as work:
        hold(work)
        assert cells_kept(work) == []


def test_of_eight_who_want_overlapping_times_of_one_unit_exactly_one_has_it(office, contested):
    run_for_one_slot(office, contested, 50)


@pytest.mark.slow
def test_in_1000_rounds_of_eight_exactly_one_has_the_slot(office, contested):
    run_for_one_slot(office, contested, 1000)


def test_whoever_is_refused_meets_somebody_who_won_and_no_two_winners_meet(office, contested):
    units, racers = contested
    random = Random(7)
    for number in range(12):
        kind = tuple(RACERS)[number % len(RACERS)]

        tries, came, won = race(office, units[kind], racers[kind], random, at_any_time)

        lost = [one for one, outcome in zip(tries, came, strict=True) if outcome is not None]
        assert {outcome for outcome in came if outcome is not None} <= {SLOT_TAKEN}
        assert [one for one in lost if not any(one.meets(other) for other in won)] == []
        assert [(a, b) for a in won for b in won if a is not b and a.meets(b)] == []


def test_two_who_change_places_at_once_never_share_one(office, contested):
    """Each wants the time that the other has, and leaves the own one: no moment may let both in, nor hang."""
    units, racers = contested
    unit, (one, other) = units["scanner"], racers["scanner"][:2]
    places = {one.patient: time(9), other.patient: time(14)}
    for racer in (one, other):
        with office.begin(NURSE) as work:
            visits.book(work, racer.patient, racer.seen, racer.code, MONDAY, "", How(Start(places[racer.patient], unit)))

    def moving(racer, at):
        def move():
            with office.begin(NURSE) as work:
                visits.book(work, racer.patient, racer.seen + 1, racer.code, MONDAY, "", How(Start(at, unit)))

        return move

    for number in range(10):
        came = staggered(Random(number), [moving(one, time(14)), moving(other, time(9))])

        assert came == [SLOT_TAKEN, SLOT_TAKEN]
    with office.look(COMMAND_LINE) as work:
        hold(work)


# ---- one patient, four editors


def run_for_one_patient(office, contested, rounds):
    """Each edits in a way of their own; whoever comes first counts the version on, and the page of the rest is old."""
    units, racers = contested
    racer, unit, random = racers["chair"][0], units["chair"], Random(4)
    for number in range(rounds):
        starts = [time(8), time(9), time(11), time(12)]

        def editing(at, seen=racer.seen):
            def edit():
                with office.begin(NURSE) as work:
                    visits.book(work, racer.patient, seen, racer.code, MONDAY, "", How(Start(at, unit)))

            return edit

        def ending(seen=racer.seen):
            with office.begin(INVESTIGATOR) as work:
                visits.take_back(work, racer.patient, seen, racer.code)

        calls = [editing(at) for at in starts]
        if number % 2:
            calls = [*calls[:3], ending]
        came = staggered(random, calls)

        stayed = (Refused, "nothing_changed")  # whoever asks for the time that stands already
        assert sorted(came, key=str) == sorted([*[OVERTAKEN] * 3, None], key=str) or stayed in came
        assert came.count(None) == 1
        racer.seen += 1
    with office.look(COMMAND_LINE) as work:
        hold(work)
        assert cases.case(work, racer.patient).patient.version == racer.seen


def test_of_four_who_edit_one_patient_exactly_one_saves_and_three_are_told(office, contested):
    run_for_one_patient(office, contested, 30)


@pytest.mark.slow
def test_in_500_rounds_of_four_exactly_one_saves(office, contested):
    run_for_one_patient(office, contested, 500)
