"""The command line: parse, ask, answer. Wrong input ends with exit status 2 and one sentence that names the option."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from planner import __version__
from planner.core.errors import PlannerError
from planner.exports.refusals import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = 2
INTERRUPTED = 130


COMMANDS = {
    "schedule": "schedule:schedule",
    "check": "check:check",
    "best-start": "best_start:best_start",
    "demo": "demo:demo",
    "run": "serving:run",
    "worker": "working:worker",
    "migrate": "serving:migrate",
    "add-site": "setting_up:add_site",
    "create-admin": "setting_up:create_admin",
    "check-zones": "zone_changes:check_zones",
    "audit": "audit:audit",
    "bench": "bench:bench",
}
"""Each command in its module, which is loaded when the command is called: planning needs no database and no server."""


class _Commands(click.Group):
    """The commands, in this order."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click hands it over
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # as above
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"planner.cli.{module}"), name)
        return found


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="planner")
def planner() -> None:
    """Plan the visits of a patient in a clinical trial."""


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
