"""What a re-planning does, in words: a row for each visit, whom it concerns, and what could give way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.explain import Why
from planner.core.lines import How
from planner.core.moves import Scope, reached
from planner.core.repairs import FULL, Way, way
from planner.core.units import kind_of
from planner.exports.agenda import NO_NAMES, booked_for
from planner.exports.months import closed_words
from planner.exports.naming import listed, name, window_words
from planner.exports.reasons import causes, link
from planner.exports.sentences import lateness
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from planner.core.calendar import Closure
    from planner.core.explain import Reason
    from planner.core.lines import Line
    from planner.core.repairing import Repaired
    from planner.core.repairs import Repair, Stuck
    from planner.core.replan import Proposal
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

HOW = {
    How.ASKED: "as asked",
    How.BOOKED: "is booked with it",
    How.MOVES: "its booking moves",
    How.WOULD_MOVE: "stays booked, and clashes",
    How.FALLS_AWAY: "its booking is given back",
    How.STAYS: "stays booked",
    How.RETURNS: "takes place again",
    How.FOLLOWS: "follows, not booked",
}
"""What happens to a visit."""

ORDER = tuple(HOW)


@dataclass(frozen=True, slots=True)
class Row:
    """One visit: its code and name, the day, time and place before and after, and what becomes of its window."""

    code: str
    name: str
    how: str
    old: str
    new: str
    window: str
    broken: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The visits to which the same happens; those that only `follow` are many, and are read when asked for."""

    how: str
    rows: tuple[Row, ...]
    follow: bool = False


def groups(found: Proposal, saved: Schedule | None = None, units: Mapping[str, str] = NO_NAMES) -> tuple[Group, ...]:
    """The visits that differ, what was asked first; those that only follow last.

    `saved`: the plan with the times and places that saving brings; `units` are names of units by their public ids.
    """
    lines = sorted(found.lines, key=lambda line: ORDER.index(line.how))
    return tuple(
        Group(HOW[how], tuple(_row(found, line, saved, units) for line in some), how is How.FOLLOWS)
        for how, some in groupby(lines, lambda line: line.how)
    )


def _row(found: Proposal, line: Line, saved: Schedule | None, units: Mapping[str, str]) -> Row:
    after = saved.by_code.get(line.code) if saved is not None else line.change.after
    window, broken = window_of(line)
    return Row(
        line.code,
        name(found.before.protocol, line.code),
        HOW[line.how],
        _when(line.change.before, line.old, units),
        _when(after, line.new, units),
        window,
        broken,
        tuple(notes_of(found, line)),
    )


def _when(visit: Visit | None, day: date | None, units: Mapping[str, str]) -> str:
    """`Mon 28 Apr 2025, 9:00, Chair 2`, of what is not booked the day alone."""
    if visit is None or not (visit.to_come or visit.occurred):
        return "will not take place"
    return booked_for(visit, units) or (staff_day(day) if day is not None else "no day")


def window_of(line: Line) -> tuple[str, bool]:
    """`kept`, `3 days late (was kept)`; and whether it is broken."""
    after = line.change.after
    if after is None or after.window is None or line.new is None:
        return "none", False
    if not line.outside:
        return (f"kept (was {lateness(line.outside_before)})" if line.outside_before else "kept"), False
    was = lateness(line.outside_before) if line.outside_before else "kept"
    return f"{lateness(line.outside)}, {window_words(after.window)} (was {was})", True


def notes_of(found: Proposal, line: Line) -> Iterator[str]:
    calendar = found.after.calendar if found.after is not None else found.before.calendar
    for closure in line.met:
        yield f"meets a closed day: {closed_words(calendar, (closure,), _day_met(found, line, closure))}"
    if line.full:
        days = listed([staff_day(day) for day in line.full])
        yield f"no time left on {days}, in its places or beside the patient's other visits"
    if line.becomes_provisional:
        yield "counts from a day that is only suggested"


def _day_met(found: Proposal, line: Line, closure: Closure) -> date:
    """Which day of the visit it closes: a closure of weekdays begins on any day."""
    plan = found.after or found.before
    target = line.change.after.target if line.change.after is not None else None
    why = plan.possible.standing.why_closed
    days = (day for day in (target, line.old, line.new) if day is not None)
    return next((day for day in days if closure in why(plan.calendar, line.code, day)), closure.first)


def concerned(found: Proposal) -> tuple[str, ...]:
    """Who is to be told once it is saved: the patient, the pharmacy, each kind of place."""
    changed = [line for line in found.lines if _was_or_is_booked(line) and line.old != line.new]
    kinds = {kind_of(found.before.protocol.by_code[line.code]) for line in changed} - {None}
    visits = [found.before.protocol.by_code[line.code] for line in changed]
    told = (
        [f"the patient: {len(changed)} booking{'' if len(changed) == 1 else 's'}"]
        if any(visit.attended for visit in visits)
        else []
    )
    told += ["the pharmacy: a cell product"] if any(visit.two_persons for visit in visits) else []
    return (*told, *sorted(str(kind) for kind in kinds))


def _was_or_is_booked(line: Line) -> bool:
    visits = (line.change.before, line.change.after)
    return any(visit is not None and visit.booked is not None for visit in visits)


def stopping(schedule: Schedule, code: str) -> str:
    """What stops where treatment stops at this visit, and what stays."""
    own = schedule.protocol.by_code[code].epoch
    names = {epoch.code: epoch.name.into("en") for epoch in schedule.protocol.epochs}
    left = [visit for visit in schedule.visits if visit.to_come and visit.encounter.timing is not None]
    gone = [visit.code for visit in left if visit.encounter.epoch == own]
    stay = dict.fromkeys(names[visit.encounter.epoch] for visit in left if visit.encounter.epoch != own)
    stays = f"{listed([*stay])} stay as they are" if stay else "Nothing else is to come"
    number = f"{len(gone)} {'visit' if len(gone) == 1 else 'visits'}"
    return f"Where treatment stops, the {number} of {names[own]} still to come fall away ({', '.join(gone)}). {stays}."


def scopes(schedule: Schedule, code: str) -> dict[Scope, str]:
    """How far an act on the visit can reach, each with the visits that it means: the many after it by their number."""
    cycle, later = ((code, *reached(schedule, code, scope)) for scope in (Scope.CYCLE, Scope.LATER))
    named = ", ".join(name(schedule.protocol, one) for one in cycle)
    more = f"{len(later) - 1} more {'visit' if len(later) - 1 == 1 else 'visits'}" if len(later) > 1 else "nothing more"
    return {
        Scope.VISIT: "This visit",
        Scope.CYCLE: f"This cycle: {named}",
        Scope.LATER: f"Everything that counts from it: {more}",
    }


def why_stuck(schedule: Schedule, stuck: Stuck) -> str:
    """`Resection (RES) has no legal day: ...`."""
    because = "; ".join(causes(schedule, stuck.reasons, stuck.visit))
    return f"{name(schedule.protocol, stuck.visit)} has no legal day: {because}."


def repair_words(schedule: Schedule, repair: Repair) -> str:
    """What would have to give way together, in the order of what asks least."""
    return reasons_words(schedule, repair.reasons)


def reasons_words(schedule: Schedule, reasons: Iterable[Reason]) -> str:
    """The same of what was chosen so far."""
    return listed([_way(schedule, reason) for reason in reasons])


def asks(repair: Repair) -> str:
    """Who has to do something before it is saved; empty where nobody has."""
    return listed([ASKS[one] for one in Way if one in ASKS and one in repair.ways])


ASKS = {
    Way.ASK_PATIENT: "the patient is asked first",
    Way.MAKE_ROOM: "somebody makes room first",
    Way.OPEN_DAY: "the administrator opens the day first",
    Way.DEVIATE: "an investigator saves it",
}
"""What each way asks of somebody else."""


def first(found: Repaired, bar: str) -> str:
    """What has to be done before it is saved, by the value of its bar."""
    if bar == "away":
        days = listed([staff_day(one.day) for one in found.needed if one.closure.because is Because.ABSENCE])
        return (
            f"The patient is recorded as away on {days}, and nothing is booked on such a day. Ask the patient, and "
            "change the days away if they can come; then come back and save this."
        )
    if bar == "closed":
        shut = [one for one in found.needed if one.closure.because is not Because.ABSENCE]
        days = listed([f"{staff_day(one.day)} for the {one.calendar}" for one in shut])
        return f"The administrator of the site has to open {days} first; then come back and save this."
    return FIRST[bar]


FIRST = {
    "full": "There is no time left on that day, in its places or beside the patient's other visits. Exchange the time "
    "with another patient, or move one of the visits, first; then come back and save this.",
    "investigator": "Only an investigator can overrule this rule, in writing and with a reason: ask one to open this "
    "page and to save it.",
}


def _way(schedule: Schedule, reason: Reason) -> str:
    how = way(reason)
    if how is Way.REBOOK:
        apart = reason.why is Why.TOGETHER
        return f"book {name(schedule.protocol, reason.visit)} {'for itself' if apart else 'on another day'}"
    if reason.closure is not None:
        return _opening(how, reason.closure)
    return f"overrule in writing that {link(schedule, reason)}"


def _opening(how: Way, closure: Closure) -> str:
    """`ask the patient, who is away 14 to 18 Apr 2025`, `open a day of a weekend`, `open Mon 21 Apr 2025 (...)`."""
    if closure.weekly:
        shut = "a weekend" if closure.because is Because.WEEKEND else f"the {listed([*closure.calendars])} out of hours"
        return f"open a day of {shut}"
    long = closure.first != closure.last
    days = staff_days(closure.first, closure.last) if long else staff_day(closure.first)
    if how is Way.ASK_PATIENT:
        return f"ask the patient, who is away {'' if long else 'on '}{days}"
    named = f" ({closure.name})" if closure.name not in ("", FULL) else ""
    return f"make room on {days}" if how is Way.MAKE_ROOM else f"open {'a day of ' if long else ''}{days}{named}"
