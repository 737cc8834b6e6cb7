"""One act is one transaction: facts and audit rows together or not at all; and what is remembered is what is saved."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, InternalError
from sqlmodel import Session, select

from planner.core.errors import NotFound
from planner.core.facts import Fact, State
from planner.core.patients import Ended
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services import cases, courses, patients, records, visits
from planner.services.schedules import draft
from planner.store import patients as kept
from planner.store.tables import AuditRow, VisitRow

from .conftest import ELSEWHERE, MEDICAL_MONITOR, NURSE, WANTED, wanted

C4 = date(2025, 4, 14)
LATE = date(2025, 4, 22)


class Planted(Exception):
    """A fault that a test plants."""


def undone(office, *steps):
    """A transaction of these steps at whose end a fault is raised."""
    with office.begin(NURSE) as work:
        for step in steps:
            step(work)
        raise Planted


# ---- nothing is half written


@pytest.fixture
def writes(database):
    """The statements that write, as they come; `stop` (a number) breaks the one that comes so far."""

    class Writes(list):
        stop = None

    seen = Writes()

    def watch(_connection, _cursor, statement, *_rest):
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            if len(seen) == seen.stop:
                raise Planted
            seen.append(statement.split("(")[0].split("SET")[0].strip())

    event.listen(database.engine, "before_cursor_execute", watch)
    yield seen
    event.remove(database.engine, "before_cursor_execute", watch)


def test_an_act_is_broken_at_each_of_its_writes_and_leaves_nothing(act, rows, writes):
    """Booked late once, then on time: version, visit, acceptance withdrawn, two audit rows."""
    act(visits.book, "C4D1", LATE, "low blood counts")
    before = rows()
    broken = 0

    while True:
        writes.clear()
        writes.stop = broken
        try:
            act(visits.book, "C4D1", C4)
        except Planted:
            assert rows() == before
            broken += 1
        else:
            break

    assert set(writes) == {
        *("UPDATE patient", "UPDATE visit", "UPDATE acceptance", "INSERT INTO audit", "UPDATE audit_head"),
        "UPDATE outbox",
    }
    assert broken == len(writes) >= 4


def test_an_enrolment_is_broken_at_each_of_its_writes_and_leaves_nothing(office, rows, writes):
    before = rows()
    broken = 0

    while True:
        writes.clear()
        writes.stop = broken
        try:
            with office.begin(NURSE) as work:
                patients.enrol(work, WANTED)
        except Planted:
            assert rows() == before
            broken += 1
        else:
            break

    assert set(writes) == {
        *("INSERT INTO patient", "UPDATE patient", "INSERT INTO named_date"),
        *("INSERT INTO audit", "UPDATE audit_head"),
    }
    assert broken == len(writes) >= 4


def test_what_is_raised_after_an_act_undoes_it(office, act, patient, version, rows):
    act(visits.book, "SC2", date(2025, 2, 25))
    before, seen = rows(), version()

    with pytest.raises(Planted):
        undone(
            office,
            lambda work: visits.book(work, patient, seen, "C4D1", LATE, "low blood counts"),
            lambda work: work.session.flush(),
        )

    assert rows() == before


def test_what_the_database_refuses_undoes_the_whole_act(office, act, patient, version, rows):
    """An audit row needs a name; the facts are written before it."""
    seen, before = version(), rows()
    nameless = Actor("anna", None, Role.NURSE, frozenset({"01"}))

    with pytest.raises(IntegrityError), office.begin(nameless) as work:
        visits.book(work, patient, seen, "C4D1", C4)

    assert rows() == before


def test_what_is_written_in_a_look_is_not_kept(office, patient, version, rows):
    before, seen = rows(), version()

    with suppress(InternalError), office.look(NURSE) as work:  # an engine may refuse it at once
        visits.book(work, patient, seen, "C4D1", C4)
        work.session.flush()

    assert rows() == before


def replayed(database):
    """What the audit rows alone say of the visits, the last word on each."""
    with Session(database.engine) as session:
        told = session.exec(select(AuditRow).order_by(AuditRow.id)).all()
        found = session.exec(select(VisitRow)).all()
    last = {row.entity: row.new for row in told if row.entity.startswith("visit:")}
    said = {
        entity.removeprefix("visit:"): json.loads(new)["state"] if new else "planned" for entity, new in last.items()
    }
    return said, {row.code: row.state for row in found}


def test_no_fact_is_without_its_audit_row_and_no_audit_row_without_its_fact(act, database):
    act(visits.book, "C4D1", LATE, "low blood counts")
    act(visits.book, "C5D1", date(2025, 5, 6))
    act(visits.take_back, "C4D1")
    act(records.record, "C6D1", records.Record(State.CANCELED), "other toxicity")

    said, found = replayed(database)

    assert said == found == {"C4D1": "planned", "C5D1": "booked", "C6D1": "canceled"}


def test_the_rows_of_one_act_share_its_name_and_those_of_two_do_not(act, entries):
    act(visits.book, "C4D1", LATE, "low blood counts")
    act(visits.book, "C5D1", date(2025, 5, 6))

    *_, first, second, third = entries()

    assert (first.act == second.act, second.act == third.act) == (True, False)
    assert [len(entry.act) for entry in (first, third)] == [22, 22]


# ---- what is remembered


def test_after_an_act_the_new_schedule_is_read(act, case):
    before = case().schedule.by_code["C4D1"].day

    act(visits.book, "C4D1", date(2025, 4, 16))

    assert (before, case().schedule.by_code["C4D1"].day) == (C4, date(2025, 4, 16))


def test_what_was_saved_is_read_without_being_planned_again_and_is_the_plan_of_what_is_stored(office, act, case):
    saved = act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")

    found = case()
    assert found.schedule is saved.after
    with office.look(COMMAND_LINE) as work:
        stored = kept.known(work.session, found.patient).facts
    assert draft(found.protocol, stored, found.days, found.today) == saved.after


def test_the_schedule_is_made_once_while_nothing_changes_and_anew_the_next_day(case, clock):
    first, again = case().schedule, case().schedule
    clock.now = clock.now.replace(day=25)

    assert (first is again, first is case().schedule) == (True, False)


def test_the_schedule_is_made_anew_where_the_site_changes(office, case, database):
    """Without the holidays of Belgium, Easter Monday is a day like others."""
    before = case().schedule.by_code["N1+7"]

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE site SET holidays = NULL WHERE code = '01'"))

    assert (date(2025, 5, 1) in before.live, date(2025, 5, 1) in case().schedule.by_code["N2+7"].possible) == (
        False,
        True,
    )


def test_an_act_that_was_undone_is_never_seen(office, act, patient, version, case):
    seen = version()
    with pytest.raises(Planted):
        undone(office, lambda work: visits.book(work, patient, seen, "C4D1", date(2025, 4, 16)))

    act(visits.book, "C5D1", date(2025, 4, 28))

    assert case().facts.visits == {"C5D1": Fact(State.BOOKED, date(2025, 4, 28))}


def test_an_act_that_was_looked_at_and_then_undone_is_never_seen(office, act, patient, version, case):
    """The case is read once more within the transaction, as a page that is made before the end would."""
    seen = version()
    with pytest.raises(Planted):
        undone(
            office,
            lambda work: visits.book(work, patient, seen, "C4D1", date(2025, 4, 16)),
            lambda work: cases.case(work, patient),
        )

    act(visits.book, "C5D1", date(2025, 4, 28))

    assert case().facts.visits == {"C5D1": Fact(State.BOOKED, date(2025, 4, 28))}


def test_within_one_transaction_each_act_sees_the_one_before(office, patient, version, case):
    seen = version()

    with office.begin(NURSE) as work:
        visits.book(work, patient, seen, "C4D1", C4)
        visits.book(work, patient, seen + 1, "C5D1", date(2025, 4, 28))

    assert case().facts.visits == {
        "C4D1": Fact(State.BOOKED, C4),
        "C5D1": Fact(State.BOOKED, date(2025, 4, 28)),
    }


def test_within_one_transaction_the_end_is_seen_at_once(office, patient, version, case):
    seen = version()

    with office.begin(NURSE) as work:
        courses.end(work, patient, seen, date(2025, 2, 24), Ended.SCREEN_FAILURE, "not eligible")
        within = cases.case(work, patient)

    assert (within.patient.ended, within.facts.ended) == (date(2025, 2, 24), date(2025, 2, 24))
    assert case().schedule == within.schedule
    assert case().schedule.by_code["C1D1"].state is State.CANCELED


# ---- who sees whom


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MEDICAL_MONITOR])
def test_a_patient_is_seen_by_those_of_the_site_and_by_nobody_else(office, patient, role):
    own, other = (Actor("anna", "Anna", role, frozenset({code})) for code in ("01", "02"))

    with office.look(own) as work:
        assert cases.case(work, patient).patient.subject_id == "01-001"
    with office.look(other) as work, pytest.raises(NotFound) as foreign:
        cases.case(work, patient)
    with office.look(own) as work, pytest.raises(NotFound) as unknown:
        cases.case(work, "A" * 22)

    assert foreign.value.args == unknown.value.args == ("no_such_patient", {})


def test_whoever_has_no_site_sees_nobody(office, patient):
    with office.look(Actor("nina", "Nina", Role.NURSE)) as work:
        assert patients.listing(work) == ()
        with pytest.raises(NotFound):
            cases.case(work, patient)


@pytest.mark.parametrize("actor", [MEDICAL_MONITOR, COMMAND_LINE])
def test_the_medical_monitor_and_the_command_line_reach_every_site(office, patient, actor):
    with office.begin(ELSEWHERE) as work:
        patients.enrol(work, wanted(subject_id="02-001", site="02"))

    with office.look(actor) as work:
        found = [found.patient.subject_id for found in patients.listing(work)]

    assert found == ["01-001", "02-001"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", ["01-001"]), ("01-0", ["01-001"]), ("brussels 001", ["01-001"]), ("02-001", []), ("leuven", [])],
)
def test_only_own_patients_are_searched(office, patient, words, found):
    with office.begin(ELSEWHERE) as work:
        patients.enrol(work, wanted(subject_id="02-001", site="02"))

    with office.look(NURSE) as work:
        listed = [found.patient.subject_id for found in patients.listing(work, words)]

    assert listed == found


def test_a_patient_that_there_is_not_has_no_key(office):
    with office.look(COMMAND_LINE) as work, pytest.raises(NotFound, match="no_such_patient"):
        kept.key(work.session, "A" * 22)
