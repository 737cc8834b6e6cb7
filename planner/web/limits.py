"""How often an address is answered: counted in this process, for what it guards is this process's own time.

With several processes each counts for itself, so a caller gets as many answers more as there are processes. That is
enough here: a token of 256 bits is not found by trying, however often; whoever wants one limit for the whole site sets
it in the proxy, which sees every request. What must hold across processes (links to a patient's page) is counted in
the database.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

HOUR = timedelta(hours=1)
MOST_KEYS = 4096


class Limit:
    """So many calls an hour for each key; the keys used longest ago are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def passed(self, key: str, now: datetime) -> bool:
        """Count one more call; whether there were too many in the hour that began with the first."""
        with self._lock:
            began, calls = self._calls.pop(key, (now, 0))
            if not timedelta() <= now - began < HOUR:
                began, calls = now, 0
            self._calls[key] = (began, calls + 1)
            while len(self._calls) > MOST_KEYS:
                self._calls.popitem(last=False)
        return calls >= self._most
