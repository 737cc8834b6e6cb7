"""planner demo: the worked example, from two dates to a table, a calendar file and a printed schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib.resources import files
from pathlib import Path

import click

from planner.cli.options import Options
from planner.cli.parse import Coded
from planner.cli.schedule import deliver, planned, protocol_in, written

DAY_ONE = date(2025, 3, 3)
REGISTRATION = date(2025, 2, 24)
EXAMPLE = Options(
    dates=(Coded("registration", REGISTRATION), Coded("day_one", DAY_ONE)),
    booked=(
        Coded("SC1", date(2025, 2, 10), at=time(9, 30)),
        Coded("SC2", date(2025, 2, 17), at=time(14, 0)),
        Coded("AP", REGISTRATION, at=time(8, 15)),
        Coded("C1D1", DAY_ONE, at=time(9, 0)),
    ),
    holidays="BE",
    weekends="closed",
    stamp=datetime(2025, 2, 5, 9, tzinfo=UTC),
    today=date(2025, 2, 5),
    subject="01-001",
    phone="+32 2 000 00 00",
    emergency="+32 2 000 00 01",
)
FILES = (("table", "schedule.txt"), ("json", "schedule.json"), ("ics", "schedule.ics"), ("pdf", "schedule.pdf"))


@click.command(short_help="Make the worked example: table, calendar file, print.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), help="Folder (out).")
@click.option("--language", type=click.Choice(["en", "nl", "fr", "de"]), default="en", help="The patient's language.")
def demo(data: Path, language: str) -> None:
    """Plan a synthetic patient by the illustrative SHRINK protocol and write what comes of it into a folder."""
    protocol = protocol_in(Path(str(files("planner.protocols") / "shrink.toml")))
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--data: {data} cannot be made ({error.strerror}); choose another folder") from error
    for kind, name in FILES:
        options = replace(EXAMPLE, kind=kind, out=data / name, language=language)
        schedule = planned(protocol, options)
        content = written(schedule, [], options)
        deliver(content, options)
        if kind == "table":
            click.echo(content)
    click.echo(f"Written: {', '.join(str(data / name) for _, name in FILES)}")
