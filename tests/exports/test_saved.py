"""What was saved: the visit that it was about, and who else moved."""

from datetime import date, time

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.exports.saved import saved
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
TARGET = date(2025, 4, 14)
BOOKED = ENROLLED.booked("C4D1", TARGET, time(9), "Europe/Brussels")
NONE = "No other visit moved."


def told(before, after):
    return saved(*(plan(SHRINK, facts, Calendar(), date(2025, 2, 24)) for facts in (before, after)))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (ENROLLED, BOOKED, "FOLFOX 4 booked on Monday 14 April 2025, 09:00"),
        (ENROLLED, ENROLLED.booked("C4D1", TARGET), "FOLFOX 4 booked on Monday 14 April 2025"),
        (
            ENROLLED,
            ENROLLED.booked("C4D1", TARGET, time(2, 30, fold=1), "Europe/Brussels"),
            "FOLFOX 4 booked on Monday 14 April 2025, 02:30 (second time)",
        ),
        (BOOKED, ENROLLED, "FOLFOX 4 is no longer booked"),
        (BOOKED, BOOKED.occurred("C4D1", TARGET), "FOLFOX 4 took place on Monday 14 April 2025, 09:00"),
        (BOOKED.occurred("C4D1", TARGET), ENROLLED, "FOLFOX 4 is planned again"),
        (
            ENROLLED.booked("RES", date(2025, 6, 30)),
            ENROLLED.occurred("RES", date(2025, 6, 30), date(2025, 7, 4)),
            "Resection took place from Monday 30 June 2025 to Friday 4 July 2025",
        ),
    ],
)
def test_the_one_visit_of_an_act_is_named_with_its_day_and_time(before, after, words):
    assert told(before, after) == f"Saved: {words}. {NONE}"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (ENROLLED.missed("SC3"), "the patient did not come"),
        (ENROLLED.omitted("SC3"), "is omitted"),
    ],
)
def test_a_visit_that_was_lost_is_named_without_a_day(facts, words):
    name = SHRINK.by_code["SC3"].name.into("en")

    said = told(ENROLLED, facts)

    assert said.partition(words)[0].rstrip(", ") == f"Saved: {name}"


def test_others_that_got_another_day_are_counted_without_it():
    one_late = told(ENROLLED.booked("C4D1", TARGET), ENROLLED.booked("C4D1", date(2025, 4, 15)))

    assert one_late == ("Saved: FOLFOX 4 booked on Tuesday 15 April 2025. 20 other visits have another day now.")


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (ENROLLED.decided("resectable", "yes"), "Saved. No visit moved."),
        (ENROLLED.ending(date(2025, 3, 1)), "Saved. "),
        (ENROLLED.booked("C4D1", TARGET).booked("C5D1", date(2025, 4, 28)), "Saved. No visit moved."),
    ],
    ids=["a decision", "the end", "two visits"],
)
def test_an_act_that_is_about_no_single_visit_names_none(after, words):
    assert told(ENROLLED, after).startswith(words)


def test_a_visit_given_back_by_the_end_is_not_what_the_act_was_about():
    assert told(BOOKED, ENROLLED.ending(date(2025, 3, 1))).startswith("Saved. ")
