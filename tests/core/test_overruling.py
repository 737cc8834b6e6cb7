"""Which days an investigator may overrule: those against which hard rules stand, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import Calendar, Closure
from planner.core.overruling import overrulable
from planner.core.protocol import Strength
from planner.core.schedule import plan

from .small import SHRINK, START, WORKING_WEEK, day, protocol, rule, started, visit, within


@pytest.fixture
def schedule():
    return plan(SHRINK, START.occurred("C1D1", date(2025, 3, 3)), WORKING_WEEK, date(2025, 3, 10))


@pytest.mark.parametrize(
    ("on", "may"),
    [
        (date(2025, 3, 14), True),  # eleven days after the first FOLFOX
        (date(2025, 3, 17), False),  # nothing stands against it
        (date(2025, 3, 15), False),  # a Saturday too
        (date(2025, 3, 7), False),  # past
    ],
)
def test_hard_rules_alone_may_be_overruled(schedule, on, may):
    assert overrulable(schedule, "C2D1", on) is may


def test_nobody_overrules_what_is_absolute():
    made = plan(
        protocol(visit("A"), visit("B", "A", 7, within(1, 1)), rules=(rule("A", "B", 5, None, Strength.ABSOLUTE),)),
        started(A=day(1)),
        Calendar(),
        day(2),
    )

    assert overrulable(made, "B", day(3)) is False


def test_a_rule_behind_which_another_thing_stands_is_not_enough():
    """B on day 4 breaks its distance from A; with that overruled, C, seven days later, finds a closed week."""
    encounters = (visit("A"), visit("B", "A", 7, within(1, 1)), visit("C", "B", 7, within(1, 1)))
    rules = (rule("A", "B", 5), rule("B", "C", 6, 8))
    closed = Calendar(closures=(Closure(day(10), day(13)),))
    made = plan(protocol(*encounters, rules=rules), started(A=day(1)), closed, day(2))

    assert (overrulable(made, "B", day(3)), overrulable(made, "B", day(4))) == (True, False)
