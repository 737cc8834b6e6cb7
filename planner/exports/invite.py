"""One invitation, update or cancelation as a calendar program takes it from a mail (RFC 5546, 3.2.2 and 3.2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from icalendar import Alarm, Calendar, vCalAddress
from icalendar.enums import CUTYPE, PARTSTAT, ROLE, STATUS
from icalendar.prop import vText

from planner.core.notices import Kind
from planner.exports.entry import PRODID, entry, one_line, title
from planner.exports.ics_rules import must_be_right
from planner.exports.paper import Paper
from planner.exports.words import Words

if TYPE_CHECKING:
    from icalendar import Event

    from planner.core.notices import Sight
    from planner.exports.entry import Mark

BEFORE = timedelta(days=-1)
"""When the one alarm of an entry sounds."""


@dataclass(frozen=True, slots=True)
class Post:
    """From whom and to whom a message goes: mail addresses, and the name that the sender is shown by."""

    sender: str
    sender_name: str
    recipient: str
    alarm: bool = True


def method(kind: Kind) -> str:
    """The iTIP method of a notice: an invitation and an update are both a request."""
    return "CANCEL" if kind is Kind.CANCEL else "REQUEST"


def invitation(kind: Kind, sight: Sight, mark: Mark, post: Post) -> bytes:
    """The calendar file of one notice; the same bytes for the same arguments, so that it may be sent again."""
    found = Calendar()
    found.add("prodid", PRODID)
    found.add("version", "2.0")
    found.add("method", method(kind))
    found.add_component(_event(kind, sight, mark, post))
    return must_be_right(found.to_ical(), method(kind))


def _event(kind: Kind, sight: Sight, mark: Mark, post: Post) -> Event:
    paper = paper_of(sight, mark)
    event = entry(sight.seen, paper, mark)
    organizer = vCalAddress(f"mailto:{post.sender}")
    organizer.params["CN"] = one_line(post.sender_name)
    event.add("organizer", organizer)
    event.add("attendee", _attendee(post.recipient))
    if kind is Kind.CANCEL:
        event["STATUS"] = STATUS.CANCELLED
    elif post.alarm:
        event.add_component(_alarm(title(sight.seen, Words(sight.language))))
    return event


def paper_of(sight: Sight, mark: Mark) -> Paper:
    """What its words are made for."""
    return Paper(
        printed=mark.stamp.date(),
        stamp=mark.stamp,
        language=sight.language,
        zone=sight.seen.zone or "UTC",
        site=sight.place,
        phone=sight.phone,
    )


def _attendee(address: str) -> vCalAddress:
    """The recipient, of whom no answer is asked: a reply changes no booking."""
    found = vCalAddress(f"mailto:{address}")
    found.params["CUTYPE"] = CUTYPE.INDIVIDUAL
    found.params["ROLE"] = ROLE.REQ_PARTICIPANT
    found.params["PARTSTAT"] = PARTSTAT.NEEDS_ACTION
    found.params["RSVP"] = "FALSE"
    return found


def _alarm(words: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", vText(words))
    alarm.add("trigger", BEFORE)
    return alarm
