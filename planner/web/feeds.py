"""Calendar feeds: fetched by calendars without a sign-in, made and revoked on the pages of those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.routing import BaseConverter

from planner.core.feeds import FeedKind
from planner.core.staff import Role
from planner.exports.qr import square
from planner.services import cases, feeds, resources
from planner.services.patients import own_sites
from planner.web.access import begin, close, look, note, public, require
from planner.web.fields import PlannerForm, one_of
from planner.web.forms import FeedForm

if TYPE_CHECKING:
    from planner.core.feeds import Feed
    from planner.services.work import Work
    from planner.web.filters import Answer
    from planner.web.limits import Limit

pages = Blueprint("feeds", __name__)
OWNERS = (Role.NURSE, Role.INVESTIGATOR, Role.PHARMACIST)
MOST_FETCHES, MOST_MISSES = 60, 30
"""In an hour: of one feed, and of addresses that are none."""

WHAT = {
    FeedKind.SITE: "All booked visits",
    FeedKind.PHARMACY: "Visits that the pharmacy prepares for",
    FeedKind.UNIT: "One unit",
}
KEPT = "private, no-cache"
"""A calendar may keep what it got, and asks each time whether it still holds."""


class Token(BaseConverter):
    """A token of 256 bits as `services.feeds` makes them: nothing else is looked up."""

    regex = "[A-Za-z0-9_-]{43}"


@pages.get("/feed/<token:token>.ics")
@public
def show(token: str) -> Answer:
    with look() as work:
        feed, now = feeds.opened(work, token), work.now
        fetches, misses = _limits()
        if feed is None:
            return _refused(429 if misses.passed(request.remote_addr or "", now) else 404)
        if fetches.passed(feed.public_id, now):
            return _refused(429)
        tag = feeds.revision(work, feed)
        if request.if_none_match.contains_weak(tag):
            answer = Response(status=304)
        else:
            content = feeds.content(work, feed)
            if content is None:
                return _refused(404)
            answer = Response(content, content_type="text/calendar; charset=utf-8")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = KEPT
    if feed.used != now.date():
        close()
        note(lambda work: feeds.used(work, feed))
    return answer


def _limits() -> tuple[Limit, Limit]:
    found: tuple[Limit, Limit] = current_app.extensions["feeds"]
    return found


def _refused(status: int) -> Answer:
    """A few bytes for a program: unknown, revoked and ended are told alike."""
    more = {"Retry-After": "3600"} if status == 429 else {}  # noqa: PLR2004  # too many requests
    said = "Too many requests.\n" if more else "There is no such calendar.\n"
    return Response(said, status, {**more, "Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")


# ---- a patient's feed


@pages.post("/patients/<id:public_id>/feed")
@require(Role.NURSE)
def make(public_id: str) -> Answer:
    with begin(PlannerForm().once) as work:
        token = feeds.make(work, public_id)
    with look() as work:
        case = cases.case(work, public_id)
    back = url_for("contacts.agree", public_id=public_id)
    return _once(token, case.patient.subject_id, back, sheet=url_for("prints.sheet_with_feed", public_id=public_id))


@pages.post("/patients/<id:public_id>/feed/revoke")
@require(Role.NURSE)
def revoke(public_id: str) -> Answer:
    with begin(PlannerForm().once) as work:
        feeds.revoke(work, public_id)
    flash("The feed is revoked. Its address is unknown from now on.")
    return redirect(url_for("contacts.agree", public_id=public_id), 303)


def webcal(token: str) -> str:
    """The address as a telephone or a calendar program opens it."""
    return f"webcal://{url_for('feeds.show', token=token, _external=True).partition('://')[2]}"


def _once(token: str, whose: str, back: str, sheet: str = "") -> Answer:
    """The page that shows the address, this one time; `sheet` is where a paper with it can be asked for."""
    told = {"token": token, "whose": whose, "back": back, "sheet": sheet, "webcal": webcal(token)}
    address = url_for("feeds.show", token=token, _external=True)
    return render_template("feeds/address.html", address=address, code=square(told["webcal"]), **told)


# ---- feeds of one's own


@pages.route("/feeds", methods=["GET", "POST"])
@require(*OWNERS)
def own() -> Answer:
    form = FeedForm()
    with look() as work:
        known = feeds.own(work)
        names = _choices(form, work)

    def made() -> str:
        kind, site, unit = str(form.what.data).split(" ")
        with begin(form.once) as work:
            return feeds.make_own(work, FeedKind(kind), site, "" if unit == "-" else unit)

    token, status = form.save(made)
    if token is not None:
        return _once(token, names[form.what.data], url_for("feeds.own"))
    told = [(one, names.get(_name(one), "")) for one in known]
    return render_template("feeds/own.html", form=form, feeds=told), status


def _choices(form: FeedForm, work: Work) -> dict[str, str]:
    """What the person may have a feed of, in words."""
    names: dict[str, str] = {}
    for site in own_sites(work):
        units = resources.unit_names(work, site)
        for kind in feeds.kinds(work):
            if kind is FeedKind.UNIT:
                names |= {f"{kind} {site.code} {unit}": f"{name}, {site.name}" for unit, name in units.items()}
            else:
                names[f"{kind} {site.code} -"] = f"{WHAT[kind]}, {site.name}"
    form.what.choices = one_of(names)
    return names


def _name(feed: Feed) -> str:
    return f"{feed.kind} {feed.site} {feed.unit or '-'}"


@pages.post("/feeds/<id:which>/revoke")
@require(*OWNERS)
def revoke_own(which: str) -> Answer:
    with begin(PlannerForm().once) as work:
        feeds.revoke_own(work, which)
    flash("The feed is revoked. Its address is unknown from now on.")
    return redirect(url_for("feeds.own"), 303)
