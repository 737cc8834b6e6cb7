"""Repetition: a table written once becomes one table for each number of its block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.protocol import Instance
from planner.protocols import grammar
from planner.protocols.entry import Entry
from planner.protocols.faults import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.protocol import Block


def instances(entries: list[Entry], blocks: tuple[Block, ...], most: int) -> list[tuple[Entry, Instance | None]]:
    """Each table as often as its block says, with {n} filled in and its exceptions applied.

    Neighbouring tables of one block alternate, number by number, so that the order stays that of the study.
    """
    found: list[tuple[Entry, Instance | None]] = []
    for group in _neighbours(entries):
        block = _block(group[0], blocks)
        rows = [(number, entry) for entry in group for number in _numbers(entry, block)]
        if block is not None:
            rows.sort(key=lambda row: row[0] or 0)
        if len(found) + len(rows) > most:
            group[0].fault("repeat", f"comes to more than {most} entries in all", "Repeat fewer times")
            return found
        found += [_instance(entry, block, number) for number, entry in rows]
    return found


def _neighbours(entries: list[Entry]) -> Iterator[list[Entry]]:
    group: list[Entry] = []
    for entry in entries:
        if group and (entry.data.get("repeat") is None or entry.data.get("repeat") != group[-1].data.get("repeat")):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _block(entry: Entry, blocks: tuple[Block, ...]) -> Block | None:
    name = entry.line("repeat")
    found = next((block for block in blocks if block.code == name), None)
    if name and found is None:
        entry.fault("repeat", f"{name!r} is not defined", nearest(name, [block.code for block in blocks]))
    return found


def _numbers(entry: Entry, block: Block | None) -> tuple[int | None, ...]:
    entry.known.update({"repeat", "numbers", "exception"})
    if block is None:
        return (None,)
    everything = tuple(range(block.first, block.last + 1))
    chosen = entry.take("numbers", grammar.numbers, everything)
    if not set(chosen) <= set(everything):
        entry.fault("numbers", f"{chosen} goes beyond {block.first}..{block.last}", f"Stay within {block.code!r}")
    return tuple(n for n in everything if n in chosen)


def _instance(entry: Entry, block: Block | None, number: int | None) -> tuple[Entry, Instance | None]:
    data = {key: value for key, value in entry.data.items() if key not in ("repeat", "numbers", "exception")}
    for exception in entry.entries("exception"):
        nothing: tuple[int, ...] = ()
        covered = exception.take("numbers", grammar.numbers, nothing, required=True)
        if number in covered:
            data.update({key: value for key, value in exception.data.items() if key != "numbers"})
    template = str(entry.data.get("code", ""))
    place = entry.place if number is None else f"{entry.place} for n = {number}"
    made = Entry({}, place, entry.faults, entry.table)
    try:
        made.data = {key: _filled(value, number) for key, value in data.items()}
    except ValueError as error:
        made.fault("", str(error), "Write {n} only in an entry with repeat, as a sum of n and whole numbers")
    return made, Instance(block.code, number, template) if block and number is not None else None


def _filled(value: object, number: int | None) -> object:
    if isinstance(value, str):
        return grammar.fill(value, number)
    if isinstance(value, list):
        return [_filled(part, number) for part in value]
    if isinstance(value, dict):
        return {key: _filled(part, number) for key, part in value.items()}
    return value
