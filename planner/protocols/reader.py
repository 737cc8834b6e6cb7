"""From a protocol file (TOML) to a `Protocol`; everything that is wrong with the file is said at once."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from planner.core.protocol import Block, Decision, Epoch, KeyVisit, NamedDate, Protocol
from planner.protocols import grammar
from planner.protocols.checks import names_known, plannable
from planner.protocols.encounters import encounter, last_given
from planner.protocols.entry import Entry, strings, whole
from planner.protocols.faults import Fault, Faults, ProtocolRefused
from planner.protocols.repetition import instances
from planner.protocols.rules import rules

if TYPE_CHECKING:
    from pathlib import Path

    from planner.core.protocol import Encounter, Rule

LARGEST = 262_144
DEEPEST = 40
LONGEST_LINE = 20_000
MOST_ENCOUNTERS = 400
MOST_RULES = 4_000
NUMBERINGS = {"day 1": 1, "day 0": 0}


def read(path: Path) -> Protocol:
    """The protocol in the file; raises ProtocolRefused with every fault, or for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        raise ProtocolRefused(str(path), (Fault("file", what, "Give the path of a protocol file"),)) from error
    return parse(content, str(path))


def parse(content: bytes, file: str) -> Protocol:
    """The protocol in these bytes; raises ProtocolRefused with every fault. `file` names it in the message."""
    text = _text(content, file)
    faults = Faults(text)
    protocol = _protocol(_toml(text, file), faults)
    if not faults:
        names_known(protocol, faults)
    if not faults:
        plannable(protocol, faults)
    if faults:
        raise ProtocolRefused(file, tuple(faults.found))
    return protocol


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST:
        what = f"the file is larger than {LARGEST // 1024} kB"
        raise ProtocolRefused(file, (Fault("file", what, "A protocol is text; write repetitions once with repeat"),))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProtocolRefused(file, (Fault("file", "not UTF-8 text", "Save it as UTF-8", line),)) from error


def _toml(text: str, file: str) -> dict[str, object]:
    """The file as tables; nesting and line length are bounded first, since TOML parsers recurse."""
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE or max(line.count("["), line.count("{"), line.count(".")) > LONGEST_LINE // 10:
            raise ProtocolRefused(file, (Fault("file", "the line is too long", "Break it up", number),))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolRefused(file, (Fault("file", f"not TOML: {error}", "Mend the line it names"),)) from error
    except (RecursionError, ValueError) as error:
        raise ProtocolRefused(file, (Fault("file", "nested too deep or a number too long", "Simplify it"),)) from error


def _protocol(data: dict[str, object], faults: Faults) -> Protocol:
    top = Entry(data, "file", faults)
    top.take("format", _format, 1, required=True)
    head = Entry(data.get("protocol", {}), "protocol", faults, ("protocol", 0))
    top.has("protocol")
    key = head.entry("key_visit")
    first_day = NUMBERINGS[head.choice("numbering", tuple(NUMBERINGS), "day 1", required=True)]
    reference = head.line("reference", required=True)
    blocks = tuple(_block(entry) for entry in _tables(top, "repeat"))
    found = Protocol(
        id=head.line("id", required=True),
        name=head.line("name", required=True),
        version=head.line("version", required=True),
        title=head.words("title"),
        note=head.words("note"),
        first_day=first_day,
        reference=reference,
        dates=tuple(_date(entry) for entry in _tables(top, "date")),
        epochs=tuple(_epoch(entry) for entry in _tables(top, "epoch")),
        decisions=tuple(_decision(entry) for entry in _tables(top, "decision")),
        blocks=blocks,
        encounters=_encounters(top, blocks, reference, first_day),
        rules=_rules(top, blocks, faults),
        key_visit=_key_visit(key) if key is not None else None,
    )
    head.done()
    top.done()
    return found


def _tables(top: Entry, kind: str) -> list[Entry]:
    """The file's tables of one kind, each with its place; its code, where it has one, names it."""
    top.known.add(kind)
    rows = top.data.get(kind, [])
    entries = []
    for k, row in enumerate(rows if isinstance(rows, list) else [rows]):
        name = row.get("code", row.get("id", "")) if isinstance(row, dict) else ""
        place = f"{kind} {name!r}" if name else f"{kind} {k + 1}"
        entries.append(Entry(row, place, top.faults, (kind, k)))
    return entries


def _encounters(top: Entry, blocks: tuple[Block, ...], reference: str, first_day: int) -> tuple[Encounter, ...]:
    made = instances(_tables(top, "encounter"), blocks, MOST_ENCOUNTERS)
    if not made and not top.faults:
        top.fault("encounter", "there is none", "Add an [[encounter]]")
    return last_given(tuple((encounter(e, instance, reference, first_day), e) for e, instance in made))


def _rules(top: Entry, blocks: tuple[Block, ...], faults: Faults) -> tuple[Rule, ...]:
    found = tuple(rule for entry, _ in instances(_tables(top, "rule"), blocks, MOST_RULES) for rule in rules(entry))
    if len(found) > MOST_RULES:
        faults.add("rule", f"they come to {len(found)} pairs", f"Write fewer: at most {MOST_RULES}")
        return ()
    return found


def _format(value: object) -> int:
    if value != 1 or isinstance(value, bool):
        raise ValueError(f"{value!r:.60} is no format that this planner reads; write format = 1")
    return 1


def _date(entry: Entry) -> NamedDate:
    visit = entry.line("visit") or None
    found = NamedDate(_code(entry), entry.words("name", required=True), entry.yes("required", default=True), visit)
    entry.done()
    return found


def _epoch(entry: Entry) -> Epoch:
    numbered = entry.take("numbered_from", grammar.anchor, None)
    found = Epoch(_code(entry), entry.words("name", required=True), numbered)
    entry.done()
    return found


def _decision(entry: Entry) -> Decision:
    nothing: tuple[str, ...] = ()
    values = entry.take("values", strings, nothing, required=True)
    default = entry.choice("default", values, values[0] if values else "", required=True)
    found = Decision(_code(entry), entry.words("name", required=True), values, default)
    entry.done()
    return found


def _block(entry: Entry) -> Block:
    once: tuple[int, ...] = (1,)
    span = entry.take("numbers", grammar.numbers, once, required=True)
    ahead = entry.take("ahead", whole, None)
    until = entry.take("until", grammar.condition, None)
    found = Block(_code(entry), span[0], span[-1], ahead, until)
    entry.done()
    return found


def _key_visit(entry: Entry) -> KeyVisit:
    found = KeyVisit(entry.line("code", required=True), entry.take("warn_below", whole, 0))
    entry.done()
    return found


def _code(entry: Entry) -> str:
    return entry.take("code", grammar.code, "", required=True)
