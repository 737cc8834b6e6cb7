"""What other people's parsers find in our files: 2,000 random bookings in eight time zones, and not one wrong.

Each reader also finds what is planted: a claim that nothing is wrong says something only where it could be.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from planner.core.disclosure import Arranged, Glimpse
from planner.core.feeds import Shown
from planner.exports.feed import Line, feed_file
from planner.exports.paper import Paper
from tests.clients.bookings import FIRST, Entry, Found, feed, later, message, some, whole_file
from tests.clients.readers import READERS, asked, by_node

pytestmark = pytest.mark.clients

RENAMED = "Somewhere/Brussels"
"""A zone that no program has in a database of its own, so that it must believe the file."""


MANY = pytest.param(20000, id="20000", marks=pytest.mark.slow)


@pytest.fixture(scope="session", params=[pytest.param(2000, id="2000"), MANY])
def made(request):
    """Our files, each with what must be found in it: messages, feeds, and files of whole plans.

    Of each booking the invitation, the move or the cancelation: no reader remembers one when it reads the next.
    """
    bookings = list(some(request.param))
    sent = [message(booking, number % 3) for number, booking in enumerate(bookings)]
    feeds = [feed(bookings[first : first + 300]) for first in range(0, len(bookings), 600)]
    return [*sent, *feeds, *map(whole_file, range(len(bookings) // 500))]


@pytest.fixture(params=READERS)
def reader(request):
    asked(request.param)
    return request.param


def wrong(reader, made):
    """Every file in which something else is found than should be."""
    found = READERS[reader]([content for content, _ in made])
    return [(one, there) for one, (_, there) in zip(found, made, strict=True) if one != there]


def test_every_uid_sequence_status_method_and_instant_is_read_as_zoneinfo_has_it(reader, made):
    assert wrong(reader, made) == []


def test_there_is_enough_to_be_wrong_about(made):
    """Entries by status; and those whose clocks are changed within the day before or after them."""
    entries = [entry for _, found in made for entry in found.entries]
    changed = [e for e in entries if isinstance(e.start, datetime) and _odd(e.start)]

    assert {e.status for e in entries} == {"CONFIRMED", "CANCELLED", "TENTATIVE"}
    assert {found.method for _, found in made} == {None, "REQUEST", "CANCEL"}
    assert (len(entries) > 4000, len(changed) > 200) == (True, True)


def _odd(start):
    around = [(start + timedelta(days=n)).astimezone(ZoneInfo("Europe/Brussels")).utcoffset() for n in (-1, 1)]
    return len(set(around)) == 2


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
@pytest.mark.parametrize("name", ["ical.js", "node-ical"])
def test_an_open_window_keeps_its_days_wherever_it_is_read(name, zone):
    """8 hours behind UTC in winter, and 13 ahead in their summer: 20 December 2026 to 16 January 2027 is 28 days."""
    asked(name)
    window = Glimpse("", Arranged.NOT_YET, date(2026, 12, 20), date(2027, 1, 16))
    leap = Glimpse("", Arranged.NOT_YET, date(2028, 2, 15), date(2028, 3, 13))
    stamp = datetime(2026, 9, 1, tzinfo=UTC)
    lines = [Line(Shown(str(place), seen), "seed", 1, stamp) for place, seen in enumerate((window, leap))]
    (found,) = by_node([feed_file(lines, Paper(printed=stamp.date(), stamp=stamp), "secret")], name, zone)

    days = sorted((entry.start, entry.end) for entry in found.entries)
    assert days == [(date(2026, 12, 20), date(2027, 1, 17)), (date(2028, 2, 15), date(2028, 3, 14))]
    assert [(end - start).days for start, end in days] == [28, 28]


# ---- what is planted is found


PLANTED = {
    "an hour later": later,
    "another sequence": lambda content: content.replace(b"SEQUENCE:1\r\n", b"SEQUENCE:0\r\n"),
    "another status": lambda content: content.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
    "another method": lambda content: content.replace(b"METHOD:REQUEST", b"METHOD:CANCEL"),
    "another uid": lambda content: re.sub(rb"UID:.", b"UID:x", content),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_what_is_planted_is_found(reader, plant):
    """The move of the first booking, of which one thing is changed."""
    content, found = message(next(some(8)), 1)

    assert len(wrong(reader, [(content, found), (plant(content), found), (content, found)])) == 1


def with_zone():
    """100 visits at nine in Brussels, by a time zone as icalendar itself writes it, and what is due."""
    zone, calendar, entries = ZoneInfo("Europe/Brussels"), icalendar.Calendar(), []
    for number in range(100):
        start = datetime(2026, 1, 1, 9, tzinfo=zone) + timedelta(days=11 * number)
        event = icalendar.Event()
        event["UID"], event["SEQUENCE"], event["STATUS"] = f"visit-{number:03}", "0", "CONFIRMED"
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(hours=1))
        calendar.add_component(event)
        ends = (start.astimezone(UTC), (start + timedelta(hours=1)).astimezone(UTC))
        entries.append(Entry(f"visit-{number:03}", 0, "CONFIRMED", *ends))
    calendar.add_missing_timezones(first_date=FIRST)
    return calendar.to_ical().replace(b"Europe/Brussels", RENAMED.encode()), Found(None, tuple(entries))


@pytest.mark.parametrize(
    ("name", "misread"), [("ical.js", True), ("node-ical", True), ("vobject", True), ("libical", False)]
)
def test_a_time_zone_of_single_dates_is_misread_by_most_which_is_why_we_write_utc(name, misread):
    """Reference: RFC 5545, 3.6.5; the readers take the first date of each list alone, or do not look at the zone."""
    asked(name)
    content, due = with_zone()
    ((found, _),) = wrong(name, [(content, due)]) or [(due, due)]

    assert b"\r\nRDATE" in content
    assert [entry.uid for entry in found.entries] == [entry.uid for entry in due.entries]
    assert any(ours != theirs for ours, theirs in zip(due.entries, found.entries, strict=True)) == misread
