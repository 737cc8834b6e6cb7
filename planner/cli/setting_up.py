"""planner add-site and planner create-admin: what has to be there before the first person signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from planner.cli import parse
from planner.cli.databases import ready
from planner.cli.facts import known_zone
from planner.cli.parse import Typed
from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services import accounts, sites
from planner.services.accounts import CODE_HOURS
from planner.services.protocols import library
from planner.services.work import Office
from planner.settings import from_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.decorators import FC


def _words(name: str, words: str) -> Callable[[FC], FC]:
    return click.option(name, required=True, type=Typed("WORDS", parse.words), metavar="WORDS", help=words)


def _office() -> Office:
    settings = from_environment()
    return Office(ready(settings), library(settings.protocols))


@click.command("add-site", short_help="Add a hospital.")
@_words("--code", "Its short code, as subject numbers begin: 01.")
@_words("--name", "Its name, as patients know it.")
@click.option("--zone", default="Europe/Brussels", metavar="ZONE", help="Its time zone (Europe/Brussels).")
@click.option("--holidays", metavar="BE", help="Public holidays of its country or region (BE, DE-BY).")
@click.option("--phone", default="", type=Typed("NUMBER", parse.words), metavar="NUMBER", help="Clinic's number.")
@click.option("--emergency", default="", type=Typed("NUMBER", parse.words), metavar="NUMBER", help="24-hour number.")
def add_site(**typed: str) -> None:
    """Add a hospital whose patients are planned; weekends are closed there."""
    known_zone(typed["zone"])
    with _office().begin(COMMAND_LINE) as work:
        sites.add(work, Site(**typed))  # type: ignore[arg-type]  # each option has its field's name and kind
    click.echo(f"Site {typed['code']} is there.")


@click.command("create-admin", short_help="Make the first administrator.")
@_words("--login", "E-mail address or user name.")
@_words("--name", "The person's name.")
def create_admin(login: str, name: str) -> None:
    """Make an administrator's account and print its one-time code; with it the password is chosen."""
    with _office().begin(COMMAND_LINE) as work:
        _, code = accounts.create(work, Actor(login, name, Role.ADMIN))
    click.echo(f"User name: {accounts.known_by(login)}\nOne-time code: {code}")
    click.echo(f"Open /welcome within {CODE_HOURS} hours, and choose a password with them.")
