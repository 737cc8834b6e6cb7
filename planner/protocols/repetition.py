"""Repetition: a table written once becomes one table for each number of its repetition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.protocol import Instance
from planner.protocols import grammar
from planner.protocols.entry import Entry
from planner.protocols.faults import Spot, Unreadable
from planner.protocols.names import Kind
from planner.protocols.template import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.core.protocol import Block

OWN = ("repeat", "numbers", "exception")
NOT_IN_EXCEPTIONS = ("code", "repeat", "exception")


@dataclass(frozen=True, slots=True)
class Repetition:
    """A block with the numbers that stand for n; the core counts them from 1."""

    block: Block
    numbers: tuple[int, ...]


Made = tuple[Entry, Instance | None]


def instances(entries: list[Entry], repetitions: Mapping[str, Repetition], most: int) -> list[Made]:
    """Each table as often as its repetition says, with {n} filled in and its exceptions applied.

    Neighbouring tables of one repetition alternate, number by number, so that the order stays that of the study.
    """
    found: list[Made] = []
    for group in _neighbours(entries):
        rows = [row for entry in group for row in _rows(entry, repetitions)]
        rows.sort(key=lambda row: row[1].number if row[1] is not None else 0)
        if len(found) + len(rows) > most:
            group[0].fault("", f"with this one there are more than {most} such tables", "Write or repeat fewer")
            return found
        found += rows
    return found


def _neighbours(entries: list[Entry]) -> Iterator[list[Entry]]:
    group: list[Entry] = []
    for entry in entries:
        if group and (entry.data.get("repeat") is None or entry.data["repeat"] != group[-1].data.get("repeat")):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _rows(entry: Entry, repetitions: Mapping[str, Repetition]) -> list[Made]:
    entry.known.update(OWN)
    if not entry.has("repeat"):
        for key in ("numbers", "exception"):
            if entry.has(key):
                entry.fault(key, f"{key} stands in a table that is not repeated", "Add repeat = ..., or take it out")
        return [_made(entry, [], None, None)]
    repetition = repetitions.get(entry.name("repeat", Kind.REPEAT))
    if repetition is None:
        _lost(entry)
        return []
    chosen = _within(entry, repetition, repetition.numbers)
    exceptions = [_exception(row, repetition) for row in entry.entries("exception")]
    spot = replace(entry.spot, among=chosen)
    places = {n: place for place, n in enumerate(repetition.numbers, start=1)}
    rows = []
    for n in chosen:
        instance = Instance(repetition.block.code, places[n], entry.raw("code"))
        rows.append(_made(Entry(entry.data, replace(spot, number=n), entry.reading), exceptions, n, instance))
    return rows


def _lost(entry: Entry) -> None:
    entry.reading.names.lose(Kind(str(entry.spot.path[0])), entry.raw("code"))


def _within(entry: Entry, repetition: Repetition, default: tuple[int, ...]) -> tuple[int, ...]:
    """The `numbers` of a table or of an exception, all of which its repetition must have."""
    found = entry.take("numbers", grammar.numbers, default)
    strange = [n for n in found if n not in repetition.numbers]
    if strange:
        what = f"{strange[0]} is no number of the repetition {repetition.block.code!r}"
        entry.fault("numbers", what, f"Its numbers run from {repetition.numbers[0]} to {repetition.numbers[-1]}")
    return tuple(n for n in found if n in repetition.numbers)


def _exception(entry: Entry, repetition: Repetition) -> tuple[tuple[int, ...], Entry]:
    entry.known.add("numbers")
    if "numbers" not in entry.data:
        entry.fault("", "numbers is missing", 'Add numbers = "1" to say for which it holds')
    for key in NOT_IN_EXCEPTIONS:
        if key in entry.data:
            entry.fault(key, f"{key} cannot be an exception", "Take it out of the exception")
    return _within(entry, repetition, ()), entry


def _made(
    entry: Entry, exceptions: list[tuple[tuple[int, ...], Entry]], n: int | None, instance: Instance | None
) -> Made:
    """The table for one number: its exceptions in place of its own keys, and {n} filled in."""
    data = {key: value for key, value in entry.data.items() if key not in OWN}
    origins: dict[str, Spot] = {}
    for numbers, exception in exceptions:
        if n in numbers:
            changed = {
                key: value for key, value in exception.data.items() if key not in ("numbers", *NOT_IN_EXCEPTIONS)
            }
            data.update(changed)
            origins.update({key: replace(exception.at(key), number=n, among=numbers) for key in changed})
    made = Entry({}, entry.spot, entry.reading, origins)
    made.is_table = entry.is_table
    made.data = {}
    for key, value in data.items():
        try:
            made.data[key] = filled(value, n)
        except Unreadable as error:
            made.refuse(key, error)
    return made, instance
