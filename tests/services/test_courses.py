"""What changes a patient's whole course: a date moved, a decision, the end of the study."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from planner.core.errors import NotFound, Refused
from planner.core.facts import Acceptance, Fact, Facts, State
from planner.core.history import Entry
from planner.core.patients import Ended
from planner.core.staff import Role
from planner.services import courses, patients, records, visits
from planner.services.records import Record
from planner.store.tables import AuditRow

from .conftest import INVESTIGATOR, NURSE, noon, wanted

DAY_1 = date(2025, 3, 3)
CYCLES = ("C1D1", "C2D1", "C3D1", "C4D1", "C5D1", "C6D1")
WISH = "the patient's wish"


def days(schedule):
    return tuple(schedule.by_code[code].day for code in CYCLES)


def surgery(schedule):
    window = schedule.by_code["RES"].window
    return window.earliest, window.latest


# ---- a date moved


@pytest.mark.parametrize(
    ("day", "cycles", "window"),
    [
        (  # a day later: all a day later
            date(2025, 3, 4),
            ((3, 4), (3, 18), (4, 1), (4, 15), (4, 29), (5, 13)),
            ((6, 10), (7, 7)),
        ),
        (  # a week later: FOLFOX 4 off Easter Monday, and the ones after it follow
            date(2025, 3, 10),
            ((3, 10), (3, 24), (4, 7), (4, 22), (5, 6), (5, 20)),
            ((6, 16), (7, 13)),
        ),
        (  # on a Thursday: FOLFOX 5 off Labour Day, FOLFOX 6 two weeks after it
            date(2025, 3, 6),
            ((3, 6), (3, 20), (4, 3), (4, 17), (5, 2), (5, 16)),
            ((6, 12), (7, 9)),
        ),
    ],
)
def test_all_that_counts_from_day_1_follows_it(act, case, day, cycles, window):
    act(courses.redate, "day_one", day, WISH)

    found = case().schedule
    assert days(found) == tuple(date(2025, *each) for each in cycles)
    assert surgery(found) == tuple(date(2025, *each) for each in window)


def test_what_counts_from_registration_stays_where_it_is(act, case):
    """Months are counted from registration, 24 February: seven months later it is 24 September."""
    before = case().schedule.by_code["M7"].day

    act(courses.redate, "day_one", date(2025, 3, 10), WISH)

    assert before == case().schedule.by_code["M7"].day == date(2025, 9, 24)


def test_a_date_moved_leaves_one_audit_row_with_its_reason(act, entries, clock):
    clock.now = noon(2, 25)

    act(courses.redate, "day_one", date(2025, 3, 10), WISH, keep=True)

    last = entries()[-1]
    old, new = {"day": "2025-03-03"}, {"day": "2025-03-10"}
    assert last == Entry(noon(2, 25), "Anna Peeters", last.act, "change_date", "date:day_one", old, new, WISH)


def test_a_date_is_moved_with_a_reason_only(act, facts, refused):
    said = refused(act, courses.redate, "day_one", date(2025, 3, 10), "", kind=Refused)

    assert said == "Day 1 was known before: say why it changes."
    assert facts().dates["day_one"] == DAY_1


def test_a_date_that_was_unknown_is_given_without_a_reason(office, version):
    with office.begin(NURSE) as work:
        made = patients.enrol(work, wanted(subject_id="01-002", registration=None))

    with office.begin(NURSE) as work:
        act = courses.redate(work, made.public_id, made.version, "registration", date(2025, 2, 24), "")

    assert act.after.facts == Facts({"day_one": DAY_1, "registration": date(2025, 2, 24)})


def test_day_1_is_not_moved_once_its_visit_took_place(act, facts, refused, clock):
    clock.now = noon(3, 4)
    act(records.record, "C1D1", Record(State.OCCURRED, DAY_1))

    said = refused(act, courses.redate, "day_one", date(2025, 3, 10), WISH, kind=Refused)

    assert said == "Day 1 cannot be moved: its visit took place on Mon 3 Mar 2025. Correct that record first."
    assert facts().dates["day_one"] == DAY_1


def test_a_day_1_that_was_recorded_by_mistake_can_be_moved_after_the_correction(act, facts, clock):
    clock.now = noon(3, 4)
    act(records.record, "C1D1", Record(State.OCCURRED, DAY_1))
    act(visits.take_back, "C1D1", "it was another patient")

    act(courses.redate, "day_one", date(2025, 3, 10), WISH)

    assert (facts().dates["day_one"], facts().visits) == (date(2025, 3, 10), {})


def test_the_preview_of_a_moved_date_is_what_is_saved(office, act, case):
    with office.look(NURSE) as work:
        previewed = courses.redating(work, case(), "day_one", date(2025, 3, 10), WISH).act

    saved = act(courses.redate, "day_one", date(2025, 3, 10), WISH)

    assert (previewed.after, previewed.changes, previewed.reason) == (saved.after, saved.changes, saved.reason)
    assert case().schedule == previewed.after


def test_the_same_date_once_more_is_no_act(act, refused):
    said = refused(act, courses.redate, "day_one", DAY_1, WISH, kind=Refused)

    assert said == "Nothing differs from what is saved already, so nothing was saved."


@pytest.mark.parametrize("code", ["day_two", "C1D1", ""])
def test_an_unknown_date_is_not_found(act, code):
    with pytest.raises(NotFound, match="no_such_date"):
        act(courses.redate, code, DAY_1, WISH)


# ---- a decision


def states(schedule, *codes):
    return {code: schedule.by_code[code].state.value for code in codes}


def test_not_resectable_takes_surgery_away_and_brings_the_safety_visit(act, case):
    """The safety visit of those not resected is due on Day 126, Sunday 6 July: the Monday after it."""
    before = states(case().schedule, "RES", "P14", "NR")

    act(patients.decide, "resectable", "no", "", by=INVESTIGATOR)

    after = case().schedule
    assert before == {"RES": "planned", "P14": "planned", "NR": "not_applicable"}
    assert states(after, "RES", "P14", "NR") == {"RES": "not_applicable", "P14": "not_applicable", "NR": "planned"}
    assert after.by_code["NR"].day == date(2025, 7, 7)


def test_a_decision_leaves_an_audit_row_with_the_name_and_role_of_its_investigator(act, entries, database, clock):
    act(patients.decide, "resectable", "no", "", by=INVESTIGATOR)

    last = entries()[-1]
    assert last == Entry(clock.now, "Ines Maes", last.act, "decide", "decision:resectable", None, {"value": "no"})
    with Session(database.engine) as session:
        row = session.exec(select(AuditRow).where(AuditRow.act == last.act)).one()
    assert row.role is Role.INVESTIGATOR


def test_what_the_protocol_assumes_is_a_decision_once_somebody_takes_it(act, facts):
    act(patients.decide, "resectable", "yes", "", by=INVESTIGATOR)

    assert facts().decisions == {"resectable": "yes"}


def test_a_decision_is_changed_with_a_reason_only(act, facts, refused):
    act(patients.decide, "resectable", "no", "", by=INVESTIGATOR)

    said = refused(act, patients.decide, "resectable", "yes", "", by=INVESTIGATOR, kind=Refused)
    act(patients.decide, "resectable", "yes", "second reading", by=INVESTIGATOR)

    assert said == "Resectable was known before: say why it changes."
    assert facts().decisions == {"resectable": "yes"}


@pytest.mark.parametrize("value", ["maybe", "", "No"])
def test_an_unknown_value_is_refused_with_those_that_there_are(act, refused, value):
    said = refused(act, patients.decide, "resectable", value, "", by=INVESTIGATOR, kind=Refused)

    assert said == "Resectable cannot be that. Choose one of: yes, no."


def test_an_unknown_decision_is_not_found(act):
    with pytest.raises(NotFound, match="no_such_decision"):
        act(patients.decide, "operable", "yes", "", by=INVESTIGATOR)


# ---- the end


@pytest.fixture
def under_way(act, clock):
    """FOLFOX 1 given on 3 March; FOLFOX 4 booked on 14 April with a reason, FOLFOX 5 on 28 April; it is 14 April."""
    clock.now = noon(3, 3)
    act(records.record, "C1D1", Record(State.OCCURRED, DAY_1))
    act(visits.book, "C4D1", date(2025, 4, 14))
    act(visits.book, "C5D1", date(2025, 5, 5), "no room on the ward")
    clock.now = noon(4, 14)


def test_what_is_booked_from_the_last_day_on_falls_away_and_what_was_stays(under_way, act, case):
    act(courses.end, date(2025, 4, 14), Ended.WITHDRAWAL, WISH)

    found = case()
    assert states(found.schedule, "C1D1", "C2D1", "C4D1", "C5D1", "C6D1", "RES", "M28") == {
        "C1D1": "occurred",
        "C2D1": "canceled",
        "C4D1": "canceled",
        "C5D1": "canceled",
        "C6D1": "canceled",
        "RES": "canceled",
        "M28": "canceled",
    }
    assert (found.patient.ended, found.patient.ended_because) == (date(2025, 4, 14), Ended.WITHDRAWAL)


def test_what_was_booked_before_the_last_day_still_asks_to_be_recorded(under_way, act, case, clock):
    clock.now = noon(4, 15)

    act(courses.end, date(2025, 4, 15), Ended.WITHDRAWAL, WISH)

    assert states(case().schedule, "C4D1", "C5D1") == {"C4D1": "booked", "C5D1": "canceled"}


def test_the_end_keeps_the_facts_as_they_were(under_way, act, facts):
    before = facts()

    act(courses.end, date(2025, 4, 14), Ended.DEATH, "heart failure")

    assert facts() == before.ending(date(2025, 4, 14)) == Facts(
        {"day_one": DAY_1, "registration": date(2025, 2, 24)},
        {
            "C1D1": Fact(State.OCCURRED, DAY_1),
            "C4D1": Fact(State.BOOKED, date(2025, 4, 14)),
            "C5D1": Fact(State.BOOKED, date(2025, 5, 5)),
        },
        accepted=(Acceptance("window", "C5D1", "no room on the ward"),),
        ended=date(2025, 4, 14),
    )  # fmt: skip


def test_the_end_leaves_one_audit_row(under_way, act, entries):
    act(courses.end, date(2025, 4, 14), Ended.LOST, "three letters unanswered")

    last = entries()[-1]
    new = {"ended": "2025-04-14", "because": "lost_to_follow_up"}
    assert last == Entry(
        noon(4, 14), "Anna Peeters", last.act, "end", "study", None, new, "three letters unanswered"
    )  # fmt: skip


def test_an_end_that_lies_ahead_or_has_no_reason_is_refused(under_way, act, case, refused):
    ahead = refused(act, courses.end, date(2025, 4, 15), Ended.DEATH, "heart failure", kind=Refused)
    silent = refused(act, courses.end, date(2025, 4, 14), Ended.DEATH, "", kind=Refused)

    assert ahead == "Tue 15 Apr 2025 lies ahead. Enter the day on which it ended, today at the latest."
    assert silent == "The study ends for a patient with a reason: give one."
    assert case().patient.ended is None


AFTERWARDS = {
    "book": (visits.book, "C6D1", date(2025, 5, 19), WISH),
    "record what came later": (records.record, "C5D1", Record(State.OCCURRED, date(2025, 4, 15)), WISH),
    "omit a visit": (records.record, "C6D1", Record(State.CANCELED), WISH),
    "miss a visit": (records.record, "C4D1", Record(State.MISSED), WISH),
    "take back a booking": (visits.take_back, "C5D1", WISH),
    "move a date": (courses.redate, "registration", date(2025, 2, 25), WISH),
    "decide": (patients.decide, "resectable", "no", WISH),
    "end once more": (courses.end, date(2025, 4, 13), Ended.DEATH, WISH),
}


@pytest.mark.parametrize("verb", AFTERWARDS)
def test_after_the_end_nothing_can_be_changed(under_way, act, facts, refused, clock, verb):
    act(courses.end, date(2025, 4, 14), Ended.WITHDRAWAL, WISH)
    clock.now, before = noon(4, 16), facts()

    said = refused(act, *AFTERWARDS[verb], kind=Refused)

    assert said == (
        "The study ended for this patient on Mon 14 Apr 2025: only what took place by then can still be recorded."
    )
    assert facts() == before


@pytest.mark.parametrize("day", [date(2025, 4, 13), date(2025, 4, 14)])
def test_what_took_place_by_the_last_day_is_still_recorded_after_it(under_way, act, case, clock, day):
    act(courses.end, date(2025, 4, 14), Ended.WITHDRAWAL, WISH)
    clock.now = noon(4, 16)

    act(records.record, "C4D1", Record(State.OCCURRED, day), "recorded afterwards")

    assert case().facts.visits["C4D1"] == Fact(State.OCCURRED, day)
    assert states(case().schedule, "C4D1", "C5D1") == {"C4D1": "occurred", "C5D1": "canceled"}


def test_a_record_is_still_corrected_after_the_end(under_way, act, case):
    act(courses.end, date(2025, 4, 14), Ended.WITHDRAWAL, WISH)

    act(visits.take_back, "C1D1", "it was another day")
    act(records.record, "C1D1", Record(State.OCCURRED, date(2025, 3, 4)), "it was another day")

    assert case().facts.visits["C1D1"] == Fact(State.OCCURRED, date(2025, 3, 4))
