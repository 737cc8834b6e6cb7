"""What was written, as values: who, when, what, old and new, and why; and whether it still stands as written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.facts import State

if TYPE_CHECKING:
    from datetime import datetime

    from planner.core.staff import Role

Payload = dict[str, str | int | bool | None] | None
"""A value as saved; None where there is none."""

LATE = 2
"""Days between what happened and its record from which on it is recorded after the fact."""


class SiteAct(StrEnum):
    """Acts on the units and days of a site, which those who read of its patients may read too."""

    ADD_UNIT = "add_unit"
    SET_HOURS = "set_hours"
    WITHDRAW_UNIT = "withdraw_unit"
    CLOSE = "close"
    REOPEN_DAYS = "reopen_days"
    OPEN_DAY = "open_day"
    SHUT_DAY = "shut_day"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write. `entity` is such as `visit:C4D1`; the entries of one saved act share `act`; `at` is in UTC."""

    at: datetime
    actor: str
    act: str
    action: str
    entity: str
    old: Payload
    new: Payload
    reason: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """The patient whom a write is about, as far as the history says it."""

    public_id: str
    subject_id: str
    protocol: tuple[str, str]
    site: str
    zone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One write in its place among all others: `seq` counts them, `mac` seals it (empty: older than the chain)."""

    seq: int
    entry: Entry
    login: str
    role: Role | None
    mac: str
    about: About | None


class Only(StrEnum):
    """What a reviewer looks for."""

    OUTSIDE = "outside"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which part of the history is asked for; `since` and `before` are instants, the first included."""

    login: str = ""
    subject: str = ""
    action: str = ""
    since: datetime | None = None
    before: datetime | None = None
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the history a person may read: of patients (of the sites in `reach`, None: all), or what is of none."""

    patients: bool
    reach: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Review:
    """`who` signed that they had read everything up to the write `up_to`."""

    who: str
    login: str
    role: Role | None
    at: datetime
    up_to: int
    note: str


def after_the_fact(entry: Entry, written: date) -> bool:
    """Whether it records what happened LATE days or more before the day on which it was `written` at the site."""
    new = entry.new or {}
    recorded = entry.entity.startswith("visit:") and new.get("state") in (State.OCCURRED, State.MISSED)
    day = new.get("end") or new.get("day")
    return recorded and day is not None and (written - date.fromisoformat(str(day))).days >= LATE


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: what is written down outside the database, so that a cut end is seen.

    Of a seal written down by hand the beginning is enough.
    """

    seq: int
    mac: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac}"


class Fault(StrEnum):
    """What was done to a row of the chain."""

    EDITED = "edited"
    MISSING = "missing"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row of the chain that is not as it was written."""

    seq: int
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look at the whole chain found; `kept`: whether a head written down earlier is still in it."""

    rows: int
    older: int
    broken: Broken | None
    last: Head
    head: Head | None
    kept: bool = True

    @property
    def intact(self) -> bool:
        """Whether every row stands as written, none is missing, and the head is that of the last row."""
        return self.broken is None and self.head == self.last and self.kept
