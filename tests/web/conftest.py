"""One client that looks at every page it fetches: what holds for all pages is held everywhere."""

import re
from html.parser import HTMLParser

import pytest

PASSWORD = "correct horse battery"
VOID = {"input", "meta", "link", "br", "hr", "img"}
TYPED = ("input", "select", "textarea")
NAKED_ID = re.compile(r"/(?:patients|staff)/\d+(?:/|$)")


class Page(HTMLParser):
    """What a page is made of, as far as every page is held to it."""

    def __init__(self, text):
        super().__init__()
        self.text, self.open, self.words = text, [], []
        self.headings, self.title, self.fields, self.labels = [], "", [], set()
        self.forms, self.links, self.scripts, self.ids, self.styles = [], [], [], [], []
        self.icons, self.handlers, self.select, self.area, self.rows = [], [], None, None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.styles += [tag] if "style" in found or tag == "style" else []
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag == "form":
            form = {"action": found.get("action"), "method": found.get("method", "get"), "tokens": 0, "filled": {}}
            self.forms.append(form)
        if tag == "input" and "csrf_token" in found.get("name", ""):
            self.forms[-1]["tokens"] += 1
        if tag in TYPED and found.get("type") not in ("hidden", "submit"):
            self.fields.append((found.get("id"), found.get("aria-label"), "label" in self.open))
        if "form" in self.open:
            self._control(tag, found)
        self.handlers += [name for name in found if name.startswith("on")]
        if tag == "label":
            self.labels.add(found.get("for"))
        if tag == "a":
            self.links.append(found.get("href", ""))
            self.rows += [[found.get("href", ""), ""]] if "th" in self.open else []
        self.icons += [found.get("href")] if found.get("rel") == "icon" else []
        if tag == "script":
            self.scripts.append((found.get("nonce"), found.get("src")))

    def _control(self, tag, found):
        """What a browser would send of this field when nobody touches it."""
        filled, name = self.forms[-1]["filled"], found.get("name")
        unchecked = found.get("type") in ("radio", "checkbox") and "checked" not in found
        if tag == "input" and found.get("type") != "submit" and not unchecked and name:
            filled[name] = found.get("value") or ""
        if tag == "select":
            self.select = name if "multiple" not in found else None
        if tag == "option" and self.select and ("selected" in found or self.select not in filled):
            filled[self.select] = found.get("value", "")
        if tag == "textarea":
            self.area = name
            filled[name] = ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.forms[-1]["filled"][self.area] = self.forms[-1]["filled"][self.area].removeprefix("\n")
            self.area = None
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, words):
        if "title" in self.open and "svg" not in self.open:
            self.title += words
        if self.area:
            self.forms[-1]["filled"][self.area] += words.replace("\r\n", "\n")
        if {"th", "a"} <= set(self.open):
            self.rows[-1][1] += words
        self.words.append(words)

    def form(self, path):
        """What a browser would send of the form that goes to this path."""
        return dict(next(f["filled"] for f in self.forms if (f["action"] or "").partition("?")[0] == path))

    @property
    def said(self):
        """The words of the page, with single spaces."""
        return " ".join(" ".join(self.words).split())


def faults(page, headers):
    """What is wrong with a page, whatever it is about."""
    nonce = re.search(r"'nonce-([^']+)'", headers["Content-Security-Policy"])
    checks = {
        "no title of its own": page.title.strip() in ("", "· Visit planner"),
        "not one h1": page.headings.count("h1") != 1,
        "does not begin with its h1": bool(page.headings) and "h1" not in page.headings[:2],
        "a field without a label": not all(i in page.labels or label or inside for i, label, inside in page.fields),
        "a form without an action": any(not form["action"] for form in page.forms),
        "a POST form without one token": any(f["method"] == "post" and f["tokens"] != 1 for f in page.forms),
        "a script without the nonce": any(n != nonce.group(1) or not src for n, src in page.scripts),
        "a style of its own": bool(page.styles),
        "a link to no place of the page": not {i[1:] for i in page.links if i.startswith("#")} <= set(page.ids),
        "no icon of its own, so that the browser asks for one": page.icons != ["/static/icon.svg"],
        "a script in an attribute": bool(page.handlers),
        "a naked id": any(NAKED_ID.search(link) for link in page.links),
        "an id twice": len(set(page.ids)) != len(page.ids),
        "None or undefined in the words": bool(re.search(r"\bNone\b|undefined|Undefined", page.said)),
        "may be kept": headers["Cache-Control"] != "no-store",
        "sniffed": headers["X-Content-Type-Options"] != "nosniff",
        "framed": "frame-ancestors 'none'" not in headers["Content-Security-Policy"],
        "inline allowed": "unsafe" in headers["Content-Security-Policy"],
        "refers": headers["Referrer-Policy"] != "no-referrer",
    }
    return [name for name, wrong in checks.items() if wrong]


class Browser:
    """A browser without JavaScript, which holds every page against the rules of all pages."""

    def __init__(self, app):
        self.client = app.test_client()
        self.page = None

    def get(self, path, status=200, query=None):
        return self._looked(self.client.get(path, query_string=query, follow_redirects=False), status)

    def post(self, path, status=303, at=None, **typed):
        """Sends the form of the page `at` (else of the page shown) with what is typed."""
        if at is not None:
            self.get(at)
        return self._looked(self.client.post(path, data=self.filled(path, typed)), status)

    def read_and_save(self, path, at=None, **typed):
        """Has what an act does shown first, and saves what was shown."""
        self.post(path, at=at, status=200, preview="x", **typed)
        return self.post(path, save_it="x", **typed)

    def filled(self, path, typed):
        """The form as the page filled it, then what is typed into it, by the names of its fields."""
        found = self.page.form(path.partition("?")[0])
        prefix = next((name.removesuffix("csrf_token") for name in found if name.endswith("-csrf_token")), "")
        return found | {f"{prefix}{name}": value for name, value in typed.items()}

    def sign_in(self, login, password=PASSWORD):
        self.get("/sign-in")
        return self.post("/sign-in", login=login, password=password)

    def follow(self):
        """The page that the last answer leads to."""
        return self.get(self.response.headers["Location"])

    def _looked(self, response, status):
        self.response = response
        assert response.status_code == status, response.get_data(as_text=True)[-2000:]
        if response.mimetype == "text/html" and status not in (301, 302, 303):
            self.page = Page(response.get_data(as_text=True))
            assert faults(self.page, response.headers) == []
        return response


@pytest.fixture
def browser(app, staff):
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def nurse(browser):
    browser.sign_in("nurse")
    return browser


@pytest.fixture
def signed_in(app, staff):
    """A browser of its own for any login."""

    def open_one(login):
        found = Browser(app)
        found.sign_in(login)
        return found

    return open_one
