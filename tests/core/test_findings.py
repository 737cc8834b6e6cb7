"""Deviations, conflicts and flags: what a person is told. `day(n)` is study day n; Day 1 is Monday 3 March 2025."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.days import Span, Unit
from planner.core.deviations import Deviation, FlagKind, Nature
from planner.core.explain import Why
from planner.core.facts import Acceptance, Facts, State
from planner.core.protocol import (
    Anchor,
    Block,
    Clock,
    Condition,
    Encounter,
    Instance,
    KeyVisit,
    NamedDate,
    Skipped,
    Stay,
    Strength,
    Timing,
)
from planner.core.schedule import Verdict, explain, plan

from .small import DAY_1, OPEN, closed, day, protocol, rule, started, text, visit, within

START = Facts(dates={"d1": DAY_1})
ONE = protocol(visit("A", offset=7, window=within(1, 2)))
TWO = protocol(visit("A", offset=7), visit("B", "A", 14, window=within(5, 5)), rules=(rule("A", "B", 10),))


def found(schedule):
    return [(conflict.kind, conflict.visit) for conflict in schedule.conflicts]


def kinds(schedule, code):
    return [flag.kind for flag in schedule.by_code[code].flags]


# Deviations


@pytest.mark.parametrize(
    ("facts", "nature", "days"),
    [
        (started(A=day(6)), Nature.ACTUAL, -1),
        (started(A=day(13)), Nature.ACTUAL, 3),
        (START.booked("A", day(11)), Nature.EXPECTED, 1),
    ],
)
def test_a_day_outside_the_window_is_a_deviation_by_that_many_days(facts, nature, days):
    assert plan(ONE, facts, OPEN).by_code["A"].deviations == (Deviation("A", "window", nature, days),)


@pytest.mark.parametrize("n", [7, 8, 10])
def test_the_first_and_the_last_day_of_the_window_are_no_deviation(n):
    assert plan(ONE, started(A=day(n)), OPEN).by_code["A"].deviations == ()


def test_an_accepted_deviation_carries_the_words_of_the_person_who_accepted_it():
    facts = START.booked("A", day(11)).accepting(Acceptance("window", "A", "holiday"))

    (deviation,) = plan(ONE, facts, OPEN).by_code["A"].deviations

    assert (deviation.reason, deviation.accepted) == ("holiday", True)


def test_a_visit_that_does_not_take_place_deviates_from_nothing():
    assert plan(ONE, START.missed("A"), closed(day(1), day(60))).by_code["A"].deviations == ()


def test_a_rule_broken_by_what_happened_is_a_deviation():
    schedule = plan(TWO, started(A=day(8), B=day(16)), OPEN)

    deviations = schedule.by_code["B"].deviations
    assert found(schedule) == []
    assert [(d.rule, d.nature, d.days) for d in deviations] == [
        ("window", Nature.ACTUAL, -1),
        ("A-B", Nature.ACTUAL, 0),
    ]


# Conflicts


def test_a_rule_broken_by_a_booking_is_a_conflict_until_a_person_accepts_it():
    facts = started(A=day(8)).booked("B", day(17))

    waiting = plan(TWO, facts, OPEN)
    accepted = plan(TWO, facts.accepting(Acceptance("A-B", "B", "scanner down")), OPEN)

    assert found(waiting) == [(ConflictKind.RULE, "B")]
    assert [reason.why for reason in waiting.conflicts[0].reasons] == [Why.RULE, Why.OCCURRED, Why.BOOKED]
    assert found(accepted) == []
    assert [(d.rule, d.nature, d.reason) for d in accepted.by_code["B"].deviations] == [
        ("A-B", Nature.EXPECTED, "scanner down")
    ]


def test_the_possible_days_of_a_clashing_booking_are_those_that_would_not_clash():
    schedule = plan(TWO, started(A=day(8)).booked("B", day(17)), OPEN)

    assert min(schedule.by_code["B"].possible) == day(18)
    assert max(plan(TWO, started(B=day(17)).booked("A", day(8)), OPEN).by_code["A"].possible) == day(7)


def test_a_booking_on_a_closed_day_is_a_conflict_and_what_happened_on_one_is_not():
    calendar = closed(day(8), because=Because.HOLIDAY)

    booked = plan(ONE, START.booked("A", day(8)), calendar)

    assert found(booked) == [(ConflictKind.CLOSED, "A")]
    assert [reason.why for reason in booked.conflicts[0].reasons] == [Why.BOOKED, Why.CLOSED]
    assert day(8) not in booked.by_code["A"].possible
    assert found(plan(ONE, started(A=day(8)), calendar)) == []


def test_a_day_1_that_is_closed_is_a_conflict():
    trial = protocol(visit("V1", window=within(0, 0)), dates=(NamedDate("d1", text("Day 1"), visit="V1"),))

    assert found(plan(trial, START, closed(DAY_1))) == [(ConflictKind.CLOSED, "V1")]


def test_a_booking_off_the_named_date_that_it_stands_on_is_a_conflict():
    trial = protocol(visit("V1", window=within(0, 0)), dates=(NamedDate("d1", text("Day 1"), visit="V1"),))

    schedule = plan(trial, START.booked("V1", day(2)), OPEN)

    assert found(schedule) == [(ConflictKind.RULE, "V1")]
    assert schedule.by_code["V1"].possible.ranges() == ((DAY_1, DAY_1),)


def test_a_booking_in_a_branch_that_was_decided_against_is_a_conflict():
    trial = protocol(visit("A", offset=7, conditions=(Condition("go", ("yes",)),)))

    schedule = plan(trial, START.booked("A", day(8)).decided("go", "no"), OPEN)

    assert found(schedule) == [(ConflictKind.BRANCH, "A")]
    assert [(reason.why, reason.rule) for reason in schedule.conflicts[0].reasons] == [(Why.DECISION, "go")]


def test_a_booking_whose_anchor_was_skipped_is_a_conflict_where_it_would_have_fallen_away():
    trial = protocol(visit("A", offset=7), visit("B", "A", 1, skipped=Skipped.DROP))

    schedule = plan(trial, START.missed("A").booked("B", day(9)), OPEN)

    assert found(schedule) == [(ConflictKind.BRANCH, "B")]
    assert [(reason.why, reason.other) for reason in schedule.conflicts[0].reasons] == [(Why.SKIPPED, "A")]


def test_a_visit_between_two_fixed_ones_that_are_too_close_is_set_aside_and_the_rest_is_planned():
    trial = protocol(
        visit("A", offset=7),
        visit("B", "A", 14),
        visit("C", "B", 14),
        visit("D", "B", 3),
        rules=(rule("A", "B", 14), rule("B", "C", 14)),
    )

    schedule = plan(trial, started(A=day(8)).booked("C", day(30)), OPEN)

    assert found(schedule) == [(ConflictKind.NO_DAY, "B")]
    assert {(r.why, r.visit) for r in schedule.conflicts[0].reasons} == {
        (Why.OCCURRED, "A"),
        (Why.BOOKED, "C"),
        (Why.RULE, "B"),
        (Why.RULE, "C"),
    }
    assert (schedule.by_code["B"].suggested, schedule.by_code["B"].deviations) == (None, ())
    assert schedule.by_code["D"].suggested == day(25)  # B counts as on its target, day 22


def test_the_days_of_a_fixed_visit_are_told_although_another_visit_has_none():
    trial = protocol(visit("A", offset=7), visit("B", offset=14), rules=(rule("d1", "B", None, 5),))

    schedule = plan(trial, START.booked("A", day(8)), closed(day(1), day(10)))

    assert found(schedule) == [(ConflictKind.CLOSED, "A"), (ConflictKind.NO_DAY, "B")]
    assert min(schedule.by_code["A"].possible) == day(11)


# Flags


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (day(1), []),
        (day(3), [FlagKind.CLOSING]),
        (day(7), [FlagKind.DUE, FlagKind.CLOSING]),
        (day(10), [FlagKind.DUE, FlagKind.CLOSING]),
        (day(11), [FlagKind.OVERDUE]),
    ],
)
def test_a_planned_visit_is_due_while_its_window_is_open_and_overdue_after_it(today, said):
    assert kinds(plan(ONE, START, OPEN, today), "A") == said


def test_a_visit_without_a_window_is_due_from_its_target_on():
    trial = protocol(visit("A", offset=7))

    assert [kinds(plan(trial, START, OPEN, day(n)), "A") for n in (7, 8, 20)] == [[], [FlagKind.DUE], [FlagKind.DUE]]


@pytest.mark.parametrize(("n", "said"), [(8, []), (9, [FlagKind.DUE]), (10, [FlagKind.TO_RECORD])])
def test_a_booked_visit_is_due_on_its_day_and_asks_to_be_recorded_after_it(n, said):
    assert kinds(plan(ONE, START.booked("A", day(9)), OPEN, day(n)), "A") == said


def test_what_occurred_says_nothing_more():
    assert kinds(plan(ONE, started(A=day(8)), closed(day(8)), day(30)), "A") == []


def test_a_branch_that_nobody_decided_is_said_to_be_assumed():
    trial = protocol(visit("A", offset=7, conditions=(Condition("go", ("yes",)),)))

    assert kinds(plan(trial, START, OPEN), "A") == [FlagKind.ASSUMED]
    assert kinds(plan(trial, START.decided("go", "yes"), OPEN), "A") == []


def test_a_target_on_a_closed_day_is_a_clash_that_names_the_closure():
    schedule = plan(ONE, START, closed(day(8)))

    (flag,) = schedule.by_code["A"].flags
    assert (flag.kind, [reason.closure.name for reason in flag.broken]) == (FlagKind.CLASH, ["closed"])
    assert (schedule.by_code["A"].clashes, plan(ONE, START, OPEN).by_code["A"].clashes) == (True, False)


def test_few_days_left_for_the_key_visit_are_flagged():
    few = replace(ONE, key_visit=KeyVisit("A", 5))
    enough = replace(ONE, key_visit=KeyVisit("A", 4))

    assert kinds(plan(few, START, OPEN), "A") == [FlagKind.FEW_DAYS_LEFT]
    assert kinds(plan(enough, START, OPEN), "A") == []
    left = plan(few, START, closed(day(8))).days_left
    assert (left.days_left, left.can_slip, left.open_days_left) == (4, 3, 3)


def test_a_flag_rule_is_said_and_moves_nothing():
    late = rule("A", "B", 20, strength=Strength.FLAG), rule("A", "B", None, 10, Strength.FLAG)
    trial = protocol(visit("A", offset=7), visit("B", "A", 14), rules=late)

    schedule = plan(trial, START, OPEN)

    assert schedule.by_code["B"].suggested == day(22)
    assert [(flag.kind, flag.broken[0].rule) for flag in schedule.by_code["B"].flags] == [(FlagKind.RULE, "A-B")] * 2
    assert kinds(plan(trial, START.missed("A"), OPEN), "B") == []


def test_a_flag_rule_may_count_from_the_end_of_a_stay():
    late = replace(rule("A", "B", None, 9, Strength.FLAG), first=Anchor(("A",), end=True))
    trial = protocol(visit("A", offset=7, stay=Stay(3, 5, 7)), visit("B", "A", 14), rules=(late,))

    assert kinds(plan(trial, START, OPEN), "B") == []  # 14 days after the start, 9 after the planned end
    assert kinds(plan(trial, START.occurred("A", day(8), day(10)), OPEN), "B") == [FlagKind.RULE]


def test_a_flag_rule_on_a_visit_that_waits_for_its_date_says_nothing():
    dates = (NamedDate("d1", text("Day 1")), NamedDate("later", text("Later"), required=False))
    flag = rule("A", "B", 30, strength=Strength.FLAG)
    trial = protocol(visit("A", offset=7), visit("B", "later", 0), dates=dates, rules=(flag,))

    assert kinds(plan(trial, START, OPEN), "B") == []


def test_every_visit_that_clashes_is_set_aside_and_no_other():
    pairs = [visit(f"{kind}{n}", offset=10 * n) for n in range(1, 5) for kind in "AB"]
    bad = (rule("d1", "A2", None, 5), rule("d1", "A2", 9), rule("A1", "B3", 70), rule("d1", "B3", None, 60))

    schedule = plan(protocol(*pairs, rules=bad), START.booked("A1", day(11)), OPEN)

    assert found(schedule) == [(ConflictKind.NO_DAY, "A2"), (ConflictKind.NO_DAY, "B3")]
    assert [v.code for v in schedule.visits if v.day is None] == ["A2", "B3"]


def test_a_rule_on_a_visit_made_as_needed_is_kept_when_its_own_day_is_asked_for():
    needed = Encounter("U", "e", text("U"), None)
    trial = protocol(
        visit("A", offset=7), needed, visit("B", offset=9), rules=(rule("A", "U", 5), rule("d1", "B", None, 3))
    )

    schedule = plan(trial, started(A=day(8)).booked("U", day(13)), closed(day(1), day(10)))

    assert min(schedule.by_code["U"].possible) == day(13)
    assert found(schedule) == [(ConflictKind.NO_DAY, "B")]


# Rules with the strength of a window


NEAR = protocol(
    visit("A", offset=7, window=within(0, 9)),
    visit("B", offset=17, window=within(9, 9)),
    rules=(rule("A", "B", 8, 12, Strength.WINDOW),),
)


def test_a_rule_of_a_windows_strength_cuts_the_bookable_days_and_not_the_possible_ones():
    b = plan(NEAR, started(A=day(8)), OPEN).by_code["B"]

    assert b.live.ranges() == ((day(16), day(20)),)
    assert day(25) in b.possible
    assert plan(NEAR, started(A=day(14)), OPEN).by_code["B"].suggested == day(22)


def test_a_rule_of_a_windows_strength_that_is_broken_is_a_deviation_by_that_many_days():
    booked = plan(NEAR, started(A=day(8)).booked("B", day(23)), OPEN)
    happened = plan(NEAR, started(A=day(8), B=day(23)), OPEN)
    accepted = plan(NEAR, started(A=day(8), B=day(23)).accepting(Acceptance("A-B", "B", "strike")), OPEN)

    assert [(d.rule, d.nature, d.days) for d in booked.by_code["B"].deviations] == [("A-B", Nature.EXPECTED, 3)]
    assert [(d.rule, d.nature, d.days) for d in happened.by_code["B"].deviations] == [("A-B", Nature.ACTUAL, 3)]
    assert [d.reason for d in accepted.by_code["B"].deviations] == ["strike"]
    assert found(booked) == []


def test_a_day_outside_such_a_rule_says_which():
    answer = explain(plan(NEAR, started(A=day(8)), OPEN), "B", day(23))
    both = explain(plan(NEAR, started(A=day(8)), OPEN), "B", day(30))

    assert (answer.verdict, [reason.rule for reason in answer.reasons]) == (Verdict.OUTSIDE, ["A-B"])
    assert [reason.why for reason in both.reasons] == [Why.WINDOW, Why.RULE]


def test_an_origin_visit_booked_outside_its_window_deviates_from_its_date_as_given():
    trial = protocol(
        visit("V1", window=within(3, 3)), visit("V2", offset=7), dates=(NamedDate("d1", text("Day 1"), visit="V1"),)
    )

    schedule = plan(trial, START.booked("V1", day(6)), OPEN)

    assert [d.days for d in schedule.by_code["V1"].deviations] == [2]
    assert schedule.by_code["V2"].target == day(13)


def test_what_counts_from_a_repetition_that_will_not_come_falls_away_with_it():
    over = Block("c", 1, 3, ahead=1, until=Condition("go", ("no",)))
    cycles = [visit(f"C{n}", offset=21 * n, instance=Instance("c", n, "C{n}")) for n in (1, 2, 3)]
    after = visit("E", timing=Timing(Anchor(("C1", "C2", "C3"), -1), Span(7), skipped=Skipped.DROP))
    trial = protocol(*cycles, after, blocks=(over,))

    states = {v.code: v.state for v in plan(trial, START.decided("go", "no"), OPEN).visits}

    assert states == {"E": State.NOT_APPLICABLE}
    assert plan(trial, START, OPEN).by_code["E"].state is State.PLANNED


# After a person's word


def test_nobody_accepts_away_an_absolute_rule():
    absolute = protocol(visit("A", offset=7), visit("B", "A", 14), rules=(rule("A", "B", 10, None, Strength.ABSOLUTE),))

    schedule = plan(absolute, started(A=day(8)).booked("B", day(17)).accepting(Acceptance("A-B", "B", "ok")), OPEN)

    assert found(schedule) == [(ConflictKind.RULE, "B")]


def test_an_acceptance_counts_for_the_visit_that_it_names_only():
    three = protocol(visit("A", offset=7), visit("B", "A", 14), rules=(rule("A", "B", 10),))

    schedule = plan(three, started(A=day(8)).booked("B", day(17)).accepting(Acceptance("A-B", "A", "ok")), OPEN)

    assert found(schedule) == [(ConflictKind.RULE, "B")]


def test_what_was_to_be_before_the_end_of_the_study_asks_to_be_recorded():
    pinned = (NamedDate("d1", text("Day 1"), visit="V1"),)
    trial = protocol(visit("V1", window=within(0, 0)), visit("A", offset=7), visit("B", offset=14), dates=pinned)

    schedule = plan(trial, replace(START.booked("A", day(8)).booked("B", day(15)), ended=day(10)), OPEN)

    assert [v.state for v in schedule.visits] == [State.PLANNED, State.BOOKED, State.CANCELED]


def test_what_counts_from_a_visit_without_a_day_is_adrift():
    trial = protocol(visit("A", offset=7), visit("B", "A", 3), visit("C", "B", 3), rules=(rule("d1", "A", None, 2),))

    schedule = plan(trial, START, closed(day(1), day(10)))

    assert found(schedule) == [(ConflictKind.NO_DAY, "A")]
    assert [kinds(schedule, code)[-1:] for code in "ABC"] == [[FlagKind.CLASH], [FlagKind.ADRIFT], [FlagKind.ADRIFT]]
    assert FlagKind.ADRIFT not in kinds(plan(trial, START.omitted("B"), closed(day(1), day(10))), "B")


def test_the_ideal_day_of_a_skipped_visit_is_provisional_only_if_it_hangs_on_a_suggested_one():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), visit("C", "B", 7))

    after_record, after_plan = (plan(trial, facts.omitted("B"), OPEN) for facts in (started(A=day(8)), START))

    assert (after_record.by_code["C"].provisional, after_plan.by_code["C"].provisional) == (False, True)


def test_facts_of_another_edition_or_machine_do_not_stop_a_plan():
    trial = protocol(visit("A", offset=7), visit("OFF", "A", 1, clock=Clock("A", 60)))
    facts = START.dated("gone", day(1)).booked("A", day(8), time(9, 0), "Mars/Olympus")

    schedule = plan(trial, facts, OPEN)

    assert [(v.code, v.clock) for v in schedule.visits] == [("A", None), ("OFF", None)]


def test_a_chain_behind_a_long_closure_still_has_its_days():
    trial = protocol(visit("A", offset=7), visit("B", "A", 90), rules=(rule("A", "B", 90),))

    schedule = plan(trial, START, closed(day(1), day(200)))

    assert found(schedule) == []
    assert (schedule.by_code["A"].suggested, schedule.by_code["B"].suggested) == (day(201), day(291))


def test_a_visit_without_a_window_long_past_its_target_still_has_days():
    schedule = plan(protocol(visit("A", offset=7)), START, OPEN, today=day(150))

    assert found(schedule) == []
    assert schedule.by_code["A"].suggested == day(150)


def test_a_visit_may_count_from_one_that_was_made_as_needed():
    trial = protocol(Encounter("U", "e", text("U"), None), visit("A", "U", 7, skipped=Skipped.DROP))

    a = plan(trial, START.occurred("U", day(40)), OPEN).by_code["A"]

    assert (a.target, a.suggested, min(a.possible)) == (day(47), day(47), day(40))
    assert plan(trial, START, OPEN).by_code["A"].target is None


def test_a_working_day_after_a_stay_is_counted_from_its_end():
    """A stay from Thursday 6 to Saturday 8 March; the next working day is Monday 10."""
    after = replace(rule("A", "B", 0), first=Anchor(("A",), end=True), lo=Span(1, Unit.WORKING_DAYS))
    trial = protocol(visit("A", offset=3, stay=Stay(2, 2, 2)), visit("B", "A", 1), rules=(after,))

    schedule = plan(trial, START.booked("A", day(4)), OPEN)

    assert min(schedule.by_code["B"].possible) == day(8)


def test_a_record_looked_at_again_sets_the_visits_after_it_aside_and_not_itself():
    """C may have been on any day up to today, day 7; D, from today on, would then have no day before it."""
    rules = (rule("D", "C", 8, 15), rule("A", "D", 0))
    trial = protocol(visit("A"), visit("C", offset=7), visit("D", offset=3), rules=rules)

    schedule = plan(trial, started(A=day(6), C=day(21)), OPEN, today=day(7))

    assert schedule.by_code["C"].possible.ranges() == ((day(1), day(7)),)


def test_a_broken_rule_that_ends_on_a_named_date_is_told_of_a_visit():
    on_date = protocol(
        visit("V1", window=within(0, 0)),
        visit("A", offset=-7),
        rules=(rule("A", "d1", 3),),
        dates=(NamedDate("d1", text("Day 1"), visit="V1"),),
    )
    bare = protocol(visit("A", offset=-7), rules=(rule("A", "d1", 3),))

    told = [plan(trial, started(A=day(1)), OPEN) for trial in (on_date, bare)]

    assert [[(v.code, d.rule) for v in s.visits for d in v.deviations] for s in told] == [
        [("V1", "A-d1")],
        [("A", "A-d1")],
    ]
    assert found(plan(bare, START.booked("A", day(1)), OPEN)) == [(ConflictKind.RULE, "A")]
