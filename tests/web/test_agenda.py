"""Today, the week, the search and the deviation log as people see them in a browser."""

import csv
import re
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from planner.core.calendar import Closure
from planner.core.facts import Acceptance
from planner.core.patients import Contact
from planner.core.staff import COMMAND_LINE
from planner.services import cases, contacts, patients, sites
from planner.services.cases import Act, redrafted

APRIL_10 = datetime(2025, 4, 10, 9, tzinfo=UTC)
OVERDUE = ["AP", "C1D3", "C1P", "C2D1", "SC1", "SC2", "SC3"]
LATE = date(2025, 4, 22)
LOG = "/deviations"


@pytest.fixture
def in_april(nurse, enrolled, clock):
    """A patient of whom nothing was recorded, and the nurse on 10 April."""
    public_id = enrolled()
    clock.now = APRIL_10
    nurse.sign_in("nurse")
    return public_id


@pytest.fixture
def accepted(office, staff):
    """Books FOLFOX 4 late, for a reason."""

    def do(public_id, reason, who="investigator"):
        with office.begin(staff[who]) as work:
            case = cases.case(work, public_id)
            facts = case.facts.booked("C4D1", LATE).accepting(Acceptance("window", "C4D1", reason))
            cases.save(work, Act("book", case, redrafted(case, facts), reason))

    return do


def section(browser, name):
    """One column of today: each line with its address."""
    text = browser.page.text.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]
    return re.findall(r'<li><span>(.*?)</span> <a href="([^"]*)">([^<]*)<', text, re.DOTALL)


def rows_saying(browser, words):
    """The codes of the visits in whose row the page says this."""
    rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">.*?</tr>", browser.page.text, re.DOTALL)
    return sorted(re.search(r"/visits/([^\"?]+)", row).group(1) for row in rows if words in row)


# ---- one meaning of overdue


def test_overdue_is_the_same_on_the_list_the_patient_page_today_and_the_log(nurse, in_april, office):
    nurse.get("/today")
    today = sorted(url.rpartition("/")[2] for words, url, _ in section(nurse, "decide") if "overdue" in words)
    nurse.get(f"/patients/{in_april}")
    page = rows_saying(nurse, "overdue:")
    nurse.get(LOG)
    log = rows_saying(nurse, "overdue:")
    with office.look(COMMAND_LINE) as work:
        needs = patients.line(patients.listing(work)[0]).needs
    listed = sorted(visit.code for visit in needs if "overdue" in {flag.kind for flag in visit.flags})

    assert today == page == log == listed == OVERDUE


def test_the_list_counts_what_today_shows(nurse, in_april):
    """12 visits need a person: 7 overdue, 2 to record (REG, C1D1), 2 closing (C2P, C2D3), and surgery with 2 days."""
    nurse.get("/patients")
    assert "12 visits" in nurse.page.said

    nurse.get("/today")

    decide, soon = section(nurse, "decide"), section(nurse, "soon")
    visits = [url for _, url, _ in (*decide, *soon) if "/visits/" in url]
    assert (len(decide), len(soon), len(visits), len(set(visits))) == (10, 3, 12, 12)


def test_who_needs_a_person_stands_first_in_the_list(nurse, in_april, enrolled, office, staff):
    """The patient of April has much to settle; one who begins in August has nothing yet, whatever the number."""
    enrolled("01-000", day_one=date(2025, 8, 4), registration=date(2025, 7, 28))

    nurse.get("/patients")

    assert [subject for _, subject in nurse.page.rows] == ["01-001", "01-000"]


# ---- today


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("nurse", "/today"),
        ("investigator", "/today"),
        ("admin", "/staff"),
        ("monitor", "/patients"),
        ("medical_monitor", "/patients"),
        ("pharmacist", "/patients"),
    ],
)
def test_each_role_begins_with_its_own_page(signed_in, login, home):
    browser = signed_in(login)

    browser.get("/", status=302)

    assert browser.response.headers["Location"] == home


def test_an_empty_day_says_what_will_stand_there(nurse):
    nurse.get("/today")

    assert "0 now, 0 to decide, 0 soon" in nurse.page.said
    assert "Nothing to decide. Conflicts, patients to phone, what is overdue" in nurse.page.said


def test_each_line_has_one_act_on_the_right_page(signed_in, enrolled, clock):
    here = f"/patients/{enrolled()}"
    clock.now = datetime(2025, 3, 3, 9, tzinfo=UTC)

    acts = {}
    for login in ("nurse", "investigator", "monitor"):
        browser = signed_in(login)
        browser.get("/today")
        lines = [*section(browser, "now"), *section(browser, "decide")]
        acts[login] = {url.removeprefix(here): act for _, url, act in lines}

    visits = {f"/visits/{code}": "Settle" for code in ("SC1", "SC2", "SC3", "AP")}
    told = visits | {"/visits/REG": "Record", "/visits/C1D1": "Record"}
    assert acts["investigator"] == told | {"/decisions/port_needed": "Decide"}
    assert acts["nurse"] == told | {"": "Open"}
    assert acts["monitor"] == dict.fromkeys(acts["nurse"], "Open")


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("nurse", {"01-001"}),
        ("elsewhere", {"02-001"}),
        ("pharmacist", {"01-001"}),
        ("monitor", {"01-001"}),
        ("medical_monitor", {"01-001", "02-001"}),
    ],
)
def test_today_and_the_week_tell_only_of_ones_own_sites(signed_in, enrolled, login, seen):
    enrolled("01-001")
    enrolled("02-001", site="02")
    browser = signed_in(login)

    for path in ("/today", "/week", "/search?q=-001"):
        answer = browser.client.get(path, follow_redirects=True).get_data(as_text=True)
        assert set(re.findall(r"0[12]-001", answer.replace("q=-001", ""))) <= seen
    browser.get("/today")
    assert set(re.findall(r"0[12]-001", browser.page.said)) == seen


def test_with_several_sites_one_is_chosen_by_a_link(signed_in, enrolled):
    enrolled("01-001")
    enrolled("02-001", site="02")
    browser = signed_in("medical_monitor")
    browser.get("/today")
    assert "/today?site=02" in browser.page.links

    browser.get("/today?site=02")

    assert set(re.findall(r"0[12]-001", browser.page.said)) == {"02-001"}
    browser.get("/week?site=02&from=2025-03-03")
    assert "Leuven" in browser.page.said
    assert "/week?site=02&amp;from=2025-02-24" in browser.page.text


def test_a_foreign_site_is_not_found(nurse):
    for path in ("/today?site=02", "/week?site=02", "/today?site=%00", "/week?site=%27"):
        nurse.get(path, status=404)


# ---- the week


def test_a_week_has_a_link_to_the_one_before_and_after(nurse, enrolled):
    enrolled()

    nurse.get("/week?from=2025-04-23")

    assert [link for link in nurse.page.links if link.startswith("/week?")] == [
        "/week?from=2025-04-14",
        "/week?from=2025-04-28",
    ]
    assert "Brussels · 21 Apr to 27 Apr 2025" in nurse.page.said
    assert "Mon 21 Apr 2025 Closed: Easter Monday No visit." in nurse.page.said
    assert "01-001 7 days after NKR-2 2" in nurse.page.said or "N2+7" in nurse.page.text


def test_a_patient_with_a_conflict_bears_its_mark_in_the_week_as_in_the_list(nurse, enrolled, office):
    visit = f"/patients/{enrolled()}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day="2025-04-14", book="x")
    nurse.get("/week?from=2025-04-14")
    before = nurse.page.said
    with office.begin(COMMAND_LINE) as work:
        sites.close(work, "01", Closure(date(2025, 4, 14), date(2025, 4, 14), name="strike"))

    nurse.get("/week?from=2025-04-14")
    week = nurse.page.said
    nurse.get("/patients")

    assert "▲ 1 conflict" not in before
    assert "◐ booked ▲ 1 conflict" in week
    assert "▲ 1 conflict" in nurse.page.said


@pytest.mark.parametrize(
    "day", ["x", "2025-02-30", "0001-01-01", "9999-12-31", "1899-01-01", "\x00", "<script>", "9" * 500, "2025-W99-1"]
)
def test_a_week_that_is_none_is_refused_with_a_sentence(nurse, day):
    nurse.get("/week", query={"from": day}, status=422)

    assert "is no day near today. Write it as 2025-04-14." in nurse.page.said


# ---- search


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("01-001", "{here}"),
        ("01-001 C4D1", "{here}/visits/C4D1"),
        ("c4d1 01-001", "{here}/visits/C4D1"),
        ("01-001 folfox 4", "{here}/visits/C4D1"),
        ("week", "/week"),
        ("enrol", "/patients/new"),
        ("deviations", "/deviations"),
        ("feed", "/feeds"),
        ("binder", "/binder"),
    ],
)
def test_where_one_thing_is_found_it_opens(nurse, enrolled, words, where):
    here = f"/patients/{enrolled('01-001')}"
    enrolled("01-002")

    nurse.get("/search", query={"q": words}, status=303)

    assert nurse.response.headers["Location"] == where.format(here=here)


def test_where_more_is_found_all_of_it_is_listed(nurse, enrolled):
    ids = [enrolled(subject) for subject in ("01-001", "01-002")]

    nurse.get("/search?q=01-00")

    assert "2 found for “01-00”." in nurse.page.said
    assert [link for link in nurse.page.links if link.startswith("/patients/")] == [f"/patients/{one}" for one in ids]


@pytest.mark.parametrize(("words", "code"), [("infusion", "N1"), ("NKR-2 infusion 2", "N2"), ("c4d1", "C4D1")])
def test_the_name_of_a_visit_alone_finds_the_next_one_of_every_patient(nurse, enrolled, words, code):
    ids = [enrolled(subject) for subject in ("01-001", "01-002")]

    nurse.get("/search", query={"q": words})

    assert [link for link in nurse.page.links if link.startswith("/patients/")] == [
        f"/patients/{one}/visits/{code}" for one in ids
    ]


def test_a_page_that_is_not_for_ones_role_is_not_found_by_name(signed_in):
    browser = signed_in("pharmacist")

    browser.get("/search?q=deviations")

    assert "0 found for “deviations”." in browser.page.said


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "{{7*7}}",
        "%s%n{0}",
        "'; DROP TABLE patient; --",
        "[[(*+?",
        "\x00\u202e\ud800".encode("utf-8", "surrogatepass"),
        "01-001 <b>",
        "0" * 5000,
        "()",
        " ",
    ],
)
def test_hostile_words_are_escaped_and_find_nothing(nurse, enrolled, words):
    enrolled()

    nurse.get("/search", query={"q": words})

    assert nurse.page.rows == []
    assert not re.search(r"<script>alert|<img|<b>", nurse.page.text)


def test_every_page_of_a_reader_can_be_searched_from_and_none_of_an_admin(signed_in):
    nurse, admin = signed_in("nurse"), signed_in("admin")
    nurse.get("/protocol")
    admin.get("/protocol")

    assert [form["action"] for form in nurse.page.forms] == ["/search", "/sign-out"]
    assert [form["action"] for form in admin.page.forms] == ["/sign-out"]


# ---- the deviation log


def test_the_log_tells_what_was_accepted_by_whom_and_when(nurse, enrolled, accepted):
    accepted(enrolled(), "low blood counts <script>")

    nurse.get(LOG, query={"settled": "accepted"})

    assert "1 line: accepted only." in nurse.page.said
    assert "expected 5 days late (window 14 Apr to 17 Apr 2025)" in nurse.page.said
    assert "low blood counts &lt;script&gt;" in nurse.page.text
    assert "Investigator Person, Mon 24 Feb 2025, 10:00 (Europe/Brussels)" in nurse.page.said


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"kind": "rule"}, []),
        ({"nature": "actual"}, []),
        ({"settled": "waiting"}, OVERDUE),
        ({"kind": "window", "first": "2025-04-10", "last": "2025-04-10"}, ["C1D3", "C2D1"]),
        ({"last": "2025-02-24"}, ["SC1"]),
        ({"first": "2025-04-11"}, []),
    ],
)
def test_each_filter_holds_on_the_page_and_in_the_table(nurse, in_april, query, codes):
    nurse.get(LOG, query=query)
    seen = rows_saying(nurse, "")
    answer = nurse.client.get(f"{LOG}.csv", query_string=query).get_data().decode("utf-8-sig")

    assert seen == codes
    assert sorted(line[2] for line in list(csv.reader(StringIO(answer)))[2:]) == codes


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x"},
        {"settled": "'"},
        {"patient": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"patient": "\x00"},
        {"first": "2025-02-30"},
        {"last": "<script>alert(1)</script>"},
        {"first": "9" * 5000},
    ],
)
@pytest.mark.parametrize("path", [LOG, f"{LOG}.csv", f"{LOG}.pdf"])
def test_a_filter_that_cannot_be_read_is_said_and_nothing_is_shown(nurse, in_april, path, query):
    nurse.get(path, query=query, status=422)

    assert "There is a problem" in nurse.page.said
    assert nurse.page.rows == []
    assert "<script>alert" not in nurse.page.text


def test_the_links_of_the_log_carry_its_filters_and_nothing_else(nurse, in_april):
    nurse.get(LOG, query={"kind": "window", "_external": "1", "_scheme": "javascript", "endpoint": "x"})

    assert [link for link in nurse.page.links if link.startswith(f"{LOG}.")] == [
        f"{LOG}.csv?kind=window",
        f"{LOG}.pdf?kind=window",
    ]


def test_a_foreign_patient_and_an_unknown_one_are_refused_alike(nurse, enrolled):
    foreign = enrolled("02-001", site="02")

    answers = []
    for public_id in (foreign, "AAAAAAAAAAAAAAAAAAAAAA"):
        nurse.get(LOG, query={"patient": public_id}, status=422)
        answers.append(nurse.page.said)

    assert answers[0] == answers[1]


def test_no_contact_data_stand_in_any_of_it(nurse, in_april, accepted, office, staff):
    with office.begin(staff["nurse"]) as work:
        version = cases.case(work, in_april).patient.version
        contacts.write_contact(work, in_april, version, Contact("Maria Janssens", "maria@example.org", "+32 470 11 22"))
    accepted(in_april, "low blood counts")

    paths = ("/today", "/week", "/search?q=01", LOG, f"{LOG}.csv")
    said = "".join(nurse.client.get(path, follow_redirects=True).get_data(as_text=True) for path in paths)

    assert re.findall(r"Janssens|maria@|11 22", said) == []
    assert "low blood counts" in said


def test_the_paper_is_a_file_to_keep(nurse, in_april):
    answer = nurse.client.get(f"{LOG}.pdf?kind=window")

    assert (answer.status_code, answer.headers["Content-Type"], answer.get_data()[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="deviations.pdf"'
