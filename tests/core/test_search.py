"""What the words of a search mean."""

from datetime import UTC, date, datetime

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.patients import Patient, Site
from planner.core.schedule import plan
from planner.core.search import meant, visits, words_of
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
