"""A rule that is overruled is not forgotten: it is broken by as few days as leave a legal plan."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from planner.core.network import Bound, Table, propagate
from planner.core.possible import days_without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planner.core.constraints import Constraints
    from planner.core.explain import Item, Reason


def loosened(network: Constraints, overruled: Sequence[Reason], aside: frozenset[str]) -> Constraints:
    """The network with each of these rules wider by the fewest days that leave a plan, one rule after another.

    The visits `aside` have no day anyway. Where no number of days helps, the rule is wider by the whole horizon.
    """
    wider: dict[Reason, int] = dict.fromkeys(overruled, network.horizon.length)
    days = days_without(network, aside)

    def fits(reason: Reason, wide: int) -> bool:
        return propagate(_widened(network, {**wider, reason: wide}).net(aside), days) is not None

    for reason in overruled:
        wider[reason] = bisect_left(range(network.horizon.length), 1, key=partial(fits, reason))
    return _widened(network, wider)


def _widened(network: Constraints, wider: Mapping[Reason, int]) -> Constraints:
    return replace(network, rules=tuple(_by(item, wider.get(item.reason, 0)) for item in network.rules))


def _by(item: Item, days: int) -> Item:
    bound = item.bound
    if bound is None or not days:
        return item
    return replace(item, bound=Bound(bound.first, bound.then, bound.lo - days, bound.hi + days, _table(bound, days)))


def _table(bound: Bound, days: int) -> Table | None:
    """The day maps, as many days earlier and later."""
    if bound.table is None:
        return None
    return Table(tuple(day - days for day in bound.table.least), tuple(day + days for day in bound.table.most))
