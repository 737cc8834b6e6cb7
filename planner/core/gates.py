"""Gates: what a named person decided with one visit about the next. The planner says it and never decides it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.deviations import Deviation, Flag, FlagKind, Nature, accepted_because
from planner.core.explain import Reason, Why
from planner.core.facts import Go, State
from planner.core.protocol import Strength

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.protocol import Protocol
    from planner.core.standing import Standing

NO_GO = "no_go"
"""What the rule is called that a visit given after a NO-GO breaks."""


class Gate(StrEnum):
    """How a gate stands: nothing took place yet, nobody decided yet, or what was decided last."""

    AHEAD = "ahead"
    UNDECIDED = "undecided"
    GO = "go"
    NO_GO = "no_go"


def gates_of(protocol: Protocol, code: str) -> tuple[str, ...]:
    """The visits with which a person says GO or NO-GO for the visit `code`, in the file's order."""
    return tuple(e.code for e in protocol.encounters if e.gate == code)


def word_by(standing: Standing, code: str, day: date) -> tuple[str, Go] | None:
    """The last of its gates at which somebody decided by that day, and what; None where nobody did."""
    facts = ((gate, standing.facts.visits.get(gate)) for gate in gates_of(standing.protocol, code))
    said = [(g, f.go) for g, f in facts if f is not None and f.go is not None and f.day is not None and f.day <= day]
    return said[-1] if said else None


def last_word(standing: Standing, code: str) -> tuple[str, Gate] | None:
    """The last of its gates that took place, and how it stands; None for a visit without a gate."""
    found = gates_of(standing.protocol, code)
    taken = [gate for gate in found if standing.states.get(gate) is State.OCCURRED]
    if not taken:
        return (found[0], Gate.AHEAD) if found else None
    go = standing.facts.visits[taken[-1]].go
    return taken[-1], {None: Gate.UNDECIDED, Go.GO: Gate.GO, Go.NO_GO: Gate.NO_GO}[go]


def gate_flags(standing: Standing, code: str) -> Iterator[Flag]:
    """What is to be said of a visit whose gate says NO-GO while it is to come, or at which nobody decided."""
    word = last_word(standing, code)
    kinds = {Gate.NO_GO: FlagKind.NO_GO, Gate.UNDECIDED: FlagKind.UNDECIDED}
    state, day = standing.states[code], standing.fixed.get(code)
    if word is not None and word[1] in kinds and state in (State.PLANNED, State.BOOKED):
        yield Flag(kinds[word[1]], (_reason(code, word[0]),))
    given = state is State.OCCURRED and day is not None and standing.facts.ended is None
    if word is not None and word[1] is Gate.UNDECIDED and given and day and word_by(standing, code, day) is None:
        yield Flag(FlagKind.UNDECIDED, (_reason(code, word[0]),))


def given_after_no_go(standing: Standing, code: str) -> Iterator[Deviation]:
    """A visit that took place although the last word by its day was NO-GO; what is said later changes nothing."""
    day = standing.fixed.get(code) if standing.states[code] is State.OCCURRED else None
    word = word_by(standing, code, day) if day is not None else None
    if word is not None and word[1] is Go.NO_GO:
        words = accepted_because(standing.facts, NO_GO, code)
        yield Deviation(code, NO_GO, Nature.ACTUAL, reason=words, broken=_reason(code, word[0]))


def _reason(code: str, gate: str) -> Reason:
    return Reason(Why.GATE, code, gate, rule=NO_GO, strength=Strength.HARD)
