"""The unit of work: its moment, its actor, its day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE
from planner.services.work import Office, by_the_clock, public_id

from .conftest import NURSE

LINE = datetime(2025, 3, 29, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2025, 3, 29)),
        ("Europe/Brussels", date(2025, 3, 30)),
        ("America/New_York", date(2025, 3, 29)),
        ("Pacific/Kiritimati", date(2025, 3, 30)),
    ],
)
def test_today_is_the_day_at_the_site(office, clock, zone, day):
    clock.now = LINE

    with office.look(NURSE) as work:
        assert work.today(Site("01", "Somewhere", zone)) == day


def test_everything_in_one_transaction_has_one_moment(office, clock):
    with office.begin(NURSE) as work:
        before = work.now
        clock.now = LINE
        stamp = work.stamp("book", "why")

    assert (stamp.at, stamp.actor, stamp.action, stamp.reason) == (before, NURSE, "book", "why")


def test_two_stamps_are_two_acts(office):
    with office.begin(NURSE) as work:
        assert work.stamp("book").act != work.stamp("book").act


def test_an_id_for_an_address_is_random_and_fits_its_column():
    found = {public_id() for _ in range(1000)}

    assert (len(found), {len(each) for each in found}) == (1000, {22})


def test_the_clock_of_an_office_is_that_of_the_world_in_whole_seconds(database):
    with Office(database).look(COMMAND_LINE) as work:
        assert (work.now.tzinfo, work.now.microsecond) == (UTC, 0)
        assert abs((datetime.now(UTC) - work.now).total_seconds()) < 60
    assert by_the_clock() >= work.now
