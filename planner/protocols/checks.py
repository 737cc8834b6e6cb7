"""What no single line of a protocol file shows: unknown names, circles, and rules that cannot all hold."""

from __future__ import annotations

from datetime import date, timedelta
from graphlib import CycleError
from typing import TYPE_CHECKING

from planner.core.calendar import Calendar
from planner.core.constraints import Horizon, constraints
from planner.core.explain import Why, minimal_conflict
from planner.core.facts import Facts
from planner.core.placing import horizon
from planner.core.protocol import anchors
from planner.core.standing import Standing
from planner.protocols.faults import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.explain import Item, Reason
    from planner.core.protocol import Anchor, Encounter, Protocol
    from planner.protocols.faults import Faults

SOME_DAY = date(2001, 1, 1)
LONGEST = timedelta(days=7300)
MOST_CLASHES = 5
MOST_DAY_MAPS = 20
CENTURIES = 300_000


def names_known(protocol: Protocol, faults: Faults) -> None:
    """Every code is there once, and every name that is used is defined."""
    _twice(protocol, faults)
    dates, visits = protocol.date_of.keys(), protocol.by_code.keys()
    _known([protocol.reference], dates, "protocol, reference", faults)
    for named in protocol.dates:
        _known([named.visit] if named.visit else [], visits, f"date {named.code!r}, visit", faults)
    for epoch in protocol.epochs:
        _anchors([epoch.numbered_from] if epoch.numbered_from else [], protocol, f"epoch {epoch.code!r}", faults)
    for block in protocol.blocks:
        if block.until is not None:
            _condition(block.until.decision, block.until.values, protocol, f"repeat {block.code!r}, until", faults)
    if protocol.key_visit is not None:
        _known([protocol.key_visit.code], visits, "protocol, key_visit", faults)
    for encounter in protocol.encounters:
        _encounter_names(encounter, protocol, faults)
    for rule in protocol.rules:
        _anchors([rule.first, rule.then], protocol, f"rule {rule.id!r}", faults)


def _twice(protocol: Protocol, faults: Faults) -> None:
    seen: dict[str, str] = {}
    kinds = (("date", protocol.dates), ("encounter", protocol.encounters))
    for kind, code in ((kind, entry.code) for kind, entries in kinds for entry in entries):
        if code in seen:
            faults.add(f"{kind} {code!r}", f"the code is taken by another {seen[code]}", "Give each its own code")
        seen[code] = kind
    for kind, codes in (
        ("epoch", [e.code for e in protocol.epochs]),
        ("decision", [d.code for d in protocol.decisions]),
        ("repeat", [b.code for b in protocol.blocks]),
    ):
        for code in {c for c in codes if codes.count(c) > 1}:
            faults.add(f"{kind} {code!r}", "the code is taken by another", "Give each its own code")


def _encounter_names(encounter: Encounter, protocol: Protocol, faults: Faults) -> None:
    place = f"encounter {encounter.code!r}"
    _known([encounter.epoch], [e.code for e in protocol.epochs], f"{place}, epoch", faults)
    _anchors(anchors(encounter), protocol, f"{place}, timing", faults)
    _known([encounter.clock.anchor] if encounter.clock else [], protocol.by_code, f"{place}, clock", faults)
    for condition in encounter.conditions:
        _condition(condition.decision, condition.values, protocol, f"{place}, when", faults)


def _anchors(used: Iterable[Anchor], protocol: Protocol, place: str, faults: Faults) -> None:
    known = [*protocol.date_of, *protocol.by_code]
    for anchor in used:
        _known(anchor.codes, known, place, faults)


def _known(names: Iterable[str], known: Iterable[str], place: str, faults: Faults) -> None:
    words = set(known)
    for name in names:
        if name not in words:
            faults.add(place, f"{name!r} is not defined in the file", nearest(name, words))


def _condition(name: str, values: tuple[str, ...], protocol: Protocol, place: str, faults: Faults) -> None:
    decisions = {decision.code: decision for decision in protocol.decisions}
    _known([name], decisions, place, faults)
    if name in decisions:
        _known(values, decisions[name].values, place, faults)


def plannable(protocol: Protocol, faults: Faults) -> None:
    """No circle of anchors, no plan longer than this planner counts, no rules that cannot all hold."""
    try:
        protocol.placement_order  # noqa: B018  # it raises on a circle
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        faults.add("encounters", f"their anchors run in a circle: {circle}", "Let one of them count from a named date")
        return
    if not _short_enough(protocol, faults):
        return
    for decisions in _branches(protocol):
        for conflict in _clashes(protocol, decisions):
            what = f"rules that cannot all hold: {'; '.join(_said(item.reason) for item in conflict)}"
            faults.add("rules", what, "Loosen one of them; each of them is needed for the clash")


def _short_enough(protocol: Protocol, faults: Faults) -> bool:
    spans = {span for rule in protocol.rules for span in (rule.lo, rule.hi) if span is not None}
    maps = [span for span in spans if span.days is None]
    if len(maps) > MOST_DAY_MAPS:
        faults.add("rules", f"{len(maps)} different spans in months or working days", f"Use at most {MOST_DAY_MAPS}")
        return False
    offsets = [e.timing.offset for e in protocol.encounters if e.timing is not None]
    if sum(abs(offset.amount * 31 if offset.days is None else offset.days) for offset in offsets) > CENTURIES:
        faults.add("encounters", "their offsets add up to centuries", "Shorten the offsets")
        return False
    span = _horizon(Standing(protocol, _facts(protocol, {})))
    if span.last - span.first > LONGEST:
        faults.add("encounters", f"the plan is longer than {LONGEST.days} days", "Shorten the offsets or the chain")
        return False
    return True


def _facts(protocol: Protocol, decisions: dict[str, str]) -> Facts:
    return Facts(dates={named.code: SOME_DAY for named in protocol.dates}, decisions=decisions)


def _branches(protocol: Protocol) -> Iterator[dict[str, str]]:
    """The default branch, then each other value of each decision on its own."""
    yield {}
    for decision in protocol.decisions:
        yield from ({decision.code: value} for value in decision.values if value != decision.default)


def _horizon(standing: Standing) -> Horizon:
    return horizon(standing, Calendar(), None)


def _clashes(protocol: Protocol, decisions: dict[str, str]) -> Iterator[tuple[Item, ...]]:
    """Minimal sets of rules that clash with every day open; named dates but the reference may lie anywhere."""
    standing = Standing(protocol, _facts(protocol, decisions))
    span = _horizon(standing)
    wide = Horizon(span.first - (span.last - span.first), span.last + (span.last - span.first))
    network = constraints(standing, Calendar(), None, wide)
    anchored = [i for i in network.limits if i.reason.visit == protocol.reference]
    items = [*network.rules, *network.broken, *anchored]
    for _ in range(MOST_CLASHES):
        conflict = minimal_conflict(items, wide.length)
        if conflict is None:
            return
        yield tuple(item for item in conflict if item.bound is not None)
        items = [item for item in items if item is not next(i for i in conflict if i.bound is not None)]


def _said(reason: Reason) -> str:
    """One rule in the words of the file."""
    name = {Why.RULE: f"rule {reason.rule!r}", Why.WINDOW: "window", Why.STANDS: "named date"}.get(reason.why, "order")
    spans = [f"at least {_span(reason.lo)}" if reason.lo else "", f"at most {_span(reason.hi)}" if reason.hi else ""]
    return f"{reason.visit} {' and '.join(filter(None, spans))} after {reason.other} ({name})"


def _span(span: object) -> str:
    return f"{getattr(span, 'amount', '')} {getattr(span, 'unit', '')}"
