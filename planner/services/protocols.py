"""The protocols that patients can be planned by: those that come with the planner, and a folder of the site's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.protocols.reader import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.core.protocol import Protocol

Name = tuple[str, str]
"""A protocol's id and version: both are bound to each patient."""

SHIPPED = Path(str(files("planner.protocols")))


@cache
def shipped() -> Mapping[Name, Protocol]:
    """The protocols that come with the planner."""
    return _in(SHIPPED)


@dataclass(frozen=True)
class Library:
    """Protocols by id and version."""

    protocols: Mapping[Name, Protocol] = field(default_factory=shipped)

    def find(self, name: Name) -> Protocol:
        """The protocol of that id and version."""
        if name not in self.protocols:
            raise NotFound("no_such_protocol", protocol=" ".join(name))
        return self.protocols[name]


def library(folder: Path | None) -> Library:
    """The shipped protocols and those in the folder; ProtocolRefused where one of its files cannot be planned by."""
    if folder is None:
        return Library()
    if not folder.is_dir():
        raise Refused("no_such_folder", folder=str(folder))
    own = _in(folder)
    for name in shipped().keys() & own.keys():
        raise Refused("protocol_known", protocol=" ".join(name))
    return Library({**shipped(), **own})


def _in(folder: Path) -> dict[Name, Protocol]:
    found = [read(path) for path in sorted(folder.glob("*.toml"))]
    named = {(protocol.id, protocol.version): protocol for protocol in found}
    if len(named) < len(found):
        raise Refused("protocol_twice", folder=str(folder))
    return named
