"""What must not leave: each message that we make is let through, and each of 16 ways to spoil one is seen.

Our own rules see all of them; libical's checker (RFC 5546) is asked too, and the table says what it lets pass.
"""

import re

import pytest

from planner.exports.ics_rules import faults
from tests.clients.bookings import feed, message, some, whole_file
from tests.clients.libical import complaints
from tests.clients.readers import asked

pytestmark = pytest.mark.clients

BOOKING = next(some(1))
REQUEST, CANCEL = (message(BOOKING, step)[0] for step in (0, 2))
FEED, _ = feed([BOOKING])


def without(content, name):
    """The same without each property of that name."""
    gone = re.sub(rb"\r\n" + name + rb"[;:].*(\r\n .*)*", b"", content)
    assert gone != content
    return gone


def instead(content, old, new):
    changed = re.sub(old, new, content)
    assert changed != content
    return changed


def published(content):
    """A feed as libical can be asked about it: it looks only at what a METHOD asks for, and there an ORGANIZER."""
    named = content.replace(b"\r\nBEGIN:VEVENT", b"\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT", 1)
    return named.replace(b"\r\nEND:VEVENT", b"\r\nORGANIZER:mailto:office@hospital.example\r\nEND:VEVENT")


START = rb"\r\nDTSTART:\w+"
ATTENDEE = b"\r\nATTENDEE:mailto:zoe@home.example\r\nEND:VEVENT"

MUTATIONS = {
    "no ORGANIZER": ("REQUEST", without(REQUEST, b"ORGANIZER"), "seen"),
    "no UID": ("REQUEST", without(REQUEST, b"UID"), "seen"),
    "no DTSTAMP": ("REQUEST", without(REQUEST, b"DTSTAMP"), "seen"),
    "no ATTENDEE": ("REQUEST", without(REQUEST, b"ATTENDEE"), "seen"),
    "no DTSTART": ("REQUEST", without(REQUEST, b"DTSTART"), "seen"),
    "two SUMMARY": ("REQUEST", instead(REQUEST, b"\r\nSEQUENCE", b"\r\nSUMMARY:Another\r\nSEQUENCE"), "seen"),
    "PUBLISH with ATTENDEE": ("", instead(published(FEED), b"\r\nEND:VEVENT", ATTENDEE), "seen"),
    "CANCEL without SEQUENCE": ("CANCEL", without(CANCEL, b"SEQUENCE"), "seen"),
    "no PRODID": ("REQUEST", without(REQUEST, b"PRODID"), "seen"),
    "an unreadable DTSTART": ("REQUEST", instead(REQUEST, START, b"\r\nDTSTART:2026-10-26T09:30"), "seen"),
    "CANCEL with STATUS:CONFIRMED": ("CANCEL", instead(CANCEL, b"STATUS:CANCELLED", b"STATUS:CONFIRMED"), "let pass"),
    "REQUEST without SEQUENCE": ("REQUEST", without(REQUEST, b"SEQUENCE"), "let pass"),
    "VALARM without TRIGGER": ("REQUEST", without(REQUEST, b"TRIGGER"), "let pass"),
    "REFRESH-INTERVAL without VALUE": ("", instead(FEED, b";VALUE=DURATION", b""), "let pass"),
    "DTEND before DTSTART": ("REQUEST", instead(REQUEST, START, b"\r\nDTSTART:20991231T000000"), "let pass"),
    "a feed without UID": ("", without(FEED, b"UID"), "let pass"),
}
"""What is spoilt, the method for which our rules are asked, the file, and whether libical's checker sees it."""


@pytest.fixture
def libical():
    asked("libical")
    return complaints


@pytest.mark.parametrize(("method", "spoilt"), [row[:2] for row in MUTATIONS.values()], ids=MUTATIONS)
def test_our_rules_see_what_is_spoilt(method, spoilt):
    assert faults(spoilt, method) != []


@pytest.mark.parametrize(("spoilt", "outcome"), [row[1:] for row in MUTATIONS.values()], ids=MUTATIONS)
def test_libical_sees_some_of_it_and_lets_the_rest_pass(libical, spoilt, outcome):
    assert ("seen" if libical(spoilt) else "let pass") == outcome


@pytest.mark.parametrize("name", [b"UID", b"DTSTAMP"])
def test_libical_sees_what_a_feed_lacks_once_it_is_called_published(libical, name):
    assert libical(published(FEED)) == []
    assert libical(without(published(FEED), name)) != []


@pytest.fixture(scope="module")
def ours():
    """Every kind of file with the method that it is for, and with all that our messages can hold."""
    bookings = list(some(120))
    sent = [(("REQUEST", "REQUEST", "CANCEL")[n % 3], message(one, n % 3)[0]) for n, one in enumerate(bookings)]
    return [*sent, *(("", content) for content, _ in (feed(bookings), whole_file(1)))]


def test_our_rules_let_each_of_our_files_leave(ours):
    assert [content for method, content in ours if faults(content, method)] == []


def test_libical_has_nothing_to_say_of_any_of_our_files(libical, ours):
    files = [content if method else published(content) for method, content in ours]

    assert [complaint for content in files for complaint in libical(content)] == []
