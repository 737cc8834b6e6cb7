"""What is typed, tampered with or made up: never an error of ours, never words that act, always a sentence."""

import re
from datetime import UTC, datetime
from functools import partial
from html import escape
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOT_KEPT = "cannot be kept: it is invisible or turns the text around it. Delete it and type the words again."
CRLF, LF = "\r\n", "\n"
TEXTS = {
    "script": "<script>alert(1)</script>",
    "textarea": "</textarea><script src=//evil.example></script>",
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "template": "{{7*7}}{% raw %}${7*7}",
    "format": "%s%n%(x)s{0}{who}",
    "formula": "=1+1|cmd",
    "link": "javascript:alert(1)",
    "emoji": "👩‍⚕️🇧🇪",
    "lines": "a\r\nX-Evil: 1",
    "sql": "'; DROP TABLE patient; --",
    "invalid": b"a\xff\xfe1",
    "surrogate": b"a\xed\xa0\x80 1",
}
REFUSED = {
    "bidi": ("a\u202eb1", "U+202E"),
    "isolate": ("a\u2066b1", "U+2066"),
    "NUL": ("a\x00b1", "U+0000"),
    "escape": ("a\x1b[31m1", "U+001B"),
    "C1": ("a\x85b1", "U+0085"),
    "separator": ("a\u2028b1", "U+2028"),
}
LONG = "a1" * 5000
DAYS = (
    "0000-00-00",
    "2025-02-30",
    "2025-13-01",
    "9999-12-31",
    "1899-12-31",
    "2200-01-01",
    "2025-04-15T00:00",
    "-1",
    "15/04/2025",
    "\u0662\u0660\u0662\u0665-\u0660\u0664-\u0661\u0665x",
    "2025-04-15\x00",
    "<script>alert(1)</script>",
    "9" * 5000,
)
VERSIONS = ("-1", "0", "99999999999999999999", "x", "", "1.0", "0x2", "\u0662", " 2", "2 ", "2\x00")
EARLY_AND_LATE = ("1900-01-01", "2199-12-31")


@pytest.fixture
def here(enrolled):
    return f"/patients/{enrolled()}"


# Each form: who sends it, where it goes to, the page that shows it, its text fields, and what else is filled in.
FORMS = {
    "sign in": (None, "/sign-in", "/sign-in", ("login",), {"password": "x"}),
    "welcome": (None, "/welcome", "/welcome", ("login", "code"), {"password": "y" * 15, "again": "y" * 15}),
    "account": ("admin", "/staff/new", "/staff/new", ("login", "name"), {"login": "l", "name": "n", "role": "nurse"}),
    "enrol": ("nurse", "/patients/new", "/patients/new", ("subject_id",), {"day_one": "2025-03-03", "enrol": "x"}),
    "contact": ("nurse", "{here}/contact", "{here}/contact", ("name", "email", "phone"), {}),
    "book": ("nurse", "{here}/visits/C4D1/book", "{here}/visits/C4D1", ("book-note",), {"book-day": "2025-04-15"}),
    "record": ("nurse", "{here}/visits/SC1/record", "{here}/visits/SC1", ("record-note",), {"record-day": ""}),
    "stay": ("nurse", "{here}/visits/RES/record", "{here}/visits/RES", ("record-note",), {"record-day": ""}),
    "start": (
        "nurse",
        "{here}/dates/day_one",
        "{here}/dates/day_one",
        ("note",),
        {"day": "2025-03-10", "save_it": "x"},
    ),
    "decide": ("investigator", "{here}/decisions/resectable", "{here}/decisions/resectable", ("note",), {}),
    "end": ("nurse", "{here}/end", "{here}/end", ("note",), {}),
}
LOOKED_AT = ("/patients", "{here}", "{here}/history", "{here}/visits/C4D1", "{here}/visits/SC1")
SIGNED = [name for name, form in FORMS.items() if form[0] is not None]


@pytest.fixture
def form(signed_in, browser, here):
    """Opens a form as whoever sends it; what it gives back sends the form with other values, once more."""

    def open_one(name):
        login, path, page, fields, other = FORMS[name]
        path, page = path.format(here=here), page.format(here=here)
        who = signed_in(login) if login else browser
        fresh = {}

        def send(**typed):
            if not fresh:
                fresh.update(form=(who.get(page), who.page.form(path))[1])
            answer = who.client.post(
                path,
                data=urlencode({**fresh["form"], **other, **typed}),
                content_type="application/x-www-form-urlencoded",
            )
            who._looked(answer, answer.status_code)
            if answer.status_code == 303:
                fresh.clear()
            return answer

        return who, fields, send

    return open_one


def outcome(send, field, payload):
    """What a payload comes to: its status, or what is wrong with the page that answers."""
    try:
        answer = send(**{field: payload})
    except AssertionError as error:
        return str(error).splitlines()[0][:200]
    acts = isinstance(payload, str) and "<" in payload and payload in answer.get_data(as_text=True)
    return "unescaped" if acts else answer.status_code


@pytest.mark.parametrize("name", FORMS)
def test_no_text_breaks_a_form_or_acts_on_its_page(form, name):
    _, fields, send = form(name)

    found = {(field, text): outcome(send, field, payload) for field in fields for text, payload in TEXTS.items()}

    assert {key: told for key, told in found.items() if told not in (200, 303, 422)} == {}


@pytest.mark.parametrize("name", FORMS)
def test_a_character_that_deceives_is_refused_by_its_name(form, name):
    who, fields, send = form(name)

    for field in fields:
        for payload, character in REFUSED.values():
            assert (character, send(**{field: payload}).status_code) == (character, 422)
            assert f"The character {character} {NOT_KEPT}" in who.page.said
            assert not set(who.page.text) & set("\u202e\u2066\x00\x1b\x85\u2028")


@pytest.mark.parametrize("name", FORMS)
def test_too_many_letters_are_refused_with_their_number(form, name):
    who, fields, send = form(name)

    for field in fields:
        assert send(**{field: LONG}).status_code == 422
        assert re.search(r"Write \d+ letters at most\.", who.page.said)


def test_what_was_saved_stands_escaped_on_every_page(form, here):
    """Two days by turns, so that each booking changes something."""
    nurse, _, send = form("book")
    saved = {name: text for name, text in TEXTS.items() if isinstance(text, str)}
    for number, text in enumerate(saved.values()):
        day = f"2025-04-{22 + number % 2}"
        assert send(**{"book-day": day, "book-note": text}).status_code == 303

    pages = {path: nurse.get(path.format(here=here)).get_data(as_text=True) for path in LOOKED_AT}

    told = pages["{here}/history"].replace("&#39;", "&#x27;").replace("&#34;", "&quot;")
    assert [name for name, text in saved.items() if f"Reason: {escape(text.replace(CRLF, LF))}" not in told] == []
    acting = [
        (path, name) for path, page in pages.items() for name, text in saved.items() if "<" in text and text in page
    ]
    assert acting == []


def test_a_name_that_is_made_of_markup_stands_escaped_wherever_it_stands(form, app, here):
    """A person's name stands at the top of every page, in the list of staff and in each history."""
    admin, _, send = form("account")

    assert send(login="evil", name=TEXTS["quotes"], sites="01").status_code == 200
    admin.get("/staff")

    assert "&gt;&lt;img src=x onerror=alert(1)&gt;" in admin.page.text


# ---- days and versions


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("enrol", "day_one", {}),
        ("enrol", "registration", {}),
        ("book", "book-day", {}),
        ("record", "record-day", {"record-what": "occurred"}),
        ("stay", "record-end", {"record-what": "occurred"}),
        ("start", "day", {"note": "x"}),
        ("end", "day", {"note": "x", "because": "death"}),
    ],
)
def test_a_day_that_is_none_is_refused_with_a_sentence(form, name, field, words):
    who, _, send = form(name)

    for day in DAYS:
        assert (day, send(**words, **{field: day}).status_code) == (day, 422)
        assert re.search(r"is no day\. Write it as 2025-04-15\.|Give a day from 1900 to 2199\.", who.page.said)
        assert "<script>alert" not in who.page.text


@pytest.mark.parametrize("day", EARLY_AND_LATE)
def test_a_booking_on_the_first_or_the_last_day_is_refused(form, day):
    _, _, send = form("book")

    assert send(**{"book-day": day, "book-note": "x"}).status_code == 422


@pytest.mark.parametrize("button", ["compare", "enrol"])
@pytest.mark.parametrize("day", EARLY_AND_LATE)
def test_the_first_and_the_last_day_that_the_planner_knows_break_nothing(nurse, button, day):
    nurse.get("/patients/new")
    typed = {"subject_id": "01-009", "day_one": day, "registration": day, button: "x"}

    answer = nurse.client.post("/patients/new", data=nurse.page.form("/patients/new") | typed)

    assert answer.status_code in (200, 303, 422)
    nurse.get("/patients")
    for path in re.findall(r'href="(/patients/[\w-]{22})"', nurse.page.text):
        nurse.get(path)
        nurse.get(f"{path}/visits/C4D1")


def test_the_clock_may_stand_at_the_end(nurse, here, clock):
    clock.now = datetime(2199, 12, 30, 12, tzinfo=UTC)
    nurse.sign_in("nurse")

    nurse.get(here)
    nurse.get(f"{here}/visits/C4D1")


@pytest.mark.parametrize("name", ["book", "record", "start", "decide", "end"])
def test_a_version_that_was_tampered_with_is_an_old_page(form, here, name):
    needed = {
        "book": {},
        "record": {"record-what": "occurred", "record-day": "2025-02-24"},
        "start": {"note": "x"},
        "decide": {"value": "no"},
        "end": {"day": "2025-02-24", "because": "death", "note": "x"},
    }[name]
    who, _, send = form(name)
    field = {"book": "book-seen", "record": "record-seen"}.get(name, "seen")

    for version in VERSIONS:
        assert (version, send(**needed, **{field: version}).status_code) == (version, 409)
        assert who.page.form(FORMS[name][1].format(here=here))[field] == "2"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("account", "role"),
        ("account", "sites"),
        ("enrol", "site"),
        ("enrol", "protocol"),
        ("enrol", "dose_level"),
        ("enrol", "phase"),
        ("enrol", "language"),
        ("book", "book-cause"),
        ("record", "record-what"),
        ("record", "record-cause"),
        ("start", "cause"),
        ("decide", "value"),
        ("end", "because"),
    ],
)
def test_what_is_not_in_the_list_cannot_be_chosen(form, name, field):
    who, _, send = form(name)

    for payload in ("", "x", TEXTS["script"], "\x00", "9" * 5000, "\u202e", TEXTS["surrogate"]):
        if payload or field not in ("book-cause", "record-cause", "cause"):
            assert (payload, send(**{field: payload}).status_code) == (payload, 422)
        assert "<script>alert" not in who.page.text


# ---- addresses

CODES = (
    "C9D9",
    "c4d1",
    "C4D1 ",
    "%00",
    "C4D1%00",
    "%2e%2e",
    "%2E%2E%2Fhistory",
    "%ff",
    "%E2%80%AE",
    "x" * 5000,
    "{{7*7}}",
)
IDS = (
    "0",
    "1",
    "-1",
    "a/b",
    "a%2Fb",
    "..%2F..%2Fetc%2Fpasswd",
    "%ff%fe",
    "%ED%A0%80",
    "%E2%80%AE",
    "'%20OR%201=1%20--",
    "<script>",
    "%0d%0aX-Evil:1",
    "x" * 5000,
)
PLACES = ("", "/history", "/visits/C4D1", "/visits.ics", "/dates/day_one", "/decisions/resectable", "/end", "/contact")


def without_token(nurse, path):
    return nurse.client.post(path, data={"csrf_token": nurse.page.form("/sign-out")["csrf_token"]}).status_code


def test_a_visit_that_no_protocol_has_is_not_found(nurse, here):
    nurse.get(here)
    pages = [f"{here}/{room}/{code}" for code in CODES for room in ("visits", "dates")]
    acts = [f"{here}/visits/{code}/{act}" for code in CODES for act in ("book", "record", "take-back")]

    assert [path for path in pages if nurse.client.get(path).status_code != 404] == []
    assert [path for path in acts if without_token(nurse, path) != 404] == []


def test_an_id_that_was_made_up_is_not_found(signed_in, here):
    browsers = {login: signed_in(login) for login in ("nurse", "investigator", "admin")}
    browsers["admin"].get("/staff")
    pages = [
        ("investigator" if "decisions" in place else "nurse", f"/patients/{i}{place}") for i in IDS for place in PLACES
    ]
    acts = [f"/staff/{i}/{act}" for i in IDS for act in ("code", "disable", "enable", "sign_out")]

    answers = {path: browsers[login].client.get(path) for login, path in pages}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 404)
    assert not any("X-Evil" in answer.headers for answer in answers.values())
    assert [path for path in acts if without_token(browsers["admin"], path) != 404] == []


def test_a_user_name_that_grows_in_small_letters_is_refused(form):
    """`known_by` writes `ß` as `ss`: 120 letters become 240, the column has 120."""
    _, _, send = form("account")

    assert send(login="ß" * 120).status_code in (200, 422)


def test_an_id_with_a_nul_is_not_found(nurse):
    public_id = "AAAA%00AAAA"

    assert nurse.client.get(f"/patients/{public_id}").status_code == 404
    assert nurse.client.get(f"/patients/{public_id}/history").status_code == 404


def test_an_account_with_a_nul_is_not_found(signed_in):
    admin = signed_in("admin")
    admin.get("/staff")

    assert without_token(admin, "/staff/%00/enable") == 404


def test_no_address_leads_out_of_the_pages(nurse):
    paths = (
        "/%2Fevil.example",
        "/\\evil.example",
        "/%2e%2e/etc/passwd",
        "/static/../planner/settings.py",
        "/.git/config",
    )

    answers = {path: nurse.client.get(path) for path in paths}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 404)
    assert not any("evil" in answer.headers.get("Location", "") for answer in answers.values())


# ---- query strings

VALUE = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40).map(quote),
    st.binary(max_size=20).map(quote),
    st.sampled_from(
        ["2025-04", "1996-01", "2054-12", "2025-00", "all", "%00", "%E2%80%AE", "[]", "9" * 300, "%", "%zz"]
    ),
)
QUERY = st.lists(
    st.tuples(st.sampled_from(["month", "visits", "q", "next", "id", "version", "", "x", "csrf_token"]), VALUE),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


SOMEWHERE = st.sampled_from(["/patients", "{here}", "{here}/visits/N2", "/protocol", "/sign-in"])
any_query = given(query=QUERY, place=SOMEWHERE)
examples = partial(settings, suppress_health_check=[HealthCheck.function_scoped_fixture])


def breaks_nothing(nurse, path):
    answer = nurse.client.get(path)

    nurse._looked(answer, answer.status_code)
    assert answer.status_code in (200, 404, 422)


@examples(max_examples=50)
@any_query
def test_no_query_string_breaks_a_page(nurse, here, query, place):
    breaks_nothing(nurse, f"{place.format(here=here)}?{query}")


@pytest.mark.slow
@examples(max_examples=2000)
@any_query
def test_of_two_thousand_query_strings_none_breaks_a_page(nurse, here, query, place):
    breaks_nothing(nurse, f"{place.format(here=here)}?{query}")


def test_the_words_of_a_search_stand_escaped(nurse):
    for text in TEXTS.values():
        nurse.get("/patients", query=urlencode({"q": text}))
        assert not isinstance(text, str) or "<" not in text or text not in nurse.page.text


def test_the_words_of_a_search_do_not_turn_the_page(nurse):
    for text, _ in REFUSED.values():
        nurse.get("/patients", query={"q": text})
        assert not set(nurse.page.text) & set("\u202e\u2066\x00\x1b\x85\u2028")


# ---- what is no form

BODIES = {
    "nothing": (b"", "application/x-www-form-urlencoded"),
    "plain": (b"hello", "text/plain"),
    "no type": (b"hello", ""),
    "broken parts": (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    "parts without a boundary": (b"a=b", "multipart/form-data"),
    "JSON": (b'{"book-day": "2025-04-15"}', "application/json"),
    "JSON of numbers": (b'{"book-day": 5, "book-note": 7, "book-cause": [1]}', "application/json"),
    "JSON list": (b"[1, 2]", "application/json"),
    "JSON number": (b"5", "application/json"),
    "broken JSON": (b'{"a"', "application/json"),
    "many": (urlencode([("book-note", "x")] * 1500).encode(), "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize(("token", "wanted"), [(False, {400, 413}), (True, {400, 413, 422})], ids=["no token", "token"])
def test_a_body_that_is_no_form_is_refused(nurse, here, token, wanted):
    visit = f"{here}/visits/C4D1"
    nurse.get(visit)
    headers = {"X-CSRFToken": nurse.page.form("/sign-out")["csrf_token"]} if token else {}

    def answered(body, kind):
        answer = nurse.client.post(f"{visit}/book", data=body, content_type=kind, headers=headers)
        nurse._looked(answer, answer.status_code)
        return answer.status_code

    found = {name: answered(*body) for name, body in BODIES.items()}
    assert {name: status for name, status in found.items() if status not in wanted} == {}


PAGES = ("/patients", "{here}", "{here}/visits/C4D1", "{here}/history", "/protocol", "/sign-in", "/nothing", "/staff")


def test_head_answers_as_get_does_without_a_body(nurse, here):
    for path in (place.format(here=here) for place in PAGES):
        head, got = nurse.client.head(path), nurse.client.get(path)
        assert (head.status_code, head.content_type, head.get_data()) == (got.status_code, got.content_type, b"")


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_change_nothing_and_break_nothing(nurse, here, method):
    for path in (place.format(here=here) for place in (*PAGES, "{here}/visits/C4D1/book")):
        answer = nurse.client.open(path, method=method)
        assert answer.status_code in (200, 400, 403, 404, 405)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_enrolment_sent_twice_enrols_once(nurse):
    nurse.get("/patients/new")
    form = nurse.page.form("/patients/new") | {"subject_id": "01-031", "day_one": "2025-03-03", "enrol": "x"}

    answers = [nurse.client.post("/patients/new", data=form).status_code for _ in range(2)]

    nurse.get("/patients")
    assert answers == [303, 303]  # the second one is told that it was saved before
    assert "1 patient at your sites." in nurse.page.said


def test_a_field_sent_several_times_counts_once(nurse, here):
    visit = f"{here}/visits/C4D1"
    nurse.get(visit)
    form = nurse.page.form(f"{visit}/book")
    twice = urlencode([*form.items(), ("book-day", "2025-04-15"), ("book-day", "2025-04-16"), ("book-note", "x")])

    answer = nurse.client.post(f"{visit}/book", data=twice, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 422


# ---- acts that the page does not offer


def test_a_record_is_not_overwritten_without_being_corrected(nurse, here):
    """A page shown before has the form; only `Correct the record`, which asks for a reason, leads on."""
    visit = f"{here}/visits/SC1"
    nurse.get(visit)
    form = nurse.page.form(f"{visit}/record")
    nurse.post(f"{visit}/record", what="occurred", day="2025-02-24")
    form |= {"record-seen": "3", "record-what": "occurred", "record-day": "2025-02-20"}

    assert nurse.client.post(f"{visit}/record", data=form).status_code in (409, 422)


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("book", {"book-day": "2025-04-15"}),
        ("record", {"record-what": "occurred", "record-day": "2025-02-24"}),
        ("record", {"record-what": "canceled", "record-note": "x"}),
        ("take-back", {"back-note": "x"}),
    ],
)
def test_after_the_end_nothing_can_be_booked_or_recorded_by_hand(nurse, here, act, typed):
    visit = f"{here}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")
    nurse.get(visit)
    form = nurse.page.form(f"{visit}/{act}")
    nurse.read_and_save(f"{here}/end", at=f"{here}/end", because="death", day="2025-02-24", note="x")
    seen = {f"{name}": "4" for name in form if name.endswith("-seen")}

    assert nurse.client.post(f"{visit}/{act}", data=form | seen | typed).status_code == 422
