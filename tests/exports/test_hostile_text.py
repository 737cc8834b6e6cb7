"""Whatever people type comes out of a calendar file and a mail as it should, and never as anything but words.

Random texts of what has broken calendars and mails elsewhere go through every field that people fill in.
"""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import icalendar
import pytest
import vobject

from planner.core.disclosure import Arranged, Glimpse
from planner.core.feeds import Shown
from planner.core.notices import Kind, Sight
from planner.exports.entry import Mark, one_line, plain
from planner.exports.feed import Line, feed_file
from planner.exports.invite import Post
from planner.exports.mail import mail
from planner.exports.paper import Paper

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PIECES = (
    *'\r\n\0\v\x1b\x7f\x85\t ,;:\\"^=<>&%@',
    *"\u2028\u2029\u202e\u2066\u200f\u00ad\ud800",
    *("\r\n", "\r\n ", "\n\n", "\\n", "^n", "^'", '":mailto:', "=?utf-8?q?x?=", "{{ 7 }}"),
    *("Zoë Müller", "Zoe\u0308 Mu\u0308ller", FAMILY, "زيارة المستشفى", "x" * 74, "é" * 100, '"A, B; C: D"'),
    *("\r\nATTENDEE:mailto:evil@x.example", "\r\nEND:VEVENT\r\nBEGIN:VEVENT", "\r\nBcc: evil@x.example", "\r\n\r\n--="),
)
TO, AT = "zoe@home.example", datetime(2026, 10, 1, 12, tzinfo=UTC)
MARK, POST = Mark("1f0c1a52-9c14-4d6f-8a1e-0d2f6b7a9c11", 1, AT), Post("visits@hospital.example", "", TO)
SEEN = Glimpse("", Arranged.BOOKED, date(2026, 10, 26), date(2026, 10, 26), time(9, 30), "Europe/Brussels", 300)
FIELDS = 5
"""Title, place, telephone, how to get ready, and the name of the sender."""

BROKEN = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)")
"""A control character, or a line break that is none."""


def text(chance):
    """A few pieces in a row, often long enough for a line to be folded, and now and then nothing."""
    return "".join(chance.choices(PIECES, k=chance.choice((0, 1, 2, 5, 20))))


def read(kind, texts):
    """The mail as a mail program reads it, and its bytes."""
    title, place, phone, ready, name = texts
    sight = Sight(replace(SEEN, title=title), place, "en", phone, ready)
    content = mail(kind, sight, MARK, replace(POST, sender_name=name)).as_bytes()
    return message_from_bytes(content, policy=default), content


def events_of(content):
    """The events of a calendar file whose bytes are right, and the first one as another parser reads it."""
    assert BROKEN.search(content) is None
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    return icalendar.Calendar.from_ical(content).walk("VEVENT"), vobject.readOne(content.decode()).vevent_list


def one_event(content, title, place):
    """The one event, of which both parsers read the same words, and those that were given."""
    (event,), (theirs,) = events_of(content)
    assert event["SUMMARY"] == theirs.summary.value == (plain(title) or "Hospital appointment")
    where = theirs.location.value if "location" in theirs.contents else ""
    assert event.get("LOCATION", "") == where == plain(place)
    return event


def people(content):
    """The addresses of attendees and organizer, in the bytes: icalendar misreads them after a lone backslash."""
    return re.findall(rb"\r\n(?:ORGANIZER|ATTENDEE)[^\r]*:mailto:([^\r]*)", content.replace(b"\r\n ", b""))


def organizer(content):
    """The name of the organizer, in the bytes (RFC 6868): icalendar misreads a comma after a backslash."""
    found = re.search(rb'\r\nORGANIZER;CN=("[^"]*"|[^":;,]*):mailto:', content.replace(b"\r\n ", b""))
    return re.sub(r"\^([\^'n])", lambda two: {"^": "^", "'": '"', "n": "\n"}[two[1]], found[1].decode().strip('"'))


def check(kind, texts):
    """One message and one feed with these texts in their fields."""
    title, place, phone, _, name = texts
    message, content = read(kind, texts)
    assert BROKEN.search(content) is None
    assert (message.get_all("To"), message["Cc"], message["Bcc"]) == ([TO], None, None)
    assert [address.addr_spec for address in message["From"].addresses] == ["visits@hospital.example"]
    assert {name.casefold() for name in message.keys()} == HEADERS  # noqa: SIM118  # each header as it came
    parts = {part.get_content_type(): part for part in message.walk()}
    assert set(parts) == TYPES[kind is Kind.REMINDER]
    assert one_line(title) in parts["text/plain"].get_content().replace("\r\n", "\n")
    if kind is not Kind.REMINDER:
        file = parts["text/calendar"].get_payload(decode=True)
        one_event(file, title, place)
        assert (organizer(file), people(file)) == (one_line(name), [TO.encode(), b"visits@hospital.example"])
    seen = replace(SEEN, title=title)
    paper = Paper(printed=AT.date(), stamp=AT, language="en", site=place, phone=phone)
    event = one_event(feed_file([Line(Shown("V", seen), "seed", 1, AT)], paper, "secret"), title, place)
    assert "ATTENDEE" not in event


HEADERS = {"from", "to", "subject", "date", "message-id", "auto-submitted", "content-type", "mime-version"}
WORDS = {"multipart/alternative", "text/plain", "text/html"}
TYPES = {True: WORDS, False: WORDS | {"text/calendar"}}
KINDS = (Kind.INVITE, Kind.UPDATE, Kind.CANCEL, Kind.REMINDER)


@pytest.mark.parametrize("count", [300, pytest.param(50_000, marks=pytest.mark.slow)])
def test_whatever_is_typed_one_person_gets_one_event_with_the_words_that_were_typed(count):
    """So many texts, each in one of the fields."""
    chance = random.Random(count)
    for number in range(count // FIELDS):
        texts = [text(chance) for _ in range(FIELDS)]
        try:
            check(KINDS[number % len(KINDS)], texts)
        except Exception as error:
            raise AssertionError(f"{KINDS[number % len(KINDS)]}: {texts!r}") from error


def test_a_piece_that_is_let_through_raw_would_be_seen():
    """The look at the bytes and at the count of events finds both, where they are."""
    good = mail(Kind.INVITE, Sight(SEEN, "", "en"), MARK, POST)
    content = good.get_payload()[2].get_payload(decode=True)

    assert (BROKEN.search(content), len(events_of(content)[0])) == (None, 1)
    assert BROKEN.search(content.replace(b"STATUS", b"\x0bSTATUS")) is not None
    assert BROKEN.search(content.replace(b"STATUS", b"\rSTATUS")) is not None
    two = content.replace(b"END:VCALENDAR", content[content.index(b"BEGIN:VEVENT") :], 1)
    assert len(events_of(two)[0]) == 2


@pytest.mark.parametrize(
    ("typed", "carried"),
    [
        ("Zoe\u0308 Mu\u0308ller", "Zoë Müller"),
        ("زيارة\u202e المستشفى", "زيارة المستشفى"),
        (FAMILY, FAMILY),
        ('":mailto:', '":mailto:'),
        ("St. Luke\r\nATTENDEE:mailto:evil@x.example", "St. Luke ATTENDEE:mailto:evil@x.example"),
        ('"Haus A", Tür: 3; ^n' + "é" * 90, '"Haus A", Tür: 3; ^n' + "é" * 90),  # 200 octets
    ],
)
def test_the_name_of_the_sender_is_whole_in_the_entry_and_in_the_mail_but_for_marks_in_a_long_one(typed, carried):
    """RFC 5322 quotes it in the one, RFC 6868 in the other."""
    message, content = read(Kind.INVITE, ("", "", "", "", typed))
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    header = make_header(decode_header(message_from_bytes(content)["From"]))  # `default` parts words that were folded
    name, _, address = str(header).rpartition(" ")

    assert (organizer(part.get_payload(decode=True)), address) == (carried, "<visits@hospital.example>")
    assert name in (carried, '"{}"'.format(carried.replace('"', '\\"')), "Haus A Tür 3 ^n" + "é" * 90)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Hospital of Saint Luke, in short", "Hospital of Saint Luke, in short"),
        (
            "Hospital of Saint Luke, day clinic for all who live around",
            "Hospital of Saint Luke day clinic for all who live around",
        ),
        ("Luke <evil@x.example>, " + "x" * 60, "Luke evil x example " + "x" * 60),
        ("x" * 60 + '" <evil@x.example>', "x" * 60 + " evil x example"),
    ],
)
def test_a_long_name_with_a_comma_is_still_one_sender(name, shown):
    """Python 3.11 folds it without its quotes, and the mail would have two."""
    message, content = read(Kind.INVITE, ("", "", "", "", name))

    assert [(one.display_name, one.addr_spec) for one in message["From"].addresses] == [(shown, POST.sender)]
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
