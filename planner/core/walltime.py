"""Clock time on the wall and the instant it means: twice a year they are not one to one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planner.core.errors import Refused


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name; Refused where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Refused("no_such_zone", zone=name) from error


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever show this time: not in the hour that spring skips."""
    there_and_back = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return there_and_back == wall.replace(tzinfo=None)


def after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The time itself, and where clocks in the zone skip it the first one that they show after."""
    while not exists(wall, zone):
        wall += timedelta(minutes=1)
    return wall


def first_shown(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a local time; of one that the clocks skip, that of the first one that they show after it."""
    place = zone_named(zone)
    return after_gap(datetime.combine(day, at), place).replace(tzinfo=place).astimezone(UTC)


def happens_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone show this time twice: in the hour that autumn repeats."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return exists(wall, zone) and first != second


def instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a local time; of two, the first unless `at.fold` asks for the second."""
    place = zone_named(zone)
    wall = datetime.combine(day, at.replace(tzinfo=None))
    if not exists(wall, place):
        raise Refused("time_does_not_exist", day=day, at=at, zone=zone)
    return wall.replace(tzinfo=place).astimezone(UTC)
