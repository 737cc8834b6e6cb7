"""The application: settings in, pages out. Started only where every endpoint says who may call it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from planner.services.accounts import Limits
from planner.services.protocols import library
from planner.services.work import Office, by_the_clock
from planner.store.database import connect, serve_alone
from planner.store.migrations import must_be_newest
from planner.store.prints import Prints
from planner.web import (
    absences,
    access,
    accounts,
    agenda,
    attendances,
    contacts,
    courses,
    deviations,
    disruption,
    errors,
    feeds,
    filters,
    frame,
    history,
    messages,
    patients,
    portal,
    prints,
    protocols,
    replanning,
    resources,
    search,
    swapping,
    undoing,
    visits,
    ward,
)
from planner.web.limits import Limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response

    from planner.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_BODY = 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
KEPT = ("static", "feeds.show")
"""What browsers and calendars may keep, in the words of its own answer."""

TWO_YEARS = 63_072_000
ROOMS = (
    accounts,
    agenda,
    ward,
    patients,
    contacts,
    feeds,
    prints,
    visits,
    attendances,
    replanning,
    courses,
    swapping,
    undoing,
    deviations,
    protocols,
    history,
    search,
    resources,
    disruption,
    absences,
    portal,
    messages,
)


def create_app(settings: Settings, clock: Callable[[], datetime] = by_the_clock) -> Flask:
    """The application; Refused where the database is of another version or served by another process already."""
    app = Flask("planner", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(_config(settings))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    database = connect(settings.database_url, settings.audit_key)
    must_be_newest(database)
    app.extensions["planner"] = Office(database, library(settings.protocols), clock)
    app.extensions["prints"] = Prints(settings.prints)
    app.extensions["serving"] = serve_alone(database)
    app.before_request(access.check)  # before the token is asked for: who may not send a form is told so
    CSRFProtect(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.proxies] * 3)  # type: ignore[method-assign]
    app.extensions["feeds"] = (Limit(feeds.MOST_FETCHES), Limit(feeds.MOST_MISSES))
    app.extensions["portal"] = Limit(portal.MOST_TRIES)
    app.url_map.converters |= {"id": access.PublicId, "token": feeds.Token}
    for room in ROOMS:
        app.register_blueprint(room.pages)
    errors.install(app)
    filters.install(app)
    app.after_request(_guarded)
    app.teardown_request(access.close)
    app.context_processor(frame.context)
    app.add_url_rule("/healthz", "healthz", access.public(_healthz))
    access.all_declared(app)
    app.extensions["urls"] = frame.fixed_urls(app)
    return app


def _config(settings: Settings) -> dict[str, object]:
    secure = settings.secure_cookies
    return {
        "LIMITS": Limits(settings.idle, settings.absolute),
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "PERMANENT_SESSION_LIFETIME": settings.absolute,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": settings.older_keys,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-planner" if secure else "planner",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "TRUSTED_HOSTS": settings.hosts,
        "WTF_CSRF_SSL_STRICT": False,  # it asks for the Referer, which our pages tell browsers not to send
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session, which has limits of its own
    }


def _guarded(response: Response) -> Response:
    """What browsers are told of every answer; pages are never kept."""
    response.headers.extend(HEADERS)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=frame.nonce())
    if request.endpoint not in KEPT or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    return response


def _healthz() -> str:
    return "ok"
