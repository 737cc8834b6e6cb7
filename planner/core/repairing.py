"""A re-planning with what a person chose to let give way, and the closed days that somebody has to open for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.explain import Why
from planner.core.giving import NOTHING, Needed, opened
from planner.core.lifting import movable
from planner.core.replan import always, proposal
from planner.core.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.calendar import Calendar, Closure
    from planner.core.facts import Facts
    from planner.core.giving import Giving
    from planner.core.repairs import Repair
    from planner.core.replan import Proposal
    from planner.core.schedule import Schedule


@dataclass(frozen=True)
class Repaired:
    """A proposal with what gives way for it; `needed` are the days that are closed still, as few as can be."""

    proposal: Proposal
    giving: Giving = NOTHING
    needed: tuple[Needed, ...] = ()


def repaired(  # noqa: PLR0913  # what a person chooses on the page, each by its name
    before: Schedule,
    facts: Facts,
    giving: Giving = NOTHING,
    *,
    keep: bool = False,
    free: Free = always,
    calendar: Calendar | None = None,
    asked: Collection[str] | None = None,
    exact: bool = True,
) -> Repaired:
    """The proposal in which all that is chosen gives way; `calendar`: the one over all days, where it is longer now.

    A closure is lifted whole first, and then only on the days without which there is no legal plan.
    """
    shut = before.calendar if calendar is None else calendar
    free = _with_opened(before, shut, free)

    def found(days: Calendar) -> Proposal:
        options = {"free": free, "calendar": days, "asked": asked}
        return proposal(before, facts, keep=keep, exact=exact, giving=giving, **options)  # type: ignore[arg-type]

    whole = found(giving.calendar(shut) if giving.closures else shut)
    if whole.after is None or not giving.closures:
        return Repaired(whole, giving)
    used = tuple(dict.fromkeys(_used(whole.after, shut, giving.closures)))
    needed = _least(used, lambda days: found(opened(shut, days)).after is not None)
    return Repaired(found(opened(shut, needed)), giving, needed)


def can_give(before: Schedule, facts: Facts, repair: Repair) -> bool:
    """Whether it can be tried: a booking that is past, or stands on a named date, is nobody's to move here."""
    hosts = movable(Standing(before.protocol, facts), before.possible.today)
    loose = {code for host in hosts for code in facts.attendance(host)}
    return all(reason.visit in loose for reason in repair.reasons if reason.why is Why.BOOKED)


def _used(after: Schedule, calendar: Calendar, lifted: Collection[Closure]) -> Iterator[Needed]:
    """The days closed by what was lifted on which a visit to come stands; of an absence every day of a stay."""
    standing = after.possible.standing
    for visit in after.visits:
        if not visit.to_come or visit.day is None:
            continue
        for closure in _lifted(standing, calendar, lifted, visit.code, visit.day):
            if closure.because is Because.ABSENCE:
                days = (visit.day + timedelta(days=n) for n in range(standing.stay_of(visit.code) + 1))
                yield from (Needed(one, closure) for one in days if one in closure)
            else:
                yield Needed(visit.day, closure, visit.encounter.calendar)


def _lifted(
    standing: Standing, calendar: Calendar, lifted: Collection[Closure], code: str, day: date
) -> Iterator[Closure]:
    """What closes the day to the visit and was lifted."""
    closing = (replace(closure, opened=()) for closure in standing.why_closed(calendar, code, day))
    return (closure for closure in closing if closure in lifted)


def _with_opened(before: Schedule, calendar: Calendar, free: Free) -> Free:
    """With room on the closed days of the site: whoever opens one by hand gives the units their hours with it."""
    standing = before.possible.standing

    def has_room(code: str, day: date) -> bool:
        shut = standing.why_closed(calendar, code, day)
        return any(closure.because is not Because.ABSENCE for closure in shut) or free(code, day)

    return has_room


def _least(days: tuple[Needed, ...], legal: Callable[[tuple[Needed, ...]], bool]) -> tuple[Needed, ...]:
    """Days of which none can be left out: halves are left out first, then ever smaller parts."""
    part = (len(days) + 1) // 2
    while part:
        rests = (days[:start] + days[start + part :] for start in range(0, len(days), part))
        fewer = next((rest for rest in rests if legal(rest)), None)
        days, part = (days, part // 2) if fewer is None else (fewer, min(part, (len(fewer) + 1) // 2))
    return days
