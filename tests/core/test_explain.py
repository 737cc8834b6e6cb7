"""Explanations against brute force over all plans and all subsets, and a few by hand."""

from datetime import date
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.calendar import Because, Closure
from planner.core.explain import CHANGEABLE, RANK, Item, Reason, Why, minimal_conflict, repairs
from planner.core.network import Bound, Table, between
from planner.core.protocol import Strength
from tests.core.nets import made, plans

WHYS, STRENGTHS = list(Why), list(Strength)


# ---- random items, and what is true of them


def items_of(pick):
    """The bounds of a random network and a few closures, each of which may take days from several visits."""
    case = made(pick)
    size = len(case.days)
    rules = [Item(reason(pick), bound) for bound in case.bounds[:6]]
    closed = [Item(reason(pick), blocks=((v, between(0, case.length - 1) & ~case.days[v]),)) for v in range(size)]
    away = pick(0, (1 << case.length) - 1)
    shared = Item(reason(pick), blocks=tuple((v, away) for v in range(size) if pick(0, 1)))
    kept = [item for item in (*rules, *closed, shared) if pick(0, 7)]
    return kept, case.length, size


def reason(pick):
    return Reason(WHYS[pick(0, len(WHYS) - 1)], strength=STRENGTHS[pick(0, len(STRENGTHS) - 1)])


def satisfiable(items, length, size):
    days = [between(0, length - 1)] * size
    for item in items:
        for visit, taken in item.blocks:
            days[visit] &= ~taken
    return next(plans(days, [item.bound for item in items if item.bound]), None) is not None


def identities(items):
    return frozenset(map(id, items))


def without(items, removed):
    return [item for item in items if id(item) not in removed]


def smallest_repairs(items, length, size, most):
    """Every inclusion-minimal set of at most `most` changeable items whose removal lets the others hold."""
    may_give_way = [i for i in items if i.reason.why in CHANGEABLE and i.reason.strength is not Strength.ABSOLUTE]
    found = []
    for number in range(1, most + 1):
        for chosen in map(identities, combinations(may_give_way, number)):
            if not any(known <= chosen for known in found) and satisfiable(without(items, chosen), length, size):
                found.append(chosen)
    return found


def check_conflict(items, length, size):
    """The conflict is there where no plan is, cannot hold, and can hold without any one of its items."""
    conflict = minimal_conflict(items, length)

    assert (conflict is None) == satisfiable(items, length, size)
    if conflict is not None:
        assert identities(conflict) <= identities(items)
        assert not satisfiable(conflict, length, size)
        assert all(satisfiable(without(conflict, {id(item)}), length, size) for item in conflict)


def check_repairs(items, length, size, most):
    found = repairs(items, length, most=most)

    expected = [] if satisfiable(items, length, size) else smallest_repairs(items, length, size, most)
    assert {identities(repair) for repair in found} == set(expected)
    assert len(found) == len(expected)
    assert [len(repair) for repair in found] == sorted(len(repair) for repair in found)
    assert all(item.changeable for repair in found for item in repair)


@given(st.data())
def test_a_conflict_is_minimal_and_there_where_no_plan_is(data):
    check_conflict(*items_of(lambda low, high: data.draw(st.integers(low, high))))


@given(st.data(), st.integers(0, 3))
def test_repairs_are_all_the_smallest_sets_that_may_give_way(data, most):
    check_repairs(*items_of(lambda low, high: data.draw(st.integers(low, high))), most)


def seeded_items(numbers):
    return [items_of(Random(seed).randint) for seed in numbers]


def test_conflicts_and_repairs_of_a_thousand_networks_are_exact():
    for items, length, size in seeded_items(range(1000)):
        check_conflict(items, length, size)
        check_repairs(items, length, size, 3)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_conflicts_and_repairs_of_fifty_thousand_networks_are_exact(part):
    for seed in range(1000 + 10_000 * part, 11_000 + 10_000 * part):
        items, length, size = items_of(Random(seed).randint)
        check_conflict(items, length, size)
        check_repairs(items, length, size, 3)


# ---- by hand: visits 0, 1, 2 on days 0..9


def rule(first, then, lo, hi, *, strength=Strength.HARD):
    return Item(Reason(Why.RULE, str(then), str(first), strength=strength), Bound(first, then, lo, hi))


def booked(visit, day, *, why=Why.BOOKED):
    return Item(Reason(why, str(visit), day=date(2025, 3, 1 + day)), blocks=((visit, ~(1 << day) & 1023),))


def closed(visits, first, last):
    closure = Closure(date(2025, 3, 1 + first), date(2025, 3, 1 + last), Because.ABSENCE)
    return Item(Reason(Why.CLOSED, closure=closure), blocks=tuple((v, between(first, last)) for v in visits))


def test_items_that_can_all_hold_have_no_conflict_and_no_repair():
    items = [rule(0, 1, 2, 3), booked(0, 4), closed([0, 1], 6, 6)]

    assert (minimal_conflict(items, 10), repairs(items, 10)) == (None, ())


def test_two_bookings_too_close_are_explained_by_both_and_the_rule_between_them():
    first, gap, second, aside = booked(0, 4), rule(0, 1, 3, 5), booked(1, 6), rule(1, 2, 1, 2)

    conflict = minimal_conflict([aside, first, gap, second], 10)

    assert set(conflict) == {first, gap, second}
    assert set(repairs([aside, first, gap, second], 10)) == {(first,), (gap,), (second,)}


def test_an_absence_is_one_reason_for_every_visit_that_it_touches():
    # Exactly two days apart; away on days 1 to 8, both visits would have to stand on day 0 or 9.
    gap, away = rule(0, 1, 2, 2), closed([0, 1], 1, 8)

    assert set(minimal_conflict([gap, away], 10)) == {gap, away}
    assert set(repairs([gap, away], 10)) == {(gap,), (away,)}


def test_days_taken_together_need_each_closure():
    early, late, short = closed([0], 0, 5), closed([0], 4, 9), closed([0], 2, 3)

    assert set(minimal_conflict([short, early, late], 10)) == {early, late}
    assert repairs([short, early, late], 10) == ((early,), (late,))


def test_a_chain_of_rules_is_walked_back_to_its_start():
    start, one, two, end = booked(0, 3), rule(0, 1, 2, 3), rule(1, 2, 2, 3), booked(2, 5)

    assert set(minimal_conflict([start, one, two, end], 10)) == {start, one, two, end}


def test_a_rule_that_no_day_of_the_horizon_can_keep_clashes_alone():
    never = rule(0, 1, 10, 20)

    assert minimal_conflict([never, booked(2, 1)], 10) == (never,)
    assert repairs([never], 10) == ((never,),)


def test_two_rules_between_two_visits_clash_without_any_booking():
    near, far = rule(0, 1, 0, 2), rule(1, 0, -9, -4)

    assert set(minimal_conflict([near, far], 10)) == {near, far}


def test_a_table_is_followed_like_a_difference():
    month = Item(Reason(Why.WINDOW, "1", "0"), Bound(0, 1, table=Table(tuple(range(3, 13)), tuple(range(5, 15)))))
    start, end = booked(0, 4), booked(1, 6)

    assert set(minimal_conflict([start, month, end], 10)) == {start, month, end}


def test_of_two_reasons_for_the_same_days_the_one_that_a_person_could_change_stays():
    today = Item(Reason(Why.TODAY), blocks=((0, between(0, 8)),))
    away, asked = closed([0], 0, 8), booked(0, 3, why=Why.ASKED)

    for items in ([today, away, asked], [away, today, asked]):
        assert set(minimal_conflict(items, 10)) == {away, asked}


def test_what_is_absolute_never_gives_way_and_neither_does_a_record():
    gap, record, wanted = rule(0, 1, 5, 9, strength=Strength.ABSOLUTE), booked(0, 4, why=Why.OCCURRED), booked(1, 6)

    assert set(minimal_conflict([gap, record, wanted], 10)) == {gap, record, wanted}
    assert repairs([gap, record, wanted], 10) == ((wanted,),)
    assert repairs([gap, record, booked(1, 6, why=Why.ASKED)], 10) == ()


def test_two_conflicts_apart_take_two_items_to_repair_and_none_are_found_among_fewer():
    items = [booked(0, 4), closed([0], 4, 4), booked(1, 6), closed([1], 6, 6)]

    first, closure, second, other = items
    assert set(repairs(items, 10)) == {(first, second), (first, other), (closure, second), (closure, other)}
    assert repairs(items, 10, most=1) == ()


def test_reasons_are_ranked_from_what_nobody_can_change_to_what_was_asked():
    assert sorted(RANK, key=RANK.get) == [
        *(Why.DATE, Why.DECISION, Why.SKIPPED, Why.OCCURRED, Why.STANDS),
        *(Why.TOGETHER, Why.TODAY),
        *(Why.RULE, Why.ORDER, Why.WINDOW, Why.NEIGHBOUR, Why.CLOSED, Why.BOOKED, Why.ASKED, Why.GATE),
    ]
