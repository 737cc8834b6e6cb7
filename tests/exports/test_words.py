"""What patients read, in four languages, and that each catalogue holds exactly the words that are used."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import planner.exports
import planner.protocols
from planner.core.disclosure import CALL, NEUTRAL
from planner.core.errors import Refused
from planner.core.patients import LANGUAGES
from planner.exports.mail import TEMPLATES as MAILS
from planner.exports.paper import Paper
from planner.exports.pdf import TEMPLATES
from planner.exports.words import LOCALE, Words, staff_day, staff_days

CODE = Path(planner.exports.__file__).parent
PLACE = re.compile(r"%\(\w+\)[ds]")


def used():
    """Every message that the code and the template ask for."""
    found = {NEUTRAL, CALL}
    sources = [("python", path, {"say": None, "noted": None, "counted": (1, 2)}) for path in CODE.glob("*.py")]
    sources += [
        ("jinja2.ext:babel_extract", path, {"_": None})
        for folder in (TEMPLATES, MAILS, TEMPLATES.parent / "portal")
        for path in folder.glob("*.html")
    ]
    for method, path, calls in sources:
        with path.open("rb") as source:
            found |= {message for _, message, _, _ in extract(method, source, calls)}
    return found


def catalogue(language):
    with (LOCALE / language / "LC_MESSAGES" / "planner.po").open("rb") as source:
        return read_po(source, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_messages_that_are_used_and_no_others(language):
    held = {message.id for message in catalogue(language) if message.id}

    assert held == used()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_its_places(language):
    for message in (m for m in catalogue(language) if m.id):
        asked, given = (ids if isinstance(ids, tuple) else (ids,) for ids in (message.id, message.string))
        assert not message.fuzzy
        assert [sorted(PLACE.findall(text)) for text in given] == [sorted(PLACE.findall(text)) for text in asked]
        assert all(given)


def test_english_says_what_the_code_says():
    assert {m.id: m.string for m in catalogue("en") if m.id} == {m.id: m.id for m in catalogue("en") if m.id}


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_words_that_no_native_speaker_has_read_say_so_in_the_catalogue_only(language):
    head = (LOCALE / language / "LC_MESSAGES" / "planner.po").read_text(encoding="utf-8").split("\n\n")[0]
    shown = {text for m in catalogue(language) if m.id for text in (m.string if m.pluralizable else (m.string,))}

    assert "needs native review" in head
    assert not any("native review" in text for text in shown)


@pytest.mark.parametrize(
    ("language", "day", "first", "at"),
    [
        ("en", "Tuesday 15 April 2025", "Tuesday 1 April 2025", "9:30"),
        ("nl", "dinsdag 15 april 2025", "dinsdag 1 april 2025", "9.30 uur"),
        ("fr", "mardi 15 avril 2025", "mardi 1er avril 2025", "9 h 30"),
        ("de", "Dienstag, 15. April 2025", "Dienstag, 1. April 2025", "9:30 Uhr"),
    ],
)
def test_dates_and_times_as_the_reader_writes_them(language, day, first, at):
    words = Words(language)

    assert (words.day(date(2025, 4, 15)), words.day(date(2025, 4, 1)), words.time(time(9, 30))) == (day, first, at)


@pytest.mark.parametrize(
    ("language", "within", "over_months", "over_years"),
    [
        (
            "en",
            "Week from 17 to 23 March 2025",
            "Week from 31 March to 6 April 2025",
            "29 December 2025 to 4 January 2026",
        ),
        (
            "nl",
            "Week van 17 tot en met 23 maart 2025",
            "Week van 31 maart tot en met 6 april 2025",
            "29 december 2025 tot en met 4 januari 2026",
        ),
        (
            "fr",
            "Semaine du 17 au 23 mars 2025",
            "Semaine du 31 mars au 6 avril 2025",
            "29 décembre 2025 au 4 janvier 2026",
        ),
        (
            "de",
            "Woche vom 17. bis 23. März 2025",
            "Woche vom 31. März bis 6. April 2025",
            "29. Dezember 2025 bis 4. Januar 2026",
        ),
    ],
)
def test_a_week_names_month_and_year_once(language, within, over_months, over_years):
    words = Words(language)

    assert words.week(date(2025, 3, 17), date(2025, 3, 23)) == within
    assert words.week(date(2025, 3, 31), date(2025, 4, 6)) == over_months
    assert words.week(date(2025, 12, 29), date(2026, 1, 4)).endswith(over_years)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_needs_to_do_reads_as_no_prohibition(language):
    """ "Ne devez pas" and "darf nicht" forbid; "hoeft niet" and "brauchen nicht" leave it free."""
    said = [
        Words(language).say(message)
        for message in ("You do not need to come on that day.", "You did not ask for this? Then you need do nothing.")
    ]

    free = {
        "nl": ["U hoeft die dag niet te komen.", "Hebt u dit niet gevraagd? Dan hoeft u niets te doen."],
        "fr": [
            "Vous n\u2019avez pas besoin de venir ce jour-là.",
            "Vous n\u2019avez rien demandé ? Alors vous n\u2019avez rien à faire.",
        ],
        "de": [
            "Sie brauchen an diesem Tag nicht zu kommen.",
            "Sie haben das nicht angefragt? Dann brauchen Sie nichts zu tun.",
        ],
        "en": ["You do not need to come on that day.", "You did not ask for this? Then you need do nothing."],
    }
    assert said == free[language]


def test_a_french_week_may_start_on_the_first():
    assert Words("fr").week(date(2025, 9, 1), date(2025, 9, 7)) == "Semaine du 1er au 7 septembre 2025"


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (300, 300, "about 5 hours"),
        (60, 60, "about 1 hour"),
        (270, 270, "about 4 hours 30 minutes"),
        (61, 61, "about 1 hour 1 minute"),
        (0, 0, "about 0 minutes"),
        (240, 300, "4 to 5 hours"),
        (20, 30, "20 to 30 minutes"),
        (90, 150, "1 hour 30 minutes to 2 hours 30 minutes"),
        (45, 60, "45 minutes to 1 hour"),
        (0, 60, "0 to 1 hour"),
    ],
)
def test_how_long_a_visit_takes(least, most, words):
    assert Words("en").how_long(least, most) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ["ongeveer 1 uur", "4 tot 5 uur", "ongeveer 1 minuut", "2 nachten"]),
        ("fr", ["environ 1 heure", "4 à 5 heures", "environ 1 minute", "2 nuits"]),
        ("de", ["etwa 1 Stunde", "4 bis 5 Stunden", "etwa 1 Minute", "2 Nächte"]),
    ],
)
def test_lengths_in_the_other_languages(language, words):
    said = Words(language)
    nights = said.counted("%(number)d night", "%(number)d nights", 2)

    assert [said.how_long(60, 60), said.how_long(240, 300), said.how_long(1, 1), nights] == words


def test_staff_read_short_dates():
    assert staff_day(date(2025, 9, 2)) == "Tue 2 Sep 2025"
    assert staff_days(date(2025, 4, 14), date(2025, 4, 17)) == "14 Apr to 17 Apr 2025"
    assert staff_days(date(2026, 12, 20), date(2027, 1, 16)) == "20 Dec 2026 to 16 Jan 2027"
    assert staff_days(date(2025, 4, 14), date(2025, 4, 14)) == "14 Apr 2025"


def test_a_paper_is_in_a_language_that_has_words():
    with pytest.raises(Refused) as refused:
        Paper(printed=date(2025, 3, 3), stamp=datetime(2025, 3, 3, tzinfo=UTC), language="it")

    assert refused.value.values == {"language": "it", "known": LANGUAGES}


def test_a_stamp_without_a_zone_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="give it a time zone"):
        Paper(printed=date(2025, 3, 3), stamp=datetime(2025, 3, 3))  # noqa: DTZ001  # the point of the test


def test_patients_read_the_words_that_belgian_forms_use_for_a_study():
    """`Klinische studie` and `étude clinique`: lay readers know them better than the legal words."""
    legal = re.compile(r"klinische proe(?:f|ven)|essais? cliniques?|klinische Prüfung", re.IGNORECASE)
    texts = [path.read_text(encoding="utf-8") for path in LOCALE.glob("*/LC_MESSAGES/*.po")]
    texts += [path.read_text(encoding="utf-8") for path in Path(planner.protocols.__file__).parent.glob("*.toml")]

    assert legal.search("De klinische proef") is not None
    assert [legal.findall(text) for text in texts] == [[] for _ in texts]
