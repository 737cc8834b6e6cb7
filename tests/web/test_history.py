"""The page of the history: what each role sees, filters, reviews, copies; and what is written beside acts."""

import csv
import json
from io import StringIO

import pytest
from sqlmodel import Session, select

from planner.core.staff import COMMAND_LINE
from planner.services import history
from planner.store.tables import AuditRow

READERS = ["nurse", "investigator", "monitor", "medical_monitor", "admin"]


@pytest.fixture
def two_sites(enrolled):
    """A patient at each site."""
    return enrolled(), enrolled("02-001", site="02")


@pytest.fixture
def written(database):
    """The audit rows of one action: who, entity, new value."""

    def read(action):
        with Session(database.engine) as session:
            found = session.exec(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)).all()
        return [(row.login, row.entity, json.loads(row.new), row.patient_id is not None) for row in found]

    return read


@pytest.mark.parametrize(
    ("query", "sought"),
    [({}, "everything"), ({"kind": "window", "first": "2025-03-03"}, "windows only; from Mon 3 Mar 2025")],
)
def test_a_copy_of_the_deviation_log_is_told(nurse, two_sites, written, query, sought):
    for kind in ("csv", "pdf"):
        nurse.get(f"/deviations.{kind}", query=query)
    nurse.get("/history")

    what = {"rows": 0, "sought": sought, "what": "deviation log"}
    assert written("export") == [("nurse", "history", {"kind": kind} | what, False) for kind in ("csv", "pdf")]
    assert f"Took away a copy of the deviation log (pdf): 0 lines, {sought}." in nurse.page.said


def test_the_log_of_one_patient_is_told_with_the_patient_and_of_no_other_site(nurse, signed_in, two_sites, written):
    nurse.get("/deviations.csv", query={"patient": two_sites[0]})
    elsewhere = signed_in("elsewhere")
    elsewhere.get("/history")
    nurse.get(f"/patients/{two_sites[0]}/history")

    assert written("export") == [
        ("nurse", "export:deviations", {"kind": "csv", "rows": 0, "sought": "everything"}, True)
    ]
    assert "Took away the patient's deviation log (csv): 0 lines, everything." in nurse.page.said
    assert "deviation log" not in elsewhere.page.said


def test_a_log_that_cannot_be_read_is_not_taken_away(nurse, two_sites, written):
    nurse.get("/deviations.csv", query={"kind": "x"}, status=422)

    assert written("export") == []


# ---- the page


@pytest.mark.parametrize(
    ("login", "own", "foreign"),
    [
        ("nurse", True, False),
        ("investigator", True, False),
        ("monitor", True, False),
        ("medical_monitor", True, True),
        ("elsewhere", False, True),
        ("admin", False, False),
    ],
)
def test_each_role_reads_its_part(signed_in, two_sites, login, own, foreign):
    page = signed_in(login)

    page.get("/history")
    as_table, as_json = (page.get(f"/history.{kind}").get_data(as_text=True) for kind in ("csv", "json"))

    for text in (page.page.text, as_table, as_json):
        assert ("01-001" in text, "02-001" in text) == (own, foreign)
    assert ("Made the account nurse" in page.page.said) == (login == "admin")


def test_a_pharmacist_is_not_led_to_it_and_is_refused(signed_in, two_sites):
    pharmacist = signed_in("pharmacist")

    pharmacist.get("/patients")
    led = "/history" in [link for link in pharmacist.page.links if not link.startswith("/patients")]
    pharmacist.get("/history", status=403)

    assert led is False


@pytest.mark.parametrize("login", READERS)
def test_whoever_may_read_it_is_led_to_it(signed_in, login):
    reader = signed_in(login)

    reader.get("/history")

    assert "/history" in reader.page.links


def test_the_words_are_those_of_the_patients_own_history(nurse, two_sites):
    nurse.get("/history")

    assert "Enrolled patient 01-001: dose level 1, escalation, site 01" in nurse.page.said
    assert "Set Day 1 to Mon 3 Mar 2025." in nurse.page.said
    assert "Mon 24 Feb 2025, 10:00 (Europe/Brussels)" in nurse.page.said


def test_filters_show_their_part_and_keep_what_was_asked(signed_in, two_sites):
    reader = signed_in("medical_monitor")

    reader.get("/history", query={"subject": "02-", "person": "elsewhere", "act": "enrol", "first": "2025-02-24"})

    assert "3 lines found." in reader.page.said
    assert reader.page.form("/history") == {
        "person": "elsewhere",
        "subject": "02-",
        "act": "enrol",
        "first": "2025-02-24",
        "last": "",
        "only": "",
    }
    assert not any("01-001" in word for word in reader.page.words)


def test_a_day_ends_at_midnight_of_the_site(nurse, two_sites):
    for asked, words in (
        ({"first": "2025-02-25"}, "0 lines found."),
        ({"last": "2025-02-23"}, "0 lines found."),
        ({"first": "2025-02-24", "last": "2025-02-24"}, "3 lines found."),
    ):
        nurse.get("/history", query=asked)
        assert words in nurse.page.said


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "24/02/2025"},
        {"last": "9999-12-31"},
        {"person": "nobody"},
        {"act": "x"},
        {"only": "x"},
        {"subject": "x" * 21},
        {"subject": "\u202e"},
    ],
)
def test_what_cannot_be_asked_is_said(nurse, two_sites, asked):
    nurse.get("/history", query=asked, status=422)

    assert "There is a problem" in nurse.page.said


@pytest.mark.parametrize("page", ["0", "-1", "x", "2", "9" * 50, "²"])
def test_a_page_that_is_not_there_is_the_nearest(nurse, two_sites, page):
    nurse.get("/history", query={"page": page})

    assert "Enrolled patient 01-001" in nurse.page.said


def test_more_than_fifty_lines_are_paged_with_their_filters(nurse, office, staff, two_sites):
    for _ in range(60):
        with office.begin(staff["nurse"]) as work:
            history.taken_away(work, two_sites[0], "pdf")

    nurse.get("/history", query={"act": "export"})
    older = next(link for link in nurse.page.links if "page=2" in link)
    nurse.get(older)

    assert nurse.page.said.count("Took away the patient's printed schedule.") == 10
    assert "Page 2 of 2" in nurse.page.said


# ---- reviews


@pytest.mark.parametrize("login", ["monitor", "investigator", "medical_monitor"])
def test_a_review_is_signed_up_to_what_was_shown(signed_in, office, staff, two_sites, written, login):
    reader = signed_in(login)
    reader.get("/history")
    shown = int(reader.page.form("/history/review")["up_to"])
    with office.begin(staff["nurse"]) as work:
        history.taken_away(work, two_sites[0], "pdf")

    reader.post("/history/review", note="two open questions")
    reader.follow()

    assert written("review") == [(login, "history", {"up_to": shown}, False)]
    assert "Your review is signed." in reader.page.said
    assert f"read everything up to number {shown}" in reader.page.said
    assert "Note: two open questions" in reader.page.said
    assert "1 new line since your own review." in reader.page.said
    assert reader.page.text.count('<span class="flag">new</span>') == 1


def test_a_nurse_sees_reviews_and_signs_none(signed_in, nurse, two_sites):
    monitor = signed_in("monitor")
    monitor.post("/history/review", at="/history")

    nurse.get("/history")

    assert "Monitor Person (monitor) read everything up to number" in nurse.page.said
    assert "/history/review" not in nurse.page.text


def test_from_a_filtered_page_nothing_is_signed(signed_in, two_sites):
    monitor = signed_in("monitor")

    monitor.get("/history", query={"subject": "01"})

    assert "/history/review" not in monitor.page.text
    assert "show everything from the newest line on" in monitor.page.said


@pytest.mark.parametrize("up_to", ["", "x", "-1", "999999999", "9" * 40])
def test_a_review_of_what_was_not_shown_is_refused_and_the_note_kept(signed_in, two_sites, written, up_to):
    monitor = signed_in("monitor")

    monitor.post("/history/review", at="/history", up_to=up_to, note="all in order", status=422)

    assert "Nothing was signed" in monitor.page.said
    assert monitor.page.form("/history/review")["note"] == "all in order"
    assert written("review") == []


# ---- copies


def test_a_copy_holds_what_the_filters_show_and_the_head_and_is_itself_written(signed_in, office, two_sites, written):
    reader = signed_in("medical_monitor")
    with office.look(COMMAND_LINE) as work:
        head = str(history.head(work))

    answer = reader.get("/history.csv?subject=02-")

    rows = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert (answer.content_type, answer.headers["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        'attachment; filename="history.csv"',
    )
    assert [row[8] for row in rows[1:-1]] == ["date:registration", "date:day_one", "patient"]
    assert rows[-1] == ["end of the chain", head]
    assert written("export") == [
        ("medical_monitor", "history", {"kind": "csv", "rows": 3, "sought": "subject one"}, False)
    ]


def test_a_formula_in_a_reason_is_words(nurse, two_sites):
    end = f"/patients/{two_sites[0]}/end"
    nurse.read_and_save(end, at=end, because="withdrawal", day="2025-02-24", note='=HYPERLINK("https://evil.example")')

    table = nurse.get("/history.csv").get_data(as_text=True)
    program = nurse.get("/history.json").get_json()

    assert '"\'=HYPERLINK(""https://evil.example"")"' in table
    assert program["rows"][1]["reason"] == '=HYPERLINK("https://evil.example")'


def test_a_copy_of_what_cannot_be_asked_leads_to_the_page_that_says_so(nurse, two_sites):
    nurse.get("/history.csv?first=never", status=303)

    nurse.get(nurse.response.headers["Location"], status=422)

    assert "'never' is no day." in nurse.page.said


# ---- what is written beside


def test_a_file_taken_away_is_written(nurse, two_sites, written):
    for kind in ("ics", "pdf"):
        nurse.get(f"/patients/{two_sites[0]}/visits.{kind}")

    assert written("export") == [
        ("nurse", "export:ics", {"kind": "ics"}, True),
        ("nurse", "export:pdf", {"kind": "pdf"}, True),
    ]


def test_a_page_refused_is_written_with_its_name_and_method(nurse, two_sites, written):
    nurse.get("/staff", status=403)
    nurse.client.post("/staff/new")

    assert written("denied") == [
        ("nurse", "page", {"endpoint": "accounts.staff", "method": "GET"}, False),
        ("nurse", "page", {"endpoint": "accounts.new", "method": "POST"}, False),
    ]


def test_nothing_is_written_of_whoever_is_not_signed_in(browser, two_sites, written):
    browser.get("/staff", status=303)
    browser.client.post("/staff/new")

    assert written("denied") == []


def test_a_sign_in_a_failed_one_and_a_sign_out_are_written(browser, written):
    browser.get("/sign-in")
    browser.post("/sign-in", login="nurse", password="wrong" * 4, status=422)
    browser.sign_in("nurse")
    browser.post("/sign-out", at="/patients")

    assert [[login for login, *_ in written(act)] for act in ("failed_sign_in", "sign_in", "sign_out")] == [
        [""],
        ["nurse"],
        ["nurse"],
    ]


def test_the_answer_is_the_same_where_nothing_can_be_written(nurse, two_sites, database, caplog):
    """A disk that is full, a server that only reads for a moment."""
    visits = f"/patients/{two_sites[0]}/visits.ics"
    with database.engine.connect() as holder:
        holder.exec_driver_sql("ALTER TABLE audit RENAME TO away")
        holder.commit()
        try:
            answers = [nurse.client.get(path).status_code for path in ("/staff", visits)]
        finally:
            holder.exec_driver_sql("ALTER TABLE away RENAME TO audit")
            holder.commit()

    assert answers == [403, 200]
    assert [r.message.partition(":")[0] for r in caplog.records if r.name == "planner.web"] == [
        "not written in the history"
    ] * 2
