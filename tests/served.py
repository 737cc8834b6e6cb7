"""The planner as people start it: a command of its own, in a process group of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from planner.cli.demo_site import STAFF

ROOT = Path(__file__).parents[1]
SOON = 120


def _surroundings(*, measured):
    kept = {name: value for name, value in os.environ.items() if measured or not name.startswith("COVERAGE_PROCESS_")}
    return kept | {"PYTHONPATH": str(ROOT)}


class Served:
    """A demo, or with `settings` the planner as it runs on a ward, in a process group of its own.

    Where it is not to be `measured` for coverage, it starts and plans twice as fast.
    """

    def __init__(self, log, port, *words, settings=None, measured=True):
        self.log, self.address = log, f"http://127.0.0.1:{port}"
        name = "demo" if settings is None else "run"
        command = [sys.executable, "-P", "-m", "planner", name, "--port", str(port), *map(str, words)]
        with log.open("w") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=out,
                cwd=log.parent,
                env=_surroundings(measured=measured) | (settings or {}),
                start_new_session=True,
            )

    @property
    def said(self):
        return self.log.read_text()

    @property
    def passwords(self):
        return {who.login: re.search(rf"^ +{who.login} +(\S+) ", self.said, re.MULTILINE)[1] for who in STAFF}

    def wait(self):
        until = time.monotonic() + SOON
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with build_opener(ProxyHandler({})).open(f"{self.address}/healthz") as answer:
                    return answer.read()
            except (URLError, http.client.HTTPException, ConnectionError):
                time.sleep(0.1)
        raise AssertionError(f"not served: {self.said}")

    def end(self):
        """Ctrl-C: the terminal sends it to every process of the group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SOON)

    def kill(self):
        """What a power cut or the kernel does: no process of the group finishes anything."""
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait(SOON)

    def left(self):
        """Whether a process of the group is still there."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True
