"""A week closed for twelve patients of SHRINK, worked out by hand: from Monday 28 April to Friday 2 May 2025.

Booked are FOLFOX 2 to 6 and surgery, each on the day that was suggested: FOLFOX 14 days after the one before, with up
to 3 days after that; surgery 35 days after FOLFOX 6, and 28 at least. Weekends and holidays are closed: 21 April
(Easter Monday), 1 May (Labour Day), 29 May (Ascension), 9 June (Whit Monday). There is room for everybody.

A FOLFOX in the closed week cannot be earlier, for 14 days must pass after the one before: it goes to Monday 5 May. Each
later one follows 14 days after, in its window. FOLFOX 6 is then 7 days later at most, and 28 days before surgery still,
which stays. Shifting everything would change the same bookings and every surgery.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from planner.core.calendar import Calendar, Closure
from planner.core.disruption import new_days
from planner.core.facts import Facts
from planner.core.patients import Site
from planner.core.rooms import Capacity
from planner.core.schedule import plan

from .booked_up import d, struck
from .small import BELGIUM_2025, SHRINK, WORKING_WEEK

FOLFOX = ("C2D1", "C3D1", "C4D1", "C5D1", "C6D1")
SHUT = Calendar(WORKING_WEEK.closed_weekdays, (*BELGIUM_2025, Closure(d(28, 4), d(2, 5), name="works")))
BOOKED = {
    # Day 1 on Monday 3 February: over before the week.
    "01": (d(3, 2), (d(17, 2), d(3, 3), d(17, 3), d(31, 3), d(14, 4)), d(19, 5)),
    # Monday 10 February: FOLFOX 6 on 21 April is Easter Monday, so on the 22nd; surgery 35 days later on 27 May.
    "02": (d(10, 2), (d(24, 2), d(10, 3), d(24, 3), d(7, 4), d(22, 4)), d(27, 5)),
    # Monday 17 February: FOLFOX 6 is hit.
    "03": (d(17, 2), (d(3, 3), d(17, 3), d(31, 3), d(14, 4), d(28, 4)), d(2, 6)),
    # Monday 24 February: FOLFOX 5 on 22 April for Easter Monday, so FOLFOX 6 on Tuesday 6 May, after the week.
    "04": (d(24, 2), (d(10, 3), d(24, 3), d(7, 4), d(22, 4), d(6, 5)), d(10, 6)),
    # The week of Monday 3 March, one patient a day: FOLFOX 5 is hit. From Thursday on it is 1 May, so Friday the 2nd.
    "05": (d(3, 3), (d(17, 3), d(31, 3), d(14, 4), d(28, 4), d(12, 5)), d(16, 6)),
    "06": (d(4, 3), (d(18, 3), d(1, 4), d(15, 4), d(29, 4), d(13, 5)), d(17, 6)),
    "07": (d(5, 3), (d(19, 3), d(2, 4), d(16, 4), d(30, 4), d(14, 5)), d(18, 6)),
    "08": (d(6, 3), (d(20, 3), d(3, 4), d(17, 4), d(2, 5), d(16, 5)), d(20, 6)),
    "09": (d(7, 3), (d(21, 3), d(4, 4), d(18, 4), d(2, 5), d(16, 5)), d(20, 6)),
    # Monday 10 March: FOLFOX 4 on 22 April for Easter Monday, FOLFOX 5 on 6 May; 24 June is 35 days after 20 May.
    "10": (d(10, 3), (d(24, 3), d(7, 4), d(22, 4), d(6, 5), d(20, 5)), d(24, 6)),
    # Monday 31 March: FOLFOX 3 is hit; FOLFOX 6 on 9 June is Whit Monday, so on the 10th; surgery on 15 July.
    "11": (d(31, 3), (d(14, 4), d(28, 4), d(12, 5), d(26, 5), d(10, 6)), d(15, 7)),
    # Monday 14 April: FOLFOX 2 is hit; FOLFOX 5 on 10 June for Whit Monday, FOLFOX 6 on 24 June, surgery on 29 July.
    "12": (d(14, 4), (d(28, 4), d(12, 5), d(26, 5), d(10, 6), d(24, 6)), d(29, 7)),
}
"""Day 1, FOLFOX 2 to 6 and surgery of each patient."""

MOVED = {
    # 28 April to 1 May was the window, 5 May is 4 days late; 2 June is 28 days later, so surgery stays.
    "03": ({"C6D1": (d(28, 4), d(5, 5))}, 4),
    # FOLFOX 6: 14 days after 5 May is Monday 19 May; surgery from 16 June on, so it stays in all five.
    "05": ({"C5D1": (d(28, 4), d(5, 5)), "C6D1": (d(12, 5), d(19, 5))}, 4),
    # Window 29 April to 2 May: 3 days late.
    "06": ({"C5D1": (d(29, 4), d(5, 5)), "C6D1": (d(13, 5), d(19, 5))}, 3),
    # Window 30 April to 3 May: 2 days late.
    "07": ({"C5D1": (d(30, 4), d(5, 5)), "C6D1": (d(14, 5), d(19, 5))}, 2),
    # Window 1 to 4 May: 1 day late.
    "08": ({"C5D1": (d(2, 5), d(5, 5)), "C6D1": (d(16, 5), d(19, 5))}, 1),
    # Window 2 to 5 May: Monday is its last day, nothing to declare.
    "09": ({"C5D1": (d(2, 5), d(5, 5)), "C6D1": (d(16, 5), d(19, 5))}, 0),
    # 5 and 19 May, 2 June, and 14 days later 16 June; 28 days after that is 14 July, so surgery on the 15th stays.
    "11": (
        {
            "C3D1": (d(28, 4), d(5, 5)),
            "C4D1": (d(12, 5), d(19, 5)),
            "C5D1": (d(26, 5), d(2, 6)),
            "C6D1": (d(10, 6), d(16, 6)),
        },
        4,
    ),
    # 5 and 19 May, 2, 16 and 30 June; 28 days after that is 28 July, so surgery on the 29th stays.
    "12": (
        {
            "C2D1": (d(28, 4), d(5, 5)),
            "C3D1": (d(12, 5), d(19, 5)),
            "C4D1": (d(26, 5), d(2, 6)),
            "C5D1": (d(10, 6), d(16, 6)),
            "C6D1": (d(24, 6), d(30, 6)),
        },
        4,
    ),
}
"""Each booking that moves, from and to; and by how many days the first one is outside its window."""


@pytest.fixture(scope="module")
def plans():
    """Each patient with FOLFOX 2 to 6 and surgery booked where they were suggested."""
    return {key: _booked(day_one) for key, (day_one, _, _) in BOOKED.items()}


def _booked(day_one: date):
    start = Facts(dates={"registration": day_one - timedelta(days=7), "day_one": day_one})
    facts, blank = start, plan(SHRINK, start, WORKING_WEEK)
    for code in (*FOLFOX, "RES"):
        facts = facts.booked(code, blank.by_code[code].suggested)
    return plan(SHRINK, facts, WORKING_WEEK)


@pytest.fixture(scope="module")
def found(plans):
    patients = (struck(before, SHUT, key) for key, before in plans.items())
    return new_days([one for one in patients if one.hit], Capacity(Site("01", "Brussels", "Europe/Brussels", "BE")))


def test_the_days_booked_are_those_worked_out_by_hand(plans):
    days = {
        key: (
            BOOKED[key][0],
            tuple(plans[key].by_code[code].booked for code in FOLFOX),
            plans[key].by_code["RES"].booked,
        )
        for key in plans
    }

    assert days == BOOKED


def test_each_patient_who_is_hit_gets_the_days_worked_out_by_hand(found):
    assert {one.key: one.proposal.moves for one in found} == {key: moves for key, (moves, _) in MOVED.items()}


def test_only_the_first_one_of_each_leaves_its_window_and_is_declared(found):
    late = {one.key: [(deviation.visit, deviation.days) for deviation in one.declared] for one in found}

    assert late == {key: [(next(iter(moves)), days)] if days else [] for key, (moves, days) in MOVED.items()}


def test_what_is_not_booked_and_then_expected_outside_its_window_is_told_apart(found):
    """Infusion 2 three days after 16 to 18 April falls on Saturday to Easter Monday, so it is on Tuesday the 22nd.

    Seven days later, a day more or less, is 28 to 30 April: all closed. The nearest open day, Friday 25, is 3 early.
    """
    early = {one.key: [(deviation.visit, deviation.days) for deviation in one.expected] for one in found}

    assert {key: told for key, told in early.items() if told} == {key: [("N2+7", -3)] for key in ("07", "08", "09")}


def test_shifting_everything_would_change_every_surgery_too(found):
    """1 and 5 x 2 and 4 and 5 bookings change; shifting everything, also the surgery of each of the 8 patients."""
    assert (sum(len(one.changed) for one in found), sum(len(one.shifting) for one in found)) == (20, 28)


def test_who_has_no_open_day_left_in_the_window_is_asked_first(found):
    """Only patient 09 has one: 5 May."""
    assert (found[-1].key, {one.stuck for one in found}) == ("09", {False})
