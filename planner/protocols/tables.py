"""From the bytes of a file to its tables; a table that is not TOML is told and left out, so the others are checked.

Only two things make a TOML parser slow or large: keys of very many parts, and nesting. Both are bounded here.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from planner.protocols.faults import Spot
from planner.protocols.names import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.protocols.entry import Reading

LARGEST = 262_144
DEEPEST = 12
MOST_PARTS = 20
MOST_REREAD = 1_000_000
HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([A-Za-z0-9_-]+)[ \t]*\]\]?[ \t]*(?:#.*)?")
CODE = re.compile(r"""^[ \t]*(?:code|id)[ \t]*=[ \t]*["']([^"'\n]{1,60})""", re.MULTILINE)
QUOTED = re.compile(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*""")
LONG_KEY = re.compile(rf"(?<![\w\-])(?:[\w\-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")
KINDS = tuple(kind.value for kind in Kind)
SAID = (
    (r"Expected '=' after a key|Invalid statement|Invalid initial character", "this is not written as name = value"),
    (r"Unterminated string|Illegal character '\\n'", "a quotation mark is missing at the end of a text"),
    (r"Unclosed array", "a square bracket ] or a comma is missing in a list"),
    (r"Unclosed inline table|Expected '}'", "a brace } or a comma is missing in { ... }"),
    (r"Expected ']", "a square bracket ] is missing at the end of the heading"),
    (r"Invalid value", "what stands after = is no text in quotes, number, true, false, [list] or {table}"),
    (r"Expected newline or end of document", "something stands after the end of this value"),
    (r"Cannot overwrite|Cannot declare|Cannot mutate|Duplicate inline|Redefinition", "this is given twice"),
    (r"Unescaped '\\'|Invalid hex value", "a backslash stands in the text; write it twice, or use / instead"),
    (r"Found invalid character|Illegal character", "a character that cannot be seen stands here"),
)


class Wrong(NamedTuple):
    """What a TOML parser says of a text, and on which line (from 1)."""

    said: str
    line: int


class Tables(NamedTuple):
    """What a file says, and its text without what is no TOML; every line keeps its number."""

    data: dict[str, object]
    text: str


def text_of(content: bytes, reading: Reading) -> str | None:
    """The file's text, with or without a byte order mark; None, and a fault, where it is none."""
    if len(content) > LARGEST:
        what, mend = f"the file is larger than {LARGEST // 1024} kB", "Write what repeats once, with [[repeat]]"
    elif not content.strip(b"\xef\xbb\xbf \t\r\n"):
        what, mend = "the file is empty", "Start from the example in docs/protocol-format.md"
    elif b"\0" in content:
        what, mend = "the file is no text, or not saved as UTF-8", "Save the protocol as text, in the encoding UTF-8"
    else:
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            reading.faults.add(Spot("file", line=line), "a letter here is not saved as UTF-8", "Save the file as UTF-8")
            return None
    reading.faults.add(Spot("file"), what, mend)
    return None


def tables_of(text: str, reading: Reading) -> Tables | None:
    """Every table that is TOML; the others are told. None where nothing can be read at all."""
    bare = QUOTED.sub("q", text)
    long = LONG_KEY.search(bare)
    if long is not None:
        line = bare.count("\n", 0, long.start()) + 1
        reading.faults.add(Spot("file", line=line), "a name has far too many parts", "Write it without the points")
        return None
    found: dict[str, object] | Wrong | None
    try:
        found = _parsed(text)
        if isinstance(found, Wrong):
            found = _parsed(text := _sound(text, reading))
    except (RecursionError, ValueError):
        found = None
    if isinstance(found, Wrong):
        return None
    if found is not None and not _too_deep(found):
        return Tables(found, text)
    what = "lists or tables are nested far too deep, or a number is far too long"
    reading.faults.add(Spot("file"), what, "Write it as in docs/protocol-format.md")
    return None


def _parsed(text: str) -> dict[str, object] | Wrong:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column \d+\)$", str(error))
        said = str(error).removesuffix(place[0] if place else "").strip(" (")
        return Wrong(said, int(place[1]) if place else 1)


def _sound(text: str, reading: Reading) -> str:
    """The text without the tables that are not TOML: first each by itself, then those that clash with others."""
    lines = text.split("\n")
    for start, end in list(_blocks(lines)):
        found = _parsed("\n".join(lines[start:end]))
        if isinstance(found, Wrong):
            _leave_out(lines, start, end, Wrong(found.said, start + found.line), reading)
    for _ in range(max(MOST_REREAD // len(text), 1)):
        found = _parsed("\n".join(lines))
        if not isinstance(found, Wrong):
            break
        start, end = next(block for block in _blocks(lines) if found.line <= block[1])
        _leave_out(lines, start, end, found, reading)
    return "\n".join(lines)


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First line (from 0) and end of each table with what belongs to it, and of what stands before the first."""
    starts = [k for k, line in enumerate(lines) if k == 0 or HEADER.fullmatch(line)]
    yield from zip(starts, [*starts[1:], len(lines)], strict=True)


def _leave_out(lines: list[str], start: int, end: int, wrong: Wrong, reading: Reading) -> None:
    """Note the fault of a table, and what would have been in it, so that nothing else is said for want of it."""
    block = "\n".join(lines[start:end])
    header, codes = HEADER.fullmatch(lines[start]), CODE.findall(block)
    kind = header[1] if header else "format"
    name = f"{kind} {codes[0]!r}" if codes and header else kind
    words = next((words for pattern, words in SAID if re.match(pattern, wrong.said)), f"no TOML: {wrong.said}")
    reading.faults.add(Spot(name, line=wrong.line), words, "Mend this line or the one before it")
    if kind in KINDS and codes:
        reading.names.lose(Kind(kind), codes[0])
    elif kind not in KINDS:
        reading.faults.mute(kind)
    lines[start:end] = [""] * (end - start)


def _too_deep(data: object) -> bool:
    level = [data]
    for _ in range(DEEPEST):
        level = [part for value in level for part in _parts(value)]
    return bool(level)


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
