"""Programs that keep a calendar, into which our messages are put one after another: khal, and Radicale over HTTP."""

import base64
import http.client
import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime

from tests.clients.bookings import Entry
from tests.clients.readers import by_vobject

SOON = 60
"""Seconds after which a server that does not answer is given up."""

KHAL = """\
[calendars]
[[all]]
path = {folder}/calendar
[locale]
local_timezone = UTC
default_timezone = UTC
longdateformat = %Y-%m-%d
dateformat = %Y-%m-%d
longdatetimeformat = %Y-%m-%dT%H:%M
datetimeformat = %Y-%m-%dT%H:%M
timeformat = %H:%M
[sqlite]
path = {folder}/khal.db
"""


class Khal:
    """A calendar on the command line; what was taken in last holds, whatever its number."""

    def __init__(self, folder):
        (folder / "calendar").mkdir(parents=True)
        (folder / "config").write_text(KHAL.format(folder=folder))
        self.folder = folder

    def take(self, files):
        """One message after another."""
        for number, content in enumerate(files):
            (self.folder / f"{number:05}.ics").write_bytes(content)
        self._khal("import", "--batch", *sorted(self.folder.glob("?????.ics")))

    def shown(self):
        """What stands in it, as it says itself; the number of the revision it keeps in a file and does not say."""
        said = self._khal("search", "--format", "{uid} {start-long-full} {end-long-full} {status}{nl}", "UID").split()
        return sorted(self._entry(*said[first : first + 4]) for first in range(0, len(said), 4))  # it wraps its lines

    def _entry(self, uid, start, end, status):
        kept = (self.folder / "calendar" / f"{uid}.ics").read_bytes()
        return Entry(uid, int(re.search(rb"^SEQUENCE:(\d+)", kept, re.MULTILINE)[1]), status, _utc(start), _utc(end))

    def _khal(self, *words):
        command = [sys.executable, "-m", "khal", "-c", self.folder / "config", *words]
        home = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if "T" in text else date.fromisoformat(text)


RADICALE = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[web]
type = none
[storage]
filesystem_folder = {folder}/collections
[logging]
level = warning
"""
START = "import os, runpy; os.fsync = lambda _: None; runpy.run_module('radicale', run_name='__main__')"
"""As it starts itself, but that it does not wait for the disk: no power fails here."""


class Radicale:
    """A CalDAV server: a message to a patient is put, over what stood under its identifier."""

    def __init__(self, folder, port):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text(RADICALE.format(folder=folder, port=port))
        self.port, self.log = port, folder / "log"
        command = [sys.executable, "-c", START, "--config", folder / "config"]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)

    def wait(self):
        """Until it answers, and has a calendar."""
        until = time.monotonic() + SOON
        while time.monotonic() < until and self.process.poll() is None:
            try:
                return self.ask("MKCALENDAR", "")
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise AssertionError(f"Radicale did not start: {self.log.read_text()}")

    def ask(self, method, name, content=None):
        """Its answer, as a number and bytes."""
        line = http.client.HTTPConnection("127.0.0.1", self.port)
        who = base64.b64encode(b"patient:").decode()
        line.request(method, f"/patient/visits/{name}", content, {"Authorization": f"Basic {who}"})
        answer = line.getresponse()
        said = answer.read()
        line.close()
        return answer.status, said

    def put(self, content):
        """One message, under its own identifier."""
        uid = re.search(rb"^UID:(.+)\r$", content, re.MULTILINE)[1].decode()
        return self.ask("PUT", f"{uid}.ics", content)[0]

    def shown(self):
        """What stands in it, got back in one answer."""
        status, content = self.ask("GET", "")
        assert status == http.client.OK
        (found,) = by_vobject([content])
        return list(found.entries)

    def end(self):
        self.process.terminate()
        self.process.wait()
