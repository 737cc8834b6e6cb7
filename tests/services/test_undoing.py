"""Undo and redo: several acts back and forth, what refuses them, and that they restore facts exactly."""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.errors import Refused, Stale
from planner.core.facts import Go, State
from planner.core.patients import Ended
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.services import attendances, courses, patients, records, replanning, sites, undoing, visits
from planner.services.records import Record
from planner.services.replanning import Asked, Verb
from planner.services.undoing import REDO, UNDO
from planner.services.visits import How, Start
from tests.booked import hold

from .conftest import NURSE, noon, wanted

C4 = date(2025, 4, 14)
LATE = date(2025, 4, 22)
WEEKDAYS = tuple(Hours(weekday, time(8), time(17)) for weekday in range(5))


@pytest.fixture
def stacks(office, patient):
    def read():
        with office.look(NURSE) as work:
            return undoing.of_patient(work, patient)

    return read


@pytest.fixture
def take(act, stacks):
    """Takes the last act back, or does it again."""

    def do(verb, **how):
        stack = stacks().undo if verb == UNDO else stacks().redo
        return act(undoing.take, stack[-1].act if stack else "none", verb, **how)

    return do


ACTS = {
    "a booking": (visits.book, "C4D1", C4),
    "a booking outside its window": (visits.book, "C4D1", LATE, "low blood counts"),
    "a record": (records.record, "SC1", Record(State.OCCURRED, date(2025, 2, 10))),
    "a decision": (patients.decide, "resectable", "no", "not resectable"),
    "another date": (courses.redate, "registration", date(2025, 2, 25), "signed later"),
    "the end": (courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish"),
    "two visits in one": (attendances.combine, "M7", "P60", "the patient's wish"),
    "a visit omitted": (records.record, "C6D1", Record(State.CANCELED), "toxicity"),
}


@pytest.mark.parametrize("what", [pytest.param(key, id=key) for key in ACTS if key != "two visits in one"])
def test_taken_back_the_facts_are_exactly_those_before_and_done_again_those_after(act, facts, take, what):
    before = facts()
    act(*ACTS[what])
    after = facts()

    take(UNDO)
    back = facts()
    take(REDO)

    assert (back, facts()) == (before, after)
    assert after != before


UNNEEDED = {
    # Booked on 7 April, FOLFOX 3 asks for FOLFOX 4 on 21 to 24 April, and 22 April is no longer late.
    "the visit before was moved nearer": (visits.book, "C3D1", date(2025, 4, 7), "low blood counts"),
    # Nothing is late of a patient whose study ended.
    "the study ended": ACTS["the end"],
}


@pytest.mark.parametrize("why", [pytest.param(key, id=key) for key in UNNEEDED])
def test_a_deviation_that_an_act_made_unneeded_is_accepted_again_when_the_act_is_taken_back(act, facts, take, why):
    act(*ACTS["a booking outside its window"])
    before = facts()
    act(*UNNEEDED[why])
    after = facts()

    take(UNDO)
    back = facts()
    take(REDO)

    assert [(one.visit, one.rule) for one in before.accepted] == [("C4D1", "window")]
    assert (back, facts()) == (before, after)


def test_a_study_that_goes_on_keeps_what_was_accepted_for_the_bookings_that_return(act, facts):
    act(*ACTS["a booking outside its window"])
    before = facts()
    act(*ACTS["the end"])

    act(courses.reopen, "entered by mistake")

    assert facts() == before


def test_several_acts_go_back_one_by_one_and_a_new_one_forgets_what_was_taken_back(act, facts, take, stacks):
    act(visits.book, "C4D1", C4)
    act(visits.book, "C5D1", date(2025, 4, 28))
    both = facts()
    take(UNDO)
    take(UNDO)
    nothing = facts().visits
    take(REDO)
    take(REDO)

    assert (nothing, facts()) == ({}, both)
    take(UNDO)
    act(visits.book, "C3D1", date(2025, 3, 31))
    assert (len(stacks().undo), stacks().redo) == (2, ())


def test_a_deferred_cycle_goes_back_in_one_step_with_its_times_and_places(office, act, facts, take):
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEKDAYS))
    for code, day in (("C2D1", 17), ("C3D1", 31)):
        act(visits.book, code, date(2025, 3, day), "", How(Start(time(9))))
    for code, day in (("C4D1", C4), ("C5D1", date(2025, 4, 28))):
        act(visits.book, code, day, "", How(Start(time(9))))
    before = facts()
    act(replanning.replan, Asked(Verb.DEFER, "C4D1", days=7), "low blood counts")

    take(UNDO)

    assert facts() == before
    with office.look(COMMAND_LINE) as work:
        hold(work)


def test_a_time_that_somebody_took_meanwhile_does_not_come_back(office, act, facts, take):
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEKDAYS))
    act(visits.book, "C4D1", C4, "", How(Start(time(9))))
    act(visits.take_back, "C4D1")
    with office.begin(NURSE) as work:
        other = patients.enrol(work, wanted(subject_id="01-002"))
        visits.book(work, other.public_id, other.version, "C4D1", C4, "", How(Start(time(9))))

    with pytest.raises(Stale):
        take(UNDO)
    assert facts().visits == {}


def test_what_would_come_back_on_a_day_that_is_past_does_not(act, take, clock):
    act(visits.book, "C4D1", C4)
    act(visits.take_back, "C4D1")
    clock.now = noon(4, 15)

    with pytest.raises(Refused, match="undo_day_past"):
        take(UNDO)


def test_only_the_last_act_is_taken_back_and_only_once(act, stacks, take):
    act(visits.book, "C4D1", C4)
    act(visits.book, "C5D1", date(2025, 4, 28))
    first = stacks().undo[0].act

    with pytest.raises(Refused, match="undo_not_last"):
        act(undoing.take, first, UNDO)
    take(UNDO)
    take(UNDO)
    with pytest.raises(Refused, match="undo_not_last"):
        take(UNDO)


def test_an_enrolment_is_not_taken_back(stacks):
    assert stacks() == undoing.Stacks((), ())


def test_it_is_told_in_the_history_and_nothing_is_deleted(act, take, entries):
    act(visits.book, "C4D1", C4)
    before = entries()
    take(UNDO)

    assert entries()[: len(before)] == before
    assert [(e.action, e.entity.partition(":")[0]) for e in entries()[len(before) :]] == [
        ("undo", "visit"),
        ("undo", "undo"),
    ]


def test_a_word_at_the_bloods_comes_back_with_its_person_and_its_day(act, facts, take, clock):
    act(visits.book, "C2D1", date(2025, 3, 17))
    clock.now = noon(3, 14)
    act(records.record, "C2P", Record(State.OCCURRED, date(2025, 3, 14), go=Go.NO_GO, decided_by="Dr Maes"))
    recorded = facts()
    take(UNDO)
    take(REDO)

    assert facts() == recorded
