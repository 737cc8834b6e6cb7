"""Small random networks, and the brute force over all their plans that the engine is held against.

The brute force shares nothing with the engine but the fields of a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from planner.core.days import Span, Unit, shift
from planner.core.network import FAR, Bound, Net, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Pick = Callable[[int, int], int]
    """An integer from a closed range: of a seeded generator, or one that hypothesis draws and shrinks."""

MONTH_END = date(2025, 1, 24)
"""From here on, a day plus one month meets the end of February within a week."""
HOLIDAYS = frozenset({date(2025, 1, 29), date(2025, 2, 28)})
SIZES, LENGTHS, REACH = (2, 5), (5, 10), 2


@dataclass(frozen=True)
class Case:
    """A network with the days that are open to each visit, bit k for day k of `length`."""

    length: int
    days: tuple[int, ...]
    bounds: tuple[Bound, ...]

    @property
    def net(self) -> Net:
        return Net(len(self.days), self.bounds)


def seeded(seed: int) -> Case:
    """The random network of this number, the same on every machine."""
    return made(Random(seed).randint)


@st.composite
def cases(draw) -> Case:
    """Random networks that shrink."""
    return made(lambda low, high: draw(st.integers(low, high)))


def made(pick: Pick) -> Case:
    """Visits on random open days and the bounds between them; two times in three, one plan keeps every difference."""
    size, length = pick(*SIZES), pick(*LENGTHS)
    plan = [pick(0, length - 1) for _ in range(size)] if pick(0, 2) else None
    days = [_open_days(pick, length) | (1 << plan[v] if plan else 0) for v in range(size)]
    bounds = [_bound(pick, size, length, plan) for _ in range(pick(1, 2 * size))]
    return Case(length, tuple(days), tuple(bounds))


def _open_days(pick: Pick, length: int) -> int:
    """Any set of days that is not empty, every third time all of them, so that holes and runs both occur."""
    everything = (1 << length) - 1
    return everything if pick(0, 2) == 0 else pick(1, everything)


def _bound(pick: Pick, size: int, length: int, plan: Sequence[int] | None) -> Bound:
    first = pick(0, size - 1)
    then = (first + pick(1, size - 1)) % size
    kind = pick(0, 7)
    if kind == 0:
        return Bound(first, then, table=_monotone(pick, length))
    if kind == 1:
        return Bound(first, then, table=_calendar_map(pick, length))
    kept = plan[then] - plan[first] if plan else pick(-REACH, REACH)
    low = kept - pick(0, REACH)
    high = kept + pick(0, REACH)
    if kind <= 3:
        return Bound(first, then, lo=low)
    return Bound(first, then, hi=high) if kind == 4 else Bound(first, then, low, high)


def _monotone(pick: Pick, length: int) -> Table:
    """Any two maps that never decrease, now and then with a day that nothing fits or a side without a bound."""
    least, most = (sorted(pick(-2, length + 1) for _ in range(length)) for _ in range(2))
    if pick(0, 1):
        pairs = list(zip(least, most, strict=True))
        least, most = [min(pair) for pair in pairs], [max(pair) for pair in pairs]
    side = pick(0, 5)
    return Table(
        (-FAR,) * length if side == 0 else tuple(least),
        (FAR,) * length if side == 1 else tuple(most),
    )


def _calendar_map(pick: Pick, length: int) -> Table:
    """Months clamped to the month's end, or working days across weekends and holidays, as a protocol counts them."""
    if pick(0, 1):
        origin, low, high = MONTH_END, Span(1, Unit.MONTHS), Span(1, Unit.MONTHS)
        there = shift(origin, low) - timedelta(days=pick(-2, 2))
    else:
        low = Span(pick(-3, 3), Unit.WORKING_DAYS)
        high = Span(low.amount + pick(0, 2), Unit.WORKING_DAYS)
        origin = there = MONTH_END + timedelta(days=pick(0, 6))
    days = [origin + timedelta(days=k) for k in range(length)]
    room = pick(0, 1)
    return Table(
        tuple((shift(day, low, HOLIDAYS) - there).days - room for day in days),
        tuple((shift(day, high, HOLIDAYS) - there).days + room for day in days),
    )


def keeps(bound: Bound, plan: Sequence[int]) -> bool:
    """Whether a plan keeps a bound, read from the bound's fields alone."""
    start, end = plan[bound.first], plan[bound.then]
    if bound.table is not None:
        return bound.table.least[start] <= end <= bound.table.most[start]
    return bound.lo <= end - start <= bound.hi


def plans(days: Sequence[int], bounds: Sequence[Bound]) -> Iterator[tuple[int, ...]]:
    """Every plan, by trying all days of one visit after another."""
    due: list[list[Bound]] = [[] for _ in days]
    for bound in bounds:
        due[max(bound.first, bound.then)].append(bound)
    plan: list[int] = []

    def extend() -> Iterator[tuple[int, ...]]:
        visit = len(plan)
        if visit == len(days):
            yield tuple(plan)
            return
        for day in range(days[visit].bit_length()):
            if days[visit] >> day & 1:
                plan.append(day)
                if all(keeps(bound, plan) for bound in due[visit]):
                    yield from extend()
                plan.pop()

    return extend()


def days_of(found: Sequence[Sequence[int]]) -> list[int] | None:
    """The days of each visit that some plan has; None without a plan."""
    if not found:
        return None
    return [sum(1 << day for day in set(column)) for column in zip(*found, strict=True)]
