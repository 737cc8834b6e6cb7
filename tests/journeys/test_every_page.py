"""Every page in a real browser: nothing that keeps people out (axe), nothing wider than the screen, in both schemes."""

import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
PASSWORD = "correct horse battery"
AS = {
    "accounts.new": "admin",
    "accounts.staff": "admin",
    "patients.decide": "investigator",
    "patients.home": "nurse",
    "resources.listing": "admin",
    "resources.show": "admin",
}
PUBLIC = ("accounts.sign_in", "accounts.welcome", "portal.link", "portal.show")
NO_PAGE = {
    "deviations.paper",
    "deviations.table",
    "feeds.show",
    "healthz",
    "history.take_away",
    "patients.home",
    "patients.take_away",
    "portal.take_away",
    "prints.binder",
    "prints.sheet",
    "prints.week",
    "resources.hours",  # looked at where there is a place: test_booking.py
    "static",
}
CODES = {
    "courses.redate": ["day_one", "registration"],
    "patients.decide": ["resectable"],
    "disruption.show": ["01"],
    "resources.show": ["01"],
    "visits.show": ["C4D1", "N2", "RES", "C1D1", "REG", "C1D3"],
}


def page_addresses(app, public_id):
    """Every page that can be asked for, with who asks for it: from the map of routes itself."""
    urls = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in NO_PAGE:
            continue
        who = None if rule.endpoint in PUBLIC else AS.get(rule.endpoint, "nurse")
        for code in CODES.get(rule.endpoint, ["C4D1"]):
            values = {"public_id": public_id, "code": code, "token": "B" * 43}
            yield who, urls.build(rule.endpoint, {name: values[name] for name in rule.arguments})


@pytest.fixture
def under_treatment(clock, enrolled):
    """The worked example, seen in the sixth week: overdue visits, a picture, a month."""
    public_id = enrolled()
    clock.now = datetime(2025, 4, 10, 9, tzinfo=UTC)
    return public_id


@pytest.fixture
def signed_in_page(chromium, served):
    """A page of a browser in which that person is signed in."""
    contexts = []

    def open_one(login, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        if login is not None:
            page.goto(f"{served}/sign-in")
            page.get_by_label("E-mail address or user name").fill(login)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
        return page

    yield open_one
    for context in contexts:
        context.close()


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]


def too_wide(page):
    """How many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def looked_at(app, served, signed_in_page, under_treatment):
    """Goes through every page, and says what `faults` finds wrong with which."""

    def go(faults, **options):
        wrong, pages = {}, {}
        for who, path in page_addresses(app, under_treatment):
            if who not in pages:
                pages[who] = signed_in_page(who, **options)
            assert pages[who].goto(f"{served}{path}").status == 200, path
            found = faults(pages[who])
            if found:
                wrong[path] = found
        return wrong

    return go


def kept_out(page):
    found = violations(page), too_wide(page)
    return found if found != ([], 0) else None


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),  # each width and each scheme is seen above already
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
def test_no_page_keeps_anybody_out(looked_at, width, scheme):
    wrong = looked_at(kept_out, viewport={"width": width, "height": 900}, color_scheme=scheme)

    assert wrong == {}


def test_the_list_holds_with_nobody_and_with_36(served, staff, enrolled, signed_in_page):
    page = signed_in_page("nurse", viewport={"width": 390, "height": 900})
    page.goto(f"{served}/patients")
    empty = violations(page), too_wide(page)
    for number in range(1, 37):
        enrolled(f"01-{number:03}", dose_level=1 + number % 3)

    page.goto(f"{served}/patients")

    assert (empty, (violations(page), too_wide(page))) == (([], 0), ([], 0))
    assert page.get_by_role("row").count() == 37


@pytest.mark.parametrize("path", ["/today", "/week", "/deviations?first=x", "/search?q=-001"])
def test_the_pages_of_several_sites_hold_too(served, staff, enrolled, signed_in_page, path):
    enrolled("01-001")
    enrolled("02-001", site="02")
    page = signed_in_page("medical_monitor", viewport={"width": 390, "height": 900})

    page.goto(f"{served}{path}")

    assert (violations(page), too_wide(page)) == ([], 0)


def test_error_pages_hold_too(served, staff, signed_in_page):
    page = signed_in_page("nurse", viewport={"width": 390, "height": 900})

    answers = {path: page.goto(f"{served}{path}").status for path in ("/staff", "/nowhere", "/patients/unknown")}

    assert answers == {"/staff": 403, "/nowhere": 404, "/patients/unknown": 404}
    assert (violations(page), too_wide(page)) == ([], 0)


def test_at_twice_the_size_nothing_is_lost(looked_at):
    """A window of 1280 px at 200 % shows what one of 640 px shows (WCAG 1.4.4, 1.4.10)."""
    wrong = looked_at(too_wide, viewport={"width": 640, "height": 450}, device_scale_factor=2)

    assert wrong == {}


def test_the_keyboard_goes_from_the_top_down(served, staff, under_treatment, signed_in_page):
    """Skip link, product, navigation, search, sign out, then the page from its head on: never backwards."""
    page = signed_in_page("nurse", viewport={"width": 1280, "height": 900})
    page.goto(f"{served}/patients/{under_treatment}")
    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))

    nav = ["Today", "Week", "Ward", "Patients", "Deviations", "Protocol"]
    assert seen[:8] == ["Skip to the main content", "◐ Visit planner", *nav]
    search = seen.index("")
    assert seen[search : search + 4] == ["", "Find /", "Sign out", "Patients"]
    assert seen[search + 5].startswith("Book next")


def test_the_search_is_a_key_away(served, staff, signed_in_page):
    page = signed_in_page("nurse")
    page.goto(f"{served}/patients")

    page.keyboard.press("/")
    page.keyboard.type("01-002")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/search[?]q=01-002$"))
    assert page.get_by_role("heading", level=1).inner_text() == "Search"


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_one_visit_is_a_key_and_its_name_away_from_anywhere(served, staff, under_treatment, signed_in_page, key):
    page = signed_in_page("nurse")
    page.goto(f"{served}/protocol")

    page.keyboard.press(key)
    page.keyboard.type("01-001 C4D1")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(f"/patients/{under_treatment}/visits/C4D1$"))


def test_what_is_soon_is_folded_after_six_patients_and_printed_whole(served, staff, enrolled, clock, signed_in_page):
    """Eight patients of whom the same is soon: two are folded away, each a click away, and all are on paper."""
    for number in range(1, 9):
        enrolled(f"01-{number:03}")
    clock.now = datetime(2025, 2, 27, 9, tzinfo=UTC)
    page = signed_in_page("nurse", java_script_enabled=False)
    page.goto(f"{served}/today")
    soon = page.get_by_role("region", name="Soon")

    folded = [soon.get_by_role("link", name=f"01-00{n}", exact=True).is_visible() for n in (6, 7, 8)]
    page.emulate_media(media="print")
    printed = [soon.locator("h3").nth(n).is_visible() for n in range(8)]
    page.emulate_media(media="screen")
    soon.get_by_text("2 more patients, less urgent").click()

    assert (folded, printed) == ([True, False, False], [True] * 8)
    assert soon.get_by_role("link", name="01-008", exact=True).is_visible()


def test_a_patient_is_a_card_of_two_lines_on_a_phone(served, staff, under_treatment, signed_in_page):
    page = signed_in_page("nurse", viewport={"width": 390, "height": 900})
    page.goto(f"{served}/patients")

    row = page.locator("tbody tr")
    assert row.bounding_box()["height"] <= 80
    assert row.inner_text().split()[0] == "01-001"


@pytest.mark.parametrize("path", ["/today", "/week"])
def test_today_and_the_week_print_on_one_page_across(served, staff, enrolled, clock, signed_in_page, path):
    """Six patients in one week: what a site of this trial has at most at once."""
    for number in range(1, 7):
        enrolled(f"01-{number:03}")
    clock.now = datetime(2025, 3, 3, 9, tzinfo=UTC)
    page = signed_in_page("nurse")
    page.goto(f"{served}{path}")

    printed = page.pdf(prefer_css_page_size=True)

    boxes = re.findall(rb"/MediaBox ?\[([^]]*)\]", printed)
    assert len(boxes) == 1
    assert [round(float(number)) for number in boxes[0].split()] == [0, 0, 842, 595]


@pytest.mark.parametrize(("width", "month"), [(390, 4), (1280, 4), (390, 12), (1280, 12)])
def test_the_timeline_opens_where_today_is(  # noqa: PLR0917  # pytest hands its fixtures over
    served, staff, under_treatment, clock, signed_in_page, width, month
):
    """In the sixth week of treatment, and in follow-up; without a script."""
    clock.now = datetime(2025, month, 10, 9, tzinfo=UTC)
    page = signed_in_page("nurse", java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(f"{served}/patients/{under_treatment}")

    seen = page.locator(".scroll:visible").bounding_box()
    line = page.locator(".scroll:visible .tl-today").bounding_box()
    marks = page.locator(".scroll:visible circle, .scroll:visible .tl-open").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert seen["x"] < line["x"] < seen["x"] + seen["width"]
    assert [one for one in marks if line["x"] < one < seen["x"] + seen["width"]] != []


def test_every_week_of_the_timeline_is_a_link_away(served, staff, under_treatment, signed_in_page):
    page = signed_in_page("nurse", java_script_enabled=False, viewport={"width": 390, "height": 900})
    page.goto(f"{served}/patients/{under_treatment}")
    summary = page.locator("summary:visible").filter(has_text="Later, not drawn")
    summary.click()
    told = summary.inner_text()
    later = page.locator(".timeline:visible details a").count()

    page.get_by_role("link", name="Earlier weeks").click()

    assert told.startswith(f"Later, not drawn: {later} visits, P30 on ")
    assert page.locator(".scroll:visible text.tl-code").first.text_content() == "SC1"


def test_the_days_are_told_in_the_words_of_the_house(served, staff, under_treatment, signed_in_page):
    page = signed_in_page("nurse")

    page.goto(f"{served}/patients/{under_treatment}")

    assert page.get_by_text("Dose level 1 · escalation · Day 39", exact=True).count() == 1
    assert page.title() == "Patient 01-001 · Visit planner"
    assert page.get_by_text("Today Thu 10 Apr 2025", exact=True).locator("visible=true").count() == 1
