"""The frame around every page, and pages made once: memoised in the process, like the schedule they are made from."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import current_app, g, get_template_attribute, render_template, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from planner.core.staff import Actor
from planner.services.schedules import Memory
from planner.web import access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

    from planner.services.cases import Case

    Parts = Callable[[], dict[str, object]]

ASSETS = ("css/tokens.css", "css/base.css", "css/components.css", "css/own.css", "icon.svg", "js/keys.js")
NAV = (
    ("agenda.today", "Today"),
    ("agenda.week", "Week"),
    ("ward.show", "Ward"),
    ("patients.listing", "Patients"),
    ("deviations.show", "Deviations"),
    ("protocols.show", "Protocol"),
    ("resources.listing", "Sites"),
    ("accounts.staff", "Staff"),
    ("history.every", "History"),
)
ALWAYS = ("accounts.sign_out", "feeds.own", "search.show")
MOST_MADE = 1024
_made: Memory[str] = Memory(MOST_MADE)
_lines: Memory[tuple[Markup, ...]] = Memory(MOST_MADE)
NONCE, TOKEN, NAME = (secrets.token_hex(16) for _ in range(3))
"""Stand in a page that is remembered for what differs with every answer; nobody can guess and type them."""


def page(template: str, case: Case, parts: Parts, *more: object) -> str:
    """A page for those of one role who may read it, made once from the same case and `more`; their name is put in."""
    who = access.actor()
    if "_flashes" in session or who is None:  # what is told once is not to be remembered
        return render_template(template, case=case, **parts())
    anybody = Actor("", NAME, who.role)

    def make() -> str:
        own = {"actor": anybody, "csp_nonce": NONCE, "csrf_token": lambda: TOKEN}
        return render_template(template, case=case, **own, **parts())

    made = _made.get((template, *case.key, who.role, *more), make)
    return made.replace(NONCE, nonce()).replace(TOKEN, generate_csrf()).replace(NAME, escape(who.name))


def part(template: str, case: Case, parts: Parts) -> Markup:
    """Part of a page, the same for everybody who may read it."""
    return Markup(_made.get((template, *case.key), lambda: render_template(template, case=case, **parts())))  # noqa: S704  # a template of ours, which escapes what it is given


def lines(
    template: str, case: Case, told: Callable[[], Iterable[dict[str, object]]], *more: object
) -> tuple[Markup, ...]:
    """Lines of one case, each by the macro `line` of the template; the same for all of one role who may read it."""
    who = access.actor()

    def make() -> tuple[Markup, ...]:
        line = get_template_attribute(template, "line")
        return tuple(line(**one) for one in told())

    return _lines.get((template, *case.key, who and who.role, *more), make)


def nonce() -> str:
    """The word by which this answer's own scripts are known."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def context() -> dict[str, object]:
    """What the frame around every page says."""
    who = access.actor()
    urls = current_app.extensions["urls"]
    return {
        "csp_nonce": nonce(),
        "urls": urls,
        "actor": who,
        "nav": _nav() if who is not None else (),
        "may": access.may,
    }


def _nav() -> list[dict[str, object]]:
    """The pages that everything else lies under, as far as the person may see them."""
    urls = current_app.extensions["urls"]
    return [
        {"label": label, "url": urls[endpoint], "current": endpoint == _under()}
        for endpoint, label in NAV
        if access.may(endpoint)
    ]


def _under() -> str | None:
    """The page of the navigation on which the reader is, or under which: a room may have several."""
    here = request.endpoint or ""
    rooms = {endpoint.partition(".")[0]: endpoint for endpoint, _ in reversed(NAV)}
    return here if here in dict(NAV) else rooms.get(here.partition(".")[0])


def fixed_urls(app: Flask) -> dict[str, str]:
    """Addresses that stand on every page: built once."""
    urls = app.url_map.bind("")
    pages = {endpoint: urls.build(endpoint) for endpoint in (*(endpoint for endpoint, _ in NAV), *ALWAYS)}
    return pages | {name: urls.build("static", {"filename": name}) for name in ASSETS}
