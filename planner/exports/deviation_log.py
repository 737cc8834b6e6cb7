"""The deviation log in words, as a table for spreadsheets and as paper for the monitor. English only."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from io import StringIO
from typing import TYPE_CHECKING

from planner.core.deviation_log import Kind, Settled
from planner.core.deviations import Nature
from planner.exports.naming import name, window_words
from planner.exports.pdf import laid_out, printing
from planner.exports.records import harmless
from planner.exports.sentences import conflict, deviation
from planner.exports.words import moment, staff_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.deviation_log import Asked, Line, Log
    from planner.core.history import Head

KINDS = {Kind.WINDOW: "window", Kind.RULE: "rule", Kind.CONFLICT: "conflict"}
NATURES = {Nature.EXPECTED: "expected", Nature.ACTUAL: "actual"}
SETTLED = {Settled.ACCEPTED: "accepted", Settled.WAITING: "waiting for a reason"}
SEAL = 16
"""Digits of the seal that paper shows: enough to tell one end of the history from every other."""

HEADS = {
    "site": "Site",
    "subject": "Subject number",
    "code": "Visit code",
    "visit": "Visit",
    "day": "Day",
    "nature": "Expected or actual",
    "kind": "Kind",
    "what": "What",
    "settled": "Reason",
    "reason": "Reason in words",
    "who": "Accepted by",
    "when": "Accepted on",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the log in words; empty where there is nothing to say."""

    site: str
    subject: str
    code: str
    visit: str
    day: str
    nature: str
    kind: str
    what: str
    settled: str
    reason: str
    who: str
    when: str


def rows(log: Log) -> tuple[Row, ...]:
    """The lines in words, in their order."""
    return tuple(map(row, log.lines))


def row(line: Line) -> Row:
    """One line in words."""
    found, patient, accepted = line.broken, line.patient, line.accepted
    return Row(
        site=patient.site.name,
        subject=patient.subject_id,
        code=found.code,
        visit=name(line.schedule.protocol, found.code),
        day=_day(found.day),
        nature=NATURES[found.nature],
        kind=KINDS[found.kind],
        what=_what(line),
        settled=SETTLED[found.settled],
        reason=found.deviation.reason if found.deviation is not None else "",
        who=accepted.actor if accepted is not None else "",
        when=moment(accepted.at, patient.site.zone) if accepted is not None else "",
    )


def _what(line: Line) -> str:
    """What is broken, in the sentence of every other screen; the reason stands in a column of its own."""
    found = line.broken
    if found.clash is not None:
        return conflict(line.schedule, found.clash)
    late = "overdue: " if found.overdue and found.kind is Kind.WINDOW else ""
    if found.deviation is None:
        window = found.visit.window if found.visit is not None else None
        return f"{late}no day is left ({window_words(window)})" if window is not None else late
    said = deviation(line.schedule, found.deviation)
    return f"{late}{said.removesuffix(f'; accepted: {found.deviation.reason}')}"


def _day(day: date | None) -> str:
    return staff_day(day) if day is not None else ""


def asked_words(log: Log) -> str:
    """Which part of the log it is: `patient 01-001; windows; from Mon 3 Mar 2025`, or all of it."""
    return "; ".join(_parts(log.asked, {p.public_id: p.subject_id for p in log.patients})) or "everything"


def _parts(asked: Asked, subjects: dict[str, str]) -> Iterator[str]:
    if asked.patient:
        yield f"patient {subjects[asked.patient]}"
    if asked.kind is not None:
        yield f"{KINDS[asked.kind]}s only"
    if asked.nature is not None:
        yield f"{NATURES[asked.nature]} only"
    if asked.settled is not None:
        yield f"{SETTLED[asked.settled]} only"
    if asked.first is not None:
        yield f"from {staff_day(asked.first)}"
    if asked.last is not None:
        yield f"to {staff_day(asked.last)}"


def csv_file(log: Log) -> bytes:
    """The log for a spreadsheet: UTF-8 with its mark, the filters in the first line, no cell that is a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(f"Deviation log: {asked_words(log)}; as of {moment(log.printed, log.zone)}")])
    writer.writerow(HEADS.values())
    writer.writerows([harmless(getattr(found, one.name)) for one in fields(Row)] for found in rows(log))
    return text.getvalue().encode("utf-8-sig")


def printed_log(log: Log) -> bytes:
    """The log on paper, A4 across."""
    return laid_out(log_page(log))


def log_page(log: Log) -> str:
    """The paper before it is laid out, as HTML."""
    stamp = log.printed.strftime("%Y-%m-%dT%H:%M:%SZ")
    as_of = moment(log.printed, log.zone)
    return (
        printing()
        .get_template("deviations.html")
        .render(rows=rows(log), asked=asked_words(log), as_of=as_of, stamp=stamp, history=history_words(log.head))
    )


def history_words(head: Head | None) -> str:
    """The end of the history as it stands at the foot of a paper, short enough to be typed; empty where it is gone."""
    return f"History up to row {head.seq}, {head.mac[:SEAL]}" if head is not None else ""
