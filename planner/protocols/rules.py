"""One [[rule]] table as rules: one for each pair of visits that it binds."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from planner.core.days import Span
from planner.core.protocol import Anchor, Rule, Strength
from planner.protocols import grammar
from planner.protocols.names import Kind
from planner.protocols.reach import reach

if TYPE_CHECKING:
    from planner.protocols.entry import Entry

STRENGTHS = tuple(strength.value for strength in Strength)
FORMS = ("from", "between", "order")
KEYS = {"from": ("to", "at_least", "at_most"), "between": ("at_least", "at_most"), "order": ()}
TAKEN = ("order", "stands", "together", "window", "repeat", "no_go")
"""What the core calls the rules that every visit brings with it."""
MOST_PAIRS = 4000

Pair = tuple[Anchor, Anchor, Span | None, Span | None]


def rules(entry: Entry) -> tuple[Rule, ...]:
    """The rules of one table; it has one of three forms: from and to, between, or order."""
    name = entry.code(Kind.RULE, "id")
    if name in TAKEN:
        entry.fault("id", f"{name!r} is the planner's own word for a rule", "Choose another id")
    strength = Strength(entry.choice("strength", STRENGTHS, Strength.HARD.value, required=True))
    words, sources = entry.words("text"), entry.sources()
    pairs = _pairs(entry)
    entry.done()
    return tuple(Rule(name, first, then, lo, hi, strength, words, sources) for first, then, lo, hi in pairs)


def _pairs(entry: Entry) -> list[Pair]:
    entry.known.update(*KEYS.values())
    forms = [form for form in FORMS if entry.has(form)]
    if len(forms) != 1:
        what = f"{' stands beside '.join(forms)}" if forms else "neither from, between nor order is there"
        entry.fault("", what, "A rule has one of three forms: from and to, between, or order")
        return []
    stray = next((key for key in KEYS["from"] if entry.has(key) and key not in KEYS[forms[0]]), None)
    if stray is not None:
        entry.fault(stray, f"{stray} stands beside {forms[0]}", "Take it out, or write the rule with from and to")
    return {"from": _from_to, "between": _between, "order": _order}[forms[0]](entry)


def _from_to(entry: Entry) -> list[Pair]:
    """Every `to` against every `from`, at_least and at_most counted from `from`'s day."""
    nobody: tuple[Anchor, ...] = ()
    starts = entry.take("from", grammar.each, nobody)
    ends = entry.take("to", grammar.each, nobody, required=True)
    for key, found in (("from", starts), ("to", ends)):
        entry.use(key, Kind.DAY, *(code for anchor in found for code in anchor.codes))
    lo, hi = _spans(entry)
    if _too_many(entry, len(starts) * len(ends)):
        return []
    pairs = [(first, then, lo, hi) for first in starts for then in ends if first != then]
    if starts and ends and not pairs:
        entry.fault("to", "the rule binds a visit to itself", "Name another visit")
    return pairs


def _between(entry: Entry) -> list[Pair]:
    """Every two of a series, neighbours or not: the later against the earlier."""
    nobody: tuple[str, ...] = ()
    series = entry.take("between", grammar.codes, nobody)
    entry.use("between", Kind.DAY, *series)
    if len(series) == 1:
        entry.fault("between", "one visit alone has nothing between", "Name two or more, such as N1..N3")
    lo, hi = _spans(entry)
    if _too_many(entry, comb(len(series), 2)):
        return []
    return [(Anchor((a,)), Anchor((b,)), lo, hi) for a, b in combinations(series, 2)]


def _order(entry: Entry) -> list[Pair]:
    """Every two of a chain, whichever between them falls away; `<` on the way excludes the same day."""
    nobody: tuple[tuple[str, ...], tuple[bool, ...]] = ((), ())
    chain, strict = entry.take("order", grammar.order, nobody)
    entry.use("order", Kind.DAY, *chain)
    if _too_many(entry, comb(len(chain), 2)):
        return []
    return [
        (Anchor((chain[i],)), Anchor((chain[k],)), Span(int(any(strict[i:k]))), None)
        for i, k in combinations(range(len(chain)), 2)
    ]


def _too_many(entry: Entry, pairs: int) -> bool:
    if pairs > MOST_PAIRS:
        entry.fault("", f"the rule binds {pairs} pairs of visits", f"Name fewer visits: {MOST_PAIRS} pairs at most")
    return pairs > MOST_PAIRS


def _spans(entry: Entry) -> tuple[Span | None, Span | None]:
    lo, hi = (entry.take(key, grammar.span, None) for key in ("at_least", "at_most"))
    if not entry.has("at_least") and not entry.has("at_most") and not entry.refused:
        entry.lacks(
            "at_least", "neither at_least nor at_most is there", 'Add at_least = "14 days" or at_most = "28 days"'
        )
    if lo is not None and hi is not None and reach(hi)[1] < reach(lo)[0]:
        entry.fault("at_most", "at_most is less than at_least, so no two days keep the rule", "Swap or mend the two")
    return lo, hi
