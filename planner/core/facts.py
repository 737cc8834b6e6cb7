"""Facts: the little that people decided or saw. Everything else is derived from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time


class State(StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    BOOKED = "booked"
    OCCURRED = "occurred"
    MISSED = "missed"
    CANCELED = "canceled"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one visit; `end` is the last day of a stay, `at` and `zone` local clock time (IANA zone).

    `unit` is the public id of the unit that it takes from `at` on; `at` has fold 1 for the second of two equal times.
    """

    state: State
    day: date | None = None
    at: time | None = None
    zone: str | None = None
    end: date | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        needs_day = self.state in (State.BOOKED, State.OCCURRED)
        if needs_day and self.day is None:
            raise ValueError(f"{self.state} needs a day")
        if self.end is not None and (self.day is None or self.end < self.day):
            raise ValueError(f"a stay that starts {self.day} cannot end {self.end}")
        if self.unit is not None and (self.at is None or self.zone is None):
            raise ValueError("a unit is taken from a time on")

    def waits_in_unit(self, day: date) -> bool:
        """Whether it is booked in a unit, on that day or later."""
        return self.state is State.BOOKED and self.unit is not None and self.day is not None and self.day >= day


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's written acceptance of a broken rule or window; who and when stand in the act that saved it.

    `second`: the name of the second person who agreed, where one was needed.
    """

    rule: str
    visit: str
    reason: str
    second: str = ""


@dataclass(frozen=True)
class Facts:
    """Named dates, one fact per visit, decisions and accepted deviations of one patient.

    `ended` is the day on which the study ended for this patient: what has not occurred by then will not.
    """

    dates: Mapping[str, date] = field(default_factory=dict)
    visits: Mapping[str, Fact] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[Acceptance, ...] = ()
    ended: date | None = None

    def __post_init__(self) -> None:
        for name in ("dates", "visits", "decisions"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __hash__(self) -> int:
        parts = (frozenset(m.items()) for m in (self.dates, self.visits, self.decisions))
        return hash((*parts, self.accepted, self.ended))

    def dated(self, name: str, day: date) -> Facts:
        """With a named date."""
        return replace(self, dates={**self.dates, name: day})

    def decided(self, name: str, value: str) -> Facts:
        """With a decision that branches hang on."""
        return replace(self, decisions={**self.decisions, name: value})

    def booked(
        self, code: str, day: date, at: time | None = None, zone: str | None = None, unit: str | None = None
    ) -> Facts:
        """With a visit booked on a day, at a local time where one is agreed, in a unit where it takes one."""
        return self._with(code, Fact(State.BOOKED, day, at, zone, unit=unit))

    def occurred(self, code: str, day: date, end: date | None = None) -> Facts:
        """With a visit that took place; `end` closes a stay. On the day booked it took its time and unit."""
        known = self.visits.get(code)
        kept = known if known is not None and known.day == day else Fact(State.PLANNED)
        return self._with(code, replace(kept, state=State.OCCURRED, day=day, end=end))

    def missed(self, code: str) -> Facts:
        """With a visit to which the patient did not come."""
        return self._with(code, Fact(State.MISSED))

    def omitted(self, code: str) -> Facts:
        """With a visit that will not take place."""
        return self._with(code, Fact(State.CANCELED))

    def planned(self, code: str) -> Facts:
        """With a visit back to planned: unbooked, or its record taken back."""
        return replace(self, visits={c: fact for c, fact in self.visits.items() if c != code})

    def accepting(self, acceptance: Acceptance) -> Facts:
        """With a broken rule that a person accepted in writing."""
        return replace(self, accepted=(*self.accepted, acceptance))

    def reconsidered(self, code: str) -> Facts:
        """Without what was accepted for a visit: it was accepted for the day that the visit is about to leave."""
        return replace(self, accepted=tuple(a for a in self.accepted if a.visit != code))

    def ending(self, day: date | None) -> Facts:
        """With the day on which the study ended for the patient; None: it goes on.

        What is booked in a unit from then on is given back: somebody else may have the time.
        """
        kept = {c: fact for c, fact in self.visits.items() if day is None or not fact.waits_in_unit(day)}
        return replace(self, ended=day, visits=kept)

    def _with(self, code: str, fact: Fact) -> Facts:
        return replace(self, visits={**self.visits, code: fact})
