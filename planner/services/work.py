"""The unit of work: one transaction, its actor and its moment. The only commit and the only look at the clock."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from planner.core.errors import Refused, Repeated
from planner.services.protocols import Library
from planner.store import audit, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlmodel import Session

    from planner.core.patients import Site
    from planner.core.staff import Actor
    from planner.store.database import Database

SAVED = "saved"
"""Holds what is to be done once the session is saved."""

ID_BYTES = 16
"""128 random bits in every id that stands in an address: nobody guesses a neighbour's."""


def public_id() -> str:
    """A new random id for an address."""
    return secrets.token_urlsafe(ID_BYTES)


def by_the_clock() -> datetime:
    """The present moment."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Work:
    """What a service works with: an open transaction, who acts, and when (UTC)."""

    session: Session
    actor: Actor
    now: datetime
    library: Library

    def today(self, site: Site) -> date:
        """The day that it is at the site."""
        return self.now.astimezone(ZoneInfo(site.zone)).date()

    def only_once(self, key: str, digest: str) -> None:
        """Go on for the first form that its person sends with this key; Repeated for the same one sent again.

        Refused where the same key comes with other words.
        """
        before = sent.sent_before(self.session, self.actor.login, key, digest, self.now)
        if before == digest:
            raise Repeated("sent_before")
        if before is not None:
            raise Refused("form_sent_twice")

    def once_saved(self, do: Callable[[], object]) -> None:
        """Do this when everything is saved, and never where it is not."""
        self.session.info.setdefault(SAVED, []).append(do)

    def stamp(self, action: str, reason: str = "") -> audit.Stamp:
        """What the audit rows of a new act share."""
        return audit.Stamp(self.actor, self.now, public_id(), action, reason)


@dataclass(frozen=True)
class Office:
    """Where work is done: the database, the protocols known, the clock."""

    database: Database
    library: Library = field(default_factory=Library)
    clock: Callable[[], datetime] = by_the_clock

    @contextmanager
    def begin(self, actor: Actor) -> Iterator[Work]:
        """A transaction that is saved at its end, whole, or not at all when anything is raised in it."""
        with self.database.writing, self.database.sessions() as session:
            yield Work(session, actor, self.clock(), self.library)
            session.commit()
            for told in session.info.get(SAVED, ()):
                told()

    @contextmanager
    def look(self, actor: Actor) -> Iterator[Work]:
        """A transaction that only reads; on SQLite it waits for nobody."""
        with self.database.reading() as session:
            yield Work(session, actor, self.clock(), self.library)
