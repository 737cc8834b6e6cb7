"""A worker as a process of its own, which may be killed at any moment, and the clock that it shares with the test."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from planner.post import Server, Tls, by_smtp
from planner.services.delivery import Mailing, drain
from planner.services.work import Office
from planner.store.database import connect

if TYPE_CHECKING:
    from ctypes import c_double
    from multiprocessing.connection import Connection

LEASE = timedelta(hours=1)
"""Longer than a person is given for a second thought, so that newer messages wait for what a dead worker holds."""

STALLED = 0.5
"""Seconds, after which a worker leaves a server that says nothing."""


@dataclass(frozen=True)
class Shared:
    """A clock that several processes read and the test alone sets: `passed` is seconds since the start."""

    start: datetime
    passed: c_double

    def __call__(self):
        return self.start + timedelta(seconds=self.passed.value)


def send(url: str, key: str, port: int, clock: Shared, seed: int, line: Connection) -> None:
    """Sends everything that is due each time that a word comes, and says when it is done; until it is killed."""
    office = Office(connect(url, key), clock=clock)
    server = Server("127.0.0.1", port, Tls.NONE, wait=STALLED)
    mailing = Mailing(by_smtp(server), "visits@hospital.example", random.Random(seed).random, LEASE)
    while line.recv():
        drain(office, mailing, lambda: False)
        line.send("done")
