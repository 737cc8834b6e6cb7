"""Patients: the list, enrolling, one patient's page, and what everything else counts from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from planner.core.days import near
from planner.core.errors import Refused
from planner.core.flags import NEEDS
from planner.core.patients import Contact
from planner.core.staff import READ_PATIENTS, Role
from planner.exports.messages import latest
from planner.exports.months import visits_in
from planner.exports.timeline import timeline, timeline_near
from planner.services import cases, contacts, history, invitations, messages, patients, resources
from planner.services.invitations import Kind
from planner.web.access import EVERYBODY, actor, begin, close, look, note, require
from planner.web.fields import one_of, searched
from planner.web.filters import moved
from planner.web.forms import ContactForm, DecideForm, EnrolForm
from planner.web.frame import page, part

if TYPE_CHECKING:
    from markupsafe import Markup

    from planner.core.patients import Patient
    from planner.core.protocol import Protocol
    from planner.services.cases import Act, Case
    from planner.services.protocols import Name
    from planner.services.work import Work
    from planner.web.filters import Answer

pages = Blueprint("patients", __name__)
READERS = READ_PATIENTS
WRITERS = (Role.NURSE, Role.INVESTIGATOR)
KINDS = {Kind.ICS: "text/calendar; charset=utf-8", Kind.PDF: "application/pdf"}
SHOWN = ("all", "todo", "done")
ALL = "all"
HOMES: dict[Role | None, str] = {
    Role.ADMIN: "accounts.staff",
    Role.NURSE: "agenda.today",
    Role.INVESTIGATOR: "agenda.today",
}
"""Where a role begins its day; the others begin with the list of patients."""


@pages.get("/")
@require(*EVERYBODY)
def home() -> Answer:
    who = actor()
    role = who.role if who is not None else None
    return redirect(url_for(HOMES.get(role, "patients.listing")))


@pages.get("/patients")
@require(*READERS)
def listing() -> Answer:
    words = searched(request.args.get("q", ""))
    with look() as work:
        found = patients.listing(work, words)
    return render_template("patients/list.html", lines=[_line(case) for case in found], words=words)


def _line(case: Case) -> Markup:
    """A row of the list: the same for everybody who may read it."""
    return part("patients/_line.html", case, lambda: {"line": patients.line(case)})


@pages.route("/patients/new", methods=["GET", "POST"])
@require(*WRITERS)
def enrol() -> Answer:
    form = EnrolForm()
    starts = None
    with look() as work:
        names = _choices(form, work)
    if form.compare.data:
        form.subject_id.validators = ()  # start days are compared before there is a number
    if form.compare.data and form.validate_on_submit():
        try:
            with look() as work:
                starts = patients.advise(work, _advice(form, names))
        except Refused as error:
            form.refuse(error)
        status = 200 if starts is not None else 422
    else:
        saved, status = form.save(lambda: _enrolled(form, names))
        if saved is not None:
            flash(f"Patient {saved.subject_id} is enrolled.")
            return redirect(url_for("patients.show", public_id=saved.public_id), 303)
    protocol = _protocol(names[form.protocol.data]) if form.protocol.data in names else None
    return render_template("patients/enrol.html", form=form, starts=starts, protocol=protocol), status


def _choices(form: EnrolForm, work: Work) -> dict[str, Name]:
    """What can be chosen from; the protocols by the words they are shown with."""
    names = {" ".join(name): name for name in work.library.protocols}
    form.protocol.choices = one_of(
        {words: f"{work.library.find(name).name}, version {name[1]}" for words, name in names.items()}
    )
    form.site.choices = one_of({site.code: site.name for site in patients.own_sites(work)})
    asked = [protocol.enrolment for protocol in work.library.protocols.values() if protocol.enrolment is not None]
    form.dose_level.choices = one_of({n: f"Dose level {n}" for n in range(1, max(e.dose_levels for e in asked) + 1)})
    phases = dict.fromkeys(phase for e in asked for phase in e.phases)
    form.phase.choices = one_of({phase: phase.capitalize() for phase in phases})
    return names


def _protocol(name: Name) -> Protocol:
    with look() as work:
        return work.library.find(name)


def _advice(form: EnrolForm, names: dict[str, Name]) -> patients.Advice:
    day = form.day_one.data or date.min
    return patients.Advice(form.site.data, names[form.protocol.data], day, form.registration.data)


def _enrolled(form: EnrolForm, names: dict[str, Name]) -> Patient:
    wanted = patients.Enrolment(
        subject_id=form.subject_id.data or "",
        site=form.site.data,
        protocol=names[form.protocol.data],
        day_one=form.day_one.data or date.min,
        registration=form.registration.data,
        dose_level=form.dose_level.data,
        phase=form.phase.data,
        language=form.language.data,
    )
    with begin(form.once) as work:
        return patients.enrol(work, wanted)


@pages.get("/patients/<id:public_id>")
@require(*READERS)
def show(public_id: str) -> Answer:
    shown = request.args.get("visits", ALL)
    with look() as work:
        case = cases.case(work, public_id)
        units = resources.unit_names(work, case.patient.site)
        sent = latest(messages.sent(work, public_id), case.patient.site.zone)
    month = month_asked(case)
    shown = shown if shown in SHOWN else ALL
    weeks = ALL if request.args.get("weeks") == ALL else ""

    def parts() -> dict[str, object]:
        return {
            "line": patients.line(case),
            "needs": NEEDS,
            "shown": shown,
            "units": units,
            "sent": sent,
            "whole": timeline(case.schedule, case.today),
            "near": timeline_near(case.schedule, case.today) if weeks != ALL else None,
            "month": visits_in(case.schedule, month, case.today),
        }

    return page("patients/show.html", case, parts, month, shown, weeks, tuple(sent.items()))


def month_asked(case: Case, otherwise: date | None = None) -> date:
    """The first day of the month that the address asks for; else of the day given, else of today."""
    text = request.args.get("month")
    if text is None:
        return (otherwise or case.today).replace(day=1)
    try:
        found = date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        raise Refused("no_such_month", month=text[:20]) from error
    if not near(found, case.today):
        raise Refused("no_such_month", month=text[:20])
    return found


@pages.get("/patients/<id:public_id>/visits.<any(ics, pdf):kind>")
@require(Role.NURSE, Role.INVESTIGATOR)
def take_away(public_id: str, kind: str) -> Answer:
    with look() as work:
        case = cases.case(work, public_id)
        sent, detail = invitations.sent(work, case), invitations.agreed(work, case)
    close()  # a print takes a second, and holds no connection meanwhile
    content = invitations.of_case(Kind(kind), case, request.args.get("language", ""), sent, detail)
    note(lambda work: history.taken_away(work, public_id, kind))
    named = {"Content-Disposition": f'attachment; filename="visits.{kind}"'}
    return Response(content, mimetype=None, content_type=KINDS[Kind(kind)], headers=named)


@pages.route("/patients/<id:public_id>/decisions/<code>", methods=["GET", "POST"])
@require(Role.INVESTIGATOR)
def decide(public_id: str, code: str) -> Answer:
    with look() as work:
        case = cases.case(work, public_id)
    decision = patients.decision_of(case, code)
    form = DecideForm()
    form.value.choices = one_of({value: value.capitalize() for value in decision.values})

    def decided() -> Act:
        with begin(form.once) as work:
            return patients.decide(work, public_id, form.version, code, form.value.data, form.reason)

    done, status = form.save(decided)
    if done is not None:
        return _saved(done)
    return _form("patients/decide.html", form, case, status, decision=decision)


@pages.route("/patients/<id:public_id>/contact", methods=["GET", "POST"])
@require(Role.NURSE)
def contact(public_id: str) -> Answer:
    with look() as work:
        case, known = cases.case(work, public_id), contacts.contact(work, public_id)
    form = ContactForm(obj=known, language=case.patient.language)

    def written() -> bool:
        with begin(form.once) as work:
            found = Contact(form.name.data or "", form.email.data or "", form.phone.data or "")
            contacts.write_contact(work, public_id, form.version, found, form.language.data)
        return True

    done, status = form.save(written)
    if done:
        flash("Saved.")
        return redirect(url_for("patients.show", public_id=public_id), 303)
    return _form("patients/contact.html", form, case, status)


def _form(template: str, form: DecideForm | ContactForm, case: Case, status: int, **more: object) -> Answer:
    """The form with the version that the page shows now."""
    form.show(case.patient.version)
    return render_template(template, form=form, case=case, **more), status


def _saved(act: Act) -> Answer:
    """Back to the patient, with what moved."""
    flash(moved(act))
    return redirect(url_for("patients.show", public_id=act.case.patient.public_id), 303)
