"""What the words of a search mean."""

from datetime import UTC, date, datetime

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.patients import Patient, Site
from planner.core.schedule import plan
from planner.core.search import coming, meant, sure, visits, words_of
from planner.services.protocols import shipped

AT = datetime(2025, 2, 24, tzinfo=UTC)
SITE = Site("01", "Brussels", "Europe/Brussels")
FACTS = Facts({"day_one": date(2025, 3, 3)})
SCHEDULE = plan(next(iter(shipped().values())), FACTS, Calendar(frozenset({5, 6})))


def patient(subject):
    return Patient(subject, subject, SITE, ("a", "1"), 1, "escalation", "nl", "seed", AT, AT, 1)


EVERYONE = tuple(map(patient, ("01-001", "01-002", "01-0010", "02-001")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01-001", [("01-001", ())]),
        ("01-00", [("01-001", ()), ("01-002", ()), ("01-0010", ())]),
        ("01 002", [("01-002", ())]),
        ("  01-001   c4D1 ", [("01-001", ("c4d1",))]),
        ("FOLFOX 4 01-002", [("01-002", ("folfox", "4"))]),
        ("01-001 folfox 1", [("01-001", ("folfox", "1"))]),
        ("folfox", []),
        ("%", []),
        ("", []),
    ],
)
def test_a_word_names_the_patient_and_the_others_the_visit(text, found):
    assert [(p.subject_id, rest) for p, rest in meant(words_of(text), EVERYONE)] == found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("c4d1", ["C4D1"]),
        ("folfox 4", ["C4D1"]),
        ("folfox 4 (c4d1)", ["C4D1"]),
        ("before 4", ["C4P"]),
        ("resection", ["RES"]),
        ("nothing", []),
        ("[", []),
    ],
)
def test_a_visit_is_found_by_code_or_name(text, codes):
    assert [visit.code for visit in visits(SCHEDULE, words_of(text))] == codes


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [("01-001", True), ("01-00", True), ("01-001 folfox", True), ("002 folfox", False), ("folfox", False), ("", False)],
)
def test_a_whole_number_or_nothing_beside_it_names_a_patient_beyond_doubt(text, is_sure):
    words = words_of(text)

    assert sure(words, meant(words, EVERYONE) if words else ()) is is_sure


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("infusion", "N1"),
        ("infusion 2", "N2"),
        ("bloods", "C1P"),
        ("c4d1", "C4D1"),
        ("bloods 01-001", None),
        ("4", None),
        ("()", None),
    ],
)
def test_a_name_alone_means_the_next_visit_of_that_name(text, code):
    found = coming(SCHEDULE, words_of(text))

    assert (found.code if found is not None else None) == code


def test_what_took_place_is_not_to_come():
    done = plan(SCHEDULE.protocol, FACTS.occurred("C1P", date(2025, 3, 2)), Calendar(), date(2025, 3, 3))

    assert coming(done, ("bloods",)).code == "C2P"
