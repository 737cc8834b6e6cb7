"""The history of a patient: everything, the newest first, for those who may see the patient."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.errors import NotFound
from planner.core.patients import Contact, Ended
from planner.core.staff import COMMAND_LINE
from planner.exports.history import told
from planner.services import contacts, courses, history, patients, visits
from planner.store import audit

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, noon, wanted


@pytest.fixture
def lived(office, patient, act, clock):
    """A course in four acts of two people, and a change of how the patient is reached."""
    clock.now = noon(2, 25)
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
    act(visits.take_back, "C4D1", by=INVESTIGATOR)
    with office.begin(NURSE) as work:
        contacts.write_contact(work, patient, 4, Contact("Josephine"))
    clock.now = noon(2, 26)
    act(courses.end, date(2025, 2, 26), Ended.SCREEN_FAILURE, "not eligible")


def test_the_newest_comes_first_and_nothing_is_missing(office, patient, lived):
    with office.look(NURSE) as work:
        case, found = history.of_patient(work, patient)

    assert case.patient.public_id == patient
    assert [(entry.action, entry.entity) for entry in found] == [
        ("end", "study"),
        ("contact", "contact"),
        ("unbook", "acceptance:C4D1"),
        ("unbook", "visit:C4D1"),
        ("book", "acceptance:C4D1"),
        ("book", "visit:C4D1"),
        ("enrol", "date:registration"),
        ("enrol", "date:day_one"),
        ("enrol", "patient"),
    ]


def test_the_history_is_read_as_sentences_one_act_after_another(office, patient, lived):
    with office.look(NURSE) as work:
        case, found = history.of_patient(work, patient)

    acts = told(case.protocol, found)

    assert [(act.at, act.actor, act.sentences, act.reason) for act in acts[:4]] == [
        (
            noon(2, 26),
            "Anna Peeters",
            ("Ended the study for the patient on Wed 26 Feb 2025: screen failure.",),
            "not eligible",
        ),
        (noon(2, 25), "Anna Peeters", ("Changed how the patient is reached: name.",), ""),
        (
            noon(2, 25),
            "Ines Maes",
            (
                "Gave back the booking of FOLFOX 4 (C4D1) on Tue 22 Apr 2025.",
                "Withdrew the accepted deviation of FOLFOX 4 (C4D1) from its window.",
            ),
            "",
        ),
        (
            noon(2, 25),
            "Anna Peeters",
            (
                "Booked FOLFOX 4 (C4D1) on Tue 22 Apr 2025.",
                "Accepted a deviation of FOLFOX 4 (C4D1) from its window.",
            ),
            "low blood counts",
        ),
    ]


def test_an_enrolment_is_one_act_of_the_history(office, patient):
    with office.look(NURSE) as work:
        case, found = history.of_patient(work, patient)

    assert [act.sentences for act in told(case.protocol, found)] == [
        (
            "Enrolled patient 01-001: dose level 1, escalation, site 01, protocol NCT03310008 0.1 illustrative.",
            "Set Day 1 to Mon 3 Mar 2025.",
            "Set Registration to Mon 24 Feb 2025.",
        )
    ]


def test_the_history_of_one_patient_holds_nothing_of_another(office, patient):
    with office.begin(ELSEWHERE) as work:
        other = patients.enrol(work, wanted(subject_id="02-001", site="02")).public_id

    with office.look(MEDICAL_MONITOR) as work:
        one, two = (history.of_patient(work, each)[1] for each in (patient, other))

    assert [entry.new["subject_id"] for entry in (one[-1], two[-1])] == ["01-001", "02-001"]
    assert {entry.actor for entry in one} == {"Anna Peeters"}


def test_the_history_of_a_foreign_patient_is_not_found(office, patient):
    with office.look(ELSEWHERE) as work, pytest.raises(NotFound, match="no_such_patient"):
        history.of_patient(work, patient)


def test_of_whom_nothing_was_written_there_is_no_last_entry(office):
    with office.look(COMMAND_LINE) as work:
        assert audit.last_act_of(work.session, "A" * 22) is None
