"""The mail of a notice: its words in four languages, its one calendar part, the same bytes each time, no leak."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.disclosure import Arranged, Glimpse
from planner.core.notices import Kind, Off, Sight
from planner.exports.entry import Mark
from planner.exports.ics_rules import faults
from planner.exports.invite import Post, invitation
from planner.exports.mail import mail

SEEN = Glimpse(
    "Behandeling in het dagziekenhuis",
    Arranged.BOOKED,
    date(2026, 10, 26),
    date(2026, 10, 26),
    time(9, 30),
    "Europe/Brussels",
    300,
)
SIGHT = Sight(SEEN, "Ziekenhuis Sint-Lucas", "nl", "+32 2 555 01 01")
MARK = Mark("1f0c1a52-9c14-4d6f-8a1e-0d2f6b7a9c11", 1, datetime(2026, 10, 1, 12, tzinfo=UTC))
POST = Post("visits@hospital.example", "Ziekenhuis Sint-Lucas", "zoe@home.example")
MINIMAL = {
    "nl": ("Afspraak in het ziekenhuis", "maandag 26 oktober 2026, 9.30 uur"),
    "fr": ("Rendez-vous à l\N{RIGHT SINGLE QUOTATION MARK}hôpital", "lundi 26 octobre 2026, 9 h 30"),
    "de": ("Termin im Krankenhaus", "Montag, 26. Oktober 2026, 9:30 Uhr"),
    "en": ("Hospital appointment", "Monday 26 October 2026, 9:30"),
}


NOTICES = (Kind.INVITE, Kind.UPDATE, Kind.CANCEL)
LINK = replace(SIGHT, link="https://visits.example/my/" + "k" * 43)


def read(kind, sight=SIGHT, mark=MARK, post=POST):
    """The mail as a mail program reads it."""
    return message_from_bytes(mail(kind, sight, mark, post).as_bytes(), policy=default)


def parts(message):
    return {part.get_content_type(): part for part in message.walk()}


def said(message):
    """The paragraphs of its plain words."""
    return parts(message)["text/plain"].get_content().replace("\r\n", "\n").strip().split("\n\n")


def entry(message):
    content = parts(message)["text/calendar"].get_payload(decode=True)
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return content, event


def test_a_mail_has_words_a_page_and_one_calendar_part_whose_method_is_that_of_the_file():
    message = read(Kind.UPDATE)

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert parts(message)["text/calendar"].get_param("method") == "REQUEST"
    assert b"\r\nMETHOD:REQUEST\r\n" in entry(message)[0]
    assert not any(part.get_filename() for part in message.walk())


def test_the_calendar_part_arrives_byte_for_byte():
    content, _ = entry(read(Kind.INVITE))

    assert content == invitation(Kind.INVITE, SIGHT, MARK, POST)


def test_a_cancelation_is_one_in_the_part_and_in_the_file():
    message = read(Kind.CANCEL)
    content, event = entry(message)

    assert parts(message)["text/calendar"].get_param("method") == "CANCEL"
    assert b"\r\nMETHOD:CANCEL\r\n" in content
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 1, MARK.uid)
    assert event["DTSTART"].dt == datetime(2026, 10, 26, 8, 30, tzinfo=UTC)
    assert b"VALARM" not in content


def test_an_invitation_names_who_asks_and_the_one_who_is_asked_and_wants_no_answer():
    """26 October 2026 is the day after the clocks went back: 9:30 in Brussels is 8:30 UTC."""
    _, event = entry(read(Kind.INVITE))

    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:visits@hospital.example", POST.sender_name)
    assert (event["ATTENDEE"], event["ATTENDEE"].params["RSVP"]) == ("mailto:zoe@home.example", "FALSE")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        datetime(2026, 10, 26, 8, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 13, 30, tzinfo=UTC),
    )
    (alarm,) = event.subcomponents
    assert dict(alarm) == {"ACTION": "DISPLAY", "DESCRIPTION": SEEN.title, "TRIGGER": alarm["TRIGGER"]}
    assert alarm["TRIGGER"].dt.days == -1


def test_who_wants_no_alarm_gets_none():
    assert b"VALARM" not in entry(read(Kind.INVITE, post=replace(POST, alarm=False)))[0]


def test_a_mail_goes_from_the_office_to_one_person():
    message = read(Kind.INVITE)

    assert (message["From"], message["To"]) == (
        "Ziekenhuis Sint-Lucas <visits@hospital.example>",
        "zoe@home.example",
    )
    assert (message["Cc"], message["Bcc"], message["Auto-Submitted"]) == (None, None, "auto-generated")
    assert message["Message-ID"].endswith("@hospital.example>")


def test_in_plain_words_it_says_what_is_when_where_and_whom_to_call():
    assert said(read(Kind.UPDATE)) == [
        "Er is iets gewijzigd aan uw afspraak in het ziekenhuis, maar niet de dag of het uur:",
        "maandag 26 oktober 2026, 9.30 uur",
        (
            "Behandeling in het dagziekenhuis\nZiekenhuis Sint-Lucas\n"
            "9.30 uur plaatselijke tijd (Europe/Brussels)\nDuur: ongeveer 5 uur"
        ),
        "Vragen, of een andere dag? Bel +32 2 555 01 01",
        "Antwoorden op deze mail worden niet gelezen.",
    ]


@pytest.mark.parametrize(
    ("language", "opening"),
    [
        ("nl", "Uw afspraak in het ziekenhuis op vrijdag 23 oktober 2026, 14.00 uur is verplaatst. Zo is ze nu:"),
        (
            "fr",
            (
                "Votre rendez-vous à l\N{RIGHT SINGLE QUOTATION MARK}hôpital du vendredi 23 octobre 2026, 14 h 00 "
                "a été déplacé. Voici le nouveau :"
            ),
        ),
        ("de", "Ihr Termin im Krankenhaus am Freitag, 23. Oktober 2026, 14:00 Uhr wurde verlegt. So ist er jetzt:"),
        (
            "en",
            "Your appointment at the hospital on Friday 23 October 2026, 14:00 has been moved. This is how it is now:",
        ),
    ],
)
def test_what_was_moved_is_told_with_the_day_on_which_it_was(language, opening):
    before = replace(SEEN, first=date(2026, 10, 23), last=date(2026, 10, 23), at=time(14))
    found = said(read(Kind.UPDATE, replace(SIGHT, language=language, before=before)))

    assert (found[0], found[1]) == (opening, MINIMAL[language][1])


def test_a_cancelation_says_that_nobody_needs_to_come_and_whom_to_call():
    assert said(read(Kind.CANCEL, replace(SIGHT, off=Off.FREE))) == [
        "Deze afspraak in het ziekenhuis gaat niet door:",
        "maandag 26 oktober 2026, 9.30 uur",
        "Behandeling in het dagziekenhuis",
        "U hoeft die dag niet te komen.",
        "Vragen, of een andere dag? Bel +32 2 555 01 01",
        "Antwoorden op deze mail worden niet gelezen.",
    ]


def test_where_another_visit_stands_on_that_day_nobody_is_told_to_stay_away():
    found = said(read(Kind.CANCEL, replace(SIGHT, off=Off.BUSY)))

    assert found[3] == "Die dag hebt u nog een andere afspraak: kom daarvoor wel."
    assert "U hoeft die dag niet te komen." not in found


def test_an_old_address_reads_that_the_visit_takes_place_and_is_told_elsewhere():
    message = read(Kind.CANCEL, replace(SIGHT, off=Off.ELSEWHERE))

    assert message["Subject"] == "Wij schrijven voortaan naar uw andere adres"
    assert said(message)[:3] == [
        "Wij schrijven u hierover voortaan op uw andere adres. De afspraak blijft zoals ze was:",
        "maandag 26 oktober 2026, 9.30 uur",
        "Behandeling in het dagziekenhuis",
    ]
    assert "line-through" not in parts(message)["text/html"].get_content()
    assert entry(message)[1]["STATUS"] == "CANCELLED"


def test_an_old_address_of_a_visit_that_moved_reads_that_its_day_holds_no_more():
    message = read(Kind.CANCEL, replace(SIGHT, off=Off.MOVED))

    assert message["Subject"] == "Wij schrijven voortaan naar uw andere adres"
    assert said(message) == [
        (
            "Wat wij u meldden over maandag 26 oktober 2026, 9.30 uur geldt niet meer. "
            "Wat nu geldt, staat in de mail naar uw andere adres."
        ),
        "Vragen, of een andere dag? Bel +32 2 555 01 01",
        "Antwoorden op deze mail worden niet gelezen.",
    ]


def test_what_is_to_be_arranged_anew_keeps_nobody_away():
    found = said(read(Kind.CANCEL, replace(SIGHT, off=Off.AGAIN)))

    assert found[3] == "Wij spreken met u een andere dag of een ander uur af."
    assert "U hoeft die dag niet te komen." not in found


def test_where_no_hour_is_agreed_it_says_so():
    found = said(read(Kind.INVITE, replace(SIGHT, seen=replace(SEEN, at=None, instant=None))))

    assert "Het uur is nog niet afgesproken." in found[2].split("\n")


CALL = Sight(replace(SEEN, title="", minutes=15, by_phone=True), "Ziekenhuis Sint-Lucas", "nl", "+32 2 555 01 01")


@pytest.mark.parametrize(
    ("kind", "subject", "opening"),
    [
        (Kind.INVITE, "Telefoontje van het ziekenhuis", "Het ziekenhuis belt u op:"),
        (
            Kind.UPDATE,
            "Telefoontje van het ziekenhuis gewijzigd",
            "Er is iets gewijzigd aan het telefoontje van het ziekenhuis, maar niet de dag of het uur:",
        ),
        (
            Kind.CANCEL,
            "Telefoontje van het ziekenhuis geannuleerd",
            "Dit telefoontje van het ziekenhuis gaat niet door:",
        ),
        (
            Kind.REMINDER,
            "Herinnering aan het telefoontje van het ziekenhuis",
            "Wij herinneren u eraan dat het ziekenhuis u opbelt:",
        ),
    ],
)
def test_a_call_is_no_visit_to_the_hospital(kind, subject, opening):
    message = read(kind, replace(CALL, off=Off.FREE if kind is Kind.CANCEL else None))

    assert message["Subject"].strip() == f"{subject}: maandag 26 oktober 2026"  # a long one begins on its second line
    assert said(message)[:2] == [opening, "maandag 26 oktober 2026, 9.30 uur"]
    assert said(message)[2].split("\n")[0] == "Telefoontje van het ziekenhuis"
    assert [word for word in ("Sint-Lucas", "komen") if word in "\n".join(said(message))] == []
    if kind is not Kind.REMINDER:
        assert ("LOCATION" in entry(message)[1], entry(message)[1]["SUMMARY"]) == (
            False,
            "Telefoontje van het ziekenhuis",
        )


def test_a_stay_is_told_by_its_nights_and_lasts_until_its_last_day():
    """Seven nights from Monday 26 October at 9.30: until Monday 2 November at 9.30.

    Without a time it is whole days, the end exclusive: 26 October to 2 November are eight.
    """
    stay = replace(SEEN, nights=7)
    timed, whole = (entry(read(Kind.INVITE, replace(SIGHT, seen=seen)))[1] for seen in (stay, replace(stay, at=None)))

    assert "Duur: ongeveer 7 nachten" in said(read(Kind.INVITE, replace(SIGHT, seen=stay)))[2]
    assert (timed["DTSTART"].dt, timed["DTEND"].dt) == (
        datetime(2026, 10, 26, 8, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 8, 30, tzinfo=UTC),
    )
    assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (date(2026, 10, 26), date(2026, 11, 3))


@pytest.mark.parametrize(("language", "words"), MINIMAL.items())
def test_whoever_agreed_to_the_least_reads_of_an_appointment_in_their_language(language, words):
    title, when = words
    message = read(Kind.INVITE, Sight(replace(SEEN, title=""), "", language))

    colon = "\N{NO-BREAK SPACE}: " if language == "fr" else ": "
    assert message["Subject"] == f"{title}{colon}{when.rpartition(',')[0]}"
    assert (said(message)[1], said(message)[2].split("\n")[0]) == (when, title)
    assert entry(message)[1]["SUMMARY"] == title


def test_the_page_says_the_same_words():
    message = read(Kind.UPDATE)
    page = parts(message)["text/html"].get_content()

    assert [word for paragraph in said(message) for word in paragraph.split() if word not in page] == []


def test_sent_again_it_is_the_same_to_the_byte_and_another_revision_is_not():
    first, again = (mail(Kind.UPDATE, SIGHT, MARK, POST).as_bytes() for _ in range(2))
    ids = {read(kind, mark=mark, post=post)["Message-ID"] for kind, mark, post in OTHERS}

    assert first == again
    assert len(ids) == len(OTHERS)


OTHERS = (
    (Kind.UPDATE, MARK, POST),
    (Kind.CANCEL, MARK, POST),
    (Kind.UPDATE, replace(MARK, sequence=2), POST),
    (Kind.UPDATE, MARK, replace(POST, recipient="zoe@work.example")),
)


HOSTILE = st.text(max_size=120) | st.sampled_from(
    ["a\r\nATTENDEE:mailto:x@y.z", "a\rBcc: x@y.z", '":mailto:', "\x00\x0b"]
)


@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(NOTICES))
def test_whatever_stands_in_a_field_the_file_is_right_and_the_mail_has_one_recipient(title, place, phone, kind):
    message = read(kind, Sight(replace(SEEN, title=title), place, "fr", phone), post=replace(POST, sender_name=place))

    assert faults(entry(message)[0], "CANCEL" if kind is Kind.CANCEL else "REQUEST") == []
    assert (message.get_all("To"), message["Bcc"], message["Cc"]) == (["zoe@home.example"], None, None)


@pytest.mark.parametrize(
    "address", ["zoe@home.example\r\nBcc: all@world.example", "zoe@home.example, all@world.example"]
)
def test_an_address_that_is_more_than_one_is_refused(address):
    with pytest.raises(ValueError, match=r"."):
        mail(Kind.INVITE, SIGHT, MARK, replace(POST, recipient=address))


@pytest.mark.parametrize("language", sorted(MINIMAL))
def test_a_link_is_mailed_without_a_word_of_any_visit_and_without_an_entry(language):
    message = read(Kind.LINK, replace(LINK, language=language))
    shown = parts(message)

    assert set(shown) == {"multipart/alternative", "text/plain", "text/html"}
    assert LINK.link in said(message)
    assert f'<a href="{LINK.link}">{LINK.link}</a>' in shown["text/html"].get_content()
    assert SEEN.title not in message.as_string()
    assert "2026" not in shown["text/plain"].get_content()
    assert LINK.link not in str(message["Subject"])
