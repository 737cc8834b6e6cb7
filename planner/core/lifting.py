"""The network of a patient with every booking that may move lifted, and why a visit has no legal day in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from planner.core.calendar import Closure
from planner.core.constraints import Horizon, constraints
from planner.core.days import DaySet
from planner.core.deviations import accepted_because, bearer
from planner.core.explain import Item, Reason, Why
from planner.core.facts import State
from planner.core.loosening import loosened
from planner.core.network import between, live_days
from planner.core.placing import horizon
from planner.core.possible import days_without, solve
from planner.core.protocol import Strength
from planner.core.repairs import FULL, stuck
from planner.core.schedule import plan
from planner.core.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.constraints import Constraints
    from planner.core.facts import Facts
    from planner.core.repairs import Stuck
    from planner.core.schedule import Schedule


def rebooked_codes(before: Facts, after: Facts) -> frozenset[str]:
    """The visits that are booked on a day on which they were not booked before."""
    was, now = (
        {code: fact.day for code, fact in facts.visits.items() if fact.state is State.BOOKED}
        for facts in (before, after)
    )
    return frozenset(code for code, day in now.items() if was.get(code) != day)


def movable(standing: Standing, today: date | None) -> tuple[str, ...]:
    """The booked attendances to come, by the visit that takes the time, in the order in which visits are placed.

    Not those on which a named date stands, nor one whose day has passed: that asks to be recorded.
    """
    protocol, facts = standing.protocol, standing.facts
    as_needed = (e.code for e in protocol.encounters if e.timing is None)
    found = []
    for code in (*protocol.placement_order, *as_needed):
        whole = facts.attendance(code)
        booked = code == whole[0] and all(standing.states.get(one) is State.BOOKED for one in whole)
        if booked and not protocol.date_under.keys() & {*whole}:
            day = facts.visits[code].day
            if today is None or (day is not None and day >= today):
                found.append(code)
    return tuple(found)


class Lifting:
    """The bookings that may move (`hosts`, by the visit that takes the time) and what binds them.

    `asked` are those whose day a person named: they stay on it, but for those that are `loose`, of which the `later`
    ones are never before it. `overruled` are rules that may be broken. `start` holds the booked day of every visit that
    is lifted.
    """

    def __init__(  # noqa: PLR0913  # what binds a re-planning, each by its name
        self,
        before: Schedule,
        facts: Facts,
        calendar: Calendar,
        *,
        asked: Collection[str] = (),
        loose: Collection[str] = (),
        later: Collection[str] = (),
        overruled: Sequence[Reason] = (),
    ) -> None:
        self.before, self.facts, self.calendar, self.overruled = before, facts, calendar, overruled
        self.protocol, self.today = before.protocol, before.possible.today
        self.order = before.possible.order
        self.hosts = movable(Standing(self.protocol, facts), self.today)
        self.standing = self._lifted()
        self.asked = tuple(code for code in self.hosts if {*facts.attendance(code)} & {*asked})
        self.loose = tuple(code for code in self.asked if {*facts.attendance(code)} & {*loose})
        self.later = tuple(code for code in self.loose if {*facts.attendance(code)} & {*later})
        self.start = {code: cast("date", facts.visits[code].day) for code in self.standing.lifted}
        self.holding: set[int] = set()

    def _lifted(self) -> Standing:
        """The standing with these attendances lifted, but for those that would then wait for a date."""
        while True:
            standing = Standing(self.protocol, self.facts, frozenset(self.members(self.hosts)))
            fit = tuple(host for host in self.hosts if not standing.waiting & {*self.facts.attendance(host)})
            if fit == self.hosts:
                return standing
            self.hosts = fit

    def members(self, hosts: Iterable[str]) -> Iterator[str]:
        """Every visit of these attendances."""
        return (code for host in hosts for code in self.facts.attendance(host))

    @cached_property
    def horizon(self) -> Horizon:
        """The days of the plan as the facts have it, and of the one with every booking lifted."""
        standings = (Standing(self.protocol, self.facts), self.standing)
        found = [horizon(standing, self.calendar, self.today) for standing in standings]
        return Horizon(min(one.first for one in found), max(one.last for one in found))

    @cached_property
    def base(self) -> Constraints:
        """The network with the bookings lifted; a day that a person named is an item beside the rules."""
        network = constraints(self.standing, self.calendar, self.today, self.horizon)
        return replace(network, limits=(*network.limits, *self._named(network)))

    def _named(self, network: Constraints) -> Iterator[Item]:
        everything = between(0, self.horizon.length - 1)
        for code in (code for code in self.asked if code not in self.loose or code in self.later):
            day = self.start[code]
            wanted = 1 << self.horizon.index(day)
            others = wanted - 1 if code in self.later else everything & ~wanted
            yield Item(Reason(Why.BOOKED, code, day=day), blocks=((network.index[code], others),))

    @cached_property
    def aside(self) -> tuple[str, ...]:
        """The visits that had no day before, in the order in which visits are placed."""
        aside = self.before.possible.solution.aside - self.standing.fixed.keys() - self.start.keys()
        return tuple(code for code in self.order if code in aside)

    def network(self, full: Iterable[tuple[str, date]] = (), known: Iterable[str] = ()) -> Constraints:
        """The network with these days of bookings full, and without the rules that somebody agreed to break.

        What is overruled is broken by as few days as leave a plan for all but those `known`, which have no day.
        """
        agreed = {id(item) for item in self.agreed} - self.holding
        rules = tuple(item for item in self.base.rules if id(item) not in agreed)
        network = replace(self.base, rules=rules, limits=(*self.base.limits, *(self._full(*one) for one in full)))
        return loosened(network, self.overruled, frozenset(known) & network.index.keys()) if self.overruled else network

    def _full(self, host: str, day: date) -> Item:
        closure = Closure(day, day, name=FULL, calendars=(self.protocol.by_code[host].calendar,))
        nodes = (self.base.index[code] for code in self.facts.attendance(host))
        blocks = tuple((node, 1 << self.horizon.index(day)) for node in nodes)
        return Item(Reason(Why.CLOSED, host, closure=closure), blocks=blocks)

    @cached_property
    def agreed(self) -> tuple[Item, ...]:
        """The rules that somebody accepted in writing for these very days: both stand where they stood before."""
        known = self.before.possible.standing.fixed
        days = {**self.standing.fixed, **self.start}
        fixed = {code: self.horizon.index(day) for code, day in days.items() if known.get(code) == day}
        return tuple(item for item in self.base.rules if self._agreed(item, fixed))

    def _agreed(self, item: Item, fixed: dict[str, int]) -> bool:
        reason, bound = item.reason, item.bound
        if bound is None or reason.strength is Strength.ABSOLUTE or not {reason.visit, reason.other} <= fixed.keys():
            return False
        said = accepted_because(self.facts, reason.rule, bearer(self.standing, reason))
        return bool(said) and not bound.allows(fixed[reason.other], fixed[reason.visit])

    def hold(self, moving: Iterable[str]) -> bool:
        """Whether a break that was agreed holds no more, now that one of its visits moves: the rule is back."""
        codes = {*self.members(moving)}
        back = {id(item) for item in self.agreed if {item.reason.visit, item.reason.other} & codes} - self.holding
        self.holding |= back
        return bool(back)

    def nearest(self, code: str) -> date | None:
        """The day nearest to target of a visit that is not booked yet; None for any other, and where no plan is."""
        seen = plan(self.protocol, self.facts, self.calendar, self.today).by_code.get(code)
        if seen is None or seen.fact is not None or seen.target is None or code not in self.base.index:
            return None
        known = frozenset(self.aside) & self.base.index.keys() - {code}
        network = self.network((), known)
        days = live_days(network.net(known), days_without(network, known))
        return DaySet(self.horizon.first, days[network.index[code]]).nearest(seen.target) if days is not None else None

    def with_facts(self, facts: Facts) -> Lifting:
        """The same with other facts."""
        asked, loose, overruled = self.asked, self.loose, self.overruled
        return Lifting(
            self.before, facts, self.calendar, asked=asked, loose=loose, later=self.later, overruled=overruled
        )

    def without_day(self, network: Constraints, known: Sequence[str]) -> tuple[str, ...]:
        """The visits that leave no legal plan, those `known` apart, which had no day before.

        Days that were asked for enter first, then the other bookings, then what is not booked.
        """
        first = (*self.members((*self.asked, *self.hosts)), *(code for code in self.order if code not in known))
        order = tuple(dict.fromkeys((*first, *known)))
        aside = solve(network, order).aside
        return tuple(code for code in order if code in aside and code not in known)

    def stuck(self, network: Constraints, codes: Sequence[str], known: Sequence[str]) -> tuple[Stuck, ...]:
        """Why each of these visits has no day beside all that have one, and what could give way."""
        aside = frozenset(code for code in (*codes, *known) if code in network.index)
        return tuple(stuck(code, network.items(aside - {code}), self.horizon.length) for code in codes)

    def may_leave(self, code: str) -> bool:
        """Whether a visit without a day is no alarm: not booked, and its window has passed (never the key visit)."""
        visit, key = self.before.by_code.get(code), self.protocol.key_visit
        latest = visit.window.latest if visit is not None and visit.window is not None else None
        passed = latest is not None and self.today is not None and latest < self.today
        return passed and code not in self.start and (key is None or key.code != code)
