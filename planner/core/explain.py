"""Why a day is not possible: a minimal set of reasons, and the smallest sets of things that could give way.

An item is what a person can name: one rule, one booking, one record, one closure (the same for every visit).
Items together are unsatisfiable; the earliest-day propagation ends in a conflict, its chain is walked back,
and a deletion filter leaves a set of which every item is needed (the irreducible conflict of Chinneck, 2008).
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from planner.core.network import FAR, between, first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from planner.core.calendar import Closure
    from planner.core.days import Span
    from planner.core.network import Bound, Table
    from planner.core.protocol import Strength


class Why(StrEnum):
    """Kinds of reasons, those nobody can change first: minimising drops them first, so the others stay visible."""

    DATE = "date"
    DECISION = "decision"
    SKIPPED = "skipped"
    OCCURRED = "occurred"
    STANDS = "stands"
    TOGETHER = "together"
    TODAY = "today"
    RULE = "rule"
    ORDER = "order"
    WINDOW = "window"
    NEIGHBOUR = "neighbour"
    CLOSED = "closed"
    BOOKED = "booked"
    ASKED = "asked"
    GATE = "gate"


RANK = {why: rank for rank, why in enumerate(Why)}
CHANGEABLE = frozenset({Why.TOGETHER, Why.RULE, Why.ORDER, Why.WINDOW, Why.CLOSED, Why.BOOKED})


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, as values: a rule says lo <= `visit` - `other` <= hi; a fact or closure names its days."""

    why: Why
    visit: str = ""
    other: str = ""
    lo: Span | None = None
    hi: Span | None = None
    day: date | None = None
    last: date | None = None
    rule: str = ""
    strength: Strength | None = None
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A reason with its effect: a bound between two visits, or the days it takes from visits (visit, day set)."""

    reason: Reason
    bound: Bound | None = None
    blocks: tuple[tuple[int, int], ...] = ()

    @property
    def changeable(self) -> bool:
        """Whether some person could let it give way; nobody overrules what is absolute."""
        return self.reason.why in CHANGEABLE and self.reason.strength != "absolute"


@dataclass(frozen=True, slots=True)
class _Raise:
    """A visit was pushed to `need` by `item` and came to stand on `day`, the first open one."""

    visit: int
    need: int
    day: int
    item: Item | None
    cause: _Raise | None


def minimal_conflict(items: Iterable[Item], length: int) -> tuple[Item, ...] | None:
    """Items that cannot all hold over a horizon of `length` days, every one of them needed; None if all can."""
    kept = _clash(tuple(items), length)
    if kept is None:
        return None
    for item in sorted(kept, key=lambda item: RANK[item.reason.why]):
        rest = _clash(tuple(other for other in kept if other is not item), length)
        kept = kept if rest is None else rest
    return kept


def repairs(items: Iterable[Item], length: int, most: int = 3) -> tuple[tuple[Item, ...], ...]:
    """Every smallest-by-inclusion set of at most `most` changeable items without which all others can hold.

    A repair hits every conflict, so each step branches on one minimal conflict (Reiter's hitting-set tree).
    Fewest items first; empty when nothing needs to give way or nothing that may give way helps.
    """
    everything = tuple(items)
    found: list[frozenset[int]] = []
    level: list[frozenset[int]] = [frozenset()]
    for _ in range(most + 1):
        deeper: dict[frozenset[int], None] = {}
        for removed in level:
            if any(repair <= removed for repair in found):
                continue
            conflict = minimal_conflict([i for i in everything if id(i) not in removed], length)
            if conflict is None:
                found.append(removed)
            else:
                deeper.update({removed | {id(item)}: None for item in conflict if item.changeable})
        level = list(deeper)
    return tuple(tuple(i for i in everything if id(i) in repair) for repair in found if repair)


def _clash(items: tuple[Item, ...], length: int) -> tuple[Item, ...] | None:
    """Items that clash, met on the way back from the visit that ran out of days; None if a plan exists."""
    blocks, lowers = _by_visit(items)
    closed: dict[int, int] = {}
    standing: dict[int, _Raise] = {}
    queue: deque[tuple[int, int, Item | None, _Raise | None]] = deque((v, 0, None, None) for v in blocks)
    while queue:
        visit, need, item, cause = queue.popleft()
        if visit in standing and standing[visit].day >= need:
            continue
        if visit not in closed:
            closed[visit] = reduce(or_, (mask for mask, _ in blocks[visit]), 0)
        ahead = between(need, length - 1) & ~closed[visit]
        raised = _Raise(visit, need, first(ahead) if ahead else length, item, cause)
        if not ahead:
            return _walk_back(raised, blocks)
        standing[visit] = raised
        for other, lo, table, rule in lowers[visit]:
            queue.append((other, raised.day + lo if table is None else table.least[raised.day], rule, raised))
    return None


def _by_visit(
    items: tuple[Item, ...],
) -> tuple[dict[int, list[tuple[int, Item]]], dict[int, list[tuple[int, int, Table | None, Item]]]]:
    blocks: dict[int, list[tuple[int, Item]]] = defaultdict(list)
    lowers: dict[int, list[tuple[int, int, Table | None, Item]]] = defaultdict(list)
    for item in items:
        for visit, mask in item.blocks:
            blocks[visit].append((mask, item))
        for bound in (item.bound, item.bound.flipped()) if item.bound else ():
            blocks[bound.first]  # a visit without a closed day is there too
            if bound.table is not None or bound.lo > -FAR:
                lowers[bound.first].append((bound.then, bound.lo, bound.table, item))
    return blocks, lowers


def _walk_back(end: _Raise, blocks: dict[int, list[tuple[int, Item]]]) -> tuple[Item, ...]:
    met: dict[int, Item] = {}
    step: _Raise | None = end
    while step is not None:
        met.update((id(item), item) for item in _blockers(blocks[step.visit], step.need, step.day))
        if step.item is not None:
            met[id(step.item)] = step.item
        step = step.cause
    return tuple(met.values())


def _blockers(blocks: Collection[tuple[int, Item]], day: int, end: int) -> Iterator[Item]:
    """Items that together take every day from `day` up to `end` (exclusive), what a person could change first."""
    while day < end:
        taking = [(RANK[item.reason.why], _run(mask, day), item) for mask, item in blocks if mask >> day & 1]
        _, run, item = max(taking, key=lambda found: found[:2])
        yield item
        day += run


def _run(mask: int, day: int) -> int:
    """How many days on end from `day` the set holds."""
    return first(~(mask >> day))
