"""A nurse's first hour: sign in, enrol, book a day, record a visit, take the calendar file and the print away."""

import re

import pytest
from icalendar import Calendar

PASSWORD = "correct horse battery"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request, chromium, served, staff):
    context = chromium.new_context(java_script_enabled=request.param, accept_downloads=True)
    found = context.new_page()
    found.goto(f"{served}/")
    yield found
    context.close()


def sign_in(page):
    page.get_by_label("E-mail address or user name").fill("nurse")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def enrol(page):
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name="Enrol a patient").click()
    page.get_by_label("Subject number").fill("01-031")
    page.get_by_label("Registration").fill("2025-02-24")
    page.get_by_label("Planned Day 1").fill("2025-03-03")
    page.get_by_role("button", name="Compare start days").click()
    assert page.get_by_text("Start days compared").is_visible()
    page.get_by_role("button", name="Enrol").click()


def _said(page):
    return page.get_by_role("status").inner_text()


def open_visit(page, name):
    page.get_by_role("region", name="Table of visits").get_by_role("link", name=name, exact=True).click()


def taken_away(page, link, where="main"):
    with page.expect_download() as download:
        page.locator(where).get_by_role("link", name=link).click()
    with open(download.value.path(), "rb") as file:  # noqa: PTH123  # a path of the browser's own
        return download.value.suggested_filename, file.read()


def test_the_first_hour_of_a_nurse(page):
    """The clock stands on Monday 24 February 2025. Of Day 99 to 126, Whit Monday and the last weekend are closed."""
    sign_in(page)
    enrol(page)
    assert page.get_by_role("heading", level=1).inner_text() == "01-031"
    assert page.get_by_text("25 days left").count() == 1

    open_visit(page, "FOLFOX 1")
    page.locator("label", has=page.locator("input[value='2025-03-03']")).click()
    page.get_by_role("button", name="Book this day").click()
    assert _said(page) == "Saved: FOLFOX 1 booked on Monday 3 March 2025. No other visit moved."

    open_visit(page, "Registration")
    page.get_by_role("radio", name="It took place").check()
    page.get_by_label("Day on which it took place").fill("2025-02-24")
    page.get_by_role("button", name="Save the record").click()
    assert _said(page) == "Saved: Registration took place on Monday 24 February 2025. No other visit moved."

    name, content = taken_away(page, "iCalendar file")
    assert name == "visits.ics"
    starts = {str(event["dtstart"].dt) for event in Calendar.from_ical(content).walk("VEVENT")}
    assert "2025-03-03" in starts
    page.get_by_role("link", name="Print", exact=True).click()
    for paper, called in (("sheet", "sheet.pdf"), ("booklet", "visits.pdf")):
        name, content = taken_away(page, "Nederlands", f"[aria-labelledby={paper}]")
        assert (name, content[:5]) == (called, b"%PDF-")
        assert b"01-031" not in content
    page.go_back()

    page.get_by_role("main").get_by_role("link", name="History", exact=True).click()
    told = page.get_by_role("main").inner_text()
    assert re.findall(r"^(?:Booked|Recorded).*$", told, re.MULTILINE) == [
        "Recorded that Registration (REG) took place, Mon 24 Feb 2025.",
        "Booked FOLFOX 1 (C1D1) on Mon 3 Mar 2025.",
    ]


def test_a_day_outside_the_window_is_booked_with_the_keyboard_alone(page):
    """FOLFOX 4 has 14 to 17 April; Tuesday 22 April, after Easter, is five days late and needs a reason."""
    sign_in(page)
    enrol(page)
    open_visit(page, "FOLFOX 4")

    page.locator("input[value='2025-04-22']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Book this day").press("Enter")
    refused = page.get_by_role("alert").inner_text()
    page.locator("[name='book-cause']").select_option("low blood counts")
    page.get_by_role("button", name="Book this day").press("Enter")

    assert " ".join(refused.split()) == (
        "There is a problem This is a deviation from the protocol (expected 5 days late (window 14 Apr to 17 Apr "
        "2025)): give its reason, or choose another day."
    )
    assert _said(page).startswith("Saved: ")
