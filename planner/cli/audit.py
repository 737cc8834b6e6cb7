"""planner audit: whether the history stands as it was written, and the end of its chain, to be kept elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from planner.cli.databases import ready
from planner.core.history import Fault, Head
from planner.core.staff import COMMAND_LINE
from planner.services import history
from planner.services.work import Office
from planner.settings import of_the_database

if TYPE_CHECKING:
    from planner.core.history import Verdict

BROKEN = 1
HEAD = re.compile(r"(\d{1,9}):([0-9a-f]{16,64})", re.ASCII)
FAULTS = {
    Fault.EDITED: "is not as it was written, or PLANNER_AUDIT_KEY is not the key that it was written with",
    Fault.MISSING: "is missing",
    Fault.MOVED: "stands where another row stood",
}
ADVICE = "Keep the database as it is, and compare it with a backup."


@click.group(short_help="Check the history, or print the end of its chain.")
def audit() -> None:
    """The history of everything that was saved: each row is sealed with the one before it."""


def _known(_ctx: click.Context, _option: click.Parameter, text: str | None) -> Head | None:
    if text is None:
        return None
    found = HEAD.fullmatch(text)
    if found is None:
        raise click.BadParameter(
            "write it as planner audit head prints it: a number, a colon, 64 letters or figures (from paper: 16)"
        )
    return Head(int(found[1]), found[2])


@audit.command(short_help="Check that nothing was changed, deleted or moved.")
@click.option(
    "--since",
    metavar="SEQ:MAC",
    callback=_known,
    help="An end of the chain that was written down earlier, or read from paper.",
)
@click.pass_context
def verify(ctx: click.Context, since: Head | None) -> None:
    """Follow the chain from its first row to its last; the exit status is 0 where it is whole, and 1 where not."""
    with Office(ready(of_the_database())).look(COMMAND_LINE) as work:
        found = history.verify(work, since)
    click.echo(_sentence(found, since))
    ctx.exit(0 if found.intact else BROKEN)


def _sentence(found: Verdict, since: Head | None) -> str:
    """What was found, in one sentence and what to do."""
    if found.broken is not None:
        return f"Broken: row {found.broken.seq} of the history {FAULTS[found.broken.fault]}. {ADVICE}"
    if found.head != found.last:
        end = "is gone" if found.head is None else f"says {found.head.seq}"
        return f"Broken: the rows end at {found.last.seq}, the head of the chain {end}: rows were cut off. {ADVICE}"
    if not found.kept and since is not None:
        return f"Broken: row {since.seq} is not as it was written down: the end was cut off or changed. {ADVICE}"
    older = f", {found.older} older ones have no seal" if found.older else ""
    return f"Intact: {found.rows} rows of the history stand as they were written{older}. Head: {found.head}"


@audit.command(short_help="Print the end of the chain.")
def head() -> None:
    """Print the end of the chain, SEQ:MAC: keep it outside this machine, and give it to `verify --since` later."""
    with Office(ready(of_the_database())).look(COMMAND_LINE) as work:
        found = history.head(work)
    if found is None:
        raise click.ClickException("the head of the chain is gone. " + ADVICE)
    click.echo(str(found))
