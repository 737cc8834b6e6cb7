"""Which comes first: codes in an order in which each follows those that it waits for."""

from __future__ import annotations

from graphlib import TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def ordered(waits: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The codes, each after those that it waits for, else as given; ValueError on a circle.

    What is waited for and is no code of its own is there already.
    """
    place = {code: k for k, code in enumerate(waits)}
    sorter = TopologicalSorter({code: on & waits.keys() for code, on in waits.items()})
    sorter.prepare()
    ready: list[tuple[int, str]] = []
    order: list[str] = []
    while sorter.is_active():
        for code in sorter.get_ready():
            heappush(ready, (place[code], code))
        order.append(heappop(ready)[1])
        sorter.done(order[-1])
    return tuple(order)
