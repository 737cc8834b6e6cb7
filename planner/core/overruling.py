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
    facts = schedule.facts.reconsidered(code).booked(code, day)
    broken = _new(schedule, facts)
    if not broken or any(not _hard(clash) for clash in broken):
        return False
    for clash in broken:
        facts = facts.accepting(Acceptance(clash.reasons[0].rule, clash.visit, "to see what is left"))
    return not _new(schedule, facts)


def _hard(clash: Conflict) -> bool:
    return clash.kind is ConflictKind.RULE and clash.reasons[0].strength is Strength.HARD


def _new(schedule: Schedule, facts: Facts) -> list[Conflict]:
    after = plan(schedule.protocol, facts, schedule.calendar, schedule.possible.today)
    return [clash for clash in after.conflicts if clash not in schedule.conflicts]
