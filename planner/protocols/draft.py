"""The tables of a file as a `Protocol`, as far as they can be read; what cannot be read is noted and left empty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.protocol import Anchor, Block, Decision, Epoch, KeyVisit, NamedDate, Protocol
from planner.protocols import grammar
from planner.protocols.encounters import conditions, encounters
from planner.protocols.enrolment import enrolment
from planner.protocols.entry import Entry, nth, strings, whole
from planner.protocols.faults import Spot, Unreadable, shown
from planner.protocols.names import Kind
from planner.protocols.repetition import Repetition, instances
from planner.protocols.rules import MOST_PAIRS, rules
from planner.protocols.timing import Numbering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.core.protocol import Rule
    from planner.protocols.entry import Reading
    from planner.protocols.repetition import Made

MOST_TABLES = 400
MOST_WORDS = 500
MOST = {"date": 50, "epoch": 50, "decision": 50, "repeat": 50}
NUMBERINGS = {"day 1": 1, "day 0": 0}
NO_ANCHOR = Anchor(("",))


def protocol(data: dict[str, object], reading: Reading) -> Protocol:
    """The protocol of a file's tables."""
    top = Entry(data, Spot(""), reading)
    top.take("format", _format, 1, required=True)
    if not top.has("protocol"):
        what, mend = "the table [protocol] is missing", "Add it, with id, name, version, numbering and reference"
        top.lacks("protocol", what, mend)
        reading.faults.mute("protocol")
    head = Entry(data.get("protocol", {}), Spot("protocol", ("protocol",)), reading)
    first_day = NUMBERINGS[head.choice("numbering", tuple(NUMBERINGS), "day 1", required=True)]
    reference = head.name("reference", Kind.DATE, required=True)
    repetitions = _repetitions(top)
    epochs = tuple(_epoch(entry) for entry, _ in _repeated(top, "epoch", repetitions))
    anew = {epoch.code: epoch.numbered_from for epoch in epochs if epoch.numbered_from is not None}
    visits = _repeated(top, "encounter", repetitions)
    found = Protocol(
        id=head.line("id", required=True),
        name=head.line("name", required=True),
        version=head.line("version", required=True),
        title=head.words("title"),
        note=head.words("note"),
        first_day=first_day,
        reference=reference,
        dates=tuple(_date(entry) for entry, _ in _repeated(top, "date", repetitions)),
        epochs=epochs,
        decisions=tuple(_decision(entry) for entry, _ in _repeated(top, "decision", repetitions)),
        blocks=tuple(repetition.block for repetition in repetitions.values()),
        encounters=encounters(visits, Numbering(first_day, reference, anew)),
        rules=_rules(top, repetitions),
        key_visit=_key_visit(head.entry("key_visit")),
        enrolment=enrolment(top.entry("enrolment")),
    )
    head.done()
    top.done()
    return found


def _tables(top: Entry, kind: str) -> list[Entry]:
    """The file's tables of one kind, each with its place; its code, where it has one, names it."""
    if not top.has(kind):
        return []
    rows = top.data[kind]
    if not isinstance(rows, list):
        top.fault(kind, f"{kind} is no list of tables", f"Write each as a table with the heading [[{kind}]]")
        top.reading.names.lose_all(Kind(kind))
        return []
    most = MOST.get(kind, MOST_TABLES)
    if len(rows) > most:
        top.fault(kind, f"there are {len(rows)} of them", f"Write {most} at most")
        top.reading.names.lose_all(Kind(kind))
    return [_table(row, nth(Spot(kind, (kind,)), k), top) for k, row in enumerate(rows[:most])]


def _table(row: object, spot: Spot, top: Entry) -> Entry:
    code = (row.get("code") or row.get("id")) if isinstance(row, dict) else None
    entry = Entry(
        row, replace(spot, place=f"{spot.path[0]} {shown(code)}") if isinstance(code, str) else spot, top.reading
    )
    if isinstance(row, dict) and _size(row) > MOST_WORDS:
        entry.fault("", f"this table has more than {MOST_WORDS} values", "Split it into several visits")
        entry.data = {key: value for key, value in row.items() if not isinstance(value, list | dict)}
        entry.refused.update(row.keys() - entry.data.keys())
    return entry


def _size(value: object) -> int:
    """The number of values in a table, those in its tables and lists and each {n} counted one by one."""
    if isinstance(value, dict | list):
        return sum(map(_size, value.values() if isinstance(value, dict) else value))
    return 1 + value.count("{") if isinstance(value, str) else 1


def _repeated(top: Entry, kind: str, repetitions: Mapping[str, Repetition]) -> list[Made]:
    found = instances(_tables(top, kind), repetitions, MOST.get(kind, MOST_TABLES))
    if kind == "encounter" and not top.has(kind) and not top.reading.names.lost(Kind.VISIT):
        top.lacks(kind, "there is no visit in it", "Add an [[encounter]]")
    return found


def _rules(top: Entry, repetitions: Mapping[str, Repetition]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for entry, _ in instances(_tables(top, "rule"), repetitions, MOST_PAIRS):
        found += rules(entry)
        if len(found) > MOST_PAIRS:
            entry.fault("", f"with this rule more than {MOST_PAIRS} pairs of visits are bound", "Write fewer rules")
            return ()
    return tuple(found)


def _repetitions(top: Entry) -> dict[str, Repetition]:
    """Those that can be read, by their code."""
    found = (_repetition(entry) for entry in _tables(top, "repeat"))
    return {repetition.block.code: repetition for repetition in found if repetition is not None}


def _repetition(entry: Entry) -> Repetition | None:
    nothing: tuple[int, ...] = ()
    code = entry.code(Kind.REPEAT)
    numbers = entry.take("numbers", grammar.numbers, nothing, required=True)
    ahead = entry.take("ahead", _ahead, None)
    until = conditions(entry, "until")
    if len(until) > 1:
        entry.fault("until", "until has more than one condition", "Write one, such as 'progression=yes'")
    entry.done()
    return Repetition(Block(code, 1, len(numbers), ahead, next(iter(until), None)), numbers) if numbers else None


def _ahead(value: object) -> int:
    found = whole(value)
    if found < 1:
        raise Unreadable(f"{found} repetitions ahead plan nothing", "Write ahead = 1 or more")
    return found


def _format(value: object) -> int:
    if type(value) is not int or value != 1:
        raise Unreadable(f"{shown(value)} is no format that this planner reads", "Write format = 1")
    return 1


def _date(entry: Entry) -> NamedDate:
    code, visit = entry.code(Kind.DATE), entry.name("visit", Kind.VISIT)
    found = NamedDate(code, entry.words("name", required=True), entry.yes("required", default=True), visit or None)
    entry.done()
    return found


def _epoch(entry: Entry) -> Epoch:
    code, name = entry.code(Kind.EPOCH), entry.words("name", required=True)
    anew = entry.anchor("numbered_from", NO_ANCHOR)
    entry.done()
    return Epoch(code, name, anew if anew != NO_ANCHOR else None)


def _decision(entry: Entry) -> Decision:
    nothing: tuple[str, ...] = ()
    code = entry.code(Kind.DECISION)
    values = entry.take("values", strings, nothing, required=True)
    if not values and "values" in entry.data and "values" not in entry.refused:
        entry.fault("values", "there is no value to decide on", 'Write them as ["yes", "no"]')
    default = entry.choice("default", values, values[0], required=True) if values else ""
    for value in dict.fromkeys(values):
        entry.reading.names.define(Kind.ANSWER, f"{code}={value}", entry.spot)
    entry.known.add("default")
    found = Decision(code, entry.words("name", required=True), values, default)
    entry.done()
    return found


def _key_visit(entry: Entry | None) -> KeyVisit | None:
    if entry is None:
        return None
    found = KeyVisit(entry.name("code", Kind.VISIT, required=True), entry.take("warn_below", whole, 0))
    entry.done()
    return found
