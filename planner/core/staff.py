"""Who acts: roles, and how far each sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does in the trial; each endpoint names the roles that it serves."""

    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    INVESTIGATOR = "investigator"
    MEDICAL_MONITOR = "medical_monitor"
    MONITOR = "monitor"
    ADMIN = "admin"


REVIEWERS = frozenset({Role.INVESTIGATOR, Role.MONITOR, Role.MEDICAL_MONITOR})
"""Who signs that a part of the history was read."""

READ_RECORDS = REVIEWERS | {Role.NURSE}
"""Who reads what was done to patients and where the plan was broken: the history, the deviation log."""

READ_PATIENTS = READ_RECORDS | {Role.PHARMACIST}
"""Who reads of patients at all."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the codes of their sites; the planner's own command line (no role) is `everywhere`."""

    login: str
    name: str
    role: Role | None
    sites: frozenset[str] = frozenset()
    everywhere: bool = False

    @property
    def reach(self) -> frozenset[str] | None:
        """The sites whose patients this person may see; None for every site (medical monitors, the command line)."""
        return None if self.everywhere or self.role is Role.MEDICAL_MONITOR else self.sites


COMMAND_LINE = Actor("command line", "Command line", None, everywhere=True)
POSTMAN = Actor("worker", "Mail worker", None, everywhere=True)
"""Sends what is owed, by itself; decides nothing."""

NOBODY = Actor("", "Nobody", None)
"""Whoever is not signed in: sees no site."""
