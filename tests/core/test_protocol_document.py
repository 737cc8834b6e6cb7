"""docs/protocol.md tells what shrink.toml says: codes, windows, tags and the figures on start days."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from planner.core.calendar import Calendar
from planner.core.protocol import Tolerance
from planner.core.starts import starts
from planner.services.resources import public_holidays

from .small import SHRINK

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
ROW = re.compile(
    r"^\| (?P<codes>[^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \| (?P<window>[^|]+) \| (?P<tags>[^|]+) \|$", re.MULTILINE
)
TABLE = {match["codes"]: match for match in ROW.finditer(DOCUMENT.read_text()) if match["codes"] not in ("code", "---")}


def row_of(code):
    """The row that tells of a visit: by its code, or as one of a run such as `C2D1 to C6D1`."""
    for codes, match in TABLE.items():
        if code in re.split(r", | to ", codes) or _in_run(code, codes):
            return match
    raise AssertionError(f"{code} is not in the document")


def _in_run(code, codes):
    ends = [re.split(r"\d+", end, maxsplit=1) for end in re.split(r" to ", codes)]
    numbers = [int(re.search(r"\d+", end)[0]) for end in re.findall(r"\w+\d\w*", codes)]
    own = re.search(r"\d+", code)
    alike = re.split(r"\d+", code, maxsplit=1)
    return " to " in codes and own is not None and alike in ends and min(numbers) <= int(own[0]) <= max(numbers)


@pytest.mark.parametrize(
    "encounter", [e for e in SHRINK.encounters if e.repeats is None], ids=lambda encounter: encounter.code
)
def test_the_document_tells_the_window_and_the_sources_of_every_visit(encounter):
    row = row_of(encounter.code)

    assert sorted({source.tag for source in encounter.sources}) == sorted(row["tags"].split(", "))
    window = encounter.timing.window if encounter.timing is not None else None
    if isinstance(window, Tolerance):
        before, after = window.before.amount, window.after.amount
        assert row["window"] == f"{f'-{before}' if before else '0'}/{f'+{after}' if after else '0'}"
    else:
        assert row["window"] == ("none" if window is None else "Day 99 to Day 126, counted from Day 1")


@pytest.mark.slow
def test_the_start_days_of_three_years_are_as_the_document_says():
    """759 open weekdays, 148 of them Mondays; the figures are those of the protocol's calendars and drift notes."""
    belgium = Calendar(frozenset({5, 6}), public_holidays("BE", range(2024, 2032)))

    found = list(starts(SHRINK, belgium, (date(2025, 1, 1), date(2027, 12, 31)), {"registration": -7}))

    by_weekday = [[start for start in found if start.day.weekday() == weekday] for weekday in range(5)]
    assert [start.day for start in found if start.conflicts] == []
    assert (len(by_weekday[0]), sum(start.drift > 0 for start in by_weekday[0])) == (148, 37)
    outside = [sum(bool(start.deviations) for start in days) / len(days) for days in by_weekday]
    assert (outside[0], outside[4]) == (0, 0)
    assert [0 < share < 0.5 for share in (outside[1], outside[3])] == [True, True]  # sometimes
    assert 0.9 < outside[2] < 1  # nearly always
