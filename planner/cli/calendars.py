"""The options that make a calendar, shared by the commands that plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from planner.cli import parse
from planner.cli.parse import Typed
from planner.core.errors import Refused
from planner.services.resources import SiteDays, public_holidays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planner.core.calendar import Closure


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


def site_days(holidays: str | None, weekends: str, closures: Iterable[Closure]) -> SiteDays:
    """What those options say of the site."""
    try:
        if holidays is not None:
            public_holidays(holidays, ())
    except Refused as error:
        known = "a country such as BE, or one with its region such as DE-BY"
        raise click.UsageError(f"--holidays: {holidays!r:.60} is not known; give {known}") from error
    return SiteDays(holidays, weekends == "closed", tuple(closures))
