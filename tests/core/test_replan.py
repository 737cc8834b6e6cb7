"""What an act does to the other visits, with days worked out by hand from Day 1 = Monday 3 March 2025.

Registration is on 24 February. Where nothing else is said, weekends and Belgian holidays are closed (Easter Monday 21
April, Labour Day Thursday 1 May, Ascension Thursday 29 May, Whit Monday 9 June) and every visit is booked on its
suggested day. Pump off and the call on the day after an infusion ignore closed days.
"""

from dataclasses import replace
from datetime import time

import pytest

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.explain import Why
from planner.core.facts import Acceptance, Facts, State
from planner.core.giving import Giving
from planner.core.lines import How
from planner.core.moves import Scope, deferred, moved, omitted, restarted, stopped
from planner.core.protocol import Condition, KeyVisit, NamedDate, Strength
from planner.core.repairs import Way
from planner.core.replan import proposal
from planner.core.schedule import changes, plan

from .booked_up import booked_up, d, moved_to
from .small import DAY_1, OPEN, SHRINK, WORKING_WEEK, closed, day, protocol, rule, text, visit, within

FULL_PLAN = booked_up(WORKING_WEEK)
EVERY_DAY = booked_up(OPEN)
START = Facts(dates={"d1": DAY_1})


def later(schedule, code, days, scope=Scope.VISIT):
    """The proposal for a visit deferred by about as many days, bookings moving where they must."""
    return proposal(schedule, deferred(schedule, code, days, scope), keep=False, asked=(code,), exact=False)


def hows(found):
    return {line.code: line.how for line in found.lines}


# ---- the worked examples


def test_folfox_4_a_week_late_over_easter():
    """C4 14 April + 7 = Easter Monday 21: the nearest open day is Tuesday 22 (Friday 18 is three days off).

    From 22 April on, each visit that must leave goes to the day of its window nearest to the day that it had.
    C4P: target 21 April, window 19 to 22, and only the 22nd is open. C4D3: 2 days after. N2: 3 days after, Friday 25;
    its call on Saturday 26. N2+7: target 2 May, 1 to 3 May: the 1st is a holiday, the 3rd a Saturday.
    C5: 14 days after, Tuesday 6 May, window to the 9th. C5P: target 5 May, 3 to 6: the 3rd and 4th are a weekend.
    N3: Friday 9 May, window 9 to 10; N3+7: target 16 May, 15 to 17, and the 15th is nearest to the 9th.
    C6: 14 days after, Tuesday 20 May. C6P: target 19, 17 to 20: the 17th and 18th are a weekend.
    EOC: 14 days after is 3 June, window 1 to 8; the 1st is a Sunday, the 2nd nearest to 26 May.
    RES: 28 days after 20 May is 17 June, one day after its booking. It takes PRE (3 to 15 June), P14 (28 June to
    4 July), P30 (12 to 22 July) and P60 (16 to 23 August) in their windows where they are: 10 and 30 June, 16 July,
    18 August. Imaging and the decision count from Day 1 and do not move, nor does the review 14 days after N1.
    """
    found = later(FULL_PLAN, "C4D1", 7)

    assert moved_to(found) == [
        ("C4P", d(14, 4), d(22, 4), (d(19, 4), d(22, 4))),
        ("C4D1", d(14, 4), d(22, 4), (d(14, 4), d(17, 4))),
        ("C4D3", d(16, 4), d(24, 4), (d(24, 4), d(24, 4))),
        ("C5P", d(28, 4), d(5, 5), (d(3, 5), d(6, 5))),
        ("C5D1", d(28, 4), d(6, 5), (d(6, 5), d(9, 5))),
        ("C5D3", d(30, 4), d(8, 5), (d(8, 5), d(8, 5))),
        ("C6P", d(12, 5), d(19, 5), (d(17, 5), d(20, 5))),
        ("C6D1", d(12, 5), d(20, 5), (d(20, 5), d(23, 5))),
        ("C6D3", d(14, 5), d(22, 5), (d(22, 5), d(22, 5))),
        ("N2", d(17, 4), d(25, 4), (d(25, 4), d(26, 4))),
        ("N2+1", d(18, 4), d(26, 4), (d(26, 4), d(26, 4))),
        ("N2+7", d(24, 4), d(2, 5), (d(1, 5), d(3, 5))),
        ("N3", d(2, 5), d(9, 5), (d(9, 5), d(10, 5))),
        ("N3+1", d(3, 5), d(10, 5), (d(10, 5), d(10, 5))),
        ("N3+7", d(9, 5), d(15, 5), (d(15, 5), d(17, 5))),
        ("EOC", d(26, 5), d(2, 6), (d(1, 6), d(8, 6))),
        ("RES", d(16, 6), d(17, 6), (d(9, 6), d(6, 7))),
    ]
    assert {code for code, how in hows(found).items() if how is How.STAYS} == {"PRE", "P14", "P30", "P60"}


def test_of_the_late_cycle_only_folfox_4_itself_is_outside_its_window_and_the_preview_says_by_how_much():
    """Its window ends on 17 April, 14 days and 3 after FOLFOX 3: the 22nd is 5 days late."""
    found = later(FULL_PLAN, "C4D1", 7)

    late = {line.code: (line.outside_before, line.outside) for line in found.lines if line.outside}
    assert late == {"C4D1": (0, 5)}
    assert [(one.visit, one.rule, one.days) for one in found.deviations] == [("C4D1", "window", 5)]
    assert found.conflicts == ()


def test_the_preview_names_the_closed_days_that_were_met():
    """The bloods of cycle 4 aimed at Easter Monday 21 April; the week check aimed at Friday 2 May, which is open."""
    found = later(FULL_PLAN, "C4D1", 7)

    met = {line.code: [closure.name for closure in line.met] for line in found.lines}
    assert met["C4P"] == ["Easter Monday"]
    assert met["N2+7"] == []


def test_the_room_left_for_surgery_is_told_before_and_after():
    """PRE is booked on 10 June and P14 on 30 June: surgery from the 11th to the 30th is 20 days, from the 17th 14."""
    before, after = later(FULL_PLAN, "C4D1", 7).days_left

    assert (before.days_left, before.can_slip) == (20, 19)
    assert (after.days_left, after.can_slip) == (14, 13)


@pytest.mark.parametrize("by", [8, d(22, 4)])
def test_a_deferral_to_a_day_is_one_by_the_days_between(by):
    assert deferred(FULL_PLAN, "C4D1", by) == moved(FULL_PLAN, "C4D1", d(22, 4))


def test_folfox_6_27_days_late_leaves_surgery_day_126_alone():
    """Every day open. C6 on 12 May + 27 = 8 June, day 98; + 28 is 6 July, day 126: the only day left, none to slip.

    C6P: window 5 to 8 June. EOC: target 22 June, 20 to 27. PRE: 22 June to 4 July. P14: target 20 July, 17 to 23.
    P30: target 5 August, 31 July to 10 August. P60: 4 September, never earlier. Each takes the day of its window
    nearest to the day that it had.
    """
    found = later(EVERY_DAY, "C6D1", 27)

    assert [line[:3] for line in moved_to(found)] == [
        ("C6P", d(11, 5), d(5, 6)),
        ("C6D1", d(12, 5), d(8, 6)),
        ("C6D3", d(14, 5), d(10, 6)),
        ("EOC", d(26, 5), d(20, 6)),
        ("PRE", d(9, 6), d(22, 6)),
        ("RES", d(16, 6), d(6, 7)),
        ("P14", d(30, 6), d(17, 7)),
        ("P30", d(16, 7), d(31, 7)),
        ("P60", d(15, 8), d(4, 9)),
    ]
    assert (found.days_left[1].days_left, found.days_left[1].can_slip) == (1, 0)


def test_folfox_6_28_days_late_leaves_surgery_no_day_and_says_what_could_give_way():
    """28 days after 9 June is 7 July, day 127. Another day for FOLFOX 6 asks least, either rule an investigator."""
    found = proposal(EVERY_DAY, deferred(EVERY_DAY, "C6D1", 28), keep=False)

    (surgery,) = found.stuck
    assert (found.facts, found.after, surgery.visit) == (None, None, "RES")
    assert {(r.why, r.visit) for r in surgery.reasons} == {
        (Why.DATE, "day_one"),
        (Why.BOOKED, "C6D1"),
        (Why.RULE, "RES"),
        (Why.WINDOW, "RES"),
    }
    assert [(r.ways, r.reasons[0].visit, r.reasons[0].rule) for r in surgery.repairs] == [
        ((Way.REBOOK,), "C6D1", ""),
        ((Way.DEVIATE,), "RES", "window"),
        ((Way.DEVIATE,), "RES", "surgery-after-folfox"),
    ]
    assert found.days_left[1] is None


def test_the_second_infusion_a_day_later_moves_its_call_and_nothing_else():
    """N2 on Friday 18 April, the last day of its window; the call on Saturday 19. N2+7: 24 to 26 April, kept on the
    24th. N3 on 2 May is 14 days later. The review of 17 April comes before it.
    """
    found = proposal(FULL_PLAN, moved(FULL_PLAN, "N2", d(18, 4)), keep=False)

    assert moved_to(found) == [
        ("N2", d(17, 4), d(18, 4), (d(17, 4), d(18, 4))),
        ("N2+1", d(18, 4), d(19, 4), (d(19, 4), d(19, 4))),
    ]
    assert hows(found) == {"N2": How.ASKED, "N2+1": How.MOVES, "N2+7": How.STAYS}


def test_everything_after_it_shifts_by_the_same_days_where_that_is_legal():
    """FOLFOX 6 by 7 days to 19 May: EOC to 2 June, PRE to 17, RES to 23 June, P14 to 30 + 7 = 7 July, and so on."""
    found = later(FULL_PLAN, "C6D1", 7, Scope.LATER)

    assert [line[:3] for line in moved_to(found)] == [
        ("C6P", d(12, 5), d(19, 5)),
        ("C6D1", d(12, 5), d(19, 5)),
        ("C6D3", d(14, 5), d(21, 5)),
        ("EOC", d(26, 5), d(2, 6)),
        ("PRE", d(10, 6), d(17, 6)),
        ("RES", d(16, 6), d(23, 6)),
        ("P14", d(30, 6), d(7, 7)),
        ("P30", d(16, 7), d(23, 7)),
        ("P60", d(18, 8), d(25, 8)),
    ]
    assert set(hows(found).values()) == {How.ASKED}


# ---- bookings that stay


@pytest.mark.parametrize(
    ("known", "asked", "ways"),
    [
        (START.occurred("A", day(8)).booked("B", day(15)), day(14), [(Way.DEVIATE,)]),  # 6 days after A, 7 are asked
        (START.booked("A", day(8)).booked("B", day(15)), day(16), [(Way.OPEN_DAY,)]),  # closed
    ],
)
def test_with_bookings_kept_a_day_that_booking_refuses_is_refused_too(known, asked, ways):
    before = plan(CHAIN, known, closed(day(16)))

    (found,) = proposal(before, moved(before, "B", asked), keep=True).stuck

    assert (found.visit, [repair.ways for repair in found.repairs]) == ("B", ways)


def test_with_bookings_kept_a_rule_that_cannot_move_is_overruled_and_told():
    """B on day 14 is 6 days after A, which took place; 7 are asked. Even in the words of before it is a new break."""
    facts = START.occurred("A", day(8)).booked("B", day(13)).accepting(Acceptance("A-B", "B", "agreed"))
    before = plan(CHAIN, facts, OPEN)
    asked = moved(before, "B", day(14))
    (repair,) = proposal(before, asked, keep=True).stuck[0].repairs

    found = proposal(before, asked, keep=True, giving=Giving(repair.reasons, "agreed"))

    assert [(one.visit, one.rule) for one in found.overruled] == [("B", "A-B")]
    assert (found.conflicts, found.facts.accepted) == ((), (Acceptance("A-B", "B", "agreed"),))


def test_with_bookings_kept_nothing_is_left_against_an_absolute_rule():
    """C could still move, but nobody may save it 6 days after B, not even for later."""
    trial = replace(CHAIN, rules=(rule("A", "B", 7), rule("B", "C", 7, strength=Strength.ABSOLUTE)))
    before = plan(trial, CHAINED, OPEN)

    (found,) = proposal(before, moved(before, "B", day(16)), keep=True).stuck

    assert (found.visit, found.repairs) == ("C", ())


def test_with_bookings_kept_a_visit_that_loses_its_last_day_is_told_and_nothing_given_way_here():
    """D is 7 days after A at most and 3 after B at least: with B on day 13 there is no day for it."""
    trial = protocol(
        visit("A", offset=7),
        visit("B", "A", 3),
        visit("D", "B", 3),
        rules=(rule("B", "D", 3), rule("A", "D", None, 7)),
    )
    before = plan(trial, START.occurred("A", day(8)).booked("B", day(11)), OPEN)

    (found,) = proposal(before, moved(before, "B", day(13)), keep=True).stuck

    assert (found.visit, found.repairs) == ("D", ())


def test_with_bookings_kept_nothing_moves_and_those_that_clash_are_named():
    """C4 on Tuesday 22 April: pump off on the 16th and N2 on the 17th come before it, C5 on the 28th 6 days after."""
    act = moved(FULL_PLAN, "C4D1", d(22, 4))

    found = proposal(FULL_PLAN, act, keep=True)

    assert found.facts == act
    assert [line.code for line in found.lines if line.old != line.new] == ["C4D1"]
    assert found.would_move == ("C4D3", "C5D1", "N2")
    assert {conflict.kind for conflict in found.conflicts} == {ConflictKind.RULE}
    assert found.moves == {}


def test_what_is_not_booked_follows_and_is_told_with_what_becomes_provisional():
    """A is given back and Day 1 moves by two days: B, which counts from A, now counts from a day only suggested."""
    trial = protocol(visit("A", offset=7), visit("B", "A", 7))
    before = plan(trial, START.booked("A", day(8)), OPEN)

    found = proposal(before, before.facts.planned("A").dated("d1", day(3)), keep=False)

    assert [(line.code, line.old, line.new, line.how, line.becomes_provisional) for line in found.lines] == [
        ("A", day(8), day(10), How.ASKED, False),
        ("B", day(15), day(17), How.FOLLOWS, True),
    ]


def test_a_visit_that_counts_from_a_booking_given_back_is_told_although_its_day_is_the_same():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7))
    before = plan(trial, START.booked("A", day(8)), OPEN)

    found = proposal(before, START, keep=False)

    assert [(line.code, line.old == line.new, line.becomes_provisional) for line in found.lines] == [
        ("A", True, False),
        ("B", True, True),
    ]


def test_a_booking_without_a_plan_before_leaves_no_window():
    trial = protocol(visit("A", offset=7), replace(visit("U"), timing=None))

    found = proposal(plan(trial, START, OPEN), START.booked("U", day(4)), keep=False, asked=())

    assert days(found) == {"U": day(4)}


def test_a_visit_that_was_not_there_before_has_no_old_day():
    trial = protocol(visit("A", offset=7), replace(visit("U"), timing=None))
    before = plan(trial, START, OPEN)

    (line,) = proposal(before, START.booked("U", day(4)), keep=False).lines

    assert (line.code, line.old, line.new, line.how) == ("U", None, day(4), How.ASKED)
    assert (line.outside_before, line.outside, line.met, line.becomes_provisional) == (0, 0, (), False)


def test_a_visit_that_is_there_no_more_has_no_new_day():
    trial = protocol(visit("A", offset=7), replace(visit("U"), timing=None))
    before = plan(trial, START.booked("U", day(4)), OPEN)

    (line,) = proposal(before, START, keep=False).lines

    assert (line.code, line.old, line.new, line.how, line.met) == ("U", day(4), None, How.ASKED, ())


# ---- bookings that move


CHAIN = protocol(
    visit("A", offset=7, window=within(0, 3)),
    visit("B", "A", 7, window=within(0, 3)),
    visit("C", "B", 7, window=within(0, 3)),
    rules=(rule("A", "B", 7), rule("B", "C", 7)),
)
CHAINED = START.booked("A", day(8)).booked("B", day(15)).booked("C", day(22))


def days(found):
    return {code: fact.day for code, fact in found.facts.visits.items()}


def test_what_occurred_stays_however_it_fits():
    """B took place 4 days after A, 7 are asked: a deviation, which moves neither; C is 10 days after B."""
    before = plan(CHAIN, CHAINED.occurred("A", day(8)), OPEN)

    found = proposal(before, before.facts.occurred("B", day(12)), keep=False)

    assert days(found) == {"A": day(8), "B": day(12), "C": day(22)}
    assert found.stuck == ()


def test_what_took_place_late_pushes_what_is_booked_after_it():
    before = plan(CHAIN, CHAINED, OPEN)

    found = proposal(before, CHAINED.occurred("A", day(11)), keep=False)

    assert days(found) == {"A": day(11), "B": day(18), "C": day(25)}
    assert found.facts.visits["A"].state is State.OCCURRED


def test_a_day_in_the_window_is_taken_before_a_possible_one_outside_it():
    """A on day 12: B's window is day 19 to 22. Day 19 to 21 closed: day 22. All four closed: 23, one day late."""
    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(15)), OPEN)
    act = before.facts.booked("A", day(12))

    inside, outside = (
        proposal(before, act, keep=False, calendar=closed(day(19), last)).lines[1] for last in (day(21), day(22))
    )

    assert (inside.new, inside.outside) == (day(22), 0)
    assert (outside.new, outside.outside) == (day(23), 1)


def test_outside_its_window_a_booking_goes_where_it_is_outside_by_least():
    """No rule between them. A on day 40: B's window is day 47 to 50, closed with day 41 to 46. Day 51 is 1 late."""
    trial = replace(CHAIN, rules=())
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    found = proposal(before, before.facts.booked("A", day(40)), keep=False, calendar=closed(day(41), day(50)))

    assert days(found)["B"] == day(51)


def test_a_booking_that_was_outside_its_window_before_is_left_there():
    """B on day 30 is outside day 15 to 18; with A on day 9 it is outside day 16 to 19, and nothing pushes it."""
    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(30)), OPEN)

    found = proposal(before, before.facts.booked("A", day(9)), keep=False)

    assert days(found) == {"A": day(9), "B": day(30)}
    assert found.moves == {}


def test_a_rule_of_the_strength_of_a_window_moves_a_booking_that_kept_it():
    """B at most 9 days after A, day 8 to 17; A on day 4 asks for day 13 at the latest."""
    trial = protocol(
        visit("A", offset=7), visit("B", offset=14), rules=(rule("A", "B", None, 9, strength=Strength.WINDOW),)
    )
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    found = proposal(before, before.facts.booked("A", day(4)), keep=False)

    assert days(found) == {"A": day(4), "B": day(13)}


def test_such_a_rule_counts_from_the_day_that_a_rough_wish_found():
    """A wished for day 4 finds day 5, day 4 being closed: B at most 9 days later is day 14, not 13."""
    trial = protocol(
        visit("A", offset=7), visit("B", offset=14), rules=(rule("A", "B", None, 9, strength=Strength.WINDOW),)
    )
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    found = proposal(
        before,
        before.facts.booked("A", day(4)),
        keep=False,
        asked=("A",),
        exact=False,
        calendar=closed(day(2), day(4)),
    )

    assert days(found) == {"A": day(5), "B": day(14)}


def test_a_moved_booking_loses_its_time_and_what_was_accepted_for_its_day():
    facts = START.booked("A", day(8)).booked("B", day(15), time(9), "Europe/Brussels", "unit")
    before = plan(CHAIN, facts.accepting(Acceptance("window", "B", "agreed")), OPEN)

    found = proposal(before, before.facts.booked("A", day(12)), keep=False)

    assert found.facts.visits["B"] == START.booked("B", day(19)).visits["B"]
    assert found.facts.accepted == ()


def test_two_visits_of_one_attendance_move_as_one():
    """B and G on day 15, in one attendance; A on day 12 takes B to day 19, and G with it."""
    trial = protocol(*CHAIN.encounters[:2], visit("G", offset=14, window=within(7, 7)), rules=CHAIN.rules[:1])
    facts = START.booked("A", day(8)).booked("B", day(15)).combined("G", "B")
    before = plan(trial, facts, OPEN)

    found = proposal(before, facts.booked("A", day(12)), keep=False)

    assert days(found) == {"A": day(12), "B": day(19), "G": day(19)}
    assert found.moves == {"B": (day(15), day(19)), "G": (day(15), day(19))}


def test_a_day_named_for_a_guest_is_named_for_its_attendance():
    trial = protocol(visit("A", offset=7), visit("B", offset=7))
    before = plan(trial, START.booked("A", day(8)).combined("B", "A"), OPEN)

    found = proposal(before, deferred(before, "B", 2), keep=False, asked=("B",))

    assert hows(found) == {"A": How.ASKED, "B": How.ASKED}


def test_room_is_asked_for_every_visit_that_moves_and_of_the_one_that_takes_the_time():
    """A on day 12: B's window is day 19 to 22, and day 19 and 20 are full."""
    asked = []

    def free(code, when):
        asked.append((code, when))
        return when not in (day(19), day(20))

    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(15)), OPEN)
    found = proposal(before, before.facts.booked("A", day(12)), keep=False, free=free)

    assert days(found)["B"] == day(21)
    assert {line.code: line.full for line in found.lines if line.full} == {"B": (day(19), day(20))}
    assert asked == [("A", day(12)), ("B", day(15)), ("B", day(19)), ("B", day(20)), ("B", day(21))]


def test_an_earlier_booking_goes_elsewhere_where_the_first_day_would_leave_a_later_one_only_full_days():
    """A is put off to day 9. B, exactly 7 days later, would be on day 16, which is full: A goes to day 10, B to 17."""
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), rules=(rule("A", "B", 7, 7),))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    found = put_off(before, day(9), lambda code, when: code == "A" or when != day(16))

    assert days(found) == {"A": day(10), "B": day(17)}


def test_a_visit_that_is_put_off_is_never_earlier_than_asked():
    """A put off to day 10 pushes B, 7 days after it, to day 17; where B has room until day 15 only there is no plan."""
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), rules=(rule("A", "B", 7), rule("d1", "B", None, 16)))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN)

    assert days(put_off(before, day(10), lambda _code, _when: True)) == {"A": day(10), "B": day(17)}
    assert put_off(before, day(10), lambda code, when: code == "A" or when <= day(15)).facts is None


def put_off(before, when, free):
    """A is put off to that day."""
    return proposal(before, before.facts.booked("A", when), keep=False, asked=("A",), exact=False, free=free)


def test_a_booking_pushed_before_a_full_day_makes_those_before_it_choose_again():
    """A and B leave day 8 and 9, which close, B always 1 or 2 days after A. The nearest day to 8 is 7, and B would be
    on day 8 (closed) or 9 (closed): so A goes to 10 and B to 11; 11 is full, 12 not; then A 10, B 12.
    """
    trial = protocol(visit("A", offset=7), visit("B", offset=8), rules=(rule("A", "B", 1, 2),))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(9)), OPEN)

    def free(code, when):
        return code == "A" or when not in (day(7), day(11))

    found = proposal(before, before.facts, keep=False, calendar=closed(day(8), day(9)), free=free)
    fuller = proposal(
        before,
        before.facts,
        keep=False,
        calendar=closed(day(8), day(9)),
        free=lambda code, when: code == "A" or when in (day(20), day(21)),
    )

    assert days(found) == {"A": day(10), "B": day(12)}
    assert days(fuller) == {"A": day(18), "B": day(20)}


def test_where_every_day_is_full_making_room_is_offered():
    trial = protocol(visit("A", offset=7), rules=(rule("d1", "A", 7, 7),))
    before = plan(trial, START.booked("A", day(8)), OPEN)

    found = proposal(before, before.facts, keep=False, free=lambda _code, _day: False)

    assert [(one.visit, [repair.ways for repair in one.repairs]) for one in found.stuck] == [
        ("A", [(Way.MAKE_ROOM,), (Way.DEVIATE,)])
    ]


def test_where_a_day_named_roughly_finds_only_full_days_nothing_is_proposed():
    trial = protocol(visit("A", offset=7), rules=(rule("d1", "A", 7, 8),))
    before = plan(trial, START.booked("A", day(8)), OPEN)

    found = proposal(
        before, START.booked("A", day(9)), keep=False, asked=("A",), exact=False, free=lambda _code, _day: False
    )

    assert [one.visit for one in found.stuck] == ["A"]


def test_a_day_asked_for_that_is_closed_is_refused_with_what_could_give_way():
    """The absence is for the patient to settle, the closure for the site; another day asks least of all."""
    before = plan(CHAIN, START.booked("A", day(8)), OPEN)

    stuck = [
        proposal(before, START.booked("A", day(9)), keep=False, calendar=closed(day(9), because=because)).stuck
        for because in (Because.ABSENCE, Because.CLOSURE)
    ]

    assert [[repair.ways for repair in found[0].repairs] for found in stuck] == [
        [(Way.REBOOK,), (Way.ASK_PATIENT,)],
        [(Way.REBOOK,), (Way.OPEN_DAY,)],
    ]


def test_what_is_absolute_is_never_offered_to_give_way():
    trial = protocol(
        visit("A", offset=7), visit("B", offset=14), rules=(rule("A", "B", 7, strength=Strength.ABSOLUTE),)
    )
    before = plan(trial, START.occurred("A", day(8)).booked("B", day(15)), OPEN)

    (found,) = proposal(before, before.facts.booked("B", day(14)), keep=False).stuck

    assert [repair.ways for repair in found.repairs] == [(Way.REBOOK,)]


def test_a_rule_that_an_investigator_overruled_is_not_held_against_the_days_it_was_overruled_for():
    """B on day 12 is 4 days after A, 7 are asked. Agreed in writing; then C, which nothing pushes, moves alone."""
    facts = START.booked("A", day(8)).booked("B", day(12)).booked("C", day(19))
    before = plan(CHAIN, facts.accepting(Acceptance("A-B", "B", "agreed")), OPEN)

    found = proposal(before, before.facts.booked("C", day(20)), keep=False)

    assert days(found) == {"A": day(8), "B": day(12), "C": day(20)}


def test_once_one_of_the_two_moves_the_overruled_rule_holds_again():
    """Day 12 closes: B cannot stay 4 days after A and goes where 7 are kept, day 15."""
    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(12)), OPEN)
    agreed = before.facts.accepting(Acceptance("A-B", "B", "agreed"))

    found = proposal(plan(CHAIN, agreed, OPEN), agreed, keep=False, calendar=closed(day(12)))

    assert days(found) == {"A": day(8), "B": day(15)}
    assert found.facts.accepted == ()


@pytest.mark.parametrize("later", [9, 7])
def test_what_was_agreed_for_one_distance_holds_for_no_other(later):
    """B on day 12 was agreed to 4 days after A on day 8. A on day 9 leaves 3, on day 7 it leaves 5: 7 are asked again.

    Nobody agreed to either: B goes to 7 days after A, the first day of its window.
    """
    facts = START.booked("A", day(8)).booked("B", day(12)).accepting(Acceptance("A-B", "B", "agreed"))
    before = plan(CHAIN, facts, OPEN)

    found = proposal(before, moved(before, "A", day(later)), keep=False)

    assert days(found) == {"A": day(later), "B": day(later + 7)}
    assert (found.conflicts, found.facts.accepted) == ((), ())


def test_with_bookings_kept_what_nobody_agreed_to_is_a_new_conflict():
    """A on day 9 leaves 3 days to B on day 12, and 4 were agreed to."""
    facts = START.booked("A", day(8)).booked("B", day(12)).accepting(Acceptance("A-B", "B", "agreed"))
    before = plan(CHAIN, facts, OPEN)

    found = proposal(before, moved(before, "A", day(9)), keep=True)

    assert [(clash.kind, clash.visit) for clash in found.conflicts] == [(ConflictKind.RULE, "B")]
    assert (found.would_move, found.facts.accepted) == (("B",), ())


def test_bookings_that_clashed_before_are_put_right_and_as_few_as_can_be():
    """B on day 12 and C on day 13 are less than 7 days after A on day 8 and after B; C alone cannot mend that.

    A and C could stay with B gone, B and C not together, A and B not: of A, B, C no two of (A, B) and (B, C) can stay;
    A and C can only where B finds a day 7 after A and 7 before C: there is none from day 15 to day 6. So one stays, the
    first: A on 8, then B on 15 and C on 22.
    """
    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(12)).booked("C", day(13)), OPEN)

    found = proposal(before, before.facts, keep=False)

    assert days(found) == {"A": day(8), "B": day(15), "C": day(22)}


def test_two_bookings_are_kept_where_one_would_do_for_the_first():
    """A on day 12 pushes B (day 14) and C (day 21), which fit together: A moves, back to day 7."""
    before = plan(CHAIN, START.booked("A", day(12)).booked("B", day(14)).booked("C", day(21)), OPEN)

    found = proposal(before, before.facts, keep=False)

    assert days(found) == {"A": day(7), "B": day(14), "C": day(21)}


# ---- what stands beside


def test_a_booking_whose_day_has_passed_waits_to_be_recorded_and_does_not_move():
    before = plan(CHAIN, START.booked("A", day(8)).booked("B", day(15)), OPEN, today=day(10))

    found = proposal(before, before.facts, keep=False, calendar=closed(day(8)))

    assert [(one.visit, [repair.ways for repair in one.repairs]) for one in found.stuck] == [
        ("A", [(Way.REBOOK,), (Way.OPEN_DAY,)])
    ]


def test_a_visit_that_had_no_day_before_moves_no_booking_and_is_no_new_alarm():
    """B must be on day 15 to 18 (hard), but A on day 30 comes 7 days before it. C, asked for day 50, moves alone."""
    b = visit("B", offset=14, window=within(0, 3), strength="hard")
    trial = protocol(visit("A", offset=7), b, visit("C", offset=40), rules=(rule("A", "B", 7),))
    before = plan(trial, START.booked("A", day(30)).booked("C", day(41)), OPEN)

    found = proposal(before, before.facts.booked("C", day(50)), keep=False)

    assert [conflict.visit for conflict in before.conflicts] == ["B"]
    assert days(found) == {"A": day(30), "C": day(50)}
    assert found.conflicts == ()


def test_a_visit_that_had_no_day_before_has_one_again_where_the_act_gives_it_room():
    b = visit("B", offset=14, window=within(0, 3), strength="hard")
    trial = protocol(visit("A", offset=7), b, rules=(rule("A", "B", 7),))
    before = plan(trial, START.booked("A", day(30)), OPEN)

    found = proposal(before, START.booked("A", day(9)), keep=False)

    assert found.after.by_code["B"].suggested == day(16)


def test_an_overdue_visit_that_loses_its_last_day_is_no_alarm_but_the_key_visit_is():
    """A was due by day 11 and is not booked; today is day 20. With C on day 20 it has no day at least 1 before it."""
    trial = protocol(
        visit("A", offset=7, window=within(0, 3)), visit("C", offset=30), rules=(rule("A", "C", 1),), key_visit=None
    )
    facts = START.booked("C", day(31))
    quiet = plan(trial, facts, OPEN, today=day(20))
    loud = plan(replace(trial, key_visit=KeyVisit("A", 3)), facts, OPEN, today=day(20))

    done, refused = (proposal(before, facts.booked("C", day(20)), keep=False) for before in (quiet, loud))

    assert (done.stuck, days(done)) == ((), {"C": day(20)})
    assert [one.visit for one in refused.stuck] == ["A"]


def test_a_booking_that_waits_for_a_date_stays_as_it_is():
    dates = (NamedDate("d1", text("Day 1")), NamedDate("end", text("End"), required=False))
    trial = protocol(visit("A", offset=7), visit("E", "end", 7), dates=dates)
    before = plan(trial, START.booked("E", day(30)), OPEN)

    found = proposal(before, before.facts.booked("A", day(9)), keep=False)

    assert days(found) == {"E": day(30), "A": day(9)}


def test_a_start_that_moves_takes_the_visit_on_it_and_the_bookings_that_no_longer_fit():
    """Day 1 two days later, with V1 booked on it: V2 is due 7 to 9 days after, from day 10 on."""
    dates = (NamedDate("d1", text("Day 1"), visit="V1"),)
    trial = protocol(visit("V1", window=within(0, 0)), visit("V2", offset=7, window=within(0, 2)), dates=dates)
    before = plan(trial, START.booked("V1", DAY_1).booked("V2", day(8)), OPEN)

    found = proposal(before, restarted(before, "d1", day(3)), keep=False)

    assert days(found) == {"V1": day(3), "V2": day(10)}
    assert found.facts.dates["d1"] == day(3)


def test_a_start_on_a_closed_day_is_refused():
    dates = (NamedDate("d1", text("Day 1"), visit="V1"),)
    before = plan(protocol(visit("V1", window=within(0, 0)), dates=dates), START, OPEN)

    (found,) = proposal(before, restarted(before, "d1", day(3)), keep=False, calendar=closed(day(3))).stuck

    assert (found.visit, [repair.ways for repair in found.repairs]) == ("V1", [(Way.OPEN_DAY,)])


def test_of_a_date_and_a_record_that_clash_only_the_rule_can_give_way():
    """A came 7 days after Day 1 as it was; Day 1 on day 5 leaves 3."""
    trial = protocol(visit("A", offset=7), rules=(rule("d1", "A", 7),))
    before = plan(trial, START.booked("A", day(8)), OPEN, today=day(9))

    (found,) = proposal(before, before.facts.dated("d1", day(5)), keep=False).stuck

    assert [repair.ways for repair in found.repairs] == [(Way.REBOOK,), (Way.DEVIATE,)]


# ---- bookings that fall away


def test_what_hangs_on_an_omitted_cycle_is_given_back():
    """Bloods and pump off fall away with FOLFOX 6; surgery counts from FOLFOX 5 (28 April + 35 = 2 June) and EOC from
    the same (12 May, window 10 to 17 May): EOC leaves 26 May for the nearest open day, Friday 16.
    """
    found = proposal(FULL_PLAN, omitted(FULL_PLAN, "C6D1"), keep=False)

    assert hows(found) == {
        "C6P": How.FALLS_AWAY,
        "C6D1": How.ASKED,
        "C6D3": How.FALLS_AWAY,
        "EOC": How.MOVES,
        "RES": How.STAYS,
    }
    assert found.moves == {"EOC": (d(26, 5), d(16, 5))}
    assert {"C6P", "C6D3"} & found.facts.visits.keys() == set()


def test_what_stood_on_a_branch_that_is_not_taken_is_given_back_and_its_guest_keeps_the_day():
    yes, no = ((Condition("go", (value,)),) for value in ("yes", "no"))
    trial = protocol(visit("Y", offset=7, conditions=yes), visit("N", offset=7, conditions=no), visit("G", offset=7))
    facts = START.booked("Y", day(8)).combined("G", "Y")
    before = plan(trial, facts, OPEN)

    found = proposal(before, facts.decided("go", "no"), keep=False)

    assert days(found) == {"G": day(8)}
    assert found.facts.together == {}
    assert hows(found)["Y"] is How.FALLS_AWAY


def test_a_booking_that_had_fallen_away_before_is_left_to_the_conflict_that_it_is():
    yes = (Condition("go", ("yes",)),)
    trial = protocol(visit("Y", offset=7, conditions=yes), visit("A", offset=14))
    before = plan(trial, START.booked("Y", day(8)).decided("go", "no"), OPEN)

    found = proposal(before, before.facts.booked("A", day(16)), keep=False)

    assert days(found) == {"Y": day(8), "A": day(16)}


def test_when_treatment_stops_follow_up_stays():
    found = proposal(FULL_PLAN, stopped(FULL_PLAN, ("treatment",)), keep=False)

    states = {code: seen.state for code, seen in found.after.by_code.items()}
    assert {states[code] for code in ("C2P", "C2D1", "N3", "IM1", "EOC", "DLT")} == {State.CANCELED}
    assert {states[code] for code in ("SC1", "M7", "M28")} == {State.BOOKED}


def test_an_end_cancels_what_is_to_come_from_that_day_on_and_a_resumption_brings_it_back_where_it_was():
    """Ended on day 10: A on day 8 stays, B on day 15 and C on day 22 fall away. Resumed, both return."""
    before = plan(CHAIN, CHAINED, OPEN)

    ended = proposal(before, CHAINED.ending(day(10)), keep=False)
    resumed = proposal(ended.after, ended.facts.ending(None), keep=False)

    assert hows(ended) == {"B": How.FALLS_AWAY, "C": How.FALLS_AWAY}
    assert hows(resumed) == {"B": How.RETURNS, "C": How.RETURNS}
    assert (resumed.facts, resumed.moves) == (CHAINED, {})


def test_what_returns_to_a_day_that_closed_meanwhile_moves():
    before = plan(CHAIN, CHAINED.ending(day(10)), OPEN)

    found = proposal(before, CHAINED, keep=False, calendar=closed(day(15)))

    assert hows(found) == {"B": How.MOVES, "C": How.MOVES}
    assert days(found) == {"A": day(8), "B": day(16), "C": day(23)}


def test_a_plan_in_which_nothing_is_done_proposes_nothing():
    found = proposal(FULL_PLAN, FULL_PLAN.facts, keep=False)

    assert (found.facts, found.lines, found.after) == (FULL_PLAN.facts, (), FULL_PLAN)


def test_the_lines_are_the_changes_between_the_two_plans():
    found = later(FULL_PLAN, "C4D1", 7)

    assert tuple(line.change for line in found.lines) == changes(FULL_PLAN, found.after)
    assert found.after == plan(SHRINK, found.facts, WORKING_WEEK)


def test_a_deviation_that_was_there_before_is_to_be_declared_again_only_for_other_days():
    """A is due on day 8 and may be on day 11 at the latest: day 12 is a day late, day 13 two."""
    before = plan(CHAIN, START.booked("A", day(12)), OPEN)

    same = proposal(before, before.facts.booked("B", day(19)), keep=False)
    other = proposal(before, START.booked("A", day(13)), keep=False)

    assert same.deviations == ()
    assert [(one.visit, one.days) for one in other.deviations] == [("A", 2)]
    assert (other.declared, other.expected) == (other.deviations, ())
