"""The deviation log: every broken window and rule of a schedule, and its conflicts. Derived at each reading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.deviations import WINDOW, Nature
from planner.core.flags import overdue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from planner.core.conflicts import Conflict
    from planner.core.deviations import Deviation
    from planner.core.history import Entry, Head
    from planner.core.patients import Patient
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit


class Kind(StrEnum):
    """What is broken."""

    WINDOW = "window"
    RULE = "rule"
    CONFLICT = "conflict"


class Settled(StrEnum):
    """Whether a person accepted it in writing."""

    ACCEPTED = "accepted"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Broken:
    """One break of the plan, on the actual or the expected `day`; of a visit that has none, its window's last.

    Neither a `deviation` nor a `clash`: the window has passed, and the visit has no day that could be measured.
    """

    code: str
    kind: Kind
    nature: Nature
    day: date | None
    visit: Visit | None = None
    deviation: Deviation | None = None
    clash: Conflict | None = None

    @property
    def settled(self) -> Settled:
        """Whether a person accepted it in writing."""
        accepted = self.deviation is not None and self.deviation.accepted
        return Settled.ACCEPTED if accepted else Settled.WAITING

    @property
    def overdue(self) -> bool:
        """Whether its visit is overdue."""
        return self.visit is not None and overdue(self.visit)


@dataclass(frozen=True, slots=True)
class Line:
    """One break with its patient, and the write by which it was accepted."""

    patient: Patient
    schedule: Schedule
    broken: Broken
    accepted: Entry | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the log is asked for; None and an empty `patient` (public id): all. Both days are inclusive."""

    patient: str = ""
    kind: Kind | None = None
    nature: Nature | None = None
    settled: Settled | None = None
    first: date | None = None
    last: date | None = None

    def keeps(self, broken: Broken) -> bool:
        """Whether the break belongs to that part; one without a day belongs to no span of days."""
        pairs = ((self.kind, broken.kind), (self.nature, broken.nature), (self.settled, broken.settled))
        return all(wanted in (None, found) for wanted, found in pairs) and self._spans(broken.day)

    def _spans(self, day: date | None) -> bool:
        if day is None:
            return self.first is None and self.last is None
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Log:
    """The part of the log that was asked for, as it stood at `printed` (UTC); `patients`: all within reach.

    `head` is the end of the history at that moment: what came later, or was cut off since, shows against it.
    """

    asked: Asked
    patients: tuple[Patient, ...]
    lines: tuple[Line, ...]
    printed: datetime
    zone: str
    head: Head | None = None


def broken(schedule: Schedule) -> tuple[Broken, ...]:
    """Every break of the schedule: its conflicts, then visit by visit its window and its rules."""
    return (*_clashes(schedule), *(one for visit in schedule.visits for one in _of(visit)))


def _clashes(schedule: Schedule) -> Iterator[Broken]:
    for clash in schedule.conflicts:
        visit = schedule.by_code.get(clash.visit)
        day = _day(visit) if visit is not None else None
        yield Broken(clash.visit, Kind.CONFLICT, Nature.EXPECTED, day, visit, clash=clash)


def _of(visit: Visit) -> Iterator[Broken]:
    late = any(deviation.rule == WINDOW for deviation in visit.deviations)
    if overdue(visit) and not late:
        yield Broken(visit.code, Kind.WINDOW, Nature.EXPECTED, _day(visit), visit)
    for found in visit.deviations:
        kind = Kind.WINDOW if found.rule == WINDOW else Kind.RULE
        yield Broken(visit.code, kind, found.nature, _day(visit), visit, found)


def _day(visit: Visit) -> date | None:
    return visit.day or (visit.window.latest if visit.window is not None else None) or visit.target


def accepted_in(entries: Iterable[Entry], found: Broken) -> Entry | None:
    """The write by which it was accepted, of a patient's acceptances from the newest: one withdrawn later is none."""
    deviation = found.deviation
    if deviation is None or not deviation.accepted:
        return None
    of_visit = (entry for entry in entries if entry.entity == f"acceptance:{deviation.visit}")
    newest = next((e for e in of_visit if (e.new or e.old or {}).get("rule") == deviation.rule), None)
    return newest if newest is not None and newest.new is not None else None
