"""New days for the bookings that no longer fit, with a legal plan for every visit and as few of them as can be.

The bookings that may move are lifted (`planner.core.lifting`), and as many of them as possible keep their day
(`planner.core.keeping`). Then the visits take their days one after another, as in a plan, on exact live sets: no
choice leaves a later visit without a day. A booking whose window moved away from it, and a day that proves to be
full, are learned, and the visits placed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from planner.core.days import DaySet
from planner.core.keeping import together
from planner.core.network import book, live_days
from planner.core.placing import NO_LIMIT, Counting, Place, live
from planner.core.possible import days_without
from planner.core.protocol import Strength
from planner.core.soft_rules import beside
from planner.core.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from planner.core.constraints import Constraints
    from planner.core.days import Window
    from planner.core.facts import Facts
    from planner.core.lifting import Lifting
    from planner.core.network import Net
    from planner.core.repairs import Stuck
    from planner.core.soft_rules import SoftRule

    Free = Callable[[str, date], bool]


@dataclass(frozen=True, slots=True)
class _State:
    """The network of one round: its live days, with the bookings `kept` on theirs; `out` are visits left out of it.

    `loose` are the live days before any booking was kept.
    """

    network: Constraints
    net: Net
    days: list[int]
    loose: list[int]
    out: frozenset[str]
    kept: tuple[str, ...]


@dataclass(slots=True)
class Arranging:
    """What is learned while bookings are placed: who left a window, which days are full, who has no day anyway."""

    lifting: Lifting
    free: Free
    left: set[str] = field(default_factory=set)
    room: dict[tuple[str, date], bool] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)

    def arranged(self) -> dict[str, date] | tuple[Stuck, ...]:
        """The day of each booking that may move, by the visit that takes the time; or what has no legal day."""
        lifting = self.lifting
        self.known = [*lifting.aside]
        for code in (host for host in lifting.hosts if host not in lifting.loose):
            self.has_room(code, lifting.start[code])
        found: dict[str, date] | tuple[Stuck, ...] | None = None
        while found is None:
            found = self._round()
        return found

    def has_room(self, host: str, day: date) -> bool:
        """Whether there is room for the booking on that day; asked once."""
        if (host, day) not in self.room:
            self.room[host, day] = self.free(host, day)
        return self.room[host, day]

    @property
    def full(self) -> dict[str, tuple[date, ...]]:
        """The days that each booking would have taken and on which there was no room."""
        codes = {host for (host, _), room in self.room.items() if not room}
        return {
            code: tuple(sorted(day for (host, day), room in self.room.items() if host == code and not room))
            for code in codes
        }

    def _round(self) -> dict[str, date] | tuple[Stuck, ...] | None:
        """The days; None where something was learned that has them placed anew."""
        lifting = self.lifting
        network = lifting.network((one for one, room in self.room.items() if not room), self.known)
        out = frozenset(self.known) & network.index.keys()
        net = network.net(out)
        days = live_days(net, days_without(network, out))
        if days is None:
            return self._without_day(network)
        starts = self._starts(network, net, days)
        if starts is None:
            return None
        loose = days
        if lifting.loose:
            loose = self._booked(net, days, {n: starts[n] for n in map(network.index.__getitem__, lifting.loose)})
        kept = tuple(network.nodes[node] for node in together(net, loose, starts))
        if lifting.hold(code for code in lifting.hosts if code not in kept):
            return None
        days = self._booked(net, loose, {network.index[code]: starts[network.index[code]] for code in kept})
        return self._placed(self._readmitted(_State(network, net, days, loose, out, kept)))

    def _without_day(self, network: Constraints) -> tuple[Stuck, ...] | None:
        """What has no legal day; where that is no alarm, it leaves and the others are placed without it."""
        lost = self.lifting.without_day(network, self.known)
        loud = [code for code in lost if not self.lifting.may_leave(code)]
        if loud:
            return self.lifting.stuck(network, loud, self.known)
        self.known += lost
        return None

    def _starts(self, network: Constraints, net: Net, days: list[int]) -> dict[int, int] | None:
        """Where each booking would like to stay, those out of their window apart: node to day.

        A day that a person named only roughly is the nearest one possible; None where all that are left are full.
        """
        lifting, horizon = self.lifting, self.lifting.horizon
        found = {}
        for code in (code for code in lifting.hosts if code not in self.left):
            found[network.index[code]] = horizon.index(lifting.start[code])
        for code in lifting.loose:
            node = network.index[code]
            day = self._free_day(code, DaySet(horizon.first, days[node]), lifting.start[code])
            if day is None:
                return None
            found[node] = horizon.index(day)
            days = cast("list[int]", book(net, days, node, found[node]))
        return found

    @staticmethod
    def _booked(net: Net, days: list[int], starts: dict[int, int]) -> list[int]:
        """The live days with these visits on these days, which fit together."""
        booked = list(days)
        for node, day in starts.items():
            booked[node] = 1 << day
        return cast("list[int]", live_days(net, booked, starts))

    def _readmitted(self, state: _State) -> _State:
        """With the visits that had no day before and have one now, every booking on its day: none moves for them."""
        network, out, days = state.network, state.out, state.days
        for code in (code for code in self.known if code in out):
            trial = out - {code}
            opened = [
                own if name == code else d for name, own, d in zip(network.nodes, network.days, days, strict=True)
            ]
            found = live_days(network.net(trial), opened)
            if found is not None:
                out, days = trial, found
        return replace(state, net=network.net(out), days=days, out=out)

    # ---- one pass over the visits

    def _placed(self, state: _State) -> dict[str, date] | None:
        """A day for each booking, every visit taking its own as in `planner.core.placing.places`.

        None where a booking left its window, or every day is full: then the visits are placed anew.
        """
        lifting, network, days = self.lifting, state.network, state.days
        staying = {*lifting.members(state.kept)}
        standing = Standing(lifting.protocol, self._as_asked(state), frozenset(lifting.standing.lifted) - staying)
        counting, gone = Counting(standing, lifting.calendar.holidays), set()
        for code in lifting.order:
            place = counting.places[code] = self._counted(counting, code)
            node = network.index.get(code)
            waits = place.target is None and code not in lifting.start
            if node is None or waits or code in network.fixed or code in state.out:
                continue
            left, asked = DaySet(lifting.horizon.first, days[node]), self._beside(counting, code)
            if code in staying:
                place = replace(place, day=min(left))
                if self._leaves(code, min(left), place, asked):
                    gone.add(lifting.facts.attendance(code)[0])
                    loose = DaySet(lifting.horizon.first, state.loose[node])
                    place = replace(place, day=_nearest(loose, min(left), place.window, asked))
                counting.places[code] = place
                continue
            day = self._day(code, place, left, asked)
            if day is None:
                return None
            days = cast("list[int]", book(state.net, days, node, lifting.horizon.index(day)))
            counting.places[code] = replace(place, day=day, suggested=day)
        self.left |= gone
        return None if gone else {code: cast("date", counting.places[code].day) for code in lifting.hosts}

    def _as_asked(self, state: _State) -> Facts:
        """The facts with what a person named roughly on the day that it found."""
        facts, horizon = self.lifting.facts, self.lifting.horizon
        for host in self.lifting.loose:
            days = DaySet(horizon.first, state.days[state.network.index[host]])
            facts = facts if min(days) == self.lifting.start[host] else facts.booked(host, min(days))
        return facts

    def _counted(self, counting: Counting, code: str) -> Place:
        """Target and window as far as the places before it give them; one as needed has neither."""
        encounter = self.lifting.protocol.by_code[code]
        if encounter.timing is None:
            return Place(None, None, None, counting.standing.fixed.get(code))
        return counting.start(encounter)

    def _beside(self, counting: Counting, code: str) -> tuple[SoftRule, ...]:
        """What else is asked of it as of a window: rules of that strength, and the visits of its attendance."""
        softly = any(rule.strength is Strength.WINDOW for rule in self.lifting.protocol.rules)
        soft = tuple(rule for rule in counting.rules() if rule.visit == code) if softly else ()
        return (*soft, *beside(counting.standing, code, counting.window_of))

    def _leaves(self, code: str, day: date, place: Place, asked: tuple[SoftRule, ...]) -> bool:
        """Whether a booking that nobody named a day for is outside its window, and was inside it before."""
        if self.lifting.facts.attendance(code)[0] in self.lifting.asked:
            return False
        visit = self.lifting.before.by_code.get(code)
        if visit is None or visit.day is None:
            return False
        was = _outside(visit.day, visit.window, visit.rules)
        return was == 0 < _outside(day, place.window, asked)

    def _day(self, code: str, place: Place, left: DaySet, asked: tuple[SoftRule, ...]) -> date | None:
        """Where a visit goes that is not booked, or moves; None where no day that it can have has room."""
        start = self.lifting.start.get(code)
        if start is None:
            return (live(left, place.window or NO_LIMIT, asked) or left).nearest(cast("date", place.target))
        host = self.lifting.facts.attendance(code)[0]
        return self._free_day(host, left, start, place.window, asked)

    def _free_day(
        self, host: str, days: DaySet, start: date, window: Window | None = None, asked: tuple[SoftRule, ...] = ()
    ) -> date | None:
        """The nearest of these days that has room; None where every one of them is full."""
        while days:
            day = _nearest(days, start, window, asked)
            if self.has_room(host, day):
                return day
            days = DaySet(days.origin, days.bits & ~(1 << (day - days.origin).days))
        return None


def _nearest(days: DaySet, start: date, window: Window | None, asked: tuple[SoftRule, ...]) -> date:
    """The day fewest days outside the window, of these the nearest to `start`, the earlier on a tie."""
    inside = live(days, window or NO_LIMIT, asked)
    if inside:
        return inside.nearest(start)
    return min(days, key=lambda day: (_outside(day, window, asked), abs((day - start).days), day))


def _outside(day: date, window: Window | None, rules: tuple[SoftRule, ...]) -> int:
    """Days outside its window and outside what is asked like one, all together."""
    windows = (window, *(rule.window for rule in rules))
    return sum(abs(one.outside(day)) for one in windows if one is not None)
