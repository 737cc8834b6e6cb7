"""What typed text may hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.errors import Refused
from planner.core.texts import TURNS, clean, may_be_address

ANY = st.text(st.characters() | st.sampled_from(sorted(TURNS)) | st.sampled_from("\n\r\t\x00\x7f\x85\u2028\ufeff é"))


def refusal(text, *, lines=False):
    """The character that is refused; None where the text is taken."""
    try:
        clean(text, lines=lines)
    except Refused as refused:
        return refused.values["character"]
    return None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  low blood counts \n", "low blood counts"),
        ("Ame\u0301lie", "Amélie"),
        ("Å", "\u00c5"),
        ("Größe ≤ 5 µm, 東京, שלום", "Größe ≤ 5 µm, 東京, שלום"),
        ("<b>&amp;'\"", "<b>&amp;'\""),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_words_are_kept_as_they_are_composed_and_without_white_space_around(typed, kept):
    assert clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo\r\n", "one\ntwo"),
        ("\tone\ttwo", "one\ttwo"),
    ],
)
def test_a_note_keeps_its_lines_and_tabs(typed, kept):
    assert clean(typed, lines=True) == kept


@pytest.mark.parametrize("character", ["\n", "\t"])
def test_what_has_one_line_takes_no_others(character):
    assert refusal(f"one{character}two") == f"U+{ord(character):04X}"


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(
    ("character", "said"),
    [
        ("\x00", "U+0000"),
        ("\x07", "U+0007"),
        ("\x0b", "U+000B"),
        ("\r", "U+000D"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\u2028", "U+2028"),
        ("\u2029", "U+2029"),
        ("\ud800", "U+D800"),
        ("\ue000", "U+E000"),
    ],
)
def test_a_control_character_is_refused_and_named(character, said, lines):
    assert refusal(f"one{character}two", lines=lines) == said


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("character", sorted(TURNS), ids=lambda character: f"U+{ord(character):04X}")
def test_a_character_that_turns_the_text_is_refused(character, lines):
    assert refusal(f"EVIL{character}txt.exe", lines=lines) == f"U+{ord(character):04X}"


def test_all_twelve_directional_characters_of_unicode_are_known():
    """Unicode's own property Bidi_Control, by the classes and names of its characters."""
    classes = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    marks = {"LEFT-TO-RIGHT MARK", "RIGHT-TO-LEFT MARK", "ARABIC LETTER MARK"}
    every = map(chr, range(0x110000))

    found = {c for c in every if unicodedata.bidirectional(c) in classes or unicodedata.name(c, "") in marks}

    assert found == TURNS


@given(ANY, st.booleans())
def test_what_was_cleaned_once_is_clean(text, lines):
    if refusal(text, lines=lines) is None:
        once = clean(text, lines=lines)
        assert clean(once, lines=lines) == once == once.strip()


@given(ANY, st.booleans())
def test_what_is_taken_is_composed_and_holds_nothing_that_is_refused(text, lines):
    if refusal(text, lines=lines) is None:
        found = clean(text, lines=lines)
        allowed = "\n\t" if lines else ""
        assert unicodedata.is_normalized("NFC", found)
        assert [c for c in found if unicodedata.category(c) == "Cc" and c not in allowed] == []
        assert TURNS.isdisjoint(found)
        assert found.encode().decode() == found


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_letters_figures_and_signs_of_any_script_are_never_refused(text):
    assert refusal(text) is None


@given(st.text(), st.sampled_from([*sorted(TURNS), "\x00", "\x1b", "\x9f"]), st.text())
def test_one_bad_character_is_enough(before, bad, after):
    assert refusal(f"a{before}{bad}{after}b") is not None


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("zoe@home.example", True),
        ("zoë.müller+trial@post.example.org", True),
        ("notanaddress", False),
        ("a@b@c.example", False),
        ("zoe@home", False),
        ("zoe@home.", False),
        ("zoe@home.example, all@world.example", False),
        ("Zoe <zoe@home.example>", False),
        ("zoe @home.example", False),
        ("", False),
    ],
)
def test_what_may_be_the_address_of_one_person(text, may):
    assert may_be_address(text) is may
