"""One table of a protocol file, read key by key; what is left over or of the wrong kind is a fault."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar

from planner.core.protocol import NOTHING, Source, Text
from planner.protocols.faults import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.protocols.faults import Faults

LANGUAGES = ("en", "nl", "fr", "de")
TAGS = ("S", "P", "R", "Rk", "A")
LONGEST = 2000

T = TypeVar("T")


class Entry:
    """A table with its place in the file; each `take` marks a key as known."""

    def __init__(self, data: object, place: str, faults: Faults, table: tuple[str, int] | None = None) -> None:
        self.data: Mapping[str, object] = data if isinstance(data, dict) else {}
        self.place, self.faults, self.table = place, faults, table
        self.known: set[str] = set()
        if not isinstance(data, dict):
            self.fault("", f"a table was expected, not {data!r:.60}", "Write its keys as name = value")

    def fault(self, key: str, what: str, mend: str) -> None:
        """Note a fault at a key of this table."""
        self.faults.add(f"{self.place}, {key}" if key else self.place, what, mend, self.table)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self.known.add(key)
        return key in self.data

    def take(self, key: str, read: Callable[[object], T], default: T, *, required: bool = False) -> T:
        """The key's value through `read`; a ValueError becomes a fault and gives the default."""
        if not self.has(key):
            if required:
                self.fault(key, "is missing", f"Add {key} = ...")
            return default
        try:
            return read(self.data[key])
        except ValueError as error:
            self.fault(key, str(error), "See docs/protocol-format.md for the ways to write it")
            return default

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
        if found in choices or (required and not self.has(key)):
            return found
        self.fault(key, f"{found!r} is not known here", nearest(found, choices))
        return default

    def entry(self, key: str) -> Entry | None:
        """A table within this one."""
        return Entry(self.data[key], f"{self.place}, {key}", self.faults, self.table) if self.has(key) else None

    def entries(self, key: str) -> list[Entry]:
        """A list of tables, or one table; the place counts from 1."""
        if not self.has(key):
            return []
        value = self.data[key]
        rows = value if isinstance(value, list) else [value]
        return [Entry(row, f"{self.place}, {key} {k}", self.faults, self.table) for k, row in enumerate(rows, start=1)]

    def sources(self) -> tuple[Source, ...]:
        """The source tags: `source = {tag = "A", citation = "..."}`, a list of such, or the tag alone."""
        found = self.data.get("source")
        rows = self.entries("source") if not isinstance(found, str) else []
        if isinstance(found, str):
            rows = [Entry({"tag": found}, f"{self.place}, source", self.faults, self.table)]
            self.known.add("source")
        sources = []
        for row in rows:
            sources.append(Source(row.choice("tag", TAGS, "A", required=True), row.line("citation")))
            row.done()
        return tuple(sources)

    def done(self) -> None:
        """Note every key that nothing asked for, with the nearest one that is known."""
        for key in self.data:
            if key not in self.known:
                self.fault(key, f"{key!r} is not known here", nearest(key, self.known))


def string(value: object) -> str:
    """A string without control characters, in NFC, at most 2,000 characters."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.60} is no text; write it in quotes")  # noqa: TRY004  # one kind for the caller
    clean = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in "\n\t" for c in clean):
        raise ValueError("contains a control character; delete it")
    if len(clean) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters; shorten it")
    return clean


def strings(value: object) -> tuple[str, ...]:
    """A list of strings, or one."""
    return tuple(string(v) for v in value) if isinstance(value, list) else (string(value),)


def text(value: object) -> Text:
    """Words by language; a string is English; English is needed."""
    if not isinstance(value, dict):
        return Text((("en", string(value)),))
    unknown = [language for language in value if language not in LANGUAGES]
    if unknown or "en" not in value:
        raise ValueError(f"needs words for en, and may have them for {', '.join(LANGUAGES[1:])} only")
    return Text(tuple((language, string(value[language])) for language in LANGUAGES if language in value))


def boolean(value: object) -> bool:
    """True or false, and nothing else."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r:.60} is neither true nor false")  # noqa: TRY004  # one kind for the caller
    return value


def whole(value: object) -> int:
    """A whole number of at most four digits."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 9999:  # noqa: PLR2004
        raise ValueError(f"{value!r:.60} is no whole number such as 1 or 14")
    return value
