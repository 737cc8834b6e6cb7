"""What is wrong with a protocol file: all of it at once, each with its place and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from heapq import nlargest
from typing import TYPE_CHECKING

from planner.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_FAULTS = 100
"""More than a person mends before checking again."""
MOST_SHOWN = 12
MOST_COMPARED = 50
LONGEST_WORD = 60
SHORT = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and how to mend it."""

    place: str
    what: str
    mend: str
    line: int | None = None

    def __str__(self) -> str:
        """As one line: place, what, mend."""
        where = f"line {self.line}, {self.place}" if self.line is not None else self.place
        return f"{where}: {self.what}. {self.mend}{'' if self.mend[-1] in '?.' else '.'}"


class ProtocolRefused(Refused):
    """The file cannot be planned by; `faults` holds everything that is wrong with it, from top to bottom."""

    def __init__(self, file: str, faults: tuple[Fault, ...]) -> None:
        super().__init__("protocol_refused", file=file, faults=faults)
        self.file = file
        self.faults = faults


class Unreadable(ValueError):
    """A value that is not what its key asks for; the caller knows the place."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: in words, as a path of keys and numbers, and which repetition of which ones."""

    place: str
    path: tuple[str | int, ...] = ()
    number: int | None = None
    among: tuple[int, ...] = ()
    line: int | None = None

    def at(self, key: str) -> Spot:
        """The spot of a key of the table that stands here."""
        return replace(self, place=f"{self.place}, {key}" if self.place else key, path=(*self.path, key))


class Faults:
    """The faults met so far, without repetitions; what is the same for every repetition is said once."""

    def __init__(self, line_of: Callable[[tuple[str | int, ...]], int | None]) -> None:
        self.line_of = line_of
        self._numbers: dict[tuple[Spot, str, str], set[int | None]] = {}
        self._spoiled: set[tuple[str | int, ...]] = set()
        self._mute: set[str | int] = set()
        self._beyond = 0

    def add(self, spot: Spot, what: str, mend: str) -> None:
        """Note one fault."""
        self.spoil(spot)
        if spot.path and spot.path[0] in self._mute:
            return
        key = (replace(spot, number=None), what, mend)
        if key not in self._numbers and len(self._numbers) >= MOST_FAULTS:
            self._beyond += 1
        else:
            self._numbers.setdefault(key, set()).add(spot.number)

    def unknown(self, spot: Spot, word: str, known: Iterable[str], what: str = "") -> None:
        """Note a word that is not known, with the known one most like it."""
        if len(self._numbers) < MOST_FAULTS:
            self.add(spot, what or f"{shown(word)} is not known here", nearest(word, known))
        else:
            self._beyond += 1

    def mute(self, kind: str) -> None:
        """Say nothing more of the tables of this kind: one of them could not be read at all."""
        self._mute.add(kind)

    def spoil(self, spot: Spot) -> tuple[str | int, ...]:
        """Note that the table in which the spot lies is not to be planned by; its path."""
        self._spoiled.add(spot.path[:2])
        return spot.path[:2]

    def spoiled(self, spot: Spot) -> bool:
        """Whether the table in which the spot lies has a fault."""
        return spot.path[:2] in self._spoiled

    def line(self, spot: Spot) -> int | None:
        """The line of the file on which the spot, or the table around it, begins."""
        return spot.line if spot.line is not None else self.line_of(spot.path)

    @property
    def found(self) -> tuple[Fault, ...]:
        """Every fault, as the file runs."""
        faults = [self._fault(*key, numbers) for key, numbers in self._numbers.items()]
        if self._beyond:
            faults.append(Fault("file", f"{self._beyond} more faults are not shown", "Mend these first"))
        return tuple(sorted(faults, key=lambda fault: fault.line or 0))

    def _fault(self, spot: Spot, what: str, mend: str, numbers: set[int | None]) -> Fault:
        some = sorted(n for n in numbers if n is not None)
        which = f", for n = {', '.join(map(str, some))}" if some and len(some) < len(spot.among) else ""
        return Fault((spot.place or "file") + which, what, mend, self.line(spot))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the known word most like `word`, or the list of what is known."""
    words = sorted(known)
    sought = word[:LONGEST_WORD].casefold()
    folded = {other.casefold(): other for other in words}
    likely = nlargest(
        MOST_COMPARED, folded, key=lambda other: len({*sought} & {*other}) - abs(len(sought) - len(other))
    )
    close = get_close_matches(sought, likely, n=1, cutoff=0.5 if len(sought) <= SHORT else 0.6)
    if close:
        return f"Did you mean {shown(folded[close[0]])}?"
    if not words:
        return "Define it first"
    return f"Use one of: {', '.join(words[:MOST_SHOWN])}" + (" ..." if len(words) > MOST_SHOWN else "")


def shown(value: object) -> str:
    """A value as the file has it, in at most a line; never fails, however large the value is."""
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_WORD else value[:LONGEST_WORD] + "...")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 10**LONGEST_WORD else "a huge number"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value)
