"""A nurse at a browser without JavaScript, over HTTP: reads pages, books and gives back through their forms."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.web.conftest import Page

PATIENCE = 60
DAYS = re.compile(r'<input[^>]*name="book-day"[^>]*>')
DAY = re.compile(r'value="(\d{4}-\d\d-\d\d)"')
TIMES = re.compile(r'name="book-start" value="([^"]+)"')
PLACE = 'name="book-times"'
"""The button for the free times: the visit takes a place on the ward."""


class Nurse:
    """One browser on one connection that stays open, with its cookie."""

    def __init__(self, port, login, password):
        self.port, self.login, self.password = port, login, password
        self.line, self.cookie = None, ""

    def ask(self, method, path, form=None):
        """The status and the page that come back."""
        self.line = self.line or HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.line.request(method, path, urlencode(form or {}), headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        self.cookie = answer.headers.get("Set-Cookie", self.cookie).split(";")[0]
        return answer.status, text

    def hang_up(self):
        """The connection is gone; the next page opens another one."""
        if self.line is not None:
            self.line.close()
        self.line = None

    def sign_in(self):
        _, text = self.ask("GET", "/sign-in")
        form = Page(text).form("/sign-in") | {"login": self.login, "password": self.password}
        status, _ = self.ask("POST", "/sign-in", form)
        if status != 303:
            raise RuntimeError(f"{self.login} cannot sign in: {status}")

    def look(self, patient, code):
        """The page of a visit."""
        return self.ask("GET", f"/patients/{patient}/visits/{code}")

    @staticmethod
    def days(text):
        """The days that the page offers."""
        return [DAY.search(one)[1] for one in DAYS.findall(text) if " disabled" not in one]

    @staticmethod
    def booked(text):
        return "Give the day back" in text

    def times(self, patient, code, text, day):
        """The free times of a day, as its page lists them."""
        status, shown = self._send(patient, code, "book", text, {"book-day": day, "book-times": "1"})
        return status, TIMES.findall(shown)

    def book(self, patient, code, text, day, start=""):
        """Send the form for a day and a time."""
        words = {"book-day": day, "book-start": start, "book-cause": "no room on the ward", "book-book": "1"}
        return self._send(patient, code, "book", text, words)

    def give_back(self, patient, code, text):
        return self._send(patient, code, "take-back", text, {})

    def _send(self, patient, code, act, text, words):
        path = f"/patients/{patient}/visits/{code}/{act}"
        return self.ask("POST", path, Page(text).form(path) | words)
