"""What staff read: what happened, why, and what to do."""

from datetime import date

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.days import Span, Unit
from planner.core.deviations import Deviation, Flag, FlagKind, Nature
from planner.core.errors import NotFound, Refused
from planner.core.explain import Reason, Why
from planner.core.facts import Acceptance
from planner.core.protocol import Strength
from planner.core.schedule import explain, plan, repairs
from planner.exports.reasons import causes, closed, fact, in_order, link
from planner.exports.refusals import sentence
from planner.exports.sentences import conflict, days_left, deviation, explanation, flag, give_way, lateness, repair

CYCLE_6 = date(2025, 5, 12)


@pytest.fixture
def ask(protocol, facts):
    """The answer to one question about one patient."""

    def answer(code, day, known=facts, calendar=None, today=None):
        found = plan(protocol, known, calendar or Calendar(), today)
        return explanation(found, explain(found, code, day))

    return answer


@pytest.fixture
def clashes(protocol):
    """Every conflict of one patient, as sentences."""

    def told(known, calendar=None, today=None):
        found = plan(protocol, known, calendar or Calendar(), today)
        return [conflict(found, clash) for clash in found.conflicts]

    return told


# ---- explanations


def test_a_day_too_early_tells_the_fact_the_rule_and_the_first_day(ask, facts):
    assert ask("RES", date(2025, 6, 8), facts.occurred("C6D1", CYCLE_6)) == (
        "Resection (RES) cannot be on Sun 8 Jun 2025: FOLFOX 6 (C6D1) took place on Mon 12 May 2025, and Resection "
        "must be at least 28 days after it. The first bookable day is Mon 9 Jun 2025."
    )


def test_a_window_from_the_reference_day_is_told_in_study_days(ask):
    assert ask("RES", date(2025, 7, 7)) == (
        "Resection (RES) cannot be on Mon 7 Jul 2025: it must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 "
        "Jul 2025). The last bookable day is Sun 6 Jul 2025."
    )


def test_a_cycle_too_late_tells_the_way_from_surgery_back_to_it(ask):
    assert ask("C4D1", date(2025, 5, 12)) == (
        "FOLFOX 4 (C4D1) cannot be on Mon 12 May 2025, because all of this holds together. "
        "Resection (RES) must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul 2025). "
        "Resection must be at least 28 days after FOLFOX 6 (C6D1). "
        "FOLFOX 5 (C5D1) and FOLFOX 6 must each be at least 14 days after the one before, from FOLFOX 4 on. "
        "The last bookable day is Thu 17 Apr 2025."
    )


def test_a_day_outside_the_window_says_so_and_what_to_do(ask):
    assert ask("N2", date(2025, 5, 5)) == (
        "NKR-2 infusion 2 (N2) can be on Mon 5 May 2025, but 17 days late: the window of NKR-2 infusion 2 is from 17 "
        "Apr to 18 Apr 2025, counted from FOLFOX 4 (C4D1). Choose one of its bookable days, or book it and record a "
        "deviation with its reason."
    )


def test_a_day_outside_a_window_that_has_no_day_left_offers_the_deviation_only(ask):
    told = ask("C2D1", date(2025, 3, 26), today=date(2025, 3, 25))

    assert told.endswith("None of its bookable days is left: book it and record a deviation with its reason.")


def test_a_bookable_day_says_so(ask):
    assert ask("N2", date(2025, 4, 17)) == (
        "NKR-2 infusion 2 (N2) can be on Thu 17 Apr 2025: no rule and no closed day speaks against it."
    )


def test_a_closed_day_gives_its_reason_and_the_days_around_it(ask, weekdays, facts):
    assert ask("IM1", date(2025, 5, 1), calendar=weekdays) == (
        "On-treatment CT or MRI (IM1) cannot be on Thu 1 May 2025: that day is a public holiday (Labour Day). The "
        "nearest bookable days are Wed 30 Apr 2025 and Fri 2 May 2025."
    )
    assert ask("IM1", date(2025, 5, 4), calendar=weekdays) == (
        "On-treatment CT or MRI (IM1) cannot be on Sun 4 May 2025: Saturdays and Sundays are closed. The nearest "
        "bookable days are Fri 2 May 2025 and Mon 5 May 2025."
    )


def test_a_past_day_names_today(ask):
    assert ask("C6D1", date(2025, 4, 9), today=date(2025, 4, 10)) == (
        "FOLFOX 6 (C6D1) cannot be on Wed 9 Apr 2025: today is Thu 10 Apr 2025, and what is still to come cannot lie "
        "before it, nor what took place after it. The first bookable day is Thu 5 Jun 2025."
    )


def test_a_day_that_the_plan_does_not_reach_says_so(ask):
    assert ask("C6D1", date(2040, 1, 2)).startswith(
        "FOLFOX 6 (C6D1) cannot be on Mon 2 Jan 2040: this plan looks only at the days from 26 Dec 2024 to "
    )


def test_a_visit_without_any_day_says_so(protocol, late):
    told = explanation(late, explain(late, "RES", date(2025, 7, 1)))

    assert told.endswith("It has no possible day at all.")


# ---- conflicts


def test_the_conflict_of_a_late_last_cycle_names_the_cycle_the_days_and_day_126(late):
    assert [conflict(late, clash) for clash in late.conflicts] == [
        (
            "Resection (RES) has no possible day: FOLFOX 6 (C6D1) took place on Mon 9 Jun 2025, and Resection must "
            "be at least 28 days after it; Resection must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul "
            "2025). To solve it: have an investigator overrule at least one of these rules in writing."
        )
    ]


def test_two_bookings_that_break_a_rule_are_told_with_both_days(clashes, facts):
    known = facts.booked("C4D1", date(2025, 4, 20)).booked("C5D1", date(2025, 4, 28))

    assert clashes(known) == [
        (
            "FOLFOX 5 (C5D1) must be at least 14 days after FOLFOX 4 (C4D1), but FOLFOX 4 is booked on Sun 20 Apr "
            "2025 and FOLFOX 5 is booked on Mon 28 Apr 2025. Move one of the two, or have an investigator accept it "
            "in writing."
        )
    ]


def test_a_booking_on_a_closed_day_tells_why_it_is_closed(clashes, facts, weekdays):
    assert clashes(facts.booked("IM1", date(2025, 5, 1)), weekdays) == [
        (
            "On-treatment CT or MRI (IM1) is booked on Thu 1 May 2025, but that day is a public holiday (Labour Day). "
            "Move it, or have the day opened."
        )
    ]


def test_a_booking_while_the_patient_is_away_is_for_the_patient_to_settle(clashes, facts):
    away = Calendar((), (Closure(date(2025, 5, 1), date(2025, 5, 4), Because.ABSENCE),))

    assert clashes(facts.booked("IM1", date(2025, 5, 2)), away) == [
        (
            "On-treatment CT or MRI (IM1) is booked on Fri 2 May 2025, but the patient is away from 1 May to 4 May "
            "2025. Move it, or settle the absence with the patient."
        )
    ]


def test_a_booking_on_the_branch_not_taken_names_the_decision(clashes, facts):
    assert clashes(facts.booked("RES", date(2025, 6, 9)).decided("resectable", "no")) == [
        (
            "Resection (RES) is booked but falls away: the decision 'Resectable' is 'no'. Cancel the booking, or "
            "correct the record."
        )
    ]


def test_a_booking_whose_anchor_falls_away_names_the_anchor(clashes, facts):
    assert clashes(facts.booked("N3+1", date(2025, 5, 2)).omitted("N3")) == [
        (
            "Call after NKR-2 3 (N3+1) is booked but falls away: it counts from NKR-2 infusion 3 (N3), which does not "
            "take place. Cancel the booking, or correct the record."
        )
    ]


def test_a_closed_site_is_told_after_the_rules(clashes, facts):
    works = Closure(date(2025, 6, 1), date(2025, 7, 20), Because.CLOSURE, "Works", ("theatre",))

    assert clashes(facts, Calendar((), (works,))) == [
        (
            "Resection (RES) has no possible day: it must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul "
            "2025); the theatre is closed from 1 Jun to 20 Jul 2025 (Works). To solve it: have a closed day opened, "
            "or have an investigator overrule at least one of these rules in writing."
        )
    ]


def test_a_long_chain_is_told_in_sentences(clashes, facts):
    away = Closure(date(2025, 4, 1), date(2025, 5, 20), Because.ABSENCE, "Journey")

    assert clashes(facts.occurred("C1D1", date(2025, 3, 3)), Calendar((), (away,))) == [
        (
            "Resection (RES) has no possible day, because all of this holds together. FOLFOX 1 (C1D1) took place on "
            "Mon 3 Mar 2025. FOLFOX 2 (C2D1), FOLFOX 3 (C3D1), FOLFOX 4 (C4D1), FOLFOX 5 (C5D1) and FOLFOX 6 (C6D1) "
            "must each be at least 14 days after the one before, from FOLFOX 1 on. Resection must be at least 28 "
            "days after FOLFOX 6. Resection must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul 2025). The "
            "patient is away from 1 Apr to 20 May 2025 (Journey). To solve it: settle the absence with the patient, "
            "or have an investigator overrule at least one of these rules in writing."
        )
    ]


# ---- order of reasons


def reason(why, visit="", other="", **rest):
    return Reason(why, visit, other, **rest)


FACT = reason(Why.OCCURRED, "C5D1", day=date(2025, 5, 1))
DATE = reason(Why.DATE, "day_one", day=date(2025, 3, 3))
STEP = reason(Why.RULE, "C6D1", "C5D1", lo=Span(14), rule="folfox-gap")
LAST = reason(Why.RULE, "RES", "C6D1", lo=Span(28), rule="folfox-to-surgery")
INSIDE = reason(Why.WINDOW, "RES", "day_one", lo=Span(98), hi=Span(125), rule="window")
TODAY = reason(Why.TODAY, day=date(2025, 5, 2))
ASKED = reason(Why.ASKED, "RES", day=date(2025, 5, 2))
SHUT = reason(Why.CLOSED, closure=Closure(date(2025, 6, 1), date(2025, 6, 1)))


def test_reasons_run_from_the_fact_that_was_seen_to_the_visit_asked_for():
    mixed = [ASKED, LAST, SHUT, INSIDE, DATE, STEP, FACT, TODAY]

    assert in_order(mixed, "RES") == (TODAY, FACT, STEP, LAST, DATE, INSIDE, SHUT)


def test_the_order_does_not_depend_on_the_order_given():
    mixed = [ASKED, LAST, SHUT, INSIDE, DATE, STEP, FACT, TODAY]

    assert in_order(mixed[::-1], "RES") == in_order(mixed, "RES")


def test_reasons_around_a_visit_that_none_names_keep_their_chain():
    assert in_order([LAST, FACT, STEP], "M28") == (FACT, STEP, LAST)


def test_a_rule_from_the_reference_day_is_told_in_study_days(schedule):
    low = reason(Why.RULE, "RES", "day_one", lo=Span(98), rule="x")
    high = reason(Why.RULE, "RES", "day_one", hi=Span(125), rule="x")
    both = reason(Why.RULE, "RES", "day_one", lo=Span(98), hi=Span(125), rule="x")

    assert [causes(schedule, [DATE, step], "RES") for step in (low, high, both)] == [
        ("Resection (RES) must not be before Day 99 (Mon 9 Jun 2025)",),
        ("Resection (RES) must not be after Day 126 (Sun 6 Jul 2025)",),
        ("Resection (RES) must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul 2025)",),
    ]


def test_a_window_from_another_visit_names_it(schedule):
    window = reason(Why.WINDOW, "C6D1", "C5D1", lo=Span(14), hi=Span(17), rule="window")

    assert link(schedule, window, {"C5D1"}) == (
        "FOLFOX 6 (C6D1) must be within Day 71 (Mon 12 May 2025) to Day 74 (Thu 15 May 2025), counted from FOLFOX 5 "
        "(C5D1)"
    )
    assert link(schedule, window) == "FOLFOX 6 (C6D1) must be 14 to 17 days after FOLFOX 5 (C5D1)"


def test_a_flag_rule_should_and_a_visit_on_its_date_stands(schedule):
    flagged = reason(Why.RULE, "N2", "N1", hi=Span(17), rule="infusions-apart", strength=Strength.FLAG)
    stands = reason(Why.STANDS, "C1D1", "day_one", lo=Span(0), hi=Span(0), rule="stands")

    assert link(schedule, flagged) == "NKR-2 infusion 2 (N2) should be at most 17 days after NKR-2 infusion 1 (N1)"
    assert link(schedule, stands) == "FOLFOX 1 (C1D1) stands on Day 1"


def test_a_rule_that_counts_from_the_end_of_a_stay_says_so(discharge):
    rest, shown = (explain(discharge, "REST", date(2025, 3, day)) for day in (4, 5))

    assert explanation(discharge, rest) == (
        "Rest cannot be on Tue 4 Mar 2025: Stay is booked on Mon 3 Mar 2025, and Rest must be at least "
        "3 days after the end of it. The first bookable day is Mon 10 Mar 2025."
    )
    assert shown.reasons != ()


def test_a_run_that_goes_up_is_told_from_its_first_visit(schedule):
    up = [STEP, reason(Why.RULE, "C5D1", "C4D1", lo=Span(14), rule="folfox-gap")]

    assert causes(schedule, up, "C4D1") == causes(schedule, up, "C6D1")


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (reason(Why.STANDS, "C1D1", day=date(2025, 3, 3)), "FOLFOX 1 (C1D1) stands on Mon 3 Mar 2025"),
        (reason(Why.DATE, "registration", day=date(2025, 2, 24)), "Registration is Mon 24 Feb 2025"),
        (
            reason(Why.NEIGHBOUR, "U", day=date(2025, 3, 3), last=date(2025, 3, 9)),
            "the visits before and after U leave it from 3 Mar to 9 Mar 2025",
        ),
        (
            reason(Why.NEIGHBOUR, "U", day=date(2025, 3, 3)),
            "the visits before and after U leave it not before Mon 3 Mar 2025",
        ),
        (
            reason(Why.NEIGHBOUR, "U", last=date(2025, 3, 9)),
            "the visits before and after U leave it not after Sun 9 Mar 2025",
        ),
        (reason(Why.WINDOW, "U", day=date(2025, 3, 3), last=date(2025, 3, 3)), "the window of U is Mon 3 Mar 2025"),
        (reason(Why.WINDOW, "U"), "the window of U is open"),
    ],
)
def test_facts_and_limits_are_told_as_clauses(schedule, known, words):
    assert fact(schedule, known) == words


@pytest.mark.parametrize(
    ("closure", "words"),
    [
        (Closure(date(2025, 5, 1), date(2025, 5, 1), Because.HOLIDAY), "Thu 1 May 2025 is a public holiday"),
        (
            Closure(date(2025, 5, 1), date(2025, 5, 2), Because.HOLIDAY, "Bridge"),
            "the site is closed from 1 May to 2 May 2025 (Bridge)",
        ),
        (Closure(date(2025, 5, 1), date(2025, 5, 1), name="Move"), "the site is closed on Thu 1 May 2025 (Move)"),
        (
            Closure(date(2025, 5, 1), date(2025, 5, 9), calendars=("clinic", "theatre")),
            "the clinic and theatre is closed from 1 May to 9 May 2025",
        ),
        (Closure(date(2025, 5, 1), date(2025, 5, 1), Because.ABSENCE), "the patient is away on Thu 1 May 2025"),
    ],
)
def test_closed_days_are_told_with_their_reason(schedule, closure, words):
    assert closed(schedule, closure) == words


# ---- ways out


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ([reason(Why.BOOKED, "C6D1")], "To solve it: move FOLFOX 6 (C6D1)."),
        ([SHUT], "To solve it: have a closed day opened."),
        (
            [FACT, reason(Why.RULE, "N2", "N1", strength=Strength.ABSOLUTE)],
            "Nobody can change any of this: decide how to go on.",
        ),
    ],
)
def test_only_what_a_person_may_change_is_offered(schedule, reasons, words):
    assert give_way(schedule, reasons) == words


def test_what_nobody_may_overrule_is_said(protocol, schedule):
    rule = reason(Why.RULE, "C5D1", "C4D1", lo=Span(14), strength=Strength.ABSOLUTE)
    clash = next(c for c in plan(protocol, _two_too_near(schedule), Calendar()).conflicts)

    told = conflict(schedule, type(clash)(clash.kind, clash.visit, (rule, *clash.reasons[1:])))

    assert told.endswith("Move one of the two: nobody may overrule this.")


def _two_too_near(schedule):
    facts = schedule.possible.standing.facts
    return facts.booked("C4D1", date(2025, 4, 20)).booked("C5D1", date(2025, 4, 28))


def test_repairs_are_told_as_what_gives_way(protocol, facts, weekdays):
    found = plan(protocol, facts.booked("C6D1", date(2025, 5, 14)), weekdays)
    sets = [*repairs(found, "RES", date(2025, 6, 10)), *repairs(found, "IM1", date(2025, 5, 1))]

    assert [repair(found, ways) for ways in sets] == [
        "overrule in writing that Resection (RES) must be at least 28 days after FOLFOX 6 (C6D1)",
        "move FOLFOX 6 (C6D1)",
        "open a day although Thu 1 May 2025 is a public holiday (Labour Day)",
    ]


# ---- deviations, flags, days left


@pytest.mark.parametrize(
    ("days", "words"), [(1, "1 day late"), (4, "4 days late"), (-1, "1 day early"), (-9, "9 days early")]
)
def test_lateness_in_words(days, words):
    assert lateness(days) == words


def test_deviations_tell_the_window_and_whether_they_happened(under_way):
    told = {broken.visit: deviation(under_way, broken) for v in under_way.visits for broken in v.deviations}

    assert told == {"C2D1": "4 days late (window 17 Mar to 20 Mar 2025)"}


def test_an_expected_and_an_accepted_deviation_say_so(protocol, facts):
    known = facts.booked("C2D1", date(2025, 3, 24)).accepting(Acceptance("window", "C2D1", "fever"))
    found = plan(protocol, known, Calendar())

    assert [deviation(found, broken) for broken in found.by_code["C2D1"].deviations] == [
        "expected 4 days late (window 17 Mar to 20 Mar 2025); accepted: fever"
    ]


def test_a_broken_rule_is_told_as_the_rule(protocol, facts):
    found = plan(protocol, facts.occurred("C2D1", date(2025, 3, 17)).occurred("C3D1", date(2025, 3, 27)), Calendar())

    assert [deviation(found, broken) for broken in found.by_code["C3D1"].deviations] == [
        "4 days early (window 31 Mar to 3 Apr 2025)",
        "against the rule: FOLFOX 3 (C3D1) must be at least 14 days after FOLFOX 2 (C2D1)",
    ]


def test_a_deviation_from_a_window_that_is_gone_tells_its_days(schedule):
    assert deviation(schedule, Deviation("REG", "window", Nature.ACTUAL, 2)) == "2 days late"


def test_each_flag_has_words(protocol, facts, weekdays, under_way):
    scan, surgery = under_way.by_code["IM1"], under_way.by_code["RES"]
    clash = under_way.by_code["C3P"]
    later = reason(Why.RULE, "N2", "N1", hi=Span(17), rule="infusions-apart", strength=Strength.FLAG)
    told = [
        flag(under_way, scan, Flag(FlagKind.DUE)),
        flag(under_way, scan, Flag(FlagKind.OVERDUE)),
        flag(under_way, scan, Flag(FlagKind.CLOSING)),
        flag(under_way, scan, Flag(FlagKind.TO_RECORD)),
        flag(under_way, scan, Flag(FlagKind.ASSUMED)),
        *(flag(under_way, clash, raised) for raised in clash.flags),
        flag(under_way, surgery, Flag(FlagKind.FEW_DAYS_LEFT)),
        flag(under_way, scan, Flag(FlagKind.RULE, (later,))),
    ]

    assert told == [
        "due",
        "overdue: its window has passed; record it, book it, or say that it will not take place",
        "closing: Mon 5 May 2025 is its last bookable day",
        "its day has passed: record whether it took place",
        "assumed: nobody has decided yet whether it takes place",
        "its target Sun 6 Apr 2025 is closed: Saturdays and Sundays are closed",
        "only 19 days left",
        "NKR-2 infusion 2 (N2) should be at most 17 days after NKR-2 infusion 1 (N1)",
    ]


def test_a_clash_with_a_holiday_does_not_tell_the_day_twice(protocol, facts, weekdays):
    found = plan(protocol, facts, weekdays).by_code["N3"]

    assert [flag(plan(protocol, facts, weekdays), found, raised) for raised in found.flags] == [
        "its target Thu 1 May 2025 is closed: it is a public holiday (Labour Day)"
    ]


def test_days_left_in_words(schedule, late, under_way):
    assert [days_left(found, found.days_left) for found in (schedule, under_way, late)] == [
        "Resection (RES): 28 days left, can still slip 27 days; 28 of them open",
        "Resection (RES): 19 days left, can still slip 18 days; 15 of them open",
        "Resection (RES): no day left",
    ]


def test_one_day_left_cannot_slip(protocol, facts):
    found = plan(protocol, facts.occurred("C6D1", date(2025, 6, 8)), Calendar())

    assert days_left(found, found.days_left) == "Resection (RES): 1 day left, cannot slip; 1 of them open"
    assert flag(found, found.by_code["RES"], Flag(FlagKind.FEW_DAYS_LEFT)) == "only 1 day left"


def test_no_day_left_is_flagged_as_such(late):
    assert flag(late, late.by_code["RES"], Flag(FlagKind.FEW_DAYS_LEFT)) == "no day left"


# ---- refusals


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            NotFound("no_such_visit", code="C9D1"),
            (
                "This plan has no days for a visit C9D1: it is not in the protocol, does not take place, or still "
                "waits for a date to count from. Choose one of the visits that the schedule lists."
            ),
        ),
        (
            Refused("no_such_language", language="it", known=("nl", "fr", "de", "en")),
            "There are no words in the language it. Choose one of: nl, fr, de, en.",
        ),
        (
            Refused(
                "protocol_refused", file="a.toml", faults=("line 3, x: wrong. Mend it.", "line 4, y: wrong. Mend it.")
            ),
            "a.toml cannot be planned by:\nline 3, x: wrong. Mend it.\nline 4, y: wrong. Mend it.",
        ),
        (Refused("too_many_things", day=date(2025, 3, 3), number=3), "Too many things: day Mon 3 Mar 2025, number 3."),
        (Refused("stop"), "Stop."),
    ],
)
def test_what_stopped_the_work_is_a_sentence(error, words):
    assert sentence(error) == words


def test_spans_in_months_are_told_in_months(schedule):
    month = reason(Why.RULE, "M28", "registration", lo=Span(27, Unit.MONTHS), hi=Span(28, Unit.MONTHS), rule="x")

    assert link(schedule, month) == "Month 28 (M28) must be 27 to 28 months after Registration"
