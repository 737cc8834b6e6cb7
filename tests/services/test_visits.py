"""Booking and recording, on both engines."""

from datetime import date

import pytest

from planner.core.facts import Acceptance, Fact, State
from planner.core.staff import Actor, Role
from planner.services import cases, patients, visits
from planner.services.patients import Enrolment

NURSE = Actor("anna", "Anna Peeters", Role.NURSE, frozenset({"01"}))
ELSEWHERE = Actor("bert", "Bert Claes", Role.NURSE, frozenset({"02"}))
SHRINK = ("NCT03310008", "0.1 illustrative")


@pytest.fixture
def patient(office):
    """The worked example: Day 1 on Monday 3 March 2025."""
    wanted = Enrolment(
        subject_id="01-001",
        site="01",
        protocol=SHRINK,
        day_one=date(2025, 3, 3),
        registration=date(2025, 2, 24),
        dose_level=1,
        phase="escalation",
        language="nl",
    )
    with office.begin(NURSE) as work:
        return patients.enrol(work, wanted).patient.public_id


@pytest.fixture
def act(office, patient):
    """Does one act as the nurse who has just read the page."""

    def do(verb, *arguments, actor=NURSE, **named):
        with office.look(actor) as work:
            seen = cases.case(work, patient).patient.version
        with office.begin(actor) as work:
            return verb(work, patient, named.pop("seen", seen), *arguments, **named)

    return do


@pytest.fixture
def facts(office, patient):
    def read():
        with office.look(NURSE) as work:
            return cases.case(work, patient).facts

    return read


def test_a_booking_is_saved_and_nothing_else(act, facts):
    act(visits.book, "C4D1", date(2025, 4, 14))

    assert facts().visits == {"C4D1": Fact(State.BOOKED, date(2025, 4, 14))}
    assert facts().accepted == ()


def test_a_day_outside_the_window_is_booked_with_a_reason_that_is_kept(act, facts):
    """C4D1 has its window from 14 to 17 April; 22 April is five days late (Easter Monday lies between)."""
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")

    assert facts().accepted == (Acceptance("window", "C4D1", "low blood counts"),)
