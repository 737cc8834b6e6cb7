"""The worker: sends what is owed and writes reminders, every few seconds; huey keeps the time, the outbox the truth.

A message of the queue that is lost costs one round, never an invitation: what is to be sent stands in the database.
"""

from __future__ import annotations

import hashlib
import logging
import random
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler
from huey.exceptions import ConfigurationError
from huey.serializer import SignedSerializer

from planner.core.errors import Refused
from planner.services import delivery
from planner.services.delivery import Mailing

if TYPE_CHECKING:
    from planner.post import Send
    from planner.services.work import Office

LOG = logging.getLogger("planner.worker")
NAME = "planner"
EVERY = 10
"""Seconds from one round to the next."""

STOPS_WITHIN = 50.0
"""Seconds in which a worker that is to stop is done with the message in its hands."""


@dataclass(frozen=True)
class Shift:
    """One worker at work: where, how it sends, and whether it is to stop after the message in its hands."""

    office: Office
    mailing: Mailing
    stopping: Event = field(default_factory=Event)

    def round(self) -> None:
        """Send everything that is due, and the reminders that are due by now."""
        if not self.stopping.is_set():
            delivery.drain(self.office, self.mailing, self.stopping.is_set)
            if delivery.remind(self.office):
                delivery.drain(self.office, self.mailing, self.stopping.is_set)


def shift(office: Office, send: Send, sender: str) -> Shift:
    """A worker that sends like this, from this address."""
    return Shift(office, Mailing(send, sender, random.SystemRandom().random))


# ---- a process of its own


def queue(url: str, beside: str | None, secret: str) -> Huey:
    """The queue at that address; without one a file beside the database, or this process's memory.

    What it holds is signed: whoever can write into a queue must not be able to make the worker run anything.
    """
    signed = SignedSerializer(hashlib.sha256(f"queue {secret}".encode()).hexdigest())
    kept = {"name": NAME, "results": False, "serializer": signed}
    try:
        if not url:
            return SqliteHuey(filename=f"{beside}.queue", **kept) if beside else MemoryHuey(**kept)
        scheme, _, rest = url.partition("://")
        if scheme == "sqlite":
            return SqliteHuey(filename=rest.removeprefix("/"), **kept)
        return RedisHuey(url=url, **kept) if scheme.startswith("redis") else PostgresHuey(dsn=url, **kept)
    except ConfigurationError as error:
        raise Refused("queue_driver_missing", kind=urlsplit(url).scheme) from error


class _Often(Scheduler):  # type: ignore[misc]  # huey ships no types
    """huey looks for periodic work once a minute; a lost message of the queue shall cost less."""

    periodic_task_seconds = EVERY


class _Consumer(Consumer):  # type: ignore[misc]  # huey ships no types
    """One thread that works and one that keeps the time. To stop is always to finish the message in hand first."""

    scheduler_class = _Often

    def __init__(self, kept: Huey, stopping: Event) -> None:
        self._stopping = stopping
        super().__init__(kept, workers=1, initial_delay=1, backoff=1, shutdown_timeout=STOPS_WITHIN)

    def stop(self, graceful: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002  # as huey calls it
        self._stopping.set()
        self._restart = False
        super().stop(graceful=True)


def work(shift: Shift, kept: Huey) -> None:
    """Work until SIGTERM or Ctrl-C; the message in hand is sent and marked first."""
    kept.periodic_task(lambda _now: True, name="round", expires=EVERY)(shift.round)
    _Consumer(kept, shift.stopping).run()


# ---- inside another process


def alongside(shift: Shift) -> Thread:
    """The same rounds in a thread; it ends once `shift.stopping` is set."""

    def rounds() -> None:
        while True:
            try:
                shift.round()
            except Exception:
                LOG.exception("a round of the worker failed; the next one comes")
            if shift.stopping.wait(EVERY):
                return

    thread = Thread(target=rounds, name="worker", daemon=True)
    thread.start()
    return thread
