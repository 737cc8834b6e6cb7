"""What stopped the work, where the sentence is made of more than values in a row."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.errors import Refused
from planner.core.facts import Facts
from planner.core.schedule import explain, plan
from planner.exports.refusals import OVERRULE, sentence
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
WEEK = Calendar(frozenset({5, 6}))
MONDAY, SATURDAY = date(2025, 4, 14), date(2025, 4, 19)
THEM = "settle the absence with the patient"
HERE = "ask the administrator to open it"


@pytest.mark.parametrize(
    ("day", "shut", "words"),
    [
        (
            MONDAY,
            (Closure(MONDAY, MONDAY, Because.HOLIDAY, "Easter Monday"),),
            f": Easter Monday. Choose another day, or {HERE}.",
        ),
        (SATURDAY, WEEK.why_closed(SATURDAY, "clinic", attended=True), f": weekend. Choose another day, or {HERE}."),
        (
            MONDAY,
            (Closure(MONDAY, MONDAY, Because.ABSENCE),),
            f": the patient is away. Choose another day, or {THEM}.",
        ),
        (
            MONDAY,
            (Closure(MONDAY, MONDAY, name="strike"), Closure(MONDAY, MONDAY, Because.ABSENCE)),
            f": closed (strike) and the patient is away. Choose another day, or {THEM} and {HERE}.",
        ),
        (MONDAY, (), f". Choose another day, or {HERE}."),
    ],
)
def test_a_closed_day_says_what_closes_it_and_who_can_open_it(day, shut, words):
    said = sentence(Refused("day_is_closed", day=day, calendar=WEEK, shut=shut))

    assert said == f"{'Mon 14' if day == MONDAY else 'Sat 19'} Apr 2025 is closed{words}"


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2025, 3, 14), True), (date(2025, 3, 15), False), (date(2025, 2, 28), False)],
    ids=["eleven days after the one before", "a Saturday", "before the one before"],
)
def test_whoever_may_not_overrule_is_told_who_may_where_hard_rules_alone_stand_against_the_day(day, told):
    schedule = plan(SHRINK, ENROLLED.occurred("C1D1", date(2025, 3, 3)), WEEK, date(2025, 3, 10))

    said = sentence(Refused("day_not_possible", schedule=schedule, answer=explain(schedule, "C2D1", day)))

    assert said.endswith(OVERRULE) is told
