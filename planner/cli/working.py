"""planner worker: the process that sends mails and reminders."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from planner.cli.databases import ready
from planner.post import by_smtp, into_folder, server_of
from planner.services.protocols import library
from planner.services.work import Office
from planner.settings import of_the_worker
from planner.worker import queue, shift, work

if TYPE_CHECKING:
    from planner.post import Send
    from planner.settings import WorkerSettings


@click.command(short_help="Send mails and reminders.")
def worker() -> None:
    """Send what is owed, with settings from the environment, until Ctrl-C; docs/operations.md names them."""
    settings = of_the_worker()
    database = ready(settings)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    beside = database.engine.url.database if database.is_sqlite else None
    kept = queue(settings.queue_url, beside, settings.audit_key)
    click.echo(f"The worker sends {_way(settings)} as {settings.mail_from}; Ctrl-C ends it.", err=True)
    work(shift(Office(database, library(settings.protocols)), _send(settings), settings.mail_from), kept)
    database.close()


def _send(settings: WorkerSettings) -> Send:
    if settings.mail_folder is not None:
        return into_folder(settings.mail_folder)
    return by_smtp(server_of(settings.smtp_url))


def _way(settings: WorkerSettings) -> str:
    """By what mails go, without user or password."""
    if settings.mail_folder is not None:
        return f"into {settings.mail_folder}"
    server = server_of(settings.smtp_url)
    return f"by {server.host}:{server.port}"
