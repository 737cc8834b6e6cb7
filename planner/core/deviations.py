"""Deviations and flags: what is outside the protocol, one small function per kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.explain import Why
from planner.core.facts import State
from planner.core.protocol import Strength

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.constraints import Constraints
    from planner.core.days import Window
    from planner.core.explain import Item, Reason
    from planner.core.facts import Facts
    from planner.core.soft_rules import SoftRule
    from planner.core.standing import Standing

WINDOW = "window"


class Nature(StrEnum):
    """Whether a deviation happened or is only to be expected."""

    ACTUAL = "actual"
    EXPECTED = "expected"


class Cause(StrEnum):
    """Reasons that people give most often, for a list to choose from; their own words may follow."""

    BLOOD_COUNTS = "low blood counts"
    TOXICITY = "other toxicity"
    INFECTION = "infection or fever"
    PATIENT = "the patient's wish"
    CLOSED = "holiday or closed day"
    CAPACITY = "no room on the ward"
    PRODUCT = "cell product not ready"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A break of the plan: `days` early (negative) or late outside the window; 0 for a broken rule.

    `reason` is the person's words where someone accepted it, else empty. `broken` says which rule, as values.
    """

    visit: str
    rule: str
    nature: Nature
    days: int = 0
    reason: str = ""
    broken: Reason | None = None

    @property
    def accepted(self) -> bool:
        """Whether a person accepted it in writing."""
        return bool(self.reason)


class FlagKind(StrEnum):
    """What may be said beside a visit's state."""

    DUE = "due"
    OVERDUE = "overdue"
    CLOSING = "closing"
    TO_RECORD = "to_record"
    ASSUMED = "assumed"
    CLASH = "clash"
    ADRIFT = "adrift"
    FEW_DAYS_LEFT = "few_days_left"
    RULE = "rule"
    NO_GO = "no_go"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Flag:
    """Said, never enforced; `broken` holds the flag rule or the closures that the target meets."""

    kind: FlagKind
    broken: tuple[Reason, ...] = ()


def out_of_window(
    visit: str, state: State, day: date | None, window: Window | None, facts: Facts
) -> tuple[Deviation, ...]:
    """The visit's day against its window; none where the protocol gives none."""
    if day is None or window is None or day in window:
        return ()
    nature = Nature.ACTUAL if state is State.OCCURRED else Nature.EXPECTED
    return (Deviation(visit, WINDOW, nature, window.outside(day), accepted_because(facts, WINDOW, visit)),)


def out_of_rule(state: State, day: date | None, rule: SoftRule, facts: Facts) -> tuple[Deviation, ...]:
    """The visit's day against a rule of the strength of a window: broken with a reason, it moves nothing."""
    if day is None or day in rule.window:
        return ()
    nature = Nature.ACTUAL if state is State.OCCURRED else Nature.EXPECTED
    words = accepted_because(facts, rule.reason.rule, rule.visit)
    return (Deviation(rule.visit, rule.reason.rule, nature, rule.window.outside(day), words, rule.reason),)


def is_deviation(standing: Standing, item: Item) -> bool:
    """Whether a broken rule has happened or was accepted in writing: then it is a deviation, no conflict."""
    reason = item.reason
    happened = all(
        code in standing.protocol.date_of or standing.states[code] is State.OCCURRED
        for code in (reason.visit, reason.other)
    )
    overruled = reason.strength is not Strength.ABSOLUTE and accepted_because(
        standing.facts, reason.rule, bearer(standing, reason)
    )
    return happened or bool(overruled)


def bearer(standing: Standing, reason: Reason) -> str:
    """The visit that a broken rule is told of: the later one; of a named date, the visit on it, else the other one."""
    if reason.visit in standing.states:
        return reason.visit
    named = standing.protocol.date_of[reason.visit].visit
    return named if named is not None and named in standing.states else reason.other


def accepted_because(facts: Facts, rule: str, visit: str) -> str:
    """The reason with which a person accepted it; empty if nobody did."""
    found = next((a for a in facts.accepted if (a.rule, a.visit) == (rule, visit)), None)
    if found is None:
        return ""
    return f"{found.reason} (second person: {found.second})" if found.second else found.reason


def broken_rules(network: Constraints, standing: Standing) -> Iterator[Deviation]:
    """Binding rules between two fixed days that happened to be broken, or that a person accepted in writing.

    A broken window is left to `out_of_window`, which also says by how many days.
    """
    for item in network.broken:
        reason = item.reason
        if reason.why is not Why.WINDOW and is_deviation(standing, item):
            visit = bearer(standing, reason)
            nature = Nature.ACTUAL if standing.states.get(visit) is State.OCCURRED else Nature.EXPECTED
            words = accepted_because(standing.facts, reason.rule, visit)
            yield Deviation(visit, reason.rule, nature, reason=words, broken=reason)
