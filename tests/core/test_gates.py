"""GO and NO-GO at the bloods, repeats, and one attendance for two visits, with days worked out by hand.

Day 1 is Monday 3 March 2025. FOLFOX 2 has its target on Monday 17 March; its bloods theirs on Sunday 16 March and their
window from Friday 14 to Monday 17 March. Weekends and Belgian holidays are closed.
"""

from datetime import date, time
from itertools import pairwise

import pytest

from planner.core.agenda import Asks, items
from planner.core.days import Window
from planner.core.deviations import FlagKind, Nature
from planner.core.disclosure import glimpse, secret_words
from planner.core.explain import Reason, Why
from planner.core.facts import Acceptance, Fact, Facts, Go, State
from planner.core.gates import Gate, last_word
from planner.core.protocol import Strength
from planner.core.schedule import Verdict, changes, explain, plan
from planner.core.standing import Standing
from planner.core.units import attended, minutes_of
from planner.exports.agenda import line
from planner.exports.sentences import deviation, explanation, flag

from .small import DAY_1, OPEN, SHRINK, START, WORKING_WEEK, protocol, rule, started, visit, within
from .small import day as study_day

FRIDAY = date(2025, 3, 14)
TARGET = date(2025, 3, 17)
A_WEEK_LATER = date(2025, 3, 24)
GIVEN = START.occurred("C1D1", DAY_1)


def taken(facts, day, go, code="C2P", by="Dr Maes", taken_for=TARGET):
    """Bloods taken for FOLFOX 2 as it stood then, with what was decided."""
    return facts.occurred(code, day).taken_for(code, taken_for, go, by)


def planned(facts, today=FRIDAY):
    return plan(SHRINK, facts, WORKING_WEEK, today)


def kinds(schedule, code):
    return [flag.kind for flag in schedule.by_code[code].flags]


# ---- repeats


def test_a_repeat_is_no_visit_until_it_is_called_for():
    assert [code for code in planned(START).by_code if "." in code] == []
    assert [code for code in planned(taken(GIVEN, FRIDAY, Go.GO)).by_code if "." in code] == []


def test_after_a_no_go_the_bloods_are_planned_once_more_before_the_new_day():
    """For Monday 24 March the window begins on Friday 21; Sunday 23 is closed, and Monday is nearer than Friday."""
    schedule = planned(taken(GIVEN, FRIDAY, Go.NO_GO).booked("C2D1", A_WEEK_LATER))

    again = schedule.by_code["C2P.2"]
    assert (again.state, again.target, again.window) == (
        State.PLANNED,
        date(2025, 3, 23),
        Window(date(2025, 3, 21), A_WEEK_LATER),
    )
    assert (list(again.live), again.suggested) == ([date(2025, 3, 21), A_WEEK_LATER], A_WEEK_LATER)
    assert "C2P.3" not in schedule.by_code


def test_what_was_taken_for_the_first_day_stays_judged_against_it():
    """Seven days early for the new day, and kept for its own."""
    asked = taken(GIVEN, FRIDAY, Go.NO_GO).booked("C2D1", A_WEEK_LATER)
    silent = taken(GIVEN, FRIDAY, Go.GO).booked("C2D1", A_WEEK_LATER)

    first = planned(asked).by_code["C2P"]
    assert (first.window, first.deviations) == (Window(FRIDAY, TARGET), ())
    assert [(d.rule, d.days) for d in planned(silent).by_code["C2P"].deviations] == [("window", -7)]


def test_a_second_no_go_calls_for_a_third_time_and_each_comes_after_the_one_before():
    facts = taken(GIVEN, FRIDAY, Go.NO_GO).booked("C2D1", A_WEEK_LATER)
    facts = taken(facts, date(2025, 3, 21), Go.NO_GO, "C2P.2", taken_for=A_WEEK_LATER)

    third = planned(facts, date(2025, 3, 21)).by_code["C2P.3"]

    assert (third.window, next(iter(third.possible))) == (Window(date(2025, 3, 21), A_WEEK_LATER), date(2025, 3, 21))
    early = explain(planned(facts, date(2025, 3, 14)), "C2P.3", date(2025, 3, 20))
    assert early.verdict is Verdict.IMPOSSIBLE
    assert ("C2P.3", "C2P.2", "repeat") in {(r.visit, r.other, r.rule) for r in early.reasons}


def test_a_person_may_ask_for_a_repeat_and_take_that_back():
    """Pre-admission on 10 June for surgery on 16 June, which then moves to 30 June: due from 16 to 28 June."""
    surgery, moved = date(2025, 6, 16), date(2025, 6, 30)
    facts = START.booked("RES", moved).occurred("PRE", date(2025, 6, 10)).taken_for("PRE", surgery)
    asked = facts.repeated("PRE", again=True)

    before, after = (planned(found, date(2025, 6, 10)) for found in (facts, asked))
    assert [d.days for d in before.by_code["PRE"].deviations] == [-6]
    assert (after.by_code["PRE"].deviations, after.by_code["PRE"].window) == (
        (),
        Window(date(2025, 6, 2), date(2025, 6, 14)),
    )
    assert (after.by_code["PRE.2"].target, after.by_code["PRE.2"].window) == (
        date(2025, 6, 23),
        Window(date(2025, 6, 16), date(2025, 6, 28)),
    )
    assert asked.repeated("PRE", again=False) == facts


def test_imaging_is_old_until_its_repeat_is_planned_within_28_days_before_surgery():
    """From 2 June to 4 July are 32 days."""
    surgery = date(2025, 7, 4)
    facts = START.booked("RES", surgery).occurred("IM2", date(2025, 6, 2)).taken_for("IM2", DAY_1)

    before = planned(facts, date(2025, 6, 2))
    after = planned(facts.repeated("IM2", again=True), date(2025, 6, 2))
    assert [FlagKind.RULE in kinds(schedule, "RES") for schedule in (before, after)] == [True, False]
    assert (after.by_code["IM2.2"].target, after.by_code["IM2.2"].window) == (
        date(2025, 6, 20),
        Window(date(2025, 6, 6), date(2025, 7, 3)),
    )


def test_a_hard_window_of_a_visit_that_is_made_again_binds_nothing_any_more():
    first = visit("A", offset=10, window=within(0, 2))
    check = visit("B", "A", 5, within(1, 1), strength="hard")
    again = visit("B.2", "A", 5, within(1, 1), strength="hard", repeats="B")
    found = protocol(first, check, again, rules=(rule("B", "B.2", 0),))
    facts = started().occurred("B", study_day(16)).taken_for("B", study_day(11)).repeated("B", again=True)

    schedule = plan(found, facts.booked("A", study_day(20)), OPEN)

    assert (schedule.conflicts, schedule.by_code["B"].window) == ((), Window(study_day(15), study_day(17)))


# ---- gates


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (GIVEN, ("C2P", Gate.AHEAD)),
        (GIVEN.booked("C2P", FRIDAY), ("C2P", Gate.AHEAD)),
        (GIVEN.occurred("C2P", FRIDAY), ("C2P", Gate.UNDECIDED)),
        (taken(GIVEN, FRIDAY, Go.GO), ("C2P", Gate.GO)),
        (taken(GIVEN, FRIDAY, Go.NO_GO), ("C2P", Gate.NO_GO)),
        (taken(taken(GIVEN, FRIDAY, Go.NO_GO), TARGET, Go.GO, "C2P.2"), ("C2P.2", Gate.GO)),
    ],
)
def test_the_last_word_at_a_gate(facts, expected):
    assert last_word(Standing(SHRINK, facts), "C2D1") == expected


def test_a_visit_without_a_gate_has_no_word():
    assert last_word(Standing(SHRINK, GIVEN), "N1") is None


@pytest.mark.parametrize(
    ("go", "expected", "words"),
    [
        (Go.GO, None, ""),
        (None, FlagKind.UNDECIDED, "GO or NO-GO not entered yet"),
        (
            Go.NO_GO,
            FlagKind.NO_GO,
            "FOLFOX 2 (C2D1) waits for a GO: the last word, at Bloods before FOLFOX 2 (C2P) on Fri 14 Mar 2025, is",
        ),
    ],
)
def test_the_visit_behind_a_gate_says_how_it_stands(go, expected, words):
    schedule = planned(taken(GIVEN, FRIDAY, go).booked("C2D1", A_WEEK_LATER))

    found = [flag for flag in schedule.by_code["C2D1"].flags if flag.kind in (FlagKind.NO_GO, FlagKind.UNDECIDED)]
    assert [one.kind for one in found] == ([expected] if expected else [])
    told = [flag(schedule, schedule.by_code["C2D1"], one) for one in found]
    assert told == ([words] if go is not Go.NO_GO else [f"{words} NO-GO (Dr Maes)"])[: len(found)]


def test_treatment_given_after_a_no_go_is_a_deviation_until_its_reason_is_given():
    facts = taken(GIVEN, FRIDAY, Go.NO_GO).occurred("C2D1", TARGET)
    bare, told = (
        planned(facts, TARGET),
        planned(facts.accepting(Acceptance("no_go", "C2D1", "given by mistake")), TARGET),
    )

    (found,) = bare.by_code["C2D1"].deviations
    assert (found.rule, found.nature, found.reason) == ("no_go", Nature.ACTUAL, "")
    assert deviation(bare, found).startswith("against the rule: FOLFOX 2 (C2D1) waits for a GO: the last word, at ")
    assert [d.reason for d in told.by_code["C2D1"].deviations] == ["given by mistake"]
    assert planned(taken(facts, TARGET, Go.GO, "C2P.2"), TARGET).by_code["C2D1"].deviations == ()


def test_a_repeat_without_a_word_leaves_the_no_go_before_it_standing():
    facts = taken(taken(GIVEN, FRIDAY, Go.NO_GO), date(2025, 3, 21), None, "C2P.2").occurred("C2D1", A_WEEK_LATER)

    found = planned(facts, A_WEEK_LATER).by_code["C2D1"].deviations
    assert [d.rule for d in found] == ["window", "no_go"]


def test_a_word_that_was_given_after_the_treatment_changes_nothing():
    facts = taken(GIVEN, FRIDAY, Go.NO_GO).occurred("C2D1", TARGET)
    later = taken(facts, date(2025, 3, 19), Go.GO, "C2P.2")

    assert [d.rule for d in planned(later, date(2025, 3, 19)).by_code["C2D1"].deviations] == ["no_go"]


def test_treatment_without_any_word_asks_for_it_afterwards_too():
    bare = taken(GIVEN, FRIDAY, None).occurred("C2D1", TARGET)

    assert kinds(planned(bare, TARGET), "C2D1") == [FlagKind.UNDECIDED]
    assert kinds(planned(bare.taken_for("C2P", TARGET, Go.GO, "Dr Maes"), TARGET), "C2D1") == []


def test_a_repeat_to_which_the_patient_did_not_come_is_planned_once_more():
    facts = taken(GIVEN, FRIDAY, Go.NO_GO).booked("C2D1", A_WEEK_LATER).missed("C2P.2")

    assert planned(facts).by_code["C2P.3"].state is State.PLANNED
    assert "C2P.3" not in planned(taken(GIVEN, FRIDAY, Go.NO_GO).omitted("C2P.2")).by_code


def test_today_asks_for_the_word_that_is_missing():
    schedule = planned(taken(GIVEN, FRIDAY, None).booked("C2D1", TARGET))
    on_the_day = planned(taken(GIVEN, FRIDAY, None).booked("C2D1", TARGET), TARGET)

    (ahead,) = [item for item in items(schedule, FRIDAY) if item.code == "C2D1"]
    (now,) = [item for item in items(on_the_day, TARGET) if item.code == "C2D1"]
    assert (ahead.asks, line(schedule, ahead)) == (Asks.GATE, "FOLFOX 2 (C2D1): GO or NO-GO not entered yet.")
    assert (now.asks, line(on_the_day, now)) == (
        Asks.VISIT,
        "FOLFOX 2 (C2D1), Day hospital, GO or NO-GO not entered yet.",
    )


# ---- confirmed


def test_a_booking_of_the_next_seven_days_is_asked_for_until_the_patient_confirms_it():
    booked = taken(GIVEN, FRIDAY, Go.GO).booked("C2D1", TARGET)
    asked = {
        today: [item.asks for item in items(planned(facts, today), today) if item.code == "C2D1"]
        for today, facts in ((FRIDAY, booked), (date(2025, 3, 9), booked), (DAY_1, booked))
    }

    assert asked == {FRIDAY: [Asks.CONFIRM], date(2025, 3, 9): [], DAY_1: []}
    assert [i.asks for i in items(planned(booked.confirmed("C2D1", yes=True)), FRIDAY) if i.code == "C2D1"] == []


def test_another_booking_is_not_confirmed():
    confirmed = START.booked("C2D1", TARGET).confirmed("C2D1", yes=True)

    assert confirmed.visits["C2D1"] == Fact(State.BOOKED, TARGET, confirmed=True)
    assert confirmed.booked("C2D1", A_WEEK_LATER).visits["C2D1"] == Fact(State.BOOKED, A_WEEK_LATER)
    assert confirmed.confirmed("C2D1", yes=False) == START.booked("C2D1", TARGET)


# ---- one attendance for two visits
#
# Registered on Monday 10 February 2025: month 7 is due on 10 September, its window from 27 August to 24 September.
# Surgery on Monday 23 June: day 60 is Friday 22 August, its window to 29 August. Both hold on 27, 28 and 29 August.

LATE_SUMMER = [date(2025, 8, number) for number in (27, 28, 29)]
RESECTED = Facts(dates={"registration": date(2025, 2, 10), "day_one": DAY_1}).occurred("RES", date(2025, 6, 23))
TOGETHER = RESECTED.combined("M7", "P60")
JULY = date(2025, 7, 1)


def test_apart_each_has_its_own_day():
    schedule = planned(RESECTED, JULY)

    assert [schedule.by_code[code].suggested for code in ("P60", "M7")] == [date(2025, 8, 22), date(2025, 9, 10)]


def test_combined_both_are_planned_on_one_day_that_suits_both_windows():
    schedule = planned(TOGETHER, JULY)

    days, month = (schedule.by_code[code] for code in ("P60", "M7"))
    assert (list(days.live), list(month.live)) == (LATE_SUMMER, LATE_SUMMER)
    assert (days.suggested, month.suggested) == (LATE_SUMMER[0], LATE_SUMMER[0])
    assert (days.deviations, month.deviations, schedule.conflicts) == ((), (), ())
    assert (month.host, [guest.code for guest in days.guests]) == ("P60", ["M7"])


def test_a_day_outside_the_other_ones_window_says_whose_window_it_is():
    schedule = planned(TOGETHER, JULY)

    answer = explain(schedule, "P60", date(2025, 8, 25))
    window = Reason(Why.WINDOW, "M7", day=date(2025, 8, 27), last=date(2025, 9, 24), strength=Strength.WINDOW)
    assert (answer.verdict, answer.reasons) == (Verdict.OUTSIDE, (window,))
    assert "the window of Follow-up month 7 (M7) is from 27 Aug to 24 Sep 2025" in explanation(schedule, answer)


def test_a_branch_that_takes_one_of_the_two_away_leaves_the_other_its_own_days():
    """Not resected: there is no day 60, and month 7 stands on its own target."""
    schedule = planned(TOGETHER.planned("RES").decided("resectable", "no"), JULY)

    assert schedule.by_code["P60"].state is State.NOT_APPLICABLE
    month = schedule.by_code["M7"]
    assert (month.suggested, month.host, schedule.conflicts) == (date(2025, 9, 10), None, ())
    assert glimpse(month, secret_words(SHRINK), "nl").first == date(2025, 8, 27)


def test_what_is_booked_recorded_or_given_back_for_one_is_so_for_both():
    booked = TOGETHER.booked("P60", LATE_SUMMER[1])

    assert booked.visits["M7"] == Fact(State.BOOKED, LATE_SUMMER[1])
    assert booked.occurred("P60", LATE_SUMMER[1]).visits["M7"] == Fact(State.OCCURRED, LATE_SUMMER[1])
    assert booked.missed("P60").visits["M7"] == Fact(State.MISSED)
    assert booked.planned("P60") == booked.planned("M7") == TOGETHER


def test_the_whole_attendance_moves_where_one_of_it_is_looked_at():
    schedule = planned(TOGETHER.booked("P60", LATE_SUMMER[1]), JULY)

    assert [list(schedule.by_code[code].live) for code in ("P60", "M7")] == [LATE_SUMMER, LATE_SUMMER]


def test_the_end_of_the_study_gives_an_attendance_back_whole():
    facts = TOGETHER.booked("P60", LATE_SUMMER[1], time(9), "Europe/Brussels", "room")

    assert facts.ending(date(2025, 8, 20)) == TOGETHER.ending(date(2025, 8, 20))


def test_a_longer_attendance_is_confirmed_anew():
    booked = RESECTED.booked("P60", LATE_SUMMER[0]).confirmed("P60", yes=True).combined("M7", "P60")

    assert [booked.visits[code].confirmed for code in ("P60", "M7")] == [False, False]


def test_two_days_for_one_attendance_are_a_conflict():
    facts = TOGETHER.booked("P60", LATE_SUMMER[1])
    apart = facts.planned("M7").booked("P60", LATE_SUMMER[1])
    torn = Facts(
        dates=apart.dates, visits={**apart.visits, "M7": Fact(State.BOOKED, LATE_SUMMER[2])}, together=apart.together
    )

    (clash,) = planned(torn, JULY).conflicts
    assert [(r.why, r.visit, r.other) for r in clash.reasons[:1]] == [(Why.TOGETHER, "M7", "P60")]


def test_the_one_that_is_omitted_leaves_the_other_alone():
    booked = TOGETHER.booked("P60", LATE_SUMMER[1])

    assert booked.omitted("P60") == RESECTED.omitted("P60")
    guest = booked.omitted("M7")
    assert (guest.together, guest.visits["M7"].state, guest.visits["P60"]) == (
        {},
        State.CANCELED,
        Fact(State.BOOKED, LATE_SUMMER[1]),
    )


def test_combined_with_what_is_booked_already_it_is_booked_too_and_apart_again_it_is_planned():
    booked = RESECTED.booked("P60", LATE_SUMMER[1])

    combined = booked.combined("M7", "P60")
    assert combined.visits["M7"] == Fact(State.BOOKED, LATE_SUMMER[1])
    assert combined.combined("M7", None) == booked.planned("P60").combined("M7", None).booked("P60", LATE_SUMMER[1])


def test_the_patient_is_told_of_one_attendance_as_long_as_both():
    """One hour and two and a half."""
    schedule = planned(TOGETHER.booked("P60", LATE_SUMMER[1]), JULY)
    secret = secret_words(SHRINK)

    days, month = (glimpse(schedule.by_code[code], secret, "nl") for code in ("P60", "M7"))
    assert (days.minutes, days.first, month) == (210, LATE_SUMMER[1], None)
    assert minutes_of(*attended(SHRINK, schedule.facts, "P60")) == 210


def test_today_asks_once_for_one_attendance():
    facts = TOGETHER.booked("P60", LATE_SUMMER[1])

    asked = [
        [item.code for item in items(planned(facts, today), today) if item.code in ("P60", "M7")]
        for today in (date(2025, 8, 25), LATE_SUMMER[1], date(2025, 9, 1))
    ]
    assert asked == [["P60"], ["P60"], ["P60"]]


def test_combining_is_a_change_even_where_no_day_moves():
    before, after = (
        planned(facts.booked("P60", LATE_SUMMER[0]).booked("M7", LATE_SUMMER[0]), JULY) for facts in (RESECTED,) * 2
    )
    combined = planned(after.facts.combined("M7", "P60"), JULY)

    assert [change.code for change in changes(before, combined)] == ["M7"]


def test_the_repeats_of_a_cycle_run_in_order():
    order = SHRINK.placement_order

    assert [order.index(a) < order.index(b) for a, b in pairwise(["C3D1", "C3P", "C3P.2"])] == [True, True]
