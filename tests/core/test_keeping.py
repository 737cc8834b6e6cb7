"""The most bookings that can all stay, against brute force over all plans and all sets of bookings."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.keeping import together
from planner.core.network import Bound, Net, live_days

from .nets import made, plans


def can_stay(case, days, visits):
    """Whether some plan has all these visits on their days."""
    open_days = [1 << days[v] & mask if v in visits else mask for v, mask in enumerate(case.days)]
    return next(plans(open_days, case.bounds), None) is not None


def check(pick):
    case = made(pick)
    live = live_days(case.net, case.days)
    if live is None:
        return
    days = {visit: pick(0, case.length - 1) for visit in range(len(case.days)) if pick(0, 4)}

    kept = together(case.net, live, days)

    assert can_stay(case, days, kept)
    more = combinations(days, len(kept) + 1)
    assert not any(can_stay(case, days, visits) for visits in more)
    assert kept == min((s for s in combinations(days, len(kept)) if can_stay(case, days, s)), default=())


@given(st.data())
def test_no_other_choice_keeps_more_bookings_and_of_the_largest_the_first_is_taken(data):
    check(lambda low, high: data.draw(st.integers(low, high)))


def test_nor_in_two_thousand_networks():
    for seed in range(2000):
        check(Random(seed).randint)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_nor_in_eighty_thousand_networks(part):
    for seed in range(2000 + 20_000 * part, 22_000 + 20_000 * part):
        check(Random(seed).randint)


def test_a_booking_that_pushes_two_others_gives_way_to_both():
    """1 comes at least 3 days after 0 and 2 at least 3 after 1: 0 on day 4 pushes 1 off 5 and 2 off 8."""
    net = Net(3, [Bound(0, 1, 3), Bound(1, 2, 3)])
    live = live_days(net, [1023] * 3)

    assert together(net, live, {0: 4, 1: 5, 2: 8}) == (1, 2)


def test_a_booking_on_a_day_that_is_not_possible_cannot_stay():
    net = Net(2, [Bound(0, 1, 3)])

    assert together(net, live_days(net, [1023] * 2), {0: 8, 1: 9}) == (1,)
