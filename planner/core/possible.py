"""The days still possible for each visit, and the visits that leave no legal plan, set aside one by one."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from planner.core.constraints import Constraints, Horizon, constraints, shut_by_today
from planner.core.days import DaySet
from planner.core.explain import Item, Reason, Why, minimal_conflict, repairs
from planner.core.network import between, live_days, propagate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.network import Net
    from planner.core.standing import Standing


@dataclass(frozen=True)
class Solution:
    """The network after every visit entered: exact day sets by node; `aside` holds the visits that did not fit.

    `net` is that of all the others.
    """

    network: Constraints
    days: list[int]
    aside: frozenset[str]
    net: Net


def solve(network: Constraints, order: tuple[str, ...]) -> Solution:
    """Fixed days enter first, then the visits in order; one that would leave no legal plan is set aside."""
    net = network.net()
    everything = live_days(net, network.days)
    if everything is not None:
        return Solution(network, everything, frozenset(), net)
    out = frozenset(_set_aside(network, net, order))
    rest = network.net(out)
    return Solution(network, cast("list[int]", live_days(rest, days_without(network, out))), out, rest)


def _set_aside(network: Constraints, net: Net, order: tuple[str, ...]) -> Iterator[str]:
    """The visits that have no plan together with those that entered before them."""
    waiting = [code for code in order if code in network.index and code not in network.fixed]
    outside = {network.index[code] for code in waiting}
    fixed = [node for node in range(net.size) if node not in outside]
    days = cast("list[int]", propagate(net, network.days, fixed, outside))
    for code in waiting:
        node = network.index[code]
        left = propagate(net, days, (node,), outside - {node})
        if left is None:
            yield code
        else:
            outside.discard(node)
            days = left


def days_without(network: Constraints, out: frozenset[str]) -> list[int]:
    """The day sets with the nodes `out` free, so that they hinder nothing."""
    everything = between(0, network.horizon.length - 1)
    return [everything if code in out else days for code, days in zip(network.nodes, network.days, strict=True)]


class Possible:
    """The exact days of each visit on which all binding rules can still be kept, its own fact lifted."""

    def __init__(self, standing: Standing, calendar: Calendar, today: date | None, horizon: Horizon) -> None:
        self.standing, self.calendar, self.today, self.horizon = standing, calendar, today, horizon
        as_needed = (e.code for e in standing.protocol.encounters if e.timing is None)
        self.order = (*standing.protocol.placement_order, *as_needed)
        self.solution = solve(constraints(standing, calendar, today, horizon), self.order)
        self._memo: dict[str, Solution] = {}
        self._days: dict[str, DaySet] = {}
        self._items: dict[str, tuple[Item, ...]] = {}
        self._reasons: dict[str, tuple[Reason, ...]] = {}

    def beside(self, standing: Standing) -> Possible:
        """The same days for facts that differ only in what was accepted, which no binding rule asks for."""
        other = copy(self)
        other.standing = standing
        return other

    def lifted(self, code: str) -> Solution:
        """The solution without the visit's own record or booking."""
        if code not in self.solution.network.fixed or self.standing.stands(code):
            return self.solution
        if code not in self._memo:
            network = constraints(self.standing, self.calendar, self.today, self.horizon, lifted=code)
            self._memo[code] = solve(network, self.order)
        return self._memo[code]

    def days(self, code: str) -> DaySet:
        """The days possible for one visit; none where it does not take place, waits or was set aside."""
        if code not in self._days:
            self._days[code] = self._found(code)
        return self._days[code]

    def _found(self, code: str) -> DaySet:
        network = self.solution.network
        alone = len(self.standing.facts.attendance(code)) == 1 and code not in self._blamed
        if code in network.fixed and not self.standing.stands(code) and alone:
            days = self._beside_all_others(network.index[code], code)
            if days:
                return DaySet(self.horizon.first, days)
        solution = self.lifted(code)
        node = solution.network.index.get(code)
        if node is None or code in solution.aside:
            return DaySet(self.horizon.first, 0)
        return DaySet(self.horizon.first, solution.days[node])

    def _beside_all_others(self, node: int, code: str) -> int:
        """The day set of a fixed visit with its own fact lifted, where nothing else changes with that."""
        encounter, network = self.standing.protocol.by_code[code], self.solution.network
        shut = shut_by_today(self.horizon, self.today, self.standing.states[code]) if self.today is not None else 0
        for closure in self.calendar.closing(encounter.calendar, attended=encounter.attended):
            shut |= self.calendar.mask(closure, self.horizon.first, self.horizon.last, self.standing.stay_of(code))
        days = days_without(network, self.solution.aside)
        days[node] = between(0, self.horizon.length - 1) & ~shut
        left = live_days(self.solution.net, days)
        return left[node] if left is not None else 0

    @cached_property
    def _blamed(self) -> frozenset[str]:
        """The visits whose own fact a broken rule or a visit set aside may hang on.

        Without the fact of any other visit the same reasons remain, and with them the same visits set aside.
        """
        reasons = [item.reason for item in self.solution.network.broken]
        for code in self.solution.aside:
            reasons += self.why_aside(code)
        return frozenset(code for reason in reasons for code in (reason.visit, reason.other))

    def why_aside(self, code: str) -> tuple[Reason, ...]:
        """A minimal set of reasons for which a visit set aside has no day, beside those that entered before it."""
        if code not in self._reasons:
            self._reasons[code] = self._why_aside(code)
        return self._reasons[code]

    def _why_aside(self, code: str) -> tuple[Reason, ...]:
        network = self.solution.network
        later = self.order[self.order.index(code) + 1 :]
        out = (self.solution.aside | (set(later) & network.index.keys()) - network.fixed.keys()) - {code}
        found = minimal_conflict(network.items(frozenset(out)), network.horizon.length)
        return tuple(item.reason for item in found or ())

    def why_not(self, code: str, day: date) -> tuple[Reason, ...]:
        """A minimal set of reasons for which a visit cannot be on `day`, its own fact lifted; empty if it can."""
        found = minimal_conflict(self._asked(code, day), self.horizon.length)
        return tuple(item.reason for item in found or ())

    def repairs(self, code: str, day: date) -> tuple[tuple[Reason, ...], ...]:
        """The smallest sets of reasons that would have to give way for the visit to be on `day`."""
        found = repairs(self._asked(code, day), self.horizon.length)
        return tuple(tuple(item.reason for item in repair) for repair in found)

    def _asked(self, code: str, day: date) -> tuple[Item, ...]:
        solution = self.lifted(code)
        node, place = solution.network.index[code], self.horizon.index(day)
        others = between(0, self.horizon.length - 1) & ~(1 << place if place >= 0 else 0)
        asked = Item(Reason(Why.ASKED, code, day=day), blocks=((node, others),))
        if code not in self._items:
            self._items[code] = tuple(solution.network.items(solution.aside - {code}))
        return (*self._items[code], asked)
