"""What the history knows of a single write."""

from datetime import UTC, date, datetime

import pytest

from planner.core.history import Entry, after_the_fact

WRITTEN = date(2025, 4, 16)


@pytest.mark.parametrize(
    ("entity", "new", "late"),
    [
        ("visit:C4D1", {"state": "occurred", "day": "2025-04-14"}, True),
        ("visit:C4D1", {"state": "occurred", "day": "2025-04-15"}, False),
        ("visit:C4D1", {"state": "missed", "day": "2025-04-14"}, True),
        ("visit:RES", {"state": "occurred", "day": "2025-04-10", "end": "2025-04-15"}, False),
        ("visit:C4D1", {"state": "booked", "day": "2025-04-14"}, False),
        ("visit:C4D1", {"state": "missed"}, False),
        ("date:day_one", {"day": "2025-04-14"}, False),
        ("visit:C4D1", None, False),
    ],
)
def test_what_happened_two_days_before_its_record_is_recorded_after_the_fact(entity, new, late):
    entry = Entry(datetime(2025, 4, 16, 9, tzinfo=UTC), "Anna", "act", "record", entity, None, new)

    assert after_the_fact(entry, WRITTEN) is late
