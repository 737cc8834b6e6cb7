"""The deviation log of the patients within reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from planner.core.deviation_log import Asked, Line, Log, Settled, accepted_in, broken
from planner.core.errors import NotFound
from planner.services.cases import case_of
from planner.store import acceptances, audit, patients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.core.patients import Patient
    from planner.services.work import Work

ALL = Asked()


def within_reach(work: Work) -> tuple[Patient, ...]:
    """The patients whose deviations can be asked for."""
    return patients.every(work.session, work.actor.reach)


def log(work: Work, asked: Asked = ALL) -> Log:
    """The part of the log that is asked for, by day; NotFound for a patient who is unknown or out of reach."""
    everyone = within_reach(work)
    chosen = [patient for patient in everyone if asked.patient in ("", patient.public_id)]
    if asked.patient and not chosen:
        raise NotFound("no_such_patient")
    found = [line for patient in chosen for line in _lines(work, patient) if asked.keeps(line.broken)]
    zone = chosen[0].site.zone if chosen else "UTC"
    return Log(asked, everyone, _signed(work, sorted(found, key=_by_day)), work.now, zone, audit.head(work.session))


def _lines(work: Work, patient: Patient) -> list[Line]:
    schedule = case_of(work, patient).schedule
    return [Line(patient, schedule, one) for one in broken(schedule)]


def _by_day(line: Line) -> tuple[date, str]:
    return (line.broken.day or date.max, line.patient.subject_id)


def _signed(work: Work, lines: Sequence[Line]) -> tuple[Line, ...]:
    """With the write by which each was accepted."""
    ids = {line.patient.public_id for line in lines if line.broken.settled is Settled.ACCEPTED}
    written = acceptances.of_patients(work.session, ids) if ids else {}
    return tuple(
        replace(line, accepted=accepted_in(written.get(line.patient.public_id, ()), line.broken)) for line in lines
    )
