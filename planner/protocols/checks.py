"""What no single table of a protocol file shows: circles of anchors, plans without end, rules that cannot all hold."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING

from planner.core.protocol import anchors
from planner.protocols.clashes import clashes, every_repetition
from planner.protocols.extent import beyond_counting
from planner.protocols.faults import Spot
from planner.protocols.names import Kind
from planner.protocols.telling import first, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.protocol import Encounter, NamedDate, Protocol
    from planner.protocols.clashes import Clash
    from planner.protocols.entry import Reading

MOST_IN_CIRCLE = 12


def look_through(protocol: Protocol, reading: Reading) -> None:
    """Note what is wrong between the tables that have no fault of their own."""
    _named_dates(protocol, reading)
    _attendances(protocol, reading)
    sound = _sound(protocol, reading)
    circles = list(_circles(sound))
    for circle in circles:
        _circle(circle, reading)
    if circles:
        sound = _sound(protocol, reading)
    too_much = beyond_counting(sound)
    if too_much is not None:
        reading.faults.add(Spot("file"), *too_much)
        return
    for clash in clashes(sound):
        _clash(clash, reading)


def _named_dates(protocol: Protocol, reading: Reading) -> None:
    """A visit stands on one named date at most, and counts from that date with offset 0."""
    stands: dict[str, str] = {}
    for named in (d for d in protocol.dates if d.code and d.visit in protocol.by_code):
        encounter = protocol.by_code[named.visit or ""]
        spot = reading.names.spot(Kind.DATE, named.code).at("visit")
        other = stands.setdefault(encounter.code, named.code)
        if other != named.code:
            what = f"{encounter.code!r} stands on the date {other!r} already"
            reading.faults.add(spot, what, "Let a visit stand on one date")
        elif not _stands_on(encounter, named) and not reading.faults.spoiled(_spot(encounter.code, reading)):
            what = f"{encounter.code!r} does not count from this date with offset 0"
            mend = f'Write timing = {{ anchor = "{named.code}", offset = 0 }} there, or take visit out here'
            reading.faults.add(spot, what, mend)


def _attendances(protocol: Protocol, reading: Reading) -> None:
    """A gate is another visit's; an attendance is shared with a visit that the patient attends and that joins none."""
    known = protocol.by_code
    for encounter in (e for e in protocol.encounters if e.code and (e.gate or e.joins)):
        spot = _spot(encounter.code, reading)
        if encounter.gate == encounter.code:
            reading.faults.add(spot.at("gate"), "it is a gate for itself", "Name the visit that waits for the GO")
        for host in (known[code] for code in encounter.joins if code in known):
            if host is encounter or not host.attended or not encounter.attended or host.joins:
                what = f"one attendance cannot fulfil {encounter.code!r} and {host.code!r}"
                mend = "Name another visit, which the patient attends and which joins none itself"
                reading.faults.add(spot.at("joins"), what, mend)


def _stands_on(encounter: Encounter, named: NamedDate) -> bool:
    timing = encounter.timing
    return timing is not None and timing.anchor.codes == (named.code,) and timing.offset.amount == 0


def _spot(code: str, reading: Reading) -> Spot:
    return reading.names.spot(Kind.VISIT, code)


def _sound(protocol: Protocol, reading: Reading) -> Protocol:
    """The protocol without tables that have faults and what hangs on those, with every repetition planned."""
    spoiled, spot = reading.faults.spoiled, reading.names.spot
    dates = {d.code: d for d in protocol.dates if d.code and not spoiled(spot(Kind.DATE, d.code))}
    visits = {e.code: e for e in reversed(protocol.encounters) if e.code and not spoiled(spot(Kind.VISIT, e.code))}
    decisions = {decision.code for decision in protocol.decisions}
    visits = {e.code: e for e in visits.values() if all(c.decision in decisions for c in e.conditions)}
    known = dates.keys() | visits.keys()
    while loose := [e.code for e in visits.values() if not _known(e, known)]:
        for code in loose:
            del visits[code]
        known = dates.keys() | visits.keys()
    rules = [r for r in protocol.rules if r.id and not spoiled(spot(Kind.RULE, r.id))]
    return replace(
        protocol,
        dates=tuple(replace(d, visit=d.visit if d.visit in visits else None) for d in dates.values()),
        blocks=every_repetition(protocol.blocks),
        encounters=tuple(visits.values())[::-1],
        rules=tuple(rule for rule in rules if {*rule.first.codes, *rule.then.codes} <= known),
    )


def _known(encounter: Encounter, known: set[str]) -> bool:
    return all(code in known for anchor in anchors(encounter) for code in anchor.codes)


def _circles(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    """Each circle of anchors: every visit in it counts from the next, the last from the first."""
    left = {e.code: dict.fromkeys(code for a in anchors(e) for code in a.codes) for e in protocol.encounters}
    while True:
        sorter = TopologicalSorter({code: [on for on in from_ if on in left] for code, from_ in left.items()})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = tuple(reversed(error.args[1][1:]))
            yield circle
            for code in circle:
                del left[code]
        else:
            return


def _circle(circle: tuple[str, ...], reading: Reading) -> None:
    first = min(range(len(circle)), key=lambda k: reading.faults.line(_spot(circle[k], reading)) or 0)
    codes = (*circle[first:], *circle[: first + 1])
    shown = codes if len(codes) <= MOST_IN_CIRCLE else (*codes[: MOST_IN_CIRCLE - 1], "...", codes[-1])
    way = ", ".join(f"{a} from {b}" for a, b in pairwise(shown)).replace(" from", " counts from", 1)
    what = "it counts from itself" if len(circle) == 1 else f"anchors run in a circle: {way}"
    which = "it" if len(circle) == 1 else "one of them"
    reading.faults.add(_spot(codes[0], reading).at("timing"), what, f"Let {which} count from a named date")
    for code in circle:
        reading.faults.spoil(_spot(code, reading))


def _clash(clash: Clash, reading: Reading) -> None:
    branch = " and ".join(f"{decision}={value}" for decision, value in clash.branch)
    what = f"these can never all hold{f' where {branch}' if branch else ''}: {told(clash.reasons, reading)}"
    reading.faults.add(
        first(clash.reasons, reading), what, "Loosen one of them; without any one of them the others can hold"
    )
