"""Every broken window and rule is a line of the log, by construction from the schedule."""

from datetime import UTC, date, datetime

import pytest

from planner.core.calendar import Calendar
from planner.core.deviation_log import Asked, Kind, Settled, accepted_in, broken
from planner.core.deviations import Nature
from planner.core.facts import Acceptance, Facts
from planner.core.flags import overdue
from planner.core.history import Entry
from planner.core.schedule import plan
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
WEEKENDS = Calendar(frozenset({5, 6}))
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
LATE = ENROLLED.booked("C4D1", date(2025, 4, 22))
ACCEPTED = LATE.accepting(Acceptance("window", "C4D1", "low blood counts"))
AT = datetime(2025, 2, 24, 9, tzinfo=UTC)


def lines(facts, today=date(2025, 2, 24)):
    found = broken(plan(SHRINK, facts, WEEKENDS, today))
    return [(one.code, one.kind, one.nature, one.day, one.settled) for one in found]


def wrote(old, new, entity="acceptance:C4D1", actor="Anna"):
    return Entry(AT, actor, "act", "book", entity, old, new, "")


def test_a_plan_that_keeps_every_rule_has_an_empty_log():
    assert lines(ENROLLED) == []


@pytest.mark.parametrize(("facts", "settled"), [(LATE, Settled.WAITING), (ACCEPTED, Settled.ACCEPTED)])
def test_a_booking_after_its_window_is_expected_until_it_happens(facts, settled):
    assert ("C4D1", Kind.WINDOW, Nature.EXPECTED, date(2025, 4, 22), settled) in lines(facts)


def test_a_visit_that_took_place_after_its_window_is_actual():
    facts = ENROLLED.occurred("C1D1", date(2025, 3, 3)).occurred("C2D1", date(2025, 3, 24))

    found = lines(facts, date(2025, 3, 24))

    assert ("C2D1", Kind.WINDOW, Nature.ACTUAL, date(2025, 3, 24), Settled.WAITING) in found


def test_two_cycles_that_took_place_too_close_break_a_rule():
    """FOLFOX 2 on 14 March is 11 days after FOLFOX 1: 14 are needed, and its window begins on the 17th."""
    facts = ENROLLED.occurred("C1D1", date(2025, 3, 3)).occurred("C2D1", date(2025, 3, 14))

    found = [line for line in lines(facts, date(2025, 3, 14)) if line[0] == "C2D1"]

    assert found == [
        ("C2D1", Kind.WINDOW, Nature.ACTUAL, date(2025, 3, 14), Settled.WAITING),
        ("C2D1", Kind.RULE, Nature.ACTUAL, date(2025, 3, 14), Settled.WAITING),
    ]


def test_two_bookings_too_close_are_a_conflict():
    facts = ENROLLED.booked("C1D1", date(2025, 3, 3)).booked("C2D1", date(2025, 3, 14))

    assert ("C2D1", Kind.CONFLICT, Nature.EXPECTED, date(2025, 3, 14), Settled.WAITING) in lines(facts)


def test_every_overdue_visit_stands_in_the_log_with_or_without_a_day():
    schedule = plan(SHRINK, ENROLLED, WEEKENDS, date(2025, 4, 10))

    found = [one.code for one in broken(schedule) if one.overdue and one.kind is Kind.WINDOW]

    assert found == ["SC1", "SC2", "SC3", "AP", "C1P", "C1D3", "C2D1"]
    assert found == [visit.code for visit in schedule.visits if overdue(visit)]
    assert [one.day for one in broken(schedule) if one.code == "SC1"] == [date(2025, 2, 24)]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (Asked(), True),
        (Asked(kind=Kind.WINDOW), True),
        (Asked(kind=Kind.RULE), False),
        (Asked(nature=Nature.EXPECTED), True),
        (Asked(nature=Nature.ACTUAL), False),
        (Asked(settled=Settled.ACCEPTED), True),
        (Asked(settled=Settled.WAITING), False),
        (Asked(first=date(2025, 4, 22), last=date(2025, 4, 22)), True),
        (Asked(first=date(2025, 4, 23)), False),
        (Asked(last=date(2025, 4, 21)), False),
    ],
)
def test_each_filter_keeps_its_own_and_both_days_count(asked, kept):
    found = next(one for one in broken(plan(SHRINK, ACCEPTED, WEEKENDS)) if one.code == "C4D1")

    assert asked.keeps(found) is kept


def test_the_newest_acceptance_that_still_holds_is_told():
    found = next(one for one in broken(plan(SHRINK, ACCEPTED, WEEKENDS)) if one.code == "C4D1")
    first = wrote(None, {"rule": "window", "reason": "other"}, actor="Bert")
    withdrawn = wrote({"rule": "window", "reason": "other"}, None, actor="Bert")
    holds = wrote(None, {"rule": "window", "reason": "low blood counts"})
    elsewhere = wrote(None, {"rule": "window", "reason": "x"}, "acceptance:C5D1")
    of_a_rule = wrote(None, {"rule": "folfox-interval", "reason": "x"})

    assert accepted_in([elsewhere, of_a_rule, holds, withdrawn, first], found) == holds
    assert accepted_in([withdrawn, first], found) is None
    assert accepted_in([], found) is None


def test_what_waits_for_a_reason_was_accepted_by_nobody():
    found = next(one for one in broken(plan(SHRINK, LATE, WEEKENDS)) if one.code == "C4D1")

    assert accepted_in([wrote(None, {"rule": "window", "reason": "low blood counts"})], found) is None


def test_a_break_without_a_day_belongs_to_no_span_of_days():
    assert [
        Asked()._spans(None),
        Asked(first=date(2025, 3, 3))._spans(None),
        Asked(last=date(2025, 3, 3))._spans(None),
    ] == [*(True, False, False)]
