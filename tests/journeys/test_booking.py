"""A ward with one chair, without JavaScript and with the keyboard alone: book a time, come second, deviate, look."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.steps import choose, take

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
def test_a_day_a_time_and_nothing_twice(opened, served, enrolled, width):
    """14 April 2025 is the target of FOLFOX 4; the chair holds one from 8:00 and one from 12:30."""
    first, second = opened("nurse"), opened("investigator")
    mine, other = (f"{served}/patients/{enrolled(number)}" for number in ("01-001", "01-002"))
    for page, here in ((first, mine), (second, other)):
        page.goto(f"{here}/visits/C4D1")
        choose(page, "2025-04-14")

    take(first, "09:00")
    take(second, "09:00")
    told = second.get_by_role("alert").inner_text()
    take_times = second.get_by_role("radio").filter(visible=True).count()
    choose(second, "2025-04-22")
    take(second, "08:00")
    refused = second.get_by_role("alert").inner_text()
    second.locator("[name='book-cause']").select_option("no room on the ward")
    second.get_by_role("button", name="Book this day").press("Enter")

    assert first.get_by_role("status").inner_text().startswith("Saved: ")
    assert "This time is taken, there or by this patient." in told
    assert take_times > 0
    assert "give its reason, or choose another day" in " ".join(refused.split())
    assert second.get_by_role("status").inner_text().startswith("Saved: ")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)
def test_the_pages_of_the_ward_keep_nobody_out(chromium, served, staff, ward, enrolled, width):
    here = f"{served}/patients/{enrolled()}"
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()

    def sign_in(login):
        context.clear_cookies()
        page.goto(f"{served}/sign-in")
        page.get_by_label("E-mail address or user name").fill(login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    def wrong(path):
        assert path is None or page.goto(path).status == 200
        found = Axe().run(page).response["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [rule["id"] for rule in found], wide

    sign_in("nurse")
    answers = {path: wrong(f"{here}/{path}") for path in ("visits/C4D1", "unscheduled", "absences")}
    page.goto(f"{here}/visits/C4D1")
    page.locator("label", has=page.locator("input[value='2025-04-14']")).click()
    page.get_by_role("button", name="Show the free times").click()
    answers["times"] = wrong(None)
    answers["infusion"] = wrong(f"{here}/visits/N1")
    sign_in("admin")
    answers |= {path: wrong(f"{served}/{path}") for path in ("sites", "sites/01")}
    page.get_by_role("link", name="Hours of Chair 1").click()
    answers["hours"] = wrong(None)
    context.close()

    assert answers == dict.fromkeys(answers, ([], 0))
