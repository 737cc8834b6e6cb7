"""What an outside eye may learn of a visit: core/disclosure.py decides, nobody else."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from planner.core.calendar import Calendar
from planner.core.days import DaySet, Window
from planner.core.disclosure import (
    Arranged,
    Glimpse,
    for_staff,
    glimpse,
    neutral_instructions,
    neutral_place,
    neutral_title,
    printable_version,
    secret_words,
)
from planner.core.protocol import NOTHING, Text
from planner.core.schedule import plan


@pytest.fixture(scope="module")
def secret(protocol):
    return secret_words(protocol)


def seen(schedule, code, language="en"):
    return glimpse(schedule.by_code[code], secret_words(schedule.protocol), language)


def test_a_planned_visit_shows_its_window(schedule):
    assert seen(schedule, "RES", "nl") == Glimpse(
        "Operatie", Arranged.NOT_YET, date(2025, 6, 9), date(2025, 7, 6), nights=7
    )


def test_a_booked_visit_shows_day_time_and_length(under_way):
    assert seen(under_way, "C3D1", "fr") == Glimpse(
        "Traitement à l'hôpital de jour",
        Arranged.BOOKED,
        date(2025, 4, 7),
        date(2025, 4, 7),
        time(9, 30),
        "Europe/Brussels",
        300,
        datetime(2025, 4, 7, 7, 30, tzinfo=UTC),
    )


def test_a_visit_that_took_place_shows_its_day(under_way):
    assert seen(under_way, "C2D1") == Glimpse(
        "Treatment at the day hospital", Arranged.TOOK_PLACE, date(2025, 3, 24), date(2025, 3, 24), minutes=300
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [("MDT", "staff only"), ("REG", "staff only"), ("N3", "canceled"), ("C2P", "missed"), ("NR", "other branch")],
)
def test_what_the_patient_does_not_attend_is_not_shown(under_way, code, why):
    assert seen(under_way, code) is None


def test_a_visit_without_a_day_is_not_shown(late):
    assert seen(late, "RES") is None


def test_a_telephone_call_is_shown(schedule):
    assert seen(schedule, "N1+1").title == "Telephone call"


@pytest.mark.parametrize(
    ("window", "live", "days"),
    [
        (None, 0b1111, (date(2025, 4, 14), date(2025, 4, 14))),
        (Window(date(2025, 4, 14), None), 0b111, (date(2025, 4, 14), date(2025, 4, 16))),
        (Window(date(2025, 4, 14), date(2025, 4, 17)), 0b1011, (date(2025, 4, 14), date(2025, 4, 17))),
        (Window(date(2025, 4, 1), date(2025, 4, 3)), 0, (date(2025, 4, 14), date(2025, 4, 14))),
    ],
    ids=["no window", "no last day", "a closed day within", "day outside"],
)
def test_from_the_first_to_the_last_bookable_day_is_shown_or_the_suggested_day_alone(
    schedule, secret, window, live, days
):
    visit = replace(schedule.by_code["C4D1"], window=window, live=DaySet(date(2025, 4, 14), live))

    found = glimpse(visit, secret, "en")

    assert (found.first, found.last) == days


@pytest.mark.parametrize(
    "title",
    [
        "FOLFOX 4",
        "folfox",
        "Visit C4D1",
        "c4d1",
        "SHRINK visit",
        "Shrink",
        "Trial NCT03310008",
        "NKR-2 day",
        "Day of NKR",
        "Before N2",
        "After-folfox check",
    ],
)
def test_a_title_that_lets_a_word_of_the_trial_slip_is_not_shown(protocol, secret, title):
    encounter = replace(protocol.by_code["C4D1"], neutral=Text((("en", title),)))

    assert neutral_title(encounter, secret, "en") == ""


@pytest.mark.parametrize(
    "title",
    [
        "Controle darmkanker",
        "Nachsorge Darmkrebs",
        "Lebermetastasen besprechen",
        "Levertumor",
        "borstkankerkliniek",
        "radiochemotherapie",
        "immunochimiothérapie",
        "Immunotherapie",
        "Melanoomkliniek, melanomen",
        "Sarcoom",
        "lymphome",
    ],
)
def test_a_title_that_names_the_illness_within_a_longer_word_is_not_shown(protocol, secret, title):
    """Dutch and German write it in one with others; French after a first part."""
    encounter = replace(protocol.by_code["C4D1"], neutral=Text((("en", title),)))

    assert neutral_title(encounter, secret, "en") == ""


def test_a_title_that_is_the_code_of_its_own_visit_is_not_shown(protocol, secret):
    encounter = replace(protocol.by_code["ET"], code="Scan", neutral=Text((("en", "Scan"),)))

    assert neutral_title(encounter, secret, "en") == ""


def test_a_protocol_that_gives_no_neutral_title_shows_none(protocol, secret):
    assert neutral_title(replace(protocol.by_code["C4D1"], neutral=NOTHING), secret, "en") == ""


def test_neutral_titles_stay_as_they_are(protocol, secret):
    shown = {neutral_title(e, secret, language) for e in protocol.encounters for language in ("en", "nl", "fr", "de")}

    assert shown == {text for e in protocol.encounters for _, text in e.neutral.words} | {""}


@pytest.mark.parametrize(
    ("version", "shown"),
    [("0.9 SHRINK draft", "0.9 draft"), ("SHRINK-2.1", ""), ("2.1", "2.1"), ("2.1 (NCT03310008) of May", "2.1 of May")],
)
def test_the_version_is_printed_without_the_words_of_the_trial(protocol, version, shown):
    assert printable_version(replace(protocol, version=version)) == shown


def test_a_booked_day_without_a_time_has_none(protocol, facts):
    found = plan(protocol, facts.booked("IM1", date(2025, 4, 28)), Calendar())

    assert seen(found, "IM1") == Glimpse("Scan", Arranged.BOOKED, date(2025, 4, 28), date(2025, 4, 28), minutes=90)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Mangez et buvez bien.", "Mangez et buvez bien."),
        ("After ET no more visits.", ""),
        ("Not before NKR-2.", ""),
        ("nkr-2", ""),
        ("A leukapheresis for SHRINK", ""),
        ("At the cancer centre", ""),
        ("Im Krebszentrum", ""),
        ("Kanker-afdeling", ""),
        ("La chimiothérapie", ""),
        ("CAR-T unit", ""),
        ("We talk about the clinical study", ""),
        ("Nous parlons de l'étude", ""),
    ],
)
def test_instructions_and_places_are_told_whole_or_not_at_all(protocol, secret, words, told):
    """`ET` is the code of a visit, and `et` is French; a word may name the illness in any language of the patients."""
    text = Text((("en", words), ("fr", words)))
    early = next(e for e in protocol.encounters if e.code == "ET")
    visit = replace(early, instructions=text, place=text)

    assert [neutral(visit, secret, "fr") for neutral in (neutral_instructions, neutral_place)] == [told, told]


def test_a_calendar_of_the_staff_has_the_subject_number_and_only_agreed_days(under_way, schedule):
    found = for_staff(under_way.by_code["C3D1"], "01-001", secret_words(under_way.protocol))

    assert found.title == "01-001 \N{MIDDLE DOT} Treatment at the day hospital"
    assert for_staff(schedule.by_code["RES"], "01-001", frozenset()) is None
