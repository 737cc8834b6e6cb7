"""Text in columns: cells wrapped to a width in terminal columns, wide and combining characters counted as shown."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING
from unicodedata import category, combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def shown_width(text: str) -> int:
    """Terminal columns that the text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if combining(character) or category(character) in ("Cc", "Cf", "Me", "Mn"):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def visible(text: str) -> str:
    """The text on one line, without characters that move the cursor or turn the reading order."""
    return "".join(c for c in " ".join(text.split()) if category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs"))


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken between words and, where a word is too long, inside it."""
    lines, line = [], ""
    for word in _pieces(visible(text), width):
        joined = f"{line} {word}" if line else word
        if line and shown_width(joined) > width:
            lines.append(line)
            line = word
        else:
            line = joined
    return [*lines, line]


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        piece = ""
        for character in word:
            if shown_width(piece + character) > width:
                yield piece
                piece = ""
            piece += character
        yield piece


def row(cells: Sequence[tuple[str, int]], *, gap: int = 2, indent: int = 0) -> list[str]:
    """One row of cells, each wrapped in its own width, as lines without trailing space."""
    columns = [wrapped(text, width) for text, width in cells]
    widths = [width for _, width in cells]
    lines = []
    for parts in zip_longest(*columns, fillvalue=""):
        padded = [part + " " * (width - shown_width(part)) for part, width in zip(parts, widths, strict=True)]
        lines.append((" " * indent + (" " * gap).join(padded)).rstrip())
    return lines


def paragraph(text: str, width: int, *, lead: str = "") -> list[str]:
    """The text after `lead`, its later lines indented as far as the first."""
    room = shown_width(lead)
    first, *rest = wrapped(text, width - room)
    return [lead + first, *(" " * room + line for line in rest)]
