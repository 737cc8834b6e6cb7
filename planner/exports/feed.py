"""A calendar feed as bytes: the same for the same arguments, and nothing in it that asks anybody for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar
from icalendar.enums import STATUS, TRANSP
from icalendar.prop import vDuration, vText

from planner.core.notices import following
from planner.exports.entry import PRODID, Mark, entry, title, uid_of
from planner.exports.ics_rules import must_be_right
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from icalendar import Event

    from planner.core.feeds import Shown
    from planner.exports.paper import Paper

EVERY = timedelta(hours=6)
"""How often a calendar is asked to come back; programs take their own time all the same, up to a day."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the patient's secret, and the number and moment of the last saved act on the patient."""

    shown: Shown
    seed: str
    version: int
    changed: datetime

    @property
    def mark(self) -> Mark:
        """That of the mail which told of it, so that a calendar with both holds it once; else one of its own.

        Of what was moved since, with nobody mailed, it is the next revision of the same entry, and the moment of the
        last act tells it from the one before: the mail that follows has that number too, and a later moment.
        """
        sent = self.shown.sent
        if sent is None:
            return Mark(uid_of(self.seed, self.shown.code), self.version, self.changed)
        sequence = following(sent.sequence) if self.shown.moved else sent.sequence
        return Mark(sent.uid, sequence, self.changed if self.shown.reworded else sent.stamp)


def feed_file(lines: Iterable[Line], paper: Paper, secret: str) -> bytes:
    """The feed of these entries; `secret` makes the calendar's own identifier, the same at each fetch."""
    name = Words(paper.language).say("Hospital appointments")
    found = Calendar()
    found.add("prodid", PRODID)
    found.add("version", "2.0")
    found.add("uid", vText(uid_of(secret, "feed")))
    found.add("name", vText(name))
    found.add("x-wr-calname", vText(name))
    found.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", vDuration(EVERY))
    for line in lines:
        found.add_component(_event(line, paper))
    return must_be_right(found.to_ical())


def _event(line: Line, paper: Paper) -> Event:
    event = entry(line.shown.seen, paper, line.mark)
    if line.shown.over:
        words = Words(paper.language)
        said = words.say("Cancelled: %(title)s", title=title(line.shown.seen, words))
        event["SUMMARY"], event["STATUS"], event["TRANSP"] = vText(said), STATUS.CANCELLED, TRANSP.TRANSPARENT
    return event
