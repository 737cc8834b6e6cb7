"""The network by hand: each claim small enough to check on paper."""

import pytest

from planner.core.network import (
    FAR,
    Bound,
    Net,
    Table,
    between,
    bits,
    book,
    first,
    last,
    live_days,
    propagate,
    spread,
    witness,
)

OPEN = Table((-FAR,) * 8, (FAR,) * 8)
WEEK = 0b1111111


def days(*numbers):
    return sum(1 << number for number in numbers)


def table(*pairs):
    least, most = zip(*pairs, strict=True)
    return Table(least, most)


# ---- day sets


def test_first_last_and_bits_name_the_days_of_a_set():
    found = days(2, 5, 64)

    assert (first(found), last(found), list(bits(found))) == (2, 64, [2, 5, 64])


def test_the_empty_set_has_no_days():
    assert list(bits(0)) == []


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(2, 4, days(2, 3, 4)), (3, 3, days(3)), (-2, 1, days(0, 1)), (4, 3, 0), (-5, -1, 0)],
)
def test_between_holds_both_ends_and_nothing_before_the_horizon(low, high, expected):
    assert between(low, high) == expected


@pytest.mark.parametrize(
    ("lo", "hi", "expected"),
    [
        (0, 0, days(4, 10)),
        (2, 2, days(6, 12)),
        (1, 3, days(5, 6, 7, 11, 12, 13)),
        (0, 6, days(*range(4, 17))),
        (-1, 1, days(3, 4, 5, 9, 10, 11)),
        (-5, -3, days(0, 1, 5, 6, 7)),
        (-30, -20, 0),
    ],
)
def test_spread_shifts_a_set_by_every_distance(lo, hi, expected):
    assert spread(days(4, 10), lo, hi) == expected


@pytest.mark.parametrize("width", range(1, 20))
def test_spread_is_exact_at_every_width(width):
    assert spread(days(3), 0, width - 1) == days(*range(3, 3 + width))


# ---- tables and bounds


def test_a_table_allows_every_day_between_its_two_maps():
    found = table((0, 1), (0, 2), (3, 3), (4, 3))

    assert [found.image(1 << day) for day in range(4)] == [days(0, 1), days(0, 1, 2), days(3), 0]
    assert found.image(days(0, 2, 3)) == days(0, 1, 3)


def test_a_table_is_cut_at_both_ends_of_the_horizon():
    assert table((-3, -1), (-1, 0), (1, 5)).image(days(0, 1, 2)) == days(0, 1, 2)


def test_the_inverse_of_a_table_is_the_same_relation():
    relation = table((0, 1), (0, 1), (2, 2), (2, 3))

    inverse = relation.inverse()

    allowed = {(a, b) for a in range(4) for b in bits(relation.image(1 << a))}
    assert {(a, b) for b in range(4) for a in bits(inverse.image(1 << b))} == allowed
    assert allowed == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (3, 2), (3, 3)}


def test_two_tables_meet_in_the_days_that_both_allow():
    assert table((0, 3), (2, 5)).meet(table((1, 2), (1, 6))) == table((1, 2), (2, 5))


@pytest.mark.parametrize(
    ("bound", "allowed"),
    [
        (Bound(0, 1, 2, 4), {2, 3, 4}),
        (Bound(0, 1, -1, 1), {-1, 0, 1}),
        (Bound(0, 1, lo=4), {4, 5}),
        (Bound(0, 1, hi=-1), {-2, -1}),
        (Bound(0, 1, table=table((0, 0), (0, 0), (1, 3))), {-1, 0, 1}),
    ],
)
def test_a_bound_allows_the_distances_it_names_and_so_does_its_flip(bound, allowed):
    distances = range(-2, 6)

    assert {d for d in distances if bound.allows(2, 2 + d)} == allowed
    if bound.table is None:
        assert {d for d in distances if bound.flipped().allows(2 + d, 2)} == allowed


def test_a_flipped_bound_runs_the_other_way():
    assert Bound(0, 1, 2, 4).flipped() == Bound(1, 0, -4, -2)
    assert Bound(0, 1, lo=2).flipped() == Bound(1, 0, hi=-2)
    assert Bound(0, 1, 2, 4).flipped().flipped() == Bound(0, 1, 2, 4)


@pytest.mark.parametrize(
    ("bounds", "merged"),
    [
        ([Bound(0, 1, 2, 9), Bound(0, 1, 4, 12)], Bound(0, 1, 4, 9)),
        ([Bound(0, 1, 2, 9), Bound(1, 0, -12, -4)], Bound(0, 1, 4, 9)),
        ([Bound(1, 0, lo=-9), Bound(0, 1, lo=4)], Bound(0, 1, 4, 9)),
        ([Bound(0, 1, 5, 6), Bound(0, 1, 1, 2)], Bound(0, 1, 5, 2)),
        (
            [Bound(0, 1, table=table((0, 2), (1, 2), (1, 9))), Bound(1, 0, lo=-2, hi=-1)],
            Bound(0, 1, table=table((1, 2), (2, 2), (3, 4))),
        ),
        (
            [Bound(0, 1, table=table((0, 1), (1, 1))), Bound(0, 1, table=table((1, 1), (1, 2)))],
            Bound(0, 1, table=table((1, 1), (1, 1))),
        ),
        (
            [Bound(1, 0, table=table((0, 0), (0, 1))), Bound(0, 1, hi=0)],
            Bound(0, 1, table=table((0, 0), (1, 1))),
        ),
    ],
)
def test_parallel_bounds_become_one_whichever_way_round_they_are_written(bounds, merged):
    assert Net(2, bounds).bounds == (merged,)


# ---- propagation


def test_propagation_keeps_the_days_that_have_a_partner():
    net = Net(2, [Bound(0, 1, 2, 3)])

    assert propagate(net, [days(0, 1, 5), days(2, 7, 9)]) == [days(0, 5), days(2, 7)]


def test_a_bound_with_one_side_needs_only_the_first_or_the_last_day():
    assert propagate(Net(2, [Bound(0, 1, lo=2)]), [days(3, 6), WEEK]) == [days(3), days(5, 6)]
    assert propagate(Net(2, [Bound(0, 1, hi=-2)]), [days(3, 6), WEEK]) == [days(3, 6), days(0, 1, 2, 3, 4)]


def test_a_bound_without_a_side_binds_nothing():
    assert propagate(Net(2, [Bound(0, 1)]), [days(3), WEEK]) == [days(3), WEEK]
    assert propagate(Net(2, [Bound(0, 1, table=OPEN)]), [days(3), WEEK]) == [days(3), WEEK]


def test_propagation_follows_a_table_both_ways():
    net = Net(2, [Bound(0, 1, table=table((0, 0), (2, 3), (2, 3), (5, 6), (7, 7), (7, 7), (7, 7)))])

    assert propagate(net, [days(0, 1, 3, 4), days(1, 3, 6)]) == [days(1, 3), days(3, 6)]


@pytest.mark.parametrize(
    ("bounds", "sets"),
    [
        ([Bound(0, 1, 5, 6), Bound(0, 1, 1, 2)], [WEEK, WEEK]),
        ([Bound(0, 1, lo=7)], [WEEK, WEEK]),
        ([Bound(0, 1, hi=-7)], [WEEK, WEEK]),
        ([Bound(0, 1, 1, 1)], [days(0, 2), days(0, 2)]),
        ([Bound(0, 1, table=table((3, 2), (3, 2)))], [days(0, 1), WEEK]),
        ([], [days(1), 0]),
    ],
)
def test_propagation_says_none_where_no_plan_exists(bounds, sets):
    net = Net(2, bounds)

    assert (propagate(net, sets), live_days(net, sets)) == (None, None)


def test_propagation_can_start_from_the_visits_that_changed():
    net = Net(3, [Bound(0, 1, 1, 2), Bound(1, 2, 1, 2)])
    before = propagate(net, [WEEK, WEEK, WEEK])

    after = propagate(net, [days(3), *before[1:]], (0,))

    assert after == [days(3), days(4, 5), days(5, 6)]


def test_propagation_leaves_its_input_alone():
    given = [WEEK, WEEK]

    propagate(Net(2, [Bound(0, 1, lo=3)]), given)

    assert given == [WEEK, WEEK]


# ---- exact days

# A on day 1 would need B on day 0 (B is no later than A) and C on day 2 (C no earlier); but C is at most one day
# after B. Each of these neighbours has a partner of its own, so propagation keeps day 1 of A; no plan has it.
PHANTOM = Net(3, [Bound(0, 1, hi=0), Bound(0, 2, lo=0), Bound(1, 2, hi=1)])
OPEN_DAYS = [days(0, 1, 2), days(0, 2), days(0, 2)]


def test_live_days_removes_a_day_that_propagation_alone_leaves():
    assert propagate(PHANTOM, OPEN_DAYS) == OPEN_DAYS
    assert live_days(PHANTOM, OPEN_DAYS) == [days(0, 2), days(0, 2), days(0, 2)]


def test_a_day_lost_in_a_ring_is_lost_on_the_branch_that_hangs_on_it():
    net = Net(4, [*PHANTOM.bounds, Bound(0, 3, 4, 4)])

    live = live_days(net, [*OPEN_DAYS, days(4, 5, 6)])

    assert live == [days(0, 2), days(0, 2), days(0, 2), days(4, 6)]


def test_a_sweep_leaps_over_every_day_without_a_plan():
    live = live_days(PHANTOM, [days(0, 1, 2, 3, 5), days(0, 3, 5), days(0, 3, 5)])

    assert live == [days(0, 3, 5), days(0, 3, 5), days(0, 3, 5)]


def test_a_table_in_a_ring_is_swept_like_a_difference():
    same = Table(tuple(range(3)), (FAR,) * 3)
    net = Net(3, [Bound(0, 1, hi=0), Bound(0, 2, table=same), Bound(1, 2, hi=1)])

    assert live_days(net, OPEN_DAYS) == [days(0, 2), days(0, 2), days(0, 2)]


def test_a_witness_is_a_complete_plan_on_a_live_day_and_nothing_on_another():
    net = Net(3, [Bound(0, 1, 2, 3), Bound(1, 2, lo=1)])
    live = live_days(net, [WEEK, WEEK, WEEK])

    assert witness(net, live, 1, 4) == [1, 4, 5]
    assert [witness(net, live, 2, day) for day in (2, 3, 7, -1)] == [None, [0, 2, 3], None, None]


# ---- booking


def test_booking_leaves_the_earlier_answer_alone():
    net = Net(2, [Bound(0, 1, 2, 3)])
    live = live_days(net, [WEEK, WEEK])
    kept = list(live)

    booked = book(net, live, 0, 2)

    assert (booked, live) == ([days(2), days(4, 5)], kept)


@pytest.mark.parametrize("day", [-1, 5, 6, 7, 1000])
def test_a_day_that_is_not_live_cannot_be_booked(day):
    net = Net(2, [Bound(0, 1, 2, 3)])

    assert book(net, live_days(net, [WEEK, WEEK]), 0, day) is None


def test_after_a_booking_the_days_are_exact_again():
    net = Net(4, [*PHANTOM.bounds, Bound(3, 2, lo=0)])
    live = live_days(net, [days(0, 1, 2), days(0, 1, 2), days(0, 1, 2), days(0, 1, 2)])

    booked = book(net, live, 1, 0)

    assert booked == [days(0, 1), days(0), days(0, 1), days(0, 1)]
