"""A repair that is chosen leaves a legal plan: worked examples by hand, and every repair of small random plans.

Day 1 is Monday 3 March 2025; where nothing else is said every visit of SHRINK is booked on its suggested day.
"""

from dataclasses import replace
from random import Random

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.days import Span, Unit
from planner.core.explain import Why
from planner.core.facts import Acceptance, Facts, State
from planner.core.giving import Giving, Needed, opened
from planner.core.lines import How
from planner.core.moves import deferred, moved
from planner.core.protocol import Stay, Strength
from planner.core.repairing import can_give, repaired
from planner.core.repairs import Way
from planner.core.schedule import plan

from .booked_up import booked_up, d
from .small import DAY_1, OPEN, WORKING_WEEK, day, protocol, rule, visit, within
from .test_repairs import START, case_of

EVERY_DAY = booked_up(OPEN)
FULL_PLAN = booked_up(WORKING_WEEK)
SATURDAY = 5
LATE = deferred(EVERY_DAY, "C6D1", 28)
"""FOLFOX 6 on day 99, 9 June: 28 days later is day 127, behind the window of surgery (day 126 is Sunday 6 July)."""


def chosen(before, facts, *ways, **how):
    """The proposal with the first repair of these ways chosen."""
    stuck = repaired(before, facts, **how).proposal.stuck
    repair = next(r for one in stuck for r in one.repairs if r.ways == ways)
    return repaired(before, facts, Giving().also(repair), **how)


def test_another_day_for_folfox_6_is_the_nearest_to_the_one_that_was_asked_for():
    """8 June, day 98: 28 days later is day 126, the only day left for surgery."""
    found = chosen(EVERY_DAY, LATE, Way.REBOOK).proposal

    after = found.after.by_code
    assert (after["C6D1"].booked, after["RES"].booked) == (d(8, 6), d(6, 7))
    assert (found.days_left[1].days_left, found.days_left[1].can_slip) == (1, 0)
    assert (found.overruled, repaired(EVERY_DAY, LATE).proposal.overruled) == ((), ())


def test_the_28_days_before_surgery_are_broken_by_one_day_and_no_more():
    """FOLFOX 6 on 9 June stays as asked, surgery is on day 126, 27 days later: not on 16 June, where it was booked."""
    found = chosen(EVERY_DAY, LATE, Way.DEVIATE)
    after = found.proposal.after

    stuck = repaired(EVERY_DAY, LATE).proposal.stuck[0].repairs
    rules = [r.reasons[0].rule for r in stuck if r.ways == (Way.DEVIATE,)]
    gap = repaired(EVERY_DAY, LATE, Giving(because="the surgeon agrees").also(stuck[2]))
    assert rules == ["window", "surgery-after-folfox"]
    assert (after.by_code["C6D1"].booked, after.by_code["RES"].booked) == (d(9, 6), d(7, 7))
    assert gap.proposal.after.by_code["RES"].booked == d(6, 7)
    assert [(one.visit, one.rule, one.reason) for one in gap.proposal.overruled] == [
        ("RES", "surgery-after-folfox", "the surgeon agrees")
    ]


def test_a_visit_that_is_not_booked_is_booked_with_the_rule_that_is_overruled():
    """Nobody can accept a day that is only suggested: surgery is booked on 7 July, day 127, a day behind its window."""
    before = plan(EVERY_DAY.protocol, EVERY_DAY.facts.planned("RES", "P14", "P30", "P60", "PRE"), OPEN)

    found = chosen(before, deferred(before, "C6D1", 28), Way.DEVIATE).proposal

    assert {line.code: line.how for line in found.lines}["RES"] is How.BOOKED
    assert found.after.by_code["RES"].booked == d(7, 7)
    assert [(one.visit, one.rule, one.days) for one in found.overruled] == [("RES", "window", 1)]


def test_of_all_weekends_only_the_day_that_is_needed_is_opened():
    """FOLFOX 2 on Saturday 15 March; its pump comes off at home two days later."""
    before = plan(FULL_PLAN.protocol, Facts(dates=FULL_PLAN.facts.dates), WORKING_WEEK)
    late = plan(FULL_PLAN.protocol, before.facts.booked("C2D1", d(17, 3)), WORKING_WEEK)

    found = chosen(late, moved(late, "C2D1", d(22, 3)), Way.OPEN_DAY)

    assert [(one.day, one.closure.because, one.calendar) for one in found.needed] == [
        (d(22, 3), Because.WEEKEND, "chair")
    ]
    assert found.proposal.after.by_code["C2D1"].booked == d(22, 3)
    assert (found.proposal.conflicts, found.giving.ways) == ((), {Way.OPEN_DAY})


def test_a_unit_without_hours_on_a_day_has_room_once_somebody_opens_it():
    """FOLFOX 2 on Saturday 22 March, when no chair has hours; a Saturday that is not opened has no room."""
    before = plan(FULL_PLAN.protocol, Facts(dates=FULL_PLAN.facts.dates), WORKING_WEEK)
    late = plan(FULL_PLAN.protocol, before.facts.booked("C2D1", d(17, 3)), WORKING_WEEK)

    found = chosen(late, moved(late, "C2D1", d(22, 3)), Way.OPEN_DAY, free=lambda _code, on: on.weekday() < SATURDAY)

    assert (found.proposal.stuck, [one.day for one in found.needed]) == ((), [d(22, 3)])


def test_a_stay_needs_the_patient_on_each_of_its_days():
    """A stay from day 7 to 9 meets the absence from day 8 on; it needs the days 8 and 9."""
    away = Closure(day(8), day(12), Because.ABSENCE)
    trial = protocol(visit("A", offset=3, stay=Stay(2, 2, 5)))
    before = plan(trial, START.booked("A", day(4)), Calendar(closures=(away,)))

    found = chosen(before, moved(before, "A", day(7)), Way.ASK_PATIENT)

    assert found.needed == (Needed(day(8), away), Needed(day(9), away))


def test_an_absence_is_given_up_for_the_day_that_is_needed_and_for_no_other():
    """The patient is away from day 8 to 12 and A is asked for on day 10."""
    away = Closure(day(8), day(12), Because.ABSENCE)
    before = plan(protocol(visit("A", offset=3)), START.booked("A", day(4)), Calendar(closures=(away,)))

    found = chosen(before, moved(before, "A", day(10)), Way.ASK_PATIENT)

    assert found.needed == (Needed(day(10), away),)
    assert found.proposal.after.calendar.closures == (
        replace(away, last=day(9)),
        replace(away, first=day(11)),
    )


@pytest.mark.parametrize(
    ("given_up", "left"),
    [
        ([8], [(9, 12)]),
        ([12], [(8, 11)]),
        ([8, 9, 11], [(10, 10), (12, 12)]),
        ([8, 9, 10, 11, 12], []),
        ([7], [(8, 12)]),
    ],
)
def test_what_is_left_of_an_absence(given_up, left):
    away = Closure(day(8), day(12), Because.ABSENCE)

    found = opened(Calendar(closures=(away,)), [Needed(day(number), away) for number in given_up])

    assert [(one.first, one.last) for one in found.closures] == [(day(first), day(last)) for first, last in left]


def test_room_that_somebody_makes_is_there():
    before = plan(protocol(visit("A", offset=3)), START.booked("A", day(4)), OPEN)

    found = chosen(before, moved(before, "A", day(10)), Way.MAKE_ROOM, free=lambda _code, on: on != day(10))

    assert found.proposal.after.by_code["A"].booked == day(10)


def test_two_visits_of_one_attendance_are_booked_apart():
    """A and B on one day; B within 2 days of its date, day 8, so A on day 12 leaves it behind on day 8."""
    trial = protocol(visit("A", offset=7), visit("B", offset=7, window=within(2, 2), strength="absolute"))
    before = plan(trial, START.booked("A", day(8)).combined("B", "A"), OPEN)

    found = chosen(before, moved(before, "A", day(12)), Way.REBOOK)
    both = [repaired(before, moved(before, "A", day(12)), Giving().also(r)) for r in _repairs(before, "A", day(12))]

    assert {frozenset(r.why for r in one.giving.reasons) for one in both} == {
        frozenset({Why.BOOKED}),
        frozenset({Why.TOGETHER}),
    }
    assert {(v["A"].booked, v["B"].booked) for v in (one.proposal.after.by_code for one in both)} == {
        (day(10), day(10)),
        (day(12), day(10)),
    }
    assert found.proposal.after is not None


def _repairs(before, code, on):
    return [r for one in repaired(before, moved(before, code, on)).proposal.stuck for r in one.repairs]


def test_a_booking_that_is_past_is_nobodys_to_move():
    """A was booked on day 4, which is past; B, 20 days after at the latest, is asked for on day 30."""
    trial = protocol(visit("A", offset=3), visit("B", "A", 14), rules=(rule("A", "B", 7, 20),))
    before = plan(trial, START.booked("A", day(4)).booked("B", day(18)), OPEN, day(6))
    facts = moved(before, "B", day(30))

    found = {r.reasons[0].visit: can_give(before, facts, r) for r in _repairs(before, "B", day(30))}

    assert found == {"A": False, "B": True}


def test_the_key_of_a_repair_is_that_of_its_reasons():
    repairs = repaired(EVERY_DAY, LATE).proposal.stuck[0].repairs
    again = repaired(EVERY_DAY, LATE).proposal.stuck[0].repairs

    assert [one.key for one in repairs] == [one.key for one in again]
    assert len({one.key for one in repairs}) == len(repairs)


# ---- every repair of small plans


def check(seeds):
    """How many repairs of these cases were chosen; each leaves a legal plan that keeps all that does not give way."""
    tried = 0
    for seed in seeds:
        trial, facts, calendar = case_of(Random(seed).randint)
        before = plan(trial, Facts(dates={"d1": DAY_1}), calendar)
        found = repaired(before, facts, asked=("A",)).proposal if not before.conflicts else None
        if found is None or len(found.stuck) != 1:
            continue
        for repair in found.stuck[0].repairs:
            tried += 1
            holds(before, facts, calendar, repair)
    return tried


def holds(before, facts, calendar, repair):
    giving = Giving().also(repair)
    found = repaired(before, facts, giving, asked=("A",))
    after = found.proposal.after
    assert after is not None
    assert [clash for clash in after.conflicts if clash not in before.conflicts] == []
    assert after == plan(after.protocol, found.proposal.facts, opened(calendar, found.needed))
    assert {one.closure for one in found.needed} == giving.closures
    ours = {(one.rule, one.strength) for one in giving.overruled}
    assert {(a.rule, Strength.HARD) for a in found.proposal.facts.accepted} <= ours
    assert "A" in giving.loose or after.by_code["A"].booked == facts.visits["A"].day


def test_every_repair_of_small_plans_leaves_a_legal_plan():
    assert check(range(150)) > 30


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_so_does_every_repair_of_four_thousand(part):
    assert check(range(150 + 1000 * part, 1150 + 1000 * part)) > 200


def test_a_rule_with_day_maps_is_broken_by_as_few_days_too():
    """B is a month after A at the latest, 3 April at the latest after 3 March; the day asked for is 5 April."""
    late = replace(rule("A", "B", None, 1), hi=Span(1, Unit.MONTHS))
    trial = protocol(visit("A"), visit("B", "A", 20), rules=(late,))
    before = plan(trial, START.occurred("A", DAY_1).booked("B", day(21)), OPEN)

    found = chosen(before, moved(before, "B", d(5, 4)), Way.DEVIATE).proposal

    assert found.after.by_code["B"].booked == d(5, 4)
    assert found.facts.accepted == (Acceptance("A-B", "B", "to see what is left"),)
    assert found.facts.visits["B"].state is State.BOOKED
