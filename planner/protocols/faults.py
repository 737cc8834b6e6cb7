"""What is wrong with a protocol file: all of it at once, each with its place and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from planner.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]|\s*\[\s*(\w+)\s*\]")


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
        return f"{where}: {self.what}. {self.mend}."


class ProtocolRefused(Refused):
    """The file cannot be planned by; `faults` holds everything that is wrong with it."""

    def __init__(self, file: str, faults: tuple[Fault, ...]) -> None:
        super().__init__("protocol_refused", file=file, faults=faults)
        self.file = file
        self.faults = faults


class Faults:
    """The faults met so far, without repetitions, with the lines of the file's tables."""

    def __init__(self, text: str) -> None:
        self.found: dict[Fault, None] = {}
        self.lines = _table_lines(text)

    def add(self, place: str, what: str, mend: str, table: tuple[str, int] | None = None) -> None:
        """Note one fault; `table` is the kind and number (from 0) of the file's table it lies in."""
        line = self.lines.get(table) if table is not None else None
        self.found[Fault(place, what, mend, line)] = None

    def __bool__(self) -> bool:
        return bool(self.found)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the known word most like `word`, or the list of what is known."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?".rstrip("?")
    shown = ", ".join(words[:12]) + (" ..." if len(words) > 12 else "")  # noqa: PLR2004  # a line's worth
    return f"Use one of: {shown}" if words else "Nothing of this kind is defined in the file"


def _table_lines(text: str) -> dict[tuple[str, int], int]:
    """The line (from 1) of each table header, by kind and number."""
    lines: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = HEADER.match(line)
        if match:
            kind = match[1] or match[2]
            lines[kind, counts.get(kind, 0)] = number
            counts[kind] = counts.get(kind, 0) + 1
    return lines
