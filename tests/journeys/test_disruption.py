"""A week closes: what it does is read, it is closed, all is accepted and one is taken back; with the keyboard alone."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from axe_playwright_python.sync_playwright import Axe

from planner.core.calendar import Closure
from planner.core.staff import COMMAND_LINE
from planner.services import cases, sites, visits
from planner.services.visits import How, Start

BOOKED = {"C4D1": date(2025, 4, 14), "C5D1": date(2025, 4, 28), "C6D1": date(2025, 5, 12)}


@pytest.fixture
def two(office, staff, ward, enrolled):
    """FOLFOX 4 to 6 of two patients on Mondays, in the one chair at 8:00 and at 12:30."""
    found = [enrolled(number) for number in ("01-001", "01-002")]
    for public_id, at in zip(found, (time(8), time(12, 30)), strict=True):
        for code, day in BOOKED.items():
            with office.begin(staff["nurse"]) as work:
                version = cases.case(work, public_id).patient.version
                visits.book(work, public_id, version, code, day, how=How(Start(at)))
    return found


def press(page, name):
    page.get_by_role("button", name=name, exact=True).press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
def test_a_week_is_closed_and_all_is_accepted_and_one_taken_back(opened, served, two, width):
    """FOLFOX 5 goes to Monday 5 May, 4 days late, FOLFOX 6 to the 19th, each patient at their time."""
    admin, nurse = opened("admin"), opened("nurse")
    admin.goto(f"{served}/sites/01")
    admin.get_by_role("link", name="See what closing days would do").press("Enter")
    for label, day in (("First closed day", "2025-04-28"), ("Last closed day", "2025-05-02")):
        admin.get_by_label(label).fill(day)
    admin.get_by_label("Reason").fill("works")
    press(admin, "Show what it does")
    read = admin.locator(".lead").inner_text()
    press(admin, "Close these days")

    nurse.goto(f"{served}/today")
    nurse.get_by_role("link", name=re.compile("^2 booked visits stand on closed days")).press("Enter")
    waiting = nurse.locator(".lead").inner_text()
    nurse.get_by_label("Reason", exact=True).last.select_option("holiday or closed day")
    press(nurse, "Accept all")
    saved = nurse.get_by_role("status").inner_text()
    nurse.goto(f"{served}/patients/{two[0]}/history")
    press(nurse, "Take the last act back")
    back = nurse.get_by_role("status").inner_text()
    nurse.goto(f"{served}/sites/01/disruption")

    numbers = "2 patients, 2 bookings hit; 4 bookings change; shifting everything would change 4."
    assert read == f"If 28 Apr to 2 May 2025 are closed: {numbers}"
    assert waiting == numbers
    assert saved.startswith("Saved: 2 patients have new days now (01-001, 01-002).")
    assert back.startswith("Taken back: ")
    assert nurse.locator(".lead").inner_text() == (
        "1 patient, 1 booking hit; 2 bookings change; shifting everything would change 2."
    )
    assert nurse.get_by_text("Mon 5 May 2025, 8:00, Chair 1").count() == 1


ASKED = "/sites/01/disruption?where=&first=2025-05-12&last=2025-05-12&name=strike"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)
def test_what_waits_and_what_is_asked_for_keep_nobody_out(chromium, office, served, two, width):
    """As the nurse and as the administrator, in light and in dark."""
    with office.begin(COMMAND_LINE) as work:
        sites.close(work, "01", Closure(date(2025, 4, 28), date(2025, 5, 2), name="works"))
    wrong = {}
    for login, scheme in (("nurse", "light"), ("admin", "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{served}/sign-in")
        page.get_by_label("E-mail address or user name").fill(login)
        page.get_by_label("Password", exact=True).fill("correct horse battery")
        page.get_by_role("button", name="Sign in").click()
        for path in ("/sites/01/disruption", ASKED):
            status = page.goto(f"{served}{path}").status
            found = [rule["id"] for rule in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong[login, path] = status, found, wide
        context.close()

    assert set(map(str, wrong.values())) == {"(200, [], 0)"}
