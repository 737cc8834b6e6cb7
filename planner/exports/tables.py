"""The schedule as a plain text table for staff, week by week, in 100 columns."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from babel.dates import format_date

from planner.core.days import study_day
from planner.core.deviations import FlagKind
from planner.core.facts import State
from planner.exports.columns import paragraph, row, shown_width
from planner.exports.naming import name, reference_day
from planner.exports.sentences import conflict, days_left, deviation, explanation, flag
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from planner.core.days import Window
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import Visit

WIDTH = 100
MARK, DAY, NUMBER, WINDOW, STATE = 1, 10, 9, 20, 14
NOTE = MARK + DAY + NUMBER + 3
"""Where the notes below a row begin: under its code."""

CODE_AT_MOST = 12
MARKS = {
    State.PLANNED: "○",
    State.BOOKED: "◐",
    State.OCCURRED: "●",
    State.MISSED: "✕",
    State.CANCELED: "✕",
    State.NOT_APPLICABLE: "✕",
}
DEVIATION, STAFF_ONLY = "▲", "◇"
LEGEND = (
    "○ planned, ◐ booked, ● occurred, ✕ canceled or missed, ◇ staff only",
    "▲ outside its window, against a rule, or without a possible day",
    "~ provisional: counted from a day that is only suggested",
    "? assumed: nobody has decided yet",
    "! the target falls on a closed day",
)
IN_MARKS = frozenset({FlagKind.ASSUMED})


def table(
    schedule: Schedule, *, subject: str = "", printed: date | None = None, answers: Iterable[Explanation] = ()
) -> str:
    """The whole schedule: what needs a decision, the visits by week, those without a day, and days explained."""
    parts = [
        _header(schedule, subject, printed),
        _conflicts(schedule),
        *_weeks(schedule),
        *_without_day(schedule),
        _list("Explained", [explanation(schedule, answer) for answer in answers]),
        list(LEGEND),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _header(schedule: Schedule, subject: str, printed: date | None) -> list[str]:
    protocol = schedule.protocol
    about = [f"{protocol.name} · version {protocol.version}"]
    about += [f"subject {subject}"] if subject else []
    about += [f"printed {staff_day(printed)}"] if printed is not None else []
    texts = [" · ".join(about), protocol.title.into("en"), protocol.note.into("en"), " · ".join(_dates(schedule))]
    room = schedule.days_left
    texts += [days_left(schedule, room)] if room is not None else []
    return [line for text in texts if text for line in paragraph(text, WIDTH)]


def _dates(schedule: Schedule) -> Iterator[str]:
    """The named dates, the reference date first."""
    known, protocol = schedule.dates, schedule.protocol
    for named in sorted(protocol.dates, key=lambda named: named.code != protocol.reference):
        if named.code in known or named.required:
            day = staff_day(known[named.code]) if named.code in known else "not known yet"
            yield f"{named.name.into('en')}: {day}"


def _conflicts(schedule: Schedule) -> list[str]:
    if not schedule.conflicts:
        return []
    head = f"Conflicts to decide: {len(schedule.conflicts)}"
    texts = [paragraph(conflict(schedule, clash), WIDTH, lead="  ▲ ") for clash in schedule.conflicts]
    return [head, *(line for lines in texts for line in lines)]


def _weeks(schedule: Schedule) -> Iterator[list[str]]:
    dated = [(day, visit) for visit in schedule.visits if (day := _row_day(visit)) is not None]
    dated.sort(key=lambda pair: pair[0])
    code = _code_width(schedule.visits)
    if dated:
        yield row(_cells(("", "day", "study day", "code", "visit", "window", "state"), code), gap=1)
    for monday, group in groupby(dated, key=lambda pair: pair[0] - timedelta(days=pair[0].weekday())):
        lines = [week_title(schedule, monday)]
        for day, visit in group:
            lines += row(_cells(_row(schedule, visit, day), code), gap=1)
            lines += [line for note in _notes(schedule, visit) for line in paragraph(note, WIDTH, lead=" " * NOTE)]
        yield lines


def _row_day(visit: Visit) -> date | None:
    """The day whose week the row stands in: its own, else its target; none for a visit that does not apply."""
    return None if visit.state is State.NOT_APPLICABLE else visit.day or visit.target


def _code_width(visits: Iterable[Visit]) -> int:
    return min(max((shown_width(visit.code) for visit in visits), default=4), CODE_AT_MOST)


def _cells(texts: Iterable[str], code: int) -> list[tuple[str, int]]:
    fixed = (MARK, DAY, NUMBER, code, WINDOW, STATE)
    widths = [*fixed[:4], WIDTH - sum(fixed) - len(fixed), *fixed[4:]]
    return list(zip(texts, widths, strict=True))


def week_title(schedule: Schedule, monday: date) -> str:
    """`Week 3 · 17-23 Mar 2025`: week 1 holds the reference day, and the week before it is week -1."""
    sunday = monday + timedelta(days=6)
    whole = (monday.year == sunday.year, (monday.year, monday.month) == (sunday.year, sunday.month))
    start = format_date(monday, "d" if whole[1] else "d MMM" if whole[0] else "d MMM y", locale="en")
    days = f"{start}-{format_date(sunday, 'd MMM y', locale='en')}"
    number = week_number(schedule, monday)
    return days if number is None else f"Week {number} · {days}"


def week_number(schedule: Schedule, monday: date) -> int | None:
    """The calendar week counted from the one that holds the reference day, without a week 0."""
    reference = reference_day(schedule)
    if reference is None:
        return None
    weeks = (monday - reference + timedelta(days=reference.weekday())).days // 7
    return weeks + 1 if weeks >= 0 else weeks


def _row(schedule: Schedule, visit: Visit, day: date) -> tuple[str, ...]:
    reference = reference_day(schedule)
    number = "" if reference is None else f"Day {study_day(day, reference, schedule.protocol.first_day)}"
    words = visit.encounter.name.into("en")
    window = _window(visit.window, day) if visit.window is not None else ""
    return (_mark(visit), format_date(day, "EEE d MMM", locale="en"), number, visit.code, words, window, _state(visit))


def _mark(visit: Visit) -> str:
    if visit.deviations:
        return DEVIATION
    if visit.encounter.attended or not visit.to_come:
        return MARKS[visit.state]
    return STAFF_ONLY


def _window(window: Window, day: date) -> str:
    """The window in the row's own year, which the week's title tells."""
    first, last = (None if edge is None else _short(edge, day) for edge in (window.earliest, window.latest))
    if first is not None and last is not None:
        return first if first == last else f"{first} to {last}"
    return f"from {first}" if first is not None else f"to {last}" if last is not None else "open"


def _short(edge: date, day: date) -> str:
    return format_date(edge, "d MMM" if edge.year == day.year else "d MMM y", locale="en")


def _state(visit: Visit) -> str:
    """The state in a word, with the time of a booking, then its marks."""
    if visit.to_come and visit.day is None:
        return "waits" if visit.waits else "no day ▲"
    time = f" {visit.fact.at:%H:%M}" if visit.fact is not None and visit.fact.at is not None else ""
    kinds = {raised.kind for raised in visit.flags}
    marks = ["~"] if visit.provisional and visit.to_come else []
    marks += ["?"] if FlagKind.ASSUMED in kinds else []
    marks += ["!"] if FlagKind.CLASH in kinds else []
    return f"{visit.state.replace('_', ' ')}{time} {''.join(marks)}".rstrip()


def _notes(schedule: Schedule, visit: Visit) -> Iterator[str]:
    """What stands below the row: deviations, flags, a target that is not the day, the end of a stay."""
    for broken in visit.deviations:
        yield f"▲ {deviation(schedule, broken)}"
    for raised in visit.flags:
        if raised.kind not in IN_MARKS:
            lead = "!" if raised.kind is FlagKind.CLASH else "·"
            yield f"{lead} {flag(schedule, visit, raised)}"
    moved = visit.state is State.PLANNED and visit.day is not None and visit.target not in (None, visit.day)
    if moved and visit.target is not None and not visit.clashes:
        yield f"· target {staff_day(visit.target)}"
    if visit.fact is not None and visit.fact.end is not None and visit.fact.day is not None:
        yield f"· stay {staff_days(visit.fact.day, visit.fact.end)}"
    if visit.clock is not None:
        yield f"· proposed start {staff_day(visit.clock.date())} {visit.clock:%H:%M}"


def _without_day(schedule: Schedule) -> Iterator[list[str]]:
    """Visits that wait for a date, that do not apply, and that are only made as needed."""
    waiting = [visit for visit in schedule.visits if visit.to_come and _row_day(visit) is None]
    absent = [visit for visit in schedule.visits if visit.state is State.NOT_APPLICABLE or _gone_undated(visit)]
    asked = [e for e in schedule.protocol.encounters if e.timing is None and e.code not in schedule.by_code]
    counted = [f"{name(schedule.protocol, v.code)}{_counted_from(schedule, v)}" for v in waiting]
    yield _list("Waiting for a date to count from", counted)
    yield _list(
        "Will not take place", [f"{name(schedule.protocol, v.code)}: {v.state.replace('_', ' ')}" for v in absent]
    )
    yield _list("As needed", [name(schedule.protocol, encounter.code) for encounter in asked])


def _gone_undated(visit: Visit) -> bool:
    return not visit.to_come and visit.state is not State.OCCURRED and _row_day(visit) is None


def _counted_from(schedule: Schedule, visit: Visit) -> str:
    return f", counted from {name(schedule.protocol, visit.anchor)}" if visit.anchor is not None else ""


def _list(title: str, texts: list[str]) -> list[str]:
    lines = [line for text in texts for line in paragraph(text, WIDTH, lead="  ")]
    return [title, *lines] if lines else []
