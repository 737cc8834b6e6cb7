"""What a person does on a page with the keyboard alone, and what every page is held to."""

from axe_playwright_python.sync_playwright import Axe


def choose(page, day):
    page.locator(f"input[name='book-day'][value='{day}']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show").first.press("Enter")


def take(page, at):
    page.get_by_role("radio", name=at, exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Book this day").press("Enter")


def audited(page):
    """What axe finds, and by how many pixels the page is too wide."""
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [rule["id"] for rule in found], wide
