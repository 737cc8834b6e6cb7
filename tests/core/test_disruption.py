"""A closure of the site: what it hits, the least that must move, and the cascade that it is compared with.

Day 1 is Monday 3 March 2025; Belgian holidays and weekends are closed; everything is booked on its suggested day.
"""

from planner.core.calendar import Because, Calendar, Closure
from planner.core.disruption import cascade, disrupted, hit
from planner.core.facts import Facts
from planner.core.repairs import Way
from planner.core.replan import How
from planner.core.schedule import plan

from .booked_up import booked_up, d, moved_to
from .small import BELGIUM_2025, DAY_1, OPEN, WORKING_WEEK, closed, day, protocol, rule, visit, within

FULL_PLAN = booked_up(WORKING_WEEK)
WORKS = Closure(d(28, 4), d(2, 5), name="works")
SHUT = Calendar(WORKING_WEEK.closed_weekdays, (*BELGIUM_2025, WORKS))
START = Facts(dates={"d1": DAY_1})


def test_a_week_closed_in_cycle_5():
    """Closed from Monday 28 April to Friday 2 May: hit are C5P and C5D1 (28 April), N3 (2 May) and IM1 (28 April).

    C5D1: 14 days after 14 April, first open Monday 5 May; its window ended on 1 May, 4 days late, to be declared.
    C5P: target 4 May, window 2 to 5 May, and only the 5th is open. C5D3: 7 May. N3: 8 or 9 May, the 8th nearer to the
    2nd; its call on the 9th; N3+7: target 15 May, 14 to 16, the 14th nearer to the 9th.
    C6D1: 14 days after is 19 May, window to the 22nd. C6P: target 18 May, 16 to 19, the 16th is a Friday. C6D3: 21 May.
    EOC: target 2 June, 31 May (a Saturday) to 7 June. IM1: 21 April (Easter Monday) to 5 May: Friday 25 is 3 days away,
    5 May 7. Surgery on 16 June is 28 days after 19 May and stays, and with it everything that counts from it.
    """
    found = disrupted(FULL_PLAN, SHUT)

    assert found.hit == ("C5D1", "C5P", "N3", "IM1")
    assert moved_to(found.proposal) == [
        ("C5P", d(28, 4), d(5, 5), (d(2, 5), d(5, 5))),
        ("C5D1", d(28, 4), d(5, 5), (d(28, 4), d(1, 5))),
        ("C5D3", d(30, 4), d(7, 5), (d(7, 5), d(7, 5))),
        ("C6P", d(12, 5), d(16, 5), (d(16, 5), d(19, 5))),
        ("C6D1", d(12, 5), d(19, 5), (d(19, 5), d(22, 5))),
        ("C6D3", d(14, 5), d(21, 5), (d(21, 5), d(21, 5))),
        ("N3", d(2, 5), d(8, 5), (d(8, 5), d(9, 5))),
        ("N3+1", d(3, 5), d(9, 5), (d(9, 5), d(9, 5))),
        ("N3+7", d(9, 5), d(14, 5), (d(14, 5), d(16, 5))),
        ("IM1", d(28, 4), d(25, 4), (d(21, 4), d(5, 5))),
        ("EOC", d(26, 5), d(2, 6), (d(31, 5), d(7, 6))),
    ]
    assert [(line.code, line.outside) for line in found.proposal.lines if line.outside] == [("C5D1", 4)]
    assert {line.how for line in found.proposal.lines if line.code == "RES"} == {How.STAYS}


def test_shifting_everything_would_change_more_than_twice_as_many_bookings():
    """From 28 April on: 6 of cycles 5 and 6, 3 of infusion 3, IM1, EOC, IM2, MDT, PRE, RES, P14, P30, P60, 8 months."""
    assert len(cascade(FULL_PLAN, d(28, 4))) == 26
    assert len(disrupted(FULL_PLAN, SHUT).proposal.moves) == 11


def test_a_closure_that_hits_nothing_moves_nothing():
    found = disrupted(FULL_PLAN, Calendar(SHUT.closed_weekdays, (*BELGIUM_2025, Closure(d(7, 4), d(8, 4), name="x"))))

    assert (found.hit, found.proposal.lines) == ((), ())


def test_a_booking_on_a_day_that_was_closed_before_is_not_hit_by_the_next_closure():
    trial = protocol(visit("A", offset=7))
    before = plan(trial, START.booked("A", day(8)), closed(day(8)))

    assert hit(before, Calendar(closures=(*closed(day(8)).closures, *closed(day(8), day(9)).closures))) == ()


def test_a_unit_that_closes_hits_those_for_whom_no_room_is_left():
    trial = protocol(visit("A", offset=7, window=within(0, 3)), visit("B", offset=7, window=within(0, 3)))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(8)), OPEN)

    found = disrupted(before, OPEN, free=lambda code, when: code == "B" or when > day(9))

    assert found.hit == ("A",)
    assert found.proposal.moves == {"A": (day(8), day(10))}


def test_an_attendance_for_two_visits_is_hit_where_either_calendar_closes():
    trial = protocol(visit("A", offset=7, calendar="any"), visit("B", offset=7))
    before = plan(trial, START.booked("A", day(8)).combined("B", "A"), OPEN)

    found = disrupted(before, closed(day(8)))

    assert found.hit == ("A",)
    assert found.proposal.moves == {"A": (day(8), day(7)), "B": (day(8), day(7))}


def test_what_has_no_legal_day_is_told_with_its_repairs_and_nothing_moves():
    """B on day 9 of a week closed from day 8 to 14, at most 6 days after A, which took place on day 6."""
    trial = protocol(visit("A", offset=5), visit("B", offset=8), rules=(rule("A", "B", 2, 6),))
    before = plan(trial, START.occurred("A", day(6)).booked("B", day(9)), OPEN)

    found = disrupted(before, closed(day(8), day(14), Because.CLOSURE))

    assert found.proposal.facts is None
    assert [(one.visit, [repair.ways for repair in one.repairs]) for one in found.proposal.stuck] == [
        ("B", [(Way.OPEN_DAY,), (Way.DEVIATE,)])
    ]


def test_days_that_have_passed_are_not_hit():
    trial = protocol(visit("A", offset=7), visit("B", offset=14))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN, today=day(10))

    assert hit(before, closed(day(8), day(15))) == ("B",)
    assert cascade(before, day(1)) == ("B",)
