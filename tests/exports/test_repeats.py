"""What the protocol allows of a visit beside its time, in words."""

import pytest

from planner.exports.repeats import besides
from tests.core.small import SHRINK

TWO_WEEKS = "14 days before Resection (RES)"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "C3P",
            (
                "GO or NO-GO for FOLFOX 3 (C3D1) is entered with it by a named person",
                "may be repeated up to 4 times",
            ),
        ),
        (
            "IM2",
            (f"may be repeated up to 2 times, {TWO_WEEKS}, up to 14 days earlier or up to 13 days later",),
        ),
        ("PRE", ("may be repeated up to 2 times",)),
        ("M7", ("may be combined with Post-operative day 60 (P60) in one attendance",)),
        ("PRE.2", ("may be repeated once",)),
        ("N1", ()),
    ],
)
def test_what_is_allowed_beside_the_time(code, expected):
    assert besides(SHRINK, code) == expected
