"""What the words of a search mean: a patient by subject number, a visit of theirs, or the next visit of a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.core.patients import Patient
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit


@dataclass(frozen=True, slots=True)
class Hit:
    """A patient, or one visit of theirs."""

    patient: Patient
    visit: Visit | None = None


def words_of(text: str) -> tuple[str, ...]:
    """The words to look for, large and small letters alike."""
    return tuple(text.casefold().split())


def meant(words: tuple[str, ...], patients: Iterable[Patient]) -> tuple[tuple[Patient, tuple[str, ...]], ...]:
    """Each patient whom a word may mean, with the words left over: those of a visit.

    A whole subject number means that patient and no other one that begins alike; else a number that holds every word.
    """
    named = [(patient, rest) for patient in patients for rest in _left(patient.subject_id.casefold(), words)]
    whole = [(patient, rest) for patient, rest in named if patient.subject_id.casefold() in words]
    every = [(patient, rest) for patient, rest in named if not rest]
    return tuple(whole or every or named)


def sure(words: tuple[str, ...], named: Iterable[tuple[Patient, tuple[str, ...]]]) -> bool:
    """Whether the words name patients beyond doubt: with a whole number, or with nothing beside it."""
    return any(not rest or patient.subject_id.casefold() in words for patient, rest in named)


def coming(schedule: Schedule, words: tuple[str, ...]) -> Visit | None:
    """The next one still to come of the visits that these words mean: `infusion`, `bloods`."""
    if not any(letter.isalpha() for word in words for letter in word):
        return None
    ahead = (visit for visit in visits(schedule, words) if visit.to_come)
    return min(ahead, key=lambda visit: (visit.day or date.max, visit.code), default=None)


def _left(subject: str, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The words without the one that names the patient; all of them may be parts of one number."""
    if words and all(word in subject for word in words):
        return ((),)
    whole = subject if subject in words else None
    naming = next((word for word in words if word == (whole or word) and word in subject), None)
    if naming is None:
        return ()
    at = words.index(naming)
    return ((*words[:at], *words[at + 1 :]),)


def visits(schedule: Schedule, words: tuple[str, ...]) -> tuple[Visit, ...]:
    """The visits that these words mean: of that code or name, else of all the words, else of parts of words."""
    said = " ".join(words)
    found = [(visit, visit.code.casefold(), _name(visit)) for visit in schedule.visits]
    whole = [visit for visit, code, name in found if said in (code, name, f"{name} {code}", f"{name} ({code})")]
    bare = [word.strip("()") for word in words]
    worded = [visit for visit, code, name in found if set(bare) <= {*name.split(), code}]
    return tuple(whole or worded or [v for v, code, name in found if all(word in f"{name} {code}" for word in bare)])


def _name(visit: Visit) -> str:
    return " ".join(visit.encounter.name.into("en").casefold().split())
