"""One visit: its rules and days, booking one, and recording what happened."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, url_for

from planner.core.errors import NotFound, Refused
from planner.core.facts import Go, State
from planner.exports.definitions import rules_of, visit_type
from planner.exports.months import bookable
from planner.services import accounts, attendances, cases, records, resources, visits
from planner.services.records import Record
from planner.services.visits import How, Start
from planner.web.access import begin, look, require
from planner.web.fields import ActForm, one_of
from planner.web.filters import moved
from planner.web.forms import (
    AddForm,
    BookForm,
    CombineForm,
    ConfirmForm,
    GoForm,
    RecordForm,
    RepeatForm,
    SecondPersonForm,
    TakeBackForm,
)
from planner.web.patients import READERS, WRITERS, month_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.core.patients import Site
    from planner.core.rooms import Room
    from planner.core.visit import Visit
    from planner.exports.months import Month
    from planner.services.cases import Act, Case
    from planner.services.work import Work
    from planner.web.filters import Answer

pages = Blueprint("visits", __name__)
SOMEBODY, TO_BE_GIVEN = "a colleague", "to be given"
"""Stand in a preview for the second person and for the reason, which are asked for only when it is saved."""
AT = "/patients/<id:public_id>/visits/<code>"


@dataclass
class Forms:
    """The forms of a visit's page; the one that was sent keeps what was typed."""

    book: BookForm = field(default_factory=lambda: BookForm(prefix="book"))
    record: RecordForm = field(default_factory=lambda: RecordForm(prefix="record"))
    take_back: TakeBackForm = field(default_factory=lambda: TakeBackForm(prefix="back"))
    go: GoForm = field(default_factory=lambda: GoForm(prefix="gate"))
    confirm: ConfirmForm = field(default_factory=lambda: ConfirmForm(prefix="confirm"))
    repeat: RepeatForm = field(default_factory=lambda: RepeatForm(prefix="repeat"))
    combine: CombineForm = field(default_factory=lambda: CombineForm(prefix="combine"))
    separate: ActForm = field(default_factory=lambda: ActForm(prefix="separate"))

    @property
    def all(self) -> tuple[ActForm, ...]:
        """Every one of them."""
        return tuple(getattr(self, one.name) for one in fields(self))


@pages.get(AT)
@require(*READERS)
def show(public_id: str, code: str) -> Answer:
    return page(case_of(public_id), code, Forms(), 200)


@pages.post(f"{AT}/book")
@require(*WRITERS)
def book(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.book
    act, status = form.save(lambda: _booked(public_id, code, form))
    if act is not None and not form.looks:
        return saved(act)
    return page(case_of(public_id), code, forms, 200 if form.looks and status == HTTPStatus.SEE_OTHER else status, act)


def _booked(public_id: str, code: str, form: BookForm) -> Act | None:
    """The act saved, or only shown; nothing yet where the free times are asked for."""
    day, unit = form.day.data or date.min, str(form.unit.data or "")
    how = How(Start(form.start.time, unit, form.start.sure) if form.start.time is not None else None)
    if form.times.data:
        return None
    if not form.preview.data:
        how = replace(how, second=second_person(public_id, form))
        with begin(form.once) as work:
            return visits.book(work, public_id, form.version, code, day, form.reason, how)
    with look() as work:
        case = cases.as_seen(work, public_id, form.version)
        how = visits.allowed(work, case, code, day, replace(how, second=SOMEBODY))
    return visits.booking(case, code, day, form.reason or TO_BE_GIVEN, how)


def second_person(public_id: str, form: SecondPersonForm) -> str:
    """The name of the second person at the patient's site."""
    return second_at(lambda work: cases.case(work, public_id).patient.site, form)


def second_at(where: Callable[[Work], Site], form: SecondPersonForm) -> str:
    """The name of the second person, who gave their password; empty where nobody did."""
    login = form.second_login.data or ""
    if not login:
        return ""
    with look() as work:
        site = where(work)
        right = accounts.known_password(work, login, form.second_password.data or "")
    with begin() as work:
        found = accounts.second_person(work, login, site, right=right)
    if found is None:
        raise Refused("second_person_unknown")
    return found.name


@pages.route("/patients/<id:public_id>/unscheduled", methods=["GET", "POST"])
@require(*WRITERS)
def add(public_id: str) -> Answer:
    form, case = AddForm(), case_of(public_id)
    form.code.choices = one_of({e.code: e.name.into("en") for e in visits.as_needed(case)})

    def added() -> Act | None:
        if form.times.data:
            return None
        how = How(Start(form.start.time, sure=form.start.sure) if form.start.time is not None else None)
        with begin(form.once) as work:
            return visits.add(work, public_id, form.version, form.code.data, form.day.data or date.min, how)

    act, status = form.save(added)
    if act is not None:
        return saved(act)
    form.show(case.patient.version)
    status = HTTPStatus.OK if form.times.data and not form.errors else status
    return render_template("visits/add.html", case=case, form=form, **_places(case, form)), status


def _places(case: Case, form: AddForm) -> dict[str, object]:
    """The room for the visit and the free times of the day chosen, as far as both are known."""
    if not form.code.data or form.code.data not in case.protocol.by_code:
        return {"room": None, "times": ()}
    chosen = None if form.day.errors else form.day.data
    day = chosen or case.today
    with look() as work:
        room = resources.room_for(work, case, form.code.data, (day, day))
    return {"room": room, "times": room.free(day) if chosen is not None else ()}


@pages.post(f"{AT}/record")
@require(*WRITERS)
def record(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.record

    def recorded() -> Act:
        occurred = form.what.data == State.OCCURRED
        days = (form.day.data, form.end.data) if occurred else (None, None)
        go = Go(form.go.data) if occurred and form.go.data else None
        told = (form.decided_by.data or "", form.taken_for.data if occurred else None)
        what = Record(State(form.what.data), *days, go, *told)
        second = second_person(public_id, form)
        with begin(form.once) as work:
            return records.record(work, public_id, form.version, code, what, form.reason, second)

    act, status = form.save(recorded)
    return saved(act) if act is not None else page(case_of(public_id), code, forms, status)


@pages.post(f"{AT}/take-back")
@require(*WRITERS)
def take_back(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.take_back

    def taken_back() -> Act:
        with begin(form.once) as work:
            return visits.take_back(work, public_id, form.version, code, form.reason)

    act, status = form.save(taken_back)
    return saved(act) if act is not None else page(case_of(public_id), code, forms, status)


def case_of(public_id: str) -> Case:
    with look() as work:
        return cases.case(work, public_id)


def saved(act: Act) -> Answer:
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=act.case.patient.public_id), 303)


def page(case: Case, code: str, forms: Forms, status: int, act: Act | None = None) -> Answer:
    visit = visits.visit_of(case, code)
    with look() as work:
        units = resources.unit_names(work, case.patient.site)
    for form in forms.all:
        form.show(case.patient.version)
    if forms.record.day.data is None and not forms.record.is_submitted():
        # what lies ahead has not happened: no day stands there
        past = visit.day is not None and visit.day <= case.today
        forms.record.day.data = visit.day if past else None
        forms.record.taken_for.data = records.counted_from(case, visit)
    about: dict[str, Any] = {
        **_to_book(case, visit, forms.book),
        "kind": visit_type(case.protocol, code),
        "rules": rules_of(case.protocol, code),
        "units": units,
        "repeat": attendances.repeat_of(case, code),
        "hosts": attendances.hosts(case, code),
    }
    offer_hosts(forms, case, code)
    return render_template("visits/show.html", case=case, visit=visit, forms=forms, act=act, **about), status


def offer_hosts(forms: Forms, case: Case, code: str) -> None:
    """The list of visits with which this one may be combined."""
    hosts = attendances.hosts(case, code)
    forms.combine.host.choices = one_of({host.code: host.encounter.name.into("en") for host in hosts})


def _to_book(case: Case, visit: Visit, form: BookForm) -> dict[str, object]:
    """The month to book in, and of the day chosen the free times with the units that have room."""
    chosen = None if form.day.errors else form.day.data
    if not visit.to_come:
        return {"month": None}
    first = month_asked(case, chosen or visit.day or visit.target or min(visit.live, default=case.today))
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    with look() as work:
        room = resources.room_for(work, case, visit.code, (first, last))
    form.unit.choices = one_of({"": "The first with room"} | {unit.public_id: unit.name for unit in room.units})
    if visit.clock is not None and not form.start.data:
        chosen = _proposed(visit, form, chosen)
    months = {"month": _month(case, visit, first, room), "room": room}
    return months | {"times": room.free(chosen) if chosen is not None and room.units else ()}


def _proposed(visit: Visit, form: BookForm, chosen: date | None) -> date | None:
    """The day chosen, or else that of the start proposed, which stands in the form before anything is sent."""
    proposed = visit.clock
    if proposed is None or (chosen is None and (form.is_submitted() or proposed.date() not in visit.possible)):
        return chosen
    form.day.data = chosen or proposed.date()
    form.start.data = f"{proposed:%H:%M}"
    return form.day.data


def _month(case: Case, visit: Visit, first: date, room: Room) -> Month | None:
    try:
        return bookable(case.schedule, visit.code, first, case.today, room if room.units else None)
    except NotFound:
        return None
