"""What a person types on the command line, as values; each refusal says what was typed and how to write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import click

from planner.core.calendar import Because, Closure
from planner.core.days import EARLIEST, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
NAME = r"[^=\s]{1,80}"


class Typed(click.ParamType["T"], Generic[T]):
    """An option read by a function whose ValueError is the refusal."""

    def __init__(self, name: str, read: Callable[[str], T]) -> None:
        self.name = name
        self.read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        """The value, or a refusal that names the option."""
        try:
            return self.read(str(value))
        except ValueError as error:
            option = param.opts[0] if param is not None else self.name
            raise click.UsageError(f"{option}: {error}", ctx) from error


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with a day; `last` ends a stay, `at` is a local time.

    `offset` is the distance from UTC, needed only in the hour that the clocks repeat.
    """

    code: str
    day: date
    last: date | None = None
    at: time | None = None
    offset: timedelta | None = None


def day(text: str) -> date:
    """`2025-03-03`, from 1900 to 2199."""
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{text!r:.60} is no date; write it as 2025-03-03")
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"{text} is outside the years {EARLIEST.year} to {LATEST.year}; check the year")
    return found


def days(text: str) -> tuple[date, date]:
    """`2025-04-14` or `2025-04-14..2025-04-18`, both inclusive."""
    first, dots, last = text.partition("..")
    found = day(first), day(last if dots else first)
    if found[1] < found[0]:
        raise ValueError(f"{text} ends before it begins; swap the two dates")
    return found


def named(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    match = re.fullmatch(rf"({NAME})=(\S.*)", text)
    if match is None:
        raise ValueError(f"{text!r:.60} has no name and value; write it with an equals sign, such as C1D1=2025-03-03")
    return match[1], match[2]


def dated(text: str) -> Coded:
    """`day_one=2025-03-03`."""
    code, value = named(text)
    return Coded(code, day(value))


def lasting(text: str) -> Coded:
    """`C1D1=2025-03-03`, or for a stay `RES=2025-06-16..2025-06-23`."""
    code, value = named(text)
    first, last = days(value)
    return Coded(code, first, last if ".." in value else None)


def timed(text: str) -> Coded:
    """`C1D1=2025-03-03`, `C1D1=2025-03-03T09:30`, or with its distance from UTC `...T02:30+02:00`."""
    code, value = named(text)
    clock = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)([+-]\d\d:\d\d)?", value)
    if clock is None:
        return Coded(code, day(value))
    try:
        read = datetime.fromisoformat(f"2000-01-01T{clock[2]}{clock[3] or ''}")
    except ValueError as error:
        raise ValueError(f"{value!r:.60} has a time that no clock shows; write it as 2025-03-03T09:30") from error
    return Coded(code, day(clock[1]), None, read.time(), read.utcoffset())


def relative(text: str) -> tuple[str, int | date]:
    """`registration=D-7`: seven days before Day 1; or a date."""
    name, value = named(text)
    match = re.fullmatch(r"D([+-]\d{1,4})?", value)
    if match is None and not value[:1].isdigit():
        raise ValueError(f"{value!r:.60} is neither days from Day 1, such as D-7, nor a date such as 2025-02-24")
    return name, int(match[1] or 0) if match else day(value)


def closure(text: str) -> Closure:
    """Days on which the site is closed."""
    return Closure(*days(text), Because.CLOSURE)


def absence(text: str) -> Closure:
    """Days on which the patient is away."""
    return Closure(*days(text), Because.ABSENCE)


def instant(text: str) -> datetime:
    """`2025-03-03T09:00Z`: a moment with its distance from UTC; a date alone is midnight UTC."""
    try:
        found = datetime.fromisoformat(text if "T" in text else f"{day(text)}T00:00Z")
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r:.60} is no moment; write it as 2025-03-03T09:00Z") from error
    if found.tzinfo is None:
        raise ValueError(f"{text!r:.60} has no distance from UTC; write it as {text}Z")
    if not EARLIEST.year < found.year < LATEST.year:
        raise ValueError(f"{text} is outside the years {EARLIEST.year} to {LATEST.year}; check the year")
    return found.astimezone(UTC)


def words(text: str) -> str:
    """Words that can be printed: no control characters, and no bytes that are no text."""
    if not text.isprintable():
        raise ValueError(f"{text!r:.60} has characters that cannot be printed; type it again")
    return text
