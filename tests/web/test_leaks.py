"""No word that betrays the illness, the trial or the patient's number leaves: planted everywhere, looked for in all.

A leak test is worth what could leak. Each word stands in every field that can hold it: the texts of the protocol that
are written for patients, units, reasons, notes, names of absences; then every output meant for outside is made, in
every language, and taken apart to its last header.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default

import pytest

from planner.core.calendar import Calendar
from planner.core.disclosure import Detail
from planner.core.facts import Acceptance, Fact, Facts, State
from planner.core.feeds import Feed, FeedKind, Sent, shown, staff_shown
from planner.core.notices import Kind, Recipient, sights
from planner.core.patients import LANGUAGES, Patient, Site, Wishes
from planner.core.portal import Said, Word
from planner.core.protocol import Text
from planner.core.schedule import plan
from planner.exports.entry import Mark
from planner.exports.feed import Line, feed_file
from planner.exports.invite import Post, invitation
from planner.exports.mail import mail
from planner.exports.own_page import own_page
from planner.exports.paper import Paper
from planner.services.invitations import Kind as File
from planner.services.invitations import taken_away
from planner.services.protocols import shipped
from planner.web.portal import _page

FORBIDDEN = [
    *("FOLFOX", "NKR-2", "SHRINK", "NCT03310008", "C4D1", "DLT", "CAR-T", "S-7H31"),
    *("cancer", "kankerkliniek", "Krebszentrum", "tumeur", "oncologie", "Chemotherapie", "metastasen", "chimio"),
    *("darmkanker", "Lebermetastasen", "immunochimiothérapie", "NKR2", "CAR T", "essai clinique"),
    *("klinische proef", "klinische Prüfung", "Dosisniveau 3", "hématologie", "Strahlentherapie", "palliatieve"),
    *("dose level 3", "Ward B4", "Chair Nine", "neutropenia", "told me in tears"),
]
IN_TEXTS = [word for word in FORBIDDEN if word not in {"S-7H31", "Chair Nine"}][:-2]
"""What a protocol's author may let slip in a text for patients; the others stand in fields of one patient or unit."""

SUBJECT, TODAY, MONDAY = "S-7H31", date(2025, 4, 10), date(2025, 4, 14)
STAMP = datetime(2025, 4, 10, 9, tzinfo=UTC)
SITE = Site("01", "UZ Brussel", "Europe/Brussels", "BE", phone="+32 2 555 01 01", emergency="+32 2 555 01 99")
POST = Post("visits@hospital.example", "UZ Brussel", "zoe@home.example")
PAPERS = [("nl", "NKR-2"), ("fr", "tumeur"), ("de", "Krebszentrum"), ("en", "DLT")]
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
BOTH = pytest.mark.parametrize("detail", list(Detail))


def planted(word):
    """The shipped protocol with the word in every text that a patient may come to read, in every language."""
    protocol = next(iter(shipped().values()))
    slip = Text(tuple((language, f"Please come, {word} awaits you") for language in LANGUAGES))
    encounters = tuple(
        replace(e, neutral=slip, instructions=slip, place=slip) if e.attended else e for e in protocol.encounters
    )
    return replace(protocol, encounters=encounters)


def facts():
    """One booked visit and one that took place, with everything that staff write beside them."""
    booked = Fact(State.BOOKED, MONDAY, time(9, 30), "Europe/Brussels", unit="Chair Nine", decided_by="Ward B4")
    occurred = Fact(State.OCCURRED, date(2025, 3, 24), decided_by="told me in tears")
    return Facts(
        dates={"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)},
        visits={"C4D1": booked, "C2D1": occurred},
        accepted=(Acceptance("window", "C2D1", "neutropenia, told me in tears", "Ward B4"),),
    )


def patient(language):
    return Patient(
        public_id="p" * 22,
        subject_id=SUBJECT,
        site=SITE,
        protocol=("NCT03310008", "0.1"),
        dose_level=3,
        phase="dose level 3",
        language=language,
        seed="seed" * 8,
        enrolled=STAMP,
        changed=STAMP,
        version=7,
    )


def paper(language):
    return Paper(
        printed=TODAY,
        stamp=STAMP,
        language=language,
        zone=SITE.zone,
        subject=SUBJECT,
        site=SITE.name,
        phone=SITE.phone,
        emergency=SITE.emergency,
    )


def unfolded(content):
    return content.replace(b"\r\n ", b"").decode()


def mails(schedule, language, detail):
    """Each kind of mail of the booked visit: every header, every part, every name of a file."""
    recipient = Recipient("zoe@home.example", language, SITE.name, detail, SITE.phone)
    mark = Mark("1f0c1a52-9c14-4d6f-8a1e-0d2f6b7a9c11", 1, STAMP)
    for sight in sights(schedule, recipient, TODAY).values():
        for kind in (Kind.INVITE, Kind.UPDATE, Kind.CANCEL):
            yield unfolded(invitation(kind, sight, mark, POST))
            read = message_from_bytes(mail(kind, sight, mark, POST).as_bytes(), policy=default)
            for part in read.walk():
                yield f"{part.items()} {part.get_filename()} {part.get_params()}"
                if not part.is_multipart():
                    yield part.get_payload(decode=True).decode()


def feeds(schedule, language, detail):
    """The patient's feed with a visit that was canceled, and what the calendar file says beside it."""
    who = patient(language)
    recipient = Recipient("zoe@home.example", language, SITE.name, Detail.STANDARD, SITE.phone)
    booked = sights(schedule, recipient, TODAY).items()
    gone = [Sent(code, "uid-1", 2, STAMP, sight, over=True) for code, sight in booked]
    gone = [replace(one, sight=replace(one.sight, seen=replace(one.sight.seen, at=time(11)))) for one in gone]
    held = shown(schedule, gone, Wishes(feed=detail, open_days=True), who, TODAY)
    assert len(held) > 10
    yield unfolded(feed_file([Line(one, who.seed, who.version, STAMP) for one in held], paper(language), who.seed))
    yield unfolded(taken_away(File.ICS, schedule, paper(language), seed=who.seed, detail=detail))


def page(app, schedule, language, detail):
    """The patient's own page as it is sent, with every address on it."""
    said = [Said("C4D1", Word.CALL, MONDAY, STAMP)]
    found = own_page(schedule, paper(language), detail, said, "seed" * 8)
    with app.test_request_context("/my"):
        html, _ = _page("portal/show.html", language=language, page=found, paper=paper(language))
    yield re.sub('(name="csrf_token" value=)"[^"]*"', r"\1", html)  # random letters may spell anything


def printed(schedule, language):
    """The paper, its text and all that is said about it in the file."""
    content = taken_away(File.PDF, schedule, paper(language))
    for tool, *options in (("pdftotext", "-", "-"), ("pdfinfo", "-"), ("pdfinfo", "-meta", "-")):
        yield subprocess.run([tool, *options], input=content, capture_output=True, check=True).stdout.decode()


def leaks(outputs, words=FORBIDDEN):
    return sorted({word for text in outputs for word in words if re.search(re.escape(word), text, re.IGNORECASE)})


@pytest.fixture(scope="module")
def schedules():
    """A plan for each word that could slip."""
    return {word: plan(planted(word), facts(), Calendar(), TODAY) for word in IN_TEXTS}


@BOTH
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_no_feed_and_no_calendar_file_leaks(schedules, language, detail):
    found = {
        word: leaks([*mails(schedule, language, detail), *feeds(schedule, language, detail)])
        for word, schedule in schedules.items()
    }

    assert {word: words for word, words in found.items() if words} == {}


@BOTH
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_patients_own_page_leaks_nothing_either(app, schedules, language, detail):
    found = {word: leaks(page(app, schedule, language, detail)) for word, schedule in schedules.items()}

    assert {word: words for word, words in found.items() if words} == {}


@needs_poppler
@pytest.mark.parametrize(("language", "word"), PAPERS)
def test_the_paper_leaks_nothing_in_its_text_nor_about_itself(schedules, language, word):
    assert leaks(printed(schedules[word], language)) == []


def test_a_feed_of_the_staff_says_the_subject_number_and_no_other_word(schedules):
    """Their own calendars lie on other people's servers too."""
    kept = Feed("f" * 22, FeedKind.SITE, STAMP, "Anna", login="anna", site="01")
    for schedule in schedules.values():
        held = list(staff_shown(schedule, patient("nl"), kept, TODAY))
        content = feed_file([Line(one, "seed" * 8, 7, STAMP) for one in held], paper("en"), "f" * 22)

        assert leaks([unfolded(content)]) == [SUBJECT]


def test_the_test_would_see_a_leak(schedules):
    """What is let through is seen: a title that no rule knows for a secret stands in every output."""
    schedule = plan(planted("marzipan"), facts(), Calendar(), TODAY)

    for outputs in (mails(schedule, "nl", Detail.STANDARD), feeds(schedule, "nl", Detail.STANDARD)):
        assert leaks(outputs, ["marzipan"]) == ["marzipan"]
    assert leaks(mails(schedule, "nl", Detail.MINIMAL), ["marzipan"]) == []


@needs_poppler
def test_the_test_of_the_paper_would_see_one_too():
    schedule = plan(planted("marzipan"), facts(), Calendar(), TODAY)

    assert leaks(printed(schedule, "nl"), ["marzipan"]) == ["marzipan"]
