"""Which visits take place, and what each anchor means once the facts are known."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from planner.core.facts import Facts, State
from planner.core.protocol import Skipped, anchors

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from planner.core.calendar import Calendar, Closure
    from planner.core.protocol import Anchor, Block, Condition, Encounter, Protocol

GONE = frozenset({State.MISSED, State.CANCELED, State.NOT_APPLICABLE})


class Standing:
    """The encounters of the protocol as the facts leave them.

    `lifted`: booked visits whose day is left open, because another one is looked for.
    """

    def __init__(self, protocol: Protocol, facts: Facts, lifted: Collection[str] = ()) -> None:
        self.protocol = protocol
        self.facts = facts
        self.lifted = lifted
        self.awake = {block.code: self._awake(block) for block in protocol.blocks}
        self.states: dict[str, State] = {}
        self._chosen: dict[int, str | None] = {}
        for encounter in self._in_order():
            state = self._state(encounter)
            if state is not None:
                self.states[encounter.code] = state

    def _in_order(self) -> list[Encounter]:
        placed = self.protocol.placement_order
        timeless = [e for e in self.protocol.encounters if e.timing is None]
        return timeless + [self.protocol.by_code[code] for code in placed]

    def _awake(self, block: Block) -> int:
        """The last repetition planned now."""
        known = [
            e.instance.number
            for e in self.protocol.encounters
            if e.instance and e.instance.block == block.code and e.code in self.facts.visits
        ]
        reached = max(known, default=block.first - 1)
        if block.until is not None and self.holds(block.until):
            return reached
        return block.last if block.ahead is None else min(reached + block.ahead, block.last)

    def _state(self, encounter: Encounter) -> State | None:
        """Its state; None for a repetition not planned yet and for a visit that is only made as needed."""
        fact = self.facts.visits.get(encounter.code)
        if fact is not None:
            return State.CANCELED if fact.state is State.BOOKED and self._over(fact.day) else fact.state
        if not all(self.holds(condition) for condition in encounter.conditions):
            return State.NOT_APPLICABLE
        instance = encounter.instance
        if encounter.timing is None or (instance and instance.number > self.awake[instance.block]):
            return None
        if encounter.repeats is not None and not self._called_for(encounter.repeats):
            return None
        named = self.protocol.date_under.get(encounter.code, "")
        pinned = self.dates.get(named) if encounter.code in self.protocol.pinned else None
        return State.CANCELED if self._over(pinned) else self.falls_away(encounter) or State.PLANNED

    def _called_for(self, code: str) -> bool:
        """Whether a visit took place and is to be made again, or is a repeat to which the patient did not come."""
        fact = self.facts.visits.get(code)
        if fact is None:
            return False
        lost = fact.state is State.MISSED and self.protocol.by_code[code].repeats is not None
        return fact.calls_again or lost

    def host_of(self, code: str) -> str | None:
        """The visit whose attendance fulfils this one too; None where there is none, or it does not take place."""
        host = self.facts.together.get(code)
        return host if host is not None and self.takes_place(host) else None

    def attendance(self, code: str) -> tuple[str, ...]:
        """The visits that one attendance fulfils, as far as they take place: the one that takes the time first."""
        host = self.host_of(code) or code
        return (host, *(guest for guest in self.facts.guests(host) if self.host_of(guest) and self.takes_place(guest)))

    def taken_for(self, code: str) -> date | None:
        """The day for which a visit was taken that is made again since: it stays judged against that day."""
        fact = self.facts.visits.get(code)
        return fact.taken_for if fact is not None and fact.calls_again else None

    def _over(self, day: date | None) -> bool:
        """Whether the study ended for this patient before a visit on that day, or on one still to be found."""
        return self.facts.ended is not None and (day is None or day >= self.facts.ended)

    def falls_away(self, encounter: Encounter) -> State | None:
        """Canceled or not applicable with its anchor, where a skipped anchor drops the visit."""
        timing = encounter.timing
        if timing is None or timing.skipped is not Skipped.DROP or self.chosen(timing.anchor) is not None:
            return None  # as needed, counting on its anchor's ideal day, or its anchor takes place
        gone = [self.states[code] for code in timing.anchor.codes if code in self.states]
        if not gone:
            return State.NOT_APPLICABLE if all(map(self._never, timing.anchor.codes)) else None
        return State.NOT_APPLICABLE if all(state is State.NOT_APPLICABLE for state in gone) else State.CANCELED

    def _never(self, code: str) -> bool:
        """Whether it is a repetition that will not come any more."""
        encounter = self.protocol.by_code.get(code)
        instance = encounter.instance if encounter is not None else None
        block = next((b for b in self.protocol.blocks if instance is not None and b.code == instance.block), None)
        return block is not None and block.until is not None and self.holds(block.until)

    def holds(self, condition: Condition) -> bool:
        """Whether the decision, or its default while nobody decided, has one of the values."""
        default = next(d.default for d in self.protocol.decisions if d.code == condition.decision)
        return self.facts.decisions.get(condition.decision, default) in condition.values

    def assumed(self, encounter: Encounter) -> bool:
        """Whether it is planned only because nobody has decided yet."""
        return any(condition.decision not in self.facts.decisions for condition in encounter.conditions)

    @cached_property
    def dates(self) -> dict[str, date]:
        """Each named date known: the actual day of its visit, else its booked day (if it may move), else as given."""
        known = {code: day for code, day in self.facts.dates.items() if code in self.protocol.date_of}
        for code, name in self.protocol.date_under.items():
            fact = self.facts.visits.get(code)
            if fact is None or fact.day is None:
                continue
            if fact.state is State.OCCURRED or code not in self.protocol.pinned:
                known[name] = fact.day
        return known

    def takes_place(self, code: str) -> bool:
        """Whether the visit occurred or is still to come; a named date does once it is known."""
        if code in self.protocol.date_of:
            return code in self.dates
        return code in self.states and self.states[code] not in GONE

    def chosen(self, anchor: Anchor) -> str | None:
        """The code that the anchor means now, or None where every candidate is skipped."""
        key = id(anchor)  # the protocol keeps its anchors alive, and hashing them is half of the work
        if key not in self._chosen:
            there = [code for code in anchor.codes if self.takes_place(code)]
            self._chosen[key] = there[anchor.pick] if -len(there) <= anchor.pick < len(there) else None
        return self._chosen[key]

    def ideal(self, anchor: Anchor) -> str:
        """The code whose ideal day stands in for a skipped anchor."""
        return anchor.codes[min(anchor.pick, len(anchor.codes) - 1)]

    def stay_of(self, code: str) -> int:
        """Days from the first day of a stay to its last, as it was or as planned; 0 for a visit of one day."""
        fact = self.facts.visits.get(code)
        if fact is not None and fact.end is not None and fact.day is not None:
            return (fact.end - fact.day).days
        encounter = self.protocol.by_code.get(code)
        return encounter.stay.planned if encounter and encounter.stay else 0

    def why_closed(self, calendar: Calendar, code: str, day: date) -> tuple[Closure, ...]:
        """Every reason for which that calendar closes the day to the visit, for the whole of its stay."""
        encounter = self.protocol.by_code[code]
        return calendar.why_closed(day, encounter.calendar, attended=encounter.attended, stay=self.stay_of(code))

    @cached_property
    def fixed(self) -> dict[str, date]:
        """The day of every named date and of every visit that occurred, is booked or stands on its named date."""
        days = {code: self._fixed_day(code, state) for code, state in self.states.items()}
        return self.dates | {code: day for code, day in days.items() if day is not None and code not in self.lifted}

    def _fixed_day(self, code: str, state: State) -> date | None:
        if state in (State.OCCURRED, State.BOOKED):
            return self.facts.visits[code].day
        return self.dates.get(self.protocol.date_under[code]) if self.stands(code) else None

    def stands(self, code: str) -> bool:
        """Whether the visit stands on its named date, and only a change of that date moves it."""
        planned = self.states.get(code) is State.PLANNED
        return planned and code in self.protocol.pinned

    @cached_property
    def waiting(self) -> frozenset[str]:
        """Visits that have no day to count from yet: a named date that they hang on is not given."""
        found: set[str] = set()
        for code in (c for c in self.protocol.placement_order if c in self.states):
            if any(self._unknown(anchor, found) for anchor in anchors(self.protocol.by_code[code])):
                found.add(code)
        return frozenset(found)

    def _unknown(self, anchor: Anchor, waiting: set[str]) -> bool:
        code = self.chosen(anchor) or self.ideal(anchor)
        if code in self.fixed:
            return False
        return code not in self.states or code in waiting
