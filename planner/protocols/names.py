"""The codes that a protocol file defines and uses; each one that is unknown is said once."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.protocols.faults import shown
from planner.protocols.template import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.protocols.faults import Faults, Spot
    from planner.protocols.lines import Path


class Kind(StrEnum):
    """What a code names; ANSWER is a decision with one of its values, DAY whatever a visit can count from."""

    DATE = "date"
    VISIT = "encounter"
    DAY = "day"
    EPOCH = "epoch"
    DECISION = "decision"
    ANSWER = "answer"
    REPEAT = "repeat"
    RULE = "rule"


ANYTHING = re.compile(".*", re.DOTALL)
MOST_NAMED = 3
PARTS = {Kind.DAY: (Kind.DATE, Kind.VISIT)}
"""Named dates and encounters share their codes, since a visit can count from either."""


class Names:
    """What is defined and what is used, gathered while the file is read."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._defined: dict[Kind, dict[str, Spot]] = {kind: {} for kind in Kind}
        self._used: dict[tuple[Kind, str], dict[Spot, None]] = {}
        self._lost: list[tuple[Kind, re.Pattern[str]]] = []

    def define(self, kind: Kind, code: str, spot: Spot) -> None:
        """Note that the key at `spot` defines `code`; a fault where another table does."""
        other = next((self._defined[k][code] for k in _rivals(kind) if code in self._defined[k]), None)
        if other is None:
            self._defined[kind][code] = spot
        elif other.path == spot.path and kind is not Kind.RULE:
            self._faults.add(spot, f"the {_key(kind)} is the same for every n", "Put {n} into it")
        elif other.path != spot.path:
            self._faults.spoil(other)
            line = self._faults.line(other)
            where = f"{other.place} on line {line}" if line is not None else other.place
            self._faults.add(spot, f"the {_key(kind)} is taken by {where}", f"Give each its own {_key(kind)}")

    def lose(self, kind: Kind, template: str) -> None:
        """Note that a table which would have defined this code, or these, could not be read."""
        self._lost.append((kind, pattern(template)))

    def lose_all(self, kind: Kind) -> None:
        """Note that no table of this kind could be read."""
        self._lost.append((kind, ANYTHING))

    def lost(self, kind: Kind) -> bool:
        """Whether some table of this kind could not be read."""
        return any(lost is kind for lost, _ in self._lost)

    def use(self, kind: Kind, codes: Iterable[str], spot: Spot) -> None:
        """Note that `codes` are used at `spot`."""
        for code in filter(None, codes):
            self._used.setdefault((kind, code), {})[spot] = None

    def settle(self) -> None:
        """Note a fault for the codes that are used and not defined, where they are used first."""
        first: dict[tuple[Kind, Path], dict[str, tuple[Spot, ...]]] = {}
        for (kind, code), spots in self._used.items():
            if code not in self._known(kind) and not self._lost_with(kind, code):
                first.setdefault((kind, next(iter(spots)).path), {})[code] = tuple(spots)
        for (kind, path), codes in first.items():
            self._unknown(kind, path, codes)

    def _unknown(self, kind: Kind, path: Path, codes: dict[str, tuple[Spot, ...]]) -> None:
        tables = {self._faults.spoil(spot) for spots in codes.values() for spot in spots}
        names = ", ".join(map(shown, list(codes)[:MOST_NAMED]))
        others = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
        what = f"{names}{others} {'is' if len(codes) == 1 else 'are'} not defined in the file"
        elsewhere = len(tables) - 1
        if elsewhere:
            what += f"; used in {elsewhere} more {'table' if elsewhere == 1 else 'tables'}"
        here = [spot for spots in codes.values() for spot in spots if spot.path == path]
        for spot in here:
            if len({other.number for other in here}) < len(spot.among):
                self._faults.add(spot, what, "Write an exception for the numbers where it is not")
            else:
                self._faults.unknown(spot, next(iter(codes)), self._known(kind), what)

    def unused(self) -> Iterator[tuple[Kind, str, Spot]]:
        """Epochs, decisions, repetitions and named dates that nothing uses."""
        used = {(part, code) for kind, code in self._used for part in PARTS.get(kind, (kind,))}
        for kind in (Kind.DATE, Kind.EPOCH, Kind.DECISION, Kind.REPEAT):
            yield from ((kind, code, spot) for code, spot in self._defined[kind].items() if (kind, code) not in used)

    def spot(self, kind: Kind, code: str) -> Spot:
        """Where `code` is defined, or another by the same code."""
        return next(self._defined[k][code] for k in _rivals(kind) if code in self._defined[k])

    def _known(self, kind: Kind) -> dict[str, Spot]:
        return {code: spot for part in PARTS.get(kind, (kind,)) for code, spot in self._defined[part].items()}

    def _lost_with(self, kind: Kind, code: str) -> bool:
        if kind is Kind.ANSWER and code.partition("=")[0] not in self._defined[Kind.DECISION]:
            return True
        kinds = PARTS.get(kind, (kind,))
        return any(lost in kinds and words.fullmatch(code) for lost, words in self._lost)


def _rivals(kind: Kind) -> tuple[Kind, ...]:
    return next((parts for parts in PARTS.values() if kind in parts), (kind,))


def _key(kind: Kind) -> str:
    return "id" if kind is Kind.RULE else "code"
