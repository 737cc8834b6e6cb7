"""Where each visit stands: target, window and suggested day, one visit after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from planner.core.constraints import Horizon
from planner.core.days import EARLIEST, DaySet, Window, shift
from planner.core.facts import Facts, State
from planner.core.network import book
from planner.core.protocol import Bounds, Strength
from planner.core.soft_rules import beside, soft_rules
from planner.core.standing import Standing
from planner.core.windows import window_anchor, window_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.days import Span
    from planner.core.possible import Possible
    from planner.core.protocol import Anchor, Encounter, Protocol, Timing
    from planner.core.soft_rules import SoftRule

MARGIN = timedelta(days=60)
NO_LIMIT = Window(None, None)
MOST_IDEAL = 512
"""Ideal days kept: those of as many patients as start on days of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A visit's target and window, the day that counts for those that hang on it, and what was counted from.

    `day` is the fixed day, else the suggested one, else the target (set aside); None while the anchor is unknown.
    """

    anchor: str | None
    target: date | None
    window: Window | None
    day: date | None
    suggested: date | None = None
    provisional: bool = False


class Counting:
    """Target and window of each visit from the `places` of those before it, which whoever places them fills in."""

    def __init__(self, standing: Standing, holidays: frozenset[date]) -> None:
        self.standing, self.holidays = standing, holidays
        self.places: dict[str, Place] = {}

    def start(self, encounter: Encounter) -> Place:
        """The visit's place as far as its anchors give it; its day is the fixed one, else the target."""
        code, timing = encounter.code, cast("Timing", encounter.timing)  # only timed encounters are in the order
        fixed = self.standing.fixed.get(code)
        target, window = self.target(timing, code), self.window(timing, code)
        if target is not None and window is not None and isinstance(timing.window, Bounds):
            target = window.clamp(target)
        anchors = (timing.anchor, window_anchor(timing))
        provisional = fixed is None and any(self.loose(anchor) for anchor in anchors)
        stands = fixed if self.standing.stands(code) else None
        return Place(self.code(timing.anchor), target, window, fixed or target, stands, provisional)

    def code(self, anchor: Anchor) -> str:
        """What the anchor means now; where it is skipped, the visit whose ideal day stands in for it."""
        return self.standing.chosen(anchor) or self.standing.ideal(anchor)

    def day(self, anchor: Anchor) -> date | None:
        """The anchor's day: of a named date, of a visit that takes place, or the ideal day of a skipped one."""
        code = self.code(anchor)
        if code in self.standing.dates:
            return self.standing.dates[code]
        place = self.places.get(code)
        if place is None:
            day = self.standing.fixed.get(code)  # a visit made as needed, once it has a day
        else:
            day = place.day if self.standing.takes_place(code) else place.target
        late = self.standing.stay_of(code) if anchor.end else 0
        return None if day is None else day + timedelta(days=late)

    def origin(self, code: str, anchor: Anchor) -> date | None:
        """The anchor's day; for an origin visit with a window of its own its date as given, so its window stays.

        A visit that is made again keeps the day for which it was taken.
        """
        timing, taken_for = self.standing.protocol.by_code[code].timing, self.standing.taken_for(code)
        if taken_for is not None and timing is not None and anchor == timing.anchor:
            return taken_for
        named = self.standing.protocol.date_under.get(code)
        given = self.standing.facts.dates.get(named) if named in anchor.codes and named is not None else None
        return given if given is not None and code not in self.standing.protocol.pinned else self.day(anchor)

    def rules(self) -> Iterator[SoftRule]:
        """The rules of a window's strength that count from a visit placed so far."""
        return soft_rules(self.standing, self.holidays, self.placed_day, Strength.WINDOW)

    def placed_day(self, code: str) -> date | None:
        """The day of a named date or of a visit placed so far."""
        place = self.places.get(code)
        return self.standing.fixed.get(code) or (place.day if place is not None else None)

    def target(self, timing: Timing, code: str) -> date | None:
        day = self.origin(code, timing.anchor)
        return None if day is None else shift(day, timing.offset, self.holidays)

    def window(self, timing: Timing, code: str) -> Window | None:
        day = self.origin(code, window_anchor(timing))
        return None if day is None else window_of(timing, day, self.holidays)

    def window_of(self, code: str) -> Window | None:
        """The visit's own tolerance, as far as its anchor is placed."""
        timing = self.standing.protocol.by_code[code].timing
        return self.window(timing, code) if timing is not None else None

    def loose(self, anchor: Anchor) -> bool:
        """Whether the anchor's day is only suggested."""
        code = self.code(anchor)
        if code in self.standing.fixed or code not in self.places:
            return False
        return self.standing.takes_place(code) or self.places[code].provisional


def horizon(standing: Standing, calendar: Calendar, today: date | None) -> Horizon:
    """60 days before the earliest named date (or an earlier window) to 60 days after the last window.

    Windows are those of the facts, with each planned visit on its target, behind the closures that it meets, and not
    before today.
    """
    counting = Counting(standing, calendar.holidays)
    gaps = _gaps(standing)
    days = [*standing.fixed.values()]
    for code in standing.protocol.placement_order:
        place = counting.start(standing.protocol.by_code[code])
        day = place.day
        if code not in standing.fixed and day is not None:
            if today is not None and standing.states.get(code) is State.PLANNED:
                day = max(day, today)
            starts = ((counting.day(first), lo) for first, lo in gaps.get(code, ()))
            ends = (shift(start, lo, calendar.holidays) for start, lo in starts if start is not None)
            place = replace(place, day=max((day, *ends)))
        if code in standing.states:
            edges = (place.window.earliest, place.window.latest) if place.window else ()
            days += [day for day in (place.target, place.day, *edges) if day is not None]
        counting.places[code] = _after_closures(place, standing, calendar, code)
    days = days or [today or EARLIEST + MARGIN]
    return Horizon(min([*days, *(day - MARGIN for day in standing.dates.values())]), max(days) + MARGIN)


def _after_closures(place: Place, standing: Standing, calendar: Calendar, code: str) -> Place:
    """With its day behind long closures, so that what hangs on the visit still lies within the horizon."""
    encounter = standing.protocol.by_code[code]
    if place.day is None or code in standing.fixed:
        return place
    day = calendar.reopens(place.day, encounter.calendar, attended=encounter.attended)
    return place if day == place.day else replace(place, day=day)


def _gaps(standing: Standing) -> dict[str, list[tuple[Anchor, Span]]]:
    """The minimum gaps before each visit: what they count from, and how long they are."""
    found: dict[str, list[tuple[Anchor, Span]]] = {}
    for rule in standing.protocol.rules:
        then = standing.chosen(rule.then)
        if rule.strength.binding and rule.lo is not None and then is not None and standing.chosen(rule.first):
            found.setdefault(then, []).append((rule.first, rule.lo))
    return found


def places(standing: Standing, calendar: Calendar, possible: Possible) -> dict[str, Place]:
    """Every visit's place: live day nearest to target, else nearest possible day; each is taken for those after it.

    A visit that was set aside, or is gone, stands on its target for those that hang on it.
    """
    counting = Counting(standing, calendar.holidays)
    network, days = possible.solution.network, list(possible.solution.days)
    softly = any(rule.strength is Strength.WINDOW for rule in standing.protocol.rules)
    for code in standing.protocol.placement_order:
        start = counting.places[code] = counting.start(standing.protocol.by_code[code])
        node = network.index.get(code)
        if node is None or code in network.fixed or code in possible.solution.aside or start.target is None:
            continue
        left = DaySet(possible.horizon.first, days[node])
        soft = tuple(rule for rule in counting.rules() if rule.visit == code) if softly else ()
        asked = (*soft, *beside(standing, code, counting.window_of))
        day = (live(left, start.window or NO_LIMIT, asked) or left).nearest(start.target)
        days = cast("list[int]", book(possible.solution.net, days, node, possible.horizon.index(day)))
        counting.places[code] = replace(start, day=day, suggested=day)
    return counting.places


def live(possible: DaySet, window: Window, rules: tuple[SoftRule, ...]) -> DaySet:
    """The possible days that lie in the window and keep the rules of a window's strength."""
    for limit in (window, *(rule.window for rule in rules)):
        possible = possible.within(limit)
    return possible


def limits_by_neighbours(standing: Standing, calendar: Calendar, placed: Mapping[str, Place]) -> dict[str, Window]:
    """For each visit without a window: the days of the visits before and after it in the protocol's order.

    The order is that of the ideal days, with every visit on its target; a visit on the same ideal day is no limit.
    """
    limits: dict[str, Window] = {}
    unbounded = [code for code, here in placed.items() if here.window is None and not standing.stands(code)]
    ideal = ideal_days(standing, calendar) if unbounded else {}
    there = [(day, code) for code, day in ideal.items() if standing.takes_place(code)]
    for code in (c for c in unbounded if c in ideal):
        before = [placed[c].day for day, c in there if day < ideal[code]]
        after = [placed[c].day for day, c in there if day > ideal[code]]
        earliest = max((day for day in before if day is not None), default=None)
        latest = min((day for day in after if day is not None), default=None)
        crossed = earliest is not None and latest is not None and latest < earliest
        limits[code] = Window(earliest, None if crossed else latest)
    return limits


def ideal_days(standing: Standing, calendar: Calendar) -> dict[str, date]:
    """Every visit's target with each visit before it on its own target: no bookings, records or closed days."""
    dates, decisions = tuple(standing.dates.items()), tuple(standing.facts.decisions.items())
    return dict(_ideal_days(standing.protocol, dates, decisions, calendar.holidays))


@lru_cache(MOST_IDEAL)
def _ideal_days(
    protocol: Protocol,
    dates: tuple[tuple[str, date], ...],
    decisions: tuple[tuple[str, str], ...],
    holidays: frozenset[date],
) -> tuple[tuple[str, date], ...]:
    counting = Counting(Standing(protocol, Facts(dates=dict(dates), decisions=dict(decisions))), holidays)
    for code in protocol.placement_order:
        counting.places[code] = counting.start(protocol.by_code[code])
    return tuple((code, place.target) for code, place in counting.places.items() if place.target is not None)
