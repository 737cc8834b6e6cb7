"""Protocol files gone wrong: mutated bytes, lines, keys and values; what the reader and the planner make of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.protocols.faults import ProtocolRefused
from planner.protocols.reader import examine

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_FAULT = 10_000
OPEN = Calendar(frozenset({5, 6}))
VALUE = re.compile(r"(?<== )(\"[^\"\n]*\"|-?\d+|true|false)")
KEY = re.compile(r"(?<![\w\"])([a-z_]+)(?= = )")


def _words(text: str) -> list[str]:
    """The words of a text; two spaces, or a new line, lie between two of them."""
    return [word for word in re.split(r"  +|\n", text) if word]


ODD_VALUES = _words(r"""
0  -1  1  3  99  7300  9999  -9999  99999999999999999999  1e999  nan  1.5  true  false  ""  []  {}  [[]]  ["yes"]
2025-01-01  12:30:00  "yes"  "{n}"  "{n*n*n}"  "{9999*9999}"  "{n-1}"  "1..200"  "1, 1"  "200..1"  "1..9999"  "open"
"7..25 by 3"  "1..6 by 0"  "hard"  "absolute"  "window"  "flag"  "drop"  "last"  "ideal"  "day 0"  "12 months"
"-3 months"  "99 years"  "5 working days"  "0 h"  "-260 working days"  "7000 days"  "-7000 days"  "46 h"  "3 min"
"9999-1 h"  "C1D1"  "C{n}D1"  "C{n+1}D1"  "RES"  "day_one"  "registration"  "any"  "clinic"  "last of C1D1..C6D1"
"first of N1..N3"  "sixth of N1, N2"  "each of C1D1..C6D1"  "Größe"  "end of RES"  "A1..A200"  "resectable=no"
"A1..A200, B1..B200, C1..C200"  "C1D1 < C2D1 < C1D1"  "C6D1 < C1D1"  "resectable=yes|no"  "resectable="  "\u202e"
{ en = "a", xx = "b" }  { tag = "Z" }  { day = 57, before = 1, after = "open" }
{ anchor = "C6D1", day = 0, skipped = "last" }  { anchor = "end of RES", offset = "10 working days" }
{ anchor = "RES", offset = "1 month", before = "1 month", after = 3, strength = "hard" }
""")
LONG_VALUES = ("0x" + "f" * 9000, '"' + "x" * 3000 + '"', '"' + "a, " * 500 + '"', "[" * 60 + "]" * 60, "1" * 5000)
ODD_LINES = _words(r"""
[[encounter]]  [encounter]  [[rule]]  [[date]]  [[repeat]]  [[encounter.exception]]  [encounter.timing]  [protocol]
[a.b.c]  key =  key  = 3  key = "  '''  #  repeat = "cycle"  like = "SC1"  numbers = 1  ahead = 1  format = 2
until = "resectable=no"  order = "RES < C1D1"  at_most = "1 day"  visit = "N1"
""")
LONG_LINES = (
    "x" * 300 + " = 1",
    "a." * 30 + "b = 1",
    "a = " + "[" * 2000,
    "a = " + "{b=" * 300,
    "# \x00",
    "\ufeff",
    '"""',
)
ODD_BYTES = (b"\0", b"\xff", b"\xc3", b"\r", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\x1b[31m", bytes(range(128, 137)))


def mutants(sources: list[str], count: int, seed: int):
    """Files with one to six faults each, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(sources)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            text = chance.choice(MUTATIONS)(text, chance)
        yield _bytes(text.encode("utf-8", "surrogatepass"), chance)


def outcome(content: bytes) -> str:
    """What becomes of a file: refused, or planned from some day; anything else raises."""
    try:
        protocol, doubts = examine(content, "mutant.toml")
    except ProtocolRefused as refused:
        readable = refused.faults and all(len(str(fault)) < LONGEST_FAULT for fault in refused.faults)
        return "refused" if readable else "refused without a readable reason"
    if any(len(str(doubt)) >= LONGEST_FAULT for doubt in doubts):
        return "doubted without a readable reason"
    start = date(2024, 1, 31) + timedelta(days=len(content) % 700)
    dates = {named.code: start - timedelta(days=k) for k, named in enumerate(protocol.dates)}
    plan(protocol, Facts(dates=dates), OPEN)
    plan(protocol, Facts(dates={protocol.reference: start}), Calendar(), start + timedelta(days=50))
    return "planned"


def outcomes(contents: Iterable[bytes]) -> Counter[str]:
    """How many files were refused and how many planned."""
    return Counter(map(outcome, contents))


def slowest(contents: Iterable[bytes]) -> float:
    """The longest time in seconds that the reading of one file takes."""
    longest = 0.0
    for content in contents:
        start = perf_counter()
        with suppress(ProtocolRefused):
            examine(content, "mutant.toml")
        longest = max(longest, perf_counter() - start)
    return longest


def _bytes(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.9:
        return content
    place = chance.randrange(len(content) + 1)
    odd = chance.choice(
        (b"\0", b"\xff", b"\xc3", b"\r", b"\xe2\x80\xae", bytes(chance.randrange(256) for _ in range(9)))
    )
    return chance.choice(
        (content[:place], content[:place] + odd + content[place:], b"\xef\xbb\xbf" + content, odd + content)
    )


def _odd(short, long, chance: random.Random) -> str:
    return chance.choice(long if chance.random() < 0.1 else short)


def _blocks(text: str) -> list[str]:
    return re.split(r"(?m)^(?=\[\[?\w+\]\]?$)", text)


def _delete_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    k = chance.randrange(len(lines))
    return "".join(lines[:k] + lines[k + 1 :])


def _repeat_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    k = chance.randrange(len(lines))
    return "".join(lines[: k + 1] + lines[k:])


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "".join(lines)


def _odd_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    k = chance.randrange(len(lines) + 1)
    return "".join([*lines[:k], _odd(ODD_LINES, LONG_LINES, chance) + "\n", *lines[k:]])


def _change_block(text: str, chance: random.Random) -> str:
    blocks = _blocks(text)
    a, b = chance.randrange(len(blocks)), chance.randrange(len(blocks))
    change = chance.choice(("delete", "repeat", "swap", "many"))
    if change == "delete":
        del blocks[a]
    elif change == "repeat":
        blocks.insert(b, blocks[a])
    elif change == "many":
        blocks[a] = (blocks[a].rstrip() + "\n") * 50
    else:
        blocks[a], blocks[b] = blocks[b], blocks[a]
    return "".join(blocks)


def _odd_value(text: str, chance: random.Random) -> str:
    return _instead(VALUE, text, _odd(ODD_VALUES, LONG_VALUES, chance), chance)


def _other_value(text: str, chance: random.Random) -> str:
    values = VALUE.findall(text)
    return _instead(VALUE, text, chance.choice(values), chance) if values else text


def _other_key(text: str, chance: random.Random) -> str:
    keys = KEY.findall(text)
    return _instead(KEY, text, chance.choice(keys), chance) if keys else text


def _other_number(text: str, chance: random.Random) -> str:
    number = chance.choice((0, 1, 2, 7, 14, 28, 99, 126, 400, 3000, 12345))
    return _instead(re.compile(r"\d+"), text, str(number), chance)


def _other_letter(text: str, chance: random.Random) -> str:
    k = chance.randrange(len(text)) if text else 0
    return text[:k] + chance.choice("abcN{}[]\"'=.,\\\n#é\u200b\ud800") + text[k + 1 :]


def _instead(pattern: re.Pattern[str], text: str, word: str, chance: random.Random) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = chance.choice(found)
    return text[: place.start()] + word + text[place.end() :]


MUTATIONS = (
    _delete_line, _repeat_line, _swap_lines, _odd_line, _change_block, _odd_value, _odd_value, _odd_value, _other_value,
    _other_value, _other_key, _other_number, _other_number, _other_letter,
)  # fmt: skip
