"""What a patient takes away: the iCalendar file and the printed schedule, the same from a page and the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from planner.core.disclosure import Detail
from planner.exports.ics import calendar_file
from planner.exports.paper import Paper
from planner.exports.pdf import printed_schedule

if TYPE_CHECKING:
    from planner.core.schedule import Schedule
    from planner.services.cases import Case


class Kind(StrEnum):
    """What can be taken away."""

    ICS = "ics"
    PDF = "pdf"


def taken_away(
    kind: Kind, schedule: Schedule, paper: Paper, *, seed: str = "", detail: Detail = Detail.STANDARD
) -> bytes:
    """The file; the same bytes for the same arguments. `detail` is for the calendar file: paper is at home."""
    if kind is Kind.PDF:
        return printed_schedule(schedule, paper)
    return calendar_file(schedule, paper, seed=seed, detail=detail)


def of_case(kind: Kind, case: Case, language: str = "") -> bytes:
    """The patient's own file, in their language or another one."""
    return taken_away(kind, case.schedule, paper_of(case, language), seed=case.patient.seed)


def paper_of(case: Case, language: str = "", **more: Any) -> Paper:  # noqa: ANN401  # further fields of a paper
    """What the patient's papers say beside their visits.

    It is stamped with the last saved act, so that a file differs only where they do.
    """
    patient, site = case.patient, case.patient.site
    return Paper(
        printed=case.today,
        stamp=patient.changed,
        language=language or patient.language,
        zone=site.zone,
        site=site.name,
        phone=site.phone,
        emergency=site.emergency,
        **more,
    )
