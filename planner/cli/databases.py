"""The database that the settings name, for the commands that work on it; what is wrong with it is one sentence."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from planner.store.database import connect, serve_alone
from planner.store.migrations import must_be_newest, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.settings import DatabaseSettings, Settings
    from planner.store.database import Database

UNREADABLE = (
    "the database of PLANNER_DATABASE_URL cannot be reached or read: check its address, whether it runs, and whether "
    "it lets this user in"
)
NEW = "A new one is made by: ./run migrate"


def ready(settings: DatabaseSettings) -> Database:
    """The database, of this program's version; no file is made where there is none."""
    url = make_url(settings.database_url)
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        raise click.ClickException(f"there is no database {url.database}: correct PLANNER_DATABASE_URL. {NEW}")
    with _told():
        database = connect(settings.database_url, settings.audit_key)
        must_be_newest(database)
    return database


def migrated(settings: Settings) -> None:
    """Bring it to this program's version; Refused while another process serves it."""
    with _told():
        database = connect(settings.database_url)
        with serve_alone(database) or nullcontext():
            upgrade(database)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, CommandError, OSError) as error:
        raise click.ClickException(UNREADABLE) from error
