"""What was shown before it is saved: a seal of it goes with the form, and what is saved must bear the same one."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from planner.core.errors import Refused, Stale
from planner.core.facts import MAPPINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.core.facts import Facts
    from planner.core.replan import Proposal


def sealed(*shown: object) -> str:
    """What stands for these values in a form; it tells nothing of them."""
    return sha256(repr(shown).encode()).hexdigest()


def must_be_as_shown(shown: str | None, now: Callable[[], str]) -> None:
    """Stale where something else would be saved than was shown, Refused where nothing was; None: nobody was asked.

    Reasons and second persons are no part of a seal: they are given only when it is saved. What cannot be saved has
    an empty one, and is refused with its own words.
    """
    if shown is None or shown == now():
        return
    if not shown:
        raise Refused("not_shown_yet")
    raise Stale("shown_otherwise")


def of_plan(facts: Facts, proposal: Proposal) -> tuple[object, ...]:
    """What a person reads of one patient: every day, time and place, what breaks, and what is left for surgery."""
    known = tuple(sorted(getattr(facts, name).items()) for name in MAPPINGS)
    agreed = sorted((one.rule, one.visit) for one in facts.accepted)
    lines = tuple((line.code, line.how, line.old, line.new, line.outside) for line in proposal.lines)
    broken = tuple((one.visit, one.rule, one.days) for one in (*proposal.deviations, *proposal.overruled))
    clashes = tuple((one.kind, one.visit) for one in proposal.conflicts)
    return known, facts.ended, agreed, lines, broken, clashes, proposal.days_left
