"""Protocol files gone wrong: mutated bytes, lines, keys and values, and what the reader and the planner make of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date, timedelta

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.protocols.faults import ProtocolRefused
from planner.protocols.reader import parse

OPEN = Calendar(frozenset({5, 6}))
VALUE = re.compile(r"(?<== )(\"[^\"\n]*\"|-?\d+|true|false)")
KEY = re.compile(r"(?<![\w\"])([a-z_]+)(?= = )")
ODD_VALUES = (
    "0", "-1", "1", "3", "99", "7300", "9999", "-9999", "99999999999999999999", "0x" + "f" * 9000, "1e999", "nan", "1.5",
    "true", "false", '""', '" "', "[]", "{}", "[[]]", '["yes"]', "2025-01-01", "12:30:00", '"yes"', '"{n}"', '"{n*n*n}"',
    '"{9999*9999}"', '"{n-1}"', '"1..200"', '"1, 1"', '"200..1"', '"1..9999"', '"3..24 by 3"', '"1..6 by 0"', '"open"',
    '"hard"', '"absolute"', '"window"', '"flag"', '"drop"', '"last"', '"ideal"', '"day 0"', '"12 months"', '"-3 months"',
    '"99 years"', '"5 working days"', '"-260 working days"', '"7000 days"', '"-7000 days"', '"46 h"', '"0 h"', '"3 min"',
    '"9999-1 h"', '"C1D1"', '"C{n}D1"', '"C{n+1}D1"', '"RES"', '"day_one"', '"registration"', '"any"', '"clinic"',
    '"last of C1D1..C6D1"', '"first of N1..N3"', '"sixth of N1, N2"', '"each of C1D1..C6D1"', '"end of RES"', '"A1..A200"',
    '"A1..A200, B1..B200, C1..C200"', '"C1D1 < C2D1 < C1D1"', '"C6D1 < C1D1"', '"resectable=no"', '"resectable=yes|no"',
    '"resectable="', '"Größe"', '"\\u202e"', '"' + "x" * 3000 + '"', '"' + "a, " * 500 + '"', '"\U0001f600"',
    '{ en = "a", xx = "b" }', '{ tag = "Z" }', '{ day = 57, before = 1, after = "open" }', "[" * 60 + "]" * 60,
    '{ anchor = "RES", offset = "1 month", before = "1 month", after = 3, strength = "hard" }',
    '{ anchor = "C6D1", day = 0, skipped = "last" }', '{ anchor = "end of RES", offset = "10 working days" }',
)  # fmt: skip
ODD_LINES = (
    "[[encounter]]", "[encounter]", "[[rule]]", "[[date]]", "[[repeat]]", "[[encounter.exception]]", "[encounter.timing]",
    "[protocol]", "[a.b.c]", "x" * 300 + " = 1", "a." * 30 + "b = 1", "a = " + "[" * 2000, "a = " + "{b=" * 300, '"""', "'''",
    "# \x00", "\ufeff", "= 3", "key", "key =", 'key = "', 'repeat = "cycle"', 'like = "SC1"', "numbers = 1", "ahead = 1",
    'until = "resectable=no"', "format = 2", 'order = "RES < C1D1"', 'at_most = "1 day"', 'visit = "N1"',
)  # fmt: skip


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
        protocol = parse(content, "mutant.toml")
    except ProtocolRefused as refused:
        assert refused.faults
        assert all(0 < len(str(fault)) < 10_000 for fault in refused.faults)
        return "refused"
    start = date(2024, 1, 31) + timedelta(days=len(content) % 700)
    dates = {named.code: start - timedelta(days=k) for k, named in enumerate(protocol.dates)}
    plan(protocol, Facts(dates=dates), OPEN)
    plan(protocol, Facts(dates={protocol.reference: start}), Calendar(), start + timedelta(days=50))
    return "planned"


def outcomes(sources: list[str], count: int, seed: int) -> Counter[str]:
    """How many mutants were refused and how many planned."""
    return Counter(outcome(content) for content in mutants(sources, count, seed))


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


def _blocks(text: str) -> list[str]:
    return re.split(r"(?m)^(?=\[\[?\w+\]\]?$)", text)


def _delete_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines)) :][:1]
    k = chance.randrange(len(lines))
    return "".join(lines[:k] + lines[k + 1 :])


def _repeat_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    k = chance.randrange(len(lines))
    return "".join(lines[: k + 1] * 1 + lines[k:])


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "".join(lines)


def _odd_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    k = chance.randrange(len(lines) + 1)
    return "".join([*lines[:k], chance.choice(ODD_LINES) + "\n", *lines[k:]])


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
    return _instead(VALUE, text, chance.choice(ODD_VALUES), chance)


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
