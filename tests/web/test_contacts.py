"""What the patient agreed to: asked in plain words, saved by channel, revoked at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from planner.core.disclosure import Detail
from planner.core.notices import Delivery, Kind
from planner.core.patients import Contact, Ended, Wishes
from planner.core.staff import COMMAND_LINE, POSTMAN
from planner.services import cases, contacts, courses, history, messages, visits
from planner.store import outbox

ZOE = Contact("Zoe", "zoe@home.example", "+32 470 00 00 00")


@pytest.fixture
def patient(enrolled):
    return enrolled()


@pytest.fixture
def page(patient):
    return f"/patients/{patient}/agreed"


@pytest.fixture
def act(office, staff, patient):
    def do(verb, *said):
        with office.begin(staff["nurse"]) as work:
            return verb(work, patient, cases.case(work, patient).patient.version, *said)

    return do


@pytest.fixture
def wishes(office, patient):
    def read():
        with office.look(COMMAND_LINE) as work:
            return contacts.wishes(work, patient)

    return read


def test_without_a_word_of_the_patient_nothing_is_agreed_to(nurse, page):
    nurse.get(page)

    filled = nurse.page.form(page)
    assert {name: filled[name] for name in ("mail", "feed", "page")} == {"mail": "", "feed": "", "page": ""}


def test_each_channel_is_agreed_to_by_itself(nurse, page, wishes):
    nurse.post(page, at=page, mail="standard", feed="minimal")

    assert wishes() == Wishes(mail=Detail.STANDARD, feed=Detail.MINIMAL, page=None)
    nurse.get(page)
    filled = nurse.page.form(page)
    assert {name: filled[name] for name in ("mail", "feed", "page")} == {
        "mail": "standard",
        "feed": "minimal",
        "page": "",
    }


@pytest.mark.parametrize("because", [Ended.DEATH, Ended.PHYSICIAN])
def test_what_ends_with_the_study_is_said_as_it_is(nurse, page, act, because):
    act(courses.end, date(2025, 2, 24), because, "told by telephone")

    nurse.get(page)

    assert "No mail about a visit and no reminder is sent any more" in nurse.page.said
    assert "After death or withdrawal their calendar feed is empty and their page is closed." in nurse.page.said
    assert "After any other end the feed goes on for 30 days, and the page as long as they agree" in nurse.page.said


def test_what_was_mailed_stays_in_their_calendar_and_is_listed_to_be_told_by_telephone(
    nurse, page, office, patient, act
):
    act(contacts.write_contact, ZOE)
    nurse.post(page, at=page, mail="standard")
    for code, day in (("C4D1", date(2025, 4, 14)), ("C5D1", date(2025, 4, 28)), ("C6D1", date(2025, 5, 13))):
        act(visits.book, code, day)
    with office.begin(POSTMAN) as work:  # two are on their way, the third waits still
        for _ in range(2):
            assert outbox.take(work.session, work.now + timedelta(hours=1), work.now + timedelta(hours=2))
    nurse.get(page)
    assert "Left in their calendar" not in nurse.page.said

    nurse.post(page, at=page, mail="")
    act(visits.take_back, "C5D1")
    act(visits.book, "C4D1", date(2025, 4, 15))
    nurse.get(page)

    assert (
        "whenever one of these is moved or cancelled: FOLFOX 4 (C4D1): Mon 14 Apr 2025, now Tue 15 Apr 2025 "
        "FOLFOX 5 (C5D1): Mon 28 Apr 2025, not booked any more What other people could read"
    ) in nurse.page.said


def test_after_an_end_today_asks_to_phone_with_each_day_until_somebody_did(
    nurse, signed_in, act, clock, office, patient
):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, Wishes(mail=Detail.STANDARD))
    for code, day in (("C4D1", date(2025, 4, 14)), ("C5D1", date(2025, 4, 28))):
        act(visits.book, code, day)
    clock.now += timedelta(minutes=6)
    with office.begin(POSTMAN) as work:
        for _ in range(2):
            row = outbox.take(work.session, work.now, work.now + timedelta(minutes=1))
            outbox.finish(work.session, row, Delivery.SENT, work.now)
    act(courses.end, date(2025, 2, 24), Ended.LOST, "no answer")
    asks = "their calendar still shows the visits of Mon 14 Apr 2025 and Mon 28 Apr 2025. Ask them to delete them."

    reader = signed_in("monitor")
    reader.get("/today")
    assert (asks in reader.page.said, "Told by telephone" in reader.page.said) == (True, False)
    nurse.get("/today")
    assert asks in nurse.page.said
    told = f"/patients/{patient}/told"
    nurse.post(told)
    nurse.follow()

    assert "Noted: the patient was told by telephone what to delete." in nurse.page.said
    assert asks not in nurse.page.said
    nurse.get(f"/patients/{patient}/history")
    assert "Told the patient by telephone of FOLFOX 4 (C4D1) on Mon 14 Apr 2025" in nurse.page.said


def test_what_is_revoked_holds_at_once_and_is_told_in_the_history(nurse, page, wishes, office, patient):
    nurse.post(page, at=page, mail="standard")

    nurse.post(page, at=page, mail="", open_days="y")

    assert wishes() == Wishes(open_days=True)
    nurse.get(f"/patients/{patient}/history")
    assert "Wrote down what the patient agrees to: mail: with its neutral title." in nurse.page.said
    assert "Wrote down what the patient agrees to: mail: no, what is still to be arranged: yes." in nurse.page.said
    with office.look(COMMAND_LINE) as work:
        assert history.of_patient(work, patient)[1][0].actor == "Nurse Person"


def test_the_preview_says_in_the_patients_language_what_others_would_read(nurse, page):
    """The next attended visit of the worked example, enrolled on 24 February, seen in Dutch."""
    nurse.get(page)

    assert "In Dutch, the patient's language" in nurse.page.said
    assert '<q lang="nl">Afspraak in het ziekenhuis</q>' in nurse.page.text


def test_a_page_that_was_overtaken_is_told_so_and_keeps_what_was_chosen(nurse, page, office, patient, wishes):
    nurse.get(page)
    with office.begin(COMMAND_LINE) as work:
        contacts.write_contact(work, patient, cases.case(work, patient).patient.version, ZOE)

    nurse.post(page, mail="standard", status=409)

    assert nurse.page.form(page)["mail"] == "standard"
    assert wishes() == Wishes()


def test_a_choice_that_is_none_is_refused(nurse, page, wishes):
    nurse.post(page, at=page, mail="everything", status=422)

    assert wishes() == Wishes()


def test_nothing_new_is_told_so(nurse, page):
    nurse.post(page, at=page, status=422)

    assert "Nothing differs from what is saved already, so nothing was saved." in nurse.page.said


def test_whoever_agreed_to_mails_and_has_no_address_is_on_todays_list_until_one_is_known(nurse, page, act, patient):
    act(contacts.agree, Wishes(mail=Detail.STANDARD))
    said = "Nothing is mailed: the patient agreed to mails, and no e-mail address is known."

    for where in (page, "/today"):
        nurse.get(where)
        assert said in nurse.page.said
    act(contacts.write_contact, ZOE)

    for where in (page, "/today"):
        nurse.get(where)
        assert said not in nurse.page.said


def test_a_wrong_language_is_mended_and_what_was_told_is_told_anew(nurse, act, clock, office, patient):
    """Zoe was enrolled as reading Dutch, and reads French."""
    contact = f"/patients/{patient}/contact"
    act(contacts.write_contact, ZOE)
    act(contacts.agree, Wishes(mail=Detail.STANDARD))
    act(visits.book, "C4D1", date(2025, 4, 14))
    clock.now += timedelta(minutes=6)
    with office.begin(POSTMAN) as work:
        outbox.finish(
            work.session, outbox.take(work.session, work.now, work.now + timedelta(minutes=1)), Delivery.SENT, work.now
        )

    nurse.post(contact, at=contact, language="fr")

    with office.look(COMMAND_LINE) as work:
        assert cases.case(work, patient).patient.language == "fr"
        assert [(m.kind, m.day, m.state) for m in messages.sent(work, patient)[1:]] == [
            (Kind.UPDATE, date(2025, 4, 14), Delivery.WAITING)
        ]
        assert contacts.contact(work, patient) == ZOE
    nurse.get(f"/patients/{patient}/history")
    assert "Changed how the patient is reached: language" in nurse.page.said
    nurse.get(contact)
    assert nurse.page.form(contact)["language"] == "fr"


@pytest.mark.parametrize("language", ["xx", "", "NL", "fr; DROP TABLE patient"])
def test_a_language_that_is_none_is_refused(nurse, act, patient, office, language):
    contact = f"/patients/{patient}/contact"
    act(contacts.write_contact, ZOE)

    nurse.post(contact, at=contact, status=422, language=language)

    with office.look(COMMAND_LINE) as work:
        assert cases.case(work, patient).patient.language == "nl"
