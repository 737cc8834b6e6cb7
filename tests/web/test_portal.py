"""The patient's own page as a browser meets it: no answer tells who is known, no GET consumes anything."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from planner.core.disclosure import Detail
from planner.core.patients import Contact, Ended, Wishes
from planner.services import attendances, cases, contacts, courses, portal, visits
from planner.store import outbox
from planner.store.outbox_tables import OutboxRow
from planner.web.portal import MOST_TRIES
from tests.web.conftest import Browser

ZOE = Contact("Zoe Janssens", "zoe@home.example", "+32 470 00 00 00")


@pytest.fixture(autouse=True)
def fresh(app):
    """No call was counted yet."""
    app.extensions["portal"]._calls.clear()


@pytest.fixture
def act(office, staff, enrolled):
    patient = enrolled()

    def do(verb, *arguments):
        with office.begin(staff["nurse"]) as work:
            return verb(work, patient, cases.case(work, patient).patient.version, *arguments)

    do.patient = patient
    do(contacts.write_contact, ZOE)
    do(contacts.agree, Wishes(page=Detail.STANDARD))
    do(visits.book, "SC2", date(2025, 2, 27))
    return do


@pytest.fixture
def asked(act, browser, database):
    """A link was asked for: its path, as it stands in the mail."""
    browser.post("/my", at="/my", status=200, address="zoe@home.example")
    with Session(database.engine) as session:
        row = session.exec(select(OutboxRow).order_by(col(OutboxRow.id).desc())).first()
        return outbox.sight(row.sight).link.removeprefix("http://localhost")


@pytest.fixture
def opened(asked, browser):
    """The page is open in the browser, in Dutch."""
    browser.post(asked, at=asked)
    browser.follow()
    return browser


def test_a_known_and_an_unknown_address_are_answered_alike(act, browser):
    answers = [
        browser.post("/my", at="/my", status=200, address=address).get_data()
        for address in ("zoe@home.example", "nobody@home.example")
    ]

    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "typed", ["", "   ", "zoe", "zoe@", "@home.example", "a b@c.de", "x" * 250 + "@a.be", "a@b\x00"]
)
def test_what_is_no_address_is_told_so_and_kept(browser, typed):
    browser.post("/my", at="/my?language=en", status=422, address=typed)

    assert "This is no e-mail address." in browser.page.said


def test_looking_at_a_link_consumes_nothing(asked, browser, app):
    """Mail programs and scanners fetch every link, some of them thrice."""
    for _ in range(3):
        assert app.test_client().get(asked).status_code == 200
        assert app.test_client().head(asked).status_code == 200

    browser.post(asked, at=asked)

    assert browser.follow().status_code == 200


def test_a_link_and_no_link_look_alike_until_the_button_is_pressed(asked, browser):
    path, _, query = asked.partition("?")
    real = browser.get(asked).get_data(as_text=True)
    other = browser.get(f"/my/{'A' * 43}?{query}").get_data(as_text=True)

    assert real.replace(path, "") == other.replace(f"/my/{'A' * 43}", "")


def test_a_link_opens_in_the_patients_language_whatever_the_browser_speaks(asked, app):
    """Zoe reads Dutch."""
    other = Browser(app)
    other.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    other.get(asked)
    assert '<html lang="nl"' in other.page.text

    other.get("/my?language=fr")
    other.get(asked)
    assert '<html lang="fr"' in other.page.text


def test_a_link_works_once(opened, asked, app):
    other = Browser(app)
    other.post(asked.partition("?")[0], at=asked, status=422)

    assert "Deze link werkt niet meer" in other.page.said


def test_the_page_has_the_next_visit_first_and_no_word_of_the_trial(opened):
    assert opened.page.headings[0] == "h1"
    assert "Uw volgende bezoek" in opened.page.said
    assert "donderdag 27 februari 2025" in opened.page.said
    assert not re.search("FOLFOX|NKR|SHRINK|01-001|SC2|C4D1", opened.page.text)


def test_a_booking_is_agreed_with_the_patient_once_it_was_confirmed(opened, act):
    booked = "Voor u geboekt." in opened.page.said, "Met u afgesproken." in opened.page.said

    act(partial(attendances.confirm, yes=True), "SC2")
    opened.get("/my")

    assert booked == (True, False)
    assert ("Voor u geboekt." in opened.page.said, "Met u afgesproken." in opened.page.said) == (False, True)


def test_the_page_is_no_sign_in_of_the_staff(opened):
    opened.get("/patients", status=303)
    opened.get("/today", status=303)


def test_who_was_signed_in_as_staff_in_the_same_browser_is_signed_out(asked, signed_in, app):
    nurse = signed_in("nurse")
    nurse.post(asked, at=asked)
    nurse.follow()

    nurse.get("/patients", status=303)


def test_after_half_an_hour_the_page_asks_for_the_address_again(opened, clock):
    clock.now += timedelta(minutes=30)

    opened.get("/my")

    assert "Uw e-mailadres" in opened.page.said


@pytest.mark.parametrize("word", ["seen", "call"])
def test_what_is_said_on_a_page_that_closed_meanwhile_is_told_to_be_lost(opened, clock, office, staff, word):
    """Whoever wants a call must not wait for one that nobody knows of."""
    opened.get("/my?language=en")
    said = next(f["action"] for f in opened.page.forms if f["action"].endswith(f"/{word}"))
    clock.now += timedelta(minutes=31)

    opened.post(said, status=404)

    assert "This did not work Nothing was saved. Go back and try again, or call the hospital." in opened.page.said
    with office.look(staff["nurse"]) as work:
        assert portal.calls(work) == ()


def test_where_nothing_is_booked_yet_the_page_says_so_above_what_is_to_be_arranged(opened, act):
    act(visits.take_back, "SC2", "asked for")

    opened.get("/my?language=en")

    assert "No visit is booked yet." in opened.page.said
    assert "All your visits, week by week" in opened.page.said
    assert "No visit is planned at the moment." not in opened.page.said


def test_after_an_end_the_page_says_that_what_was_booked_is_off(opened, act):
    act(courses.end, date(2025, 2, 24), Ended.PHYSICIAN, "decided by the physician")

    opened.get("/my?language=en")

    assert "No visit takes place any more. If one was booked for you, it is cancelled." in opened.page.said


def test_the_page_is_closed_by_its_reader_wherever_its_cookie_went(opened, app):
    other = Browser(app)
    other.client.set_cookie("planner", opened.client.get_cookie("planner").value)
    other.get("/my")
    assert "Uw volgende bezoek" in other.page.said

    opened.post("/my/leave")

    other.get("/my")
    assert "Uw volgende bezoek" not in other.page.said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Uw volgende bezoek"),
        ("fr", "Votre prochaine visite"),
        ("de", "Ihr nächster Besuch"),
        ("en", "next visit"),
    ],
)
def test_the_language_is_chosen_on_the_page_and_kept(opened, language, words):
    opened.get(f"/my?language={language}")
    opened.get("/my")

    assert words in opened.page.said
    assert f'<html lang="{language}"' in opened.page.text


def test_a_language_that_is_none_changes_nothing(opened):
    opened.get("/my?language=xx")

    assert "Uw volgende bezoek" in opened.page.said


def test_what_the_patient_says_stands_there_and_a_call_lands_on_the_wards_list(opened, signed_in):
    opened.get("/my?language=en")
    call = next(f["action"] for f in opened.page.forms if f["action"].endswith("/call"))
    opened.post(call)
    opened.follow()
    seen = next(f["action"] for f in opened.page.forms if f["action"].endswith("/seen"))
    opened.post(seen)
    opened.follow()
    assert "You asked us to call you about this visit." in opened.page.said
    assert "You have seen this." in opened.page.said

    nurse = signed_in("nurse")
    nurse.get("/today")
    assert "01-001 asks on their own page to be called about" in nurse.page.said
    nurse.post(next(f["action"] for f in nurse.page.forms if "/called/" in f["action"]))
    nurse.follow()
    assert "asks on their own page" not in nurse.page.said
    opened.get("/my")
    assert "You asked us to call you" not in opened.page.said


def test_the_calendar_file_is_neutral_and_for_the_guest_only(opened, app):
    answer = opened.client.get("/my/visits.ics")

    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert b"SUMMARY:Afspraak in het ziekenhuis" in answer.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/my/visits.ics").status_code == 404


def test_what_goes_wrong_is_told_in_the_readers_language(opened):
    opened.get("/my")
    token = re.search('name="csrf_token" value="([^"]+)"', opened.page.text)[1]
    answer = opened.client.post(f"/my/visits/{'A' * 22}/seen", data={"csrf_token": token})

    assert answer.status_code == 404
    assert "Dit is niet gelukt" in answer.get_data(as_text=True)


def test_who_tries_links_is_told_to_stop(browser, act):
    statuses = []
    for n in range(MOST_TRIES + 2):
        browser.get(f"/my/{n:043}")
        statuses.append(browser.client.post(f"/my/{n:043}", data=browser.page.form(f"/my/{n:043}")).status_code)

    assert statuses == [422] * MOST_TRIES + [429, 429]


@pytest.mark.parametrize("token", ["A", "A" * 42, "A" * 44, "..%2f", "%00" * 43, "é" * 43])
def test_what_is_no_token_is_not_found(browser, token):
    assert browser.client.get(f"/my/{token}").status_code == 404
