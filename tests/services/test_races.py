"""Several people at the same moment, in real threads, on both engines: one wins, the others are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event

import pytest

from planner.core.errors import PlannerError, Refused, Stale
from planner.core.facts import Acceptance, Fact, State
from planner.core.patients import Patient
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.exports.refusals import sentence
from planner.services import accounts, cases, patients, visits
from planner.services.accounts import SignIn
from planner.store import patients as kept
from planner.store import sites

from .conftest import INVESTIGATOR, NURSE, SHRINK, wanted

ROUNDS = 20
DAYS = (date(2025, 4, 14), date(2025, 4, 15), date(2025, 4, 16), date(2025, 4, 17))


def at_once(*calls):
    """What came of calls that start together: their values, or what they were refused with."""
    gate = Barrier(len(calls))

    def started(call):
        gate.wait()
        try:
            return call()
        except PlannerError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(started, calls))


@pytest.fixture
def race(office, patient, version, case, entries):
    """Two people book C4D1 from the same page, on two days of its window."""

    def booking(who, day, seen):
        def book():
            with office.begin(who) as work:
                return visits.book(work, patient, seen, "C4D1", day)

        return book

    def once(number):
        seen, before = version(), entries()
        days = [day for day in DAYS if day != case().schedule.by_code["C4D1"].booked]
        tried = days[number % 3], days[(number + 1) % 3]
        came = at_once(booking(NURSE, tried[0], seen), booking(INVESTIGATOR, tried[1], seen))
        return came, tried, (seen, before)

    return once


def told(came):
    return [sentence(error) for error in came if isinstance(error, PlannerError)]


def run(race, version, case, entries, rounds):
    """Each round: exactly one act saved, with its one audit row; the other one refused as stale."""
    for number in range(rounds):
        came, tried, (seen, before) = race(number)

        won = [day for outcome, day in zip(came, tried, strict=True) if not isinstance(outcome, PlannerError)]
        assert [type(outcome) for outcome in came if isinstance(outcome, PlannerError)] == [Stale]
        assert case().facts.visits == {"C4D1": Fact(State.BOOKED, won[0])}
        assert (version(), len(entries())) == (seen + 1, len(before) + 1)


def test_of_two_who_save_from_the_same_page_exactly_one_wins(race, version, case, entries):
    run(race, version, case, entries, ROUNDS)


@pytest.mark.slow
def test_in_300_rounds_exactly_one_wins_each_time(race, version, case, entries):
    run(race, version, case, entries, 300)


def test_whoever_comes_second_is_told_by_whom(race):
    """However close they were: the sentence names the person."""
    names = ("Anna Peeters", "Ines Maes")

    for number in range(ROUNDS):
        came, _, _ = race(number)
        who = next(name for name, outcome in zip(names, came, strict=True) if not isinstance(outcome, PlannerError))

        assert told(came) == [
            (
                f"{who} saved something about this patient after your page was made. What you typed is still here: "
                "look at what changed, then send it again."
            )
        ]


def test_whoever_is_overtaken_between_reading_and_writing_is_stale_and_told_by_whom(office, patient, version):
    """The narrowest moment, made to last: the version is counted on after the case was read."""
    with office.look(NURSE) as work:
        planned = visits.booking(cases.case(work, patient), "C4D1", DAYS[0])
    with office.begin(INVESTIGATOR) as work:
        visits.book(work, patient, version(), "C4D1", DAYS[1])

    with pytest.raises(Stale) as stale, office.begin(NURSE) as work:
        cases.save(work, planned)

    assert sentence(stale.value).startswith("Ines Maes saved something about this patient after your page was made.")


def test_people_who_save_on_different_patients_do_not_wait_for_a_page_of_their_own(office):
    with office.begin(NURSE) as work:
        found = [patients.enrol(work, wanted(subject_id=f"01-{n:03}")) for n in range(1, 5)]

    def booking(patient):
        def book():
            with office.begin(NURSE) as work:
                return visits.book(work, patient.public_id, patient.version, "C4D1", DAYS[0])

        return book

    came = at_once(*map(booking, found))

    assert told(came) == []


# ---- the last place, the same number


def _saved(work, number):
    kept.add(
        work.session,
        Patient(
            public_id=f"{number:022}",
            subject_id=f"01-{number:03}",
            site=next(site for site in sites.every(work.session) if site.code == "01"),
            protocol=SHRINK,
            dose_level=1,
            phase="escalation",
            language="nl",
            seed="seed",
            enrolled=work.now,
            changed=work.now,
            version=1,
        ),
    )


def enrolling(office, number):
    def enrol():
        with office.begin(NURSE) as work:
            return patients.enrol(work, wanted(subject_id=number))

    return enrol


def test_the_last_of_36_places_is_taken_once(office):
    with office.begin(COMMAND_LINE) as work:
        for number in range(1, 36):
            _saved(work, number)

    came = at_once(*(enrolling(office, f"01-1{n:02}") for n in range(4)))

    assert [type(outcome) for outcome in came if isinstance(outcome, PlannerError)] == [Refused] * 3
    assert {sentence(outcome)[:33] for outcome in came if isinstance(outcome, PlannerError)} == {
        "The study has its 36 patients, sc",
    }


def test_of_two_who_enrol_under_the_same_number_one_is_refused_in_words(office):
    for number in range(5):
        came = at_once(enrolling(office, f"01-2{number:02}"), enrolling(office, f"01-2{number:02}"))

        assert told(came) == [
            f"Subject number 01-2{number:02} belongs to another patient already. Check the screening log."
        ]


# ---- guesses


@pytest.mark.parametrize("login", ["anna", "bert", "carl", "dora"])
def test_wrong_guesses_at_the_same_moment_all_count(office, login):
    """Whoever guesses in parallel gains nothing over one who guesses in turn: after five, the sixth waits."""

    def guess():
        with office.begin(COMMAND_LINE) as work:
            return accounts.sign_in(work, login, right=False)

    at_once(*[guess] * 5)

    assert guess() == SignIn(wait=timedelta(seconds=10))


def test_a_one_time_code_is_used_once_at_the_same_moment_too(office):
    with office.begin(COMMAND_LINE) as work:
        _, code = accounts.create(work, Actor("carl", "Carl Smet", Role.NURSE, frozenset({"01"})))

    def choose():
        with office.begin(COMMAND_LINE) as work:
            return accounts.choose_password(work, "carl", code, "correct horse battery staple")

    came = at_once(choose, choose, choose)

    assert [type(outcome) for outcome in came if isinstance(outcome, PlannerError)] == [Refused] * 2


def test_what_readers_remember_while_others_save_is_what_was_saved(office, patient, act, case, database):
    """Booked late with a reason, given back, again and again: the page after the last act shows what is kept."""
    stop = Event()

    def read():
        while not stop.is_set():
            case()

    def write():
        for _ in range(6):
            act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
            act(visits.take_back, "C4D1")
        act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
        stop.set()

    at_once(read, write)

    with office.look(NURSE) as work:
        kept_now = kept.known(work.session, kept.find(work.session, patient, None)).facts
    assert case().facts == kept_now
    assert (kept_now.visits, kept_now.accepted) == (
        {"C4D1": Fact(State.BOOKED, date(2025, 4, 22))},
        (Acceptance("window", "C4D1", "low blood counts"),),
    )


def test_a_reader_sees_whole_acts_only(office, patient, act):
    """While a booking and its acceptance come and go, no page has one without the other."""
    stop, seen = Event(), set()

    def read():
        while not stop.is_set():
            with office.look(NURSE) as work:
                found = kept.known(work.session, kept.find(work.session, patient, None)).facts
            seen.add(("C4D1" in found.visits, bool(found.accepted)))

    def write():
        for _ in range(6):
            act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
            act(visits.take_back, "C4D1")
        stop.set()

    at_once(read, write)

    assert seen == {(False, False), (True, True)}
