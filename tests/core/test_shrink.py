"""The illustrative SHRINK schedule under facts: dates worked out by hand from Day 1 = Monday 3 March 2025.

Study day n is 3 March + (n - 1). FOLFOX every 14 days: 1, 15, 29, 43, 57, 71. Infusions on cycle day 4 of
cycles 3 to 5: 32, 46, 60. Surgery: 35 days after FOLFOX 6, day 99 (9 June) to day 126 (6 July).
"""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.days import Window
from planner.core.disclosure import glimpse, secret_words
from planner.core.explain import Why
from planner.core.facts import State
from planner.core.schedule import Verdict, changes, explain, plan

from .small import OPEN, SHRINK, START, WORKING_WEEK, closed, day

CYCLES = [f"C{n}D1" for n in range(1, 7)]
INFUSIONS = ["N1", "N2", "N3"]


def suggested(schedule, codes):
    return [schedule.by_code[code].suggested for code in codes]


def named(reasons):
    return {(reason.why, reason.visit) for reason in reasons}


def test_folfox_falls_on_days_1_to_71_and_the_infusions_on_days_32_46_60():
    schedule = plan(SHRINK, START, OPEN)

    assert suggested(schedule, CYCLES) == [day(n) for n in (1, 15, 29, 43, 57, 71)]
    assert suggested(schedule, INFUSIONS) == [day(32), day(46), day(60)]
    assert [schedule.by_code[code].study_day for code in CYCLES + INFUSIONS] == [1, 15, 29, 43, 57, 71, 32, 46, 60]


def test_surgery_is_aimed_at_35_days_after_folfox_6_and_may_be_from_day_99_to_day_126():
    surgery = plan(SHRINK, START, OPEN).by_code["RES"]

    assert surgery.target == date(2025, 6, 16)
    assert surgery.window == Window(date(2025, 6, 9), date(2025, 7, 6))
    assert surgery.live.ranges() == ((date(2025, 6, 9), date(2025, 7, 6)),)


def test_the_60_day_visit_and_the_last_visit_follow_surgery_and_registration():
    schedule = plan(SHRINK, START, OPEN)

    assert schedule.by_code["P60"].suggested == date(2025, 8, 15)  # 16 June + 60
    assert schedule.by_code["M28"].suggested == date(2027, 6, 24)  # 24 February 2025 + 28 months
    assert schedule.by_code["M28"].window == Window(date(2027, 6, 10), date(2027, 6, 24))


def test_a_plan_with_every_day_open_has_no_conflict_and_no_deviation():
    schedule = plan(SHRINK, START, OPEN)

    assert schedule.conflicts == ()
    assert [visit.code for visit in schedule.visits if visit.deviations] == []


@pytest.mark.parametrize(("late", "left"), [(0, 28), (7, 21), (14, 14), (21, 7), (28, 0)])
def test_each_day_that_folfox_6_is_late_takes_a_day_from_surgery(late, left):
    schedule = plan(SHRINK, START.occurred("C6D1", day(71 + late)), OPEN)

    assert len(schedule.by_code["RES"].live) == left
    assert schedule.days_left.days_left == left
    assert schedule.days_left.can_slip == max(left - 1, 0)


def test_folfox_6_four_weeks_late_leaves_surgery_no_day_and_says_why():
    schedule = plan(SHRINK, START.occurred("C6D1", day(99)), OPEN)

    (conflict,) = schedule.conflicts
    assert (conflict.kind, conflict.visit) == (ConflictKind.NO_DAY, "RES")
    assert named(conflict.reasons) == {
        (Why.DATE, "day_one"),
        (Why.OCCURRED, "C6D1"),
        (Why.RULE, "RES"),
        (Why.WINDOW, "RES"),
    }
    bounds = {reason.why: (reason.lo and reason.lo.days, reason.hi and reason.hi.days) for reason in conflict.reasons}
    assert bounds[Why.RULE] == (28, None)
    assert bounds[Why.WINDOW] == (98, 125)  # day 99 to day 126


def test_surgery_without_a_day_counts_as_on_its_target_for_the_visits_after_it():
    schedule = plan(SHRINK, START.occurred("C6D1", day(99)), OPEN)

    assert schedule.by_code["RES"].target == day(126)  # day 99 + 35 is day 134, clamped into the window
    assert schedule.by_code["P60"].suggested == day(186)


@pytest.mark.parametrize(
    ("facts", "code", "asked", "rule"),
    [
        (START.occurred("C6D1", day(71)), "RES", day(71 + 27), "surgery-after-folfox"),
        (START.occurred("N1", day(32)), "N2", day(32 + 13), "infusion-interval"),
    ],
)
def test_the_day_before_a_minimum_gap_ends_is_not_possible_and_says_so(facts, code, asked, rule):
    answer = explain(plan(SHRINK, facts, OPEN), code, asked)

    assert answer.verdict is Verdict.IMPOSSIBLE
    assert rule in {reason.rule for reason in answer.reasons}


@pytest.mark.parametrize(
    ("code", "anchor", "facts"),
    [
        ("P14", "RES", START.booked("RES", date(2025, 6, 16))),
        ("EOC", "C6D1", START.booked("C6D1", day(71))),
        ("N1", "C3D1", START.booked("C3D1", day(29))),
    ],
)
def test_no_visit_is_possible_before_the_one_it_counts_from(code, anchor, facts):
    schedule = plan(SHRINK, facts, OPEN)

    first = schedule.by_code[anchor].booked
    assert min(schedule.by_code[code].possible) >= first


def test_folfox_4_a_week_late_moves_what_hangs_on_it_and_not_the_imaging_nor_day_126():
    before = plan(SHRINK, START, OPEN)

    after = plan(SHRINK, START.occurred("C4D1", day(50)), OPEN)

    moved = {change.code: (change.after.day - change.before.day).days for change in changes(before, after)}
    assert {code: moved[code] for code in ("C4D1", "C5D1", "C6D1", "N2", "N3")} == dict.fromkeys(
        ("C4D1", "C5D1", "C6D1", "N2", "N3"), 7
    )
    assert {"IM1", "IM2", "MDT", "N1", "M7", "M28"} & moved.keys() == set()
    assert after.by_code["RES"].window.latest == day(126)


def test_with_all_cycles_planned_folfox_4_on_day_71_would_leave_surgery_no_day():
    schedule = plan(SHRINK, START, OPEN)

    answer = explain(schedule, "C4D1", day(71))

    assert answer.verdict is Verdict.IMPOSSIBLE
    assert {reason.visit for reason in answer.reasons} == {"day_one", "C4D1", "C5D1", "C6D1", "RES"}
    assert explain(schedule, "C4D1", day(70)).verdict is Verdict.OUTSIDE


def test_an_absence_on_days_43_to_49_leaves_earlier_cycles_and_expects_cycle_4_outside_its_window():
    schedule = plan(SHRINK, START, closed(day(43), day(49), Because.ABSENCE))

    assert suggested(schedule, CYCLES) == [day(n) for n in (1, 15, 29, 50, 64, 78)]
    assert [(v.code, [d.days for d in v.deviations]) for v in schedule.visits if v.deviations and v.code in CYCLES] == [
        ("C4D1", [4])
    ]


def test_with_folfox_6_omitted_surgery_counts_from_folfox_5():
    schedule = plan(SHRINK, START.omitted("C6D1"), OPEN)

    surgery, end = schedule.by_code["RES"], schedule.by_code["EOC"]
    assert (surgery.anchor, end.anchor) == ("C5D1", "C5D1")
    assert surgery.target == day(99)  # day 57 + 35 is day 92, clamped into the window
    assert end.target == day(57 + 14)
    assert [schedule.by_code[code].state for code in ("C6P", "C6D1", "C6D3")] == [State.CANCELED] * 3


def test_a_skipped_cycle_keeps_its_ideal_day_for_what_counts_from_it():
    schedule = plan(SHRINK, START.occurred("C3D1", day(31)).omitted("C4D1"), OPEN)

    assert schedule.by_code["C4D1"].target == day(45)  # 31 + 14
    assert schedule.by_code["C5D1"].target == day(59)
    assert schedule.by_code["N2"].target == day(48)


def test_the_dlt_review_counts_from_the_first_infusion_given():
    schedule = plan(SHRINK, START.omitted("N1"), OPEN)

    review = schedule.by_code["DLT"]
    assert (review.anchor, review.target) == ("N2", day(60))


def test_without_surgery_the_visits_after_it_fall_away_and_the_safety_visit_is_planned():
    schedule = plan(SHRINK, START.decided("resectable", "no"), OPEN)

    states = {code: schedule.by_code[code].state for code in ("PRE", "RES", "P14", "P60", "NR")}
    assert states == dict.fromkeys(("PRE", "RES", "P14", "P60"), State.NOT_APPLICABLE) | {"NR": State.PLANNED}
    assert schedule.by_code["NR"].window == Window(day(126), day(140))
    assert schedule.days_left is None


def test_belgian_holidays_and_weekends_leave_a_plan_without_conflict():
    schedule = plan(SHRINK, START, WORKING_WEEK)

    assert schedule.conflicts == ()
    assert schedule.by_code["N3"].suggested == date(2025, 5, 2)  # day 60 is Labour Day; the window has one day more
    assert schedule.by_code["N3+1"].suggested == date(2025, 5, 3)  # a Saturday: by telephone
    assert min(schedule.by_code["RES"].live) == date(2025, 6, 10)  # day 99 is Whit Monday


def test_without_a_registration_date_the_follow_up_waits_and_the_treatment_is_planned():
    schedule = plan(SHRINK, START.__class__(dates={"day_one": day(1)}), OPEN)

    waiting = [visit.code for visit in schedule.visits if visit.state is State.PLANNED and visit.target is None]
    assert waiting == ["REG", "M7", "M10", "M13", "M16", "M19", "M22", "M25", "M28", "ET"]
    assert schedule.by_code["M28"].possible.ranges() == ()
    assert schedule.by_code["C6D1"].suggested == day(71)


def test_the_patient_is_not_shown_what_staff_must_decide_first():
    """Overdue bloods may have been taken; the visits after surgery count from a surgery that has no day."""
    late = plan(SHRINK, START.occurred("C6D1", day(99)), OPEN, today=day(100))

    secret = secret_words(SHRINK)
    assert {code: glimpse(late.by_code[code], secret, "en") for code in ("C2P", "PRE", "P14", "P60")} == dict.fromkeys(
        ("C2P", "PRE", "P14", "P60")
    )
    assert glimpse(late.by_code["M28"], secret, "en") is not None


def test_a_visit_whose_date_nobody_gave_waits_and_is_no_alarm():
    """Early termination counts from a day that is given only when it happens; FOLFOX 6 on day 99 leaves no surgery."""
    schedule = plan(SHRINK, START.occurred("C6D1", day(99)), OPEN)
    found = {code: schedule.by_code[code] for code in ("ET", "RES", "C5D1")}

    assert {code: (visit.day is None, visit.waits) for code, visit in found.items()} == {
        "ET": (True, True),
        "RES": (True, False),
        "C5D1": (False, False),
    }
