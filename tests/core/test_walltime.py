"""Local times and instants: invites reference, 9.1."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from planner.core.errors import Refused
from planner.core.facts import Fact, State
from planner.core.walltime import exists, first_shown, happens_twice, instant, zone_named
from planner.exports.refusals import sentence

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("wall", "there", "twice"),
    [
        ("2026-03-29T01:59", True, False),
        ("2026-03-29T02:00", False, False),
        ("2026-03-29T02:30", False, False),
        ("2026-03-29T03:00", True, False),
        ("2026-10-25T01:59", True, False),
        ("2026-10-25T02:30", True, True),
        ("2026-10-25T03:00", True, False),
        ("2027-03-28T02:30", False, False),
    ],
)
def test_a_wall_time_may_be_skipped_or_come_twice(wall, there, twice):
    shown = datetime.fromisoformat(wall)

    assert (exists(shown, BRUSSELS), happens_twice(shown, BRUSSELS)) == (there, twice)


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2026, 10, 24), time(9), datetime(2026, 10, 24, 7, tzinfo=UTC)),
        (date(2026, 10, 26), time(9), datetime(2026, 10, 26, 8, tzinfo=UTC)),
        (date(2027, 3, 27), time(9), datetime(2027, 3, 27, 8, tzinfo=UTC)),
        (date(2027, 3, 29), time(9), datetime(2027, 3, 29, 7, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30, fold=1), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_nine_in_the_morning_is_another_instant_after_the_clocks_change(day, at, utc):
    assert instant(day, at, "Europe/Brussels") == utc


def test_a_time_that_the_clocks_skip_is_refused_in_words():
    with pytest.raises(Refused) as refused:
        instant(date(2026, 3, 29), time(2, 30), "Europe/Brussels")

    assert sentence(refused.value) == (
        "02:30 on Sun 29 Mar 2026 does not exist in Europe/Brussels: the clocks skip that hour. Book an hour earlier "
        "or later."
    )


def test_a_time_that_the_clocks_skip_counts_from_the_first_one_that_they_show():
    assert first_shown(date(2026, 3, 29), time(2, 30), "Europe/Brussels") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert first_shown(date(2026, 10, 25), time(2, 30, fold=1), "Europe/Brussels") == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(("at", "zone"), [(None, None), (time(2, 30), "Europe/Brussels"), (time(9), "Europe/Atlantis")])
def test_a_booking_without_a_time_that_there_is_means_no_instant(at, zone):
    assert Fact(State.BOOKED, date(2026, 3, 29), at, zone).instant is None


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../../etc/passwd", "/etc/localtime", "a\0b"])
def test_a_zone_that_is_none_is_refused(name):
    with pytest.raises(Refused) as refused:
        zone_named(name)

    assert refused.value.message == "no_such_zone"
