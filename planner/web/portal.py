"""The patient's own page: a link by mail opens it, never a staff sign-in, and it says what the patient agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, redirect, render_template, request, session, url_for

from planner.core.errors import NotFound, Refused
from planner.core.patients import LANGUAGES
from planner.core.portal import Word
from planner.core.texts import clean, may_be_address
from planner.exports.words import OWN_NAMES, Words
from planner.services import accounts, portal
from planner.web.access import TOKEN, begin, look, public

if TYPE_CHECKING:
    from planner.core.patients import Patient
    from planner.services.work import Work
    from planner.web.filters import Answer
    from planner.web.limits import Limit

pages = Blueprint("portal", __name__, url_prefix="/my")
GUEST = "guest"
"""The name under which the session keeps the token of a patient's page; a sign-in of the staff clears it."""

LONGEST_ADDRESS = 254
MOST_TRIES = 30
"""In an hour from one address of the net: links asked for, and links that opened nothing."""


@pages.get("")
@public
def show() -> Answer:
    """The page of the patient who came by a link; of anybody else it asks for the address."""
    with look() as work:
        patient = _guest(work)
        if patient is None:
            return _page("portal/ask.html", typed="", wrong=False)
        language = _language(patient)
        found, paper = portal.page(work, patient, language), portal.paper(work, patient, language)
    return _page("portal/show.html", language=language, page=found, paper=paper)


def _guest(work: Work) -> Patient | None:
    token = session.get(GUEST)
    return portal.guest(work, token) if isinstance(token, str) else None


def _language(patient: Patient | None = None) -> str:
    """What was chosen in this browser; else the patient's own, on the page or by a link; else what the browser asks."""
    asked = request.args.get("language")
    if asked in LANGUAGES:
        session["language"] = asked
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if patient is not None:
        return patient.language
    reads = request.args.get("reads", "")
    return reads if reads in LANGUAGES else request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _page(template: str, status: int = 200, *, language: str = "", **more: object) -> Answer:
    words = Words(language or _language())
    frame = {"_": words.say, "colon": words.colon, "language": words.language, "languages": OWN_NAMES}
    return render_template(template, **frame, **more), status


def went_wrong() -> str:
    """The page that says so, in the language of its reader."""
    words = Words(_language())
    return render_template("portal/error.html", _=words.say, language=words.language, languages=OWN_NAMES)


@pages.post("")
@public
def ask() -> Answer:
    """The same answer for every address, and the same work."""
    typed = request.form.get("address", "")
    address = _address(typed)
    if address is None:
        return _page("portal/ask.html", 422, typed="".join(filter(str.isprintable, typed)), wrong=True)
    with begin() as work:
        if not _tries().passed(request.remote_addr or "", work.now):
            portal.ask(work, address, _link_to)
    return _page("portal/asked.html")


def _link_to(token: str, language: str) -> str:
    """The address of a link, which opens in the patient's language where none was chosen."""
    return url_for("portal.link", token=token, reads=language, _external=True)


def _address(typed: str) -> str | None:
    """What may be an address: whether it is one, only its owner can say."""
    try:
        found = clean(typed)
    except Refused:
        return None
    return found if len(found) <= LONGEST_ADDRESS and may_be_address(found) else None


def _tries() -> Limit:
    return cast("Limit", current_app.extensions["portal"])


@pages.get("/<token:token>")
@public
def link(token: str) -> Answer:
    """A button, whatever the token: programs that look at every link of a mail consume nothing."""
    return _page("portal/link.html", token=token)


@pages.post("/<token:token>")
@public
def enter(token: str) -> Answer:
    with begin() as work:
        opened = portal.enter(work, token)
        late = opened is None and _tries().passed(request.remote_addr or "", work.now)
        former = session.get(TOKEN)
        if opened is not None and isinstance(former, str):
            accounts.sign_out(work, former)
    if opened is None:
        return _page("portal/spent.html", 429 if late else 422)
    chosen = session.get("language")
    session.clear()
    session[GUEST] = opened
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(url_for("portal.show"), 303)


@pages.post("/visits/<id:visit>/<any(seen, call):word>")
@public
def say(visit: str, word: str) -> Answer:
    with begin() as work:
        patient = _guest(work)
        if patient is None:  # the page has closed meanwhile: whoever waits for a call must know that nobody will
            raise NotFound("no_such_page")
        portal.say(work, patient, visit, Word(word))
    return redirect(url_for("portal.show"), 303)


@pages.get("/visits.ics")
@public
def take_away() -> Answer:
    with look() as work:
        patient = _guest(work)
        if patient is None:
            raise NotFound("no_such_page")
        content = portal.calendar_file(work, patient, _language(patient))
    named = {"Content-Disposition": 'attachment; filename="visits.ics"'}
    return Response(content, content_type="text/calendar; charset=utf-8", headers=named)


@pages.post("/leave")
@public
def leave() -> Answer:
    token = session.get(GUEST)
    with begin() as work:
        if isinstance(token, str):
            portal.leave(work, token)
    session.pop(GUEST, None)
    return redirect(url_for("portal.show"), 303)
