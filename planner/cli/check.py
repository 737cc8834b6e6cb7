"""planner check: everything that is wrong with a protocol file."""

from __future__ import annotations

from pathlib import Path

import click

from planner.protocols.faults import ProtocolRefused
from planner.protocols.reader import check as checked

FAULTY = 1


@click.command(short_help="Say everything that is wrong with a protocol file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, file: Path) -> None:
    """Say everything that is wrong with the protocol FILE: where, what, and how to mend it.

    The exit status is 0 for a file that can be planned by, and 1 for one that cannot.
    """
    try:
        found, doubts = checked(file)
    except ProtocolRefused as error:
        for fault in error.faults:
            click.echo(f"{file}: {fault}")
        things = "1 thing is" if len(error.faults) == 1 else f"{len(error.faults)} things are"
        click.echo(f"{file}: {things} wrong.", err=True)
        ctx.exit(FAULTY)
    for doubt in doubts:
        click.echo(f"{file}: to consider: {doubt}")
    visits = [encounter for encounter in found.encounters if encounter.repeats is None]
    counts = f"{len(visits)} visits, {len({rule.id for rule in found.rules})} rules"
    click.echo(f"{file}: nothing is wrong. {found.name}, version {found.version}: {counts}.")
