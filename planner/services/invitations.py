"""What a patient takes away: the iCalendar file and the printed schedule, the same from a page and the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from planner.core.disclosure import Detail
from planner.exports.ics import calendar_file
from planner.exports.paper import Paper
from planner.exports.pdf import printed_schedule
from planner.store import outbox, patients

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.feeds import Sent
    from planner.core.patients import Patient
    from planner.core.schedule import Schedule
    from planner.services.cases import Case
    from planner.services.work import Work


class Kind(StrEnum):
    """What can be taken away."""

    ICS = "ics"
    PDF = "pdf"


def taken_away(
    kind: Kind,
    schedule: Schedule,
    paper: Paper,
    *,
    seed: str = "",
    detail: Detail = Detail.STANDARD,
    sent: Iterable[Sent] = (),
) -> bytes:
    """The file; the same bytes for the same arguments.

    `detail` and `sent` are for the calendar file: paper is at home, and bears no identifiers.
    """
    if kind is Kind.PDF:
        return printed_schedule(schedule, paper)
    return calendar_file(schedule, paper, seed=seed, detail=detail, sent=sent)


def sent(work: Work, case: Case) -> tuple[Sent, ...]:
    """The mails that told of the patient's visits: the calendar file marks its entries as they did."""
    return outbox.sent(work.session, patients.key(work.session, case.patient.public_id))


def agreed(work: Work, case: Case) -> Detail:
    """How much a calendar of the patient's may say; of whoever agreed to none, that there is an appointment."""
    return outbox.wishes(work.session, patients.key(work.session, case.patient.public_id)).feed or Detail.MINIMAL


def of_case(
    kind: Kind, case: Case, language: str = "", sent: Iterable[Sent] = (), detail: Detail = Detail.STANDARD
) -> bytes:
    """The patient's own file, in their language or another one."""
    made = paper_of(case, language)
    return taken_away(kind, case.schedule, made, seed=case.patient.seed, detail=detail, sent=sent)


def paper_of(case: Case, language: str = "", **more: Any) -> Paper:  # noqa: ANN401  # further fields of a paper
    """What the patient's papers say beside their visits, on the day of the case."""
    return paper(case.patient, case.today, language, **more)


def paper(patient: Patient, today: date, language: str = "", **more: Any) -> Paper:  # noqa: ANN401  # as above
    """The same for a patient of whom no schedule is needed.

    It is stamped with the last saved act and numbered by it, so that a file differs only where they do.
    """
    site = patient.site
    return Paper(
        printed=today,
        stamp=patient.changed,
        language=language or patient.language,
        zone=site.zone,
        site=site.name,
        phone=site.phone,
        emergency=site.emergency,
        edition=patient.version,
        **more,
    )
