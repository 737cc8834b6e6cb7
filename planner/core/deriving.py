"""From places and possible days to visits: the last step of a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from planner.core.days import study_day
from planner.core.deviations import Flag, FlagKind, broken_rules, out_of_rule, out_of_window
from planner.core.explain import Why
from planner.core.flags import flag_rules, flags
from planner.core.gates import given_after_no_go
from planner.core.placing import NO_LIMIT, Place, limits_by_neighbours, live
from planner.core.protocol import Strength, anchors
from planner.core.soft_rules import beside, soft_rules
from planner.core.standing import GONE
from planner.core.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from planner.core.days import Window
    from planner.core.deviations import Deviation
    from planner.core.possible import Possible
    from planner.core.protocol import Encounter
    from planner.core.soft_rules import SoftRule


class Deriving:
    """What a visit's derivation draws on, computed once for the whole plan."""

    def __init__(self, possible: Possible, placed: Mapping[str, Place]) -> None:
        standing, calendar = possible.standing, possible.calendar
        self.standing, self.calendar, self.today = standing, calendar, possible.today
        self.possible, self.placed = possible, placed
        self.limits = limits_by_neighbours(standing, calendar, placed)
        self.broken = tuple(broken_rules(possible.solution.network, standing))
        self.adrift = self._adrift()
        self.flagged = tuple(flag_rules(standing, calendar, self.day))
        self.rules = tuple(soft_rules(standing, calendar.holidays, self.day, Strength.WINDOW))

    def visit(self, encounter: Encounter) -> Visit:
        """The visit with everything derived."""
        code = encounter.code
        place = self.place(code)
        possible = self.possible.days(code)
        fact = self.standing.facts.visits.get(code)
        neighbours = self.limits.get(code, NO_LIMIT)
        rules = (*(rule for rule in self.rules if rule.visit == code), *beside(self.standing, code, self.window))
        shown = (fact.day if fact is not None else None) or place.target
        visit = Visit(
            encounter=encounter,
            state=self.standing.states[code],
            anchor=place.anchor,
            target=place.target,
            window=place.window,
            live=live(possible, place.window or neighbours, rules),
            possible=possible,
            neighbours=neighbours,
            rules=rules,
            suggested=place.suggested,
            fact=fact,
            provisional=place.provisional,
            study_day=self.number(shown, self.standing.dates.get(self.standing.protocol.reference)),
            period_day=self.number(shown, self.period_start(encounter)),
            clock=self.clock(encounter),
            deviations=tuple(self.deviations(code, place, rules)),
            host=self.standing.host_of(code),
            guests=tuple(self.standing.protocol.by_code[guest] for guest in self.guests(code)),
        )
        said = list(flags(visit, self.standing, self.calendar, self.today))
        if code in self.adrift:
            said.append(Flag(FlagKind.ADRIFT))
        return replace(visit, flags=(*said, *(flag for other, flag in self.flagged if other == code)))

    def _adrift(self) -> frozenset[str]:
        """Visits that count from one that has no day, directly or through others."""
        found = set(self.possible.solution.aside)
        for code in self.standing.protocol.placement_order:
            counted = {self.standing.chosen(anchor) for anchor in anchors(self.standing.protocol.by_code[code])}
            if self.standing.takes_place(code) and code not in self.standing.fixed and counted & found:
                found.add(code)
        return frozenset(found - self.possible.solution.aside)

    def place(self, code: str) -> Place:
        """The visit's place; one that is only made as needed has its fixed day and nothing to count from."""
        return self.placed.get(code) or Place(None, None, None, self.standing.fixed.get(code))

    def guests(self, code: str) -> tuple[str, ...]:
        """What the attendance of the visit fulfils beside it."""
        host, *others = self.standing.attendance(code)
        return tuple(others) if host == code else ()

    def window(self, code: str) -> Window | None:
        """The visit's own tolerance."""
        return self.place(code).window

    def day(self, code: str) -> date | None:
        """The day that counts for those that hang on it; of a named date, that date."""
        return self.standing.dates.get(code) or self.place(code).day

    def deviations(self, code: str, place: Place, rules: tuple[SoftRule, ...]) -> Iterator[Deviation]:
        """Outside its window, then the rules it breaks."""
        state = self.standing.states[code]
        if state not in GONE:
            yield from out_of_window(code, state, place.day, place.window, self.standing.facts)
            for rule in (rule for rule in rules if rule.reason.why is Why.RULE):
                yield from out_of_rule(state, place.day, rule, self.standing.facts)
            yield from (deviation for deviation in self.broken if deviation.visit == code)
            yield from given_after_no_go(self.standing, code)

    def number(self, day: date | None, reference: date | None) -> int | None:
        """The study-day number printed for `day`."""
        if day is None or reference is None:
            return None
        return study_day(day, reference, self.standing.protocol.first_day)

    def period_start(self, encounter: Encounter) -> date | None:
        """The day from which the visit's epoch is numbered anew, if it is."""
        anchor = next(e.numbered_from for e in self.standing.protocol.epochs if e.code == encounter.epoch)
        code = self.standing.chosen(anchor) if anchor is not None else None
        day = self.day(code) if code is not None else None
        if anchor is None or code is None or day is None:
            return None
        return day + timedelta(days=self.standing.stay_of(code) if anchor.end else 0)

    def clock(self, encounter: Encounter) -> datetime | None:
        """The anchor's booked start plus the elapsed minutes, in its zone; elapsed, so a clock change is counted."""
        fact = self.standing.facts.visits.get(encounter.clock.anchor) if encounter.clock is not None else None
        if encounter.clock is None or fact is None or fact.day is None or fact.at is None or fact.zone is None:
            return None
        try:
            zone = ZoneInfo(fact.zone)
        except (KeyError, ValueError, OSError):
            return None  # a zone that the machine does not know: the booking stands, its clock time is not derived
        start = datetime.combine(fact.day, fact.at, zone).astimezone(UTC)
        return (start + timedelta(minutes=encounter.clock.minutes)).astimezone(zone)
