"""The patient's visits as a calendar file: neutral words, UTC instants, the same bytes for the same call."""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from icalendar import Calendar, Event
from icalendar.enums import CLASS, STATUS, TRANSP
from icalendar.prop import vText

from planner.core.disclosure import NEUTRAL, Arranged, glimpse, secret_words
from planner.core.walltime import instant
from planner.exports.ics_rules import faults
from planner.exports.words import Words

if TYPE_CHECKING:
    from datetime import date

    from planner.core.disclosure import Glimpse
    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper

PRODID = "-//visit-planner//calendar 1.0//EN"
SHORTEST = 15
"""Minutes shown for a visit whose length is not known: programs drop what has no length."""

LINE_BREAK = re.compile("\r\n|\r|\u0085|\u2028|\u2029")
SPACES = re.compile(" *\n *| +")
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def calendar_file(schedule: Schedule, paper: Paper, *, seed: str = "") -> bytes:
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
    found.add("uid", vText(_uid(key, "")))
    found.add("x-wr-calname", vText(Words(paper.language).say("Hospital appointments")))
    shown = ((visit.code, glimpse(visit, secret, paper.language)) for visit in schedule.visits)
    for place, (code, seen) in enumerate((code, seen) for code, seen in shown if seen is not None):
        found.add_component(_event(seen, paper, _uid(key, code if seed else str(place))))
    return _checked(found.to_ical())


def _checked(content: bytes) -> bytes:
    wrong = faults(content)
    if wrong:
        raise ValueError(f"the calendar file must not leave: {'; '.join(wrong)}")
    return content


def _uid(key: str, name: str) -> str:
    return str(UUID(bytes=hmac.digest(key.encode(), name.encode(), "sha256")[:16], version=4))


def _event(seen: Glimpse, paper: Paper, uid: str) -> Event:
    words = Words(paper.language)
    open_day = seen.arranged is Arranged.NOT_YET
    title = _title(seen, words)
    start, end = _start_and_end(seen, paper)
    event = Event()
    event.add("uid", vText(uid))
    event.add("dtstamp", paper.stamp.astimezone(UTC))
    event.add("last-modified", paper.stamp.astimezone(UTC))
    event.add("sequence", 0)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", vText(title))
    event.add("description", vText(plain("\n".join(_told(seen, paper, words)))))
    if paper.site:
        event.add("location", vText(plain(paper.site)))
    event.add("class", CLASS.PRIVATE)
    event.add("transp", TRANSP.TRANSPARENT if open_day else TRANSP.OPAQUE)
    event.add("status", STATUS.TENTATIVE if open_day else STATUS.CONFIRMED)
    return event


def _title(seen: Glimpse, words: Words) -> str:
    title = plain(seen.title) or words.say(NEUTRAL)
    still_open = words.say("to be arranged")
    return f"{title} \N{EN DASH} {still_open}" if seen.arranged is Arranged.NOT_YET else title


def _start_and_end(seen: Glimpse, paper: Paper) -> tuple[date | datetime, date | datetime]:
    """UTC instants where a time is agreed; else whole days, the end exclusive."""
    if seen.at is None:
        return seen.first, seen.last + timedelta(days=1)
    start = instant(seen.first, seen.at, seen.zone or paper.zone)
    return start, start + timedelta(minutes=max(seen.minutes or 0, SHORTEST))


def _told(seen: Glimpse, paper: Paper, words: Words) -> list[str]:
    """What the description says: the local time with its zone, how long, and whom to call."""
    lines = []
    if seen.arranged is Arranged.NOT_YET:
        lines.append(words.say("Still to be arranged with you."))
    if seen.at is not None:
        zone = seen.zone or paper.zone
        lines.append(words.say("%(time)s local time (%(zone)s)", time=words.time(seen.at), zone=zone))
    if seen.minutes:
        lines.append(words.say("How long: %(length)s", length=words.how_long(seen.minutes, seen.minutes)))
    if paper.phone and seen.arranged is not Arranged.TOOK_PLACE:
        lines.append(words.say("Questions, or another day? Call %(phone)s", phone=paper.phone))
    return lines


def plain(text: str) -> str:
    """The text as a calendar can carry it: composed characters, no control characters but the line break.

    Spaces stand alone and never at an end of a line: a folded line of nothing but spaces is lost by some readers.
    """
    lines = LINE_BREAK.sub("\n", text).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or not (c in BIDI or unicodedata.category(c) in ("Cc", "Cs")))
    return SPACES.sub(lambda found: "\n" if "\n" in found[0] else " ", unicodedata.normalize("NFC", kept)).strip(" ")
