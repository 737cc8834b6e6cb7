"""planner check-zones: after an upgrade of tzdata, the booked visits whose instant moved, and what follows from it."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

import click

from planner.cli.databases import ready
from planner.core.errors import Refused
from planner.exports.agenda import clock
from planner.exports.naming import name
from planner.exports.words import staff_day
from planner.services import zone_changes
from planner.services.protocols import library
from planner.services.work import Office
from planner.services.zone_changes import TZDATA
from planner.settings import of_the_database

if TYPE_CHECKING:
    from planner.services.zone_changes import Line, Whose

NEEDS_PERSON = 1
NOTHING = "Nothing moved: every visit to come is at the moment for which it was booked."


@click.command("check-zones", short_help="Follow new time-zone rules.")
@click.option("--dry-run", is_flag=True, help="List them only; nothing is saved and nobody is told.")
@click.pass_context
def check_zones(ctx: click.Context, *, dry_run: bool) -> None:
    """List the booked visits that are at another moment by the rules of now, and let their cells and messages follow.

    Their local time stands. Whoever was told of one gets one update. The exit status is 1 where a person must decide.
    """
    if zoneinfo.TZPATH:
        raise Refused("zones_of_the_machine", paths=", ".join(map(str, zoneinfo.TZPATH)))
    settings = of_the_database()
    office = Office(ready(settings), library(settings.protocols))
    click.echo(f"Time zones as of tzdata {TZDATA}.")
    found = zone_changes.look(office) if dry_run else zone_changes.follow(office)
    office.database.close()
    for line in found:
        click.echo(_words(line))
    click.echo(_sum(found, dry_run=dry_run))
    ctx.exit(NEEDS_PERSON if any(line.needs_person for line in found) else 0)


def _words(line: Line) -> str:
    fact, moved = line.moved.fact, line.moved
    day, at = staff_day(fact.day) if fact.day is not None else "", clock(fact.at) if fact.at is not None else ""
    then = f"{moved.was:%Y-%m-%d %H:%M} UTC"
    told = f"{_named(line.whose)}, {day} at {at} ({fact.zone}): {then} when it was booked, "
    if moved.now is None:
        return f"{told}and the clocks skip this time now; it is left as it was: book another time."
    told += f"{moved.now:%Y-%m-%d %H:%M} UTC now."
    return f"{told} Its place clashes with {_named(line.clash)}; book another time." if line.clash else told


def _named(whose: Whose) -> str:
    return f"{whose.subject_id} {name(whose.protocol, whose.code)}"


def _sum(found: tuple[Line, ...], *, dry_run: bool) -> str:
    if not found:
        return NOTHING
    people = sum(line.needs_person for line in found)
    done = "Nothing is saved yet." if dry_run else "Whoever was told of one of them gets one update."
    return f"Booked visits that moved: {len(found)}. Of these, for a person: {people}. {done}"
