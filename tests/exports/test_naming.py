from datetime import date

import pytest

from planner.core.days import Span, Unit, Window
from planner.exports.naming import apart, limits, listed, name, named_once, numbered, spelled, window_words


def test_a_visit_is_named_with_its_code_and_a_date_by_its_name(protocol):
    assert [name(protocol, code) for code in ("C6D1", "day_one", "X9")] == ["FOLFOX 6 (C6D1)", "Day 1", "X9"]


def test_a_code_that_is_part_of_the_name_is_not_told_twice(protocol):
    assert name(protocol, "M28") == "Month 28 (M28)"
    assert named_once(protocol, "RES") == "RES"


def test_a_code_stands_beside_the_name_only_the_first_time(protocol):
    text = "FOLFOX 6 (C6D1) before Resection (RES), so Resection (RES) after FOLFOX 6 (C6D1) and FOLFOX 6 (C6D1)."

    assert (
        named_once(protocol, text)
        == "FOLFOX 6 (C6D1) before Resection (RES), so Resection after FOLFOX 6 and FOLFOX 6."
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_with_and(words, sentence):
    assert listed(words) == sentence


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(28), "28 days"),
        (Span(1), "1 day"),
        (Span(-1, Unit.WORKING_DAYS), "1 working day"),
        (Span(2, Unit.WEEKS), "2 weeks"),
        (Span(28, Unit.MONTHS), "28 months"),
    ],
)
def test_a_span_is_spelled_in_its_own_unit(span, words):
    assert spelled(span) == words


@pytest.mark.parametrize(
    ("lo", "hi", "words"),
    [
        (14, None, "at least 14 days after X"),
        (1, None, "at least 1 day after X"),
        (0, None, "not before X"),
        (-7, None, "at most 7 days before X"),
        (None, 17, "at most 17 days after X"),
        (None, 0, "not after X"),
        (None, -7, "at least 7 days before X"),
        (None, None, "in its window, counted from X"),
        (0, 0, "on the same day as X"),
        (3, 3, "exactly 3 days after X"),
        (-3, -3, "exactly 3 days before X"),
        (14, 17, "14 to 17 days after X"),
        (-7, -3, "3 to 7 days before X"),
        (-7, 3, "from 7 days before to 3 days after X"),
        (0, 3, "on the day of X or at most 3 days after it"),
        (-7, 0, "on the day of X or at most 7 days before it"),
    ],
)
def test_a_distance_is_told_as_a_person_would(lo, hi, words):
    spans = [None if days is None else Span(days) for days in (lo, hi)]

    assert apart(*spans, "X") == words


def test_a_distance_in_two_units_is_told_side_by_side():
    assert (
        apart(Span(2, Unit.WEEKS), Span(1, Unit.MONTHS), "X") == "at least 2 weeks after X and at most 1 month after it"
    )


def test_a_day_carries_its_study_day_once_day_one_is_known(schedule, protocol):
    assert numbered(schedule, date(2025, 7, 6)) == "Day 126 (Sun 6 Jul 2025)"


DAY_99, DAY_126 = date(2025, 6, 9), date(2025, 7, 6)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(DAY_99, DAY_126), "within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul 2025)"),
        (Window(DAY_99, DAY_99), "on Day 99 (Mon 9 Jun 2025)"),
        (Window(DAY_99, None), "not before Day 99 (Mon 9 Jun 2025)"),
        (Window(None, DAY_126), "not after Day 126 (Sun 6 Jul 2025)"),
        (Window(None, None), "on any day"),
    ],
)
def test_a_window_from_the_reference_day_is_told_in_study_days(schedule, window, words):
    assert limits(schedule, window) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(DAY_99, DAY_126), "window 9 Jun to 6 Jul 2025"),
        (Window(date(2026, 12, 20), date(2027, 1, 16)), "window 20 Dec 2026 to 16 Jan 2027"),
        (Window(DAY_99, DAY_99), "window 9 Jun 2025"),
        (Window(DAY_99, None), "window from Mon 9 Jun 2025"),
        (Window(None, DAY_126), "window to Sun 6 Jul 2025"),
        (Window(None, None), "window without limits"),
    ],
)
def test_a_window_is_told_with_its_year(window, words):
    assert window_words(window) == words
