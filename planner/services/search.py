"""Search: patients within reach by subject number, and their visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.search import Hit, meant, visits, words_of
from planner.services.cases import case_of
from planner.store import patients

if TYPE_CHECKING:
    from planner.services.work import Work


def found(work: Work, text: str) -> tuple[Hit, ...]:
    """The patients and visits that these words mean; only patients whose number is named are planned."""
    hits: list[Hit] = []
    for patient, rest in meant(words_of(text), patients.every(work.session, work.actor.reach)):
        if rest:
            hits += (Hit(patient, visit) for visit in visits(case_of(work, patient).schedule, rest))
        else:
            hits.append(Hit(patient))
    return tuple(hits)
