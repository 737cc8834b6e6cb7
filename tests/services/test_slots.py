"""Many hands on one slot, and many editors of one patient, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from threading import Barrier, Event
from time import sleep

import pytest

from planner.core.errors import PlannerError, Refused, Stale
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import CELL, Hours, Unit, minutes_of
from planner.services import (
    cases,
    patients,
    sites,
    visits,
)
from planner.services.protocols import Library, shipped
from planner.services.visits import How, Start
from tests.booked import cells_kept, hold
from tests.protocols import small

from .conftest import INVESTIGATOR, NURSE, wanted

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
OPENS, CLOSES = time(8), time(18)
WEEK = tuple(Hours(weekday, OPENS, CLOSES) for weekday in range(5))
MONDAY = date(2025, 4, 14)
NOON = datetime.combine(MONDAY, time(12))
IN_A_WEEK = "day = 8, before = 7, after = 7"
SHORT = small.read(
    small.visit("CHEMO", IN_A_WEEK, resource='"chair"', duration='"4.5 h"'),
    small.visit("BLOOD", IN_A_WEEK, resource='"clinic"', duration='"30 min"'),
    small.visit("EXAM", IN_A_WEEK, resource='"clinic"', duration='"2.5 h"'),
    small.visit("CT", IN_A_WEEK, resource='"scanner"', duration='"1.5 h"'),
    small.visit("MRI", IN_A_WEEK, resource='"scanner"', duration='"2 h"'),
)
"""A protocol whose plan takes no time, so that those who race meet at the slot and not at the planning."""

RACERS = {
    "chair": ["CHEMO"] * 8,
    "clinic": ["BLOOD"] * 5 + ["EXAM"] * 3,
    "scanner": ["CT"] * 4 + ["MRI"] * 4,
}
"""Of each kind eight visits, each of a patient who can have it on Monday 14 April 2025."""


@pytest.fixture
def office(office):
    """The office knows the short protocol beside those that come with the planner."""
    return replace(office, library=Library({**shipped(), (SHORT.id, SHORT.version): SHORT}))


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
    for kind, codes in RACERS.items():
        with office.begin(ADMIN) as work:
            units[kind] = sites.add_unit(work, "01", Unit("", kind, kind.title(), WEEK)).public_id
        racers[kind] = [_racer(office, kind, n, code) for n, code in enumerate(codes)]
    return units, racers


def _racer(office, kind, number, code):
    planned_by, day_one = (SHORT.id, SHORT.version), MONDAY - timedelta(days=7)
    asked = wanted(subject_id=f"{kind}-{number}", protocol=planned_by, day_one=day_one)
    with office.begin(NURSE) as work:
        made = patients.enrol(work, asked)
    return Racer(made.public_id, code, minutes_of(SHORT.by_code[code]), made.version)


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
NOT_OFFERED = (Refused, "time_not_offered")
OVERTAKEN = (Stale, "patient_changed")


def race(office, unit, racers, random, pick):
    """One round: what each wanted, and what came of it; afterwards whoever won has given the time back."""
    tries = [Try(racer, pick(random, racer)) for racer in racers]

    def booking(one):
        def book():
            with office.begin(NURSE) as work:
                visits.book(
                    work, one.racer.patient, one.racer.seen, one.racer.code, MONDAY, "", How(Start(one.at, unit))
                )

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
    for number in range(9):
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
            visits.book(
                work, racer.patient, racer.seen, racer.code, MONDAY, "", How(Start(places[racer.patient], unit))
            )

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


@pytest.fixture
def chosen(office, contested):
    """A scanner beside the contested one, which a patient may choose and the ward may take out of use."""
    racer = contested[1]["scanner"][0]
    with office.begin(ADMIN) as work:
        unit = sites.add_unit(work, "01", Unit("", "scanner", "Old scanner", WEEK)).public_id

    def booking(work):
        visits.book(work, racer.patient, racer.seen, racer.code, MONDAY, "", How(Start(time(9), unit)))

    def withdrawing(work):
        sites.withdraw_unit(work, "01", unit)

    return (NURSE, booking), (ADMIN, withdrawing)


def one_inside_the_other(office, first, then):
    """What came of two acts of which the second begins while the first is done and not saved yet."""
    done = Event()

    def begun(who, act):
        with office.begin(who) as work:
            act(work)
            done.set()
            sleep(0.3)

    def overlapping(who, act):
        done.wait()
        with office.begin(who) as work:
            act(work)

    return staggered(Random(1), [partial(begun, *first), partial(overlapping, *then)])


def test_a_unit_that_somebody_is_booking_is_not_taken_out_of_use(office, chosen):
    booking, withdrawing = chosen

    assert one_inside_the_other(office, booking, withdrawing) == [None, (Refused, "unit_in_use")]


def test_a_unit_that_is_being_taken_out_of_use_is_booked_by_nobody(office, chosen):
    booking, withdrawing = chosen

    withdrawn, told = one_inside_the_other(office, withdrawing, booking)
    assert (withdrawn, told in (SLOT_TAKEN, NOT_OFFERED)) == (None, True)  # met while it goes, or gone already


# ---- one patient, four editors


def run_for_one_patient(office, contested, rounds):
    """Each wants another time, in every other round one gives it back; whoever comes first makes all pages old."""
    units, racers = contested
    racer, unit, random = racers["chair"][0], units["chair"], Random(4)
    for number in range(rounds):
        with office.look(COMMAND_LINE) as work:
            stands = cases.case(work, racer.patient).facts.visits.get(racer.code)
        hours = [hour for hour in range(8, 13) if stands is None or stands.at != time(hour)]

        def booking(hour, seen=racer.seen):
            with office.begin(NURSE) as work:
                visits.book(work, racer.patient, seen, racer.code, MONDAY, "", How(Start(time(hour), unit)))

        def giving_back(seen=racer.seen):
            with office.begin(INVESTIGATOR) as work:
                visits.take_back(work, racer.patient, seen, racer.code)

        calls = [partial(booking, hour) for hour in random.sample(hours, 4)]
        if number % 2 and stands is not None:
            calls[0] = giving_back
        came = staggered(random, calls)

        assert sorted(came, key=str) == [*[OVERTAKEN] * 3, None]
        racer.seen += 1
    with office.look(COMMAND_LINE) as work:
        hold(work)
        assert cases.case(work, racer.patient).patient.version == racer.seen


def test_of_four_who_edit_one_patient_exactly_one_saves_and_three_are_told(office, contested):
    run_for_one_patient(office, contested, 20)


@pytest.mark.slow
def test_in_500_rounds_of_four_exactly_one_saves(office, contested):
    run_for_one_patient(office, contested, 500)
