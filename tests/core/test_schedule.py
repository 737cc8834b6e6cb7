"""What a plan derives from facts: anchors, windows, possible and live days, suggestions, today.

Day 1 is Monday 3 March 2025; `day(n)` is study day n.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import Because
from planner.core.days import Span, Unit, Window
from planner.core.errors import NotFound
from planner.core.explain import Why
from planner.core.facts import Facts, State
from planner.core.protocol import (
    Anchor,
    Block,
    Bounds,
    Clock,
    Condition,
    Encounter,
    Epoch,
    Instance,
    KeyVisit,
    NamedDate,
    Skipped,
    Stay,
    Strength,
    Timing,
    Tolerance,
)
from planner.core.schedule import Verdict, changes, explain, plan, repairs

from .small import DAY_1, OPEN, closed, day, protocol, rule, started, text, visit, within

START = Facts(dates={"d1": DAY_1})


def live(schedule, code):
    return [(first, last) for first, last in schedule.by_code[code].live.ranges()]


# Anchors


def test_a_chained_visit_follows_the_actual_day_and_a_fixed_one_does_not():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), visit("C", offset=14))

    schedule = plan(trial, started(A=day(10)), OPEN)

    assert schedule.by_code["B"].target == day(17)
    assert schedule.by_code["C"].target == day(15)


def test_an_anchor_counts_on_its_actual_day_else_its_booked_day_else_its_suggested_day():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7))

    days = [
        plan(trial, facts, OPEN).by_code["B"].target for facts in (started(A=day(9)), START.booked("A", day(10)), START)
    ]

    assert days == [day(16), day(17), day(15)]


def test_what_hangs_on_a_suggested_day_is_provisional():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7))

    assert [v.provisional for v in plan(trial, START, OPEN).visits] == [False, True]
    assert [v.provisional for v in plan(trial, START.booked("A", day(8)), OPEN).visits] == [False, False]


@pytest.mark.parametrize(
    ("skipped", "target", "state"),
    [(Skipped.IDEAL, day(15), State.PLANNED), (Skipped.DROP, day(15), State.CANCELED)],
)
def test_a_skipped_anchor_means_what_the_protocol_says(skipped, target, state):
    trial = protocol(visit("A", offset=7), visit("B", "A", 7, skipped=skipped))

    b = plan(trial, START.missed("A"), OPEN).by_code["B"]

    assert (b.target, b.state) == (target, state)


def test_what_hangs_on_a_visit_of_the_other_branch_falls_away_with_it():
    other = (Condition("go", ("no",)),)
    trial = protocol(visit("A", offset=7, conditions=other), visit("B", "A", 7, skipped=Skipped.DROP))

    states = [v.state for v in plan(trial, START, OPEN).visits]

    assert states == [State.NOT_APPLICABLE, State.NOT_APPLICABLE]


def test_an_anchor_may_be_the_first_second_or_last_that_takes_place():
    series = ("A", "B", "C")
    picks = {
        code: visit(code, timing=Timing(Anchor(series, pick), Span(1), skipped=Skipped.DROP))
        for code, pick in (("F", 0), ("S", 1), ("L", -1))
    }
    trial = protocol(*(visit(code, offset=10 * n) for n, code in enumerate(series)), *picks.values())

    both = plan(trial, START.missed("A"), OPEN)
    one = plan(trial, START.missed("A").missed("C"), OPEN)

    assert {code: both.by_code[code].anchor for code in picks} == {"F": "B", "S": "C", "L": "C"}
    assert [one.by_code[code].state for code in "FSL"] == [State.PLANNED, State.CANCELED, State.PLANNED]


def test_a_visit_may_count_from_the_end_of_a_stay_as_planned_or_as_it_was():
    call = visit("CALL", timing=Timing(Anchor(("OP",), end=True), Span(3)))
    trial = protocol(visit("OP", offset=7, stay=Stay(2, 5, 9)), call)

    planned = plan(trial, START, OPEN).by_code["CALL"]
    actual = plan(trial, START.occurred("OP", day(8), end=day(10)), OPEN).by_code["CALL"]

    assert planned.target == day(8 + 5 + 3)
    assert actual.target == day(13)
    assert min(actual.possible) == day(10)  # no visit before the end it counts from


# Windows, targets, possible and live days


def test_no_window_is_not_a_zero_window():
    trial = protocol(visit("A", offset=7), visit("B", offset=7, window=within(0, 0)))

    schedule = plan(trial, START, OPEN)

    assert (schedule.by_code["A"].window, schedule.by_code["B"].window) == (None, Window(day(8), day(8)))
    assert len(schedule.by_code["A"].live) > 1
    assert live(schedule, "B") == [(day(8), day(8))]


def test_a_window_may_have_no_limit_on_one_side():
    trial = protocol(visit("A", offset=7, window=Tolerance(Span(0), None)))

    a = plan(trial, START, OPEN).by_code["A"]

    assert a.window == Window(day(8), None)
    assert min(a.live) == day(8)


def test_without_a_window_the_visits_before_and_after_are_the_limits():
    trial = protocol(visit("A", offset=7), visit("B", offset=14), visit("C", offset=21))

    schedule = plan(trial, START.booked("A", day(9)).booked("C", day(20)), OPEN)

    assert live(schedule, "B") == [(day(9), day(20))]
    assert explain(schedule, "B", day(21)).verdict is Verdict.OUTSIDE
    assert [r.why for r in explain(schedule, "B", day(21)).reasons] == [Why.NEIGHBOUR]


def test_neighbours_that_have_swapped_places_leave_only_the_earlier_limit():
    trial = protocol(visit("A", offset=7), visit("B", offset=14), visit("C", offset=21))

    schedule = plan(trial, START.booked("A", day(30)).booked("C", day(20)), OPEN)

    assert min(schedule.by_code["B"].live) == day(30)


def test_a_window_never_moves_with_its_visit():
    trial = protocol(visit("A", offset=7, window=within(2, 2)))

    windows = [
        plan(trial, facts, OPEN).by_code["A"].window for facts in (START, START.booked("A", day(9)), started(A=day(20)))
    ]

    assert windows == [Window(day(6), day(10))] * 3


def test_a_target_on_one_anchor_is_clamped_into_a_window_on_another():
    window = Bounds(Anchor(("d1",)), Span(29), Span(39))
    trial = protocol(visit("A", offset=7), visit("B", timing=Timing(Anchor(("A",)), Span(5), window)))

    targets = [
        plan(trial, facts, OPEN).by_code["B"].target for facts in (START, started(A=day(28)), started(A=day(60)))
    ]

    assert targets == [day(30), day(33), day(40)]


def test_months_are_counted_from_their_origin_and_so_is_their_tolerance():
    months = Tolerance(Span(1, Unit.MONTHS), Span(1, Unit.WEEKS))
    trial = protocol(visit("M", timing=Timing(Anchor(("d1",)), Span(4, Unit.MONTHS), months)))

    m = plan(trial, Facts(dates={"d1": date(2024, 10, 31)}), OPEN).by_code["M"]

    assert m.target == date(2025, 2, 28)
    assert m.window == Window(date(2025, 1, 31), date(2025, 3, 7))  # 3 months; target + 7 days


def test_working_days_skip_weekends_and_holidays():
    two = Span(2, Unit.WORKING_DAYS)
    window = Tolerance(Span(1, Unit.WORKING_DAYS), Span(0))
    trial = protocol(visit("W", timing=Timing(Anchor(("d1",)), two, window)))

    calendar = closed(date(2025, 3, 7), because=Because.HOLIDAY)
    w = plan(trial, Facts(dates={"d1": date(2025, 3, 6)}), calendar).by_code["W"]

    assert w.target == date(2025, 3, 11)  # Thursday; Friday is a holiday; Monday, Tuesday
    assert w.window == Window(date(2025, 3, 10), date(2025, 3, 11))


def test_a_hard_window_in_months_and_days_binds_like_any_rule():
    window = Tolerance(Span(14), Span(0))
    timing = Timing(Anchor(("A",)), Span(1, Unit.MONTHS), window, Strength.HARD)
    trial = protocol(visit("A"), visit("B", timing=timing))

    schedule = plan(trial, started(A=date(2025, 3, 31)), OPEN)

    assert schedule.by_code["B"].possible.ranges() == ((date(2025, 4, 16), date(2025, 4, 30)),)


def test_a_rule_in_months_binds_visits_that_can_still_move():
    three_months = replace(rule("A", "B", 0), lo=Span(3, Unit.MONTHS))
    trial = protocol(visit("A", offset=0), visit("B", "A", 7), rules=(three_months,))

    schedule = plan(trial, started(A=date(2025, 11, 30)), OPEN)

    assert min(schedule.by_code["B"].possible) == date(2026, 2, 28)


def test_hard_rules_travel_and_windows_do_not():
    trial = protocol(
        visit("A", offset=7, window=within(0, 30)), visit("B", "A", 7, window=within(0, 0)), rules=(rule("A", "B", 10),)
    )

    schedule = plan(trial, START, OPEN)

    assert schedule.by_code["A"].suggested == day(8)
    assert schedule.by_code["B"].suggested == day(18)  # A is not moved to spare B's window
    assert [d.days for d in schedule.by_code["B"].deviations] == [3]


def test_a_later_hard_limit_cuts_the_days_of_the_visits_before_it():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), rules=(rule("A", "B", 10), rule("d1", "B", None, 20)))

    assert max(plan(trial, START, OPEN).by_code["A"].possible) == day(11)  # B by day 21, 10 days after A


def test_the_possible_days_of_a_booked_visit_are_those_with_its_booking_lifted():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), rules=(rule("A", "B", 5, 9),))

    schedule = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    assert schedule.by_code["A"].possible.ranges() == ((day(6), day(10)),)
    assert schedule.by_code["B"].possible.ranges() == ((day(13), day(17)),)


def test_the_nearest_live_day_is_suggested_and_the_earlier_on_a_tie():
    trial = protocol(visit("A", offset=7, window=within(3, 3)))

    tie = plan(trial, START, closed(day(8))).by_code["A"]
    later = plan(trial, START, closed(day(6), day(8))).by_code["A"]

    assert (tie.suggested, later.suggested) == (day(7), day(9))


def test_where_no_day_of_the_window_is_open_the_nearest_possible_day_is_expected_outside_it():
    trial = protocol(visit("A", offset=7, window=within(1, 1)))

    a = plan(trial, START, closed(day(5), day(9))).by_code["A"]

    assert (a.suggested, [d.days for d in a.deviations], list(a.live)) == (day(10), [1], [])


# Named dates and origin visits


PINNED = {"dates": (NamedDate("d1", text("Day 1"), visit="V1"),)}


def test_the_visit_of_a_named_date_stands_on_it():
    trial = protocol(visit("V1", window=within(0, 0)), visit("V2", "V1", 7), **PINNED)

    schedule = plan(trial, START, OPEN, today=day(30))

    v1 = schedule.by_code["V1"]
    assert (v1.suggested, v1.provisional, live(schedule, "V1")) == (DAY_1, False, [(DAY_1, DAY_1)])
    assert {reason.why for reason in explain(schedule, "V1", day(2)).reasons} == {Why.STANDS, Why.ASKED}


def test_the_actual_day_of_an_origin_visit_is_the_named_date():
    trial = protocol(visit("V1", window=within(0, 0)), visit("V2", offset=7), **PINNED)

    schedule = plan(trial, START.occurred("V1", day(3)), OPEN)

    assert schedule.by_code["V2"].target == day(10)
    assert schedule.by_code["V1"].study_day == 1


def test_an_origin_visit_with_a_window_of_its_own_may_be_booked_in_it():
    trial = protocol(visit("V1", window=within(3, 3)), visit("V2", offset=7), **PINNED)

    schedule = plan(trial, START.booked("V1", day(3)), OPEN)

    assert schedule.conflicts == ()
    assert schedule.by_code["V2"].target == day(10)
    assert plan(trial, START, OPEN).by_code["V1"].suggested == DAY_1


def test_a_visit_whose_named_date_is_not_given_waits():
    dates = (NamedDate("d1", text("Day 1")), NamedDate("end", text("End"), required=False))
    trial = protocol(visit("A", offset=7), visit("ET", "end", 7), visit("F", "ET", 7), dates=dates)

    schedule = plan(trial, START, OPEN)

    assert [(v.code, v.target, len(v.possible)) for v in schedule.visits[1:]] == [("ET", None, 0), ("F", None, 0)]
    with pytest.raises(NotFound):
        explain(schedule, "ET", day(8))


def test_a_plan_without_any_date_is_a_plan_in_which_everything_waits():
    schedule = plan(protocol(visit("A", offset=7)), Facts(), OPEN)

    assert [(v.code, v.target, v.state) for v in schedule.visits] == [("A", None, State.PLANNED)]


# Today


def test_a_visit_still_to_come_is_placed_from_today_on_and_delay_is_not_hidden():
    trial = protocol(visit("A", offset=7, window=within(0, 2)), visit("B", "A", 7))

    schedule = plan(trial, START, OPEN, today=day(20))

    assert schedule.by_code["A"].suggested == day(20)
    assert schedule.by_code["B"].target == day(27)
    assert min(schedule.by_code["A"].possible) == day(20)


def test_a_booked_visit_whose_day_has_passed_counts_on_its_booked_day():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7))

    schedule = plan(trial, START.booked("A", day(9)), OPEN, today=day(12))

    assert schedule.by_code["B"].target == day(16)
    assert schedule.conflicts == ()


def test_an_overdue_visit_without_a_day_leaves_without_a_conflict():
    trial = protocol(visit("A", offset=7, window=within(0, 2)), visit("B", offset=14), rules=(rule("A", "B", 1),))

    schedule = plan(trial, started(B=day(15)), OPEN, today=day(20))

    assert schedule.conflicts == ()
    assert (schedule.by_code["A"].suggested, len(schedule.by_code["A"].possible)) == (None, 0)


def test_the_key_visit_keeps_its_conflict_even_when_overdue():
    key = KeyVisit("A", 3)
    trial = protocol(
        visit("A", offset=7, window=within(0, 2), strength="hard"), visit("B", offset=14), rules=(), key_visit=key
    )

    schedule = plan(trial, START, OPEN, today=day(20))

    assert [conflict.visit for conflict in schedule.conflicts] == ["A"]
    assert schedule.days_left.days_left == 0


# Branches, repetition, as needed, end of study


def test_the_default_branch_is_planned_until_a_person_decides():
    yes, no = ((Condition("go", (value,)),) for value in ("yes", "no"))
    trial = protocol(visit("Y", offset=7, conditions=yes), visit("N", offset=7, conditions=no))

    states = [
        [v.state for v in plan(trial, facts, OPEN).visits]
        for facts in (START, START.decided("go", "yes"), START.decided("go", "no"))
    ]

    assert states == [
        [State.PLANNED, State.NOT_APPLICABLE],
        [State.PLANNED, State.NOT_APPLICABLE],
        [State.NOT_APPLICABLE, State.PLANNED],
    ]


def open_ended(**block):
    cycles = (
        visit(f"C{n}", "d1" if n == 1 else f"C{n - 1}", 0 if n == 1 else 21, instance=Instance("c", n, "C{n}"))
        for n in range(1, 11)
    )
    return protocol(*cycles, blocks=(Block("c", 1, 10, **block),))


def test_an_open_ended_repetition_plans_a_few_beyond_the_last_known_one():
    trial = open_ended(ahead=2)

    known = [[v.code for v in plan(trial, facts, OPEN).visits] for facts in (START, started(C1=day(1), C2=day(22)))]

    assert known == [["C1", "C2"], ["C1", "C2", "C3", "C4"]]


def test_a_repetition_ends_once_its_condition_holds():
    trial = open_ended(ahead=2, until=Condition("go", ("no",)))

    schedule = plan(trial, started(C1=day(1)).decided("go", "no"), OPEN)

    assert [v.code for v in schedule.visits] == ["C1"]


def test_a_visit_made_as_needed_is_in_the_plan_once_it_has_a_fact():
    trial = protocol(visit("A", offset=7), Encounter("U", "e", text("Unscheduled"), None))

    schedule = plan(trial, START.occurred("U", day(4)), OPEN)

    assert [v.code for v in plan(trial, START, OPEN).visits] == ["A"]
    assert (schedule.by_code["U"].occurred, schedule.by_code["U"].study_day) == (day(4), 4)


def test_the_end_of_the_study_cancels_what_has_not_occurred():
    trial = protocol(visit("A", offset=7), visit("B", offset=14), visit("C", offset=21), visit("D", offset=28))
    facts = started(A=day(8)).booked("B", day(15)).missed("C")

    schedule = plan(trial, replace(facts, ended=day(10)), OPEN)

    assert [v.state for v in schedule.visits] == [State.OCCURRED, State.CANCELED, State.MISSED, State.CANCELED]


# Numbers and clock times


def test_a_period_may_number_its_days_anew():
    period = Epoch("p", text("Period 2"), Anchor(("B",)))
    on_date = Epoch("q", text("Period 3"), Anchor(("d1",)))
    gone = Epoch("r", text("Period 4"), Anchor(("A",)))
    trial = protocol(
        visit("A", offset=7),
        visit("B", offset=14, epoch="p"),
        visit("C", "B", 7, epoch="p"),
        visit("D", offset=1, epoch="q"),
        visit("E", offset=2, epoch="r"),
        epochs=(Epoch("e", text("E")), period, on_date, gone),
    )

    schedule = plan(trial, START.missed("A"), OPEN)

    assert [(v.study_day, v.period_day) for v in schedule.visits] == [(8, None), (15, 1), (22, 8), (2, 2), (3, None)]


def test_a_period_may_be_numbered_from_the_end_of_a_stay():
    home = Epoch("p", text("At home"), Anchor(("OP",), end=True))
    trial = protocol(
        visit("OP", offset=7, stay=Stay(2, 5, 9)),
        visit("CALL", "OP", 7, epoch="p"),
        epochs=(Epoch("e", text("E")), home),
    )

    call = plan(trial, START, OPEN).by_code["CALL"]

    assert (call.target, call.period_day) == (day(15), 3)  # discharge on day 13 is the first day at home


def test_a_study_day_is_that_of_the_actual_day_else_the_booked_day_else_the_target():
    trial = protocol(visit("A", offset=7, window=within(0, 0)))

    numbers = [
        plan(trial, facts, closed(day(8))).by_code["A"].study_day
        for facts in (started(A=day(9)), START.booked("A", day(10)), START)
    ]

    assert numbers == [9, 10, 8]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2025, 3, 3), "2025-03-05T12:00+01:00"),
        (date(2025, 3, 29), "2025-03-31T13:00+02:00"),  # clocks go forward on 30 March
        (date(2025, 10, 25), "2025-10-27T11:00+01:00"),  # and back on 26 October
    ],
)
def test_elapsed_hours_are_elapsed_hours_over_a_clock_change(start, end):
    trial = protocol(visit("A"), visit("OFF", "A", 2, clock=Clock("A", 46 * 60)))

    off = plan(trial, START.booked("A", start, time(14, 0), "Europe/Brussels"), OPEN).by_code["OFF"]

    assert off.clock.isoformat(timespec="minutes") == end
    assert plan(trial, START.booked("A", start), OPEN).by_code["OFF"].clock is None


# Changes and explanations


def test_only_what_differs_is_a_change():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), visit("C", offset=21))
    before = plan(trial, START, OPEN)

    after = plan(trial, started(A=day(10)), OPEN)

    assert changes(before, plan(trial, START, OPEN)) == ()
    assert [(c.code, c.moved, c.after.day) for c in changes(before, after)] == [
        ("A", True, day(10)),
        ("B", True, day(17)),
    ]


def test_a_visit_that_only_one_plan_has_is_a_change():
    trial = protocol(visit("A", offset=7), Encounter("U", "e", text("U"), None))
    before, after = plan(trial, START, OPEN), plan(trial, START.occurred("U", day(4)), OPEN)

    assert [(c.code, c.before, c.moved) for c in changes(before, after)] == [("U", None, True)]
    assert [(c.code, c.after, c.moved) for c in changes(after, before)] == [("U", None, True)]


def test_a_window_that_moves_under_a_booked_visit_is_a_change_in_which_nothing_moved():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7, window=within(0, 3)))
    before, after = (plan(trial, START.booked("B", day(15)).booked("A", day(n)), OPEN) for n in (8, 9))

    assert [(c.code, c.moved) for c in changes(before, after)] == [("A", True), ("B", False)]


def test_a_live_day_needs_no_reason_and_an_unknown_visit_is_not_found():
    schedule = plan(protocol(visit("A", offset=7, window=within(1, 1))), START, OPEN)

    answer = explain(schedule, "A", day(8))

    assert (answer.verdict, answer.reasons, answer.days) == (Verdict.LIVE, (), 0)
    assert explain(schedule, "A", day(10)).days == 1
    with pytest.raises(NotFound):
        explain(schedule, "B", day(8))


def test_a_closed_day_is_explained_by_what_closes_it():
    trial = protocol(visit("A", offset=7, window=within(1, 1)))

    reasons = explain(plan(trial, START, closed(day(8))), "A", day(8)).reasons

    assert {reason.why for reason in reasons} == {Why.CLOSED, Why.ASKED}


def test_a_day_beyond_the_horizon_is_not_possible():
    answer = explain(plan(protocol(visit("A", offset=7)), START, OPEN), "A", date(2190, 1, 1))

    assert (answer.verdict, [reason.why for reason in answer.reasons]) == (Verdict.IMPOSSIBLE, [Why.ASKED])


def test_what_could_give_way_is_offered_smallest_first_and_never_what_is_absolute():
    trial = protocol(
        visit("A", offset=7),
        visit("B", "A", 7),
        rules=(rule("A", "B", 5), rule("d1", "B", 8, strength=Strength.ABSOLUTE)),
    )

    schedule = plan(trial, START.booked("A", day(8)), closed(day(10)))
    offered = repairs(schedule, "B", day(10))

    assert {tuple(sorted(reason.why for reason in repair)) for repair in offered} == {
        (Why.CLOSED, Why.RULE),
        (Why.BOOKED, Why.CLOSED),
    }
    assert repairs(schedule, "B", day(5)) == ()


def test_the_horizon_runs_from_60_days_before_the_first_named_date_to_60_days_after_the_last_window():
    trial = protocol(visit("A", offset=-20, window=within(5, 5)), visit("B", offset=300, window=within(5, 14)))
    early = protocol(visit("A", offset=-90, window=within(5, 5)))

    span, earlier = plan(trial, START, OPEN).possible.horizon, plan(early, START, OPEN).possible.horizon

    assert (span.first, span.last) == (date(2025, 1, 2), date(2026, 3, 12))  # 3 March - 60; 28 December + 14 + 60
    assert earlier.first == date(2024, 11, 28)  # 95 days before Day 1


def test_words_may_be_there_or_not():
    assert [bool(words) for words in (text("Blood"), text("Blood").__class__(()))] == [True, False]


def test_a_hard_window_on_an_anchor_that_was_skipped_binds_nothing():
    window = Bounds(Anchor(("A",)), Span(5), Span(9))
    timing = Timing(Anchor(("d1",)), Span(14), window, Strength.HARD)
    trial = protocol(visit("A", offset=7), visit("B", timing=timing))

    b = plan(trial, START.missed("A"), OPEN).by_code["B"]

    assert b.window == Window(day(13), day(17))  # of the ideal day of A, day 8
    assert max(b.possible) > day(17)


def test_why_a_clashing_booking_cannot_stay_is_told_with_its_own_fact_lifted():
    trial = protocol(visit("A", offset=7), visit("B", "A", 14), rules=(rule("A", "B", 10),))

    schedule = plan(trial, started(A=day(8)).booked("B", day(12)), OPEN)

    assert {reason.why for reason in explain(schedule, "B", day(12)).reasons} == {Why.OCCURRED, Why.RULE, Why.ASKED}


def test_a_stay_does_not_begin_where_the_patient_is_away_before_its_end():
    trial = protocol(visit("OP", offset=7, window=within(0, 20), stay=Stay(5, 7, 9)))

    op = plan(trial, START, closed(day(12), day(13), Because.ABSENCE)).by_code["OP"]

    assert op.suggested == day(14)
    assert min(op.live) == day(14)


def test_one_span_in_months_may_bind_several_pairs_of_visits():
    rules = tuple(replace(rule("A", code, 0), lo=Span(1, Unit.MONTHS)) for code in ("B", "C"))
    trial = protocol(visit("A"), visit("B", "A", 7), visit("C", "A", 7), rules=rules)

    schedule = plan(trial, started(A=date(2025, 3, 31)), OPEN)

    assert [min(schedule.by_code[code].possible) for code in ("B", "C")] == [date(2025, 4, 30)] * 2
