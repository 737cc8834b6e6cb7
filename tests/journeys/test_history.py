"""The page of the history in a real browser: on a phone, without JavaScript, from the filters to the signature."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
PASSWORD = "correct horse battery"


@pytest.fixture
def phone(chromium, served, enrolled):
    """A page in which that person is signed in, without JavaScript; a patient is enrolled."""
    enrolled()
    contexts = []

    def open_one(login, **options):
        context = chromium.new_context(viewport={"width": 390, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{served}/sign-in")
        page.get_by_label("E-mail address or user name").fill(login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield open_one
    for context in contexts:
        context.close()


def kept_out(page):
    """What axe finds, and how many pixels the page is wider than the phone."""
    found = [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found, wide


@pytest.mark.parametrize("login", ["monitor", "admin"])
@pytest.mark.parametrize("query", ["", "?subject=01", "?first=never", "?act=enrol&person=nobody"])
def test_the_page_keeps_nobody_out(phone, served, login, query):
    page = phone(login)

    page.goto(f"{served}/history{query}")

    assert kept_out(page) == ([], 0)


def test_a_monitor_reads_and_signs_without_javascript(phone, served):
    page = phone("monitor", java_script_enabled=False)
    page.goto(f"{served}/patients")

    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_label("Note").fill("all in order")
    page.get_by_role("button", name="I reviewed everything up to here").click()

    assert page.get_by_text("Your review is signed.").count() == 1
    assert page.get_by_text("Note: all in order").count() == 2
    assert page.get_by_text("No new lines since your own review.").count() == 1
