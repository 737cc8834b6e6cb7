"""Closed days of a site: what they do to the booked visits, read first; then closed, and new days accepted."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from planner.core.errors import Refused
from planner.core.staff import Role
from planner.exports.cuts import saved_over
from planner.exports.disruption import declared, expected, numbers, rows, stands_on
from planner.exports.replanning import repair_words, why_stuck
from planner.services import disruption, sites
from planner.web.access import begin, look, require
from planner.web.patients import WRITERS
from planner.web.site_forms import AskForm, CloseForm, NewDaysForm
from planner.web.visits import second_at

if TYPE_CHECKING:
    from planner.core.protocol import Protocol
    from planner.services.cases import Act
    from planner.services.disruption import Disruption
    from planner.web.filters import Answer

pages = Blueprint("disruption", __name__)
AT = "/sites/<code>/disruption"


@pages.get(AT)
@require(*WRITERS, Role.ADMIN)
def show(code: str) -> Answer:
    return _page(code, _asked(code), HTTPStatus.OK)


def _asked(code: str) -> AskForm:
    """What the address asks for."""
    form = AskForm(request.args)
    _offer(code, form)
    return form


def _offer(code: str, form: CloseForm) -> None:
    with look() as work:
        site = disruption.site_of(work, code)
        form.offer(sites.ward(work, site.code).units, sites.kinds(work))


def _page(
    code: str, ask: AskForm, status: int, close: CloseForm | None = None, accept: NewDaysForm | None = None
) -> Answer:
    """What is asked for, else what waits already; with a form that was refused."""
    found, asks = None, ask.asks and ask.validate()
    if asks or not ask.asks:
        found = _found(code, ask, asks=asks)
    status = status if found is not None else HTTPStatus.UNPROCESSABLE_ENTITY
    if asks and close is None and found is not None:
        close = CloseForm(formdata=None, data={**ask.data, "agreed": found.agreed})
        _offer(code, close)
    accept = accept or NewDaysForm(formdata=None)
    with look() as work:
        site = disruption.site_of(work, code)
    forms = {"ask": ask, "close": close if asks else None, "accept": accept}
    page = render_template("disruption/show.html", site=site, found=found, asks=asks, **forms, **WORDS)
    return page, int(status)


def _found(code: str, ask: AskForm, *, asks: bool) -> Disruption | None:
    """What it does; nothing where it is refused, which the form says then."""
    try:
        with look() as work:
            return disruption.disruption(work, code, ask.shutting if asks else None)
    except Refused as error:
        ask.refuse(error)
        return None


def mend_url(protocol: Protocol, public_id: str, code: str) -> str:
    """Where a visit without a legal day is dealt with: its named date, else its re-planning."""
    named = protocol.date_under.get(code)
    if named is not None:
        return url_for("courses.redate", public_id=public_id, code=named)
    return url_for("replanning.show", public_id=public_id, code=code)


WORDS: dict[str, object] = {
    one.__name__: one for one in (declared, expected, numbers, rows, stands_on, mend_url, why_stuck, repair_words)
}


@pages.post(f"{AT}/close")
@require(Role.ADMIN)
def close(code: str) -> Answer:
    form = CloseForm()
    _offer(code, form)

    def shut() -> str:
        asked = form.shutting
        with begin(form.once) as work:
            return saved_over(sites.close(work, code, asked.closure, asked.unit, form.agreed.data or ""))

    said, status = form.save(shut)
    if said is not None:
        flash(said)
        return redirect(url_for("disruption.show", code=code), 303)
    ask = AskForm(request.form)
    _offer(code, ask)
    return _page(code, ask, status, close=form)


@pages.post(f"{AT}/accept")
@require(*WRITERS)
def accept(code: str) -> Answer:
    form = NewDaysForm()

    def accepted() -> tuple[Act, ...]:
        second = second_at(lambda work: disruption.site_of(work, code), form)
        with begin(form.once) as work:
            return disruption.accept(work, code, form.chosen, form.reason, second)

    acts, status = form.save(accepted)
    if acts is None:
        ask = AskForm(formdata=None)
        _offer(code, ask)
        return _page(code, ask, status, accept=form)
    flash(_saved(acts))
    return redirect(url_for("disruption.show", code=code), 303)


def _saved(acts: tuple[Act, ...]) -> str:
    """How many patients have new days now, and where that is taken back."""
    who = "1 patient has" if len(acts) == 1 else f"{len(acts)} patients have"
    numbers = ", ".join(act.case.patient.subject_id for act in acts)
    return f"Saved: {who} new days now ({numbers}). Each can be taken back in the patient's history."
