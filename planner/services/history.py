"""What was done, by whom, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.services.cases import case
from planner.store import audit

if TYPE_CHECKING:
    from planner.core.history import Entry
    from planner.services.cases import Case
    from planner.services.work import Work


def of_patient(work: Work, public_id: str) -> tuple[Case, tuple[Entry, ...]]:
    """The patient's case and everything written about them, the newest first."""
    found = case(work, public_id)
    return found, audit.of_patient(work.session, public_id)
