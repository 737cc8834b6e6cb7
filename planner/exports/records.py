"""The schedule for other programs: JSON with every key always there, and CSV with one row per visit."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import TYPE_CHECKING

from planner.exports.sentences import conflict, deviation, explanation, flag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.calendar import Closure
    from planner.core.conflicts import Conflict
    from planner.core.days import DaySet, Span
    from planner.core.deviations import Deviation
    from planner.core.explain import Reason
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import Visit

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula (OWASP ASVS 1.2.10), or breaks its row."""

PAIR = re.compile(r'\[\n\s+("[\d-]{10}"),\n\s+("[\d-]{10}")\n\s+\]')
"""A range of days over four lines; text holds no line break, so nothing but ranges looks like it."""

COLUMNS = (
    "code",
    "name",
    "epoch",
    "label",
    "study_day",
    "state",
    "target",
    "earliest",
    "latest",
    "suggested",
    "booked",
    "occurred",
    "first_live",
    "last_live",
    "live_days",
    "provisional",
    "anchor",
    "deviations",
    "flags",
)


def as_json(schedule: Schedule, answers: Iterable[Explanation] = ()) -> str:
    """The whole schedule: days as ISO 8601, ranges inclusive, null where there is nothing; with days explained."""
    whole = {
        "protocol": _protocol(schedule),
        "visits": [_visit(schedule, visit) for visit in schedule.visits],
        "conflicts": [_conflict(schedule, clash) for clash in schedule.conflicts],
        "surgery": _key_visit(schedule),
        "explanations": [_explanation(schedule, answer) for answer in answers],
    }
    return PAIR.sub(r"[\1, \2]", json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"


def _protocol(schedule: Schedule) -> dict[str, object]:
    protocol, known = schedule.protocol, schedule.dates
    return {
        "id": protocol.id,
        "name": protocol.name,
        "version": protocol.version,
        "title": protocol.title.into("en"),
        "first_day": protocol.first_day,
        "reference": protocol.reference,
        "dates": {named.code: _day(known.get(named.code)) for named in protocol.dates},
    }


def _visit(schedule: Schedule, visit: Visit) -> dict[str, object]:
    window = visit.window
    return {
        "code": visit.code,
        "name": visit.encounter.name.into("en"),
        "epoch": visit.encounter.epoch,
        "anchor": visit.anchor,
        "study_day": visit.study_day,
        "target": _day(visit.target),
        "earliest": _day(window.earliest) if window is not None else None,
        "latest": _day(window.latest) if window is not None else None,
        "live": _ranges(visit.live),
        "possible": _ranges(visit.possible),
        "suggested": _day(visit.suggested),
        "booked": _booked(visit),
        "occurred": _day(visit.occurred),
        "state": str(visit.state),
        "provisional": visit.provisional,
        "deviations": [_deviation(broken) for broken in visit.deviations],
        "label": visit.encounter.label,
        "period_day": visit.period_day,
        "clock": visit.clock.isoformat(timespec="minutes") if visit.clock is not None else None,
        "flags": [{"kind": str(f.kind), "sentence": flag(schedule, visit, f)} for f in visit.flags],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _ranges(days: DaySet) -> list[list[str]]:
    return [[first.isoformat(), last.isoformat()] for first, last in days.ranges()]


def _booked(visit: Visit) -> str | None:
    """The booked day, with the local time where one is agreed."""
    if visit.booked is None:
        return None
    time = visit.fact.at if visit.fact is not None else None
    return visit.booked.isoformat() + (f"T{time:%H:%M}" if time is not None else "")


def _deviation(broken: Deviation) -> dict[str, object]:
    return {
        "rule": broken.rule,
        "nature": str(broken.nature),
        "days": broken.days,
        "accepted": broken.accepted,
        "reason": broken.reason,
    }


def _conflict(schedule: Schedule, clash: Conflict) -> dict[str, object]:
    return {
        "kind": str(clash.kind),
        "visit": clash.visit,
        "sentence": conflict(schedule, clash),
        "reasons": [_reason(reason) for reason in clash.reasons],
    }


def _explanation(schedule: Schedule, answer: Explanation) -> dict[str, object]:
    return {
        "visit": answer.visit,
        "day": _day(answer.day),
        "verdict": answer.verdict.value,
        "days_outside": answer.days,
        "sentence": explanation(schedule, answer),
        "reasons": [_reason(reason) for reason in answer.reasons],
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "why": str(reason.why),
        "visit": reason.visit or None,
        "other": reason.other or None,
        "at_least": _span(reason.lo),
        "at_most": _span(reason.hi),
        "day": _day(reason.day),
        "last": _day(reason.last),
        "rule": reason.rule or None,
        "strength": str(reason.strength) if reason.strength is not None else None,
        "closure": _closure(reason.closure) if reason.closure is not None else None,
    }


def _span(span: Span | None) -> dict[str, object] | None:
    return {"amount": span.amount, "unit": str(span.unit)} if span is not None else None


def _closure(closure: Closure) -> dict[str, object]:
    """Weekends have no first and no last day."""
    weekly = closure.weekly
    return {
        "because": str(closure.because),
        "first": None if weekly else _day(closure.first),
        "last": None if weekly else _day(closure.last),
        "name": closure.name,
        "calendars": list(closure.calendars),
    }


def _key_visit(schedule: Schedule) -> dict[str, object] | None:
    """The days left for the key visit; without numbers once it is no longer to come, null where there is none."""
    key, room = schedule.protocol.key_visit, schedule.days_left
    if key is None:
        return None
    return {
        "visit": key.code,
        "days_left": room.days_left if room is not None else None,
        "can_slip": room.can_slip if room is not None else None,
        "open_days_left": room.open_days_left if room is not None else None,
    }


def as_csv(schedule: Schedule) -> str:
    """One row per visit under a header, for a spreadsheet; text that it would take for a formula is quoted."""
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _line(schedule, visit)] for visit in schedule.visits)
    return sheet.getvalue()


def _line(schedule: Schedule, visit: Visit) -> Iterable[object]:
    """The cells of a visit, in the order of COLUMNS."""
    whole = _visit(schedule, visit)
    derived = {
        "first_live": _day(min(visit.live, default=None)),
        "last_live": _day(max(visit.live, default=None)),
        "live_days": len(visit.live),
        "provisional": "yes" if visit.provisional else "no",
        "deviations": "; ".join(deviation(schedule, broken) for broken in visit.deviations),
        "flags": "; ".join(raised.kind for raised in visit.flags),
    }
    return [(whole | derived)[column] for column in COLUMNS]


def _cell(value: object) -> object:
    """A number stays a number: a negative day is no formula."""
    return harmless(value) if isinstance(value, str) else value


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
