"""The printed schedule as a file: tags, language, title, order, pages, and the same bytes each time."""

import builtins
import logging
import re
import shutil
import subprocess
import sys
import zlib
from dataclasses import replace

import pytest

from planner.core.calendar import Calendar
from planner.core.errors import Refused
from planner.core.protocol import Text
from planner.core.schedule import plan
from planner.exports.pdf import STATIC, _static_only, printed_schedule
from planner.exports.refusals import sentence

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


@pytest.fixture(scope="module")
def print_it(under_way, paper):
    """Prints the schedule once per language."""
    made = {}

    def one(language="en"):
        if language not in made:
            made[language] = printed_schedule(under_way, paper(language, phone="+32 2 1", emergency="+32 2 2"))
        return made[language]

    return one


def read(tool, content, *arguments):
    """What a tool of poppler says about a file."""
    return subprocess.run([tool, *arguments], input=content, capture_output=True, check=True).stdout.decode()


def opened(content):
    """The file with its compressed parts opened."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return b"\n".join(zlib.decompressobj().decompress(part) if part[:1] == b"\x78" else part for part in parts)


def about(content, *arguments):
    return dict(re.findall(r"^(.*?): +(.*)$", read("pdfinfo", content, *arguments, "-"), re.MULTILINE))


@needs_poppler
def test_the_file_is_tagged_has_a_title_and_the_dates_of_its_stamp(print_it):
    found = about(print_it())

    assert {name: found[name] for name in ("Title", "Tagged", "JavaScript", "Encrypted", "Page size")} == {
        "Title": "Your visits to the hospital",
        "Tagged": "yes",
        "JavaScript": "no",
        "Encrypted": "no",
        "Page size": "595.276 x 841.89 pts (A4)",
    }
    raw = about(print_it(), "-rawdates")
    assert (raw["CreationDate"], raw["ModDate"]) == ("D:20250325090000Z", "D:20250325090000Z")


@pytest.mark.parametrize(("language", "code"), [("en", b"en"), ("de", b"de")])
def test_the_file_says_its_language_and_that_it_is_for_everyone(print_it, language, code):
    inside = opened(print_it(language))

    assert b"/Lang (" + code + b")" in inside
    assert b'pdfuaid:part="1"' in inside


@needs_poppler
def test_headings_and_visits_are_tagged_as_such(print_it):
    structure = read("pdfinfo", print_it(), "-struct-text", "-")

    kinds = re.findall(r"^ *(H1|H2|H3|H4|Art|Sect)\b", structure, re.MULTILINE)
    assert (kinds.count("H1"), kinds.count("Art"), kinds.count("H4")) == (1, 21, 21)
    assert structure.index('"Your visits to the hospital"') < structure.index('"Your next visit"')


@needs_poppler
def test_the_next_visit_comes_first_then_whom_to_call_then_the_weeks(print_it):
    text = read("pdftotext", print_it(), "-", "-")
    parts = [
        "Your visits to the hospital",
        "Your next visit",
        "Wednesday 26 March 2025, 11:30",
        "Call us",
        "+32 2 1",
        "All your visits, week by week",
        "Week from 24 to 30 March 2025",
        "Week from 7 to 13 April 2025",
        "Monday 7 April 2025, 9:30",
        "Thursday 24 June 2027",
        "Already done",
        "Monday 3 March 2025",
        "Template version 3",
    ]

    places = [text.find(part) for part in parts]
    assert places == sorted(places)
    assert places[0] == 0


@needs_poppler
@pytest.mark.parametrize(
    ("language", "fever", "page"),
    [("en", "Fever: 38", "page {} of {}"), ("de", "Fieber: 38", "Seite {} von {}")],
)
def test_fever_number_and_page_stand_on_every_page(print_it, language, fever, page):
    sheets = read("pdftotext", print_it(language), "-", "-").split("\f")[:-1]

    assert len(sheets) == int(about(print_it(language))["Pages"]) > 3
    for number, sheet in enumerate(sheets, start=1):
        flat = " ".join(sheet.split())
        assert page.format(number, len(sheets)) in flat
        assert flat.rindex(fever) < flat.rindex("+32 2 2")


@needs_poppler
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_visit_is_split_and_no_heading_is_left_behind(print_it, language):
    """Each page of visits ends with a whole visit: how it may be moved, or its only line."""
    week = {"en": "Week from", "de": "Woche vom"}[language]
    sheets = read("pdftotext", print_it(language), "-layout", "-", "-").split("\f")[:-1]

    for sheet in sheets:
        above = re.split(r"Fever: 38|Fieber: 38", sheet)[-2 if "38" in sheet else 0]
        last = [line.strip() for line in above.splitlines() if line.strip()][-1]
        assert not last.startswith(week)
        assert not re.fullmatch(r"\w+,? \d+\.? \w+ \d{4}(, .*)?", last)


def test_the_same_call_gives_the_same_bytes(under_way, paper, print_it):
    assert printed_schedule(under_way, paper(phone="+32 2 1", emergency="+32 2 2")) == print_it()


def test_the_bytes_do_not_depend_on_the_environment(under_way, paper, print_it, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")

    assert printed_schedule(under_way, paper(phone="+32 2 1", emergency="+32 2 2")) == print_it()


def test_the_style_sheet_has_no_fault(under_way, paper, caplog):
    with caplog.at_level(logging.DEBUG, logger="weasyprint"):
        printed_schedule(under_way, paper())

    assert [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING] == []


def test_missing_libraries_are_named(under_way, paper, monkeypatch):
    real = builtins.__import__

    def without_pango(name, *rest):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_pango)

    with pytest.raises(Refused) as refused:
        printed_schedule(under_way, paper())

    monkeypatch.undo()
    assert sentence(refused.value) == (
        "Printed schedules need libraries that this machine lacks. Ask its administrator to install: libpango-1.0-0, "
        "libpangoft2-1.0-0, libharfbuzz-subset0. Everything but PDF works without them."
    )


def test_only_our_own_static_files_are_opened():
    fetcher = _static_only()()

    assert fetcher.fetch("static:css/print.css").read() == (STATIC / "css" / "print.css").read_bytes()


@pytest.mark.parametrize(
    "url",
    [
        "static:../planner/__init__.py",
        "static:css/../../pyproject.toml",
        "static:/etc/hostname",
        "file:///etc/hostname",
        "http://127.0.0.1/",
        "data:text/css,p{}",
        "css/print.css",
    ],
)
def test_anything_else_is_refused(url):
    with pytest.raises(ValueError, match="not a bundled file"):
        _static_only()().fetch(url)


@needs_poppler
def test_long_words_stay_on_the_paper(protocol, facts, paper):
    long = Text((("en", "Donaudampfschifffahrtsgesellschaftskapitaensmuetze " * 3 + "x" * 120),))
    changed = tuple(replace(e, instructions=long, neutral=long, place=long) for e in protocol.encounters[:3])

    content = printed_schedule(
        plan(replace(protocol, encounters=changed, rules=(), key_visit=None), facts, Calendar()), paper()
    )

    right = [float(x) for x in re.findall(r'xMax="([\d.]+)"', read("pdftotext", content, "-bbox", "-", "-"))]
    assert max(right) <= 595.276 - 50
