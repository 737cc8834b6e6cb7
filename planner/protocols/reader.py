"""From a protocol file (TOML) to a `Protocol`; everything that is wrong with the file is said at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.protocols.again import repeat_rules
from planner.protocols.checks import look_through
from planner.protocols.doubts import doubts
from planner.protocols.draft import protocol
from planner.protocols.entry import Reading
from planner.protocols.faults import Fault, Faults, ProtocolRefused
from planner.protocols.lines import Lines
from planner.protocols.names import Names
from planner.protocols.tables import LARGEST, tables_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from planner.core.protocol import Protocol


def read(path: Path) -> Protocol:
    """The protocol in the file; raises ProtocolRefused with every fault, or for a file that cannot be read."""
    return parse(_content(path), str(path))


def check(path: Path) -> tuple[Protocol, tuple[Fault, ...]]:
    """The protocol in the file, and what in it is allowed but hardly meant; raises as `read` does."""
    return examine(_content(path), str(path))


def examine(content: bytes, file: str) -> tuple[Protocol, tuple[Fault, ...]]:
    """As `check`, of these bytes; `file` names them in the message."""
    found, reading = _parsed(content, file)
    return _whole(found), doubts(found, reading)


def parse(content: bytes, file: str) -> Protocol:
    """The protocol in these bytes; raises ProtocolRefused with every fault. `file` names it in the message."""
    return _whole(_parsed(content, file)[0])


def _whole(found: Protocol) -> Protocol:
    """With the rules that the file need not say."""
    return replace(found, rules=(*found.rules, *repeat_rules(found.encounters)))


def _content(path: Path) -> bytes:
    """The file's bytes, one more than a protocol may have."""
    try:
        if path.is_dir():
            raise ProtocolRefused(str(path), (Fault("file", "this is a folder", "Give the path of a protocol file"),))
        if path.exists() and not path.is_file():
            fault = Fault("file", "this is no ordinary file", "Give the path of a protocol file")
            raise ProtocolRefused(str(path), (fault,))
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError as error:
        fault = Fault("file", "there is no such file", "Check the path, and the folder in which you are")
        raise ProtocolRefused(str(path), (fault,)) from error
    except (OSError, ValueError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise ProtocolRefused(str(path), (Fault("file", what, "Ask for the right to read it, or copy it"),)) from error


def _parsed(content: bytes, file: str) -> tuple[Protocol, Reading]:
    lines = Lines()
    faults = Faults(lines.of)
    reading = Reading(faults, Names(faults))
    text = text_of(content, reading)
    tables = tables_of(text, reading) if text is not None else None
    if tables is None:
        raise ProtocolRefused(file, faults.found)
    lines.text = tables.text
    found = protocol(tables.data, reading)
    reading.names.settle()
    look_through(found, reading)
    if faults.found:
        raise ProtocolRefused(file, faults.found)
    return found, reading
