"""What is written once and counted out: `{n}`, `{n-1}`, `{3*n+4}`, `{n:2}` in the texts of a repeated table."""

from __future__ import annotations

import re
from math import prod

from planner.protocols.faults import Unreadable, shown

HOLE = re.compile(r"\{([^{}]*)\}")
PRODUCT = r"(?:n|\d{1,4})(?:\s*\*\s*(?:n|\d{1,4}))*"
SUM = re.compile(rf"\s*[+-]?\s*{PRODUCT}(?:\s*[+-]\s*{PRODUCT})*\s*")
TERM = re.compile(rf"([+-]?)\s*({PRODUCT})")
LONGEST_SUM = 40
LARGEST = 9999
A_SUM = "Write n and whole numbers with + - *, such as {n}, {n-1} or {3*n+4}, or {n:2} for 01"


def filled(value: object, n: int | None) -> object:
    """The value with each `{...}` in its texts counted out for `n`; None: nothing is repeated here."""
    if isinstance(value, str):
        return HOLE.sub(lambda hole: _counted(hole[1], n), value)
    if isinstance(value, list):
        return [filled(part, n) for part in value]
    if isinstance(value, dict):
        return {key: filled(part, n) for key, part in value.items()}
    return value


def pattern(template: str) -> re.Pattern[str]:
    """What the texts look like that a template gives; possessive, so that no text is slow to compare."""
    return re.compile(r"-?\d++".join(map(re.escape, HOLE.split(template)[::2])))


def _counted(hole: str, n: int | None) -> str:
    written = shown("{" + hole + "}")
    if n is None:
        raise Unreadable(f"{written} stands in a table that is not repeated", "Add repeat = ..., or write ( ) for { }")
    words, _, width = hole.partition(":")
    if len(hole) > LONGEST_SUM or SUM.fullmatch(words) is None or not re.fullmatch(r"\s*[1-9]?\s*", width):
        raise Unreadable(f"{written} cannot be counted", A_SUM)
    found = sum(_product(term, n) * (-1 if sign == "-" else 1) for sign, term in TERM.findall(words))
    if abs(found) > LARGEST:
        raise Unreadable(f"{written} is larger than {LARGEST} for n = {n}", "Write a smaller sum")
    return str(found).zfill(int(width.strip() or 1))


def _product(term: str, n: int) -> int:
    return prod(n if factor.strip() == "n" else int(factor) for factor in term.split("*"))
