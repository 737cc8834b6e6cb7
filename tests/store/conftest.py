"""Databases of a test's own: empty ones, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session

from planner.store.database import connect


@pytest.fixture
def sqlite(tmp_path):
    """The address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/planner.db"


@pytest.fixture
def empty(migrated, tmp_path):
    """A database without tables, on the engine of the round."""
    if migrated.is_sqlite:
        database = connect(f"sqlite:///{tmp_path}/empty.db")
        yield database
        database.close()
        return
    url = migrated.engine.url
    name = f"{url.database}_empty"
    root = create_engine(url, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    database = connect(url.set(database=name, drivername="postgresql").render_as_string(hide_password=False))
    yield database
    database.close()
    with root.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    root.dispose()


@pytest.fixture
def session(database):
    """A session that is undone at its end."""
    with Session(database.engine) as opened:
        yield opened
        opened.rollback()
