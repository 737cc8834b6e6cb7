"""The byte rules of a calendar file: the last look before it leaves (RFC 5545 and our own)."""

from __future__ import annotations

import re

LONGEST = 75
"""Octets of a content line without its line break (RFC 5545, 3.1)."""

ONCE = {
    b"VCALENDAR": (b"VERSION", b"PRODID"),
    b"VEVENT": (b"UID", b"DTSTAMP", b"DTSTART", b"DTEND", b"SUMMARY", b"SEQUENCE", b"CLASS", b"TRANSP", b"STATUS"),
}
PEOPLE = (b"ORGANIZER", b"ATTENDEE")
FORBIDDEN = (b"METHOD", *PEOPLE, b"BEGIN:VTIMEZONE", b"BEGIN:VALARM")
"""What a file or feed must not carry: it invites nobody, and its times are UTC."""

STATUS = {"REQUEST": (b"CONFIRMED",), "CANCEL": (b"CANCELLED",), "": (b"CONFIRMED", b"TENTATIVE", b"CANCELLED")}
"""What an event may say of itself, by the method of the file."""

INSTANT = re.compile(rb"\d{8}T\d{6}Z")
DAY = re.compile(rb"\d{8}")
BODY = re.compile(rb"BEGIN:(VEVENT)\r\n(.*?)END:VEVENT\r\n", re.DOTALL)


def must_be_right(content: bytes, method: str = "") -> bytes:
    """The file, which may leave; ValueError where something is wrong with it."""
    wrong = faults(content, method)
    if wrong:
        raise ValueError(f"the calendar file must not leave: {'; '.join(wrong)}")
    return content


def faults(content: bytes, method: str = "") -> list[str]:
    """Everything that is wrong with a calendar file, empty when it may leave.

    `method`: REQUEST or CANCEL for a message to one person (RFC 5546, 3.2.2 and 3.2.5); empty for a file or a feed.
    """
    unfolded = content.replace(b"\r\n ", b"")
    visits = [body for _, body in BODY.findall(unfolded)]
    frame = BODY.sub(b"", unfolded)
    found = [*_bytes(content), *_frame(frame, method)]
    if method and len(visits) != 1:
        found.append(f"{len(visits)} events in one message")
    for number, body in enumerate(visits, start=1):
        found += [f"event {number}: {fault}" for fault in _event(body, method)]
    uids = [line for body in visits for line in _values(body, b"UID")]
    return [*found, *(["a UID stands twice"] if len(uids) != len(set(uids)) else [])]


def _bytes(content: bytes) -> list[str]:
    found = []
    if any((byte < 0x20 and byte not in b"\r\n") or byte == 0x7F for byte in content):  # noqa: PLR2004  # C0 and DEL
        found.append("a control character")
    lines = content.split(b"\r\n")
    if lines[-1] != b"" or any(b"\r" in line or b"\n" in line for line in lines):
        found.append("a line break that is not CRLF")
    if any(len(line) > LONGEST for line in lines):
        found.append(f"a line over {LONGEST} octets")
    if any(not line.strip() for line in lines[:-1]):
        found.append("an empty line")
    try:
        [line.decode() for line in lines]
    except UnicodeDecodeError:
        found.append("bytes that are not UTF-8, or a character that is cut in two")
    return found


def _frame(frame: bytes, method: str) -> list[str]:
    found = _counts(b"VCALENDAR", frame, (b"METHOD",) if method else ())
    if method and _values(frame, b"METHOD") != [method.encode()]:
        found.append(f"METHOD is not {method}")
    if re.search(rb"^REFRESH-INTERVAL:", frame, re.MULTILINE):
        found.append("REFRESH-INTERVAL without VALUE")
    if not frame.startswith(b"BEGIN:VCALENDAR\r\n") or not frame.endswith(b"END:VCALENDAR\r\n"):
        found.append("no calendar around it")
    if frame.count(b"BEGIN:") != 1 or frame.count(b"END:") != 1:
        found.append("a component that does not belong here")
    return found


def _event(body: bytes, method: str) -> list[str]:
    """An alarm may stand in a request only, and must say when it sounds."""
    alarms = (b"BEGIN:VALARM",) if method == "REQUEST" else ()
    found = [*_counts(b"VEVENT", body, PEOPLE if method else (), alarms), *_times(body)]
    if any(status not in STATUS[method] for status in _values(body, b"STATUS")):
        found.append(f"its STATUS does not suit {method or 'a file'}")
    if body.count(b"BEGIN:VALARM") != len(_values(body, b"TRIGGER")) or body.count(b"BEGIN:VALARM") > 1:
        found.append("an alarm that does not say when it sounds")
    return found


def _counts(
    component: bytes, body: bytes, needed: tuple[bytes, ...] = (), allowed: tuple[bytes, ...] = ()
) -> list[str]:
    once = (*ONCE[component], *needed)
    found = [f"{name.decode()} stands {n} times" for name in once if (n := len(_values(body, name))) != 1]
    barred = [name for name in FORBIDDEN if name not in (*needed, *allowed)]
    banned = [name for name in barred if re.search(rb"^" + name + rb"\b", body, re.MULTILINE)]
    return [*found, *(f"{name.decode()} does not belong here" for name in banned)]


def _times(body: bytes) -> list[str]:
    """Both ends are days, or both are UTC instants, and the end lies after the start."""
    start, end = _values(body, b"DTSTART"), _values(body, b"DTEND")
    found = [] if all(INSTANT.fullmatch(stamp) for stamp in _values(body, b"DTSTAMP")) else ["DTSTAMP is not UTC"]
    if not (start and end):
        return found
    if not any(kind.fullmatch(start[0]) and kind.fullmatch(end[0]) for kind in (INSTANT, DAY)):
        return [*found, "start and end are neither two days nor two UTC instants"]
    return found if end[0] > start[0] else [*found, "it ends before it starts"]


def _values(body: bytes, name: bytes) -> list[bytes]:
    """The values of a property, parameters left aside."""
    return re.findall(rb"^" + name + rb"(?:;[^:\r]*)?:(.*)\r$", body, re.MULTILINE)
