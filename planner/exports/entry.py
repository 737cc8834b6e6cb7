"""One entry of a calendar: a visit in neutral words, as a file, a feed and an invitation show it alike."""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from icalendar import Event
from icalendar.enums import CLASS, STATUS, TRANSP
from icalendar.prop import vText

from planner.core.disclosure import Arranged
from planner.core.walltime import instant
from planner.exports.words import Words

if TYPE_CHECKING:
    from datetime import date

    from planner.core.disclosure import Glimpse
    from planner.exports.paper import Paper

PRODID = "-//visit-planner//calendar 1.0//EN"
SHORTEST = 15
"""Minutes shown for a visit whose length is not known: programs drop what has no length."""

LINE_BREAK = re.compile("\r\n|\r|\u0085|\u2028|\u2029")
SPACES = re.compile(" *\n *| +")
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one revision of an entry from all others: its identifier, its number and its moment (aware)."""

    uid: str
    sequence: int
    stamp: datetime


def uid_of(secret: str, name: str) -> str:
    """An identifier that stays the same for a name, and tells nothing of it to whoever does not know the secret."""
    return str(UUID(bytes=hmac.digest(secret.encode(), name.encode(), "sha256")[:16], version=4))


def entry(seen: Glimpse, paper: Paper, mark: Mark) -> Event:
    """The visit as an event, in UTC where a time is agreed and else as whole days; the same for the same arguments."""
    words = Words(paper.language)
    open_day = seen.arranged is Arranged.NOT_YET
    start, end = _start_and_end(seen, paper)
    event = Event()
    event.add("uid", vText(mark.uid))
    event.add("dtstamp", mark.stamp.astimezone(UTC))
    event.add("last-modified", mark.stamp.astimezone(UTC))
    event.add("sequence", mark.sequence)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", vText(title(seen, words)))
    calls = (whom_to_call(paper, words),) if seen.arranged is not Arranged.TOOK_PLACE else ()
    event.add("description", vText(plain("\n".join(filter(None, (*told(seen, paper, words), *calls))))))
    if paper.site and not seen.by_phone:
        event.add("location", vText(plain(paper.site)))
    event.add("class", CLASS.PRIVATE)
    event.add("transp", TRANSP.TRANSPARENT if open_day else TRANSP.OPAQUE)
    event.add("status", STATUS.TENTATIVE if open_day else STATUS.CONFIRMED)
    return event


def title(seen: Glimpse, words: Words) -> str:
    """The neutral title, and that the day is still open."""
    found = plain(seen.title) or words.say(seen.neutral)
    still_open = words.say("to be arranged")
    return f"{found} \N{EN DASH} {still_open}" if seen.arranged is Arranged.NOT_YET else found


def _start_and_end(seen: Glimpse, paper: Paper) -> tuple[date | datetime, date | datetime]:
    """UTC instants where a time is agreed, as it was seen; else whole days, the end exclusive.

    A stay that is booked lasts its nights.
    """
    stay = timedelta(days=seen.nights if seen.arranged is Arranged.BOOKED else 0)
    if seen.at is None:
        return seen.first, seen.last + stay + timedelta(days=1)
    start = seen.instant or instant(seen.first, seen.at, seen.zone or paper.zone)
    return start, start + (stay or timedelta(minutes=max(seen.minutes or 0, SHORTEST)))


def told(seen: Glimpse, paper: Paper, words: Words) -> list[str]:
    """What the description says of the visit: what is open of it, the local time with its zone, and how long."""
    lines = []
    if seen.arranged is Arranged.NOT_YET:
        lines.append(words.say("Still to be arranged with you."))
    if seen.arranged is Arranged.BOOKED and seen.at is None:
        lines.append(words.say("The time is not agreed yet."))
    if seen.at is not None:
        zone = seen.zone or paper.zone
        lines.append(words.say("%(time)s local time (%(zone)s)", time=words.time(seen.at), zone=zone))
    if seen.nights or seen.minutes:
        lines.append(words.say("How long: %(length)s", length=_how_long(seen, words)))
    return lines


def whom_to_call(paper: Paper, words: Words) -> str:
    """The clinic's number; empty where it is not known."""
    return words.say("Questions, or another day? Call %(phone)s", phone=paper.phone) if paper.phone else ""


def _how_long(seen: Glimpse, words: Words) -> str:
    if seen.nights:
        nights = words.counted("%(number)d night", "%(number)d nights", seen.nights)
        return words.say("about %(length)s", length=nights)
    return words.how_long(seen.minutes or 0, seen.minutes or 0)


def plain(text: str) -> str:
    """The text as a calendar can carry it: composed characters, no control characters but the line break.

    Spaces stand alone and never at an end of a line: a folded line of nothing but spaces is lost by some readers.
    """
    lines = LINE_BREAK.sub("\n", text).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or not (c in BIDI or unicodedata.category(c) in ("Cc", "Cs")))
    return SPACES.sub(lambda found: "\n" if "\n" in found[0] else " ", unicodedata.normalize("NFC", kept)).strip(" ")


def one_line(text: str) -> str:
    """The text as a header or a name can carry it."""
    return " ".join(plain(text).split())
