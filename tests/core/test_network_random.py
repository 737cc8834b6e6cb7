"""The engine against brute force over all plans of small networks."""

import pytest
from hypothesis import given

from planner.core.network import book, first, last, live_days, propagate, witness
from tests.core.nets import cases, days_of, keeps, plans, seeded

NORMAL, MANY = 2_000, 100_000


def live_as_found(case, found, live):
    """Decision, day sets and witnesses as brute force found them."""
    assert live == days_of(found)
    if live is None:
        return
    every = set(found)
    for visit, days in enumerate(live):
        for day in range(case.length):
            plan = witness(case.net, live, visit, day)
            assert (plan is not None) == (days >> day & 1 == 1)
            assert plan is None or (plan[visit] == day and tuple(plan) in every)
            assert plan is None or all(keeps(bound, plan) for bound in case.bounds)


def propagation_decides(case, found):
    """What propagation alone claims: the decision, and first and last days; whether it left a day without a plan."""
    left = propagate(case.net, case.days)
    exact = days_of(found)
    if left is None or exact is None:
        assert left == exact
        return False
    assert [(first(d), last(d)) for d in left] == [(first(d), last(d)) for d in exact]
    return left != exact


def bookings_agree(case, found, live):
    """Booking every visit in turn from the last answer, against brute force and against starting anew."""
    net, days = case.net, list(case.days)
    for visit in range(len(days)):
        for day in range(case.length):
            kept = [plan for plan in found if plan[visit] == day]
            before = list(live)
            assert book(net, live, visit, day) == days_of(kept)
            assert live == before
        day = first(live[visit])
        days[visit] = 1 << day
        found = [plan for plan in found if plan[visit] == day]
        live = book(net, live, visit, day)
        assert live == live_days(net, days)


def check(case):
    """Everything that is claimed of one network; whether propagation alone would have left a day too many."""
    found = list(plans(case.days, case.bounds))
    live = live_days(case.net, case.days)
    live_as_found(case, found, live)
    if live is not None:
        bookings_agree(case, found, live)
    return propagation_decides(case, found)


@given(cases())
def test_days_bookings_and_witnesses_of_any_small_network_are_exact(case):
    check(case)


def test_two_thousand_networks_are_exact_and_some_need_more_than_propagation():
    phantom = sum(check(seeded(seed)) for seed in range(NORMAL))

    assert phantom >= NORMAL // 200


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_a_hundred_thousand_networks_are_exact(part):
    size = MANY // 10

    for seed in range(NORMAL + part * size, NORMAL + (part + 1) * size):
        check(seeded(seed))
