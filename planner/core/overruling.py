"""What an investigator may overrule in writing: hard rules only, and only where nothing else stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.acceptances import settled
from planner.core.conflicts import ConflictKind
from planner.core.facts import Acceptance
from planner.core.giving import TO_SEE
from planner.core.protocol import Strength
from planner.core.schedule import accepting, plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.conflicts import Conflict
    from planner.core.schedule import Schedule


def overrulable(schedule: Schedule, code: str, day: date) -> bool:
    """Whether the visit could be on that day if the hard rules that it breaks were overruled in writing."""
    today = schedule.possible.today
    if today is not None and day < today:
        return False
    facts = schedule.facts.reconsidered(*schedule.facts.attendance(code)).booked(code, day)
    after = settled(schedule, plan(schedule.protocol, facts, schedule.calendar, today))
    return bool(new_conflicts(schedule, after)) and overruled(schedule, after, TO_SEE) is not None


def overruled(before: Schedule, after: Schedule, because: str) -> Schedule | None:
    """The schedule with every hard rule accepted that it newly breaks; None where anything else stands against it."""
    broken = new_conflicts(before, after)
    if not all(map(hard, broken)):
        return None
    found = overruling(after, broken, because)
    return None if new_conflicts(before, found) else found


def overruling(schedule: Schedule, broken: Iterable[Conflict], because: str) -> Schedule:
    """The schedule with the broken rules accepted, each for the visit that it is told of."""
    new = (Acceptance(clash.reasons[0].rule, clash.visit, because) for clash in broken)
    return accepting(schedule, (*schedule.facts.accepted, *new))


def hard(clash: Conflict) -> bool:
    """Whether only a hard rule stands against it."""
    return clash.kind is ConflictKind.RULE and clash.reasons[0].strength is Strength.HARD


def new_conflicts(before: Schedule, after: Schedule) -> list[Conflict]:
    """What cannot stand any more."""
    return [clash for clash in after.conflicts if clash not in before.conflicts]
