"""What was accepted in writing holds for the days it was accepted for: what lapses, and what waits for a reason anew.

An acceptance covers each break of its rule at its visit, with the days that it lies between. Where one of these days
becomes another, it is another break, and nobody has agreed to that one yet: whatever is shown, and whatever is saved,
is told the same here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.facts import State
from planner.core.schedule import accepting, plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from planner.core.calendar import Calendar
    from planner.core.deviations import Deviation
    from planner.core.facts import Acceptance
    from planner.core.schedule import Schedule

    Break = tuple[object, ...]


FIXED = (State.BOOKED, State.OCCURRED)


def settled(before: Schedule, after: Schedule, calendar: Calendar | None = None) -> Schedule:
    """The schedule after, without what was accepted before for other days than it has now.

    `calendar`: one over all days, where a study that ended leaves the one of the schedule shorter.
    """
    gone = lapsed(_going_on(before, calendar), _going_on(after, calendar))
    if not gone:
        return after
    return accepting(after, tuple(accepted for accepted in after.facts.accepted if accepted not in gone))


def lapsed(before: Schedule, after: Schedule) -> frozenset[Acceptance]:
    """What was accepted before, and would cover a break after that it did not cover then."""
    known = {*before.facts.accepted} & {*after.facts.accepted}
    return frozenset(one for one in known if not _covered(after, one) <= _covered(before, one))


def newly_broken(before: Schedule, after: Schedule, asked: Collection[str] = ()) -> tuple[Deviation, ...]:
    """What nobody has given a reason for, but for what stood like that, between the same days, before.

    Of the visits `asked`, whose day somebody names now, it is told even so.
    """
    known = {one for visit in before.visits for d in visit.deviations if not d.accepted for one in [_break(before, d)]}
    found = (d for visit in after.visits for d in visit.deviations if not d.accepted)
    return tuple(d for d in found if d.visit in asked or _break(after, d) not in known)


def to_declare(
    after: Schedule, broken: Collection[Deviation], states: Collection[State] = FIXED
) -> tuple[Deviation, ...]:
    """Those that ask for a reason: of visits that are booked or took place. The others are only to be expected."""
    return tuple(deviation for deviation in broken if after.by_code[deviation.visit].state in states)


def _going_on(schedule: Schedule, calendar: Calendar | None) -> Schedule:
    """The schedule as if the study had not ended: of one that did nothing is broken, and yet it may go on."""
    if schedule.facts.ended is None:
        return schedule
    facts = replace(schedule.facts, ended=None)
    return plan(schedule.protocol, facts, calendar or schedule.calendar, schedule.possible.today)


def _covered(schedule: Schedule, accepted: Acceptance) -> frozenset[Break]:
    """Each break of the rule at the visit."""
    visit = schedule.by_code.get(accepted.visit)
    found = visit.deviations if visit is not None else ()
    return frozenset(_break(schedule, deviation) for deviation in found if deviation.rule == accepted.rule)


def _break(schedule: Schedule, deviation: Deviation) -> Break:
    """Visit, rule and days: how many it is off, and those of each visit or named date that it lies between."""
    broken = deviation.broken
    codes = (broken.visit, broken.other) if broken is not None else (deviation.visit,)
    return (deviation.visit, deviation.rule, deviation.days, codes, *(_days(schedule, *codes)))


def _days(schedule: Schedule, *codes: str) -> Iterator[object]:
    """The day of each; of a stay also how long it is."""
    for code in codes:
        visit = schedule.by_code.get(code)
        yield (visit.day, schedule.possible.standing.stay_of(code)) if visit is not None else schedule.dates.get(code)
