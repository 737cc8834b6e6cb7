"""A real browser on a real server: the journeys of a nurse, with and without JavaScript."""

import shutil
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Silent(WSGIRequestHandler):
    """A server that writes no log."""

    def log(self, *_arguments):
        pass


@pytest.fixture(scope="session")
def chromium():
    """The system's own Chromium: a browser of Playwright's own cannot be had on every machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
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
