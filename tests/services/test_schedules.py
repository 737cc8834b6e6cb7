"""What is remembered, and for how long; and schedules drafted on a site's calendar."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count

from planner.core.calendar import Because
from planner.core.facts import Facts
from planner.services.protocols import shipped
from planner.services.resources import SiteDays
from planner.services.schedules import Memory, draft

SHRINK = shipped()[("NCT03310008", "0.1 illustrative")]
START = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})


def asked(memory, *keys):
    """The keys whose values had to be made."""
    made = []
    for key in keys:
        memory.get(key, lambda key=key: made.append(key) or key)
    return made


def test_the_same_key_is_made_once():
    assert asked(Memory(2), "a", "a", "b", "a", "b") == ["a", "b"]


def test_the_value_is_the_one_that_was_made():
    memory, numbers = Memory(2), count(1)

    found = [memory.get(key, lambda: next(numbers)) for key in ("a", "b", "a", "b")]

    assert found == [1, 2, 1, 2]


def test_no_more_are_kept_than_the_size_and_the_one_longest_unused_goes_first():
    assert asked(Memory(2), "a", "b", "a", "c", "a", "b") == ["a", "b", "c", "b"]


def test_a_memory_of_one_keeps_the_last():
    assert asked(Memory(1), "a", "a", "b", "b", "a") == ["a", "b", "a"]


def test_a_value_may_be_nothing_and_is_made_once_too():
    memory, made = Memory(2), []

    found = [memory.get("a", lambda: made.append("a")) for _ in range(3)]

    assert (found, made) == ([None] * 3, ["a"])


def test_what_cannot_be_made_is_not_kept():
    memory = Memory(2)

    try:
        memory.get("a", lambda: 1 // 0)
    except ZeroDivisionError:
        assert memory.get("a", lambda: 7) == 7
    else:
        raise AssertionError("what the maker raises is raised")


def test_threads_that_ask_at_once_get_equal_values_and_the_size_holds():
    memory = Memory(3)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: memory.get(n % 5, lambda: (n % 5,)), range(500)))

    assert found == [(n % 5,) for n in range(500)]
    assert len(memory._kept) == 3


def test_a_schedule_is_drafted_on_the_days_of_its_site():
    """FOLFOX 4 a week later would fall on Easter Monday."""
    later = START.dated("day_one", date(2025, 3, 10))

    days = [
        draft(SHRINK, later, site, None).by_code["C4D1"].day
        for site in (SiteDays(), SiteDays(weekends_closed=True), SiteDays("BE"))
    ]

    assert days == [date(2025, 4, 21), date(2025, 4, 21), date(2025, 4, 22)]


def test_the_calendar_of_a_draft_covers_every_year_of_the_plan():
    """The last visit is 28 months after registration, in June 2027."""
    found = draft(SHRINK, START, SiteDays("BE"), None)

    holidays = [closure for closure in found.calendar.closures if closure.because is Because.HOLIDAY]
    assert {closure.first.year for closure in holidays} >= {2024, 2025, 2026, 2027, 2028}
    assert found.by_code["M28"].day == date(2027, 6, 24)


def test_the_same_draft_twice_is_equal():
    site = SiteDays("BE", weekends_closed=True)

    assert draft(SHRINK, START, site, date(2025, 2, 24)) == draft(SHRINK, START, site, date(2025, 2, 24))


def test_a_plan_near_another_is_the_one_drafted_anew():
    """Beside the plan of a patient who began in March 2025: one of other facts, one of a week later, one years off."""
    days, today = SiteDays("BE", weekends_closed=True), date(2025, 3, 10)
    known = draft(SHRINK, START, days, today).calendar
    others = [
        START,
        START.occurred("C1D1", date(2025, 3, 3)).booked("C2D1", date(2025, 3, 18)),
        Facts({"day_one": date(2025, 3, 10)}),
        Facts({"day_one": date(2031, 3, 10)}),
        Facts({"day_one": date(2019, 3, 11), "registration": date(2019, 3, 4)}),
    ]

    for facts in others:
        anew = draft(SHRINK, facts, days, today)
        assert draft(SHRINK, facts, days, today, known) == anew
        span = anew.possible.horizon
        found = draft(SHRINK, facts, days, today, known).calendar
        assert {closure.first.year for closure in found.closures} >= set(range(span.first.year, span.last.year + 1))


def test_where_the_calendar_known_ends_too_early_it_is_made_anew():
    known = draft(SHRINK, START, SiteDays("BE"), None).calendar

    found = draft(SHRINK, Facts({"day_one": date(2031, 3, 10)}), SiteDays("BE"), None, known).calendar

    assert (known.years.stop < found.years.stop, date(2031, 5, 1) in found.holidays) == (True, True)
