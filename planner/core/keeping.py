"""Which bookings can all stay where they are: as many as possible, exactly.

Say that i pushes j when no plan has i on or after its day unless j comes after its own. Pushing is transitive. Two
bookings that could each stay alone can stay together unless one pushes the other: take the least plan with i on its
day and the least with j on its own; where neither pushes, the later of both, day by day, is a plan with both. And
bookings that can stay two by two can stay together, since rules are closed under minimum and maximum and so under the
median (Jeavons and Cooper, AIJ 79(2), 1995). So the most that can stay are a largest antichain of a partial order,
and its size is their number less a largest matching (Dilworth, Annals of Mathematics 51, 1950).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.network import propagate, witness

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from planner.core.network import Net


def together(net: Net, live: Sequence[int], days: Mapping[int, int]) -> tuple[int, ...]:
    """The most visits that can stay on their `days` (visit to day) at once, given the live days of all.

    Of several largest sets the one that holds the visits that come first.
    """
    alone = [visit for visit, day in days.items() if live[visit] >> day & 1]
    booked = list(live)
    for visit in alone:
        booked[visit] = 1 << days[visit]
    if propagate(net, booked, alone) is not None:
        return tuple(alone)
    return _largest(alone, _pushes(net, live, {visit: days[visit] for visit in alone}))


def _pushes(net: Net, live: Sequence[int], days: Mapping[int, int]) -> dict[int, set[int]]:
    """For each visit, each on a live day, those that it pushes off theirs."""
    found = {}
    for visit, day in days.items():
        least = witness(net, live, visit, day) or ()  # there is one: the day is live
        found[visit] = {other for other, its in days.items() if least[other] > its}
    return found


def _largest(visits: Sequence[int], pushes: Mapping[int, set[int]]) -> tuple[int, ...]:
    """A largest set of visits of which none pushes another, the first ones where there is a choice."""
    chosen: list[int] = []
    left, most = list(visits), _width(visits, pushes)
    for visit in visits:
        if visit not in left:
            continue
        others = [o for o in left if o != visit and o not in pushes[visit] and visit not in pushes[o]]
        if _width(others, pushes) + len(chosen) + 1 == most:
            chosen.append(visit)
            left = others
    return tuple(chosen)


def _width(visits: Collection[int], pushes: Mapping[int, set[int]]) -> int:
    """The size of a largest set of which none pushes another."""
    pushed_by: dict[int, int] = {}

    def matched(visit: int, met: set[int]) -> bool:
        for other in sorted(pushes[visit].intersection(visits) - met):
            met.add(other)
            if other not in pushed_by or matched(pushed_by[other], met):
                pushed_by[other] = visit
                return True
        return False

    return len(visits) - sum(matched(visit, set()) for visit in visits)
