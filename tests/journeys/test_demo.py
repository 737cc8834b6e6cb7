"""A new nurse's first hour in the demo that `./run demo` starts, with and without JavaScript."""

import shutil
from datetime import date, timedelta

import pytest
from holidays import country_holidays
from icalendar import Calendar

from tests.conftest import unused_port
from tests.served import Served

BELGIUM = country_holidays("BE")


def tuesday():
    """A Tuesday three weeks ahead on which the ward is open."""
    day = date.today() + timedelta(days=21)  # noqa: DTZ011  # the demo lives on the real day of this machine
    while day.weekday() != 1 or day in BELGIUM:
        day += timedelta(days=1)
    return day


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of a demo that was started on this day and ended: its thirty patients take a while to make."""
    place = tmp_path_factory.mktemp("demo")
    first = Served(place / "said.txt", unused_port(), "--data", place / "data", measured=False)
    try:
        first.wait()
    finally:
        first.end()
    return place / "data"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request, chromium, serve, begun, tmp_path):
    demo = serve("--data", shutil.copytree(begun, tmp_path / "demo"), measured=False)
    context = chromium.new_context(java_script_enabled=request.param, accept_downloads=True)
    found = context.new_page()
    found.goto(demo.address)
    found.get_by_label("E-mail address or user name").fill("nurse")
    found.get_by_label("Password", exact=True).fill(demo.passwords["nurse"])
    found.get_by_role("button", name="Sign in").click()
    yield found
    context.close()


def taken_away(page, link, where="main"):
    with page.expect_download() as download:
        page.locator(where).get_by_role("link", name=link).click()
    with open(download.value.path(), "rb") as file:  # noqa: PTH123  # a path of the browser's own
        return file.read()


@pytest.mark.enable_socket
def test_enrol_book_record_and_take_away(page):
    day_one = tuesday()
    page.get_by_role("link", name="Patients", exact=True).click()
    assert page.get_by_text("30 patients at your sites.").is_visible()

    page.get_by_role("link", name="Enrol a patient").click()
    page.get_by_label("Subject number").fill("01-031")
    page.get_by_label("Planned Day 1").fill(day_one.isoformat())
    page.get_by_role("button", name="Enrol").click()
    assert page.get_by_role("status").inner_text() == "Patient 01-031 is enrolled."

    visits = page.get_by_role("region", name="Table of visits")
    visits.get_by_role("link", name="FOLFOX 1", exact=True).click()
    page.locator("label", has=page.locator(f"input[value='{day_one}']")).click()
    page.get_by_role("button", name="Show the free times").click()
    page.get_by_role("radio", name="09:00", exact=True).check()
    page.get_by_role("button", name="Book this day").click()
    assert page.get_by_role("status").inner_text().startswith("Saved: FOLFOX 1 booked on ")

    visits.get_by_role("link", name="Consent and screening", exact=True).click()
    page.get_by_role("radio", name="It took place").check()
    page.get_by_label("Day on which it took place").fill(date.today().isoformat())  # noqa: DTZ011  # as above
    page.locator("[name='record-cause']").select_option("the patient's wish")  # the day may lie outside the window
    page.get_by_role("button", name="Save the record").click()
    assert page.get_by_role("status").inner_text().startswith("Saved: Consent and screening took place on ")

    events = Calendar.from_ical(taken_away(page, "iCalendar file")).walk("VEVENT")
    assert day_one in {getattr(event["dtstart"].dt, "date", lambda e=event: e["dtstart"].dt)() for event in events}
    page.get_by_role("link", name="Print", exact=True).click()
    assert taken_away(page, "English", "[aria-labelledby=sheet]")[:5] == b"%PDF-"
