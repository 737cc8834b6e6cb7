"""A calendar that asks by a secret address: what it gets, how cheaply, and what nobody gets."""

from __future__ import annotations

import logging
import re
from datetime import date, timedelta

import pytest
from gunicorn.config import Config

from planner.cli.serving import Discreet, without_tokens
from planner.core.disclosure import Detail
from planner.core.feeds import FeedKind
from planner.core.patients import Wishes
from planner.services import cases, contacts, prints, visits
from planner.services import feeds as kept
from planner.web.feeds import MOST_FETCHES, MOST_MISSES


@pytest.fixture(autouse=True)
def fresh(app):
    """No call was counted yet."""
    for limit in app.extensions["feeds"]:
        limit._calls.clear()


@pytest.fixture
def act(office, staff, enrolled):
    patient = enrolled()

    def do(verb, *arguments):
        with office.begin(staff["nurse"]) as work:
            return verb(work, patient, cases.case(work, patient).patient.version, *arguments)

    do.patient = patient
    return do


@pytest.fixture
def path(act, nurse):
    """The address of the feed of a patient with one booked visit, made on the page as a nurse does."""
    act(contacts.agree, Wishes(feed=Detail.STANDARD))
    act(visits.book, "C4D1", date(2025, 4, 14))
    here = f"/patients/{act.patient}/feed"
    nurse.post(here, at=f"/patients/{act.patient}/agreed", status=200)
    return re.search(r"<code class=\"address\">http://localhost(/feed/[A-Za-z0-9_-]{43}\.ics)</code>", nurse.page.text)[
        1
    ]


@pytest.fixture
def calendar(app):
    """A calendar program: no cookie, no sign-in."""
    return app.test_client()


def test_the_address_is_shown_once_as_a_link_a_square_and_words(path, nurse, act):
    token = path.removeprefix("/feed/").removesuffix(".ics")
    assert f'href="webcal://localhost/feed/{token}.ics"' in nurse.page.text
    assert 'aria-label="The address of the feed as a QR code"' in nurse.page.text
    assert "A feed may lag by a day." in nurse.page.said

    nurse.get(f"/patients/{act.patient}/agreed")

    assert token not in nurse.page.text
    assert "never fetched yet" in nurse.page.said


@pytest.fixture
def printed(path, nurse, act):
    """What the button for the sheet answers on the page that shows the address, with that token or another one."""
    here, form = f"/patients/{act.patient}/feed/sheet.pdf", nurse.page.form(f"/patients/{act.patient}/feed/sheet.pdf")

    def send(**other):
        return nurse.client.post(here, data=form | other)

    return send


def test_the_page_of_the_address_prints_the_sheet_with_its_code(path, printed, office, staff, act):
    with office.look(staff["nurse"]) as work:
        case = cases.case(work, act.patient)

    answer = printed()

    assert answer.get_data() == prints.sheet(case, feed=f"webcal://localhost{path}") != prints.sheet(case)
    assert (answer.status_code, answer.content_type, answer.headers["Cache-Control"]) == (
        200,
        "application/pdf",
        "no-store",
    )


@pytest.mark.parametrize("token", ["", "A" * 43, "\0", "é" * 43, "A" * 5000])
def test_a_sheet_with_any_other_address_is_refused_and_says_what_to_do(printed, token):
    answer = printed(token=token)

    assert answer.status_code == 422
    assert "This is not the address of the patient&#39;s calendar feed" in answer.get_data(as_text=True)


def test_a_sheet_with_the_address_of_another_patient_or_of_the_staff_is_refused(printed, enrolled, office, staff):
    other = enrolled("01-009")
    with office.begin(staff["nurse"]) as work:
        contacts.agree(work, other, cases.case(work, other).patient.version, Wishes(feed=Detail.STANDARD))
        tokens = kept.make(work, other), kept.make_own(work, FeedKind.SITE, "01")

    assert [printed(token=token).status_code for token in tokens] == [422, 422]


def test_once_the_address_is_renewed_the_old_one_is_printed_no_more(printed, office, staff, act):
    with office.begin(staff["nurse"]) as work:
        kept.make(work, act.patient)

    assert printed().status_code == 422


def test_nobody_is_offered_a_sheet_with_a_feed_of_their_own(nurse, enrolled):
    enrolled()
    nurse.post("/feeds", at="/feeds", what="site 01 -", status=200)

    assert "sheet.pdf" not in nurse.page.text


def test_a_calendar_gets_it_without_a_sign_in_and_without_a_cookie(path, calendar):
    answer = calendar.get(path)

    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert (answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_what_it_has_already_is_not_sent_again_and_nothing_is_built(path, calendar, monkeypatch):
    tag = calendar.get(path).headers["ETag"]
    monkeypatch.setattr(kept, "content", None)

    again = calendar.get(path, headers={"If-None-Match": tag})

    assert re.fullmatch('"[0-9a-f]{40}"', tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_tag_that_a_proxy_made_weak_holds_too(path, calendar):
    tag = calendar.get(path).headers["ETag"]

    assert calendar.get(path, headers={"If-None-Match": f'W/{tag}, "other"'}).status_code == 304


def test_what_changed_is_sent_anew(path, calendar, act):
    tag = calendar.get(path).headers["ETag"]
    act(visits.book, "C5D1", date(2025, 4, 28))

    assert calendar.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_the_head_is_that_of_the_whole(path, calendar):
    head, whole = calendar.head(path), calendar.get(path)

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_the_day_of_the_last_fetch_is_shown(path, calendar, nurse, act):
    calendar.get(path)

    nurse.get(f"/patients/{act.patient}/agreed")

    assert "last fetched on Mon 24 Feb 2025" in nurse.page.said


def test_a_revoked_and_an_unknown_address_are_told_alike(path, calendar, nurse, act):
    nurse.post(f"/patients/{act.patient}/feed/revoke", at=f"/patients/{act.patient}/agreed")

    revoked, unknown = calendar.get(path), calendar.get(f"/feed/{'A' * 43}.ics")

    assert (revoked.status_code, revoked.data) == (unknown.status_code, unknown.data)
    assert revoked.status_code == 404
    assert revoked.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "token",
    ["", "A", "A" * 42, "A" * 44, "A" * 42 + "%00", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --", "é" * 43, "A" * 5000],
)
def test_what_is_no_token_is_not_found(calendar, staff, token):
    assert calendar.get(f"/feed/{token}.ics").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PROPFIND"])
def test_a_feed_is_only_read(path, calendar, method):
    assert calendar.open(path, method=method).status_code in (400, 405)


def test_who_tries_addresses_is_told_to_stop(calendar, staff, clock):
    answers = [calendar.get(f"/feed/{n:043}.ics").status_code for n in range(MOST_MISSES + 2)]

    assert answers == [404] * MOST_MISSES + [429, 429]
    assert calendar.get(f"/feed/{'B' * 43}.ics").headers["Retry-After"] == "3600"
    clock.now += timedelta(hours=1)
    assert calendar.get(f"/feed/{'B' * 43}.ics").status_code == 404


def test_who_tries_addresses_does_not_shut_out_a_calendar_behind_the_same_router(path, calendar):
    for n in range(MOST_MISSES + 2):
        calendar.get(f"/feed/{n:043}.ics")

    assert calendar.get(path).status_code == 200


def test_one_feed_is_not_fetched_without_end(path, calendar):
    answers = [calendar.get(path).status_code for _ in range(MOST_FETCHES + 1)]

    assert answers == [200] * MOST_FETCHES + [429]


def test_without_consent_there_is_no_button_and_no_feed(nurse, enrolled):
    patient = enrolled()
    nurse.get(f"/patients/{patient}/agreed")

    assert "Can be made once the patient agrees to it" in nurse.page.said
    token = nurse.page.form(f"/patients/{patient}/agreed")["csrf_token"]
    answer = nurse.client.post(f"/patients/{patient}/feed", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "did not agree to a calendar feed" in answer.get_data(as_text=True)


def test_a_person_makes_and_revokes_a_feed_of_their_own(nurse, calendar, enrolled):
    enrolled()
    nurse.post("/feeds", at="/feeds", what="site 01 -", status=200)
    path = re.search(r"(/feed/[A-Za-z0-9_-]{43}\.ics)</code>", nurse.page.text)[1]
    assert calendar.get(path).status_code == 200

    nurse.get("/feeds")
    assert "All booked visits, Brussels" in nurse.page.said
    nurse.post(next(form["action"] for form in nurse.page.forms if form["action"].endswith("/revoke")))

    assert calendar.get(path).status_code == 404


def test_a_choice_that_is_not_theirs_is_refused(nurse):
    nurse.post("/feeds", at="/feeds", what="site 02 -", status=422)
    nurse.post("/feeds", at="/feeds", what="pharmacy 01 -", status=422)


def test_a_token_is_in_no_log(path, calendar, caplog):
    with caplog.at_level(logging.DEBUG):
        calendar.get(path)
        calendar.get(f"/feed/{'A' * 43}.ics")

    assert not re.search("/feed/[A-Za-z0-9_-]{20}", caplog.text)
    assert without_tokens(f'"GET {path} HTTP/1.1" 200') == '"GET /feed/....ics HTTP/1.1" 200'
    assert without_tokens("/my/" + "b" * 43) == "/my/..."


TOKEN = f"A_{'c' * 40}-"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f"GET /feed/{TOKEN}.ics", "GET /feed/....ics"),
        (f"GET /feed/{TOKEN.replace('_', '%5F')}.ics", "GET /feed/....ics"),
        (f"GET /feed/{TOKEN.replace('-', '%2d').replace('A', '%41')}.ics", "GET /feed/....ics"),
        (f"GET /feed/{TOKEN.replace('c', '%63')}.ics", "GET /feed/....ics"),
        (f"GET /feed/{TOKEN.replace('_', '%255f')}.ics", "GET /feed/....ics"),
        (f"GET //feed//{TOKEN}.ics", "GET //feed//....ics"),
        (f"GET /%66eed/{TOKEN}.ics", "GET /%66eed/....ics"),
        (f"GET /%6d%79%2F{TOKEN}", "GET /%6d%79%..."),
        (f"GET /m/../my/./{TOKEN}?a={TOKEN}", "GET /m/../my/./...?a=..."),
        (
            f'GET /my "https://planner.example/my/{TOKEN}" "Mozilla/5.0"',
            'GET /my "https://planner.example/my/..." "Mozilla/5.0"',
        ),
        (f"GET /my/{TOKEN[:-1]}", "GET /my/..."),
    ],
)
def test_a_token_is_left_out_of_a_log_however_it_is_written_and_wherever_it_stands(written, left):
    assert without_tokens(written) == left


@pytest.mark.parametrize(
    "written",
    ["GET /patients/Ab_defghijklmnopqrst-v/history", "GET /my/visits.ics", "1f0c1a52-9c14-4d6f-8a1e-0d2f6b7a9c11"],
)
def test_what_is_no_token_stays_in_a_log(written):
    assert without_tokens(written) == written


def test_the_servers_logs_leave_tokens_out(caplog):
    """As gunicorn writes a request that broke off, whatever its place for values."""
    record = logging.LogRecord(
        "gunicorn.error", 40, "", 1, "Error handling request %s", (f"/feed/{'c' * 43}.ics",), None
    )
    log = Discreet(Config()).error_log

    log.filter(record)

    assert record.getMessage() == "Error handling request /feed/....ics"
