"""Long random lives: bookings, records, re-planning, undoing and closures, any after any other, on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.services.protocols import Library, shipped

from .lives import ACTS, BRIEF, ON_BRIEF, ON_SHRINK, lived


@pytest.fixture
def office(office):
    """The office knows the brief study beside those that come with the planner."""
    return replace(office, library=Library({**shipped(), (BRIEF.id, BRIEF.version): BRIEF}))


def lives(database):
    """Two hundred, of which SQLite has the most."""
    return range(150) if database.is_sqlite else range(150, 200)


RARE = {"accept", "gate", "resume", "swap"}
"""Acts that wait for a closure, a gate, an end or a second patient's slot: so few lives may meet none of them."""


def test_in_any_of_200_lives_what_is_shown_is_saved_and_nothing_else_moves(office, clock, database):
    done = [name for seed in lives(database) for name in lived(office, clock, ON_BRIEF, seed)]

    assert set(ACTS) - set(done) <= RARE


def test_so_it_is_in_lives_on_shrink(office, clock):
    for seed in range(2):
        lived(office, clock, ON_SHRINK, seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(50))
def test_so_it_is_in_5000_lives(office, clock, part):
    for seed in range(1000 + 100 * part, 1100 + 100 * part):
        lived(office, clock, ON_BRIEF, seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_so_it_is_in_100_lives_on_shrink(office, clock, part):
    for seed in range(1000 + 10 * part, 1010 + 10 * part):
        lived(office, clock, ON_SHRINK, seed)
