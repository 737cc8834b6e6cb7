"""The fridge sheet: one page that holds whatever the plan and the language are, and nothing of it cut."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.patients import LANGUAGES
from planner.core.protocol import Text
from planner.core.schedule import plan
from planner.exports.fridge import Cell, Row, fridge_page, fridge_sheet, sheet
from planner.exports.pdf import STATIC
from planner.exports.words import Words

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
FEED = "webcal://planner.example.org/feeds/" + "A" * 43 + ".ics"
TRIAL = ("folfox", "nkr", "shrink", "nct0331", "01-007", "resect", "dlt", "c3d1", "n1", "follow-up", "epoch")
NUMBERS = {"phone": "+32 2 000 00 00", "emergency": "+32 2 000 00 11"}

LONG = {
    "en": "Come fasting to the outpatient department of interventional radiology on the second floor. ",
    "nl": "Breng uw ziekteverzekeringsgegevens, geneesmiddelenlijst en bloeddrukmetingsresultaten mee. ",
    "fr": "Veuillez apporter vos médicaments anticoagulants et votre carte d'identité électronique. ",
    "de": "Bringen Sie Ihre Krankenversicherungskarte und die Blutgerinnungshemmerverordnung mit. ",
}


def read(tool, content, *arguments):
    return subprocess.run([tool, *arguments], input=content, capture_output=True, check=True).stdout.decode()


def flat(content):
    return " ".join(read("pdftotext", content, "-layout", "-", "-").split())


def outside(content):
    """The words that stand, in part at least, nearer than 6 mm to an edge of the paper."""
    found = read("pdftotext", content, "-bbox", "-", "-")
    width, height, edge = 595.276, 841.89, 17
    word = r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
    boxes = [(*map(float, box[:4]), box[4]) for box in re.findall(word, found)]
    assert boxes
    return [w for x, y, right, low, w in boxes if x < edge or y < edge or right > width - edge or low > height - edge]


def about(content):
    return dict(re.findall(r"^(.*?): +(.*)$", read("pdfinfo", content, "-"), re.MULTILINE))


@pytest.fixture(scope="module")
def long(protocol, facts):
    """Everything booked in the same weeks, with the longest words that a protocol of this kind has, five times over."""
    texts = Text(tuple((language, LONG[language] * 5) for language in LONG))
    places = Text(tuple((language, LONG[language]) for language in LONG))
    changed = tuple(replace(e, instructions=texts, neutral=places, place=places) for e in protocol.encounters)
    known = facts.booked("C1D1", date(2025, 9, 24), time(10, 30), "Europe/Brussels")
    return plan(replace(protocol, encounters=changed), known, Calendar())


@pytest.mark.parametrize("language", LANGUAGES)
@needs_poppler
def test_the_weeks_the_nearest_visits_and_whom_to_call_stand_on_one_page(under_way, paper, language):
    found = fridge_sheet(under_way, paper(language, **NUMBERS))
    words = Words(language)

    text = flat(found)
    assert (about(found)["Pages"], about(found)["Tagged"], outside(found)) == ("1", "yes", [])
    assert all(number in text for number in NUMBERS.values())
    for said in ("Your next visits", "Replaces earlier versions."):
        assert words.say(said) in text
    assert words.time(time(11, 30)) in text  # the next visit, 26 March
    assert words.weekday(date(2025, 3, 26)) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feed", ["", FEED], ids=["without a code", "with a code"])
@needs_poppler
def test_with_the_longest_words_it_is_still_one_page_and_says_what_follows(long, paper, language, feed):
    site = "Universitair Ziekenhuis " + "Onze-Lieve-Vrouw " * 3
    found = fridge_sheet(long, paper(language, feed=feed, site=site, replaces=date(2025, 9, 24), **NUMBERS))

    text = flat(found)
    assert (about(found)["Pages"], outside(found)) == ("1", [])
    assert {"en": "Later:", "nl": "Later:", "fr": "Plus tard :", "de": "Später:"}[language] in text
    assert all(number in text for number in NUMBERS.values())


@needs_poppler
def test_a_word_that_is_longer_than_the_paper_is_broken_not_cut(protocol, facts, paper):
    endless = Text((("en", "x" * 200),))
    changed = tuple(replace(e, instructions=endless, neutral=endless, place=endless) for e in protocol.encounters)

    found = fridge_sheet(plan(replace(protocol, encounters=changed), facts, Calendar()), paper(site="y" * 120))

    assert (about(found)["Pages"], outside(found)) == ("1", [])


@needs_poppler
def test_how_to_get_ready_gives_way_before_the_next_visit_does(protocol, facts, paper):
    """Instructions of two pages: the visit stays, and leads to the booklet."""
    novel = Text((("en", LONG["en"] * 60),))
    changed = tuple(replace(e, instructions=novel) for e in protocol.encounters)

    text = flat(fridge_sheet(plan(replace(protocol, encounters=changed), facts, Calendar()), paper()))

    assert "How to get ready stands in your booklet." in text
    assert [day for day in ("2 March", "3 March", "5 March", "16 March") if day not in text] == []


def test_the_weeks_begin_with_the_one_of_the_printing_and_are_six_at_most(under_way, paper):
    """Printed on Tuesday 25 March: 24 March to 4 May. The picture of 1 May stands in the last of them."""
    rows = sheet(under_way, paper()).rows

    assert [(row.month, row.cells[0].words) for row in rows] == [
        ("March", "24"),
        ("Mar / Apr", "31"),
        ("April", "7"),
        ("April", "14"),
        ("April", "21"),
        ("Apr / May", "28"),
    ]
    assert rows[0].cells[2] == Cell("26", "◐", open_day=False)
    assert rows[5].cells[3] == Cell("1", "◐", open_day=False)


def test_the_weeks_end_with_the_last_visit_and_begin_later_where_the_next_one_is_far(protocol, paper):
    """The last visit of all is 28 months after registration, on 24 June 2027."""
    known = Facts(dates={"registration": date(2025, 2, 24)}).booked("M28", date(2027, 6, 24))
    only = replace(protocol, encounters=tuple(e for e in protocol.encounters if e.code in ("REG", "M28")))
    only = replace(
        only, rules=(), key_visit=None, dates=protocol.dates[:1], reference="registration", epochs=_flat(only)
    )

    rows = sheet(plan(only, known, Calendar()), paper()).rows

    days = tuple(Cell(str(day), "◐" if day == 24 else "", open_day=False) for day in range(21, 28))
    assert rows == (Row("June", days),)


def _flat(protocol):
    return tuple(replace(epoch, numbered_from=None) for epoch in protocol.epochs)


def test_a_day_that_is_only_suggested_is_marked_as_open(schedule, paper):
    marks = {cell.marks for row in sheet(schedule, paper()).rows for cell in row.cells}

    assert marks == {"", "○"}


def test_only_what_the_patient_confirmed_is_agreed_with_them(protocol, paper):
    """3 March is confirmed, 17 March is booked; no other day is anybody's yet."""
    known = Facts(dates={"registration": date(2025, 2, 24), "day_one": date(2025, 3, 3)})
    known = known.booked("C1D1", date(2025, 3, 3)).confirmed("C1D1", yes=True).booked("C2D1", date(2025, 3, 17))

    rows = sheet(plan(protocol, known, Calendar()), paper()).rows

    marks = {(row.month, cell.words): cell.marks for row in rows for cell in row.cells}
    assert (marks["March", "3"], marks["March", "17"]) == ("●", "◐")


def test_what_has_no_room_is_counted_and_the_next_of_it_named(under_way, paper):
    """Of what is to come, 26 March is the first; then 4, 7 and 9 April."""
    found = sheet(under_way, paper(), 1)

    assert [(e.weekday, e.day, e.line.time) for e in found.entries] == [("Wednesday", "26 March", "11:30")]
    assert re.fullmatch(r"Later: 20 more visits, from Monday 7 April 2025 on. See your booklet.", found.later)
    assert sheet(under_way, paper(), 21).later == ""


def test_a_year_is_said_where_it_is_another_one(schedule, paper):
    days = [entry.day for entry in sheet(schedule, paper(), 40).entries]

    assert (days[0], days[-1]) == ("2 March", "24 June 2027")


def test_it_names_the_sheet_that_it_replaces_and_its_own_number(under_way, paper):
    found = " ".join(fridge_page(under_way, paper(replaces=date(2025, 3, 20), edition=17)).split())

    assert (
        "Version 0.9 draft / 17, printed on Tuesday 25 March 2025. Replaces the version of Thursday 20 March 2025."
        in found
    )


def test_the_same_call_gives_the_same_bytes(under_way, paper):
    assert fridge_sheet(under_way, paper("fr", feed=FEED)) == fridge_sheet(under_way, paper("fr", feed=FEED))


def test_a_code_is_there_only_where_there_is_a_feed(under_way, paper):
    with_code, without = fridge_page(under_way, paper("de", feed=FEED)), fridge_page(under_way, paper("de"))

    assert ("<svg" in with_code, "<svg" in without) == (True, False)
    assert 'aria-label="Ihre Besuche für den Kalender Ihres Telefons"' in with_code
    assert FEED not in with_code  # it stands in the code and nowhere else


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_trial_stands_on_the_sheet(under_way, schedule, paper, language):
    """All of these stand in the protocol, or in what the paper was asked for."""
    for found in (under_way, schedule):
        shown = fridge_page(found, paper(language), 40).casefold()
        assert [word for word in TRIAL if word in shown] == []


@needs_poppler
def test_a_patient_without_visits_still_has_a_number_to_call(protocol, paper):
    found = fridge_sheet(plan(protocol, Facts(), Calendar()), paper(**NUMBERS))

    assert "No visit is planned at the moment." in flat(found)
    assert "+32 2 000 00 11" in flat(found)


def test_no_letter_is_smaller_than_12_points():
    """The sizes of the style sheet, and no other: 14 for what matters, 12 at least."""
    css = (STATIC / "css" / "fridge.css").read_text()

    sizes = [float(size) for size in re.findall(r"(?:font-size: |font: )([\d.]+)pt", css)]
    assert min(sizes) == 12


LABELS = (
    "Month",
    "Your next visits",
    "When",
    "Where, and how to get ready",
    "The times are those at which we expect you.",
    "agreed with you",
    "booked for you",
    "Replaces earlier versions.",
    "For the calendar of your telephone. It may be a day late.",
)


@pytest.mark.parametrize(
    ("language", "day"),  # the longest weekday and the longest month of each language
    [
        ("en", date(2025, 9, 24)),
        ("nl", date(2025, 9, 25)),
        ("fr", date(2025, 9, 24)),
        ("de", date(2025, 9, 25)),
    ],
)
@needs_poppler
def test_no_word_is_too_long_for_its_box(protocol, paper, language, day):
    """A word that had no room would be broken, and not be found whole."""
    known = Facts(dates={"registration": date(2025, 9, 15), "day_one": day})
    known = known.booked("C1D1", day, time(10, 30), "Europe/Brussels")
    words = Words(language)

    found = set(flat(fridge_sheet(plan(protocol, known, Calendar()), paper(language, printed=day, feed=FEED))).split())

    wanted = " ".join((*map(words.say, LABELS), *words.weekdays(), words.weekday(day), words.short_day(day, day)))
    assert sorted(set(wanted.split()) - found) == []
