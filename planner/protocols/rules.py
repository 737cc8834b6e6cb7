"""One [[rule]] table as rules: one for each pair of visits that it binds."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from planner.core.days import Span
from planner.core.protocol import Anchor, Rule, Strength
from planner.protocols import grammar

if TYPE_CHECKING:
    from planner.protocols.entry import Entry

STRENGTHS = tuple(strength.value for strength in (Strength.FLAG, Strength.HARD, Strength.ABSOLUTE))
FORMS = ("from", "between", "order")


def rules(entry: Entry) -> tuple[Rule, ...]:
    """The rules of one table; it has one of three forms: from and to, between, or order."""
    name = entry.take("id", grammar.code, "", required=True)
    strength = Strength(entry.choice("strength", STRENGTHS, Strength.HARD.value, required=True) or Strength.HARD)
    words, sources = entry.words("text"), entry.sources()
    forms = [form for form in FORMS if entry.has(form)]
    if len(forms) != 1:
        entry.fault("", "needs exactly one of from (with to), between, order", "Keep one of the three forms")
        return ()
    pairs = {"from": _from_to, "between": _between, "order": _order}[forms[0]](entry)
    entry.done()
    return tuple(Rule(name, first, then, lo, hi, strength, words, sources) for first, then, lo, hi in pairs)


Pair = tuple[Anchor, Anchor, Span | None, Span | None]


def _from_to(entry: Entry) -> list[Pair]:
    """Every `to` against every `from`, at_least and at_most counted from `from`'s day."""
    nobody: tuple[Anchor, ...] = ()
    starts = entry.take("from", grammar.each, nobody)
    ends = entry.take("to", grammar.each, nobody, required=True)
    lo, hi = _spans(entry)
    return [(first, then, lo, hi) for first in starts for then in ends if first != then]


def _between(entry: Entry) -> list[Pair]:
    """Every two of a series, neighbours or not: the later against the earlier."""
    nobody: tuple[str, ...] = ()
    series = entry.take("between", lambda value: grammar.codes(str(value)), nobody)
    lo, hi = _spans(entry)
    return [(Anchor((a,)), Anchor((b,)), lo, hi) for a, b in combinations(series, 2)]


def _order(entry: Entry) -> list[Pair]:
    """Every two of a chain, whichever between them falls away; `<` on the way excludes the same day."""
    nobody: tuple[tuple[str, ...], tuple[bool, ...]] = ((), ())
    chain, strict = entry.take("order", grammar.order, nobody)
    if len(set(chain)) < len(chain):
        entry.fault("order", "names a visit twice", "Name each visit once")
        return []
    return [
        (Anchor((chain[i],)), Anchor((chain[k],)), Span(int(any(strict[i:k]))), None)
        for i, k in combinations(range(len(chain)), 2)
    ]


def _spans(entry: Entry) -> tuple[Span | None, Span | None]:
    lo, hi = (entry.take(key, grammar.span, None) for key in ("at_least", "at_most"))
    if not entry.has("at_least") and not entry.has("at_most"):
        entry.fault("at_least", "is missing, and so is at_most", 'Add at_least = "14 days" or at_most = "28 days"')
    if lo is not None and hi is not None and lo.days is not None and hi.days is not None and hi.days < lo.days:
        entry.fault("at_most", "is less than at_least, so no two days keep the rule", "Swap or mend the two")
    return lo, hi
