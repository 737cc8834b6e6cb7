"""Forms that were sent: each is done once, however often it arrives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from planner.store.tables import SentRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

KEPT = timedelta(hours=24)


def sent_before(session: Session, login: str, key: str, digest: str, now: datetime) -> str | None:
    """The digest of the form that this person sent with this key before; None: it is the first, and noted now.

    Whoever sends the same one at the same moment waits here for the other.
    """
    old = delete(SentRow).where(col(SentRow.login) == login, col(SentRow.at) < now - KEPT)
    session.connection().execute(old)
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    noted = insert(SentRow).values(login=login, key=key, digest=digest, at=now).on_conflict_do_nothing()
    if session.connection().execute(noted.returning(col(SentRow.key))).first() is not None:
        return None
    return session.get_one(SentRow, (login, key)).digest
