"""Two patients of a site exchange the times of two bookings: shown for both, saved for both or for neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.core.giving import TO_SEE
from planner.core.moves import swapped
from planner.core.replan import proposal
from planner.core.turns import barred
from planner.core.units import attended, kind_of, taken_by
from planner.services.cases import as_seen, case, case_of, must_be_open, save_together
from planner.services.resources import capacity
from planner.services.schedules import calendar_for
from planner.services.seals import must_be_as_shown, of_plan, sealed
from planner.services.visits import accepted, stands_alone, visit_of
from planner.store import patients

if TYPE_CHECKING:
    from datetime import date

    from planner.core.facts import Fact, Facts
    from planner.core.replan import Proposal
    from planner.core.rooms import Capacity
    from planner.core.visit import Visit
    from planner.services.cases import Act, Case
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Slot:
    """A booking of another patient that this one could exchange with."""

    case: Case
    visit: Visit

    @property
    def rank(self) -> tuple[str, date | None, time]:
        """By subject number, day and time."""
        fact = self.visit.fact
        return self.case.patient.subject_id, self.visit.booked, (fact.at if fact is not None else None) or time.min


@dataclass(frozen=True, slots=True)
class Other:
    """The booking chosen: whose, which, and the version of that patient that was seen."""

    public_id: str
    code: str
    seen: int


@dataclass(frozen=True, slots=True)
class Half:
    """What it does to one of the two; no act where it breaks what may not be broken."""

    case: Case
    code: str
    proposal: Proposal
    act: Act | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What it does to both."""

    halves: tuple[Half, Half]

    @property
    def seal(self) -> str:
        """What stands for all that is shown in the form that saves it; empty where it cannot be saved."""
        shown = [(half.code, of_plan(half.act.after.facts, half.proposal)) for half in self.halves if half.act]
        return sealed(shown) if len(shown) == len(self.halves) else ""


def offered(work: Work, own: Case, code: str) -> tuple[Slot, ...]:
    """The bookings that take the same kind of place at the site, and that the two patients could exchange.

    By every hard rule of both, by how long their visits are, and by where they are at that time.
    """
    mine = visit_of(own, code)
    fixed = mine.host is not None or code in own.protocol.pinned or kind_of(mine.encounter) is None
    if mine.booked is None or mine.booked < own.today or fixed:
        return ()
    slots = [slot for other in _others(work, own) for slot in _slots(other, own, mine)]
    there = capacity(work, own.patient.site)
    return tuple(sorted((slot for slot in slots if _has_room(there, own, code, slot)), key=lambda slot: slot.rank))


def _has_room(there: Capacity, own: Case, code: str, slot: Slot) -> bool:
    """Whether each of the two has room in the other's time; nothing is planned for it."""
    mine, yours = swapped(own.schedule, slot.case.schedule, code, slot.visit.code)
    halves = (own, code, mine), (slot.case, slot.visit.code, yours)
    return _fits(there, *halves) and _fits(there, *halves[::-1])


def _others(work: Work, own: Case) -> tuple[Case, ...]:
    """The other patients of the site, who are all within the actor's reach."""
    everybody = patients.every(work.session, frozenset({own.patient.site.code}))
    here = (one for one in everybody if one.public_id != own.patient.public_id and one.ended is None)
    return tuple(case_of(work, one) for one in here)


def _slots(other: Case, own: Case, mine: Visit) -> tuple[Slot, ...]:
    return tuple(
        Slot(other, visit)
        for visit in other.schedule.visits
        if visit.booked is not None
        and visit.booked >= own.today
        and visit.host is None
        and visit.code not in other.protocol.pinned
        and kind_of(visit.encounter) == kind_of(mine.encounter)
        and _place(visit.fact) != _place(mine.fact)
        and visit.booked in mine.possible
        and mine.booked is not None
        and mine.booked in visit.possible
    )


def _place(fact: Fact | None) -> tuple[object, ...]:
    return (fact.day, fact.at, fact.unit) if fact is not None else ()


def swapping(work: Work, own: Case, code: str, other: Other, reason: str = "", second: str = "") -> Exchange:
    """What the exchange does to both; nothing is saved. Refused where one of the two has no place in that time."""
    theirs = case(work, other.public_id)
    if theirs.patient.public_id == own.patient.public_id or theirs.patient.site != own.patient.site:
        raise Refused("not_at_one_site")
    for one, named in ((own, code), (theirs, other.code)):
        _may_swap(one, named)
    facts = swapped(own.schedule, theirs.schedule, code, other.code)
    halves = (own, code, facts[0]), (theirs, other.code, facts[1])
    there = capacity(work, own.patient.site)
    for mine, yours in (halves, halves[::-1]):
        if not _fits(there, mine, yours):
            raise Refused("exchange_does_not_fit", visit=mine[0].protocol.by_code[mine[1]].name.into("en"))
    return Exchange((_half(*halves[0], reason, second), _half(*halves[1], reason, second)))


def _may_swap(found: Case, code: str) -> None:
    must_be_open(found)
    stands_alone(found, code)
    visit = visit_of(found, code)
    if visit.booked is not None and visit.booked < found.today:
        raise Refused("day_is_past", day=visit.booked)


def _fits(there: Capacity, mine: tuple[Case, str, Facts], theirs: tuple[Case, str, Facts]) -> bool:
    """Whether the visit is no longer than the time that it gets, and the patient is nowhere else then."""
    (found, code, facts), (other, given, after) = mine, theirs
    fact = facts.visits[code]
    if fact.day is None or fact.at is None or fact.unit is None:
        return True
    room = there.room(found.protocol, found.facts, code)
    begins = {(one.at, one.at.fold) for one in room.offered(fact.day) if fact.unit in one.units}
    given_back = _cells(found, code, found.facts, fact.unit) | _cells(other, given, other.facts, fact.unit)
    taken = there.taken.get(fact.unit, frozenset()) - given_back
    gone = taken | _cells(other, given, after, fact.unit) | barred(found.protocol, facts, code)
    return (fact.at, fact.at.fold) in begins and not gone & _cells(found, code, facts, fact.unit)


def _cells(found: Case, code: str, facts: Facts, unit: str) -> frozenset[int]:
    """The time that an attendance takes in that unit."""
    fact = facts.visits[code]
    return frozenset(taken_by(fact, *attended(found.protocol, facts, code))) if fact.unit == unit else frozenset()


def _half(found: Case, code: str, facts: Facts, reason: str, second: str) -> Half:
    whole = facts.attendance(code)
    calendar = calendar_for(found.protocol, facts, found.days, found.today)
    seen = proposal(found.schedule, facts, keep=True, asked=whole, calendar=calendar)
    if seen.after is None or seen.conflicts:
        return Half(found, code, seen, None)
    return Half(found, code, seen, accepted(found, "swap", whole, seen.after, reason, second))


def swap(  # noqa: PLR0913, PLR0917  # what a nurse says of an exchange
    work: Work,
    public_id: str,
    seen: int,
    code: str,
    other: Other,
    reason: str = "",
    second: str = "",
    shown: str | None = None,
) -> tuple[Act, Act]:
    """Save the exchange for both, or for neither: the two acts. `shown` is the seal of what the page showed."""
    own = as_seen(work, public_id, seen)
    as_seen(work, other.public_id, other.seen)
    must_be_as_shown(shown, lambda: swapping(work, own, code, other, TO_SEE, TO_SEE).seal)
    halves = swapping(work, own, code, other, reason, second).halves
    for half in halves:
        if half.act is None:
            raise Refused("exchange_clashes", visit=half.case.protocol.by_code[half.code].name.into("en"))
    if other.code not in [slot.visit.code for slot in _slots(halves[1].case, own, visit_of(own, code))]:
        raise Refused("exchange_clashes", visit=own.protocol.by_code[code].name.into("en"))
    ours, theirs = (half.act for half in halves if half.act is not None)
    save_together(work, (ours, theirs))
    return ours, theirs


def chosen(text: str) -> Other:
    """The booking that the page names; NotFound for any other text."""
    public_id, code, seen = (*text.split(), "", "", "")[:3]
    if not seen.isascii() or not seen.isdigit() or len(seen) > 9:  # noqa: PLR2004  # fits 32 bits
        raise NotFound("no_such_exchange")
    return Other(public_id, code, int(seen))
