"""What was written, as values: who, when, what, old and new, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

Payload = dict[str, str | int | bool | None] | None
"""A value as saved; None where there is none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One write. `entity` is such as `visit:C4D1`; the entries of one saved act share `act`; `at` is in UTC."""

    at: datetime
    actor: str
    act: str
    action: str
    entity: str
    old: Payload
    new: Payload
    reason: str = ""
