"""A worker as a process of its own, which may be killed at any moment; hours pass in it like seconds."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from planner.core.staff import POSTMAN
from planner.post import Server, Tls, by_smtp
from planner.services.delivery import Mailing, drain
from planner.services.work import Office
from planner.store import outbox
from planner.store.database import connect

LEASE = timedelta(minutes=10)
SOON = timedelta(minutes=2)
STALLED = 1.0
"""Seconds, after which a worker leaves a server that says nothing: less than its lease takes."""


@dataclass(frozen=True)
class Hurried:
    """A clock that several processes share: `speed` seconds pass in one."""

    start: datetime
    began: float
    speed: int

    def __call__(self):
        return self.start + timedelta(seconds=(time.time() - self.began) * self.speed)


def send_all(url, key, port, clock, seed):
    """Sends until nothing waits any more."""
    office = Office(connect(url, key), clock=clock)
    server = Server("127.0.0.1", port, Tls.NONE, wait=STALLED)
    mailing = Mailing(by_smtp(server), "visits@hospital.example", random.Random(seed).random, LEASE, (SOON,))
    while True:
        drain(office, mailing, lambda: False)
        with office.look(POSTMAN) as work:
            if not outbox.waiting(work.session):
                return
        time.sleep(0.05)
