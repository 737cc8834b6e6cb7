"""Facts: the little that people decided or saw. Everything else is derived from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.walltime import instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, time


class State(StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    BOOKED = "booked"
    OCCURRED = "occurred"
    MISSED = "missed"
    CANCELED = "canceled"
    NOT_APPLICABLE = "not_applicable"


class Go(StrEnum):
    """What a named person decided at a gate: whether the visit behind it may be given."""

    GO = "go"
    NO_GO = "no_go"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one visit; `end` is the last day of a stay, `at` and `zone` local clock time (IANA zone).

    `unit` is the public id of the unit that it takes from `at` on; `at` has fold 1 for the second of two equal times.
    `confirmed`: the patient said that the booking suits. Of a visit that took place, `go` is the GO or NO-GO that
    the person `decided_by` gave with it, `again` that it is to be repeated, and `taken_for` the day of the visit that
    it counts from as it stood then.
    """

    state: State
    day: date | None = None
    at: time | None = None
    zone: str | None = None
    end: date | None = None
    unit: str | None = None
    confirmed: bool = False
    go: Go | None = None
    decided_by: str = ""
    again: bool = False
    taken_for: date | None = None

    def __post_init__(self) -> None:
        needs_day = self.state in (State.BOOKED, State.OCCURRED)
        if needs_day and self.day is None:
            raise ValueError(f"{self.state} needs a day")
        if self.end is not None and (self.day is None or self.end < self.day):
            raise ValueError(f"a stay that starts {self.day} cannot end {self.end}")
        if self.unit is not None and (self.at is None or self.zone is None):
            raise ValueError("a unit is taken from a time on")

    @property
    def instant(self) -> datetime | None:
        """The instant (UTC) that its local time means by the rules of now; None where there is no time or none shown.

        Rules change: a time that was booked may be one that the clocks skip by now.
        """
        if self.day is None or self.at is None or self.zone is None:
            return None
        try:
            return instant(self.day, self.at, self.zone)
        except Refused:
            return None

    @property
    def calls_again(self) -> bool:
        """Whether it took place and is to be repeated: a NO-GO, or a person who asked for it."""
        return self.state is State.OCCURRED and (self.again or self.go is Go.NO_GO)

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


MAPPINGS = ("dates", "visits", "decisions", "together")


@dataclass(frozen=True)
class Facts:
    """Named dates, one fact per visit, decisions and accepted deviations of one patient.

    `ended` is the day on which the study ended for this patient: what has not occurred by then will not. `together`
    names for a visit the other one whose attendance fulfils it too: both lie on one day, and the other takes the time.
    """

    dates: Mapping[str, date] = field(default_factory=dict)
    visits: Mapping[str, Fact] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[Acceptance, ...] = ()
    ended: date | None = None
    together: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in MAPPINGS:
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __hash__(self) -> int:
        parts = (frozenset(getattr(self, name).items()) for name in MAPPINGS)
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

    def taken_for(self, code: str, day: date | None, go: Go | None = None, decided_by: str = "") -> Facts:
        """With the day for which a visit that took place was taken, and what a person decided with it."""
        known = self.visits[code]
        return self._alone(code, replace(known, taken_for=day, go=go, decided_by=decided_by))

    def repeated(self, code: str, *, again: bool) -> Facts:
        """With a visit that took place and is to be repeated, or no longer is."""
        return self._alone(code, replace(self.visits[code], again=again))

    def confirmed(self, code: str, *, yes: bool) -> Facts:
        """With a booking that the patient confirmed, or not yet."""
        return self._with(code, replace(self.visits[code], confirmed=yes))

    def missed(self, code: str) -> Facts:
        """With a visit to which the patient did not come."""
        return self._with(code, Fact(State.MISSED))

    def omitted(self, code: str) -> Facts:
        """With a visit that will not take place; one that its attendance was to fulfil too stands alone again."""
        apart = {guest: host for guest, host in self.together.items() if code not in (guest, host)}
        alone = [guest for guest in self.guests(code) if self.visits.get(guest)]
        rest = {c: fact for c, fact in self.planned(*alone).visits.items() if c != code}
        return replace(self, visits={**rest, code: Fact(State.CANCELED)}, together=apart)

    def planned(self, *codes: str) -> Facts:
        """With visits back to planned: unbooked, or their record taken back; one attendance goes back whole."""
        gone = {code for one in codes for code in self.attendance(one)}
        return replace(self, visits={c: fact for c, fact in self.visits.items() if c not in gone})

    def combined(self, code: str, host: str | None) -> Facts:
        """With a visit that the attendance of `host` fulfils too, on the host's day; None: it stands alone again."""
        apart = {guest: other for guest, other in self.together.items() if guest != code}
        rest = {c: fact for c, fact in self.visits.items() if c != code}
        if host is None:
            return replace(self, together=apart, visits=rest)
        if host not in rest:
            return replace(self, together={**apart, code: host}, visits=rest)
        known = replace(rest[host], confirmed=False)  # what was confirmed was a shorter attendance
        both = {host: known, code: replace(known, unit=None, end=None)}
        return replace(self, together={**apart, code: host}, visits={**rest, **both})

    def guests(self, code: str) -> tuple[str, ...]:
        """The visits that the attendance of this one fulfils too."""
        return tuple(sorted(guest for guest, host in self.together.items() if host == code))

    def attendance(self, code: str) -> tuple[str, ...]:
        """The visits that one attendance fulfils: the one that takes the time, then those beside it."""
        host = self.together.get(code, code)
        return (host, *self.guests(host))

    def accepting(self, acceptance: Acceptance) -> Facts:
        """With a broken rule that a person accepted in writing."""
        return replace(self, accepted=(*self.accepted, acceptance))

    def reconsidered(self, *codes: str) -> Facts:
        """Without what was accepted for visits: it was accepted for the day that they are about to leave."""
        return replace(self, accepted=tuple(a for a in self.accepted if a.visit not in codes))

    def ending(self, day: date | None) -> Facts:
        """With the day on which the study ended for the patient; None: it goes on.

        What is booked in a unit from then on is given back: somebody else may have the time.
        """
        waiting = [code for code, fact in self.visits.items() if day is not None and fact.waits_in_unit(day)]
        return replace(self.planned(*waiting), ended=day)

    def _with(self, code: str, fact: Fact) -> Facts:
        """With a visit's fact, and those beside it in one attendance on the same day; only one takes a unit."""
        beside = {guest: replace(fact, unit=None, end=None) for guest in self.guests(code)}
        return replace(self, visits={**self.visits, code: fact, **beside})

    def _alone(self, code: str, fact: Fact) -> Facts:
        return replace(self, visits={**self.visits, code: fact})
