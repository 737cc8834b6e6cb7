"""What the pages under docs/ hold: complete protocol files, tables of dates, tables of keys."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from planner.core.calendar import Because, Calendar, Closure
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.protocols.reader import parse

DOCS = Path(__file__).parents[2] / "docs"
FORMAT = (DOCS / "protocol-format.md").read_text(encoding="utf-8")
PART = re.compile(
    r"^### (?P<heading>[^\n]+)$"
    r"|<!-- complete: (?P<given>.*?) -->\n```toml\n(?P<file>.*?)^```$"
    r"|<!-- dates: (?P<more>.*?) -->"
    r"|(?P<table>(?:^\|[^\n]*\|\n)+)",
    re.MULTILINE | re.DOTALL,
)


def recipes():
    """Each complete file with what is given and the table of dates that follows; a file may have several."""
    heading, file, given = "A complete example", "", None
    for part in PART.finditer(FORMAT):
        heading = part["heading"] or heading
        file = part["file"] or file
        given = part["given"] or part["more"] or given
        if part["table"] and given is not None:
            yield heading, file, given, rows(part["table"])
            given = None


def rows(table):
    """The cells of a table, without its head."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def planned(file, given):
    """The visits that take place: code, actual or target day, first and last day of the window."""
    facts, calendar = facts_of(given)
    schedule = plan(parse(file.encode(), "the file"), facts, calendar)
    there = [visit for visit in schedule.visits if visit.to_come or visit.occurred]
    return [
        [visit.code, str(visit.occurred or visit.target), *edges(visit.window)]
        for visit in there
        if visit.target is not None
    ]


def edges(window):
    """First and last day as a table writes them."""
    if window is None:
        return ["none", "none"]
    return ["open" if day is None else str(day) for day in (window.earliest, window.latest)]


def facts_of(given):
    """Facts and calendar from words such as `day_one=2025-03-03; occurred C1D1=2025-03-03; decided arm=C`."""
    facts, holidays = Facts(), ()
    for word in given.split("; "):
        verb, _, rest = word.rpartition(" ")
        name, _, value = rest.partition("=")
        if verb == "occurred":
            facts = facts.occurred(name, *map(date.fromisoformat, value.split("..")))
        elif verb == "omitted":
            facts = facts.omitted(name)
        elif verb == "decided":
            facts = facts.decided(name, value)
        elif verb == "holiday":
            holidays = (*holidays, Closure(date.fromisoformat(name), date.fromisoformat(name), Because.HOLIDAY))
        else:
            facts = facts.dated(name, date.fromisoformat(value))
    return facts, Calendar(closures=holidays)
