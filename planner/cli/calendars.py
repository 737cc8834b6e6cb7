"""The options that make a calendar, shared by the commands that plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from planner.cli import parse
from planner.cli.parse import Typed
from planner.core.calendar import Calendar
from planner.core.errors import Refused
from planner.services.resources import public_holidays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planner.core.calendar import Closure

SATURDAY_AND_SUNDAY = frozenset({5, 6})


def calendar_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--holidays`, `--weekends`, `--closed`; without them every day is open."""
    for option in (
        click.option("--holidays", metavar="BE", help="Close public holidays of a country or region (BE, DE-BY)."),
        click.option("--weekends", type=click.Choice(["open", "closed"]), default="open", help="Close weekends."),
        click.option(
            "--closed",
            multiple=True,
            type=Typed("days", parse.closure),
            metavar="DATE[..DATE]",
            help="Close the site on these days.",
        ),
    ):
        command = option(command)
    return command


def calendar(holidays: str | None, weekends: str, closures: Iterable[Closure], years: Iterable[int]) -> Calendar:
    """The calendar of those options over these years."""
    try:
        public = public_holidays(holidays, years) if holidays is not None else ()
    except Refused as error:
        known = "a country such as BE, or one with its region such as DE-BY"
        raise click.UsageError(f"--holidays: {holidays!r:.60} is not known; give {known}") from error
    return Calendar(SATURDAY_AND_SUNDAY if weekends == "closed" else frozenset(), (*public, *closures))
