"""What a person does on a visit's page with the keyboard alone."""


def choose(page, day):
    page.locator(f"input[name='book-day'][value='{day}']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show").first.press("Enter")


def take(page, at):
    page.get_by_role("radio", name=at, exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Book this day").press("Enter")
