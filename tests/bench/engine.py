"""The engine on part-booked SHRINK plans, beside networkx Bellman-Ford on the same plans: ./run bench engine.

A plan is the illustrative SHRINK protocol from a random start day, with Belgian holidays and closed weekends and
some visits booked on days that were possible. Each way is timed on every plan in turn, in an order that rotates, so
that a machine that slows down slows all of them; of three rounds the best counts. Ratios mean more than times.
"""

from __future__ import annotations

import argparse
import gc
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import holidays
import networkx as nx

from planner.core.calendar import Because, Calendar, Closure
from planner.core.facts import Facts
from planner.core.network import FAR, Net, bits, book, first, last, live_days
from planner.core.schedule import Verdict, explain, plan
from planner.protocols import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from planner.core.constraints import Constraints
    from planner.core.network import Bound
    from planner.core.protocol import Protocol
    from planner.core.schedule import Schedule

SHRINK = Path(reader.__file__).with_name("shrink.toml")
START, STARTS, REGISTERED_BEFORE = date(2025, 1, 6), 1000, timedelta(days=7)
ROUNDS = 3
IMPOSSIBLE_DAYS = 25
"""Days explained of each plan."""
INCREMENTAL, FULL, COMPILED, YARDSTICK = (
    "exact days, incremental",
    "exact days, full",
    "exact days, full, compiled anew",
    "networkx Bellman-Ford, twice",
)
GOALS = ((INCREMENTAL, 10.0), (FULL, 3.0))


@dataclass(frozen=True)
class Booking:
    """One booking in a part-booked plan: the answer before it, and the day sets with all bookings."""

    bounds: tuple[Bound, ...]
    net: Net
    before: list[int]
    days: list[int]
    visit: int
    day: int


# ---- the plans


def belgian_calendar() -> Calendar:
    """Closed weekends and the public holidays of the years that the plans touch."""
    days = holidays.country_holidays("BE", years=range(2024, 2032))
    closures = tuple(Closure(day, day, Because.HOLIDAY, name) for day, name in sorted(days.items()))
    return Calendar(frozenset({5, 6}), closures)


def blank(protocol: Protocol, calendar: Calendar, random: Random) -> tuple[Facts, Schedule]:
    """A patient of whom only registration and Day 1 are known, and the plan."""
    day_one = START + timedelta(days=random.randrange(STARTS))
    facts = Facts(dates={"registration": day_one - REGISTERED_BEFORE, "day_one": day_one})
    return facts, plan(protocol, facts, calendar)


def booked(network: Constraints, random: Random) -> Booking:
    """Some visits booked one after another, each on a day that was possible then."""
    bounds = tuple(item.bound for item in network.rules if item.bound is not None)
    net = Net(len(network.nodes), bounds)
    days, live = list(network.days), live_days(net, network.days)
    if live is None:
        raise ValueError("the blank plan has no solution")
    free = [node for node, code in enumerate(network.nodes) if code not in network.fixed]
    chosen = random.sample(free, random.randint(1, len(free) // 2))
    before, visit, day = live, 0, 0
    for visit in chosen:
        before, day = live, random.choice(list(bits(live[visit])))
        days[visit] &= 1 << day
        live = book(net, before, visit, day) or live
    return Booking(bounds, net, before, days, visit, day)


# ---- the yardstick


def bellman_ford(net: Net, days: Sequence[int]) -> tuple[list[int], list[int]]:
    """First and last day of each visit by the two shortest-path runs of a simple temporal network."""
    graph = nx.DiGraph()
    origin = net.size
    for bound in net.bounds:
        if bound.hi < FAR:
            graph.add_edge(bound.first, bound.then, weight=bound.hi)
        if bound.lo > -FAR:
            graph.add_edge(bound.then, bound.first, weight=-bound.lo)
    for visit, open_days in enumerate(days):
        graph.add_edge(origin, visit, weight=last(open_days))
        graph.add_edge(visit, origin, weight=-first(open_days))
    late = nx.single_source_bellman_ford_path_length(graph, origin)
    early = nx.single_source_bellman_ford_path_length(graph.reverse(copy=False), origin)
    return [-early[visit] for visit in range(net.size)], [late[visit] for visit in range(net.size)]


def disagreements(booking: Booking, network: Constraints) -> int:
    """Bounds of the simple temporal network that are not the exact first or last day, every day being open."""
    length = network.horizon.length
    fixed = [day if day & (day - 1) == 0 else (1 << length) - 1 for day in booking.days]
    live = live_days(booking.net, fixed)
    if live is None:
        raise ValueError("a plan on open days has no solution")
    early, late = bellman_ford(booking.net, fixed)
    pairs = zip([*early, *late], [*map(first, live), *map(last, live)], strict=True)
    return sum(bound != exact for bound, exact in pairs)


# ---- the clock


def seconds(work: Callable[[], object]) -> float:
    """The time of one call, without the collector's pauses."""
    gc.disable()
    start = perf_counter()
    work()
    spent = perf_counter() - start
    gc.enable()
    return spent


def quickest(work: Callable[[], object]) -> float:
    return min(seconds(work) for _ in range(ROUNDS))


def ways(booking: Booking) -> dict[str, Callable[[], object]]:
    """Every way to answer one booking."""
    net, days = booking.net, booking.days
    return {
        INCREMENTAL: lambda: book(net, booking.before, booking.visit, booking.day),
        FULL: lambda: live_days(net, days),
        COMPILED: lambda: live_days(Net(net.size, booking.bounds), days),
        YARDSTICK: lambda: bellman_ford(net, days),
    }


def race(bookings: Sequence[Booking]) -> dict[str, list[float]]:
    """The best of the rounds for each way on each plan."""
    best = {name: [FAR] * len(bookings) for name in (INCREMENTAL, FULL, COMPILED, YARDSTICK)}
    for turn in range(ROUNDS):
        for k, booking in enumerate(bookings):
            lanes = list(ways(booking).items())
            rotated = lanes[(k + turn) % len(lanes) :] + lanes[: (k + turn) % len(lanes)]
            for name, work in rotated:
                best[name][k] = min(best[name][k], seconds(work))
    return best


def as_facts(facts: Facts, booking: Booking, network: Constraints) -> Facts:
    """The bookings as facts."""
    for node, code in enumerate(network.nodes):
        days = booking.days[node]
        if code not in network.fixed and days & (days - 1) == 0:
            facts = facts.booked(code, network.horizon.day(first(days)))
    return facts


def explanations(schedule: Schedule, random: Random) -> list[float]:
    """The time of one minimal explanation for some days that are not possible."""
    horizon = schedule.possible.horizon
    to_come = [v.code for v in schedule.visits if v.to_come and v.code in schedule.possible.solution.network.index]
    times = []
    while len(times) < IMPOSSIBLE_DAYS:
        code, day = random.choice(to_come), horizon.day(random.randrange(horizon.length))
        if day not in schedule.by_code[code].possible:
            schedule.possible.lifted(code)  # known to every page that shows the visit's days
            times.append(quickest(lambda code=code, day=day: explain(schedule, code, day)))
            assert explain(schedule, code, day).verdict is Verdict.IMPOSSIBLE
    return times


# ---- the table


def row(name: str, times: Iterable[float], yardstick: float | None = None) -> str:
    """Median, 95th percentile and longest time in milliseconds; how many times faster than the yardstick."""
    ordered = [1000 * time for time in sorted(times)]
    middle, late = median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    ratio = "" if yardstick is None else f"{1000 * yardstick / middle:9.1f}x"
    return f"{name:34} {middle:9.3f} {late:9.3f} {ordered[-1]:9.3f} {ratio}"


def main(argv: Sequence[str]) -> int:
    """Print the table; 1 where a goal is not reached or a bound disagrees."""
    parser = argparse.ArgumentParser(prog="engine", description="Times the engine beside networkx.")
    parser.add_argument("--plans", type=int, default=400, help="how many part-booked plans (400)")
    parser.add_argument("--seed", type=int, default=1, help="which plans (1)")
    options = parser.parse_args(argv)

    random, protocol, calendar = Random(options.seed), reader.read(SHRINK), belgian_calendar()
    blanks = [blank(protocol, calendar, random) for _ in range(options.plans)]
    networks = [schedule.possible.solution.network for _, schedule in blanks]
    bookings = [booked(network, random) for network in networks]
    known = [as_facts(facts, *pair) for (facts, _), *pair in zip(blanks, bookings, networks, strict=True)]
    best = race(bookings)
    plans = [quickest(lambda facts=facts: plan(protocol, facts, calendar)) for facts in known]
    explained = [t for facts in known for t in explanations(plan(protocol, facts, calendar), random)]
    wrong = sum(disagreements(*pair) for pair in zip(bookings, networks, strict=True))

    yardstick = median(best[YARDSTICK])
    print(f"{options.plans} part-booked plans of {protocol.name}; milliseconds; best of {ROUNDS} rounds\n")
    print(f"{'':34} {'median':>9} {'p95':>9} {'max':>9} {'networkx':>10}")
    print(*(row(name, times, yardstick) for name, times in best.items()), sep="\n")
    print(row("one minimal explanation", explained))
    print(row("the whole plan()", plans))
    reached = {name: yardstick / median(best[name]) for name, _ in GOALS}
    print("\n" + "\n".join(f"goal: {name} at least {goal:g}x: {reached[name]:.1f}x" for name, goal in GOALS))
    print(f"bounds that are not the exact first or last day with every day open: {wrong}")
    return int(wrong > 0 or any(reached[name] < goal for name, goal in GOALS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
