"""What a person looks at: the visits of today, what waits for a decision, what comes soon. Of one patient, pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.deviations import FlagKind
from planner.core.facts import State
from planner.core.flags import CLOSING_WITHIN, GATES, NEEDS, overdue, raised
from planner.core.notices import to_clear, to_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time

    from planner.core.conflicts import Conflict
    from planner.core.notices import Held, Message
    from planner.core.patients import Ended
    from planner.core.protocol import Decision
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

AHEAD = CLOSING_WITHIN
"""Days ahead that are soon: as many as those in which a window is said to be closing."""


class Asks(StrEnum):
    """What a line is about, the most pressing first."""

    PHONE = "phone"
    ADDRESS = "address"
    CONFLICT = "conflict"
    OVERDUE = "overdue"
    RECORD = "record"
    GATE = "gate"
    DECISION = "decision"
    VISIT = "visit"
    FEW_DAYS = "few_days"
    CLOSING = "closing"
    CONFIRM = "confirm"
    BOOK = "book"


DECIDED = (Asks.PHONE, Asks.ADDRESS, Asks.CONFLICT, Asks.OVERDUE, Asks.RECORD, Asks.GATE, Asks.DECISION)
SOON = tuple(asks for asks in Asks if asks not in {*DECIDED, Asks.VISIT})
PRESSING = {asks: rank for rank, asks in enumerate(Asks)}


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a visit, a conflict of one, a decision that the `visit` hangs on, or a message that did not arrive.

    Or what is `left` in the calendar of a patient for whom the study ended, or no address. `day` is when it matters.
    """

    asks: Asks
    day: date | None
    visit: Visit | None = None
    clash: Conflict | None = None
    decision: Decision | None = None
    message: Message | None = None
    left: tuple[Held, ...] = ()

    @property
    def code(self) -> str:
        """The code of the visit that it is about."""
        if self.message is not None:
            return self.message.code
        return self.clash.visit if self.clash is not None else self.visit.code if self.visit is not None else ""

    @property
    def at(self) -> time | None:
        """The clock time that was agreed."""
        return time_of(self.visit) if self.visit is not None else None


def time_of(visit: Visit) -> time | None:
    """The local clock time that was agreed for the visit."""
    return visit.fact.at if visit.fact is not None else None


def items(schedule: Schedule, today: date) -> tuple[Item, ...]:
    """Everything of one patient that is now, to be decided or soon; a visit stands in one line, with all it asks."""
    clashes = (Item(Asks.CONFLICT, _day_of(schedule, clash), clash=clash) for clash in schedule.conflicts)
    found = ((visit, _asked(schedule, visit, today)) for visit in schedule.visits)
    told = (Item(asks, _when(visit, asks), visit) for visit, asks in found if asks is not None)
    return (*clashes, *told, *_undecided(schedule, today))


def untold(schedule: Schedule, failed: Iterable[Message], today: date) -> tuple[Item, ...]:
    """The messages that did not arrive, and that the patient must be told by telephone."""
    return tuple(Item(Asks.PHONE, one.day, message=one) for one in to_phone(schedule, failed, today))


def uncleared(held: Iterable[Held], because: Ended | None, today: date) -> tuple[Item, ...]:
    """The line that asks to phone a patient for whom the study ended and whose calendar still shows visits."""
    shown = to_clear(held, because, today)
    return (Item(Asks.PHONE, shown[0].seen.first, left=shown),) if shown else ()


def needing(schedule: Schedule, today: date) -> tuple[Visit, ...]:
    """The visits that ask a person for something, by day; conflicts are told apart from them."""
    found = [visit for visit in schedule.visits if raised(visit, *NEEDS)]
    return tuple(sorted(found, key=lambda visit: visit.day or visit.target or today))


def _asked(schedule: Schedule, visit: Visit, today: date) -> Asks | None:
    """The most pressing of what the visit asks for."""
    if overdue(visit):
        return Asks.OVERDUE
    if raised(visit, FlagKind.TO_RECORD):
        return Asks.RECORD if visit.host is None else None
    if raised(visit, FlagKind.DUE) and not visit.encounter.attended:
        return Asks.GATE
    if visit.host is not None:
        return None  # the attendance that fulfils it too stands in its own line
    if _fixed(schedule, visit) == today:
        return Asks.VISIT
    return Asks.GATE if raised(visit, *GATES) and visit.to_come else _soon(visit, today)


def _soon(visit: Visit, today: date) -> Asks | None:
    if raised(visit, FlagKind.FEW_DAYS_LEFT):
        return Asks.FEW_DAYS
    if raised(visit, FlagKind.CLOSING):
        return Asks.CLOSING
    soon = visit.day is not None and 0 <= (visit.day - today).days <= AHEAD
    if not soon or not visit.encounter.attended:
        return None
    if visit.state is State.PLANNED:
        return Asks.BOOK
    waits = visit.state is State.BOOKED and visit.fact is not None and not visit.fact.confirmed
    return Asks.CONFIRM if waits else None


def _fixed(schedule: Schedule, visit: Visit) -> date | None:
    """Its actual or booked day, or that of the named date on which it stands; a suggested day is nobody's yet."""
    stands = schedule.possible.standing.stands(visit.code)
    return visit.occurred or visit.booked or (visit.target if stands else None)


def _when(visit: Visit, asks: Asks) -> date | None:
    """The day by which lines stand in order: since when it is overdue, until when it can be booked, else its day."""
    if asks is Asks.OVERDUE and visit.window is not None:
        return visit.window.latest
    return max(visit.live, default=visit.day) if asks is Asks.CLOSING else visit.day or visit.target


def _day_of(schedule: Schedule, clash: Conflict) -> date | None:
    visit = schedule.by_code.get(clash.visit)
    return visit.day or visit.target if visit is not None else None


def _undecided(schedule: Schedule, today: date) -> Iterator[Item]:
    """Decisions that nobody made and that a visit hangs on which is soon, or should have been."""
    for decision in schedule.protocol.decisions:
        if decision.code not in schedule.facts.decisions:
            hanging = [visit for visit in schedule.visits if visit.to_come and _hangs_on(visit, decision)]
            first = min(hanging, key=lambda visit: _soonest(visit) or today, default=None)
            day = _soonest(first) if first is not None else None
            if day is not None and (day - today).days <= AHEAD:
                yield Item(Asks.DECISION, day, first, decision=decision)


def _hangs_on(visit: Visit, decision: Decision) -> bool:
    """Whether the visit is planned only because of what is assumed of the decision."""
    asked = any(condition.decision == decision.code for condition in visit.encounter.conditions)
    return asked and _soonest(visit) is not None


def _soonest(visit: Visit) -> date | None:
    """Its day or its target, whichever is first: an overdue visit is suggested ahead, yet was wanted before."""
    return min(filter(None, (visit.day, visit.target)), default=None)
