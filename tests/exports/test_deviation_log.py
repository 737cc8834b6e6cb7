"""The deviation log as words, as a table for spreadsheets and on paper."""

import csv
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from planner.core.calendar import Calendar
from planner.core.deviation_log import Asked, Kind, Line, Log, Settled, broken
from planner.core.deviations import Nature
from planner.core.facts import Acceptance, Facts
from planner.core.history import Entry, Head
from planner.core.patients import Patient, Site
from planner.core.schedule import plan
from planner.exports.deviation_log import SETTLED, asked_words, csv_file, harmless, log_page, printed_log, row, rows
from planner.services.protocols import shipped

AT = datetime(2025, 4, 10, 9, tzinfo=UTC)
SITE = Site("01", "Brussels", "Europe/Brussels")
PATIENT = Patient("A" * 22, "01-001", SITE, ("a", "1"), 1, "escalation", "nl", "the seed", AT, AT, 1)
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
REASON = '=HYPERLINK("//evil"), low counts'
BOOKED = ENROLLED.booked("C4D1", date(2025, 4, 22)).accepting(Acceptance("window", "C4D1", REASON))
WROTE = Entry(AT, "Ines Maes", "act", "book", "acceptance:C4D1", None, {"rule": "window", "reason": REASON})
SPAN = "from Mon 3 Mar 2025; to Sun 9 Mar 2025"
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def log(facts=BOOKED, today=date(2025, 4, 10), asked=Asked()):  # noqa: B008  # frozen
    schedule = plan(next(iter(shipped().values())), facts, Calendar(frozenset({5, 6})), today)
    accepted = {True: WROTE, False: None}
    found = [
        Line(PATIENT, schedule, one, accepted[one.settled is Settled.ACCEPTED])
        for one in broken(schedule)
        if asked.keeps(one)
    ]
    return Log(asked, (PATIENT,), tuple(found), AT, SITE.zone)


def of(code, **others):
    return [row(line) for line in log(**others).lines if line.broken.code == code]


def test_an_accepted_deviation_is_told_with_its_reason_and_its_person():
    (found,) = of("C4D1", today=date(2025, 2, 24))

    assert (found.subject, found.visit, found.day) == ("01-001", "FOLFOX 4 (C4D1)", "Tue 22 Apr 2025")
    assert (found.kind, found.nature, found.settled) == ("window", "expected", "accepted")
    assert found.what == "expected 5 days late (window 14 Apr to 17 Apr 2025)"
    assert (found.reason, found.who, found.when) == (
        REASON,
        "Ines Maes",
        "Thu 10 Apr 2025, 11:00 (Europe/Brussels)",
    )


def test_an_overdue_visit_says_so_with_and_without_a_day():
    assert [one.what for one in of("C1D3")] == ["overdue: expected 36 days late (window 5 Mar 2025)"]
    assert [one.what for one in of("SC1")] == ["overdue: no day is left (window 3 Feb to 24 Feb 2025)"]


def test_a_broken_rule_and_a_conflict_are_told_in_the_words_of_every_screen():
    close = ENROLLED.occurred("C1D1", date(2025, 3, 3)).occurred("C2D1", date(2025, 3, 14))
    booked = ENROLLED.booked("C1D1", date(2025, 3, 3)).booked("C2D1", date(2025, 3, 14))

    rule = [one for one in of("C2D1", facts=close, today=date(2025, 3, 14)) if one.kind == "rule"]
    clash = [one for one in of("C2D1", facts=booked, today=date(2025, 2, 24)) if one.kind == "conflict"]

    assert [one.what.partition(":")[0] for one in rule] == ["against the rule"]
    assert [one.what.rpartition(". ")[2] for one in clash] == [
        "Move one of the two, or have an investigator accept it in writing."
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(), "everything"),
        (
            Asked(PATIENT.public_id, Kind.WINDOW, Nature.ACTUAL, Settled.WAITING, date(2025, 3, 3), date(2025, 3, 9)),
            f"patient 01-001; windows only; actual only; {SETTLED[Settled.WAITING]} only; {SPAN}",
        ),
    ],
)
def test_the_filters_are_said(asked, words):
    assert asked_words(log(asked=asked)) == words


def test_the_table_opens_with_what_it_shows_and_holds_no_formula():
    content = csv_file(log(today=date(2025, 2, 24), asked=Asked(kind=Kind.WINDOW, settled=Settled.ACCEPTED)))

    found = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    assert content[:3] == b"\xef\xbb\xbf"
    assert found[0] == ["Deviation log: windows only; accepted only; as of Thu 10 Apr 2025, 11:00 (Europe/Brussels)"]
    assert found[1][:4] == ["Site", "Subject number", "Visit code", "Visit"]
    assert [line[9] for line in found[2:]] == [f"'{REASON}"]
    assert {len(line) for line in found[1:]} == {12}


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+32", "'+32"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("low = counts", "low = counts"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_made_a_word(cell, kept):
    assert harmless(cell) == kept


def test_words_of_a_person_do_nothing_on_paper():
    found = log(BOOKED.accepting(Acceptance("x", "x", "x")), today=date(2025, 2, 24))
    hostile = replace(found.lines[0], patient=replace(PATIENT, subject_id="<img src=//evil>"))

    page = log_page(replace(found, lines=(hostile,)))

    assert "&lt;img src=//evil&gt;" in page
    assert "<img" not in page


@needs_poppler
def test_one_weeks_log_is_one_page_across_with_a_title_and_its_filters():
    asked = Asked(first=date(2025, 4, 7), last=date(2025, 4, 13))

    content = printed_log(log(ENROLLED, asked=asked))

    said = _read("pdftotext", content, "-", "-")
    about = dict(line.split(":", 1) for line in _read("pdfinfo", content, "-").splitlines())
    assert (about["Pages"].strip(), about["Title"].strip(), about["Tagged"].strip()) == ("1", "Deviation log", "yes")
    assert about["Page size"].strip() == "841.89 x 595.276 pts (A4)"
    assert "Shown: from Mon 7 Apr 2025; to Sun 13 Apr 2025. 2 lines, as of Thu 10 Apr 2025, 11:00" in " ".join(
        said.split()
    )
    assert "the seed" not in said


@needs_poppler
def test_a_log_of_nothing_says_so():
    assert "No deviation." in _read("pdftotext", printed_log(log(ENROLLED, date(2025, 2, 24))), "-", "-")


@needs_poppler
def test_the_end_of_the_history_stands_at_the_foot_of_every_page():
    found = replace(log(), head=Head(1654, "0123456789abcdef" * 4))

    pages = _read("pdftotext", printed_log(replace(found, lines=found.lines * 8)), "-", "-").split("\f")[:-1]

    assert len(pages) > 1
    assert [page.count("History up to row 1654, 0123456789abcdef\n") for page in pages] == [1] * len(pages)


@needs_poppler
def test_no_word_of_the_columns_is_broken_on_paper():
    site = replace(SITE, name="Universitätsklinikum Magdeburg")
    found = tuple(replace(line, patient=replace(PATIENT, site=site)) for line in log().lines)

    said = _read("pdftotext", printed_log(replace(log(), lines=found)), "-", "-").split()

    told = [one for line in found for one in (row(line).visit, row(line).kind, row(line).nature, row(line).what)]
    assert {word for words in (*told, site.name) for word in words.split() if word not in said} == set()


def test_the_same_log_gives_the_same_bytes():
    assert printed_log(log()) == printed_log(log())


def test_every_line_of_the_log_is_a_row():
    assert [one.code for one in rows(log())] == [line.broken.code for line in log().lines]


def _read(tool, content, *arguments):
    return subprocess.run([tool, *arguments], input=content, capture_output=True, check=True).stdout.decode()
