"""The patient's own page: what they may say on it, and how long a link and an open page last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from planner.core.patients import Patient

LINK_LASTS = timedelta(minutes=10)
PAGE_LASTS = timedelta(minutes=30)
DAY = timedelta(days=1)
MOST_AN_ADDRESS = 5
"""Links that one address is sent in a day: whoever asks for more has them already."""

MOST_A_DAY = 500
"""Links to a page that are made in a day for all patients together: more than those of any trial of this size need.

Addresses that are nobody's do not count: whoever invents them must not close the page for patients.
"""


class Word(StrEnum):
    """What a patient says of a visit: that they have seen it, or that they want to be called about it."""

    SEEN = "seen"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Said:
    """What the patient said of the visit `code` as it stood on `day`, and when; `done`: they were called."""

    code: str
    word: Word
    day: date
    at: datetime
    done: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A patient who waits for a call about a visit."""

    patient: Patient
    visit: str
    said: Said
