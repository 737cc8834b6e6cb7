"""Who may be enrolled, and at which dose level and in which phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.errors import Refused

if TYPE_CHECKING:
    from planner.core.protocol import Protocol, Source
    from planner.core.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How many patients (screening failures not counted), dose levels and phases; None, 0 and () are not stated."""

    most: int | None
    dose_levels: int
    phases: tuple[str, ...]
    sources: tuple[Source, ...] = ()


def may_enrol(protocol: Protocol, enrolled: int) -> None:
    """Raises Refused once `enrolled` (patients saved, screening failures not counted) reaches what the protocol allows.

    A protocol that states no number takes any.
    """
    stated = protocol.enrolment
    if stated is not None and stated.most is not None and enrolled >= stated.most:
        raise Refused("enrolment_full", most=stated.most)


def may_fail_screening(schedule: Schedule) -> None:
    """Raises Refused once the visit that stands on the reference date took place: who was treated is counted."""
    visit = schedule.protocol.date_of[schedule.protocol.reference].visit
    if visit is not None and schedule.by_code[visit].occurred is not None:
        raise Refused("treated_already", day=schedule.by_code[visit].occurred)


def known_dose(protocol: Protocol, dose_level: int, phase: str) -> None:
    """Raises Refused for a dose level (from 1) or a phase that the protocol does not have; both as the file has them.

    A protocol that states no dose levels or no phases takes any.
    """
    stated = protocol.enrolment
    if stated is None:
        return
    if stated.dose_levels and not 1 <= dose_level <= stated.dose_levels:
        known = tuple(range(1, stated.dose_levels + 1))
        raise Refused("no_such_dose_level", dose_level=dose_level, known=known)
    if stated.phases and phase not in stated.phases:
        raise Refused("no_such_phase", phase=phase, known=stated.phases)
