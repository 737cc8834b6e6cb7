"""What a paper or file is made for: language, zone, moments and telephone numbers, all given by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.patients import LANGUAGES

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Who reads it, and when it was made: nothing of it is looked up.

    `printed` is the date on the paper, `stamp` the aware instant written into files. `phone` answers questions and
    moves visits, `emergency` answers day and night; a number that is not given is a line to fill in by hand.
    `subject` is for staff only. `approved` is the day on which the ethics committee approved the printed template.
    `edition` counts what was saved about the patient (0: not told), `replaces` is the day on which the paper before
    this one was printed, and `feed` the address that a telephone's calendar reads: it is drawn as a code.
    """

    printed: date
    stamp: datetime
    language: str = "en"
    zone: str = "Europe/Brussels"
    subject: str = ""
    site: str = ""
    phone: str = ""
    emergency: str = ""
    approved: date | None = None
    edition: int = 0
    replaces: date | None = None
    feed: str = ""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise Refused("no_such_language", language=self.language, known=LANGUAGES)
        if self.stamp.tzinfo is None:
            raise ValueError("a stamp is an instant: give it a time zone")
