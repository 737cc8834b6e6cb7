"""What the protocol allows of a visit beside its time: a gate, repeats, one attendance with another visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.exports.naming import listed, name
from planner.exports.timings import tolerance, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.protocol import Encounter, Protocol


def besides(protocol: Protocol, code: str) -> tuple[str, ...]:
    """`May be repeated up to 4 times`, a clause for each thing."""
    return tuple(_besides(protocol, protocol.by_code[code]))


def _besides(protocol: Protocol, encounter: Encounter) -> Iterator[str]:
    if encounter.gate is not None:
        yield f"GO or NO-GO for {name(protocol, encounter.gate)} is entered with it by a named person"
    repeats = _repeats(protocol, encounter)
    if repeats:
        times = "once" if len(repeats) == 1 else f"up to {len(repeats)} times"
        own, timing = encounter.timing, repeats[0].timing
        other = f", {when(protocol, timing)}, {tolerance(protocol, timing)}" if timing and timing != own else ""
        yield f"may be repeated {times}{other}"
    if encounter.joins:
        yield f"may be combined with {listed([name(protocol, host) for host in encounter.joins])} in one attendance"


def _repeats(protocol: Protocol, encounter: Encounter) -> list[Encounter]:
    """Its repeats, one after the other."""
    found: list[Encounter] = []
    code: str | None = encounter.code
    while code is not None:
        following = next((e for e in protocol.encounters if e.repeats == code), None)
        found += [following] if following is not None else []
        code = following.code if following is not None else None
    return found
