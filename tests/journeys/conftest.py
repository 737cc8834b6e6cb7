"""A real browser on a real server: the journeys of a nurse, with and without JavaScript."""

import shutil
from datetime import time
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from planner.core.staff import Actor, Role
from planner.core.units import Hours, Unit
from planner.services import sites

PASSWORD = "correct horse battery"
ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The same engine; the first of them draws no window around the page, which costs a third of a machine."""


class Silent(WSGIRequestHandler):
    """A server that writes no log."""

    def log(self, *_arguments):
        pass


@pytest.fixture(scope="session")
def chromium():
    """The system's own Chromium: a browser of Playwright's own cannot be had on every machine."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def served(app, socket_enabled):
    """The address of the application under test."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1"]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ward(office):
    """One chair, weekdays from 8 to 17, and one room."""
    hours = tuple(Hours(n, time(8), time(17)) for n in range(5))
    with office.begin(ADMIN) as work:
        for kind, name in (("chair", "Chair 1"), ("clinic", "Room 1")):
            sites.add_unit(work, "01", Unit("", kind, name, hours))


@pytest.fixture
def opened(chromium, served, staff, ward, request):
    """A page of a browser without JavaScript in which that person is signed in, at the width asked for."""
    contexts = []

    def open_one(login):
        width = request.node.callspec.params["width"]
        contexts.append(chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(f"{served}/sign-in")
        page.get_by_label("E-mail address or user name").fill(login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").press("Enter")
        return page

    yield open_one
    for context in contexts:
        context.close()
