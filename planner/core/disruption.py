"""A day, a week or a unit of the site closes: the least that must move, for many patients at once.

One patient after another is given new days, and what one is given is no longer free for the next. What one leaves is
not given on: each patient's part can then be accepted by itself, in any order, and nobody is promised a place that
stays taken where another part is not accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from planner.core.facts import State
from planner.core.lifting import movable
from planner.core.replan import proposal
from planner.core.rooms import lost, side_by_side, timed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.arranging import Free
    from planner.core.calendar import Calendar
    from planner.core.deviations import Deviation
    from planner.core.facts import Fact, Facts
    from planner.core.replan import Proposal
    from planner.core.rooms import Capacity
    from planner.core.schedule import Schedule

NO_LIMIT = 1 << 30


@dataclass(frozen=True)
class Struck:
    """A patient (`key`) with bookings that no longer stand (`hit`, by the visit that takes the time).

    `before` is the plan on the calendar without the closure, `calendar` the one from now on.
    """

    key: str
    before: Schedule
    calendar: Calendar
    hit: tuple[str, ...]

    @cached_property
    def pressing(self) -> tuple[int, int, date, str]:
        """The smaller, the sooner it is this patient's turn: the most constrained first.

        Who has the fewest days left on which a booking that is hit can go without a word loses most when somebody else
        takes one of them; who has many finds another. On a tie the patient with less room for the key visit, whom a
        delay costs more; then the booking that comes first, since less time is left to tell that patient; then the key.
        """
        days_left = self.before.days_left
        fewest = min(self._open(host) for host in self.hit)
        first = min(cast("date", self.before.by_code[host].booked) for host in self.hit)
        return fewest, days_left.days_left if days_left is not None else NO_LIMIT, first, self.key

    def _open(self, host: str) -> int:
        """The live days of the booking that are still open."""
        days = self.before.by_code[host].live
        return sum(not _closes(self.before, self.calendar, host, day) for day in days)


@dataclass(frozen=True)
class NewDays:
    """What a closure does to one patient (`key`): what it hits, and the facts proposed, with times and places.

    No facts where a visit has no legal day. `shifting` are the bookings that shifting everything of this patient from
    the first one hit on would change; in an attendance for two visits one booking changes, here and there.
    """

    key: str
    hit: tuple[str, ...]
    proposal: Proposal
    facts: Facts | None
    shifting: tuple[str, ...]

    @property
    def stuck(self) -> bool:
        """Whether something is left that only a person can solve: nothing is proposed then."""
        return self.facts is None or bool(self.left)

    @property
    def declared(self) -> tuple[Deviation, ...]:
        """What is to be declared with a reason where it is accepted."""
        return self.proposal.declared

    @property
    def expected(self) -> tuple[Deviation, ...]:
        """What is only to be expected then."""
        return self.proposal.expected

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The bookings that are hit and that re-planning does not move: they stand on a named date."""
        return tuple(host for host in self.hit if self.facts is not None and host not in self.changed)

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The bookings that get another day, time or place, by the visit that takes the time, in the plan's order."""
        if self.facts is None:
            return ()
        known, facts = self.proposal.before.facts, self.facts
        return tuple(
            visit.code
            for visit in self.proposal.before.visits
            if visit.state is State.BOOKED and visit.code not in facts.together
            if _when(known.visits[visit.code]) != _when(facts.visits.get(visit.code))
        )


def _when(fact: Fact | None) -> tuple[object, ...] | None:
    return (fact.state, fact.day, fact.at, fact.unit) if fact is not None else None


def new_days(struck: Iterable[Struck], capacity: Capacity) -> tuple[NewDays, ...]:
    """What each patient is given, the most constrained first; who has no legal day stands before all others.

    `capacity` is what the units offer from now on, with the time of every booking as it stands taken.
    """
    found = []
    for one in sorted(struck, key=lambda one: one.pressing):
        given = _given(one, capacity)
        found.append(given)
        if given.facts is not None and not given.stuck:
            capacity = capacity.beside(one.before.protocol, given.facts)
    return tuple(sorted(found, key=lambda given: not given.stuck))


def _given(one: Struck, capacity: Capacity) -> NewDays:
    """The new days of one patient, with times and places in what the others have left."""
    protocol, facts = one.before.protocol, one.before.facts
    rooms = capacity.without(protocol, facts).rooms(protocol, facts)

    def planned(free: Free) -> tuple[Proposal, Facts | None]:
        found = proposal(one.before, facts, keep=False, free=free, calendar=one.calendar)
        return found, timed(protocol, facts, found.facts, rooms, one.hit) if found.facts is not None else None

    found, after = side_by_side(planned, lambda made: lost(facts, made[1], rooms) if made[1] is not None else (), rooms)
    first = min(cast("date", one.before.by_code[host].booked) for host in one.hit)
    return NewDays(one.key, one.hit, found, after, cascade(one.before, first))


def _closes(before: Schedule, calendar: Calendar, host: str, day: date) -> bool:
    """Whether the day is closed now to a visit of the attendance to which it was not before."""
    return any(_shut(before, calendar, code, day) for code in before.facts.attendance(host))


def _shut(before: Schedule, calendar: Calendar, code: str, day: date) -> bool:
    """Whether the day is closed to the visit now and was not before."""
    was, now = (before.possible.standing.why_closed(one, code, day) for one in (before.calendar, calendar))
    return bool(now) and not was


def cascade(before: Schedule, since: date) -> tuple[str, ...]:
    """The bookings that shifting everything from `since` on by the same days would change, for the comparison.

    Nobody asks there whether the days shifted to are legal; in an attendance for two visits one booking changes.
    """
    hosts = movable(before.possible.standing, before.possible.today)
    return tuple(host for host in hosts if cast("date", before.by_code[host].booked) >= since)
