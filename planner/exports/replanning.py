"""What a re-planning does, in words: a row for each visit, whom it concerns, and what could give way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from planner.core.explain import Why
from planner.core.lines import How
from planner.core.repairs import FULL, Way, way
from planner.core.units import kind_of
from planner.exports.months import closed_words
from planner.exports.naming import listed, name, window_words
from planner.exports.reasons import causes, link
from planner.exports.sentences import lateness
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.explain import Reason
    from planner.core.lines import Line
    from planner.core.repairs import Repair, Stuck
    from planner.core.replan import Proposal
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

HOW = {
    How.ASKED: "as asked",
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
    """One visit: its code and name, the day before and after, and what becomes of its window."""

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
    """The visits to which the same happens."""

    how: str
    rows: tuple[Row, ...]


def groups(found: Proposal) -> tuple[Group, ...]:
    """The visits that differ, what was asked first; those that only follow last."""
    lines = sorted(found.lines, key=lambda line: ORDER.index(line.how))
    return tuple(
        Group(HOW[how], tuple(_row(found, line) for line in some))
        for how, some in groupby(lines, lambda line: line.how)
    )


def _row(found: Proposal, line: Line) -> Row:
    after = line.change.after
    window, broken = window_of(line)
    return Row(
        line.code,
        name(found.before.protocol, line.code),
        HOW[line.how],
        staff_day(line.old) if line.old is not None else "no day",
        _new(after, line),
        window,
        broken,
        tuple(notes_of(found, line)),
    )


def _new(after: Visit | None, line: Line) -> str:
    if after is None or not (after.to_come or after.occurred):
        return "will not take place"
    return staff_day(line.new) if line.new is not None else "no day"


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
        yield f"meets a closed day: {closed_words(calendar, (closure,), closure.first)}"
    if line.full:
        yield f"no room on {listed([staff_day(day) for day in line.full])}"
    if line.becomes_provisional:
        yield "counts from a day that is only suggested"


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


def why_stuck(schedule: Schedule, stuck: Stuck) -> str:
    """`Resection (RES) has no legal day: ...`."""
    because = "; ".join(causes(schedule, stuck.reasons, stuck.visit))
    return f"{name(schedule.protocol, stuck.visit)} has no legal day: {because}."


def repair_words(schedule: Schedule, repair: Repair) -> str:
    """What would have to give way together, in the order of what asks least."""
    return listed([_way(schedule, reason) for reason in repair.reasons])


def _way(schedule: Schedule, reason: Reason) -> str:
    how = way(reason)
    if how is Way.REBOOK:
        apart = reason.why is Why.TOGETHER
        return f"book {name(schedule.protocol, reason.visit)} {'for itself' if apart else 'on another day'}"
    if reason.closure is not None:
        day = staff_day(reason.closure.first)
        if how is Way.ASK_PATIENT:
            return f"ask the patient, who is away on {day}"
        named = "" if reason.closure.name == FULL else f" ({reason.closure.name})" if reason.closure.name else ""
        return f"make room on {day}" if how is Way.MAKE_ROOM else f"open {day}{named}"
    return f"have an investigator overrule in writing that {link(schedule, reason)}"
