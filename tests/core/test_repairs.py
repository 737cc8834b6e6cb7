"""Repairs are true and minimal: held against every set of things that could give way, each tried by planning anew."""

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.explain import Reason, Why
from planner.core.facts import Facts
from planner.core.protocol import Strength
from planner.core.repairs import FULL, Repair, Way, ranked, way
from planner.core.replan import proposal
from planner.core.schedule import plan

from .small import DAY_1, OPEN, day, protocol, rule, visit

START = Facts(dates={"d1": DAY_1})
MOST = 3
"""Things that a repair may ask for at once."""


def case_of(pick):
    """Three visits with rules between them and from Day 1, closures, and a day asked for A; B and C booked or not."""
    rules = []
    for first, then in (("A", "B"), ("B", "C"), ("d1", "A"), ("d1", "C"), ("A", "C")):
        if pick(0, 2):
            low = pick(3, 9) + (6 if then == "C" else 0)
            strength = Strength.ABSOLUTE if pick(0, 5) == 0 else Strength.HARD
            rules.append(rule(first, then, low, low + pick(0, 4), strength=strength))
    trial = protocol(*(visit(code, offset=7 * n) for n, code in enumerate("ABC", 1)), rules=tuple(rules))
    closures = []
    for number in range(pick(0, 3)):
        first = pick(5, 25)
        because = (Because.CLOSURE, Because.ABSENCE)[pick(0, 1)]
        closures.append(Closure(day(first), day(first + pick(0, 5)), because, f"closed {number}"))
    facts = START.booked("A", day(pick(6, 14)))
    for code in "BC":
        facts = facts.booked(code, day(pick(10, 28))) if pick(0, 1) else facts
    return trial, facts, Calendar(closures=tuple(closures))


def outcome(trial, facts, calendar):
    """The proposal for the day asked for A, once the closures are known."""
    before = plan(trial, START, OPEN)
    if before.conflicts:
        return None
    return proposal(before, facts, keep=False, calendar=calendar, asked=("A",))


def things(trial, facts, calendar):
    """Everything that some person could let give way, by what a reason says of it."""
    rules = [("rule", r.id) for r in trial.rules if r.strength is Strength.HARD]
    return [*rules, *(("closed", c.name) for c in calendar.closures), ("booked", "A")]


def without(trial, facts, calendar, gone):
    """The case with these things gone: a rule overruled, a day opened, the day asked for A given up."""
    kept = tuple(r for r in trial.rules if ("rule", r.id) not in gone)
    closures = tuple(c for c in calendar.closures if ("closed", c.name) not in gone)
    left = facts.planned("A") if ("booked", "A") in gone else facts
    return replace(trial, rules=kept), left, Calendar(closures=closures)


def thing(reason):
    if reason.closure is not None:
        return "closed", reason.closure.name
    return ("booked", reason.visit) if reason.why is Why.BOOKED else (reason.why.value, reason.rule)


def smallest(case):
    """Every smallest set of at most MOST things without which there is a legal plan, found by trying all of them."""
    found = []
    for number in range(1, MOST + 1):
        for chosen in map(frozenset, combinations(things(*case), number)):
            if not any(known <= chosen for known in found):
                relaxed = outcome(*without(*case, chosen))
                if relaxed is not None and not relaxed.stuck:
                    found.append(chosen)
    return set(found)


def offered(one):
    """The repairs as sets of things; those that would have a visit come before the one it counts from are left out."""
    sets = [frozenset(map(thing, repair.reasons)) for repair in one.repairs]
    return {found for found in sets if not any(why == "order" for why, _ in found)}


def check(seeds):
    """How many of these cases are stuck, each with the repairs that brute force finds."""
    stuck = 0
    for seed in seeds:
        case = case_of(Random(seed).randint)
        found = outcome(*case)
        if found is not None and len(found.stuck) == 1:
            stuck += 1
            assert offered(found.stuck[0]) == smallest(case)
    return stuck


def test_the_repairs_of_small_plans_are_those_that_brute_force_finds():
    assert check(range(150)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_so_are_those_of_eight_thousand_small_plans(part):
    assert check(range(150 + 2000 * part, 2150 + 2000 * part)) > 100


def test_every_reason_for_which_a_visit_has_no_day_is_needed():
    for seed in range(100):
        case = case_of(Random(seed).randint)
        found = outcome(*case)
        for one in found.stuck if found is not None else ():
            gone = set(map(thing, one.reasons))
            for repair in offered(one):
                assert repair & gone


CLOSED = Closure(day(8), day(8))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason(Why.BOOKED, "A", day=day(8)), Way.REBOOK),
        (Reason(Why.TOGETHER, "A", "B"), Way.REBOOK),
        (Reason(Why.CLOSED, closure=replace(CLOSED, because=Because.ABSENCE)), Way.ASK_PATIENT),
        (Reason(Why.CLOSED, closure=replace(CLOSED, name=FULL)), Way.MAKE_ROOM),
        (Reason(Why.CLOSED, closure=CLOSED), Way.OPEN_DAY),
        (Reason(Why.RULE, "A", "B"), Way.DEVIATE),
        (Reason(Why.WINDOW, "A", "B"), Way.DEVIATE),
    ],
)
def test_each_reason_gives_way_by_what_some_person_does(reason, expected):
    assert way(reason) is expected


def test_what_asks_least_comes_first_and_of_that_what_asks_for_fewer_things():
    booked, other = (Reason(Why.BOOKED, code) for code in "AB")
    closed, broken = Reason(Why.CLOSED, closure=CLOSED), Reason(Why.RULE, "A", "B")

    found = ranked([(broken,), (closed, booked), (closed,), (booked, other)])

    assert found == (Repair((booked, other)), Repair((closed,)), Repair((closed, booked)), Repair((broken,)))
