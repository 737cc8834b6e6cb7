"""Random bookings in eight time zones, our calendar files of them, and what whoever reads these must find.

The instants are worked out here from the clock on the wall and zoneinfo, and not by our own code.
"""

import hmac
import random
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from planner.core.calendar import Calendar
from planner.core.disclosure import Arranged, Glimpse
from planner.core.facts import Facts
from planner.core.feeds import Sent, Shown
from planner.core.notices import Kind, Sight
from planner.core.schedule import plan
from planner.exports.entry import Mark
from planner.exports.feed import Line, feed_file
from planner.exports.ics import calendar_file
from planner.exports.invite import Post, invitation
from planner.exports.paper import Paper
from tests.core.small import SHRINK

ZONES = (
    "Europe/Brussels",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # half an hour off, summer time
    "America/Sao_Paulo",  # the south, no summer time since 2019
    "Australia/Sydney",
    "Australia/Adelaide",  # the south, half an hour off, summer time
    "Asia/Kolkata",  # half an hour off, no summer time
)
FIRST, DAYS = date(2026, 1, 1), 1826
"""Until 31 December 2030."""

SHORTEST = 15
"""Minutes that an entry lasts at least."""

STAMP = datetime(2025, 12, 1, 9, tzinfo=UTC)
POST = Post("visits@hospital.example", "Hôpital Saint-Luc, \N{GREEK SMALL LETTER ALPHA}: 1; 2", "zoe@home.example")
TITLES = ("", "Behandeling in het dagziekenhuis", "Contrôle; à l'hôpital, 2 ᵉ étage \N{FAMILY}")


@dataclass(frozen=True, order=True)
class Entry:
    """One event as a reader finds it; the ends are UTC instants, or days where it takes whole days."""

    uid: str
    sequence: int
    status: str
    start: date
    end: date


@dataclass(frozen=True)
class Found:
    """One file as a reader finds it, its events by identifier."""

    method: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Booking:
    """One visit and the two times that it has, before and after it is moved."""

    uid: str
    zone: str
    minutes: int
    title: str
    times: tuple[datetime, datetime]


# ---- by chance


@cache
def odd_days(zone):
    """The days on which the clocks of the zone are changed."""
    midnights = [datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in range(DAYS)]
    return [one.date() for one in midnights if (one + timedelta(days=1)).utcoffset() != one.utcoffset()]


def on_the_wall(chance, zone):
    """A clock time that exists; a third of them in the nights in which the clocks are changed, if they ever are."""
    while True:
        day, minute = FIRST + timedelta(days=chance.randrange(DAYS)), chance.randrange(24 * 12) * 5
        if odd_days(zone) and chance.random() < 1 / 3:
            day, minute = chance.choice(odd_days(zone)), chance.randrange(4 * 12) * 5
        wall = datetime.combine(day, time(minute // 60, minute % 60, fold=chance.randrange(2)))
        there = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        if there.replace(tzinfo=None) == wall.replace(fold=0):
            return wall


def some(count):
    """So many bookings, the same ones each time."""
    chance = random.Random(count)
    for number in range(count):
        zone = ZONES[number % len(ZONES)]
        times = (on_the_wall(chance, zone), on_the_wall(chance, zone))
        uid = str(UUID(int=chance.getrandbits(128), version=4))
        yield Booking(uid, zone, chance.choice((0, 5, 45, 300, 1500)), chance.choice(TITLES), times)


# ---- our files of them, each with what must be found in it


def expected(booking, wall, sequence, status):
    start = wall.replace(tzinfo=ZoneInfo(booking.zone)).astimezone(UTC)
    return Entry(booking.uid, sequence, status, start, start + timedelta(minutes=max(booking.minutes, SHORTEST)))


def seen(booking, wall):
    day = wall.date()
    return Glimpse(booking.title, Arranged.BOOKED, day, day, wall.time(), booking.zone, booking.minutes)


STEPS = (
    (Kind.INVITE, "REQUEST", "CONFIRMED"),
    (Kind.UPDATE, "REQUEST", "CONFIRMED"),
    (Kind.CANCEL, "CANCEL", "CANCELLED"),
)


def message(booking, sequence):
    """The invitation (0), the move (1) or the cancelation (2)."""
    kind, method, status = STEPS[sequence]
    wall = booking.times[min(sequence, 1)]
    sight = Sight(seen(booking, wall), "Saint-Luc", "fr", "+32 2 555 01 01")
    content = invitation(kind, sight, Mark(booking.uid, sequence, STAMP + timedelta(hours=sequence)), POST)
    return content, Found(method, (expected(booking, wall, sequence, status),))


def paper():
    return Paper(printed=STAMP.date(), stamp=STAMP, language="fr", zone="UTC", site="Saint-Luc", phone="1")


def feed(bookings):
    """A feed of them all, invited, moved or canceled, and of as many visits still to be arranged, as whole days."""
    lines, found = [], []
    for number, booking in enumerate(bookings):
        sequence, over = number % 3, number % 3 == 2
        wall, code = booking.times[min(sequence, 1)], f"V{number}"
        sight = Sight(seen(booking, wall), "", "fr")
        sent = Sent(code, booking.uid, sequence, STAMP, sight, over)
        lines.append(Line(Shown(code, sight.seen, sent, over), "seed", 7, STAMP))
        found.append(expected(booking, wall, sequence, "CANCELLED" if over else "CONFIRMED"))
        first, last = wall.date(), wall.date() + timedelta(days=number % 40)
        lines.append(Line(Shown(f"W{number}", Glimpse("", Arranged.NOT_YET, first, last)), "seed", 7, STAMP))
        found.append(Entry(named("seed", f"W{number}"), 7, "TENTATIVE", first, last + timedelta(days=1)))
    return feed_file(lines, paper(), "secret"), Found(None, tuple(sorted(found)))


def named(seed, name):
    """The identifier of an entry of which no mail was sent (RFC 9562, 5.4: 122 bits of a keyed hash)."""
    return str(UUID(bytes=hmac.new(seed.encode(), name.encode(), "sha256").digest()[:16], version=4))


def whole_file(number):
    """The calendar file of a patient, every visit of whom has a time somewhere in the world."""
    chance = random.Random(number)
    start = date(2026 + number % 4, 1 + chance.randrange(12), 5)
    facts = Facts(dates={"registration": start - timedelta(days=7), "day_one": start})
    drawn, found = plan(SHRINK, facts, Calendar()), []
    for visit in drawn.visits:
        if visit.encounter.attended and visit.live and visit.day is not None:
            zone, at = chance.choice(ZONES), time(chance.randint(4, 23), chance.choice((0, 30)))
            facts = facts.booked(visit.code, visit.day, at, zone)
            minutes = visit.encounter.duration[1] if visit.encounter.duration else 0
            if visit.encounter.stay is not None:
                minutes = visit.encounter.stay.planned * 24 * 60
            booking = Booking(named("seed", visit.code), zone, minutes, "", (datetime.combine(visit.day, at),) * 2)
            found.append(expected(booking, booking.times[0], 0, "CONFIRMED"))
    content = calendar_file(plan(SHRINK, facts, Calendar()), paper(), seed="seed")
    return content, Found(None, tuple(sorted(found)))


def later(content):
    """The same, but an hour later than it should be."""
    return re.sub(rb"\r\n(DTSTART|DTEND):(\w+)Z", _an_hour_on, content)


def _an_hour_on(line):
    moment = datetime.strptime(f"{line[2].decode()}+0000", "%Y%m%dT%H%M%S%z") + timedelta(hours=1)
    return b"\r\n%b:%b" % (line[1], moment.strftime("%Y%m%dT%H%M%SZ").encode())
