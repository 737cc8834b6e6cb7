"""What could give way where a visit has no legal day: the smallest sets, each as what a person would do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2s
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.explain import CHANGEABLE, Reason, Why, minimal_conflict, repairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.core.conflicts import Conflict
    from planner.core.explain import Item

FULL = "full"
"""The name of a closure that stands for a day on which no unit has room."""


class Way(StrEnum):
    """How something gives way, the least that is asked of anybody first."""

    REBOOK = "rebook"
    ASK_PATIENT = "ask_patient"
    MAKE_ROOM = "make_room"
    OPEN_DAY = "open_day"
    DEVIATE = "deviate"


WAYS = {way: rank for rank, way in enumerate(Way)}


@dataclass(frozen=True, slots=True)
class Repair:
    """A set of reasons that would all have to give way: with any one less there is still no legal day."""

    reasons: tuple[Reason, ...]

    @property
    def ways(self) -> tuple[Way, ...]:
        """How each of its reasons gives way."""
        return tuple(way(reason) for reason in self.reasons)

    @property
    def key(self) -> str:
        """A name for exactly these reasons: a page that is older than they are does not mean others."""
        return blake2s(repr(self.reasons).encode(), digest_size=8).hexdigest()

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller, the better: by what is hardest in it, then by how many things it asks."""
        return max(WAYS[way] for way in self.ways), len(self.reasons)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A visit without a legal day: a minimal set of reasons, and what could give way, the least asked first."""

    visit: str
    reasons: tuple[Reason, ...]
    repairs: tuple[Repair, ...]


def way(reason: Reason) -> Way:
    """How a reason gives way; two visits of one attendance are booked apart."""
    if reason.why in (Why.BOOKED, Why.TOGETHER):
        return Way.REBOOK
    if reason.closure is None:
        return Way.DEVIATE
    if reason.closure.because is Because.ABSENCE:
        return Way.ASK_PATIENT
    return Way.MAKE_ROOM if reason.closure.name == FULL else Way.OPEN_DAY


def ranked(found: Iterable[tuple[Reason, ...]]) -> tuple[Repair, ...]:
    """The repairs, those that ask least first, else in the order found."""
    return tuple(sorted(map(Repair, found), key=lambda repair: repair.rank))


def stuck(visit: str, items: Iterable[Item], length: int) -> Stuck:
    """Why a visit has no day among `items` over a horizon of `length` days, and what could give way."""
    items = tuple(items)
    why = minimal_conflict(items, length) or ()
    ways = (tuple(item.reason for item in repair) for repair in repairs(items, length))
    return Stuck(visit, tuple(item.reason for item in why), ranked(ways))


def stuck_by(conflict: Conflict) -> Stuck:
    """The same where fixed days clash: any booking or rule of theirs gives way, or every closure of the day at once."""
    closed = tuple(r for r in conflict.reasons if r.why is Why.CLOSED)
    others = ((r,) for r in conflict.reasons if r.why in CHANGEABLE - {Why.CLOSED} and r.strength != "absolute")
    shut = (closed,) if conflict.kind is ConflictKind.CLOSED else ()
    return Stuck(conflict.visit, conflict.reasons, ranked((*others, *shut)))
