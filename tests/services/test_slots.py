"""Many hands on one slot, many editors of one patient, and long random sequences of acts, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from threading import Barrier, Event
from time import sleep

import pytest

from planner.core.calendar import Because, Closure
from planner.core.errors import PlannerError, Refused, Stale
from planner.core.facts import Go, State
from planner.core.moves import Scope
from planner.core.patients import Ended, Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import CELL, Hours, Unit, minutes_of
from planner.services import (
    attendances,
    cases,
    patients,
    records,
    replanning,
    resources,
    sites,
    undoing,
    visits,
)
from planner.services.protocols import Library, shipped
from planner.services.records import Record
from planner.services.replanning import Asked, Verb
from planner.services.undoing import REDO, UNDO
from planner.services.visits import How, Start
from tests.booked import broken_absolutely, cells_kept, cells_wanted, faults, hold
from tests.protocols import small
from tests.tampering import emptied

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


# ---- long lives: any act after any other


@dataclass
class Life:
    """Two patients at a ward with one unit of each kind, and what was done to them so far."""

    office: object
    clock: object
    random: Random
    ids: list[str]
    done: list[str] = field(default_factory=list)
    closures: list[str] = field(default_factory=list)

    def case(self, who):
        with self.office.look(COMMAND_LINE) as work:
            return cases.case(work, who)

    def act(self, verb, who, *arguments, by=NURSE):
        with self.office.begin(by) as work:
            verb(work, who, self.case(who).patient.version, *arguments)

    def book(self, who):
        case = self.case(who)
        code = self.random.choice([v.code for v in case.schedule.visits if v.to_come and v.live])
        self._book(case, code)

    def move(self, who):
        case = self.case(who)
        code = self.random.choice([v.code for v in case.schedule.visits if v.state is State.BOOKED])
        self._book(case, code)

    def _book(self, case, code):
        """Mostly on a day that is possible, at a time that is free; now and then on any day, at any hour."""
        days = list(case.schedule.by_code[code].live)
        day = self.random.choice(days[: self.random.choice((3, 40))]) if days else case.today
        if self.random.random() < 0.2:
            day += timedelta(days=self.random.randrange(-9, 10))
        with self.office.look(NURSE) as work:
            free = resources.room_for(work, case, code, (day, day)).free(day)
        at = self.random.choice(free).at if free and self.random.random() < 0.9 else time(self.random.randrange(24))
        by = self.random.choice((NURSE, INVESTIGATOR))
        before = broken_absolutely(case)
        how = How(Start(at), second="Ines Maes")
        self.act(visits.book, case.patient.public_id, code, day, "low blood counts", how, by=by)
        assert broken_absolutely(self.case(case.patient.public_id)) <= before

    def take_back(self, who):
        self.act(visits.take_back, who, self.random.choice(list(self.case(who).facts.visits)), "entered by mistake")

    def record(self, who):
        """Mostly the next visit on its own day, to which the clock goes on."""
        case = self.case(who)
        coming = [v for v in case.schedule.visits if v.to_come and v.day is not None]
        visit = self.random.choice(sorted(coming, key=lambda v: v.day)[:3])
        day = visit.day + timedelta(days=self.random.choice((0, 0, 0, 1, -1)))
        self.clock.now = max(self.clock.now, datetime.combine(day, time(20), UTC))
        go = self.random.choice((None, Go.GO, Go.NO_GO)) if visit.encounter.gate else None
        what = Record(State.OCCURRED, day, go=go, decided_by="Dr Maes" if go else "")
        self.act(records.record, who, visit.code, what, "as it came", "Ines Maes")

    def combine(self, who):
        """Mostly the two that the protocol names."""
        self.act(attendances.combine, who, "M7", self.random.choice(("P60", "P60", "P30")), "the patient's wish")

    def separate(self, who):
        if not self.case(who).facts.together:
            self.act(attendances.combine, who, "M7", "P60", "the patient's wish")
        self.act(attendances.separate, who, "M7")

    def confirm(self, who):
        code = self.random.choice([v.code for v in self.case(who).schedule.visits if v.booked])
        self.act(lambda *a: attendances.confirm(*a, yes=self.random.random() < 0.7), who, code)

    def repeat(self, who):
        bloods = self.case(who).schedule.by_code["C1P"]
        if bloods.to_come and bloods.day is not None:
            self.clock.now = max(self.clock.now, datetime.combine(bloods.day, time(20), UTC))
            self.act(records.record, who, "C1P", Record(State.OCCURRED, bloods.day), "as it came")
        case = self.case(who)
        taken = [v.code for v in case.schedule.visits if v.occurred and attendances.repeat_of(case, v.code)]
        code = self.random.choice(taken)
        self.act(lambda *a: attendances.repeat(*a, again=self.random.random() < 0.7), who, code, "too old")

    def replan(self, who):
        """A visit put off, moved or omitted, with its cycle or with all after it; the other bookings stay or move."""
        code = self.random.choice([v.code for v in self.case(who).schedule.visits if v.to_come])
        verb = self.random.choice((Verb.DEFER, Verb.DEFER, Verb.MOVE, Verb.OMIT))
        day = self.case(who).today + timedelta(days=self.random.randrange(90)) if verb is Verb.MOVE else None
        scope, keep = self.random.choice(list(Scope)), self.random.random() < 0.3
        asked = Asked(verb, code, days=self.random.choice((1, 7, 14)), day=day, scope=scope, keep=keep)
        before = broken_absolutely(self.case(who))
        self.act(replanning.replan, who, asked, "low blood counts", "Ines Maes")
        assert keep or broken_absolutely(self.case(who)) <= before

    def undo(self, who):
        self._take(who, UNDO)

    def redo(self, who):
        self._take(who, UNDO)
        self._take(who, REDO)

    def _take(self, who, verb):
        with self.office.look(NURSE) as work:
            found = undoing.of_patient(work, who)
        stack = found.undo if verb == UNDO else found.redo
        self.act(undoing.take, who, stack[-1].act, verb)

    def omit(self, who):
        code = self.random.choice([v.code for v in self.case(who).schedule.visits if v.to_come])
        state = self.random.choice((State.MISSED, State.CANCELED))
        self.act(records.record, who, code, Record(state), "the patient's wish")

    def end(self, who):
        day = self.case(who).today - timedelta(days=self.random.randrange(3))
        self.act(patients.end, who, day, Ended.WITHDRAWAL, "moved away")

    def reopen(self, who):
        self.act(patients.reopen, who, "entered by mistake")

    def close(self, who):
        """A day on which something is booked, if there is one: the booking stays, and becomes a conflict."""
        booked = [f.day for f in self.case(who).facts.visits.values() if f.state is State.BOOKED]
        day = self.random.choice(booked or [self.case(who).today])
        kind = self.random.choice(((), ("chair",), ("clinic",)))
        with self.office.begin(ADMIN) as work:
            sites.close(work, "01", Closure(day, day, Because.CLOSURE, "works", kind))

    def open_again(self, _who):
        with self.office.begin(ADMIN) as work:
            sites.reopen(work, "01", self.random.choice(sites.ward(work, "01").closures)[0])

    def step(self):
        who, name = self.random.choice(self.ids), self.random.choice(ACTS)
        try:
            getattr(self, name)(who)
        except (Refused, Stale):
            return
        except IndexError:  # nothing there to choose from
            return
        self.done.append(name)


ACTS = (
    *["book"] * 5,
    *["move"] * 2,
    "take_back",
    *["record"] * 3,
    "omit",
    "end",
    *["reopen"] * 2,
    "close",
    "open_again",
    *["combine"] * 2,
    "separate",
    "confirm",
    "repeat",
    *["replan"] * 3,
    *["undo"] * 2,
    "redo",
)
KINDS = ("apheresis", "bed", "chair", "clinic", "scanner", "telephone", "theatre")
STEPS = 12


def lived(office, clock, seed):
    """One random sequence from an empty ward, looked at after each step; what of it was saved."""
    emptied(office.database)
    clock.now = datetime(2025, 2, 24, 9, tzinfo=UTC)
    with office.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE", weekends_closed=True))
        for kind in KINDS:
            sites.add_unit(work, "01", Unit("", kind, kind.title(), WEEK))
    with office.begin(NURSE) as work:
        early = date(2025, 1, 27)  # month 7 then overlaps with day 60
        asked = (wanted(subject_id="01-001"), wanted(subject_id="01-002", registration=early))
        ids = [patients.enrol(work, one).public_id for one in asked]
    life = Life(office, clock, Random(seed), ids)
    for _ in range(STEPS):
        life.step()
        with office.look(COMMAND_LINE) as work:
            assert cells_kept(work) == cells_wanted(work), (seed, life.done)
        assert [fault for who in ids for fault in faults(life.case(who))] == [], (seed, life.done)
    with office.look(COMMAND_LINE) as work:
        hold(work)
    return life.done


def test_after_any_act_cells_are_those_of_the_facts_and_no_rule_is_given_up_silently(office, clock):
    done = [name for seed in range(10) for name in lived(office, clock, seed)]

    assert set(done) == set(ACTS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(50))
def test_after_any_act_of_5000_sequences_cells_are_those_of_the_facts(office, clock, part):
    for seed in range(1000 + 100 * part, 1100 + 100 * part):
        lived(office, clock, seed)
