"""What the protocol and the calendar alone say of the days of a plan, read without the network that found them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.conflicts import ConflictKind
from planner.core.days import shift
from planner.core.windows import opens_early, window_anchor, window_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from planner.core.protocol import Anchor, Encounter
    from planner.core.schedule import Schedule

    Broken = tuple[str, str, str]
    """A rule with the two visits, or named dates, that break it."""
    Standing = tuple[str, str, date, str, date]
    """The same, each with its day."""


def silently_broken(schedule: Schedule) -> list[Broken]:
    """The binding rules that the days of a plan break together, but for those that the plan itself tells of.

    It may tell of those between two fixed days only: what it suggests itself breaks nothing.
    """
    fixed, known = schedule.possible.standing.fixed, told(schedule)
    suggested = {visit.code: visit.suggested for visit in schedule.visits if visit.suggested is not None}
    return [
        (rule, first, then)
        for rule, first, then in _broken(schedule, {**suggested, **fixed})
        if not (first in fixed and then in fixed and (rule, then) in known)
    ]


def told(schedule: Schedule) -> set[tuple[str, str]]:
    """The rules that the plan itself says are broken: (rule, visit)."""
    conflicts = {(c.reasons[0].rule, c.visit) for c in schedule.conflicts if c.kind is ConflictKind.RULE}
    return conflicts | {(deviation.rule, visit.code) for visit in schedule.visits for deviation in visit.deviations}


def _broken(schedule: Schedule, days: Mapping[str, date]) -> Iterator[Broken]:
    """The binding rules that these days do not keep, those that come with each visit's timing too.

    A visit that is made again stays judged against the day it was taken for, wherever what it counts from went.
    """
    yield from _rules_broken(schedule, days)
    again = {code for code in days if schedule.possible.standing.taken_for(code)}
    timed = (e for e in schedule.protocol.encounters if e.timing is not None and e.code in days.keys() - again)
    for encounter in timed:
        yield from _out_of_order(schedule, encounter, days)
        yield from _out_of_its_window(schedule, encounter, days)


def _rules_broken(schedule: Schedule, days: Mapping[str, date]) -> Iterator[Broken]:
    for rule in (rule for rule in schedule.protocol.rules if rule.strength.binding):
        (first, start), (then, end) = (_at(schedule, anchor, days) for anchor in (rule.first, rule.then))
        if start is not None and end is not None and first != then:
            early = rule.lo is not None and end < shift(start, rule.lo, schedule.calendar.holidays)
            late = rule.hi is not None and end > shift(start, rule.hi, schedule.calendar.holidays)
            if early or late:
                yield rule.id, first, then


def _at(schedule: Schedule, anchor: Anchor, days: Mapping[str, date]) -> tuple[str | None, date | None]:
    """What the anchor means now, and its day; of the end of a stay, the last one."""
    standing = schedule.possible.standing
    code = standing.chosen(anchor)
    late = standing.stay_of(code) if code is not None and anchor.end else 0
    return code, days[code] + timedelta(days=late) if code in days else None


def _out_of_order(schedule: Schedule, encounter: Encounter, days: Mapping[str, date]) -> Iterator[Broken]:
    timing, code, day = encounter.timing, encounter.code, days[encounter.code]
    anchor, start = _at(schedule, timing.anchor, days)
    if start is None or anchor == code:
        return
    back = timing.offset.amount
    if code in schedule.protocol.pinned:
        if day != start:
            yield "stands", anchor, code
    elif (
        (back < 0 and day > start)
        or (back > 0 and day < start)
        or (back == 0 and not opens_early(timing) and day < start)
    ):
        yield "order", anchor, code


def _out_of_its_window(schedule: Schedule, encounter: Encounter, days: Mapping[str, date]) -> Iterator[Broken]:
    timing = encounter.timing
    anchor, start = _at(schedule, window_anchor(timing), days)
    window = window_of(timing, start, schedule.calendar.holidays) if start is not None else None
    if timing.strength.binding and window is not None and days[encounter.code] not in window:
        yield "window", anchor, encounter.code


def on_closed_days(schedule: Schedule, codes: Collection[str]) -> list[tuple[str, date]]:
    """Those of these visits whose day their calendar closes; a day that is past asks nobody any more."""
    standing, today = schedule.possible.standing, schedule.possible.today
    found = []
    for visit in (schedule.by_code[code] for code in codes if code in schedule.by_code):
        encounter, stay = visit.encounter, standing.stay_of(visit.code)
        if visit.day is not None and (today is None or visit.day >= today):
            shut = schedule.calendar.why_closed(visit.day, encounter.calendar, attended=encounter.attended, stay=stay)
            found += [(visit.code, visit.day)] if shut else []
    return found


def newly_broken(before: Schedule, after: Schedule) -> set[Standing]:
    """The binding rules between two days that stand, with both days: broken after, not before, and no deviation.

    A deviation happened, or somebody agreed to it in writing.
    """
    declared = {(d.rule, d.broken.other, d.broken.visit) for v in after.visits for d in v.deviations if d.broken}
    return {one for one in _standing(after) - _standing(before) if (one[0], one[1], one[3]) not in declared}


def _standing(schedule: Schedule) -> set[Standing]:
    days = {v.code: v.occurred or v.booked for v in schedule.visits if v.occurred or v.booked}
    days = schedule.possible.standing.dates | days
    return {(rule, first, days[first], then, days[then]) for rule, first, then in _rules_broken(schedule, days)}
