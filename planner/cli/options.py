"""What `planner schedule` was given, option by option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from planner.cli.parse import Coded
    from planner.core.calendar import Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One field for each option of the command, under the option's name."""

    dates: tuple[Coded, ...] = ()
    occurred: tuple[Coded, ...] = ()
    booked: tuple[Coded, ...] = ()
    omitted: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    decision: tuple[tuple[str, str], ...] = ()
    holidays: str | None = None
    weekends: str = "open"
    closed: tuple[Closure, ...] = ()
    away: tuple[Closure, ...] = ()
    today: date | None = None
    zone: str = "Europe/Brussels"
    language: str = "en"
    explain: tuple[Coded, ...] = ()
    kind: str = "table"
    out: Path | None = None
    stamp: datetime | None = None
    subject: str = ""
    seed: str = ""
    site: str = ""
    phone: str = ""
    emergency: str = ""
