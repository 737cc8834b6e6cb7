"""The binding rules, facts and closed days of one patient, as items for the network and for explanations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from planner.core.days import Span, shift
from planner.core.explain import Item, Reason, Why
from planner.core.facts import State
from planner.core.network import FAR, Bound, Net, Table, between
from planner.core.protocol import Strength
from planner.core.windows import opens_early, window_anchor, window_edge, window_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.calendar import Calendar, Closure
    from planner.core.protocol import Anchor, Encounter, Rule, Timing
    from planner.core.standing import Standing

ORDER = "order"
STANDS = "stands"
TOGETHER = "together"
SAME_DAY = Span(0)


@dataclass(frozen=True)
class Horizon:
    """The days considered, first and last inclusive; day k of a day set is `first` + k."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def index(self, day: date) -> int:
        """The place of a day in a day set; outside the horizon it is negative or beyond the length."""
        return (day - self.first).days

    def day(self, index: int) -> date:
        """The day at a place of a day set."""
        return self.first + timedelta(days=index)


@dataclass(frozen=True)
class Constraints:
    """One patient's network: nodes (visits and named dates), fixed days, rules and limits as items.

    `rules` are the binding bounds that hold; `broken` those between two fixed days that do not, which have left.
    `limits` take days: facts from the visits they fix, today and closures from the others.
    """

    horizon: Horizon
    nodes: tuple[str, ...]
    fixed: dict[str, date]
    rules: tuple[Item, ...]
    broken: tuple[Item, ...]
    limits: tuple[Item, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Node numbers by code."""
        return {code: k for k, code in enumerate(self.nodes)}

    @cached_property
    def days(self) -> list[int]:
        """The day set that the limits leave to each node."""
        days = [between(0, self.horizon.length - 1)] * len(self.nodes)
        for item in self.limits:
            for node, mask in item.blocks:
                days[node] &= ~mask
        return days

    def net(self, without: frozenset[str] = frozenset()) -> Net:
        """The network of all nodes but these."""
        out = {self.index[code] for code in without}
        bounds = (item.bound for item in self.rules if item.bound is not None)
        return Net(len(self.nodes), (b for b in bounds if b.first not in out and b.then not in out))

    def items(self, without: frozenset[str] = frozenset()) -> Iterator[Item]:
        """Every item, those of the visits `without` left out."""
        out = {self.index[code] for code in without}
        for item in self.rules:
            if item.bound is not None and item.bound.first not in out and item.bound.then not in out:
                yield item
        for item in self.limits:
            yield Item(item.reason, blocks=tuple(block for block in item.blocks if block[0] not in out))


def constraints(
    standing: Standing, calendar: Calendar, today: date | None, horizon: Horizon, lifted: str | None = None
) -> Constraints:
    """The network as the facts leave it, with the fact of one attendance `lifted` where its own days are asked for."""
    build = _Build(standing, calendar, today, horizon, lifted)
    items = tuple(build.rules())
    broken = tuple(item for item in items if build.breaks(item))
    rules = tuple(item for item in items if item not in broken)
    limits = (*build.facts(), *build.today_limits(), *build.closures())
    return Constraints(horizon, build.nodes, build.fixed, rules, broken, limits)


def shut_by_today(horizon: Horizon, today: date, state: State) -> int:
    """The days on which a visit cannot stand: past ones if it is to come, future ones if it occurred."""
    k = horizon.index(today)
    if state is State.OCCURRED:
        return between(k + 1, horizon.length - 1)
    return between(0, min(k, horizon.length) - 1)


class _Build:
    """The steps of `constraints`, with what they share."""

    def __init__(
        self, standing: Standing, calendar: Calendar, today: date | None, horizon: Horizon, lifted: str | None
    ) -> None:
        self.standing, self.calendar, self.today = standing, calendar, today
        self.horizon = horizon
        self.lifted = lifted
        self.shared: dict[tuple[int, int], int] = {}
        self.masks: dict[tuple[str, bool, int], list[tuple[Closure, int]]] = {}
        self.tables: dict[tuple[object, ...], Table] = {}
        together = standing.facts.attendance(lifted) if lifted is not None else ()
        self.fixed = {code: day for code, day in standing.fixed.items() if code not in together}
        visits = [code for code in standing.states if standing.takes_place(code)]
        self.nodes = (*standing.dates, *(c for c in visits if c in standing.fixed or c not in standing.waiting))
        self.index = {code: k for k, code in enumerate(self.nodes)}
        self.free = [self.encounter(code) for code in self.nodes if code not in self.fixed]

    def encounter(self, code: str) -> Encounter:
        return self.standing.protocol.by_code[code]

    def rules(self) -> Iterator[Item]:
        """Every binding bound between two nodes."""
        for rule in self.standing.protocol.rules:
            if rule.strength.binding:
                yield from self.rule(rule)
        for guest, host in self.standing.facts.together.items():
            yield from self.together(guest, host)
        for code in self.nodes:
            encounter = self.standing.protocol.by_code.get(code)
            if encounter is not None and encounter.timing is not None:
                yield from self.order(encounter, encounter.timing)
                yield from self.window(encounter, encounter.timing)

    def rule(self, rule: Rule) -> Iterator[Item]:
        first, then = self.standing.chosen(rule.first), self.standing.chosen(rule.then)
        if first in self.index and then in self.index and first != then:
            reason = Reason(Why.RULE, then, first, rule.lo, rule.hi, rule=rule.id, strength=rule.strength)
            yield self.item(reason, rule.first, rule.then)

    def together(self, guest: str, host: str) -> Iterator[Item]:
        """One attendance that fulfils two visits is on one day."""
        if guest in self.index and host in self.index:
            reason = Reason(Why.TOGETHER, guest, host, SAME_DAY, SAME_DAY, rule=TOGETHER, strength=Strength.HARD)
            yield Item(reason, Bound(self.index[host], self.index[guest], 0, 0))

    def order(self, encounter: Encounter, timing: Timing) -> Iterator[Item]:
        """No visit before the one it counts from, none after it where it counts backwards; on its date if pinned."""
        other, code = self.standing.chosen(timing.anchor), encounter.code
        if other not in self.index or other == code or self.standing.taken_for(code):
            return
        reason = Reason(Why.ORDER, code, other, rule=ORDER, strength=Strength.HARD)
        if encounter.code in self.standing.protocol.pinned:
            reason = replace(reason, why=Why.STANDS, lo=SAME_DAY, hi=SAME_DAY, rule=STANDS)
        elif timing.offset.amount < 0:
            reason = replace(reason, hi=SAME_DAY)
        elif timing.offset.amount > 0 or not opens_early(timing):
            reason = replace(reason, lo=SAME_DAY)
        else:
            return
        yield self.item(reason, timing.anchor)

    def window(self, encounter: Encounter, timing: Timing) -> Iterator[Item]:
        """The visit's window, where it is itself a hard or absolute rule."""
        if timing.window is None or not timing.strength.binding or self.standing.taken_for(encounter.code):
            return
        anchor = window_anchor(timing)
        other = self.standing.chosen(anchor)
        if other not in self.index:
            return
        spans = window_spans(timing)
        lo, hi = spans or (None, None)
        reason = Reason(Why.WINDOW, encounter.code, other, lo, hi, rule="window", strength=timing.strength)
        yield self.item(reason, anchor, timing=timing if spans is None else None)

    def item(self, reason: Reason, first: Anchor, then: Anchor | None = None, timing: Timing | None = None) -> Item:
        """A bound from `reason.other` to `reason.visit`; of a `timing`, its window as day maps."""
        a, b = self.index[reason.other], self.index[reason.visit]
        stays = (
            self.standing.stay_of(reason.other) if first.end else 0,
            self.standing.stay_of(reason.visit) if then is not None and then.end else 0,
        )
        if timing is None and all(span is None or span.days is not None for span in (reason.lo, reason.hi)):
            lo, hi = (None if span is None else span.days for span in (reason.lo, reason.hi))
            late = stays[0] - stays[1]
            return Item(reason, Bound(a, b, -FAR if lo is None else lo + late, FAR if hi is None else hi + late))
        return Item(reason, Bound(a, b, table=self.table(reason, timing, stays)))

    def table(self, reason: Reason, timing: Timing | None, stays: tuple[int, int]) -> Table:
        """Day maps over the horizon, from the end of the first stay to the end of the other.

        On a side without a bound, a map that no day breaks. Equal maps are made once.
        """
        key = (reason.lo, reason.hi, timing, stays)
        if key not in self.tables:
            ends = [self.horizon.day(k + stays[0]) for k in range(self.horizon.length)]
            lows, highs = ([self.edge(reason, timing, end, high) for end in ends] for high in (False, True))
            self.tables[key] = Table(
                tuple(-FAR if low is None else self.horizon.index(low) - stays[1] for low in lows),
                tuple(FAR if high is None else self.horizon.index(high) - stays[1] for high in highs),
            )
        return self.tables[key]

    def edge(self, reason: Reason, timing: Timing | None, day: date, high: bool) -> date | None:  # noqa: FBT001
        holidays = self.calendar.holidays
        if timing is not None:
            return window_edge(timing, day, holidays, late=high)
        span = reason.hi if high else reason.lo
        return None if span is None else shift(day, span, holidays)

    def breaks(self, item: Item) -> bool:
        """Whether both days of a bound are fixed and do not keep it."""
        bound, reason = item.bound, item.reason
        if bound is None or reason.visit not in self.fixed or reason.other not in self.fixed:
            return False
        days = (self.horizon.index(self.fixed[code]) for code in (reason.other, reason.visit))
        return not bound.allows(*days)

    def facts(self) -> Iterator[Item]:
        everything = between(0, self.horizon.length - 1)
        for code, day in self.fixed.items():
            node = self.index[code]
            blocks = ((node, everything & ~(1 << self.horizon.index(day))),)
            yield Item(Reason(self.why_fixed(code), code, day=day), blocks=blocks)

    def why_fixed(self, code: str) -> Why:
        if code in self.standing.protocol.date_of:
            return Why.DATE
        state = self.standing.states[code]
        return {State.OCCURRED: Why.OCCURRED, State.BOOKED: Why.BOOKED}.get(state, Why.STANDS)

    def today_limits(self) -> Iterator[Item]:
        """A visit still to come stands on or after today; a record that is being looked at again, on or before it."""
        if self.today is None:
            return
        states = ((e.code, self.standing.states[e.code]) for e in self.free)
        blocks = tuple((self.index[code], shut_by_today(self.horizon, self.today, state)) for code, state in states)
        yield Item(Reason(Why.TODAY, day=self.today), blocks=blocks)

    def closures(self) -> Iterator[Item]:
        """One item per closure, whatever the number of visits it touches."""
        touched: dict[int, tuple[Reason, list[tuple[int, int]]]] = {}
        for encounter in self.free:
            for closure, mask in self.closed(encounter):
                item = touched.setdefault(id(closure), (Reason(Why.CLOSED, closure=closure), []))
                item[1].append((self.index[encounter.code], mask))
        for reason, blocks in touched.values():
            yield Item(reason, blocks=tuple(blocks))

    def closed(self, encounter: Encounter) -> list[tuple[Closure, int]]:
        """The closures that take days from the visit, with these; made once for all that obey one calendar."""
        key = (encounter.calendar, encounter.attended, self.standing.stay_of(encounter.code))
        if key not in self.masks:
            calendar, attended, stay = key
            found = self.calendar.closing(calendar, attended=attended)
            masks = ((closure, self.mask(closure, stay)) for closure in found)
            self.masks[key] = [(closure, mask) for closure, mask in masks if mask]
        return self.masks[key]

    def mask(self, closure: Closure, stay: int) -> int:
        """The days of the horizon that it closes, made once for all calendars that share it."""
        key = (id(closure), stay)
        if key not in self.shared:
            self.shared[key] = self.calendar.mask(closure, self.horizon.first, self.horizon.last, stay)
        return self.shared[key]
