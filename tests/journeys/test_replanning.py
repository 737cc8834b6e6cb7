"""Re-planning with the keyboard alone, without JavaScript: a repair chosen, a start moved, two times exchanged.

Day 1 is Monday 3 March 2025 and it is 24 February. FOLFOX 6 is booked on Monday 12 May. On Tuesday 10 June it leaves
surgery no day: 28 days later is 8 July, and surgery is until Sunday 6 July. The nearest day that leaves one is Friday
6 June, 28 days before Friday 4 July.
"""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from axe_playwright_python.sync_playwright import Axe

from planner.services import cases, visits
from planner.services.visits import How, Start

PASSWORD = "correct horse battery"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
ONE_ENGINE = pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
BOOKED = {"C3D1": date(2025, 3, 31), "C5D1": date(2025, 4, 28), "C6D1": date(2025, 5, 12)}


@pytest.fixture
def book(office, staff):
    def do(public_id, code, day, at=9):
        with office.begin(staff["nurse"]) as work:
            seen = cases.case(work, public_id).patient.version
            visits.book(work, public_id, seen, code, day, "", How(Start(time(at))))

    return do


@pytest.fixture
def patient(enrolled, ward, book):
    public_id = enrolled("01-001")
    for code, day in BOOKED.items():
        book(public_id, code, day)
    return public_id


@pytest.fixture
def lone(enrolled, ward, book):
    """A patient with FOLFOX 3 alone, on Tuesday 1 April at 09:00."""
    public_id = enrolled("01-003")
    book(public_id, "C3D1", date(2025, 4, 1))
    return public_id


@pytest.fixture
def other(enrolled, ward, book):
    """A second patient, with FOLFOX 3 on Wednesday 2 April at 11:00."""
    public_id = enrolled("01-002")
    book(public_id, "C3D1", date(2025, 4, 2), 11)
    return public_id


@pytest.fixture
def days(office, staff):
    def read(public_id):
        with office.look(staff["nurse"]) as work:
            return {code: fact.day for code, fact in cases.case(work, public_id).facts.visits.items()}

    return read


def says(page, role="status"):
    return " ".join(page.get_by_role(role).first.inner_text().split())


def to_a_day_too_late(page, here):
    page.goto(f"{here}/visits/C6D1/replan")
    page.get_by_role("radio", name="It is moved to a day, earlier or later", exact=True).focus()
    page.keyboard.press("Space")
    page.locator("input[name='day']").fill("2025-06-10")
    page.get_by_role("button", name="Show what it does").press("Enter")


@WIDTHS
@ONE_ENGINE
def test_a_repair_is_chosen_read_saved_and_taken_back(opened, served, patient, days, width):
    page, here = opened("nurse"), f"{served}/patients/{patient}"

    to_a_day_too_late(page, here)
    stuck = says(page)
    page.get_by_role("button", name=re.compile("book FOLFOX 6")).press("Enter")
    brings = says(page)
    page.locator("select[name='cause']").select_option("low blood counts")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    saved, moved = says(page), days(patient)
    page.goto(f"{here}/history")
    page.get_by_role("button", name="Take the last act back").press("Enter")

    assert "There is no legal plan." in stuck
    assert "Chosen: book FOLFOX 6 (C6D1) on another day." in brings
    assert "FOLFOX 6 (C6D1) Mon 12 May 2025, 9:00, Chair 1 Fri 6 Jun 2025, 9:00, Chair 1" in brings
    assert (saved[:6], says(page)[:12]) == ("Saved:", "Taken back: ")
    assert (moved, days(patient)) == (BOOKED | {"C6D1": date(2025, 6, 6)}, BOOKED)


@WIDTHS
@ONE_ENGINE
def test_a_start_is_moved_after_what_it_does_is_read(opened, served, enrolled, office, staff, width):
    page, public_id = opened("nurse"), enrolled("01-001")
    page.goto(f"{served}/patients/{public_id}/dates/day_one")

    page.locator("input[name='day']").fill("2025-03-10")
    page.get_by_role("button", name="Show what it does").press("Enter")
    shown = says(page)
    page.locator("select[name='cause']").select_option("the patient's wish")
    page.get_by_role("button", name="Save", exact=True).press("Enter")

    assert "FOLFOX 1 (C1D1) Mon 3 Mar 2025 Mon 10 Mar 2025" in shown
    assert says(page).startswith("Saved")
    with office.look(staff["nurse"]) as work:
        assert cases.case(work, public_id).facts.dates["day_one"] == date(2025, 3, 10)


@WIDTHS
@ONE_ENGINE
def test_two_times_are_exchanged(opened, served, lone, other, days, width):
    page = opened("nurse")
    page.goto(f"{served}/patients/{lone}/visits/C3D1")
    page.get_by_role("link", name=re.compile("Exchange its time")).press("Enter")

    page.get_by_role("button", name="Show what it does").press("Enter")
    shown = says(page)
    page.get_by_role("button", name="Exchange the two").press("Enter")

    assert "01-003: As asked (1)" in shown
    assert "01-002: As asked (1)" in shown
    assert says(page).startswith("Saved")
    assert (days(lone)["C3D1"], days(other)["C3D1"]) == (date(2025, 4, 2), date(2025, 4, 1))


def audited(page):
    """What axe finds, and by how many pixels the page is too wide."""
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [rule["id"] for rule in found], wide


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@ONE_ENGINE
def test_these_pages_keep_nobody_out(  # noqa: PLR0917  # pytest hands its fixtures over
    chromium, served, staff, patient, lone, other, width, scheme
):
    here = f"{served}/patients/{patient}"
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, answers = context.new_page(), {}
    page.goto(f"{served}/sign-in")
    page.get_by_label("E-mail address or user name").fill("nurse")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    to_a_day_too_late(page, here)
    answers["stuck"] = audited(page)
    page.get_by_role("button", name="Show what it brings").last.click()
    answers["overruled"] = audited(page)
    swap = f"{served}/patients/{lone}/visits/C3D1/swap"
    for path, day in ((f"{here}/dates/day_one", "2025-03-10"), (f"{here}/end", "2025-02-24"), (swap, "")):
        page.goto(path)
        if day:
            page.locator("input[name='day']").fill(day)
        page.get_by_role("button", name="Show what it does").click()
        answers[path] = audited(page)
    context.close()

    assert answers == dict.fromkeys(answers, ([], 0))
