"""The treatment as a picture: a lane for each kind of visit, windows as bars, weeks along the top.

Every length is in px and decided here and in `axis`; a template only prints it. The picture begins with the week of
the first visit or window and ends four weeks after the key visit's window (after all phases before it, if that is
later). Years of follow-up would squeeze the weeks that people plan in: what lies beyond is told in words (`later`).
A second picture begins with the week of today: for a phone, and for a patient whom the first has left behind.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from planner.core.days import study_day
from planner.core.deviations import WINDOW
from planner.core.facts import State
from planner.exports.axis import (
    LEFT,
    LETTER,
    Band,
    Label,
    axis_near,
    axis_of,
    closed_days,
    key_visit,
    months,
    phases,
    shown_day,
)
from planner.exports.axis import weeks as weeks_of
from planner.exports.months import state_word
from planner.exports.naming import name, reference_day, window_words
from planner.exports.sentences import deviation
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.exports.axis import Axis

HEAD, ROW, PAD, FOOT, RIGHT = 124, 24, 6, 12, 24
"""Height of what stands on top; of a row of visits; space in a lane above and below; below the last lane; beside it."""
MARK, SPACE, TRIANGLE = 7, 4, 16
"""Half a mark; space between what stands in a row; room for the triangle of a deviation."""
LINE = 18
"""Letters in a line of a label."""

NUMBER_AT_THE_END = re.compile(r"\s*\d+$")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A visit: its mark at (`x`, `y`), its window and its target day in the same row, its code at `label_x`.

    `shape` is planned, booked, occurred, gone or staff; `words` say everything that is drawn, and the dates.
    `target_x` where the target is not the day. `key`: the protocol's key visit.
    """

    code: str
    x: float
    y: float
    shape: str
    deviation: bool
    label_x: float
    words: str
    window: Band | None = None
    target_x: float | None = None
    key: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Visits of one kind; `label` in one or two lines, `y` its top."""

    label: tuple[str, ...]
    y: float
    height: float
    visits: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture, its lanes between `left` and `right` from `top` on; `key`: the key visit's window.

    `words` tell the picture to those who do not see it, `later` what lies beyond its end, `beyond` each of these visits
    with its code.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    words: str
    later: str
    beyond: tuple[tuple[str, str], ...]
    months: tuple[Label, ...]
    weeks: tuple[Label, ...]
    phases: tuple[Band, ...]
    closed: tuple[Band, ...]
    lanes: tuple[Lane, ...]
    key: Band | None
    today: Label | None


def timeline(schedule: Schedule, today: date) -> Timeline | None:
    """The picture of one patient's plan as read on `today`; None where no visit has a day yet."""
    dated = _dated(schedule)
    if not dated:
        return None
    return _picture(schedule, dated, axis_of(schedule, dated), today)


def timeline_near(schedule: Schedule, today: date) -> Timeline | None:
    """The picture that begins with the week of today; None where that is the whole one, or nothing more is to come."""
    dated = _dated(schedule)
    axis = axis_near(axis_of(schedule, dated), dated, today) if dated else None
    coming = axis is not None and any(day in axis for day, _ in dated)
    return _picture(schedule, dated, axis, today) if axis is not None and coming else None


def _dated(schedule: Schedule) -> list[tuple[date, Visit]]:
    """The visits that have a day to be drawn on, in order of their days."""
    found = ((day, visit) for visit in schedule.visits if (day := shown_day(visit)) is not None)
    return sorted(found, key=lambda pair: pair[0])


def _picture(schedule: Schedule, dated: list[tuple[date, Visit]], axis: Axis, today: date) -> Timeline:
    drawn = [(day, visit) for day, visit in dated if day in axis]
    beyond = [(day, visit) for day, visit in dated if day > axis.last]
    lanes, key = tuple(_lanes(schedule, axis, drawn)), _key(schedule, axis)
    return Timeline(
        width=axis.right + RIGHT,
        height=lanes[-1].y + lanes[-1].height + FOOT,
        left=LEFT,
        right=axis.right,
        top=HEAD,
        words=_words(axis, drawn, key, today),
        later=_later(beyond),
        beyond=tuple((visit.code, visit_words(schedule, visit)) for _, visit in beyond),
        months=tuple(months(axis)),
        weeks=tuple(weeks_of(schedule, axis)),
        phases=tuple(phases(schedule, axis, drawn)),
        closed=tuple(closed_days(schedule, axis)),
        lanes=lanes,
        key=key,
        today=Label(axis.middle(today), f"Today {staff_day(today)}") if today in axis else None,
    )


def _key(schedule: Schedule, axis: Axis) -> Band | None:
    """The key visit's window, told from its first to its last day."""
    key = key_visit(schedule)
    if key is None or key.window is None:
        return None
    title = f"{key.encounter.name.into('en')} {window_words(key.window)}"
    return axis.band(key.window.earliest, key.window.latest, title)


# ---- the lanes


def _lanes(schedule: Schedule, axis: Axis, drawn: list[tuple[date, Visit]]) -> Iterator[Lane]:
    y: float = HEAD
    for label, visits in _kinds(schedule, drawn):
        rows: list[float] = []
        marks = tuple(_drawn(schedule, axis, day, visit, rows, y + PAD) for day, visit in visits)
        height = len(rows) * ROW + 2 * PAD
        yield Lane(tuple(wrap(label, LINE, max_lines=2, placeholder="…")), y, height, marks)
        y += height


def _kinds(schedule: Schedule, drawn: list[tuple[date, Visit]]) -> Iterator[tuple[str, list[tuple[date, Visit]]]]:
    """Phase by phase: visits that the protocol repeats as a kind of their own, the others of the phase together."""
    for epoch in schedule.protocol.epochs:
        kinds: dict[str, list[tuple[date, Visit]]] = {}
        order = {e.code: n for n, e in enumerate(schedule.protocol.encounters)}
        here = [pair for pair in drawn if pair[1].encounter.epoch == epoch.code]
        for day, visit in sorted(here, key=lambda pair: order[pair[1].code]):
            instance = visit.encounter.instance if visit.encounter.attended else None
            kinds.setdefault(instance.template if instance is not None else "", []).append((day, visit))
        rest = sorted(kinds.pop("", []), key=lambda pair: pair[0])
        yield from ((_kind(visits), visits) for visits in kinds.values())
        if rest:
            yield f"{epoch.name.into('en')}, other" if kinds else epoch.name.into("en"), rest


def _kind(visits: list[tuple[date, Visit]]) -> str:
    """`FOLFOX` for FOLFOX 1 to FOLFOX 6."""
    return NUMBER_AT_THE_END.sub("", visits[0][1].encounter.name.into("en"))


def _drawn(schedule: Schedule, axis: Axis, day: date, visit: Visit, rows: list[float], top: float) -> Drawn:
    """The visit in the first row of its lane that has room for it; `rows` holds up to where each row is taken."""
    x = axis.middle(day)
    window = axis.band(visit.window.earliest, visit.window.latest) if visit.window is not None else None
    off = bool(visit.deviations) or (visit.to_come and visit.day is None)
    label_x = max(x + MARK, window.x + window.width if window is not None else 0) + SPACE
    end = label_x + len(visit.code) * LETTER + TRIANGLE * off + SPACE
    row = _free(rows, min(x - MARK, window.x if window is not None else x), end)
    target = visit.target if visit.target != day else None
    return Drawn(
        code=visit.code,
        x=x,
        y=top + row * ROW + ROW / 2,
        shape=_shape(visit),
        deviation=off,
        label_x=label_x,
        words=visit_words(schedule, visit),
        window=window,
        target_x=axis.middle(target) if target is not None and target in axis else None,
        key=visit == key_visit(schedule),
    )


def _free(rows: list[float], start: float, end: float) -> int:
    """The first row free from `start` on, now taken up to `end`; a new one where none is."""
    row = next((n for n, taken in enumerate(rows) if taken <= start), len(rows))
    rows[row : row + 1] = [end]
    return row


def _shape(visit: Visit) -> str:
    if visit.to_come and not visit.encounter.attended:
        return "staff"
    return visit.state.value if visit.to_come or visit.state is State.OCCURRED else "gone"


# ---- words


def visit_words(schedule: Schedule, visit: Visit) -> str:
    """`FOLFOX 4 (C4D1): booked, Mon 14 Apr 2025, Day 43; window 14 Apr to 17 Apr 2025`."""
    standing = [state_word(visit)]
    reference = reference_day(schedule)
    if visit.day is not None:
        standing.append(staff_day(visit.day))
        if reference is not None:
            standing.append(f"Day {study_day(visit.day, reference, schedule.protocol.first_day)}")
    notes = [", ".join(standing)]
    if visit.target is not None and visit.target != visit.day:
        notes.append(f"target {staff_day(visit.target)}")
    if visit.window is not None and all(broken.rule != WINDOW for broken in visit.deviations):
        notes.append(window_words(visit.window))
    notes += [deviation(schedule, broken) for broken in visit.deviations]
    return f"{name(schedule.protocol, visit.code)}: {'; '.join(notes)}"


def _words(axis: Axis, drawn: list[tuple[date, Visit]], key: Band | None, today: date) -> str:
    counts = Counter(state_word(visit) for _, visit in drawn)
    told = "; ".join(f"{number} {word}" for word, number in counts.items())
    said = [f"Visits from {staff_day(axis.first)} to {staff_day(axis.last)}: {told}."]
    said += [f"{key.text}."] if key is not None else []
    return " ".join((*said, f"Today is {staff_day(today)}.", "The table of visits says all of it in words."))


def _later(dated: list[tuple[date, Visit]]) -> str:
    """What lies beyond the picture, as a sentence: how many visits, the first and the last of them."""
    if not dated:
        return ""
    (first, one), (last, other) = dated[0], dated[-1]
    if len(dated) == 1:
        return f"Later, not drawn: {one.code} on {staff_day(first)}."
    return (
        f"Later, not drawn: {len(dated)} visits, {one.code} on {staff_day(first)} to {other.code} on {staff_day(last)}."
    )
