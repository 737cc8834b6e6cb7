"""planner best-start: which Day 1 meets the fewest closed days."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli import parse
from planner.cli.calendars import calendar_options, site_days
from planner.cli.facts import given_once
from planner.cli.parse import Typed
from planner.cli.schedule import protocol_in, several
from planner.core.starts import starts
from planner.exports.starts import starts_csv, starts_json, starts_table
from planner.services.resources import calendar

if TYPE_CHECKING:
    from datetime import date

    from planner.core.calendar import Closure
    from planner.core.protocol import Protocol

YEARS_AFTER = 20
MOST_DAYS = 3660


@click.command("best-start", short_help="Rank start days by what they would meet.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "first", required=True, type=Typed("DATE", parse.day), metavar="DATE", help="First start day.")
@click.option("--to", "last", required=True, type=Typed("DATE", parse.day), metavar="DATE", help="Last start day.")
@several("--date dates", parse.relative, "NAME=D-7", "Another date to count from: days from Day 1, or a date.")
@calendar_options
@click.option("--limit", type=click.IntRange(1), default=20, help="How many start days to show (20).")
@click.option("--format", "kind", type=click.Choice(["table", "json", "csv"]), default="table", help="What to make.")
def best_start(  # noqa: PLR0913  # one parameter for each option
    *,
    file: Path,
    first: date,
    last: date,
    dates: tuple[tuple[str, int | date], ...],
    holidays: str | None,
    weekends: str,
    closed: tuple[Closure, ...],
    limit: int,
    kind: str,
) -> None:
    """Rank the start days from --from to --to by what the plan of protocol FILE would meet.

    The fewer visits without a legal day, the fewer outside their window, the fewer days of drift and the fewer
    targets on closed days, the better. Closed start days are left out. JSON and CSV list every open start day.
    """
    if not first <= last or (last - first).days > MOST_DAYS:
        raise click.UsageError("--to: it must lie after --from, at most ten years; choose another day")
    protocol = protocol_in(file)
    given_once("--date", (name for name, _ in dates))
    _dates_known(protocol, dict(dates))
    days = calendar(site_days(holidays, weekends, closed), range(first.year - YEARS_AFTER, last.year + YEARS_AFTER))
    found = sorted(starts(protocol, days, (first, last), dict(dates)), key=lambda start: start.rank)
    write = {"table": starts_table, "json": starts_json, "csv": starts_csv}[kind]
    click.echo(write(protocol, found, limit=limit), nl=False)


def _dates_known(protocol: Protocol, given: dict[str, object]) -> None:
    others = [named for named in protocol.dates if named.code != protocol.reference]
    for name in given:
        if name not in {named.code for named in others}:
            known = ", ".join(named.code for named in others) or "none"
            raise click.UsageError(f"--date: {name!r:.60} is no date beside the start; the protocol has: {known}")
    for named in others:
        if named.required and named.code not in given:
            raise click.UsageError(f"--date: {named.name.into('en')} is missing; add --date {named.code}=D-7 or a date")
