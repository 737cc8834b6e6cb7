"""Subject numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.errors import Refused
from planner.core.patients import LANGUAGES, Contact, Ended, subject_number


def is_one(text):
    try:
        subject_number(text)
    except Refused as refused:
        return refused.message != "subject_number_unreadable"
    return True


@pytest.mark.parametrize("text", ["01-001", "1", "S01-031", "a1", "01--1", "1-", "X" * 19 + "1", "0" * 20])
def test_letters_figures_and_hyphens_are_a_subject_number(text):
    assert is_one(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Peeters",
        "Jan-Peeters",
        "-01",
        "01 001",
        " 01-001",
        "01-001\n",
        "01_001",
        "01/001",
        "01.001",
        "0" * 21,
        "é1",
        "\u0660\u0661",
        "\uff10\uff11",
        "1\u202e",
        "<b>1",
    ],
)
def test_anything_else_is_none(text):
    assert not is_one(text)


@given(st.text() | st.from_regex(r"[A-Za-z0-9-]{0,22}", fullmatch=True))
def test_a_subject_number_is_short_plain_and_has_a_figure(text):
    plain = 1 <= len(text) <= 20 and re.fullmatch(r"[A-Za-z0-9-]+", text) is not None

    assert is_one(text) == (plain and text[0] != "-" and any(c in "0123456789" for c in text))


def test_what_a_name_alone_could_be_is_refused():
    """A person's name has no figure in it."""
    assert [name for name in ("Anna", "Jean-Luc", "O", "Vandenbroucke") if is_one(name)] == []


def test_patients_of_a_belgian_site_read_four_languages():
    assert LANGUAGES == ("nl", "fr", "de", "en")


def test_nothing_is_known_of_how_a_patient_is_reached_until_it_is_told():
    assert Contact() == Contact("", "", "")


def test_the_reasons_to_end_are_those_that_the_trial_counts():
    assert [because.value for because in Ended] == [
        "screen_failure",
        "completed",
        "withdrawal",
        "death",
        "lost_to_follow_up",
        "physician_decision",
    ]
