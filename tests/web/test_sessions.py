"""Signing in, staying signed in, and what a copied cookie is worth."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import Session, select

from planner.settings import Settings
from planner.store.tables import LoginRow, StaffRow
from planner.web.app import create_app
from tests.web.conftest import PASSWORD, Browser

NOW = datetime(2025, 2, 24, 9, tzinfo=UTC)
NEW_KEY = "Zq3vT8nLw0xKd5RjYb1HsUe7GmAc4PfO"
WRONG = "User name and password do not belong together. Check both, or ask your administrator for a new code."


def cookie(browser, name="planner"):
    return browser.client.get_cookie(name, domain="localhost").value


@pytest.fixture
def copied(app):
    """A browser of somebody else, with a cookie that was copied."""

    def open_one(value):
        thief = Browser(app)
        thief.client.set_cookie("planner", value, domain="localhost")
        return thief

    return open_one


@pytest.fixture
def started(settings, clock, database):
    """The application started with other settings; one at a time may serve a SQLite file."""
    opened = []

    def start(**other):
        close(opened)
        opened.append(create_app(Settings(**settings.model_dump() | other), clock))
        return opened[-1]

    yield start
    close(opened)


def close(opened):
    for app in opened:
        app.extensions["planner"].database.close()
        if app.extensions["serving"] is not None:
            app.extensions["serving"].close()
    opened.clear()


# ---- how long it lasts


def test_a_copied_cookie_is_dead_after_sign_out(nurse, copied):
    thief = copied(cookie(nurse))
    thief.get("/patients")

    nurse.post("/sign-out", at="/patients")
    thief.get("/patients", status=303)

    nurse.follow()
    assert "You are signed out." in nurse.page.said
    assert thief.response.headers["Location"] == "/sign-in?next=/patients"


@pytest.mark.parametrize(("minutes", "status"), [(15, 200), (15.1, 303)])
def test_a_browser_that_is_not_used_is_signed_out_after_fifteen_minutes(nurse, clock, minutes, status):
    clock.now = NOW + timedelta(minutes=minutes)

    nurse.get("/patients", status=status)


@pytest.mark.parametrize(("hours", "status"), [(11.9, 200), (12.1, 303)])
def test_a_browser_in_use_is_signed_out_after_twelve_hours(nurse, clock, hours, status):
    while clock.now + timedelta(minutes=14) < NOW + timedelta(hours=hours):
        clock.now += timedelta(minutes=14)
        nurse.client.get("/patients")
    clock.now = NOW + timedelta(hours=hours)

    nurse.get("/patients", status=status)


def test_the_limits_come_from_the_settings(started, staff, clock):
    browser = Browser(started(idle_minutes=1))
    browser.sign_in("nurse")
    clock.now = NOW + timedelta(minutes=1, seconds=1)

    browser.get("/patients", status=303)


def test_an_administrator_signs_a_person_out_everywhere(signed_in, database):
    nurse, admin = signed_in("nurse"), signed_in("admin")
    admin.get("/staff")
    with Session(database.engine) as session:
        public_id = session.exec(select(StaffRow.public_id).where(StaffRow.login == "nurse")).one()

    admin.post(f"/staff/{public_id}/sign_out")

    nurse.get("/patients", status=303)


def test_only_the_hash_of_a_token_is_kept(nurse, database):
    with nurse.client.session_transaction() as kept:
        token = kept["login"]

    with Session(database.engine) as session:
        hashes = session.exec(select(LoginRow.token_hash)).all()
    assert len(token) >= 43
    assert [(len(kept), kept == token) for kept in hashes] == [(64, False)]


# ---- a new session at each sign-in


def test_nothing_of_the_session_before_is_kept_at_sign_in(browser):
    browser.get("/sign-in")
    before = cookie(browser)
    with browser.client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
        old = kept["csrf_token"]

    browser.sign_in("nurse")
    browser.get("/patients")

    with browser.client.session_transaction() as kept:
        assert (set(kept), kept["csrf_token"] == old, cookie(browser) == before) == (
            {"login", "csrf_token"},
            False,
            False,
        )


def test_a_token_chosen_by_somebody_else_signs_nobody_in(app, browser):
    with browser.client.session_transaction() as kept:
        kept["login"] = "a" * 43

    browser.get("/patients", status=303)

    with browser.client.session_transaction() as kept:
        assert "login" not in kept


def test_a_second_sign_in_ends_the_first_of_that_browser(nurse, copied):
    thief = copied(cookie(nurse))

    nurse.sign_in("nurse")

    thief.get("/patients", status=303)


# ---- the cookie


@pytest.mark.parametrize(
    ("secure", "flags"),
    [
        (True, ["__Host-planner", {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}]),
        (False, ["planner", {"HttpOnly", "Path=/", "SameSite=Lax"}]),
    ],
)
def test_the_cookie_is_for_this_host_and_for_no_script(started, staff, secure, flags):
    client = started(secure_cookies=secure).test_client()

    answer = client.get("/sign-in", base_url="https://localhost")

    (sent,) = answer.headers.getlist("Set-Cookie")
    name, *kept = (part.strip() for part in sent.split(";"))
    assert [name.partition("=")[0], set(kept)] == flags


def test_the_secure_cookie_signs_a_person_in(started, staff):
    client = started(secure_cookies=True).test_client()
    place = {"base_url": "https://localhost"}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in", **place).text).group(1)

    client.post("/sign-in", data={"login": "nurse", "password": PASSWORD, "csrf_token": token}, **place)

    answer = client.get("/patients", **place)
    assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (
        200,
        "max-age=63072000; includeSubDomains",
    )


def test_an_older_secret_key_still_reads_the_cookies_it_signed(started, settings, staff):
    browser = Browser(started())
    browser.sign_in("nurse")
    kept = cookie(browser)

    def answer(**keys):
        thief = Browser(started(**keys))
        thief.client.set_cookie("planner", kept, domain="localhost")
        return thief.client.get("/patients").status_code

    assert answer(secret_key=NEW_KEY, secret_key_fallbacks=settings.secret_key) == 200
    assert answer(secret_key=NEW_KEY) == 303


# ---- where it leads to

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "//evil.example/patients",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "",
]
CANNOT_BE_READ = ["//[", "/\\[", "//[::1", "https://[evil", "//\u2100.example"]
OURS = ["/patients", "/patients?q=01&x=//y", "/protocol", "/patients/new"]


def location(browser, wanted):
    """Where a sign-in with this `next` leads to."""
    browser.get("/sign-in")
    form = browser.page.form("/sign-in") | {"login": "nurse", "password": PASSWORD}
    answer = browser.client.post("/sign-in", data=form, query_string={"next": wanted})
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_a_sign_in_never_leads_to_another_site(browser, wanted):
    assert location(browser, wanted) == (303, "/")


@pytest.mark.parametrize("wanted", CANNOT_BE_READ)
def test_an_address_that_cannot_be_read_leads_to_the_start(browser, wanted):
    assert location(browser, wanted) == (303, "/")


@pytest.mark.parametrize("wanted", OURS)
def test_a_sign_in_goes_on_where_it_was_asked_for(browser, wanted):
    assert location(browser, wanted) == (303, wanted)


@pytest.mark.parametrize("wanted", ["/patients\r\nX-Evil: 1", "/patients\x00", "/é", "/%0d%0aX-Evil:1", "/\u202eevil"])
def test_an_address_with_control_characters_writes_no_header(browser, wanted):
    status, leads = location(browser, wanted)

    assert status == 303
    assert leads.startswith("/")
    assert leads.isprintable()


# ---- guessing


def test_a_wrong_name_and_a_wrong_password_are_told_alike(browser):
    answers = []
    for login in ("nurse", "nobody"):
        browser.get("/sign-in")
        browser.post("/sign-in", status=422, login=login, password="wrong " * 4)
        answers.append(browser.page.said.replace(login, ""))

    assert answers[0] == answers[1]
    assert WRONG in answers[0]


@pytest.mark.parametrize("login", ["nurse", "nobody"])
def test_after_five_wrong_guesses_each_next_one_waits_twice_as_long(browser, clock, login):
    told = []
    for _ in range(9):
        browser.get("/sign-in")
        browser.post("/sign-in", status=422, login=login, password="wrong " * 4)
        told += re.findall(r"Wait ([^,]+),", browser.page.said) or ["free"]
        clock.now += timedelta(hours=1)

    assert told == ["free"] * 4 + ["10 seconds", "20 seconds", "40 seconds", "2 minutes", "3 minutes"]


def test_while_waiting_the_right_password_does_not_help_and_afterwards_it_does(browser, clock):
    for _ in range(5):
        browser.get("/sign-in")
        browser.post("/sign-in", status=422, login="nurse", password="wrong " * 4)

    browser.get("/sign-in")
    browser.post("/sign-in", status=422, login="Nurse ", password=PASSWORD)
    assert "Too many tries failed. Wait 10 seconds, then try again" in browser.page.said

    clock.now += timedelta(seconds=10)
    browser.sign_in("nurse")
    browser.get("/patients")


def test_the_password_is_never_sent_back(browser):
    browser.get("/sign-in")
    browser.post("/sign-in", status=422, login="nurse", password="wrong but secret")

    assert "wrong but secret" not in browser.page.text
    assert browser.page.form("/sign-in")["login"] == "nurse"


# ---- accounts


@pytest.fixture
def ids(database):
    """The public id of an account by its login."""

    def find(login):
        with Session(database.engine) as session:
            return session.exec(select(StaffRow.public_id).where(StaffRow.login == login)).one()

    return find


def test_a_disabled_account_is_signed_out_and_told_nothing(signed_in, browser, ids):
    admin, nurse = signed_in("admin"), signed_in("nurse")
    admin.post(f"/staff/{ids('nurse')}/disable", at="/staff")

    nurse.get("/patients", status=303)
    browser.get("/sign-in")
    browser.post("/sign-in", status=422, login="nurse", password=PASSWORD)
    assert WRONG in browser.page.said
    admin.post(f"/staff/{ids('nurse')}/enable", at="/staff")
    browser.sign_in("nurse")
    browser.get("/patients")


def test_nobody_disables_their_own_account(signed_in, ids):
    admin = signed_in("admin")

    admin.post(f"/staff/{ids('admin')}/disable", at="/staff", status=422)

    assert "Nobody can disable their own account. Ask another administrator." in admin.page.said


NEW = {"login": "Els@Example.org", "name": "Els Peeters", "role": "nurse", "sites": "01"}
CHOSEN = "four plain words here"


@pytest.fixture
def invited(signed_in):
    """An account that an administrator just made, and its one-time code as the page shows it."""
    admin = signed_in("admin")
    admin.post("/staff/new", at="/staff/new", status=200, **NEW)
    return SimpleNamespace(admin=admin, code=re.search(r"<code>([^<]+)</code>", admin.page.text).group(1))


def typed(code, **other):
    return {"login": "els@example.org", "code": code, "password": CHOSEN, "again": CHOSEN} | other


def test_a_new_person_comes_in_by_a_one_time_code_that_works_once(invited, app, browser):
    browser.post("/welcome", at="/welcome", **typed(invited.code))
    browser.get("/patients")
    assert "Els Peeters · nurse" in browser.page.said

    other = Browser(app)
    other.post("/welcome", at="/welcome", status=422, **typed(invited.code))
    assert "User name and code do not belong together, or the code was used before." in other.page.said
    other.sign_in("ELS@example.org", CHOSEN)
    other.get("/patients")


def test_a_code_is_shown_once_and_kept_as_a_hash(invited, database):
    invited.admin.get("/staff")

    with Session(database.engine) as session:
        row = session.exec(select(StaffRow).where(StaffRow.login == "els@example.org")).one()
    assert "waits for its password" in invited.admin.page.said
    assert invited.code not in invited.admin.page.text
    assert invited.code not in str(row)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"code": "wrong"}, "User name and code do not belong together, or the code was used before."),
        ({"login": "nobody"}, "User name and code do not belong together, or the code was used before."),
        ({"again": CHOSEN + "!"}, "The two passwords differ. Enter the same one twice."),
        ({"password": "short", "again": "short"}, "The password is too short: 15 characters at least."),
        ({"password": "ab" * 8, "again": "ab" * 8}, "The password has too few different characters: 6 at least."),
        ({"password": "els@example.orgpassword", "again": "els@example.orgpassword"}, "what everybody knows"),
    ],
)
def test_what_is_no_good_is_said_and_the_code_stays_good(invited, browser, other, words):
    browser.post("/welcome", at="/welcome", status=422, **typed(invited.code) | other)

    assert words in browser.page.said
    assert CHOSEN not in browser.page.text
    browser.post("/welcome", at="/welcome", **typed(invited.code))


def test_a_code_is_good_for_one_day(invited, browser, clock):
    clock.now += timedelta(hours=24, seconds=1)

    browser.post("/welcome", at="/welcome", status=422, **typed(invited.code))

    assert "This code is older than 24 hours. Ask your administrator for a new one." in browser.page.said


def test_a_new_code_ends_the_old_password_and_every_browser(signed_in, browser, ids):
    admin, nurse = signed_in("admin"), signed_in("nurse")

    admin.post(f"/staff/{ids('nurse')}/code", at="/staff", status=200)

    assert "One-time code for Nurse Person" in admin.page.said
    nurse.get("/patients", status=303)
    browser.get("/sign-in")
    browser.post("/sign-in", status=422, login="nurse", password=PASSWORD)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"login": "NURSE"}, "nurse belongs to an account already. Choose another user name."),
        ({"login": ""}, "Enter a user name."),
        ({"name": ""}, "Enter the person's name."),
        ({"sites": "77"}, "77"),
    ],
)
def test_an_account_that_cannot_be_made_is_refused_and_what_was_typed_is_kept(signed_in, other, words):
    admin = signed_in("admin")

    admin.post("/staff/new", at="/staff/new", status=422, **NEW | other)

    kept = admin.page.form("/staff/new")
    assert words in admin.page.said
    assert {name: kept[name] for name in ("login", "name", "role")} == {
        name: (NEW | other)[name] for name in ("login", "name", "role")
    }


# ---- whose name it answers to


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1", "[::1]"])
def test_a_request_for_another_host_is_refused(app, staff, host):
    client = app.test_client()

    answers = [
        client.get(path, headers={"Host": host}) for path in ("/sign-in", "/patients", "/x", "/static/css/base.css")
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert not any("evil" in answer.text for answer in answers)
