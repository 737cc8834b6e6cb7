"""The small words of a protocol file: spans, durations, ranges, anchors, orders, and {n} in templates.

Each function takes what the file says and raises ValueError with what is wrong; the caller knows the place.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

from planner.core.days import Span, Unit
from planner.core.protocol import Anchor, Condition

if TYPE_CHECKING:
    from collections.abc import Callable

CODE = r"[A-Za-z0-9](?:[A-Za-z0-9_+\-]|\.(?!\.))*"
MOST_DAYS = 7300
MOST_WORKING_DAYS = 260
MOST_REPETITIONS = 200
UNITS = {"day": Unit.DAYS, "week": Unit.WEEKS, "month": Unit.MONTHS, "year": Unit.MONTHS}
PICKS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5, "last": -1}
OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def span(value: object) -> Span:
    """`14`, `"14 days"`, `"-2 weeks"`, `"3 months"`, `"1 year"`, `"5 working days"`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _bounded(Span(value), str(value))
    match = re.fullmatch(r"\s*([+-]?\d{1,6})\s*(working\s+)?(day|week|month|year)s?\s*", str(value))
    if match is None or (match[2] and match[3] != "day"):
        hint = "; planning is by day, so write the elapsed hours as clock" if "h" in str(value) else ""
        raise ValueError(f"{value!r} is no span such as '14 days', '2 weeks', '3 months' or '5 working days'{hint}")
    amount = int(match[1])
    if match[2]:
        return _bounded(Span(amount, Unit.WORKING_DAYS), str(value))
    return _bounded(Span(amount * 12 if match[3] == "year" else amount, UNITS[match[3]]), str(value))


def _bounded(found: Span, written: str) -> Span:
    days = {Unit.MONTHS: 31}.get(found.unit, 1) * abs(found.amount if found.days is None else found.days)
    if days > (MOST_WORKING_DAYS if found.unit is Unit.WORKING_DAYS else MOST_DAYS):
        most = f"{MOST_DAYS} days or {MOST_WORKING_DAYS} working days"
        raise ValueError(f"{written!r} is longer than this planner counts: at most {most}")
    return found


def minutes(value: object) -> int:
    """`"46 h"`, `"2.5 h"`, `"30 min"`."""
    match = re.fullmatch(r"\s*(\d{1,4}(?:\.\d{1,2})?)\s*(h|hours?|min|minutes?)\s*", str(value))
    if match is None:
        raise ValueError(f"{value!r} is no duration such as '46 h', '2.5 h' or '30 min'")
    return round(float(match[1]) * (60 if match[2].startswith("h") else 1))


def duration(value: object) -> tuple[int, int]:
    """Least and most minutes of `"4.5 h"` or `"6-8 h"`."""
    match = re.fullmatch(r"\s*([\d.]+)\s*-\s*([\d.]+)\s*([a-z]+)\s*", str(value))
    low, high = (f"{match[1]} {match[3]}", f"{match[2]} {match[3]}") if match else (value, value)
    least, most = minutes(low), minutes(high)
    if most < least:
        raise ValueError(f"{value!r} ends before it begins")
    return least, most


def numbers(value: object) -> tuple[int, ...]:
    """`3`, `"3"`, `"2..6"`, `"1, 3..5"`."""
    found: list[int] = []
    for part in str(value).split(","):
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:\.\.\s*(\d{1,4}))?\s*", part)
        if match is None:
            raise ValueError(f"{value!r} is no list of numbers such as '2..6' or '1, 3..5'")
        low, high = int(match[1]), int(match[2] or match[1])
        if high < low or high - low >= MOST_REPETITIONS:
            raise ValueError(f"{part.strip()!r} runs backwards or has more than {MOST_REPETITIONS} numbers")
        found += range(low, high + 1)
    return tuple(found)


def codes(text: str) -> tuple[str, ...]:
    """`"C1D1"`, `"C1D1..C6D1"`, `"N1, N2"`: a range counts up the one number in which its ends differ."""
    found: list[str] = []
    for part in text.split(","):
        ends = re.fullmatch(rf"\s*({CODE})\s*(?:\.\.\s*({CODE}))?\s*", part)
        if ends is None:
            raise ValueError(f"{part.strip()!r} is no code such as 'C1D1' and no range such as 'C1D1..C6D1'")
        found += _range(ends[1], ends[2]) if ends[2] else [ends[1]]
    return tuple(found)


def _range(start: str, end: str) -> list[str]:
    head, tail = re.split(r"(\d+)", start), re.split(r"(\d+)", end)
    differ = [k for k, pair in enumerate(zip(head, tail, strict=False)) if pair[0] != pair[1]]
    if len(head) != len(tail) or len(differ) != 1 or not head[differ[0]].isdigit():
        raise ValueError(f"'{start}..{end}' is no range: its ends must differ in one number only")
    low, high = int(head[differ[0]][:6]), int(tail[differ[0]][:6])
    if high < low or high - low >= MOST_REPETITIONS:
        raise ValueError(f"'{start}..{end}' runs backwards or is longer than {MOST_REPETITIONS}")
    return ["".join([*head[: differ[0]], str(n), *head[differ[0] + 1 :]]) for n in range(low, high + 1)]


def anchor(value: object) -> Anchor:
    """`"C1D1"`, `"end of RES"`, `"last of C1D1..C6D1"`, `"second of N1..N3"`."""
    text = str(value)
    match = re.fullmatch(r"\s*(?:(start|end) of )?\s*(?:(\w+) of )?\s*(.+?)\s*", text)
    if not isinstance(value, str) or match is None or (match[2] or "first") not in PICKS:
        raise ValueError(f"{text!r} is no anchor such as 'C1D1', 'end of RES', 'last of C1D1..C6D1'")
    found = codes(match[3])
    if match[2] is None and len(found) > 1:
        raise ValueError(f"{text!r} names several: write 'last of {match[3]}' or 'first of {match[3]}'")
    return Anchor(found, PICKS[match[2] or "first"], match[1] == "end")


def each(value: object) -> tuple[Anchor, ...]:
    """`"each of C1D1..C6D1"` as one anchor per code, or one anchor."""
    match = re.fullmatch(r"\s*each of (.+)", str(value))
    return tuple(Anchor((code,)) for code in codes(match[1])) if match else (anchor(value),)


def order(value: object) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """`"SC1 <= REG < C1D1"`: the codes, and for each step whether the same day is excluded."""
    parts = re.split(r"(<=|<)", str(value))
    chain = tuple(part.strip() for part in parts[::2])
    if len(chain) < 2 or not all(re.fullmatch(CODE, code) for code in chain):  # noqa: PLR2004
        raise ValueError(f"{value!r} is no order such as 'SC1 <= REG < C1D1'")
    return chain, tuple(sign == "<" for sign in parts[1::2])


def fill(text: str, n: int | None) -> str:
    """The text with each `{...}` counted out: n, whole numbers, + - *."""

    def value(match: re.Match[str]) -> str:
        return str(_evaluate(match[1], n))

    return re.sub(r"\{([^{}]*)\}", value, text)


def _evaluate(expression: str, n: int | None) -> int:
    wrong = f"'{{{expression}}}' is no sum of n and whole numbers such as {{n}}, {{n-1}} or {{3*n+4}}"
    if n is None:
        raise ValueError(f"'{{{expression}}}' stands in an entry without repeat")
    if len(expression) > 40:  # noqa: PLR2004  # longer than any sum a person would write here
        raise ValueError(wrong)
    try:
        return _sum(ast.parse(expression.strip(), mode="eval").body, n)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(wrong) from error


def _sum(node: ast.expr, n: int) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) <= MOST_DAYS:
        return node.value
    if isinstance(node, ast.Name) and node.id == "n":
        return n
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_sum(node.left, n), _sum(node.right, n))
    raise ValueError(f"'{{{ast.unparse(node)}}}' is no sum of n and whole numbers such as {{n-1}} or {{3*n+4}}")


def code(value: object) -> str:
    """A code: letters, digits, and . _ + - inside."""
    found = codes(str(value))
    if len(found) != 1:
        raise ValueError(f"{value!r} is no single code")
    return found[0]


def condition(value: object) -> Condition:
    """`"resectable=yes"`, or `"stage=II|III"` for any of several values."""
    name, sign, values = str(value).partition("=")
    if not sign or not values.strip():
        raise ValueError(f"{value!r} is no condition such as 'resectable=yes' or 'stage=II|III'")
    return Condition(code(name), tuple(part.strip() for part in values.split("|")))


def conditions(value: object) -> tuple[Condition, ...]:
    """One condition or a list of which all must hold."""
    return tuple(condition(part) for part in (value if isinstance(value, list) else [value]))
