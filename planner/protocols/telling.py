"""Rules that clash, told in the words of the file, each with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.days import Span
from planner.core.explain import Why
from planner.protocols.names import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.core.explain import Reason
    from planner.protocols.entry import Reading
    from planner.protocols.faults import Spot

MOST_TOLD = 20
IN_THE_FILE = {Why.WINDOW: "its window", Why.STANDS: "its date", Why.ORDER: "it counts from there"}


def told(reasons: Iterable[Reason], reading: Reading) -> str:
    """Each reason in the words of the file, as the file runs; of very many the first ones."""
    said = [_said(reason, reading) for reason in _as_in_file(reasons, reading)]
    more = [f"and {len(said) - MOST_TOLD} more"] if len(said) > MOST_TOLD else []
    return "; ".join(said[:MOST_TOLD] + more)


def first(reasons: Iterable[Reason], reading: Reading) -> Spot:
    """Where the uppermost of the reasons stands."""
    return _where(_as_in_file(reasons, reading)[0], reading)


def _as_in_file(reasons: Iterable[Reason], reading: Reading) -> list[Reason]:
    return sorted(reasons, key=lambda reason: reading.faults.line(_where(reason, reading)) or 0)


def _where(reason: Reason, reading: Reading) -> Spot:
    if reason.why is Why.RULE:
        return reading.names.spot(Kind.RULE, reason.rule)
    spot = reading.names.spot(Kind.VISIT, reason.visit)
    return spot.at("window" if reason.why is Why.WINDOW else "timing")


def _said(reason: Reason, reading: Reading) -> str:
    name = IN_THE_FILE.get(reason.why, f"rule {reason.rule!r}")
    line = reading.faults.line(_where(reason, reading))
    where = f" ({name}, line {line})" if line is not None else f" ({name})"
    return f"{reason.visit} comes {_apart(reason.lo, reason.hi)} {reason.other}{where}"


def _apart(lo: Span | None, hi: Span | None) -> str:
    if lo is None or hi is None:
        return _low(lo) if lo is not None else _high(hi) if hi is not None else "in its window around"
    if lo == hi:
        return f"{_spelled(lo)} {_side(lo)}" if lo.amount else "on the day of"
    if lo.unit is not hi.unit and lo.days is not None and hi.days is not None:
        return _apart(Span(lo.days), Span(hi.days))
    if lo.unit is not hi.unit or lo.amount < 0 < hi.amount:
        return f"from {_spelled(lo)} {_side(lo)} to {_spelled(hi)} {_side(hi)}"
    near, far = sorted((lo, hi), key=lambda span: abs(span.amount))
    return f"{abs(near.amount)} to {_spelled(far)} {_side(far)}"


def _low(span: Span) -> str:
    if span.amount == 0:
        return "not before"
    return f"at least {_spelled(span)} after" if span.amount > 0 else f"at most {_spelled(span)} before"


def _high(span: Span) -> str:
    if span.amount == 0:
        return "not after"
    return f"at most {_spelled(span)} after" if span.amount > 0 else f"at least {_spelled(span)} before"


def _side(span: Span) -> str:
    return "before" if span.amount < 0 else "after"


def _spelled(span: Span) -> str:
    amount = abs(span.amount)
    return f"{amount} {span.unit.removesuffix('s') if amount == 1 else span.unit}"
