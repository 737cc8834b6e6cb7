"""Whether an investigator may overrule what stands against a day: hard rules only, and nothing else beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.conflicts import ConflictKind
from planner.core.facts import Acceptance
from planner.core.protocol import Strength
from planner.core.schedule import plan

if TYPE_CHECKING:
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
    broken = _broken(schedule, facts)
    if not broken or not all(map(hard, broken)):
        return False
    for clash in broken:
        facts = facts.accepting(Acceptance(clash.reasons[0].rule, clash.visit, "to see what is left"))
    return not _broken(schedule, facts)


def hard(clash: Conflict) -> bool:
    """Whether only a hard rule stands against it."""
    return clash.kind is ConflictKind.RULE and clash.reasons[0].strength is Strength.HARD


def new_conflicts(before: Schedule, after: Schedule) -> list[Conflict]:
    """What cannot stand any more."""
    return [clash for clash in after.conflicts if clash not in before.conflicts]


def _broken(schedule: Schedule, facts: Facts) -> list[Conflict]:
    return new_conflicts(schedule, plan(schedule.protocol, facts, schedule.calendar, schedule.possible.today))
