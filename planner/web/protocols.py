"""The protocol, with the source of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from planner.core.errors import NotFound
from planner.exports.definitions import definition
from planner.web.access import EVERYBODY, look, require

if TYPE_CHECKING:
    from planner.web.filters import Answer

pages = Blueprint("protocols", __name__)


@pages.get("/protocol")
@require(*EVERYBODY)
def show() -> Answer:
    with look() as work:
        known = work.library.protocols
    asked = request.args.get("id", ""), request.args.get("version", "")
    chosen = asked if any(asked) else next(iter(known))
    if chosen not in known:
        raise NotFound("no_such_protocol")
    return render_template("protocols/show.html", names=list(known), chosen=chosen, protocol=definition(known[chosen]))
