"""The patient's visits as a calendar file: neutral words, UTC instants, the same bytes for the same call."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from icalendar import Calendar
from icalendar.prop import vText

from planner.core.disclosure import Detail, glimpse, secret_words
from planner.exports.entry import PRODID, Mark, entry, uid_of
from planner.exports.ics_rules import must_be_right
from planner.exports.words import Words

if TYPE_CHECKING:
    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper


def calendar_file(schedule: Schedule, paper: Paper, *, seed: str = "", detail: Detail = Detail.STANDARD) -> bytes:
    """Every visit with a day that the patient attends and that took place or is still to come.

    UIDs come from `seed`, a secret of this patient, and the visit's code: an entry keeps its UID from file to file.
    Without a seed they come from the stamp and the entry's place in the file, which tell nothing of the visit, for the
    stamp stands in the file for anyone to try codes with.
    """
    key = seed or paper.stamp.astimezone(UTC).isoformat()
    secret = secret_words(schedule.protocol)
    found = Calendar()
    found.add("prodid", PRODID)
    found.add("version", "2.0")
    found.add("uid", vText(uid_of(key, "")))
    found.add("x-wr-calname", vText(Words(paper.language).say("Hospital appointments")))
    shown = ((visit.code, glimpse(visit, secret, paper.language, detail)) for visit in schedule.visits)
    for place, (code, seen) in enumerate((code, seen) for code, seen in shown if seen is not None):
        found.add_component(entry(seen, paper, Mark(uid_of(key, code if seed else str(place)), 0, paper.stamp)))
    return must_be_right(found.to_ical())
