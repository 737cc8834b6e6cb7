"""The folder of a demo: its database and its keys, and nothing of anybody else's."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

import click
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError

from planner.store.database import connect, serve_alone
from planner.store.migrations import upgrade
from planner.store.prints import Prints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planner.store.database import Database

DATABASE, KEY, AUDIT_KEY = "demo.db", "demo.key", "demo.audit.key"
SERVING = f"{DATABASE}.serving"
PRINTS = "prints"
MAILS = "mails"
"""The folder in it into which the demo's mails are written."""

OF_SQLITE = frozenset(f"{DATABASE}-{part}" for part in ("journal", "shm", "wal"))
OURS = OF_SQLITE | {KEY, AUDIT_KEY, DATABASE, SERVING, PRINTS, MAILS}
KEY_BYTES = 48


@contextmanager
def opened(folder: Path, *, fresh: bool) -> Iterator[Database]:
    """The database in the folder, of this program's version; meanwhile no other process may serve it."""
    with ExitStack() as held:
        with _told(folder):
            _must_be_ours(folder)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_keys(folder)
            (folder / MAILS).mkdir(exist_ok=True)
            database = connect(address(folder), audit_key(folder))
            held.callback(database.close)
            held.enter_context(serve_alone(database) or nullcontext())
            if fresh:
                _empty(folder)
            upgrade(database)
        yield database


def address(folder: Path) -> str:
    """The address of its database."""
    return f"sqlite:///{folder.resolve() / DATABASE}"


def key(folder: Path) -> str:
    """The key with which its sessions are signed."""
    return (folder / KEY).read_text()


def audit_key(folder: Path) -> str:
    """The key with which its history is sealed."""
    return (folder / AUDIT_KEY).read_text()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in one sentence that a folder or its database is of no use."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"--data: {folder} cannot be used ({error.strerror}); choose another folder") from error
    except (DatabaseError, CommandError) as error:
        words = "cannot be read by this program; choose another folder, or begin anew with --fresh"
        raise click.UsageError(f"--data: the database in {folder} {words}") from error


def _must_be_ours(folder: Path) -> None:
    """Refuse a folder that holds anything that no demo made; a database without the demo's key is somebody's own."""
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    others = found - OURS or (found if KEY not in found else set())
    if others:
        words = "choose an empty folder, or one that a demo made"
        raise click.UsageError(f"--data: {folder} holds other things, such as {min(others)}; {words}")


def _make_keys(folder: Path) -> None:
    """Keys of its own, made once and readable to their owner only."""
    for name in (KEY, AUDIT_KEY):
        if not (folder / name).exists():
            with os.fdopen(os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(KEY_BYTES))


def _empty(folder: Path) -> None:
    """Begin anew: without the database, with a key that no old session knows. The place kept stays taken.

    The key of the history stays: the database was opened with it, and its chain begins anew anyway.
    """
    for mail in (folder / MAILS).glob("*.eml"):
        mail.unlink()
    for name in OURS - {SERVING, AUDIT_KEY, PRINTS, MAILS}:
        (folder / name).unlink(missing_ok=True)
    Prints(folder / PRINTS).keep_only(())
    _make_keys(folder)
