"""The deviation log: on a page, for a spreadsheet, on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template, request
from wtforms import SelectField

from planner.core.deviation_log import Asked, Kind, Settled
from planner.core.deviations import Nature
from planner.core.staff import READ_RECORDS
from planner.exports.deviation_log import KINDS, NATURES, SETTLED, asked_words, csv_file, printed_log, row
from planner.services import deviations, history
from planner.web.access import close, look, note, require
from planner.web.fields import Day, PlannerForm, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.core.deviation_log import Log
    from planner.services.work import Work
    from planner.web.filters import Answer

pages = Blueprint("deviations", __name__)


def _any_of(words: Mapping[Any, str]) -> Any:  # noqa: ANN401  # as in `one_of`
    """All, or one of them."""
    return one_of({"": "All"} | {one.value: said.capitalize() for one, said in words.items()})


class LogForm(PlannerForm):
    """Which part of the log; it saves nothing, so it carries no token and its address can be kept."""

    class Meta(PlannerForm.Meta):
        """Sent in the address."""

        csrf = False

    patient = SelectField("Patient", default="")
    kind = SelectField("Kind", default="", choices=_any_of(KINDS))
    nature = SelectField("Expected or actual", default="", choices=_any_of(NATURES))
    settled = SelectField("Reason", default="", choices=_any_of(SETTLED))
    first = Day("From")
    last = Day("To")

    @property
    def asked(self) -> Asked:
        """What was filled in."""
        kind, nature, settled = self.kind.data, self.nature.data, self.settled.data
        return Asked(
            patient=self.patient.data or "",
            kind=Kind(kind) if kind else None,
            nature=Nature(nature) if nature else None,
            settled=Settled(settled) if settled else None,
            first=self.first.data,
            last=self.last.data,
        )


@pages.get("/deviations")
@require(*READ_RECORDS)
def show() -> Answer:
    with look() as work:
        form, found = _asked(work)
    if found is None:
        return render_template("deviations/show.html", form=form, log=None), 422
    told = {"lines": [(line, row(line)) for line in found.lines], "asked": asked_words(found)}
    query = {field.name: request.args[field.name] for field in form if request.args.get(field.name)}
    return render_template("deviations/show.html", form=form, log=found, query=query, **told)


@pages.get("/deviations.csv")
@require(*READ_RECORDS)
def table() -> Answer:
    return _taken_away(csv_file, "csv", "text/csv; charset=utf-8")


@pages.get("/deviations.pdf")
@require(*READ_RECORDS)
def paper() -> Answer:
    return _taken_away(printed_log, "pdf", "application/pdf")


def _taken_away(make: Callable[[Log], bytes], kind: str, content_type: str) -> Answer:
    with look() as work:
        form, found = _asked(work)
    if found is None:
        return render_template("deviations/show.html", form=form, log=None), 422
    close()  # a print takes a second, and holds no connection meanwhile
    named = {"Content-Disposition": f'attachment; filename="deviations.{kind}"'}
    content = make(found)
    sought = asked_words(replace(found, asked=replace(found.asked, patient="")))
    note(lambda work: history.log_copied(work, kind, found, sought))
    return Response(content, mimetype=None, content_type=content_type, headers=named)


def _asked(work: Work) -> tuple[LogForm, Log | None]:
    """The form as the address fills it, and what it asks for; nothing where it cannot be read."""
    form = LogForm(formdata=request.args)
    subjects = {patient.public_id: patient.subject_id for patient in deviations.within_reach(work)}
    form.patient.choices = one_of({"": "All", **subjects})
    return form, deviations.log(work, form.asked) if form.validate() else None
