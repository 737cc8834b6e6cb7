"""What a site has: units and their hours, closed days, days opened by hand. Kept by the administrator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.staff import Role
from planner.core.units import Opened, Unit
from planner.exports.agenda import shut as closed_before
from planner.exports.cuts import saved_over
from planner.exports.words import staff_day
from planner.services import disruption, resources, sites
from planner.web.access import begin, look, require
from planner.web.fields import PlannerForm, one_of
from planner.web.site_forms import WHOLE, CloseForm, HoursForm, OpenForm, UnitForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.services.cuts import Cut
    from planner.services.sites import Ward
    from planner.services.work import Work
    from planner.web.filters import Answer

pages = Blueprint("resources", __name__)
AT = "/sites/<code>"
UNDO: dict[str, Callable[[Work, str, str], tuple[Cut, ...] | None]] = {
    "closures": sites.reopen,
    "opened": sites.shut_day,
    "units": sites.withdraw_unit,
}


@dataclass
class Forms:
    """The forms of a site's page; the one that was sent keeps what was typed."""

    unit: UnitForm = field(default_factory=lambda: UnitForm(prefix="unit"))
    close: CloseForm = field(default_factory=lambda: CloseForm(prefix="close"))
    open: OpenForm = field(default_factory=lambda: OpenForm(prefix="open"))

    def offer(self, ward: Ward, kinds: tuple[str, ...]) -> None:
        """What can be chosen from."""
        named = {kind: kind.capitalize() for kind in kinds}
        self.unit.kind.choices = one_of(named)
        self.open.kind.choices = one_of({"": WHOLE} | named)
        self.close.offer(ward.units, kinds)


@pages.get("/sites")
@require(Role.ADMIN)
def listing() -> Answer:
    with look() as work:
        found = [sites.ward(work, site.code) for site in sites.every(work)]
    return render_template("resources/list.html", wards=found)


@pages.get(AT)
@require(Role.ADMIN)
def show(code: str) -> Answer:
    return _page(code, Forms(), 200)


def _page(code: str, forms: Forms, status: int) -> Answer:
    with look() as work:
        ward = sites.ward(work, code)
        forms.offer(ward, sites.kinds(work))
        year, waiting = work.today(ward.site).year, disruption.waiting(work, ward.site)
    holidays = resources.public_holidays(ward.site.holidays, (year, year + 1)) if ward.site.holidays else ()
    return render_template("resources/show.html", ward=ward, forms=forms, holidays=holidays, waiting=waiting), status


def _changed(code: str, forms: Forms, form: PlannerForm, do: Callable[[Work], str]) -> Answer:
    """The page of the site after a change, with what it says of itself; or with what was refused."""
    with look() as work:
        forms.offer(sites.ward(work, code), sites.kinds(work))

    def done() -> str:
        with begin(form.once) as work:
            return do(work)

    said, status = form.save(done)
    if said is None:
        return _page(code, forms, status)
    flash(said)
    return redirect(url_for("resources.show", code=code), 303)


@pages.post(f"{AT}/units")
@require(Role.ADMIN)
def add_unit(code: str) -> Answer:
    forms = Forms()
    form = forms.unit

    def added(work: Work) -> str:
        sites.add_unit(work, code, Unit("", form.kind.data, form.name.data or ""))
        return "Saved."

    return _changed(code, forms, form, added)


@pages.route(f"{AT}/units/<id:unit>", methods=["GET", "POST"])
@require(Role.ADMIN)
def hours(code: str, unit: str) -> Answer:
    form = HoursForm(prefix="hours")
    with look() as work:
        ward, found = sites.ward(work, code), sites.unit_of(work, code, unit)

    def done() -> str:
        with begin(form.once) as work:
            return saved_over(sites.set_hours(work, code, unit, form.hours, form.agreed.data or ""))

    said, status = form.save(done)
    if said is not None:
        flash(said)
        return redirect(url_for("resources.show", code=code), 303)
    if not form.is_submitted():
        form.show_hours(found.hours)
    return render_template("resources/hours.html", ward=ward, unit=found, form=form), status


@pages.post(f"{AT}/closures")
@require(Role.ADMIN)
def close(code: str) -> Answer:
    forms = Forms()
    form = forms.close

    def shut(work: Work) -> str:
        asked = form.shutting
        return saved_over(sites.close(work, code, asked.closure, asked.unit, form.agreed.data or ""))

    return _changed(code, forms, form, shut)


@pages.post(f"{AT}/opened")
@require(Role.ADMIN)
def open_day(code: str) -> Answer:
    forms = Forms()
    form = forms.open

    def opened(work: Work) -> str:
        opens, closes = form.opens.time or time.min, form.closes.time or time.min
        day = Opened(form.day.data or date.min, opens, closes, form.kind.data, form.name.data or "")
        lifted = sites.open_day(work, code, day)
        why = closed_before(lifted.calendar, lifted.closed, lifted.day)
        return f"Saved. {staff_day(lifted.day)} was closed: {why}."

    return _changed(code, forms, form, opened)


@pages.post(f"{AT}/<any(closures, opened, units):what>/<id:which>/withdraw")
@require(Role.ADMIN)
def withdraw(code: str, what: str, which: str) -> Answer:
    with begin() as work:
        cut = UNDO[what](work, code, which)
    flash(saved_over(cut or ()))
    return redirect(url_for("resources.show", code=code), 303)
