"""What a person does to visits to come: each verb takes facts, or the plan that they gave, to facts.

Nothing else moves here: what a verb does to the other visits is `planner.core.replan`. To end and to resume a study
is `Facts.ending`.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.core.protocol import anchors
from planner.core.units import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from planner.core.facts import Facts
    from planner.core.protocol import Encounter
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit


A_YEAR = 366
"""Days within which an open day is looked for."""


class Scope(StrEnum):
    """How far an act reaches: this visit, the repetition of its block, or every visit that hangs on it."""

    VISIT = "visit"
    CYCLE = "cycle"
    LATER = "later"


def moved(schedule: Schedule, code: str, day: date) -> Facts:
    """One visit booked on another day, without a time; those that its attendance fulfils too come along.

    Refused for a visit that is no longer to come or stands on a named date, which `restarted` moves, and for a day that
    is past.
    """
    _to_come(schedule, code)
    _not_past(schedule, day)
    return rebooked(schedule.facts, code, day)


def deferred(
    schedule: Schedule, code: str, by: int | date, scope: Scope = Scope.VISIT, *, on_open: bool = False
) -> Facts:
    """A visit later by as many days, or on a day, and every booked visit that `scope` reaches by as many days.

    `on_open`: it goes on to the first open day, where nobody looks for one afterwards. What is not booked follows what
    it counts from by itself. Refused where `moved` is, and for a visit without a day.
    """
    start = _to_come(schedule, code).day
    if start is None:
        raise Refused("visit_has_no_day", visit=_name(schedule, code))
    day = start + timedelta(days=by) if isinstance(by, int) else by
    days = ((first_open(schedule, code, day) if on_open else day) - start).days
    _not_past(schedule, start + timedelta(days=days))
    facts = rebooked(schedule.facts, code, start + timedelta(days=days))
    done = {*facts.attendance(code)}
    for other in reached(schedule, code, scope):
        booked = schedule.by_code[other].booked
        if booked is not None and other not in done:
            _not_past(schedule, booked + timedelta(days=days))
            facts = rebooked(facts, other, booked + timedelta(days=days))
            done |= {*facts.attendance(other)}
    return facts


def omitted(schedule: Schedule, code: str, scope: Scope = Scope.VISIT) -> Facts:
    """A visit, or all that `scope` reaches, that will not take place; what an attendance fulfilled beside it stays."""
    codes = [code, *reached(schedule, code, scope)]
    if not schedule.by_code[code].to_come:
        raise Refused("visit_not_to_come", visit=_name(schedule, code), state=schedule.by_code[code].state)
    return _without(schedule.facts, [one for one in codes if schedule.by_code[one].to_come])


def stopped(schedule: Schedule, epochs: Collection[str]) -> Facts:
    """Treatment stopped: every visit of these epochs still to come is omitted, and all others stay.

    What was added as needed stays too: somebody asked for it, and no treatment is given there.
    """
    codes = [v.code for v in schedule.visits if v.to_come and v.encounter.epoch in epochs and v.encounter.timing]
    return _without(schedule.facts, codes)


def restarted(schedule: Schedule, name: str, day: date) -> Facts:
    """A named date on another day, with the visit that stands on it where that is booked.

    Refused once that visit took place: its actual day is the date.
    """
    named = schedule.protocol.date_of.get(name)
    if named is None:
        raise NotFound("no_such_date", code=name)
    facts, visit = schedule.facts.dated(name, day), schedule.by_code.get(named.visit or "")
    if visit is not None and visit.state is State.OCCURRED:
        raise Refused("date_has_occurred", date=named.name.into("en"), day=visit.occurred)
    return rebooked(facts, visit.code, day) if visit is not None and visit.booked is not None else facts


def swapped(one: Schedule, other: Schedule, code: str, other_code: str) -> tuple[Facts, Facts]:
    """Two patients' bookings with day, time and unit exchanged; Refused unless both take the same kind of unit."""
    mine, yours = (_to_come(s, s.facts.attendance(c)[0]) for s, c in ((one, code), (other, other_code)))
    if kind_of(mine.encounter) is None or kind_of(mine.encounter) != kind_of(yours.encounter):
        raise Refused("not_the_same_kind", visit=_name(one, code), other=_name(other, other_code))
    return _taking(one, mine, yours), _taking(other, yours, mine)


def reached(schedule: Schedule, code: str, scope: Scope) -> tuple[str, ...]:
    """The other visits that an act on this one reaches, in the protocol's order.

    A cycle is what hangs on the visit and is a repetition: of its own block of the same number, of another block of
    the number met first. LATER is all that hangs on it; visits that count from a fixed date stay where they are.
    """
    if scope is Scope.VISIT:
        return ()
    numbers: dict[str, int] = {}
    found = {code}
    if scope is Scope.CYCLE:
        _repeats(schedule.protocol.by_code[code], numbers)
    for other in schedule.protocol.placement_order:
        visit = schedule.by_code.get(other)
        hangs = visit is not None and visit.to_come and any(a in found for a in _counted_from(schedule, other))
        if hangs and (scope is Scope.LATER or _repeats(schedule.protocol.by_code[other], numbers)):
            found.add(other)
    return tuple(other for other in schedule.protocol.placement_order if other in found - {code})


def _repeats(encounter: Encounter, numbers: dict[str, int]) -> bool:
    """Whether it is a repetition of a number known for its block, or of a block not met before."""
    own = encounter.instance
    return own is not None and numbers.setdefault(own.block, own.number) == own.number


def _counted_from(schedule: Schedule, code: str) -> Iterator[str | None]:
    return (schedule.possible.standing.chosen(anchor) for anchor in anchors(schedule.protocol.by_code[code]))


def rebooked(facts: Facts, code: str, day: date) -> Facts:
    """Its attendance on another day, without a time; what was accepted for the day that it leaves is no longer."""
    attendance = facts.attendance(code)
    return facts.reconsidered(*attendance).booked(attendance[0], day)


def apart(facts: Facts, code: str) -> Facts:
    """Every visit of its attendance on its own, those booked beside it on the day that they had."""
    for guest in facts.attendance(code)[1:]:
        facts = alone(facts, guest)
    return facts


def alone(facts: Facts, guest: str) -> Facts:
    """A visit that another attendance was to fulfil too on its own, on the day that it had where it is booked."""
    known = facts.visits.get(guest)
    facts = facts.combined(guest, None)
    booked = known is not None and known.state is State.BOOKED
    return facts.booked(guest, known.day) if booked and known is not None and known.day is not None else facts


def first_open(schedule: Schedule, code: str, day: date) -> date:
    """The first day from this one on that is open to the visit; the day itself where none is within a year."""
    standing, days = schedule.possible.standing, (day + timedelta(days=n) for n in range(A_YEAR))
    return next((one for one in days if not standing.why_closed(schedule.calendar, code, one)), day)


def _without(facts: Facts, codes: Collection[str]) -> Facts:
    for code in codes:
        facts = apart(facts, code).omitted(code)
    return facts.reconsidered(*codes)


def _to_come(schedule: Schedule, code: str) -> Visit:
    """The visit, which a person may move."""
    visit = schedule.by_code.get(code)
    if visit is None:
        raise NotFound("no_such_visit", code=code)
    if not visit.to_come:
        raise Refused("visit_not_to_come", visit=_name(schedule, code), state=visit.state)
    if code in schedule.protocol.pinned:
        raise Refused("visit_stands_on_date", visit=_name(schedule, code))
    return visit


def _not_past(schedule: Schedule, day: date) -> None:
    today = schedule.possible.today
    if today is not None and day < today:
        raise Refused("day_is_past", day=day)


def _name(schedule: Schedule, code: str) -> str:
    return schedule.protocol.by_code[code].name.into("en")


def _taking(schedule: Schedule, visit: Visit, slot: Visit) -> Facts:
    fact = slot.fact
    if fact is None or fact.day is None or visit.booked is None or slot.booked is None:
        raise Refused("visit_not_booked", visit=_name(schedule, visit.code))
    facts = schedule.facts
    if fact.day != visit.booked:  # at another time of its day it breaks nothing new
        facts = facts.reconsidered(*facts.attendance(visit.code))
    return facts.booked(visit.code, fact.day, fact.at, fact.zone, fact.unit)
