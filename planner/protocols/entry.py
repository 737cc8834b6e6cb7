"""One table of a protocol file, read key by key; what is left over or of the wrong kind is a fault."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from planner.core import patients
from planner.core.protocol import NOTHING, Source, Text
from planner.protocols import grammar
from planner.protocols.faults import Spot, Unreadable, shown
from planner.protocols.names import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.core.protocol import Anchor
    from planner.protocols.faults import Faults
    from planner.protocols.names import Names

LANGUAGES = ("en", *(language for language in patients.LANGUAGES if language != "en"))
"""English, which is always there, then the others."""

TAGS = ("S", "P", "R", "Rk", "A")
LARGEST = 9999
MOST_IN_LIST = 100
INVISIBLE = {"Cc", "Cf", "Cs"}
IN_QUOTES = "Write it in quotes"

T = TypeVar("T")


@dataclass
class Reading:
    """What the reading of one file gathers: its faults, its codes, and the keys that each kind of table knows."""

    faults: Faults
    names: Names
    keys: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))


class Entry:
    """A table with its spot in the file; each `take` marks a key as known.

    Keys that came from another table (an exception, a visit that this one is like) keep their spot there.
    """

    def __init__(self, data: object, spot: Spot, reading: Reading, origins: Mapping[str, Spot] | None = None) -> None:
        self.data: dict[str, object] = data if isinstance(data, dict) else {}
        self.refused: set[str] = set()
        self._lacking: list[tuple[str, str, str]] = []
        self.spot, self.reading, self.origins = spot, reading, origins or {}
        self.known = reading.keys[tuple(part for part in spot.path if isinstance(part, str))]
        self.is_table = isinstance(data, dict)
        if not self.is_table:
            reading.faults.add(spot, f"a table was expected, not {shown(data)}", "Write it as { name = value }")

    def at(self, key: str) -> Spot:
        """The spot of a key of this table, or of the table itself."""
        return self.origins.get(key) or (self.spot.at(key) if key else self.spot)

    def fault(self, key: str, what: str, mend: str) -> None:
        """Note a fault at a key of this table, or at the table itself; nothing more of what is no table."""
        if self.is_table:
            self.reading.faults.add(self.at(key), what, mend)

    def lacks(self, key: str, what: str, mend: str) -> None:
        """Note that a key of this table is not there; `done` says so, unless a slip of the pen stands for it."""
        self._lacking.append((key, what, mend))

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self.known.add(key)
        return key in self.data

    def take(self, key: str, read: Callable[[object], T], default: T, *, required: bool = False) -> T:
        """The key's value through `read`; what is unreadable becomes a fault and gives the default."""
        if not self.has(key):
            if required and key not in self.refused:
                self.lacks(key, f"{key} is missing", f"Add {key} = ...")
            return default
        try:
            return read(self.data[key])
        except Unreadable as error:
            self.refuse(key, error)
            return default

    def refuse(self, key: str, error: Unreadable) -> None:
        """Note that a key is there and cannot be read."""
        self.refused.add(key)
        self.known.add(key)
        self.fault(key, error.what, error.mend)

    def words(self, key: str, *, required: bool = False) -> Text:
        """Words by language: a table, or one string for English."""
        return self.take(key, text, NOTHING, required=required)

    def line(self, key: str, default: str = "", *, required: bool = False) -> str:
        """One string."""
        return self.take(key, string, default, required=required)

    def lines(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one."""
        return self.take(key, strings, ())

    def yes(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return self.take(key, boolean, default)

    def choice(self, key: str, choices: tuple[str, ...], default: str, *, required: bool = False) -> str:
        """One of a few words."""
        found = self.line(key, default, required=required)
        if found in choices or not isinstance(self.data.get(key), str):
            return found
        self.reading.faults.unknown(self.at(key), found, choices)
        return default

    def code(self, kind: Kind, key: str = "code") -> str:
        """The code that this table defines; empty where it cannot be read."""
        found = self.take(key, grammar.code, "", required=True)
        if found:
            self.reading.names.define(kind, found, self.spot)
        return found

    def word(self, key: str) -> str:
        """A word that the file chooses freely, such as a calendar's."""
        return self.take(key, grammar.code, "")

    def raw(self, key: str) -> str:
        """The text at a key as it stands; empty where there is none."""
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def name(self, key: str, kind: Kind, *, required: bool = False) -> str:
        """The code of something that is defined elsewhere."""
        found = self.take(key, grammar.code, "", required=required)
        if found:
            self.use(key, kind, found)
        return found

    def anchor(self, key: str, default: Anchor) -> Anchor:
        """What a timing counts from."""
        found = self.take(key, grammar.anchor, default)
        if found is not default:
            self.use(key, Kind.DAY, *found.codes)
        return found

    def use(self, key: str, kind: Kind, *codes: str) -> None:
        """Note that a key uses codes that are defined elsewhere."""
        self.reading.names.use(kind, codes, self.at(key))

    def entry(self, key: str) -> Entry | None:
        """A table within this one."""
        return Entry(self.data[key], self.at(key), self.reading) if self.has(key) else None

    def entries(self, key: str) -> list[Entry]:
        """A list of tables, or one table; the place counts from 1."""
        if not self.has(key):
            return []
        value = self.data[key]
        if not isinstance(value, list):
            return [Entry(value, self.at(key), self.reading)]
        return [Entry(row, nth(self.at(key), k), self.reading) for k, row in enumerate(value)]

    def sources(self) -> tuple[Source, ...]:
        """The source tags: `source = {tag = "A", citation = "..."}`, a list of such, or the tag alone."""
        if isinstance(self.data.get("source"), str):
            return (Source(self.choice("source", TAGS, "A")),)
        sources = []
        for row in self.entries("source"):
            sources.append(Source(row.choice("tag", TAGS, "A", required=True), row.line("citation")))
            row.done()
        return tuple(sources)

    def done(self) -> None:
        """Note every key that is not there, and every key that nothing asked for, with the nearest one known."""
        strange = [key for key in self.data if key not in self.known]
        for key, what, mend in self._lacking if self.is_table else ():
            if not get_close_matches(key, strange[:MOST_IN_LIST], n=1):
                self.reading.faults.add(replace(self.spot, path=(*self.spot.path, key)), what, mend)
        for key in strange:
            self.reading.faults.unknown(self.at(key), key, self.known)


def nth(spot: Spot, k: int) -> Spot:
    """The spot of row `k` (from 0) of a list of tables."""
    return Spot(f"{spot.place} {k + 1}", (*spot.path, k), spot.number, spot.among)


def string(value: object) -> str:
    """A string that is not empty, without control characters, in NFC, at most 2,000 characters."""
    if not isinstance(value, str):
        raise Unreadable(f"{shown(value)} is no text", IN_QUOTES)
    if len(value) > grammar.LONGEST:
        raise Unreadable(f"this is longer than {grammar.LONGEST} characters", "Shorten it")
    clean = unicodedata.normalize("NFC", value).strip()
    if not clean.isprintable() and any(unicodedata.category(c) in INVISIBLE and c not in "\n\t" for c in clean):
        raise Unreadable("this holds a character that cannot be seen", "Delete it and type the words anew")
    if not clean:
        raise Unreadable("the text is empty", "Write the words, or leave the key out")
    return clean


def strings(value: object) -> tuple[str, ...]:
    """A list of strings, or one."""
    return tuple(string(v) for v in rows(value))


def rows(value: object) -> list[object]:
    """A list that is not too long, or what would stand in one."""
    if isinstance(value, list) and len(value) > MOST_IN_LIST:
        raise Unreadable(f"this list has {len(value)} entries", f"Write {MOST_IN_LIST} at most")
    return value if isinstance(value, list) else [value]


def text(value: object) -> Text:
    """Words by language; a string is English; English is needed."""
    if not isinstance(value, dict):
        return Text((("en", string(value)),))
    strange = next((language for language in value if language not in LANGUAGES), None)
    if strange is not None:
        mend = f"Use {', '.join(LANGUAGES)}; what belongs to the table above stands before its words"
        raise Unreadable(f"{shown(strange)} is no language of this planner", mend)
    if "en" not in value:
        raise Unreadable("the words in English are missing", 'Add en = "..."; the other languages may be left out')
    return Text(tuple((language, string(value[language])) for language in LANGUAGES if language in value))


def boolean(value: object) -> bool:
    """True or false, and nothing else."""
    if not isinstance(value, bool):
        raise Unreadable(f"{shown(value)} is neither true nor false", "Write true or false, without quotes")
    return value


def whole(value: object) -> int:
    """A whole number of at most four digits, or one that was counted out of a text with {n}."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,4}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise Unreadable(f"{shown(value)} is no whole number from -{LARGEST} to {LARGEST}", "Write it as 1 or 14")
    return value
