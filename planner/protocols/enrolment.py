"""The [enrolment] table: how many patients the study takes, at which dose levels and in which phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.escalation import Enrolment
from planner.protocols import grammar
from planner.protocols.entry import rows, whole
from planner.protocols.faults import Unreadable, shown

if TYPE_CHECKING:
    from planner.protocols.entry import Entry

MOST_DOSE_LEVELS = 50


def enrolment(entry: Entry | None) -> Enrolment | None:
    """What the table states; None where there is no such table."""
    if entry is None:
        return None
    none: tuple[str, ...] = ()
    found = Enrolment(
        entry.take("most", _patients, None),
        entry.take("dose_levels", _dose_levels, 0),
        entry.take("phases", _phases, none),
        entry.sources(),
    )
    if entry.data.keys() <= {"source"}:
        what = "neither most, dose_levels nor phases is there"
        entry.lacks("most", what, "Add one of them, such as most = 36, or take the table out")
    entry.done()
    return found


def _patients(value: object) -> int:
    found = whole(value)
    if found < 1:
        raise Unreadable(f"a study of {found} patients enrols nobody", "Write 1 or more, or leave the key out")
    return found


def _dose_levels(value: object) -> int:
    found = whole(value)
    if not 1 <= found <= MOST_DOSE_LEVELS:
        what = f"{found} is no number of dose levels"
        raise Unreadable(what, f"Write 1 to {MOST_DOSE_LEVELS}, or leave the key out")
    return found


def _phases(value: object) -> tuple[str, ...]:
    found = tuple(grammar.code(row) for row in rows(value))
    if not found:
        raise Unreadable("there is no phase in the list", "Name one or more, or leave the key out")
    twice = next((phase for k, phase in enumerate(found) if phase in found[:k]), None)
    if twice is not None:
        raise Unreadable(f"{shown(twice)} stands there twice", "Name each phase once")
    return found
