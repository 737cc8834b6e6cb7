"""What the administrator of a site reads of visits that a change cuts: when and where, never whose or which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, time
    from typing import Protocol

    class Cut(Protocol):
        """A visit that is cut, as far as its words need it."""

        @property
        def day(self) -> date: ...
        @property
        def at(self) -> time | None: ...
        @property
        def unit(self) -> str: ...


def cut_lines(found: Iterable[Cut]) -> tuple[str, ...]:
    """`Mon 14 Apr 2025, 09:00, Chair 1`, one for each visit; no patient: administrators read of none."""
    return tuple(
        ", ".join(filter(None, (staff_day(one.day), f"{one.at:%H:%M}" if one.at is not None else "", one.unit)))
        for one in found
    )


def saved_over(found: Sequence[Cut]) -> str:
    """What is said once it is saved."""
    if not found:
        return "Saved."
    who = "1 booked visit waits" if len(found) == 1 else f"{len(found)} booked visits wait"
    return f"Saved. {who} to be moved by a nurse: {'; '.join(cut_lines(found))}."


def stand_closed(number: int) -> str:
    """`3 booked visits stand on closed days`, those in a closed place too."""
    return "1 booked visit stands on a closed day" if number == 1 else f"{number} booked visits stand on closed days"
