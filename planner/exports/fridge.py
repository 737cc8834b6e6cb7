"""The fridge sheet: one A4 page with the weeks at a glance, the nearest visits, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from planner.exports.pdf import document, filled, written
from planner.exports.printed import monday, pages
from planner.exports.qr import square
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper
    from planner.exports.printed import Line

MOST_VISITS, MOST_WEEKS = 6, 6
CONFIRMED, BOOKED, OPEN = "\N{BLACK CIRCLE}", "\N{CIRCLE WITH LEFT HALF BLACK}", "\N{WHITE CIRCLE}"
WEEK, SUNDAY = timedelta(days=7), timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day at a glance; `marks` are empty where no visit is on it."""

    words: str
    marks: str
    open_day: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One week at a glance, under the name of its month."""

    month: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit told in full: its weekday and day large, and what else is said of it."""

    weekday: str
    day: str
    line: Line


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the fridge sheet says of the visits; `later` is empty where all of them are told in full."""

    rows: tuple[Row, ...]
    entries: tuple[Entry, ...]
    later: str
    prepared: bool

    @property
    def timed(self) -> bool:
        """Whether any time is said."""
        return any(entry.line.time for entry in self.entries)


def fridge_sheet(schedule: Schedule, paper: Paper) -> bytes:
    """The sheet as PDF: as many of the nearest visits as have room on one page, and a word on those that follow."""
    most = min(len(pages(schedule, paper).to_come), MOST_VISITS)
    wanted, prepared = most, True
    while True:
        found = document(fridge_page(schedule, paper, wanted, prepared=prepared))
        if len(found.pages) == 1 or wanted == 0:
            return written(found)
        if wanted == 1 and prepared:  # not even the next visit has room with all that is to be prepared for it
            wanted, prepared = most, False
        else:
            wanted = _fewer(found, wanted)


def _fewer(found: Any, wanted: int) -> int:  # noqa: ANN401  # WeasyPrint ships no types
    """How many visits to try next: those that had room on the first page, one less than before at least."""
    room: int = sum(name.startswith("visit-") for name in found.pages[0].anchors)
    least = 1 if wanted > 1 else 0
    return max(min(room, wanted - 1), least)


def fridge_page(schedule: Schedule, paper: Paper, most: int = MOST_VISITS, *, prepared: bool = True) -> str:
    """The page before it is laid out, as HTML, with the `most` nearest visits."""
    code = square(paper.feed) if paper.feed else None
    return filled("fridge.html", schedule, paper, sheet=sheet(schedule, paper, most, prepared=prepared), code=code)


def sheet(schedule: Schedule, paper: Paper, most: int = MOST_VISITS, *, prepared: bool = True) -> Sheet:
    """What the sheet says."""
    words, to_come = Words(paper.language), pages(schedule, paper).to_come
    entries = tuple(_entry(line, paper, words) for line in to_come[:most])
    return Sheet(tuple(_rows(to_come, paper, words)), entries, _later(to_come[most:], words), prepared)


def _entry(line: Line, paper: Paper, words: Words) -> Entry:
    day = line.order[0]
    return Entry(words.weekday(day), words.short_day(day, paper.printed), line)


def _later(left: tuple[Line, ...], words: Words) -> str:
    if not left:
        return ""
    visits = words.counted("%(number)d more visit", "%(number)d more visits", len(left))
    return words.say("Later: %(visits)s, from %(day)s on. See your booklet.", visits=visits, day=left[0].day)


def _rows(to_come: tuple[Line, ...], paper: Paper, words: Words) -> Iterator[Row]:
    """The weeks from the one of the next visit (else of the printing) to the last with a visit, at most six of them."""
    if not to_come:
        return
    days = [line.order[0] for line in to_come]
    first = monday(days[0])
    if first <= monday(paper.printed) + WEEK:
        first = min(first, monday(paper.printed))
    number = min((monday(days[-1]) - first) // WEEK + 1, MOST_WEEKS)
    for start in (first + WEEK * n for n in range(number)):
        cells = tuple(_cell(to_come, start + timedelta(days=n)) for n in range(7))
        yield Row(words.months(start, start + SUNDAY), cells)


def _cell(to_come: tuple[Line, ...], day: date) -> Cell:
    here = [line for line in to_come if line.order[0] == day]
    marks = dict.fromkeys(map(_mark, here))
    return Cell(str(day.day), "".join(marks), bool(here) and all(line.open_day for line in here))


def _mark(line: Line) -> str:
    """Only what the patient confirmed is agreed with them."""
    return OPEN if line.open_day else CONFIRMED if line.confirmed else BOOKED
