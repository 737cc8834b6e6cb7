"""What was saved: the visit that it was about, and who else moved."""

import re
from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.exports.saved import done_again, saved, taken_back
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
TARGET = date(2025, 4, 14)
BOOKED = ENROLLED.booked("C4D1", TARGET, time(9), "Europe/Brussels")
NONE = "No other visit moved."


def told(before, after, words=saved):
    return words(*(plan(SHRINK, facts, Calendar(), date(2025, 2, 24)) for facts in (before, after)))


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


LATER = replace(ENROLLED, dates=ENROLLED.dates | {"day_one": date(2025, 3, 10)})
ENDED = ENROLLED.ending(date(2025, 3, 1))
FOUR_AND_FIVE = "FOLFOX 4 booked on Monday 14 April 2025; FOLFOX 5 booked on Monday 28 April 2025"
RESTARTED = "Day 1 moved to Monday 10 March 2025"


ALL_BUT_REGISTRATION = 50
"""The 52 rows of the protocol without the registration, which had its day before the end, and the branch not taken."""


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (ENROLLED.decided("resectable", "yes"), "Saved: Resectable: yes. No visit moved."),
        (
            ENROLLED.booked("C4D1", TARGET).booked("C5D1", date(2025, 4, 28)),
            f"Saved: {FOUR_AND_FIVE}. {NONE}",
        ),
    ],
    ids=["a decision", "two visits"],
)
def test_an_act_is_told_by_what_it_was_about(after, words):
    assert told(ENROLLED, after) == words


def test_two_visits_of_one_attendance_are_told_together():
    apart = ENROLLED.booked("P60", date(2025, 8, 14))
    names = {code: SHRINK.by_code[code].name.into("en") for code in ("M7", "P60")}

    assert f"Saved: {names['M7']} combined with {names['P60']}" in told(apart, apart.combined("M7", "P60"))
    assert f"Saved: {names['M7']} separated from {names['P60']}" in told(apart.combined("M7", "P60"), apart)


def test_of_an_act_on_many_visits_the_first_two_are_named():
    facts = ENROLLED
    for cycle, day in enumerate((TARGET, date(2025, 4, 28), date(2025, 5, 12)), start=4):
        facts = facts.booked(f"C{cycle}D1", day)
    more = facts.booked("RES", date(2025, 6, 16))

    assert told(ENROLLED, facts).count(" booked on ") == 3
    assert told(ENROLLED, more).startswith(f"Saved: {FOUR_AND_FIVE}; 2 more visits changed.")


def test_a_start_that_moved_is_told_with_its_new_day():
    assert re.fullmatch(rf"Saved: {RESTARTED}[.] \d+ visits have another day now[.]", told(ENROLLED, LATER))


def test_the_end_is_told_with_the_visits_that_it_cancels():
    number = ALL_BUT_REGISTRATION

    assert told(ENROLLED, ENDED) == f"Saved: study ended on Saturday 1 March 2025. {number} visits are canceled."
    assert told(ENDED, ENROLLED) == f"Saved: the study goes on. {number} visits are to come again."


def test_what_is_taken_back_is_told_in_the_words_that_were_said_of_it():
    back, again = told(LATER, ENROLLED, taken_back), told(ENROLLED, LATER, done_again)

    assert re.fullmatch(rf"Taken back: “{RESTARTED}”[.] \d+ visits have another day now[.]", back)
    assert re.fullmatch(rf"Done again: “{RESTARTED}”[.] \d+ visits have another day now[.]", again)
    assert told(BOOKED, ENROLLED, taken_back) == (
        f"Taken back: “FOLFOX 4 booked on Monday 14 April 2025, 09:00”. {NONE}"
    )


def test_a_visit_given_back_by_the_end_is_not_what_the_act_was_about():
    assert told(BOOKED, BOOKED.ending(date(2025, 3, 1))).startswith("Saved: study ended on Saturday 1 March 2025. ")
