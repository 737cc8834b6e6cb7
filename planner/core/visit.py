"""A visit as derived: what one patient's encounter amounts to on the day of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.deviations import FlagKind
from planner.core.facts import State

if TYPE_CHECKING:
    from datetime import date, datetime

    from planner.core.days import DaySet, Window
    from planner.core.deviations import Deviation, Flag
    from planner.core.facts import Fact
    from planner.core.protocol import Encounter
    from planner.core.soft_rules import SoftRule


@dataclass(frozen=True, slots=True)
class Visit:
    """One patient's contact, derived: every date inclusive.

    `day` is the actual day, else the booked, else the suggested one; None where it has none. `possible`: days on which
    all binding rules can still be kept. `live`: those in the window or, where the protocol gives none, in `neighbours`
    (from the visit before it to the one after it), that also keep the `rules` of a window's strength. `anchor` is the
    code counted from.
    `study_day` is of the actual day, else booked, else target; `period_day` where its epoch is numbered anew.
    `clock` is the proposed start (aware) where it follows another visit's booked start. `host` is the visit whose
    attendance fulfils this one too, `guests` what this attendance fulfils beside its own visit.
    """

    encounter: Encounter
    state: State
    anchor: str | None
    target: date | None
    window: Window | None
    live: DaySet
    possible: DaySet
    suggested: date | None
    fact: Fact | None
    provisional: bool
    study_day: int | None
    neighbours: Window
    rules: tuple[SoftRule, ...] = ()
    period_day: int | None = None
    clock: datetime | None = None
    deviations: tuple[Deviation, ...] = ()
    flags: tuple[Flag, ...] = ()
    host: str | None = None
    guests: tuple[Encounter, ...] = ()

    @property
    def code(self) -> str:
        """The encounter's code."""
        return self.encounter.code

    @property
    def booked(self) -> date | None:
        """The booked day."""
        return self.fact.day if self.fact is not None and self.state is State.BOOKED else None

    @property
    def occurred(self) -> date | None:
        """The actual day."""
        return self.fact.day if self.fact is not None and self.state is State.OCCURRED else None

    @property
    def day(self) -> date | None:
        """The day to show."""
        return self.occurred or self.booked or self.suggested

    @property
    def to_come(self) -> bool:
        """Whether it is still to come."""
        return self.state in (State.PLANNED, State.BOOKED)

    @property
    def waits(self) -> bool:
        """Whether it has no day only because what it counts from has none yet: nothing is wrong."""
        return self.to_come and self.day is None and self.target is None

    @property
    def days_left(self) -> DaysLeft:
        """Room left for it."""
        return DaysLeft(self.code, self.live.span, len(self.live))

    @property
    def clashes(self) -> bool:
        """Whether its target falls on a closed day."""
        return any(flag.kind is FlagKind.CLASH for flag in self.flags)


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """Room for the key visit: days from the first to the last still live, and how many of them are open."""

    visit: str
    days_left: int
    open_days_left: int

    @property
    def can_slip(self) -> int:
        """By how many days the visit can still slip."""
        return max(self.days_left - 1, 0)
