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


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the planner's own command line (`role` None), with the codes of the sites that are theirs."""

    login: str
    name: str
    role: Role | None
    sites: frozenset[str] = frozenset()

    @property
    def reach(self) -> frozenset[str] | None:
        """The sites whose patients this person may see; None for every site (medical monitors, the command line)."""
        return None if self.role in (None, Role.MEDICAL_MONITOR) else self.sites


COMMAND_LINE = Actor("command line", "Command line", None)
