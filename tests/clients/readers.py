"""What other people's parsers find in calendar files: each reader takes all files at once."""

import importlib.util
import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import vobject

from tests.clients import libical
from tests.clients.bookings import Entry, Found

HERE = Path(__file__).parent
PROGRAM = HERE / "read.mjs"
ELSEWHERE = "America/Halifax"
"""Where the machine of a reader stands, so that one that takes its own zone for ours is found."""


def by_node(files, name, zone=ELSEWHERE):
    """By ical.js or node-ical on a machine of that zone, in one process for all files."""
    done = subprocess.run(
        ["node", PROGRAM, name],
        input=json.dumps([content.decode() for content in files]),
        env={"PATH": os.environ["PATH"], "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [
        Found(one["method"], tuple(sorted(_entry(**entry) for entry in one["entries"])))
        for one in json.loads(done.stdout)
    ]


def _entry(uid, sequence, status, start, end):
    return Entry(uid, sequence, status, _when(start), _when(end))


def _when(text):
    return date.fromisoformat(text) if "T" not in text else datetime.fromisoformat(text)


def ical_js(files):
    return by_node(files, "ical.js")


def node_ical(files):
    return by_node(files, "node-ical")


def by_vobject(files):
    """By vobject, with which Radicale reads."""
    return [_by_vobject(vobject.readOne(content.decode())) for content in files]


def _by_vobject(calendar):
    method = calendar.method.value if "method" in calendar.contents else None
    events = calendar.contents.get("vevent", [])
    return Found(method, tuple(sorted(_entry_of(event) for event in events)))


def _entry_of(event):
    ends = (event.dtstart.value, event.dtend.value)
    utc = (end.astimezone(UTC) if isinstance(end, datetime) else end for end in ends)
    return Entry(event.uid.value, int(event.sequence.value), event.status.value, *utc)


READERS = {"ical.js": ical_js, "node-ical": node_ical, "vobject": by_vobject, "libical": libical.read}


def asked(name):
    """Skips, visibly, where that program is not installed."""
    if name in ("ical.js", "node-ical") and not (shutil.which("node") and (HERE / "node_modules" / name).is_dir()):
        pytest.skip(f"{name} is not installed: `npm ci --ignore-scripts` in tests/clients, with node 18 or newer")
    if name == "libical" and libical.library() is None:
        pytest.skip("libical is not installed: Debian package libical3")
    if name in ("khal", "radicale") and importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed: it is in requirements-dev.lock")
