"""The engine and its sessions: SQLite by default, PostgreSQL where one machine is outgrown."""

from __future__ import annotations

import fcntl
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from planner.core.errors import Refused

if TYPE_CHECKING:
    from typing import IO

    from sqlalchemy import Connection, Engine

PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000")
READ: dict[str, Any] = {"write": False}
"""A read on SQLite: one snapshot that takes no lock."""

CONNECTIONS = 40
"""To a SQLite file, which counts none: more than two for each thread, as a page that reads may write beside it."""

AUDIT_KEY = "audit_key"
"""Under this name each session carries the key of the audit chain."""

TIMEOUTS = "-c statement_timeout=10000 -c lock_timeout=5000"
READ_OF_ONE_MOMENT = "-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on"
"""A read on PostgreSQL: all its statements see the same moment, so no half of an act is ever shown.

Said once for connections that only read: to say it for each transaction costs more than the reading.
"""


@dataclass(frozen=True)
class Database:
    """An engine with the sessions it opens; `writing` lets one write at a time into SQLite, in the order they came.

    SQLite's own waiting is unfair: under load some writers starve. PostgreSQL needs no such queue.
    """

    engine: Engine
    reader: Engine
    sessions: sessionmaker[Session]
    reading: sessionmaker[Session]
    writing: AbstractContextManager[Any] = field(default_factory=nullcontext)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.reader.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether one process at a time may serve it."""
        return self.engine.dialect.name == "sqlite"


def connect(url: str, audit_key: str = "") -> Database:
    """The database at that address; its tables come from the migrations.

    Without the key of the audit chain, which is never in the database, nothing can be written that leaves a trail.
    """
    sqlite = url.startswith("sqlite")
    engine = _sqlite(url) if sqlite else _postgresql(url, TIMEOUTS)
    reader = engine.execution_options(**READ) if sqlite else _postgresql(url, f"{TIMEOUTS} {READ_OF_ONE_MOMENT}")
    known = {AUDIT_KEY: audit_key}
    sessions, reading = (sessionmaker(e, class_=Session, expire_on_commit=False, info=known) for e in (engine, reader))
    return Database(engine, reader, sessions, reading, Lock() if sqlite else nullcontext())


def _sqlite(url: str) -> Engine:
    place = make_url(url).database
    if place and place != ":memory:" and not Path(place).parent.is_dir():
        raise Refused("no_such_folder", folder=str(Path(place).parent))
    engine = create_engine(url, pool_size=CONNECTIONS, hide_parameters=True)
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: str, options: str) -> Engine:
    named = make_url(url).set(drivername="postgresql+psycopg")
    try:
        return create_engine(
            named, pool_pre_ping=True, pool_size=16, hide_parameters=True, connect_args={"options": options}
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise Refused("postgresql_driver_missing") from error


def _pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own connection
    """Python's driver begins no transaction of its own: `_begin` does."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A write takes its lock at once: one that begins as a read and writes later dies on a busy database."""
    writes = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def serve_alone(database: Database) -> IO[str] | None:
    """Take the place of the one process that may serve a SQLite file; Refused where another one holds it.

    The place is held while the file returned is open; a process that ends, however it ends, leaves it.
    """
    place = database.engine.url.database
    if not database.is_sqlite or not place or place == ":memory:":
        return None
    lock = Path(f"{place}.serving").open("w")  # noqa: SIM115  # held as long as the process serves
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Refused("served_already", file=place) from error
    return lock
