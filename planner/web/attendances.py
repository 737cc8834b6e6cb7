"""What a person says of an attendance: confirmed, GO or NO-GO, made once more, one for two visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from planner.core.facts import Go
from planner.services import attendances, records
from planner.services.visits import visit_of
from planner.web.access import begin, require
from planner.web.patients import WRITERS
from planner.web.visits import AT, Forms, case_of, offer_hosts, page, saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.services.cases import Act
    from planner.services.work import Work
    from planner.web.fields import ActForm
    from planner.web.filters import Answer

pages = Blueprint("attendances", __name__)


def _acted(public_id: str, code: str, forms: Forms, form: ActForm, do: Callable[[Work], Act]) -> Answer:
    """The act saved, or the visit's page with what was typed."""

    def done() -> Act:
        with begin(form.once) as work:
            return do(work)

    act, status = form.save(done)
    return page(case_of(public_id), code, forms, status) if act is None else saved(act)


@pages.post(f"{AT}/confirm")
@require(*WRITERS)
def confirm(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.confirm
    return _acted(
        public_id,
        code,
        forms,
        form,
        lambda work: attendances.confirm(work, public_id, form.version, code, yes=not form.take_back.data),
    )


@pages.post(f"{AT}/decide")
@require(*WRITERS)
def decide(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.go

    def decided(work: Work) -> Act:
        by = str(form.decided_by.data)
        return records.decide(work, public_id, form.version, code, Go(form.go.data), by, form.reason)

    return _acted(public_id, code, forms, form, decided)


@pages.post(f"{AT}/repeat")
@require(*WRITERS)
def repeat(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.repeat
    return _acted(
        public_id,
        code,
        forms,
        form,
        lambda work: attendances.repeat(
            work, public_id, form.version, code, form.reason, again=not form.take_back.data
        ),
    )


@pages.post(f"{AT}/combine")
@require(*WRITERS)
def combine(public_id: str, code: str) -> Answer:
    forms, case = Forms(), case_of(public_id)
    form = forms.combine
    visit_of(case, code)
    offer_hosts(forms, case, code)
    return _acted(
        public_id,
        code,
        forms,
        form,
        lambda work: attendances.combine(work, public_id, form.version, code, str(form.host.data), form.reason),
    )


@pages.post(f"{AT}/separate")
@require(*WRITERS)
def separate(public_id: str, code: str) -> Answer:
    forms = Forms()
    form = forms.separate
    return _acted(public_id, code, forms, form, lambda work: attendances.separate(work, public_id, form.version, code))
