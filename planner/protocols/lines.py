"""On which line of a protocol file each table and each key stands; for messages, on text that TOML has accepted."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")'    # text over several lines
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}=.\n]"
    r"|[^\s\"'#\[\]{}=.]+",
    re.DOTALL,
)  # fmt: skip


class Lines:
    """The lines (from 1) of what stands in `text`, found when first asked for."""

    def __init__(self) -> None:
        self.text = ""
        self._lines: dict[Path, int] = {}

    def of(self, path: Path) -> int | None:
        """The line of what stands at `path`, else of the innermost table around it; None where there is none."""
        if not self._lines:
            self._lines = _lines_of(self.text)
        parts = (path[:length] for length in range(len(path), 0, -1))
        return next((self._lines[part] for part in parts if part in self._lines), None)


def _lines_of(text: str) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    rows: dict[Path, int] = {}
    table: Path = ()
    for line, words in _statements(text):
        if words[0] == "[":
            keys = [_bare(word) for word in words if word not in ("[", "]", ".")]
            table = _table(keys, rows, another=words[1] == "[")
            for path in (table[:-1], table):
                lines.setdefault(path, line)
        else:
            keys = [_bare(word) for word in takewhile(lambda word: word != "=", words) if word != "."]
            for length in range(1, len(keys) + 1):
                lines.setdefault((*table, *keys[:length]), line)
    return lines


def _table(keys: list[str], rows: dict[Path, int], *, another: bool) -> Path:
    """The path that a header opens: in the last row of each list of tables on the way."""
    path: Path = ()
    for key in keys[:-1]:
        path = (*path, key)
        path = (*path, rows[path]) if path in rows else path
    path = (*path, keys[-1])
    if another:
        rows[path] = rows.get(path, -1) + 1
        path = (*path, rows[path])
    return path


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each header and of each key with its value, with the line on which they begin."""
    line, depth = 1, 0
    start, words = 1, list[str]()
    for word in TOKEN.findall(text):
        if word == "\n" and depth == 0:
            if words:
                yield start, words
            words = []
        elif word != "\n" and not word.startswith("#"):
            start = start if words else line
            words.append(word)
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(word, 0)
        line += word.count("\n")
    if words:
        yield start, words


def _bare(word: str) -> str:
    return word[1:-1] if word[0] in "\"'" else word
