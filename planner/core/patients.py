"""A patient of the trial as saved: a subject number, never a name, and the facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.errors import Refused

if TYPE_CHECKING:
    from datetime import date, datetime

    from planner.core.disclosure import Detail
    from planner.core.facts import Facts

LANGUAGES = ("nl", "fr", "de", "en")
"""What patients of a Belgian site read; the language belongs to the patient, not to the browser."""


SUBJECT_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9-]{0,19}")


def subject_number(text: str) -> None:
    """Refused for what cannot be a subject number; one without a figure may be a name."""
    if not SUBJECT_NUMBER.fullmatch(text):
        raise Refused("subject_number_unreadable")


class Ended(StrEnum):
    """Why the study ended for a patient."""

    SCREEN_FAILURE = "screen_failure"
    COMPLETED = "completed"
    WITHDRAWAL = "withdrawal"
    DEATH = "death"
    LOST = "lost_to_follow_up"
    PHYSICIAN = "physician_decision"


@dataclass(frozen=True, slots=True)
class Site:
    """A hospital: its zone, and where its closed days come from; `version` counts changes of its calendar."""

    code: str
    name: str
    zone: str
    holidays: str | None = None
    weekends_closed: bool = True
    phone: str = ""
    emergency: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Patient:
    """`public_id` is random and stands in addresses; `seed` is the secret that keeps calendar entries the same.

    `version` counts the saved acts; `changed` is the instant (UTC) of the last one.
    """

    public_id: str
    subject_id: str
    site: Site
    protocol: tuple[str, str]
    dose_level: int
    phase: str
    language: str
    seed: str
    enrolled: datetime
    changed: datetime
    version: int
    ended: date | None = None
    ended_because: Ended | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How the patient is reached: kept apart from every schedule, for the roles that call and write."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the patient agreed to for each channel (None: nothing goes there), and what they want of it.

    `alarm`: each entry sounds once; `reminder`: a mail comes before each visit; `open_days`: their calendar also shows
    what is still to be arranged.
    """

    mail: Detail | None = None
    feed: Detail | None = None
    page: Detail | None = None
    alarm: bool = True
    reminder: bool = True
    open_days: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A patient with the facts known of them."""

    patient: Patient
    facts: Facts
