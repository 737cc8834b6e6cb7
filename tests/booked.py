"""What must hold of booked time in any database, whatever happened to it; asked of the tables themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import col, select

from planner.core.deviations import WINDOW, Nature
from planner.core.protocol import Strength
from planner.core.units import attended, taken_by
from planner.services import payloads
from planner.store import audit, patients
from planner.store.resource_tables import CellRow, UnitRow
from planner.store.tables import AuditRow, PatientRow, VisitRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.core.facts import Facts
    from planner.services.cases import Case
    from planner.services.work import Work


def cells_kept(work: Work) -> list[tuple[str, int, str, str]]:
    """Every row of slot_cell: unit, cell, patient, visit."""
    rows = (
        select(UnitRow.public_id, CellRow.cell, PatientRow.public_id, CellRow.code)
        .join(UnitRow, col(UnitRow.id) == col(CellRow.unit_id))
        .join(PatientRow, col(PatientRow.id) == col(CellRow.patient_id))
    )
    return sorted(tuple(row) for row in work.session.exec(rows))


def facts_known(work: Work) -> dict[str, Facts]:
    """The facts of every patient as the tables have them."""
    return {
        patient.public_id: patients.known(work.session, patient).facts for patient in patients.every(work.session, None)
    }


def cells_wanted(work: Work, known: Mapping[str, Facts] | None = None) -> list[tuple[str, int, str, str]]:
    """The cells of every fact that has a unit; one that two facts share stands here twice."""
    facts = facts_known(work) if known is None else known
    return sorted(
        (fact.unit, cell, patient.public_id, code)
        for patient in patients.every(work.session, None)
        for code, fact in facts[patient.public_id].visits.items()
        if fact.unit
        for cell in taken_by(fact, *attended(work.library.find(patient.protocol), facts[patient.public_id], code))
    )


def told_last(work: Work) -> dict[tuple[int, str], object]:
    """Of each visit that the history names: what its last row says."""
    rows = select(AuditRow.patient_id, AuditRow.entity, AuditRow.new).where(col(AuditRow.entity).like("visit:%"))
    return {
        (patient, entity.removeprefix("visit:")): new and json.loads(new)
        for patient, entity, new in work.session.exec(rows.order_by(col(AuditRow.id)))
    }


def facts_kept(work: Work) -> dict[tuple[int, str], object]:
    """Of each visit that has a row: what its row says, in the words of the history."""
    keys = work.session.exec(select(VisitRow.patient_id, VisitRow.code)).all()
    known = {patients.key(work.session, who): facts.visits for who, facts in facts_known(work).items()}
    return {(patient, code): payloads.of_fact(known[patient].get(code)) for patient, code in keys}


def hold(work: Work) -> None:
    """Cells, facts and history say the same, no two visits share a cell, and the chain is whole."""
    kept, wanted = cells_kept(work), cells_wanted(work)
    assert kept == wanted
    assert len({(unit, cell) for unit, cell, _, _ in wanted}) == len(wanted)
    assert facts_kept(work) == told_last(work)
    assert audit.verify(work.session).intact


def faults(case: Case) -> Iterator[str]:
    """What no saved schedule may show: a deviation without its rule, an absolute rule given up for what lies ahead."""
    rules = {rule.id: rule.strength for rule in case.protocol.rules}
    facts = case.facts
    for guest, host in facts.together.items():
        mine, theirs = facts.visits.get(guest), facts.visits.get(host)
        known = [fact and (fact.state, fact.day, fact.at) for fact in (mine, theirs)]
        if theirs is not None and known[0] != known[1]:
            yield f"{guest} is not where {host} is, which fulfils it too"
    for visit in case.schedule.visits:
        for found in visit.deviations:
            if found.visit != visit.code:
                yield f"{visit.code} shows a deviation of {found.visit}"
            if found.broken is None and found.rule != WINDOW:
                yield f"{visit.code} shows {found.rule} without what was broken"
            if found.broken is not None and found.broken.rule != found.rule:
                yield f"{visit.code} shows {found.rule} for {found.broken.rule}"
            if found.nature is Nature.EXPECTED and rules.get(found.rule) is Strength.ABSOLUTE:
                yield f"{visit.code} gives up {found.rule}, which is absolute"


def broken_absolutely(case: Case) -> set[str]:
    """The visits that wait for a person because two days that stand break a rule that nobody can overrule."""
    absolute = {rule.id for rule in case.protocol.rules if rule.strength is Strength.ABSOLUTE}
    return {clash.visit for clash in case.schedule.conflicts if absolute & {reason.rule for reason in clash.reasons}}
