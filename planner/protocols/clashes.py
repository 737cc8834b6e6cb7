"""Rules that can never all hold, whichever day is Day 1 and although every day is open: as minimal sets.

Each rule says that one visit comes at least so many days after another. Rules clash when a way through them leads
back to its start later than it set out (a positive circle; Dechter, Meiri and Pearl, AIJ 49, 1991). A circle that
meets no visit twice is minimal, as no rule clashes with itself: without any one of its rules a chain is left.
Months and working days are taken at their shortest and at their longest, so what is told clashes for every start.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

from planner.core.calendar import Calendar
from planner.core.constraints import Horizon, constraints
from planner.core.days import shift
from planner.core.explain import Why
from planner.core.facts import Facts
from planner.core.network import FAR
from planner.core.standing import Standing
from planner.core.windows import window_edge
from planner.protocols.reach import SAMPLE, SOME_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.days import Span
    from planner.core.explain import Item, Reason
    from planner.core.network import Bound, Table
    from planner.core.protocol import Block, Protocol, Timing

ONE_DAY = Horizon(SOME_DAY, SOME_DAY)
MOST_BRANCHES = 16
MOST_RULES = 20_000
"""Rules and visits of all branches together that are looked at."""
MOST_CLASHES = 5

Branch = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """Visit `end` comes at least `days` after visit `start`, because of `item`."""

    start: int
    end: int
    days: int
    item: Item


@dataclass(frozen=True, slots=True)
class Clash:
    """Rules of which every one is needed for the clash; `branch`: the decisions that differ from their defaults."""

    reasons: tuple[Reason, ...]
    branch: Branch


def clashes(protocol: Protocol) -> Iterator[Clash]:
    """Minimal sets of rules that clash, a few of them, each statement of the file in one at most."""
    told: set[tuple[Why, str]] = set()
    defaults = {(decision.code, decision.default) for decision in protocol.decisions}
    for branch in _branches(protocol):
        edges = [edge for edge in _edges(protocol, branch) if _statement(edge.item.reason) not in told]
        while len(told) < MOST_CLASHES and (circle := _circle(edges)):
            reasons = tuple(edge.item.reason for edge in circle)
            yield Clash(reasons, tuple(pair for pair in branch if pair not in defaults))
            weakest = next((r for r in reasons if r.why is Why.RULE), reasons[0])
            told.add(_statement(weakest))
            edges = [edge for edge in edges if _statement(edge.item.reason) not in told]


def every_repetition(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The repetitions as if all of them were planned at once."""
    return tuple(replace(block, ahead=None, until=None) for block in blocks)


def _statement(reason: Reason) -> tuple[Why, str]:
    """What stands once in the file and gives this reason and others like it."""
    return reason.why, reason.rule if reason.why is Why.RULE else reason.visit


def _branches(protocol: Protocol) -> Iterator[Branch]:
    """The default branch, then each other; where they are very many, those that differ from it in one decision."""
    used = {condition.decision for encounter in protocol.encounters for condition in encounter.conditions}
    decisions = [decision for decision in protocol.decisions if decision.code in used]
    values = [(d.default, *(value for value in d.values if value != d.default)) for d in decisions]
    most = min(MOST_BRANCHES, max(MOST_RULES // (len(protocol.rules) + len(protocol.encounters) + 1), 2))
    if prod(map(len, values)) <= most:
        yield from (tuple(zip((d.code for d in decisions), chosen, strict=True)) for chosen in product(*values))
    else:
        one = (((d.code, value),) for d, chosen in zip(decisions, values, strict=True) for value in chosen[1:])
        yield from ((), *islice(one, most))


def _edges(protocol: Protocol, branch: Branch) -> list[Edge]:
    """Every binding rule of the branch as what it asks of the later and of the earlier visit."""
    facts = Facts(dates={named.code: SOME_DAY for named in protocol.dates}, decisions=dict(branch))
    network = constraints(Standing(protocol, facts), Calendar(), None, ONE_DAY)
    bounds = ((item, item.bound) for item in (*network.rules, *network.broken) if item.bound is not None)
    return [edge for item, bound in bounds for edge in _of_bound(protocol, item, bound)]


def _of_bound(protocol: Protocol, item: Item, bound: Bound) -> Iterator[Edge]:
    first, then = bound.first, bound.then
    lo, hi = (bound.lo, bound.hi) if bound.table is None else _loosest(protocol, item, bound.table)
    if lo > -FAR:
        yield Edge(first, then, lo, item)
    if hi < FAR:
        yield Edge(then, first, -hi, item)


def _loosest(protocol: Protocol, item: Item, table: Table) -> tuple[int, int]:
    """The smallest and the largest distance that a rule in months or working days allows, from whatever day."""
    reason = item.reason
    timing = protocol.by_code[reason.visit].timing if reason.lo is None and reason.hi is None else None
    low, high = (_spread(reason.lo, timing, late=False), _spread(reason.hi, timing, late=True))
    return table.least[0] + low[0], table.most[0] + high[1]


@lru_cache(1024)
def _spread(span: Span | None, timing: Timing | None, *, late: bool) -> tuple[int, int]:
    """By how many days an edge can lie earlier and later than the one that counts from SOME_DAY."""
    edges = ((day, _edge(span, timing, day, late=late)) for day in (SOME_DAY, *SAMPLE))
    taken = [(edge - day).days for day, edge in edges if edge is not None] or [0]
    return min(taken) - taken[0], max(taken) - taken[0]


def _edge(span: Span | None, timing: Timing | None, day: date, *, late: bool) -> date | None:
    if timing is not None:
        return window_edge(timing, day, (), late=late)
    return None if span is None else shift(day, span)


def _circle(edges: list[Edge]) -> list[Edge]:
    """Edges that lead back to their start later than they set out; empty where there are none."""
    leaving: dict[int, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(edge.start, []).append(edge)
    day = dict.fromkeys((node for edge in edges for node in (edge.start, edge.end)), 0)
    cause: dict[int, Edge] = {}
    queue, waiting, steps = deque(leaving), set(leaving), 0
    while queue:
        node = queue.popleft()
        waiting.discard(node)
        for edge in leaving.get(node, ()):
            if day[edge.end] < day[node] + edge.days:
                day[edge.end] = day[node] + edge.days
                cause[edge.end] = edge
                if edge.end not in waiting:
                    waiting.add(edge.end)
                    queue.append(edge.end)
        steps += 1
        if steps % len(day) == 0 and (found := _way_back(cause)):
            return found
    return _way_back(cause)


def _way_back(cause: dict[int, Edge]) -> list[Edge]:
    """A circle among the edges that raised each visit last."""
    done: set[int] = set()
    for start in cause:
        way: dict[int, None] = {}
        node = start
        while node in cause and node not in done and node not in way:
            way[node] = None
            node = cause[node].start
        if node in way:
            circle = [cause[node]]
            while circle[-1].start != node:
                circle.append(cause[circle[-1].start])
            return circle[::-1]
        done.update(way)
    return []
