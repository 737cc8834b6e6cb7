"""What a closure does to the booked visits of a site, in words: its numbers, and a row for each one that changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from planner.exports.agenda import booked_for
from planner.exports.naming import listed, name
from planner.exports.replanning import notes_of, window_of
from planner.exports.sentences import deviation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from typing import Protocol as Shape

    from planner.core.deviations import Deviation
    from planner.core.disruption import NewDays
    from planner.core.facts import Fact
    from planner.core.lines import Line

    class Numbers(Shape):
        """A disruption, as far as its numbers need it."""

        @property
        def parts(self) -> tuple[object, ...]: ...
        @property
        def stuck(self) -> tuple[object, ...]: ...
        @property
        def hit(self) -> int: ...
        @property
        def changing(self) -> int: ...
        @property
        def shifting(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One booking that changes: where it was, and the day, time and place that it gets."""

    code: str
    name: str
    hit: bool
    old: str
    day: date
    new: str
    window: str
    broken: bool
    notes: tuple[str, ...]


def numbers(found: Numbers) -> str:
    """`12 patients, 23 bookings hit; 31 bookings change; shifting everything would change 96.`."""
    who, hit = _counted(len(found.parts), "patient"), _counted(found.hit, "booking")
    change = f"{_counted(found.changing, 'booking')} change{'s' if found.changing == 1 else ''}"
    told = f"{who}, {hit} hit; {change}; shifting everything would change {found.shifting}."
    if not found.stuck:
        return told
    lost = _counted(len(found.stuck), "patient")
    return f"{told} {lost} {'has' if len(found.stuck) == 1 else 'have'} a visit without a legal day, not counted."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def rows(given: NewDays, units: Mapping[str, str]) -> tuple[Row, ...]:
    """The bookings of one patient that change, in the order of their new days."""
    facts = given.facts.visits if given.facts is not None else {}
    found = (_row(given, code, facts[code], units) for code in given.changed)
    return tuple(sorted(found, key=lambda row: row.day))


def _row(given: NewDays, code: str, fact: Fact, units: Mapping[str, str]) -> Row:
    found, visit = given.proposal, given.proposal.before.by_code[code]
    line = next((line for line in found.lines if line.code == code), None)
    window, broken = window_of(line) if line is not None else ("as before", False)
    notes = notes_of(found, _without_what_is_said(line, code in given.hit)) if line is not None else ()
    lost = visit.fact is not None and visit.fact.at is not None and fact.at is None
    return Row(
        code,
        listed([name(found.before.protocol, one) for one in found.before.facts.attendance(code)]),
        code in given.hit,
        booked_for(visit, units),
        cast("date", fact.day),
        booked_for(replace(visit, fact=fact), units),
        window,
        broken,
        (*notes, *(("no time is free: agree on one",) if lost else ())),
    )


def _without_what_is_said(line: Line, hit: bool) -> Line:  # noqa: FBT001  # of this row alone
    """Of a booking that is hit it stands beside its day that this is closed; and there is no room on it for that."""
    full = tuple(day for day in line.full if day != line.old)
    return replace(line, met=() if hit else line.met, full=full)


def declared(given: NewDays) -> tuple[str, ...]:
    """What is to be declared with a reason: `FOLFOX 5 (C5D1): 4 days late, window 28 Apr to 1 May 2025`."""
    return _told(given, given.declared)


def expected(given: NewDays) -> tuple[str, ...]:
    """What is only to be expected of visits that nobody has booked."""
    return _told(given, given.expected)


def _told(given: NewDays, broken: Iterable[Deviation]) -> tuple[str, ...]:
    after = given.proposal.after
    if after is None:
        return ()
    return tuple(f"{name(after.protocol, one.visit)}: {deviation(after, one)}" for one in broken)


def stands_on(given: NewDays, code: str) -> str:
    """`FOLFOX 1 (C1D1) stands on Day 1, and only a change of that date moves it.`."""
    protocol = given.proposal.before.protocol
    named = protocol.date_under.get(code)
    if named is None:
        return f"{name(protocol, code)} gets no other day or place here: choose one on its own page."
    date_of = protocol.date_of[named].name.into("en")
    return f"{name(protocol, code)} stands on {date_of}, and only a change of that date moves it."
