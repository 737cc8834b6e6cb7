"""planner run: the pages, served by gunicorn; planner migrate: the database brought to this program's version."""

from __future__ import annotations

import re
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.util import import_app

from planner.cli.databases import migrated, ready
from planner.settings import from_environment
from planner.store.database import serve_alone

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from planner.store.database import Database

THREADS = 16
KEEP_ALIVE = 75
"""Seconds; with gunicorn's own 2, browsers that come back lose requests on a socket just closed."""

GRACE = 30
NO_HOOKS: Mapping[str, Callable[..., None]] = MappingProxyType({})
LOOPBACK = ("127.0.0.1", "::1", "localhost")


LETTER = "(?:[A-Za-z0-9_-]|%(?:25)*(?:2[Dd]|3[0-9]|[46][1-9A-Fa-f]|5[0-9AaFf]|7[0-9Aa]))"
"""A letter of a token, written as it is or in the percent signs of an address (RFC 3986, 2.1), again and again too."""

TOKEN = re.compile(f"(/(?:feed|my)/+)?(?(1){LETTER}{{20,}}|{LETTER}{{43,}})")
"""A secret in an address: whoever reads a log must not be able to open what it opens.

All of it is 43 letters, wherever they stand; behind the names of our own pages a part of it is left out too.
"""


def without_tokens(text: str) -> str:
    """The text with each secret of an address left out."""
    return TOKEN.sub(r"\1...", text)


def _told_without(record: logging.LogRecord) -> bool:
    record.msg, record.args = without_tokens(record.getMessage()), ()
    return True


class Discreet(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logs, of errors and (where somebody switches it on) of every request, without secrets."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.addFilter(_told_without)


class _Served(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with our options; the application itself is loaded by each worker."""

    def __init__(self, options: dict[str, object]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return import_app("wsgi:app")


def serve(database: Database, address: str, workers: int, hooks: Mapping[str, Callable[..., None]] = NO_HOOKS) -> None:
    """Serve until Ctrl-C or SIGTERM; Refused where another process serves the database.

    `hooks` are gunicorn's own, by name: what else happens in a process that serves.
    """
    place = serve_alone(database)
    if place is not None:
        place.close()  # each worker takes it for itself; here it is only asked for, so that the answer is a sentence
    database.close()
    options = {
        "bind": address,
        "control_socket_disable": True,
        "graceful_timeout": GRACE,
        "keepalive": KEEP_ALIVE,
        "logger_class": Discreet,
        "loglevel": "warning",
        "threads": THREADS,
        "worker_class": "gthread",
        "workers": workers,
        **hooks,
    }
    _Served(options).run()


@click.command("run", short_help="Serve the pages.")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Address to listen on (127.0.0.1).")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@click.option("--workers", default=1, type=click.IntRange(1, 64), help="Processes; SQLite takes one only (1).")
def run(host: str, port: int, workers: int) -> None:
    """Serve the pages, with settings from the environment; docs/operations.md names them."""
    settings = from_environment()
    if not settings.secure_cookies and host not in LOOPBACK:
        raise click.UsageError("--host: without secure cookies only this machine is served; use 127.0.0.1, or TLS")
    database = ready(settings)
    if workers > 1 and database.is_sqlite:
        raise click.UsageError(
            "--workers: SQLite is served by one process only; leave the option out, or move to PostgreSQL"
        )
    click.echo(f"The visit planner listens on {host}:{port}; Ctrl-C ends it.", err=True)
    serve(database, f"{host}:{port}", workers)


@click.command(short_help="Bring the database to this version.")
def migrate() -> None:
    """Bring the database of PLANNER_DATABASE_URL to the version of this program; a new one is made."""
    migrated(from_environment())
    click.echo("The database is of this program's version.", file=sys.stderr)
