"""The command line: parse, ask, answer. Wrong input ends with exit status 2 and one sentence that names the option."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from planner import __version__
from planner.cli.bench import bench
from planner.cli.best_start import best_start
from planner.cli.check import check
from planner.cli.demo import demo
from planner.cli.schedule import schedule
from planner.cli.serving import migrate, run
from planner.cli.setting_up import add_site, create_admin
from planner.core.errors import PlannerError
from planner.exports.refusals import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = 2
INTERRUPTED = 130


@click.group()
@click.version_option(__version__, prog_name="planner")
def planner() -> None:
    """Plan the visits of a patient in a clinical trial."""


for command in (schedule, check, best_start, demo, run, migrate, add_site, create_admin, bench):
    planner.add_command(command)


def main(args: Sequence[str] | None = None, prog_name: str = "planner") -> NoReturn:
    """Run the command line and leave with its exit status; every refusal is one sentence on standard error."""
    try:
        status = planner.main(args, prog_name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        status = _refused(error.format_message())
    except click.ClickException as error:
        words = " ".join(error.format_message().split())
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else prog_name
        status = _refused(f"{where}: {words}")
    except PlannerError as error:
        status = _refused(f"{prog_name}: {sentence(error)}")
    except click.Abort:
        status = INTERRUPTED
    sys.exit(status if isinstance(status, int) else 0)


def _refused(words: str) -> int:
    click.echo(words, err=True)
    return REFUSED
