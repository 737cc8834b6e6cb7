"""The small words of a protocol file: spans, durations, numbers, codes, anchors, orders and conditions.

Each function takes what the file says and raises Unreadable with what is wrong; the caller knows the place.
"""

from __future__ import annotations

import re

from planner.core.days import Span, Unit
from planner.core.protocol import Anchor, Condition
from planner.protocols.faults import Unreadable, shown

CODE = r"[A-Za-z0-9](?:[A-Za-z0-9_+\-]|\.(?!\.))*"
MOST_DAYS = 7320
"""20 years."""
MOST_WORKING_DAYS = 260
MOST_REPETITIONS = 200
MOST_CODES = 400
MOST_CONDITIONS = 8
LONGEST = 2000
LONGEST_CODE = 40
UNITS = {"day": Unit.DAYS, "week": Unit.WEEKS, "month": Unit.MONTHS, "year": Unit.MONTHS}
PICKS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5, "last": -1}
A_SPAN = "Write it as 14, '14 days', '2 weeks', '3 months', '1 year' or '5 working days'"
A_DURATION = "Write it as '46 h', '2.5 h', '30 min' or '6-8 h'"
NUMBERS = "Write them as '1..6', '1, 3..5' or '3..24 by 3'"
A_CODE = "Use letters, digits and . _ + - without spaces, such as C1D1"
CODES = "Write codes such as C1D1, with commas, or as a range such as C1D1..C6D1"
AN_ANCHOR = "Write it as 'C1D1', 'end of RES', 'first of N1..N3', 'second of N1..N3' or 'last of C1D1..C6D1'"
AN_ORDER = "Write it as 'SC1 <= REG < C1D1'"
A_CONDITION = "Write it as 'resectable=yes', or 'stage=II|III' for any of several"


def line(value: object, mend: str) -> str:
    """Text, as the words of this file need it; a number stands for itself."""
    if isinstance(value, int) and not isinstance(value, bool):
        return shown(value)
    if not isinstance(value, str):
        raise Unreadable(f"{shown(value)} is no text", mend)
    if len(value) > LONGEST:
        raise Unreadable(f"this is longer than {LONGEST} characters", "Shorten it")
    return value


def span(value: object) -> Span:
    """`14`, `"14 days"`, `"-2 weeks"`, `"3 months"`, `"1 year"`, `"5 working days"`."""
    written = line(value, A_SPAN)
    match = re.fullmatch(r"\s*([+-]?\d{1,6})\s*(?:(working\s+)?(day|week|month|year)s?)?\s*", written)
    if match is None and re.search(r"\d\s*(h|min)", written):
        what = f"{shown(value)} counts in hours, but visits are planned by day"
        raise Unreadable(what, "Write it in days, and the hours as clock = { anchor = ..., elapsed = '46 h' }")
    if match is None or (match[2] and match[3] != "day"):
        raise Unreadable(f"{shown(value)} is no number of days, weeks, months or working days", A_SPAN)
    amount = int(match[1])
    if match[2]:
        return _bounded(Span(amount, Unit.WORKING_DAYS))
    return _bounded(Span(amount * 12 if match[3] == "year" else amount, UNITS[match[3] or "day"]))


def _bounded(found: Span) -> Span:
    most = {Unit.MONTHS: 240, Unit.WORKING_DAYS: MOST_WORKING_DAYS}.get(found.unit, MOST_DAYS)
    if abs(found.amount if found.days is None else found.days) > most:
        what = f"Write at most 20 years ({MOST_DAYS} days) or {MOST_WORKING_DAYS} working days"
        raise Unreadable("this is longer than the planner counts", what)
    return found


def minutes(value: object) -> int:
    """`"46 h"`, `"2.5 h"`, `"30 min"`."""
    match = re.fullmatch(r"\s*(\d{1,4}(?:\.\d{1,2})?)\s*(h|hours?|min|minutes?)\s*", line(value, A_DURATION))
    if match is None:
        raise Unreadable(f"{shown(value)} is no number of hours or minutes", A_DURATION)
    return round(float(match[1]) * (60 if match[2].startswith("h") else 1))


def duration(value: object) -> tuple[int, int]:
    """Least and most minutes of `"4.5 h"` or `"6-8 h"`."""
    match = re.fullmatch(r"\s*([\d.]{1,7})\s*-\s*([\d.]{1,7})\s*([a-z]{1,7})\s*", line(value, A_DURATION))
    low, high = (f"{match[1]} {match[3]}", f"{match[2]} {match[3]}") if match else (value, value)
    least, most = minutes(low), minutes(high)
    if most < least:
        raise Unreadable(f"{shown(value)} ends before it begins", "Write the shorter time first")
    return least, most


def numbers(value: object) -> tuple[int, ...]:
    """`3`, `"2..6"`, `"1, 3..5"`, `"3..24 by 3, 30..60 by 6"`: rising numbers, each once."""
    found: list[int] = []
    for part in line(value, NUMBERS).split(","):
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:\.\.\s*(\d{1,4})\s*(?:by\s+(\d{1,3}))?)?\s*", part)
        if match is None:
            raise Unreadable(f"{shown(part.strip() or value)} is no list of numbers", NUMBERS)
        run = range(int(match[1]), int(match[2] or match[1]) + 1, max(int(match[3] or 1), 1))
        if not run or (found and run[0] <= found[-1]):
            raise Unreadable(f"{shown(value)} does not rise", "Write the numbers in rising order, each once")
        if len(found) + len(run) > MOST_REPETITIONS:
            what = f"{shown(value)} has more than {MOST_REPETITIONS} numbers"
            raise Unreadable(what, f"Repeat at most {MOST_REPETITIONS} times")
        found += run
    return tuple(found)


def codes(value: object, mend: str = CODES) -> tuple[str, ...]:
    """`"C1D1"`, `"C1D1..C6D1"`, `"N1, N2"`: a range counts up the one number in which its ends differ."""
    found: dict[str, None] = {}
    for part in line(value, mend).split(","):
        ends = re.fullmatch(rf"\s*({CODE})\s*(?:\.\.\s*({CODE}))?\s*", part)
        if ends is None or max(len(ends[1]), len(ends[2] or "")) > LONGEST_CODE:
            raise Unreadable(f"{shown(part.strip())} is no code", mend)
        more = _range(ends[1], ends[2]) if ends[2] else [ends[1]]
        twice = next((code for code in more if code in found), None)
        if twice is not None:
            raise Unreadable(f"{shown(twice)} stands there twice", "Name each code once")
        if len(found) + len(more) > MOST_CODES:
            raise Unreadable(f"these are more than {MOST_CODES} codes", "Name fewer")
        found.update(dict.fromkeys(more))
    return tuple(found)


def _range(start: str, end: str) -> list[str]:
    head, tail = re.split(r"(\d+)", start), re.split(r"(\d+)", end)
    differ = [k for k, pair in enumerate(zip(head, tail, strict=False)) if pair[0] != pair[1]]
    if len(head) != len(tail) or len(differ) != 1 or not head[differ[0]].isdigit():
        what = f"'{start}..{end}' is no range: its ends must differ in one number only"
        raise Unreadable(what, "Write ends such as C1D1..C6D1, or the codes one by one with commas")
    low, high, width = int(head[differ[0]]), int(tail[differ[0]]), len(head[differ[0]])
    if high < low or high - low >= MOST_REPETITIONS:
        what = f"'{start}..{end}' runs backwards or has more than {MOST_REPETITIONS} codes"
        raise Unreadable(what, "Write the lower end first")
    numbers = (str(n).zfill(width) for n in range(low, high + 1))
    return ["".join([*head[: differ[0]], number, *head[differ[0] + 1 :]]) for number in numbers]


def code(value: object) -> str:
    """One code: letters, digits, and . _ + - inside."""
    found = codes(value, A_CODE)
    if len(found) != 1:
        raise Unreadable(f"{shown(value)} names several", "Give one code")
    return found[0]


def anchor(value: object) -> Anchor:
    """`"C1D1"`, `"end of RES"`, `"last of C1D1..C6D1"`, `"second of N1..N3"`."""
    match = re.fullmatch(r"\s*(?:(start|end) of )?\s*(?:([a-z]+) of )?\s*(\S.*?)\s*", line(value, AN_ANCHOR))
    if match is None or (match[2] or "first") not in PICKS:
        raise Unreadable(f"{shown(value)} is nothing that a visit can count from", AN_ANCHOR)
    found = codes(match[3], AN_ANCHOR)
    if match[2] is None and len(found) > 1:
        raise Unreadable(f"{shown(value)} names several", f"Write 'last of {match[3]}' or 'first of {match[3]}'")
    pick = PICKS[match[2] or "first"]
    if pick >= len(found):
        raise Unreadable(f"there is no {match[2]} among {len(found)}", "Name more visits, or count less far")
    return Anchor(found, pick, match[1] == "end")


def each(value: object) -> tuple[Anchor, ...]:
    """`"each of C1D1..C6D1"` as one anchor per code, or one anchor."""
    match = re.fullmatch(r"\s*each of (.+)", line(value, AN_ANCHOR))
    return tuple(Anchor((code,)) for code in codes(match[1])) if match else (anchor(value),)


def order(value: object) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """`"SC1 <= REG < C1D1"`: the codes, and for each step whether the same day is excluded."""
    parts = re.split(r"(<=|<)", line(value, AN_ORDER))
    chain = tuple(part.strip() for part in parts[::2])
    if len(chain) < 2 or not all(re.fullmatch(CODE, code) for code in chain):  # noqa: PLR2004
        raise Unreadable(f"{shown(value)} is no order", AN_ORDER)
    if len(set(chain)) < len(chain):
        raise Unreadable(f"{shown(value)} names a visit twice", "Name each visit once")
    return chain, tuple(sign == "<" for sign in parts[1::2])


def condition(value: object) -> Condition:
    """`"resectable=yes"`, or `"stage=II|III"` for any of several values."""
    name, sign, values = line(value, A_CONDITION).partition("=")
    if not sign or not name.strip() or not values.strip():
        raise Unreadable(f"{shown(value)} is no condition", A_CONDITION)
    return Condition(name.strip(), tuple(part.strip() for part in values.split("|")))


def conditions(value: object) -> tuple[Condition, ...]:
    """One condition or a list of which all must hold."""
    parts = value if isinstance(value, list) else [value]
    if not 0 < len(parts) <= MOST_CONDITIONS:
        raise Unreadable(f"these are {len(parts)} conditions", f"Write 1 to {MOST_CONDITIONS}, or leave the key out")
    return tuple(condition(part) for part in parts)
