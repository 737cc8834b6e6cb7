"""The deviation log: who accepted what, and within whose reach."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.deviation_log import Asked, Settled
from planner.core.errors import NotFound
from planner.core.facts import Acceptance
from planner.services import cases, deviations, history, patients
from planner.services.cases import Act, redrafted

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, noon, wanted

LATE = date(2025, 4, 22)


@pytest.fixture
def log(office):
    def read(by=NURSE, **asked):
        with office.look(by) as work:
            return deviations.log(work, Asked(**asked))

    return read


@pytest.fixture
def late(office, patient):
    """Books FOLFOX 4 after its window (14 to 17 April), with these words."""

    def do(reason, day=LATE, by=NURSE):
        with office.begin(by) as work:
            case = cases.case(work, patient)
            facts = case.facts.reconsidered("C4D1").booked("C4D1", day)
            facts = facts.accepting(Acceptance("window", "C4D1", reason))
            cases.save(work, Act("book", case, redrafted(case, facts), reason))

    return do


def told(found):
    return [
        (
            line.broken.code,
            line.broken.day,
            line.broken.settled,
            line.accepted and (line.accepted.actor, line.accepted.at),
        )
        for line in found.lines
    ]


def test_a_new_patient_has_an_empty_log(patient, log):
    assert told(log()) == []


def test_an_accepted_deviation_says_by_whom_and_when(late, log, clock):
    clock.now = noon(2, 25)
    late("low blood counts", by=INVESTIGATOR)

    assert told(log(settled=Settled.ACCEPTED)) == [("C4D1", LATE, Settled.ACCEPTED, ("Ines Maes", noon(2, 25)))]


def test_the_newest_acceptance_counts(late, log, clock):
    clock.now = noon(2, 25)
    late("low blood counts")
    clock.now = noon(2, 26)
    late("the patient's wish", day=date(2025, 4, 23), by=INVESTIGATOR)

    found = log(settled=Settled.ACCEPTED)

    assert told(found) == [("C4D1", date(2025, 4, 23), Settled.ACCEPTED, ("Ines Maes", noon(2, 26)))]
    assert found.lines[0].broken.deviation.reason == "the patient's wish"


def test_what_is_waiting_stands_by_day_with_nobodys_name(patient, log, clock):
    clock.now = noon(3, 3)

    assert told(log()) == [
        ("SC1", date(2025, 2, 24), Settled.WAITING, None),
        ("AP", date(2025, 3, 1), Settled.WAITING, None),
        ("SC2", date(2025, 3, 3), Settled.WAITING, None),
        ("SC3", date(2025, 3, 3), Settled.WAITING, None),
    ]


def test_the_log_says_where_the_history_ended_when_it_was_made(office, late, log):
    late("low blood counts")

    with office.look(NURSE) as work:
        assert log().head == history.head(work)


def test_everybody_reads_the_log_of_their_sites(office, patient, log, clock):
    with office.begin(ELSEWHERE) as work:
        other = patients.enrol(work, wanted(subject_id="02-001", site="02")).public_id
    clock.now = noon(3, 3)

    seen = {
        who.login: {line.patient.subject_id for line in log(who).lines} for who in (NURSE, ELSEWHERE, MEDICAL_MONITOR)
    }

    assert seen == {"anna": {"01-001"}, "bert": {"02-001"}, "mona": {"01-001", "02-001"}}
    assert {line.patient.public_id for line in log(MEDICAL_MONITOR, patient=other).lines} == {other}
    for unknown in (other, "AAAAAAAAAAAAAAAAAAAAAA"):
        with pytest.raises(NotFound):
            log(NURSE, patient=unknown)
