"""The database's version: brought up to the newest, and said where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from planner.core.errors import Refused

if TYPE_CHECKING:
    from planner.store.database import Database

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to that version, from whatever they are."""
    with database.writing, database.engine.connect() as connection:
        command.upgrade(_config(connection), to)
        connection.commit()


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def newest() -> str | None:
    """The version that this program is written for."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def must_be_newest(database: Database) -> None:
    """Refused where the tables are not of the version that this program is written for."""
    with database.engine.connect().execution_options(write=False) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest():
        raise Refused("database_of_another_version", found=found or "none", wanted=newest())
