"""The pages on SHRINK and on the words: they agree with the file and with the code."""

import ast
import re
from pathlib import Path

import pytest

import planner.protocols
from planner.core.protocol import Strength
from planner.protocols.reader import read
from tests.protocols.documents import DOCS, rows

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
WRITTEN = [encounter.code for encounter in SHRINK.encounters if encounter.repeats is None]
PAGE = (DOCS / "protocol.md").read_text(encoding="utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
CODE = Path(planner.protocols.__file__).parents[1]


def _section(heading):
    """The rows of the table under a heading, each by the codes that it tells of."""
    text = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [(_codes(row[0]), row) for row in rows(text)]


def _codes(cell):
    """`C1P to C6P`, `N1, N2, N3` or `M7, M10 to M25` as codes of the file."""
    named = re.split(r", | to ", cell)
    if " to " not in cell:
        return named
    template = SHRINK.by_code[named[0]].instance.template
    series = [code for code in WRITTEN if (i := SHRINK.by_code[code].instance) and i.template == template]
    return series[series.index(named[0]) : series.index(named[-1]) + 1]


VISITS = {code: row for codes, row in _section("Visits") for code in codes}
HAPPENS = {code: row for codes, row in _section("What happens at each visit") for code in codes}


@pytest.mark.parametrize("table", [VISITS, HAPPENS], ids=["when", "what"])
def test_the_page_tells_of_every_visit_and_of_no_other(table):
    assert set(table) == set(WRITTEN)


def _target(encounter):
    """How the page writes a target."""
    timing = encounter.timing
    if timing is None:
        return "as needed"
    if encounter.code in ("REG", "ET"):
        return {"REG": "that date", "ET": "that day"}[encounter.code]
    if timing.anchor.codes == ("day_one",):
        return f"Day {timing.offset.days + 1}"
    if timing.offset.days is None:
        return "+7 to +25 months" if encounter.code != "M28" else "+28 months"
    return f"{timing.offset.days:+} {'day' if abs(timing.offset.days) == 1 else 'days'}"


@pytest.mark.parametrize("code", WRITTEN)
def test_the_page_tells_the_target_of_a_visit(code):
    assert VISITS[code][3] == _target(SHRINK.by_code[code])


def _long(minutes):
    if minutes is None:
        return ""
    low, high = (value / 60 for value in minutes)
    if high < 1:
        return f"{minutes[1]} min"
    return f"{high:g} h" if low == high else f"{low:g}-{high:g} h"


@pytest.mark.parametrize("code", WRITTEN)
def test_the_page_tells_how_long_a_visit_takes_and_who_is_needed(code):
    encounter = SHRINK.by_code[code]

    where, who = HAPPENS[code][2:4]
    last = where.split(", ")[-1]
    assert (last if re.fullmatch(r"[\d.-]+ (?:h|min)", last) else "") == _long(encounter.duration)
    assert who == (", ".join(encounter.staff) or "-")


def test_the_page_tells_how_often_and_when_a_visit_is_repeated():
    told = {code: row[1:] for codes, row in _section("Gates, repeats, one attendance for two visits") for code in codes}
    first = {e.repeats: e for e in SHRINK.encounters if e.repeats in WRITTEN}
    most = {code: sum(e.code.startswith(f"{code}.") for e in SHRINK.encounters) for code in first}

    assert told == {code: [str(most[code]), *_repeat(e.timing)] for code, e in first.items()}


def _repeat(timing):
    anchor, window = timing.anchor.codes[0], timing.window
    return ["its FOLFOX" if anchor[0] == "C" else anchor, _days(timing), f"-{window.before.days}/+{window.after.days}"]


def _days(timing):
    return f"{timing.offset.days:+} {'day' if abs(timing.offset.days) == 1 else 'days'}"


def test_the_page_tells_the_rules_of_every_strength():
    told = {row[0] for row in rows(PAGE.split("## Rules between visits", 1)[1].split("\n## ", 1)[0])}

    assert told == {rule.strength.value for rule in SHRINK.rules} == set(Strength) - {Strength.WINDOW}


def test_the_page_says_first_that_it_is_illustrative():
    assert "**illustrative, derived from the public registry record; it is not the sponsor's protocol.**" in " ".join(
        PAGE.split("\n## ", 1)[0].split()
    )


def _names_in_the_code():
    """Every file, class, function, field and argument of the planner."""
    for path in CODE.rglob("*.py"):
        yield path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield node.name
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_every_word_of_the_glossary_that_the_code_uses_is_there():
    words = re.findall(r"`([A-Za-z_.]+)`", " ".join(row[1] for row in rows_of(GLOSSARY)))

    assert {word for name in words for word in name.split(".")} - set(_names_in_the_code()) == set()
    assert len(words) > 30


def rows_of(text):
    """The rows of every table of a page."""
    return [row for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE) for row in rows(table)]
