"""Search: patients within reach by subject number, and their visits by code or by words of their name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from planner.core.search import Hit, coming, meant, sure, visits, words_of
from planner.services.cases import case_of
from planner.store import patients

if TYPE_CHECKING:
    from planner.services.work import Work


def found(work: Work, text: str) -> tuple[Hit, ...]:
    """The patients and visits that these words mean; a visit's name alone means the next one of every patient."""
    words, everyone = words_of(text), patients.every(work.session, work.actor.reach)
    named = meant(words, everyone)
    if words and not sure(words, named):
        next_ones = [Hit(patient, coming(case_of(work, patient).schedule, words)) for patient in everyone]
        found_ones = [hit for hit in next_ones if hit.visit is not None]
        if found_ones:
            return tuple(sorted(found_ones, key=_by_day))
    hits: list[Hit] = []
    for patient, rest in named:
        if rest:
            hits += (Hit(patient, visit) for visit in visits(case_of(work, patient).schedule, rest))
        else:
            hits.append(Hit(patient))
    return tuple(hits)


def _by_day(hit: Hit) -> tuple[date, str]:
    day = hit.visit.day if hit.visit is not None else None
    return (day or date.max, hit.patient.subject_id)
