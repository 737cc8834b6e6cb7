"""planner schedule: from a protocol file and a few facts to the whole calendar of one patient."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli import parse
from planner.cli.calendars import calendar_options, site_days
from planner.cli.facts import facts, known_zone
from planner.cli.options import Options
from planner.cli.parse import Typed
from planner.core.errors import NotFound
from planner.core.patients import LANGUAGES
from planner.core.schedule import explain
from planner.exports.paper import Paper
from planner.exports.records import as_csv, as_json
from planner.exports.refusals import sentence
from planner.exports.sentences import explanation
from planner.exports.tables import table
from planner.protocols.faults import ProtocolRefused
from planner.protocols.reader import read
from planner.services.invitations import Kind, taken_away
from planner.services.schedules import draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.cli.parse import Coded
    from planner.core.protocol import Protocol
    from planner.core.schedule import Explanation, Schedule

FORMATS = ("table", "json", "csv", "ics", "pdf")
CODED = "CODE=DATE"


def several(names: str, read_one: Callable[[str], object], metavar: str, words: str) -> Callable[..., Any]:
    """An option that may be given several times; `names` are its own and, where it differs, its parameter's."""
    return click.option(*names.split(), multiple=True, type=Typed(metavar, read_one), metavar=metavar, help=words)


def printed(name: str, metavar: str, words: str) -> Callable[..., Any]:
    """An option of words that may be printed."""
    return click.option(name, default="", type=Typed(metavar, parse.words), metavar=metavar, help=words)


@click.command(short_help="Plan one patient's visits.")
@click.argument("file", type=click.Path(path_type=Path))
@several("--date dates", parse.dated, "NAME=DATE", "A date that the protocol counts from, such as day_one=2025-03-03.")
@several("--occurred", parse.lasting, f"{CODED}[..DATE]", "A visit that took place; a stay with its last day.")
@several("--booked", parse.timed, f"{CODED}[THH:MM]", "A visit that is booked, with its local time if agreed.")
@click.option("--omitted", multiple=True, metavar="CODE", help="A visit that will not take place.")
@click.option("--missed", multiple=True, metavar="CODE", help="A visit to which the patient did not come.")
@several("--decision", parse.named, "NAME=VALUE", "What a person decided, such as resectable=no.")
@calendar_options
@several("--away", parse.absence, "DATE[..DATE]", "Days on which the patient is away.")
@click.option("--today", type=Typed("DATE", parse.day), metavar="DATE", help="Place visits from this day on.")
@click.option("--zone", default="Europe/Brussels", metavar="ZONE", help="The site's time zone (Europe/Brussels).")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="The patient's language (ics, pdf).")
@several("--explain", parse.dated, CODED, "Say why a visit can or cannot be on that day.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="table", help="What to make (table).")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to the screen.")
@click.option("--stamp", type=Typed("TIME", parse.instant), metavar="TIME", help="The moment written into files.")
@printed("--subject", "NUMBER", "The subject number, for staff only.")
@printed("--seed", "SECRET", "Keeps one patient's calendar entries the same in each file.")
@printed("--site", "NAME", "The hospital, as it stands in files and prints.")
@printed("--phone", "NUMBER", "The clinic's number, printed for the patient.")
@printed("--emergency", "NUMBER", "The number that answers day and night.")
def schedule(file: Path, **typed: Any) -> None:  # noqa: ANN401  # click passes each option by name
    """Plan one patient's visits by the protocol FILE.

    Without --holidays, --weekends and --closed every day is open; without --today nothing counts as past.
    """
    options = Options(**typed)
    protocol = protocol_in(file)
    made = planned(protocol, options)
    answers = [_answer(made, asked) for asked in options.explain]
    deliver(written(made, answers, options), options)
    if options.kind not in ("table", "json"):
        for answer in answers:
            click.echo(explanation(made, answer), err=True)


def protocol_in(file: Path) -> Protocol:
    """The protocol in the file; one sentence where it cannot be planned by."""
    try:
        return read(file)
    except ProtocolRefused as error:
        first, *more = error.faults
        rest = f" And {len(more)} more: planner check {file} lists them." if more else ""
        raise click.UsageError(f"FILE: {file} cannot be planned by. {first}{rest}") from error


def planned(protocol: Protocol, options: Options) -> Schedule:
    """The plan that these options ask for."""
    known_zone(options.zone)
    known = facts(protocol, options)
    days = site_days(options.holidays, options.weekends, (*options.closed, *options.away))
    return draft(protocol, known, days, options.today)


def _answer(made: Schedule, asked: Coded) -> Explanation:
    try:
        return explain(made, asked.code, asked.day)
    except NotFound as error:
        raise click.UsageError(f"--explain: {sentence(error)}") from error


def written(made: Schedule, answers: list[Explanation], options: Options) -> str | bytes:
    """The schedule in the form that was asked for."""
    if options.kind == "table":
        return table(made, subject=options.subject, answers=answers)
    if options.kind == "json":
        return as_json(made, answers)
    if options.kind == "csv":
        return as_csv(made)
    stamp = options.stamp or datetime.now(UTC).replace(microsecond=0)
    printed = options.today or stamp.astimezone(known_zone(options.zone)).date()
    paper = Paper(
        printed=printed,
        stamp=stamp,
        language=options.language,
        zone=options.zone,
        phone=options.phone,
        emergency=options.emergency,
        subject=options.subject,
        site=options.site,
    )
    return taken_away(Kind(options.kind), made, paper, seed=options.seed)


def deliver(content: str | bytes, options: Options) -> None:
    """To the file that was asked for, else to the screen."""
    written = content.encode() if isinstance(content, str) else content
    if options.out is not None:
        try:
            options.out.write_bytes(written)
        except OSError as error:
            why = f"{options.out} cannot be written ({error.strerror})"
            raise click.UsageError(f"--out: {why}; choose another file") from error
    elif options.kind == "pdf" and sys.stdout.isatty():
        raise click.UsageError("--out: a PDF is not for the screen; add --out FILE")
    else:
        try:
            click.echo(written, nl=False)
        except OSError as error:
            raise click.UsageError(f"the screen cannot be written ({error.strerror}); add --out FILE") from error
