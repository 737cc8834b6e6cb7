"""A feed as bytes: the same for the same arguments, canceled visits and none at all, and nobody asked for an answer."""

from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest

from planner.core.disclosure import Arranged, Glimpse
from planner.core.feeds import Sent, Shown
from planner.core.notices import Sight
from planner.exports.feed import Line, feed_file
from planner.exports.paper import Paper

STAMP = datetime(2026, 10, 1, 12, tzinfo=UTC)
PAPER = Paper(printed=STAMP.date(), stamp=STAMP, language="nl")
DAY = date(2026, 10, 26)


def canceled(number):
    """A visit that was told of by mail and canceled."""
    seen = Glimpse("Controle", Arranged.BOOKED, DAY + timedelta(days=number), DAY + timedelta(days=number), time(9, 30))
    sent = Sent(f"V{number}", f"uid-{number:02}", 2, STAMP, Sight(seen, "", "nl"), over=True)
    return Line(Shown(f"V{number}", seen, sent, over=True), "seed", 3, STAMP)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_feed_of_canceled_visits_or_none_is_a_calendar_that_asks_nobody_for_an_answer(count):
    """10:30 in Brussels is 9:30 UTC once the clocks went back, on 25 October."""
    content = feed_file(map(canceled, range(count)), PAPER, "secret")
    found = icalendar.Calendar.from_ical(content)

    events = [(e["UID"], e["SEQUENCE"], e["STATUS"], e["SUMMARY"], e["TRANSP"]) for e in found.walk("VEVENT")]
    assert events == [(f"uid-{n:02}", 2, "CANCELLED", "Geannuleerd: Controle", "TRANSPARENT") for n in range(count)]
    assert [e["DTSTART"].dt for e in found.walk("VEVENT")] == [
        datetime(2026, 10, 26, 8, 30, tzinfo=UTC) + timedelta(days=n) for n in range(count)
    ]
    assert [word for word in (b"METHOD", b"ATTENDEE", b"ORGANIZER", b"VALARM") if word in content] == []


def test_fetched_twice_a_feed_is_the_same_to_the_byte():
    first, again = (feed_file(map(canceled, range(40)), PAPER, "secret") for _ in range(2))

    assert first == again
