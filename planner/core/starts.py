"""The start advisor: what each possible Day 1 would meet, so that the best can be chosen before anything is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from planner.core.deviations import FlagKind
from planner.core.facts import Facts
from planner.core.placing import ideal_days
from planner.core.schedule import plan
from planner.core.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.core.calendar import Calendar
    from planner.core.explain import Reason
    from planner.core.protocol import Instance, Protocol
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit


@dataclass(frozen=True, slots=True)
class Clash:
    """A visit whose target day is closed, and where it would go instead."""

    visit: str
    target: date
    instead: date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """One Day 1: `conflicts` visits without a legal day, `deviations` visits outside their window, clashes.

    `drift`: days by which the latest of the visits that count from one another ends behind its ideal day; a visit
    may come later and never earlier, so a weekday lost to a holiday stays lost.
    """

    day: date
    conflicts: tuple[str, ...]
    deviations: tuple[str, ...]
    clashes: tuple[Clash, ...]
    drift: int

    @property
    def rank(self) -> tuple[int, int, int, int, date]:
        """The smaller, the better: conflicts, deviations, drift, clashes, then the earlier day."""
        return len(self.conflicts), len(self.deviations), self.drift, len(self.clashes), self.day


def starts(
    protocol: Protocol, calendar: Calendar, days: tuple[date, date], relative: Mapping[str, int | date]
) -> Iterator[Start]:
    """What each open start day of `days` (first and last, inclusive) would meet, in order of time.

    `relative` gives the other named dates, as days from the start or as they are. A start day is open when the
    visit that stands on the reference date can take place on it.
    """
    day, last = days
    while day <= last:
        if not _closed(protocol, calendar, day):
            yield _start(protocol, calendar, day, relative)
        day += timedelta(days=1)


def _closed(protocol: Protocol, calendar: Calendar, day: date) -> bool:
    visit = protocol.date_of[protocol.reference].visit
    if visit is None:
        return False
    encounter = protocol.by_code[visit]
    return bool(calendar.why_closed(day, encounter.calendar, attended=encounter.attended))


def _start(protocol: Protocol, calendar: Calendar, day: date, relative: Mapping[str, int | date]) -> Start:
    others = {code: when if isinstance(when, date) else day + timedelta(days=when) for code, when in relative.items()}
    facts = Facts(dates={**others, protocol.reference: day})
    schedule = plan(protocol, facts, calendar)
    return Start(
        day,
        tuple(conflict.visit for conflict in schedule.conflicts),
        tuple(visit.code for visit in schedule.visits if visit.deviations),
        tuple(_clashes(schedule)),
        _drift(schedule, ideal_days(Standing(protocol, facts), calendar)),
    )


def _clashes(schedule: Schedule) -> Iterator[Clash]:
    for visit in schedule.visits:
        for flag in visit.flags:
            if flag.kind is FlagKind.CLASH and visit.target is not None:
                yield Clash(visit.code, visit.target, visit.suggested, flag.broken)


def _drift(schedule: Schedule, ideal: Mapping[str, date]) -> int:
    chained = (visit for visit in schedule.visits if _counts_from_its_like(schedule, visit))
    return max(((v.suggested - ideal[v.code]).days for v in chained if v.suggested is not None), default=0)


def _counts_from_its_like(schedule: Schedule, visit: Visit) -> bool:
    """Whether it repeats and counts from another repetition of itself."""
    own, before = visit.encounter.instance, schedule.protocol.by_code.get(visit.anchor or "")
    return own is not None and before is not None and _template(before.instance) == own.template


def _template(instance: Instance | None) -> str | None:
    return instance.template if instance is not None else None
