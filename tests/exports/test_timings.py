"""When a visit type is due, in words."""

from dataclasses import replace
from pathlib import Path

import pytest

import planner.protocols
from planner.core.days import Span, Unit
from planner.core.protocol import Anchor, Bounds, Clock, Encounter, Stay, Text, Timing, Tolerance
from planner.exports.timings import clock_words, counted_from, length, tolerance, when
from planner.protocols.reader import read

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
DAY_ONE = Anchor(("day_one",))
RES = Anchor(("RES",))
CYCLES = tuple(f"C{n}D1" for n in range(1, 7))
WORKING, MONTHS, WEEKS = Unit.WORKING_DAYS, Unit.MONTHS, Unit.WEEKS


@pytest.mark.parametrize(
    ("anchor", "offset", "words"),
    [
        (DAY_ONE, Span(0), "Day 1"),
        (DAY_ONE, Span(56), "Day 57"),
        (DAY_ONE, Span(-1), "Day -1"),
        (DAY_ONE, Span(2, WEEKS), "Day 15"),
        (DAY_ONE, Span(6, MONTHS), "6 months after Day 1"),
        (DAY_ONE, Span(-5, WORKING), "5 working days before Day 1"),
        (Anchor(("C3D1",)), Span(14), "14 days after FOLFOX 3 (C3D1)"),
        (Anchor(("C1D1",)), Span(-1), "1 day before FOLFOX 1 (C1D1)"),
        (Anchor(("registration",)), Span(0), "on the same day as Registration"),
        (RES, Span(0, WORKING), "on the first working day from Resection (RES) on"),
    ],
)
def test_a_target_is_a_study_day_or_a_distance(anchor, offset, words):
    assert when(SHRINK, Timing(anchor, offset)) == words


@pytest.mark.parametrize(("offset", "words"), [(0, "Day 0"), (28, "Day 28"), (-28, "Day -28")])
def test_a_study_day_counts_from_day_0_where_the_protocol_does(offset, words):
    assert when(replace(SHRINK, first_day=0), Timing(DAY_ONE, Span(offset))) == words


@pytest.mark.parametrize(
    ("anchor", "words"),
    [
        (RES, "Resection (RES)"),
        (Anchor(("RES",), end=True), "the end of Resection (RES)"),
        (DAY_ONE, "Day 1"),
        (Anchor(("C1D1",), pick=-1), "FOLFOX 1 (C1D1)"),
        (Anchor(CYCLES, pick=-1), "the last of FOLFOX 1 (C1D1) to FOLFOX 6 (C6D1) that takes place"),
        (
            Anchor(("N1", "N2", "N3"), pick=1),
            "the second of NKR-2 infusion 1 (N1) to NKR-2 infusion 3 (N3) that takes place",
        ),
        (Anchor(("C1D1", "C2D1")), "the first of FOLFOX 1 (C1D1) and FOLFOX 2 (C2D1) that takes place"),
        (
            Anchor(("C1D1", "C3D1", "C5D1"), pick=-1),
            "the last of FOLFOX 1 (C1D1), FOLFOX 3 (C3D1) and FOLFOX 5 (C5D1) that takes place",
        ),
        (
            Anchor(("P14", "P30", "P60"), pick=-1, end=True),
            (
                "the end of the last of Post-operative day 14 (P14), Post-operative day 30 (P30) and Post-operative "
                "day 60 (P60) that takes place"
            ),
        ),
        (
            Anchor(("day_one", "RES", "registration")),
            "the first of Day 1, Resection (RES) and Registration that takes place",
        ),
    ],
)  # fmt: skip
def test_what_a_visit_counts_from_is_named(anchor, words):
    assert counted_from(SHRINK, anchor) == words


def around(before, after):
    return Tolerance(
        *(None if side is None else side if isinstance(side, Span) else Span(side) for side in (before, after))
    )


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (None, "none"),
        (around(0, 0), "that exact day"),
        (around(0, 3), "up to 3 days later"),
        (around(14, 0), "up to 14 days earlier"),
        (around(7, 14), "up to 7 days earlier or up to 14 days later"),
        (around(1, 1), "up to 1 day earlier or later"),
        (around(0, None), "any day later"),
        (around(None, Span(1, MONTHS)), "any day earlier or up to 1 month later"),
        (around(7, Span(1, WEEKS)), "up to 7 days earlier or up to 1 week later"),
        (Bounds(DAY_ONE, Span(98), Span(125)), "within Day 99 to Day 126"),
        (Bounds(DAY_ONE, Span(98), Span(98)), "on Day 99"),
        (Bounds(DAY_ONE, Span(98), None), "not before Day 99"),
        (Bounds(DAY_ONE, None, Span(125)), "not after Day 126"),
        (Bounds(DAY_ONE, Span(28), Span(2, MONTHS)), "at least 28 days after Day 1 and at most 2 months after it"),
        (Bounds(RES, Span(14), Span(28)), "14 to 28 days after Resection (RES)"),
        (Bounds(RES, Span(14), None), "at least 14 days after Resection (RES)"),
    ],
)  # fmt: skip
def test_a_window_is_told_and_none_is_not_that_exact_day(window, words):
    assert tolerance(SHRINK, Timing(DAY_ONE, Span(0), window)) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, None, "46 hours after the start of FOLFOX 1 (C1D1)"),
        (30, 120, "46 hours after the start of FOLFOX 1 (C1D1), at most 30 minutes earlier or 2 hours later"),
        (None, 60, "46 hours after the start of FOLFOX 1 (C1D1), at most 1 hour later"),
    ],
)
def test_a_clock_is_told_with_its_tolerance(before, after, words):
    assert clock_words(SHRINK, Clock("C1D1", 46 * 60, before, after)) == words


@pytest.mark.parametrize(
    ("duration", "stay", "words"),
    [
        (None, None, ""),
        ((270, 270), None, "about 4 hours 30 minutes"),
        ((360, 480), None, "6 to 8 hours"),
        (None, Stay(5, 7, 10), "a stay of 5 to 10 nights, 7 planned"),
        (None, Stay(1, 1, 1), "a stay of 1 night"),
        ((60, 60), Stay(2, 2, 2), "about 1 hour; a stay of 2 nights"),
    ],
)
def test_how_long_a_visit_takes(duration, stay, words):
    visit = Encounter("V", "e", Text((("en", "V"),)), None, duration=duration, stay=stay)

    assert length(visit) == words
