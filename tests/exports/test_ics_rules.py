"""The last look before a calendar file leaves: each rule is broken once, and seen."""

import pytest

from planner.exports.ics_rules import faults

GOOD = (
    b"BEGIN:VCALENDAR\r\n"
    b"VERSION:2.0\r\n"
    b"PRODID:-//visit-planner//calendar 1.0//EN\r\n"
    b"BEGIN:VEVENT\r\n"
    b"UID:one\r\n"
    b"DTSTAMP:20250325T090000Z\r\n"
    b"DTSTART:20250407T073000Z\r\n"
    b"DTEND:20250407T123000Z\r\n"
    b"SUMMARY:Hospital appointment\r\n"
    b"SEQUENCE:0\r\n"
    b"CLASS:PRIVATE\r\n"
    b"TRANSP:OPAQUE\r\n"
    b"STATUS:CONFIRMED\r\n"
    b"END:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)


def test_a_good_file_has_no_faults():
    assert faults(GOOD) == []


def test_a_file_without_visits_may_leave():
    start, end = GOOD.index(b"BEGIN:VEVENT"), GOOD.index(b"END:VCALENDAR")

    assert faults(GOOD[:start] + GOOD[end:]) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"appointment", b"appoint\x07ment", "a control character"),
        (b"appointment", b"appoint\x7fment", "a control character"),
        (b"appointment", b"appoint\nment", "a line break that is not CRLF"),
        (b"appointment", b"appoint\rment", "a line break that is not CRLF"),
        (b"END:VCALENDAR\r\n", b"END:VCALENDAR", "a line break that is not CRLF"),
        (b"appointment", b"a" * 60, "a line over 75 octets"),
        (b"CLASS:PRIVATE\r\n", b"\r\nCLASS:PRIVATE\r\n", "an empty line"),
        (b"appointment", b"\xff", "bytes that are not UTF-8, or a character that is cut in two"),
        (b"appointment", b"\xc3\r\n \xa9", "bytes that are not UTF-8, or a character that is cut in two"),
        (b"BEGIN:VCALENDAR", b"BEGIN:VTODO", "no calendar around it"),
        (b"END:VEVENT\r\n", b"", "a component that does not belong here"),
        (
            b"END:VCALENDAR",
            b"BEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\nEND:VCALENDAR",
            "BEGIN:VTIMEZONE does not belong here",
        ),
        (b"VERSION:2.0\r\n", b"", "VERSION stands 0 times"),
        (b"PRODID:-//visit-planner//calendar 1.0//EN\r\n", b"", "PRODID stands 0 times"),
        (b"VERSION", b"METHOD:PUBLISH\r\nVERSION", "METHOD does not belong here"),
        (b"UID:one\r\n", b"", "event 1: UID stands 0 times"),
        (b"DTSTAMP:20250325T090000Z\r\n", b"", "event 1: DTSTAMP stands 0 times"),
        (b"DTSTAMP:20250325T090000Z", b"DTSTAMP:20250325T090000", "event 1: DTSTAMP is not UTC"),
        (b"DTSTART:20250407T073000Z\r\n", b"", "event 1: DTSTART stands 0 times"),
        (b"DTEND:20250407T123000Z\r\n", b"", "event 1: DTEND stands 0 times"),
        (b"SEQUENCE:0\r\n", b"", "event 1: SEQUENCE stands 0 times"),
        (b"CLASS:PRIVATE\r\n", b"", "event 1: CLASS stands 0 times"),
        (b"SUMMARY", b"SUMMARY:b\r\nSUMMARY", "event 1: SUMMARY stands 2 times"),
        (b"SEQUENCE", b"ATTENDEE;CN=x:mailto:a@b.example\r\nSEQUENCE", "event 1: ATTENDEE does not belong here"),
        (b"SEQUENCE", b"ORGANIZER:mailto:a@b.example\r\nSEQUENCE", "event 1: ORGANIZER does not belong here"),
        (b"SEQUENCE", b"BEGIN:VALARM\r\nEND:VALARM\r\nSEQUENCE", "event 1: BEGIN:VALARM does not belong here"),
        (b"DTEND:20250407T12", b"DTEND:20250407T07", "event 1: it ends before it starts"),
        (b"DTEND:20250407T123000Z", b"DTEND:20250406T123000Z", "event 1: it ends before it starts"),
        (
            b"DTEND:20250407T123000Z",
            b"DTEND;VALUE=DATE:20250408",
            "event 1: start and end are neither two days nor two UTC instants",
        ),
        (
            b"DTSTART:20250407T073000Z",
            b"DTSTART;TZID=Europe/Brussels:20250407T093000",
            "event 1: start and end are neither two days nor two UTC instants",
        ),
    ],
)
def test_a_broken_file_must_not_leave(old, new, fault):
    broken = GOOD.replace(old, new, 1)
    if fault == "event 1: it ends before it starts" and new.endswith(b"T07"):
        broken = broken.replace(b"DTSTART:20250407T07", b"DTSTART:20250407T12", 1)

    assert fault in faults(broken)


def test_all_day_ends_after_its_first_day():
    day = GOOD.replace(b"DTSTART:20250407T073000Z", b"DTSTART;VALUE=DATE:20250407")

    assert faults(day.replace(b"DTEND:20250407T123000Z", b"DTEND;VALUE=DATE:20250408")) == []
    assert faults(day.replace(b"DTEND:20250407T123000Z", b"DTEND;VALUE=DATE:20250407")) == [
        "event 1: it ends before it starts"
    ]


def test_two_visits_must_not_share_a_uid():
    start, end = GOOD.index(b"BEGIN:VEVENT"), GOOD.index(b"END:VCALENDAR")

    assert faults(GOOD[:end] + GOOD[start:end] + GOOD[end:]) == ["a UID stands twice"]


def test_a_folded_line_is_read_as_one():
    assert faults(GOOD.replace(b"DTEND:2025", b"DTEND:\r\n 2025")) == []
