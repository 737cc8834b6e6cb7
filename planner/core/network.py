"""The temporal network of one patient: day sets as bitmasks, propagation, exact possible days, witnesses.

A day set is one int: bit k is the k-th day of the horizon. A bound between two visits is a difference or a pair of
monotone day maps. Such bounds, and any sets of days, are closed under pointwise minimum and maximum. So arc
consistency decides whether a plan exists and makes the first and the last day of each visit exact (Jeavons and
Cooper, AIJ 79(2), 1995), and a monotone sweep of least plans makes every day exact. Nothing here is clinical.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    Nodes = Collection[int]

FAR = 1 << 20  # days; wider than any horizon, so a bound of FAR is no bound


@dataclass(frozen=True, slots=True)
class Table:
    """Two monotone day maps: the other visit's earliest and latest day for each day of the first."""

    least: tuple[int, ...]
    most: tuple[int, ...]

    def image(self, days: int) -> int:
        """Every day that some day of `days` allows."""
        out, latest = 0, len(self.most) - 1
        for day in bits(days):
            out |= between(self.least[day], min(self.most[day], latest))
        return out

    def inverse(self) -> Table:
        """The same relation, seen from the other visit (over the same horizon)."""
        length = len(self.least)
        return Table(
            tuple(bisect_left(self.most, day) for day in range(length)),
            tuple(bisect_right(self.least, day) - 1 for day in range(length)),
        )

    def meet(self, other: Table) -> Table:
        """Both relations at once."""
        return Table(tuple(map(max, self.least, other.least)), tuple(map(min, self.most, other.most)))


@dataclass(frozen=True, slots=True)
class Bound:
    """`lo <= t_then - t_first <= hi` in days, inclusive; or a `table` of day maps instead."""

    first: int
    then: int
    lo: int = -FAR
    hi: int = FAR
    table: Table | None = None

    def allows(self, first: int, then: int) -> bool:
        """Whether the two days keep the bound."""
        if self.table is None:
            return self.lo <= then - first <= self.hi
        return self.table.least[first] <= then <= self.table.most[first]

    def flipped(self) -> Bound:
        """The same bound, written from the other visit."""
        return Bound(self.then, self.first, -self.hi, -self.lo, self.table and self.table.inverse())

    def meet(self, other: Bound) -> Bound:
        """Both bounds at once; `other` runs between the same two visits, the same way round."""
        table = self.table or other.table
        if table is None:
            return Bound(self.first, self.then, max(self.lo, other.lo), min(self.hi, other.hi))
        days = range(len(table.least))
        return Bound(self.first, self.then, table=self.tabled(days).meet(other.tabled(days)))

    def tabled(self, days: Iterable[int]) -> Table:
        """The bound as day maps over all `days` of the horizon."""
        return self.table or Table(tuple(day + self.lo for day in days), tuple(day + self.hi for day in days))


class Net:
    """Visits 0..size-1 and the bounds between them, merged and compiled once: apart they would leave phantom days.

    Each bound links its two visits both ways: `later` where the other comes at least `lo` days after, `earlier` where
    at most `hi`, `linked` where both or a table bind it. `lowers` are all that hold the other back.
    """

    def __init__(self, size: int, bounds: Iterable[Bound]) -> None:
        self.size, self.bounds = size, _merged(bounds)
        self.later: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        self.earlier: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        self.linked: list[list[tuple[int, int, int, Table | None]]] = [[] for _ in range(size)]
        self.lowers: list[list[tuple[int, int, Table | None]]] = [[] for _ in range(size)]
        for one in self.bounds:
            self._link(one.first, one.then, one.lo, one.hi, one.table)
            self._link(one.then, one.first, -one.hi, -one.lo, one.table and one.table.inverse())

    def _link(self, a: int, b: int, lo: int, hi: int, table: Table | None) -> None:
        if table is not None or lo > -FAR:
            self.lowers[a].append((b, lo, table))
        if table is not None or (lo > -FAR and hi < FAR):
            self.linked[a].append((b, lo, hi, table))
        elif lo > -FAR:
            self.later[a].append((b, lo))
        elif hi < FAR:
            self.earlier[a].append((b, hi))

    @cached_property
    def tangled(self) -> set[int]:
        """The visits on which propagation alone may leave a phantom day, whatever days are open."""
        return _peeled({a: {b for b, *_ in lowers} for a, lowers in enumerate(self.lowers)})


def _peeled(out: dict[int, set[int]]) -> set[int]:
    """What is left of a graph of lower bounds: the visits on which propagation alone may leave a day without a plan.

    Peel, again and again, each visit with no incoming lower bound (its first day always fits), with none outgoing
    (its last day does), or with one neighbour (propagation keeps it a partner for each day): it extends any plan.
    """
    into: dict[int, set[int]] = {a: set() for a in out}
    for a, targets in out.items():
        for b in targets:
            into[b].add(a)
    core, loose = set(out), list(out)
    while loose:
        a = loose.pop()
        if a not in core or (out[a] and into[a] and len(out[a] | into[a]) > 1):
            continue
        core.discard(a)
        for b in out[a] | into[a]:
            out[b].discard(a)
            into[b].discard(a)
            loose.append(b)
    return core


def _merged(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    merged: dict[tuple[int, int], Bound] = {}
    for bound in bounds:
        one = bound if bound.first < bound.then else bound.flipped()
        key = (one.first, one.then)
        merged[key] = merged[key].meet(one) if key in merged else one
    return tuple(merged.values())


def first(days: int) -> int:
    """The first day of a set that is not empty."""
    return (days & -days).bit_length() - 1


def last(days: int) -> int:
    """The last day of a set that is not empty."""
    return days.bit_length() - 1


def bits(days: int) -> Iterator[int]:
    """The days of a set, in order."""
    while days:
        low = days & -days
        yield low.bit_length() - 1
        days ^= low


def between(low: int, high: int) -> int:
    """The set of the days `low` to `high`, inclusive; empty when `high` comes before `low`."""
    low = max(low, 0)
    return (1 << high + 1) - (1 << low) if low <= high else 0


def spread(days: int, lo: int, hi: int) -> int:
    """The days at a distance of `lo` to `hi` from some day of the set, by doubling; none when `hi` < `lo`."""
    if hi < lo:
        return 0
    covered, width = 1, hi - lo + 1
    while covered < width:
        step = min(covered, width - covered)
        days |= days << step
        covered += step
    return days << lo if lo >= 0 else days >> -lo


def propagate(net: Net, days: Sequence[int], changed: Nodes | None = None, outside: Nodes = ()) -> list[int] | None:
    """Arc consistency from the visits `changed` (else all); those `outside` take no days. None where no plan exists."""
    left = list(days)
    queue = deque(range(net.size) if changed is None else changed)
    waiting = {*queue, *outside}
    if not all(left[a] for a in queue):
        return None
    while queue:
        a = queue.popleft()
        waiting.discard(a)
        for b in _revise(net, left, a):
            if not left[b] and b not in outside:
                return None
            if b not in waiting:
                waiting.add(b)
                queue.append(b)
    return left


def _revise(net: Net, left: list[int], a: int) -> list[int]:
    """Take from the others the days that no day of `a` allows; one-sided bounds ask only for its first or last day."""
    lost, here = [], left[a]
    low, high = (here & -here).bit_length(), here.bit_length()  # first and last day, counted from 1; spelled out,
    for b, lo in net.later[a]:  # as this loop is the innermost of all
        old, start = left[b], low + lo
        if (old & -old).bit_length() < start:
            left[b] = old >> start - 1 << start - 1
            lost.append(b)
    for b, hi in net.earlier[a]:
        if left[b].bit_length() > high + hi:
            left[b] &= between(0, high + hi - 1)
            lost.append(b)
    for b, lo, hi, table in net.linked[a]:
        new = left[b] & (spread(here, lo, hi) if table is None else table.image(here))
        if new != left[b]:
            left[b] = new
            lost.append(b)
    return lost


def live_days(net: Net, days: Sequence[int], changed: Nodes | None = None) -> list[int] | None:
    """The exact set of days of each visit that belong to some plan; None where there is no plan.

    With `changed`, `days` is an earlier answer of this function in which only these visits lost days.
    """
    left = propagate(net, days, changed)
    if left is None:
        return None
    core = _tangled(net, left)
    return propagate(net, left, _sweep(net, left, core)) if core else left


def _tangled(net: Net, left: Sequence[int]) -> set[int]:
    """The tangled visits, where a visit with one day and a bound that every pair of days left keeps link nothing."""
    starts = {v: first(left[v]) for v in net.tangled if left[v] & (left[v] - 1)}
    out = {}
    for a in starts:
        end = last(left[a])
        lowers = ((b, end + lo if table is None else table.least[end]) for b, lo, table in net.lowers[a])
        out[a] = {b for b, least in lowers if b in starts and starts[b] < least}
    return _peeled(out)


def _sweep(net: Net, left: list[int], core: set[int]) -> list[int]:
    """Take from `left` the days of core visits that no plan has; the visits that lost some.

    Each raised plan lands on the first live day at or above the one asked: the days it leaps over are dead, and
    every day it stands on is live. The plan of last days lies above it, so a raise never fails here.
    """
    seen = {v: 1 << first(left[v]) | 1 << last(left[v]) for v in core}
    lost = []
    for visit in sorted(core):
        plan = {v: first(left[v]) for v in core}
        dead, todo = 0, left[visit] & ~seen[visit]
        while todo:
            _raise(net, left, plan, visit, first(todo))
            for v, day in plan.items():
                seen[v] |= 1 << day
            above = todo >> plan[visit] << plan[visit]
            dead |= todo ^ above
            todo = above & ~seen[visit]
        if dead:
            lost.append(visit)
            left[visit] &= ~dead
    return lost


def _raise(net: Net, days: Sequence[int], plan: dict[int, int], visit: int, day: int) -> bool:
    """Make `plan` the least plan at or above itself with `visit` on or after `day`; False if there is none."""
    queue = deque([(visit, day)])
    while queue:
        b, least = queue.popleft()
        if plan[b] >= least:
            continue
        ahead = days[b] >> least
        if not ahead:
            return False
        plan[b] = here = least + first(ahead)
        queue.extend(
            (c, here + lo if table is None else table.least[here]) for c, lo, table in net.lowers[b] if c in plan
        )
    return True


def witness(net: Net, days: Sequence[int], visit: int, day: int) -> list[int] | None:
    """A complete plan with `visit` on `day`, given live days; None if the day is not live."""
    plan = {v: first(days[v]) for v in range(net.size)}
    return list(plan.values()) if _raise(net, days, plan, visit, day) and plan[visit] == day else None


def book(net: Net, live: Sequence[int], visit: int, day: int) -> list[int] | None:
    """The live days after `visit` is booked on `day`; `live` is an answer of `live_days`, which stays as it is."""
    days = list(live)
    days[visit] &= between(day, day)
    return live_days(net, days, (visit,))
