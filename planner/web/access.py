"""Who may call what: each endpoint declares it, and an application with one that does not is not started."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, g, redirect, request, session, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden
from werkzeug.routing import BaseConverter

from planner.core.staff import NOBODY, Role
from planner.services import accounts, history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.wrappers import Response

    from planner.core.staff import Actor
    from planner.services.work import Office, Work

LOG = logging.getLogger("planner.web")
View = TypeVar("View", bound="Callable[..., Any]")

EVERYBODY = frozenset(Role)
PUBLIC: frozenset[Role] = frozenset()
TOKEN = "login"  # noqa: S105  # the name under which the session keeps the token
NOT_OURS = {"static": PUBLIC}
"""Endpoints that the framework brings along."""


class PublicId(BaseConverter):
    """A random id as `services.work.public_id` makes them: nothing else reaches the database from an address."""

    regex = "[A-Za-z0-9_-]{22}"


class Undeclared(RuntimeError):
    """An endpoint that says nobody's permission."""


def require(*roles: Role) -> Callable[[View], View]:
    """The view is for these roles only."""
    if not roles:
        raise Undeclared("name at least one role, or say that the view is public")

    def declare(view: View) -> View:
        cast("Any", view).permission = frozenset(roles)
        return view

    return declare


def public(view: View) -> View:
    """The view is for everybody, signed in or not."""
    cast("Any", view).permission = PUBLIC
    return view


def permission(app: Flask, endpoint: str) -> frozenset[Role] | None:
    """The roles that an endpoint serves, PUBLIC for everybody, None where it does not say."""
    found = NOT_OURS.get(endpoint, getattr(app.view_functions[endpoint], "permission", None))
    return cast("frozenset[Role] | None", found)


def all_declared(app: Flask) -> None:
    """Raise Undeclared where an endpoint does not say who may call it."""
    silent = sorted(endpoint for endpoint in app.view_functions if permission(app, endpoint) is None)
    if silent:
        raise Undeclared(f"no permission is declared for: {', '.join(silent)}; add @require(...) or @public")


def office() -> Office:
    """Where this application's work is done."""
    return cast("Office", current_app.extensions["planner"])


def actor() -> Actor | None:
    """Who is signed in."""
    return cast("Actor | None", g.get("actor"))


@contextmanager
def begin(once: tuple[str, str] | None = None) -> Iterator[Work]:
    """A transaction of the person who is signed in, saved at its end; `once` names the form that asks for it."""
    with office().begin(actor() or NOBODY) as work:
        if once is not None:
            work.only_once(*once)
        yield work


@contextmanager
def look() -> Iterator[Work]:
    """A transaction of the person who is signed in that only reads; a page that only reads has one in all."""
    if request.method != "GET":  # what was just written, here or elsewhere, must be seen
        with office().look(actor() or NOBODY) as work:
            yield work
        return
    if "looking" not in g:
        g.looking = ExitStack()
        g.work = g.looking.enter_context(office().look(NOBODY))
    yield replace(g.work, actor=actor() or NOBODY)


def close(_error: BaseException | None = None) -> None:
    """At the end of each request: nothing stays open."""
    looking = g.pop("looking", None)
    if looking is not None:
        looking.close()


def note(tell: Callable[[Work], None]) -> None:
    """Write in the history what was refused or taken away; the answer goes out even where that cannot be written."""
    close()
    try:
        with begin() as work:
            tell(work)
    except SQLAlchemyError as error:
        LOG.error("not written in the history: %s", type(error).__name__)  # noqa: TRY400  # its words hold values


def check() -> Response | None:
    """Before each request: who is it, and may they? Whoever is not signed in is asked to, and then goes on."""
    g.actor = None
    allowed = permission(current_app, request.endpoint) if request.endpoint is not None else EVERYBODY
    if not allowed:
        return None
    g.actor = _signed_in()
    if request.endpoint is None:  # an unknown address: the page that says so knows who reads it
        return None
    if g.actor is None:
        goes_on = request.full_path.removesuffix("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=goes_on), 303)
    if g.actor.role not in allowed:
        endpoint, method = request.endpoint, request.method
        note(lambda work: history.denied(work, endpoint, method))
        raise Forbidden
    return None


def _signed_in() -> Actor | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    with look() as work:
        found = accounts.signed_in(work, token, current_app.config["LIMITS"])
    if found is None:
        session.pop(TOKEN)
        return None
    who, due = found
    if due:
        close()
        with begin() as work:
            accounts.seen(work, token)
    return who


def may(endpoint: str) -> bool:
    """Whether the person who is signed in may call an endpoint: what they may not do is not shown to them."""
    allowed = permission(current_app, endpoint)
    return allowed == PUBLIC or (allowed is not None and g.actor is not None and g.actor.role in allowed)
