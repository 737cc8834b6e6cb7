import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.exports.columns import paragraph, row, shown_width, visible, wrapped


@pytest.mark.parametrize(
    ("text", "width"),
    [("FOLFOX", 6), ("○ ◐ ●", 5), ("病院", 4), ("e\N{COMBINING ACUTE ACCENT}", 1), ("a\N{ZERO WIDTH JOINER}b", 2)],
)
def test_width_is_what_a_terminal_shows(text, width):
    assert shown_width(text) == width


def test_text_loses_what_moves_the_cursor_or_turns_the_reading_order():
    assert visible("a\x1b[2J\tb\r\nc\N{RIGHT-TO-LEFT OVERRIDE}d") == "a[2J b cd"


def test_words_wrap_and_a_word_that_is_too_long_is_cut():
    assert wrapped("Bloods before chemotherapy", 10) == ["Bloods", "before", "chemothera", "py"]


def test_cells_wrap_side_by_side_without_trailing_space():
    assert row([("C1", 4), ("Bloods before it", 9), ("x", 3)], indent=1) == [" C1    Bloods     x", "       before it"]


def test_a_paragraph_hangs_under_its_lead():
    assert paragraph("one two three", 9, lead="! ") == ["! one two", "  three"]


@given(st.text(), st.integers(min_value=2, max_value=20))
def test_no_line_is_wider_than_asked_and_no_word_is_lost(text, width):
    lines = wrapped(text, width)

    assert max(map(shown_width, lines)) <= width
    assert "".join(lines).replace(" ", "") == visible(text).replace(" ", "")
