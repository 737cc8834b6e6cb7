"""Errors as pages: what happened, why, and what to do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from planner.core.errors import NotFound, PlannerError, Repeated, Stale
from planner.exports.refusals import sentence
from planner.web import portal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from planner.web.filters import Answer

LOG = logging.getLogger("planner.web")
OLD_FORM = (
    "The form is too old or belongs to another sign-in. Nothing was saved: go back, reload the page and send it again."
)
NOT_HERE = (
    "Check the address, or go to the list and choose from there. What lies at a site that is not yours is not shown."
)
OUR_FAULT = "Nothing was saved. Try again; if it happens once more, tell your administrator the time."
NOTHING: Mapping[str, str] = {}
SAID = {
    400: ("This request cannot be read", "Go back, reload the page, and try once more."),
    403: ("This is not for your role", "If your work needs it, ask your administrator."),
    404: ("There is no such page", NOT_HERE),
    405: ("This page cannot be called in this way", "Go back, and use the buttons of the page."),
    409: ("Somebody else was first", "Look at what has changed, then decide anew."),
    413: ("That is too much at once", "Send less than one megabyte."),
    422: ("This could not be done", "Go back, change it, and try again."),
    500: ("Something went wrong on our side", OUR_FAULT),
    503: ("The planner is busy or its database cannot be reached", "Nothing was saved. Wait a minute, then try again."),
}


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(PlannerError, _planner)
    app.register_error_handler(CSRFError, lambda _: page(400, OLD_FORM))
    app.register_error_handler(HTTPException, _http)
    for refused in (exc.OperationalError, exc.TimeoutError):
        app.register_error_handler(refused, _database)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, words: str = "", more: Mapping[str, str] = NOTHING) -> Answer:
    """The page of a status; what it says is in `words`, else in the table. `more`: headers beside the usual ones."""
    title, advice = SAID.get(status, SAID[400 if status < 500 else 500])  # noqa: PLR2004  # the two kinds of errors
    own = request.blueprint == "portal"
    answer = portal.went_wrong() if own else render_template("error.html", title=title, words=words or advice)
    again = {"Retry-After": "60"} if status == 503 else {}  # noqa: PLR2004  # as the table says
    return answer, status, {**again, **more}


def _planner(error: PlannerError) -> Answer:
    if isinstance(error, NotFound):
        return page(404)
    if isinstance(error, Repeated):
        return _again(error)
    return page(409 if isinstance(error, Stale) else 422, sentence(error))


def _again(error: Repeated) -> Answer:
    """To where the first answer led, as far as it is known: what was asked for is done."""
    flash(sentence(error))
    of, asked = request.blueprint, request.view_args or {}
    if of == "resources" and "code" in asked:
        return redirect(url_for("resources.show", code=asked["code"]), 303)
    known = "public_id" in asked and of != "accounts"
    return redirect(url_for("patients.show", public_id=asked["public_id"]) if known else url_for("patients.home"), 303)


def _http(error: HTTPException) -> Answer:
    if error.response is not None:
        return error.get_response()
    ways = dict(error.get_headers()).get("Allow")
    return page(error.code or 500, more={"Allow": ways} if ways else {})


def _database(error: exc.OperationalError | exc.TimeoutError) -> Answer:
    """Locked, full or out of reach: the log says which, without values."""
    LOG.error("the database refused: %s", type(error).__name__)
    return page(503)


def _unexpected(error: Exception) -> Answer:
    if isinstance(error, exc.SQLAlchemyError):  # its words hold values: a name or a number of a patient
        LOG.error("the database answered: %s", type(error).__name__)
    else:
        LOG.error("unexpected", exc_info=error)
    return page(500)
