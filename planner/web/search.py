"""Search from anywhere: patients, their visits, and pages by name. Where only one thing is found, it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from planner.core.search import words_of
from planner.services import search
from planner.web.access import look, may, require
from planner.web.fields import searched
from planner.web.frame import NAV
from planner.web.patients import READERS

if TYPE_CHECKING:
    from planner.core.search import Hit
    from planner.web.filters import Answer

pages = Blueprint("search", __name__)
BESIDE = (
    ("patients.enrol", "Enrol a patient"),
    ("feeds.own", "Your calendar feeds"),
    ("prints.choose", "Binder of all booklets"),
)
"""Pages that are found by name and are not in the navigation."""

MOST = 50
"""Things found that one page lists: who finds more, names more."""


@pages.get("/search")
@require(*READERS)
def show() -> Answer:
    text = searched(request.args.get("q", ""))
    if not text.strip():
        return render_template("search/show.html", text="", hits=[], named=[], more=0)
    with look() as work:
        hits = search.found(work, text)
    named = _named(text)
    whole = [url for label, url in named if words_of(label) == words_of(text)]
    if whole:  # a page called by its full name opens, whatever visits have the word too
        return redirect(whole[0], 303)
    if len(hits) + len(named) == 1:
        return redirect(named[0][1] if named else _url(hits[0]), 303)
    told = [(hit, _url(hit)) for hit in hits[:MOST]]
    return render_template("search/show.html", text=text, hits=told, named=named, more=max(len(hits) - MOST, 0))


def _url(hit: Hit) -> str:
    public_id = hit.patient.public_id
    if hit.visit is None:
        return url_for("patients.show", public_id=public_id)
    return url_for("visits.show", public_id=public_id, code=hit.visit.code)


def _named(text: str) -> list[tuple[str, str]]:
    """The pages whose name holds every word, as far as the person may see them."""
    pages = (*NAV, *BESIDE)
    urls = current_app.extensions["urls"]
    words = words_of(text)
    return [
        (label, urls.get(endpoint) or url_for(endpoint))
        for endpoint, label in pages
        if may(endpoint) and all(word in label.casefold() for word in words)
    ]
