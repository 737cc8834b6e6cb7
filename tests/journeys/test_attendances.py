"""NO-GO and its repeat, two visits in one attendance, the week on paper: with the keyboard alone, without JavaScript.

The patient is registered on 10 February 2025, Day 1 is Monday 3 March. It is Friday 14 March: the bloods for FOLFOX 2,
planned on Monday 17 March, are taken. Surgery is booked on Monday 23 June: day 60 is from 22 to 29 August, month 7 from
27 August on.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

import pytest
from axe_playwright_python.sync_playwright import Axe

from planner.services import cases, visits
from planner.services.visits import How, Start
from tests.journeys.steps import choose, take

PASSWORD = "correct horse battery"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
ONE_ENGINE = pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine


@pytest.fixture
def patient(office, clock, enrolled, staff, ward):
    """The patient's public id, with surgery booked, on the Friday of the bloods."""
    public_id = enrolled(registration=date(2025, 2, 10))
    with office.begin(staff["nurse"]) as work:
        visits.book(work, public_id, cases.case(work, public_id).patient.version, "RES", date(2025, 6, 23))
    clock.now = datetime(2025, 3, 14, 10, tzinfo=UTC)
    return public_id


def says(page, role="status"):
    return " ".join(page.get_by_role(role).first.inner_text().split())


def tick(page, label, within):
    page.locator(within).get_by_role("radio", name=label, exact=True).focus()
    page.keyboard.press("Space")


def audited(page):
    """What axe finds, and by how many pixels the page is too wide."""
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [rule["id"] for rule in found], wide


def record_no_go(page, here):
    page.goto(f"{here}/visits/C2P")
    form = "form[action$='/record']"
    page.locator(f"{form} input[name='record-day']").fill("2025-03-14")
    tick(page, "NO-GO", form)
    page.locator(f"{form} [name='record-decided_by']").fill("Dr Maes")
    page.get_by_role("button", name="Save the record").press("Enter")


def put_off(page, here):
    """FOLFOX 2 a week later, for low blood counts."""
    page.goto(f"{here}/visits/C2D1")
    waits = page.locator("aside").inner_text()
    choose(page, "2025-03-24")
    page.locator("[name='book-cause']").select_option("low blood counts")
    take(page, "10:00")
    return " ".join(waits.split())


@WIDTHS
@ONE_ENGINE
def test_a_no_go_puts_treatment_off_and_its_bloods_are_repeated(opened, served, patient, width):
    page, here = opened("nurse"), f"{served}/patients/{patient}"

    record_no_go(page, here)
    recorded = says(page)
    waits = put_off(page, here)
    moved = says(page)
    page.goto(f"{here}/visits/C2P")
    first = " ".join(page.locator("aside").inner_text().split())
    page.goto(f"{here}/visits/C2P.2")
    choose(page, "2025-03-24")
    take(page, "08:00")

    assert [said.startswith("Saved") for said in (recorded, moved, says(page))] == [True] * 3
    assert "waits for a GO: the last word, at Bloods before FOLFOX 2 (C2P) on Fri 14 Mar 2025, is NO-GO" in waits
    assert "NO-GO, Dr Maes" in first
    assert "early" not in first  # judged against 17 March, for which they were taken


@WIDTHS
@ONE_ENGINE
def test_two_visits_are_combined_booked_together_and_the_week_is_printed(opened, served, patient, clock, width):
    page, here = opened("nurse"), f"{served}/patients/{patient}"

    page.goto(f"{here}/visits/M7")
    page.get_by_role("button", name="Combine the two").press("Enter")
    combined = says(page)
    page.goto(f"{here}/visits/P60")
    choose(page, "2025-08-27")
    take(page, "09:00")
    booked = says(page)
    page.goto(f"{here}/visits/M7")
    guest = " ".join(page.locator("main").inner_text().split())
    clock.now = datetime(2025, 8, 25, 8, tzinfo=UTC)
    page.goto(f"{served}/week")
    printed = page.pdf(prefer_css_page_size=True)

    assert [said.startswith("Saved") for said in (combined, booked)] == [True, True]
    assert "is combined with Post-operative day 60 (P60): the two are booked and recorded there, on one day." in guest
    assert "Booked Wed 27 Aug 2025" in guest
    assert printed.count(b"/Type /Page\n") == 1


@WIDTHS
@ONE_ENGINE
def test_these_pages_keep_nobody_out(chromium, served, staff, ward, patient, width):
    here = f"{served}/patients/{patient}"
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{served}/sign-in")
    page.get_by_label("E-mail address or user name").fill("nurse")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    record_no_go(page, here)
    put_off(page, here)
    page.goto(f"{here}/visits/M7")
    page.get_by_role("button", name="Combine the two").click()

    def wrong(path):
        page.goto(f"{here}/visits/{path}")
        return audited(page)

    answers = {path: wrong(path) for path in ("C2P", "C2P.2", "C2D1", "C2D3", "M7", "P60", "C3D1/replan")}
    page.locator("input[name='days']").fill("7")
    page.get_by_role("button", name="Show what it does").click()
    answers["what it does"] = audited(page)
    page.goto(f"{here}/history")
    answers["history"] = audited(page)
    context.close()

    assert answers == dict.fromkeys(answers, ([], 0))


@WIDTHS
@ONE_ENGINE
def test_a_cycle_is_put_off_read_saved_and_taken_back(opened, served, office, staff, patient, width):
    """FOLFOX 2 and 3 are booked on 17 and 31 March; a week later they are on 24 March and 7 April."""
    page, here = opened("nurse"), f"{served}/patients/{patient}"
    with office.begin(staff["nurse"]) as work:
        for number, day in ((2, date(2025, 3, 17)), (3, date(2025, 3, 31))):
            version = cases.case(work, patient).patient.version
            how = How(Start(time(9)))
            visits.book(work, patient, version, f"C{number}D1", day, "", how)

    page.goto(f"{here}/visits/C2D1")
    page.get_by_role("link", name="Re-plan FOLFOX 2 (C2D1)").press("Enter")
    page.locator("input[name='days']").fill("7")
    page.get_by_role("button", name="Show what it does").press("Enter")
    shown = says(page)
    page.locator("select[name='cause']").select_option("low blood counts")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    saved = says(page)
    page.goto(f"{here}/history")
    page.get_by_role("button", name="Take the last act back").press("Enter")

    for was, becomes in (
        ("2 (C2D1) Mon 17 Mar 2025", "Mon 24 Mar 2025"),
        ("3 (C3D1) Mon 31 Mar 2025", "Mon 7 Apr 2025"),
    ):
        assert re.search(rf"FOLFOX {re.escape(was)}, 9:00, [\w ]+ {becomes}, 9:00, ", shown)
    assert (saved[:6], says(page)[:12]) == ("Saved:", "Taken back: ")
    with office.look(staff["nurse"]) as work:
        known = cases.case(work, patient).facts.visits
    assert [(known[code].day, known[code].at) for code in ("C2D1", "C3D1")] == [
        (date(2025, 3, 17), time(9)),
        (date(2025, 3, 31), time(9)),
    ]
