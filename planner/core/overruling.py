"""What an investigator may overrule in writing: hard rules only, and only where nothing else stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.conflicts import ConflictKind
from planner.core.facts import Acceptance
from planner.core.giving import TO_SEE
from planner.core.protocol import Strength
from planner.core.schedule import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from planner.core.conflicts import Conflict
    from planner.core.facts import Facts
    from planner.core.schedule import Schedule


def overrulable(schedule: Schedule, code: str, day: date) -> bool:
    """Whether the visit could be on that day if the hard rules that it breaks were overruled in writing."""
    today = schedule.possible.today
    if today is not None and day < today:
        return False
    facts = schedule.facts.reconsidered(*schedule.facts.attendance(code)).booked(code, day)
    found = overruled(schedule, facts, TO_SEE, lambda some: plan(schedule.protocol, some, schedule.calendar, today))
    return found not in (None, facts)


def overruled(before: Schedule, facts: Facts, because: str, drafted: Callable[[Facts], Schedule]) -> Facts | None:
    """The facts with every hard rule accepted that they newly break; None where anything else stands against them."""
    broken = new_conflicts(before, drafted(facts))
    if not all(map(hard, broken)):
        return None
    accepted = accepting(facts, broken, because)
    return None if broken and new_conflicts(before, drafted(accepted)) else accepted


def accepting(facts: Facts, broken: Iterable[Conflict], because: str) -> Facts:
    """With the broken rules accepted, each for the visit that it is told of."""
    for clash in broken:
        facts = facts.accepting(Acceptance(clash.reasons[0].rule, clash.visit, because))
    return facts


def hard(clash: Conflict) -> bool:
    """Whether only a hard rule stands against it."""
    return clash.kind is ConflictKind.RULE and clash.reasons[0].strength is Strength.HARD


def new_conflicts(before: Schedule, after: Schedule) -> list[Conflict]:
    """What cannot stand any more."""
    return [clash for clash in after.conflicts if clash not in before.conflicts]
