"""libical, the C library behind Evolution, KOrganizer and others, called as it is (Debian package libical3)."""

import ctypes
import re
from datetime import UTC, date, datetime
from functools import cache

from tests.clients.bookings import Entry, Found


class Time(ctypes.Structure):
    """struct icaltimetype of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    ]


POINTER, TEXT, NUMBER = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
CALLS = {
    "icalparser_parse_string": (POINTER, TEXT),
    "icalcomponent_free": (None, POINTER),
    "icalcomponent_string_to_kind": (NUMBER, TEXT),
    "icalcomponent_get_first_component": (POINTER, POINTER, NUMBER),
    "icalcomponent_get_next_component": (POINTER, POINTER, NUMBER),
    "icalproperty_string_to_kind": (NUMBER, TEXT),
    "icalcomponent_get_first_property": (POINTER, POINTER, NUMBER),
    "icalproperty_get_value_as_string": (TEXT, POINTER),
    "icalcomponent_get_dtstart": (Time, POINTER),
    "icalcomponent_get_dtend": (Time, POINTER),
    "icaltime_as_timet_with_zone": (ctypes.c_long, Time, POINTER),
    "icalrestriction_check": (NUMBER, POINTER),
    "icalcomponent_count_errors": (NUMBER, POINTER),
    "icalcomponent_as_ical_string": (TEXT, POINTER),
    "icalerror_set_errors_are_fatal": (None, NUMBER),
}


@cache
def library():
    """The library with its calls declared; None where it is not installed."""
    try:
        found = ctypes.CDLL("libical.so.3")
    except OSError:
        return None
    for name, (returned, *given) in CALLS.items():
        call = getattr(found, name)
        call.restype, call.argtypes = returned, given
    found.icalerror_set_errors_are_fatal(0)
    return found


def read(files):
    return [_read(content) for content in files]


def _read(content):
    lib = library()
    calendar = lib.icalparser_parse_string(content)
    kind = lib.icalcomponent_string_to_kind(b"VEVENT")
    entries, event = [], lib.icalcomponent_get_first_component(calendar, kind)
    while event:
        uid, sequence, status = (_value(event, name) for name in (b"UID", b"SEQUENCE", b"STATUS"))
        ends = (lib.icalcomponent_get_dtstart(event), lib.icalcomponent_get_dtend(event))
        entries.append(Entry(uid, int(sequence), status, *map(_when, ends)))
        event = lib.icalcomponent_get_next_component(calendar, kind)
    found = Found(_value(calendar, b"METHOD"), tuple(sorted(entries)))
    lib.icalcomponent_free(calendar)
    return found


def _value(component, name):
    lib = library()
    found = lib.icalcomponent_get_first_property(component, lib.icalproperty_string_to_kind(name))
    return lib.icalproperty_get_value_as_string(found).decode() if found else None


def _when(found):
    if found.is_date:
        return date(found.year, found.month, found.day)
    return datetime.fromtimestamp(library().icaltime_as_timet_with_zone(found, found.zone), UTC)


def complaints(content):
    """What its checker of RFC 5546 says of a file; it looks at what the METHOD asks for, and at nothing without one."""
    lib = library()
    calendar = lib.icalparser_parse_string(content)
    if not calendar:
        return ["no calendar"]
    lib.icalrestriction_check(calendar)
    said = re.sub(rb"\r\n[ \t]", b"", lib.icalcomponent_as_ical_string(calendar)).decode()
    found = [line for line in said.splitlines() if line.startswith("X-LIC-ERROR")]
    assert len(found) == lib.icalcomponent_count_errors(calendar)
    lib.icalcomponent_free(calendar)
    return found
