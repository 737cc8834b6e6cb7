"""An address as a square to point a telephone at: drawn by the page itself, so that it never leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4
"""Light modules around the square: without them cameras do not find it."""


@dataclass(frozen=True, slots=True)
class Square:
    """A drawing of `size` by `size` units, and the path of its dark parts."""

    size: int
    path: str


def square(text: str) -> Square:
    """The text as a QR code that can still be read with a seventh of it hidden."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    dark = (f"M{x + QUIET},{y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on)
    return Square(len(rows) + 2 * QUIET, "".join(dark))
