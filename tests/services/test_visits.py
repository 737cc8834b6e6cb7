"""Booking, recording and taking back, on both engines.

The worked example: C4D1 has its target on Monday 14 April 2025 and its window to Thursday 17 April; Good Friday is a
working day in Belgium, 19 and 20 April are a weekend, 21 April is Easter Monday.
"""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.errors import NotFound, Refused, Stale
from planner.core.facts import Acceptance, Fact, State
from planner.core.history import Entry
from planner.services import courses, patients, records, visits
from planner.services.records import Record

from .conftest import ELSEWHERE, INVESTIGATOR, NURSE, noon

C4 = date(2025, 4, 14)
LATE = date(2025, 4, 22)
"""Five days after the last day of C4D1's window."""


def occurred(day, end=None):
    return Record(State.OCCURRED, day, end)


MISSED = Record(State.MISSED)
OMITTED = Record(State.CANCELED)


# ---- booking


@pytest.mark.parametrize("day", [C4, date(2025, 4, 15), date(2025, 4, 16), date(2025, 4, 17)])
def test_any_day_of_the_window_is_booked_without_a_word(act, facts, day):
    act(visits.book, "C4D1", day)

    assert (facts().visits, facts().accepted) == ({"C4D1": Fact(State.BOOKED, day)}, ())


def test_a_booking_leaves_one_audit_row_that_says_it_all(act, entries, clock):
    before = entries()
    clock.now = noon(2, 25)

    act(visits.book, "C4D1", C4)

    (entry,) = entries()[len(before) :]
    new = {"state": "booked", "day": "2025-04-14"}
    assert entry == Entry(noon(2, 25), "Anna Peeters", entry.act, "book", "visit:C4D1", None, new)


def test_a_booking_tells_which_visits_it_moved(act):
    saved = act(visits.book, "C4D1", date(2025, 4, 16))

    moved = {change.code: change.after.day for change in saved.changes if change.moved}
    assert {code: moved[code] for code in ("C4D1", "C5D1", "C6D1")} == {
        "C4D1": date(2025, 4, 16),
        "C5D1": date(2025, 4, 30),
        "C6D1": date(2025, 5, 14),
    }


def test_a_day_outside_the_window_asks_for_a_reason(act, facts, refused):
    said = refused(act, visits.book, "C4D1", LATE, kind=Refused)

    assert said == (
        "This is a deviation from the protocol (expected 5 days late (window 14 Apr to 17 Apr 2025)): give its "
        "reason, or choose another day."
    )
    assert facts().visits == {}


def test_a_day_outside_the_window_is_booked_with_a_reason_that_is_kept(act, facts, entries):
    act(visits.book, "C4D1", LATE, "low blood counts")

    assert facts().visits == {"C4D1": Fact(State.BOOKED, LATE)}
    assert facts().accepted == (Acceptance("window", "C4D1", "low blood counts"),)
    assert [(e.action, e.entity, e.new, e.reason) for e in entries()[-2:]] == [
        ("book", "visit:C4D1", {"state": "booked", "day": "2025-04-22"}, "low blood counts"),
        ("book", "acceptance:C4D1", {"rule": "window", "reason": "low blood counts"}, "low blood counts"),
    ]


@pytest.mark.parametrize(
    ("code", "day", "sentence"),
    [
        (
            "C4D1",
            date(2025, 4, 21),
            (
                "FOLFOX 4 (C4D1) cannot be on Mon 21 Apr 2025: that day is a public holiday (Easter Monday). The last "
                "bookable day is Thu 17 Apr 2025."
            ),
        ),
        (
            "C4D1",
            date(2025, 4, 19),
            (
                "FOLFOX 4 (C4D1) cannot be on Sat 19 Apr 2025: Saturdays and Sundays are closed. The last bookable day "
                "is Thu 17 Apr 2025."
            ),
        ),
        (
            "C4D1",
            date(2025, 4, 11),
            (
                "FOLFOX 4 (C4D1) cannot be on Fri 11 Apr 2025: FOLFOX 1 (C1D1) stands on Mon 3 Mar 2025; FOLFOX 2 "
                "(C2D1), FOLFOX 3 (C3D1) and FOLFOX 4 must each be at least 14 days after the one before, from "
                "FOLFOX 1 on. The first bookable day is Mon 14 Apr 2025."
            ),
        ),
        (
            "RES",
            date(2025, 6, 6),
            (
                "Resection (RES) cannot be on Fri 6 Jun 2025: it must be within Day 99 (Mon 9 Jun 2025) to Day 126 "
                "(Sun 6 Jul 2025). The first bookable day is Tue 10 Jun 2025."
            ),
        ),
    ],
)
def test_an_impossible_day_is_refused_with_its_rule(act, facts, refused, code, day, sentence):
    said = refused(act, visits.book, code, day, "the patient's wish", kind=Refused)

    assert said == sentence
    assert facts().visits == {}


def test_a_past_day_is_not_booked(act, refused, clock):
    clock.now = noon(4, 16)

    said = refused(act, visits.book, "C4D1", date(2025, 4, 15), kind=Refused)

    assert said == "Tue 15 Apr 2025 is past and can no longer be booked. If the visit took place, record it."


def test_today_is_the_day_at_the_site_and_can_be_booked(act, facts, refused, clock):
    """At 23:30 UTC on 24 February it is half past midnight of the 25th in Brussels. SC2 may be up to 2 March."""
    clock.now = noon(2, 24).replace(hour=23, minute=30)

    said = refused(act, visits.book, "SC2", date(2025, 2, 24), kind=Refused)
    act(visits.book, "SC2", date(2025, 2, 25))

    assert said == "Mon 24 Feb 2025 is past and can no longer be booked. If the visit took place, record it."
    assert facts().visits == {"SC2": Fact(State.BOOKED, date(2025, 2, 25))}


def test_booking_anew_drops_what_was_accepted_for_the_old_day(act, facts, entries):
    act(visits.book, "C4D1", LATE, "low blood counts")

    act(visits.book, "C4D1", C4)

    assert (facts().visits, facts().accepted) == ({"C4D1": Fact(State.BOOKED, C4)}, ())
    assert [(e.entity, e.old, e.new) for e in entries()[-2:]] == [
        ("visit:C4D1", {"state": "booked", "day": "2025-04-22"}, {"state": "booked", "day": "2025-04-14"}),
        ("acceptance:C4D1", {"rule": "window", "reason": "low blood counts"}, None),
    ]


def test_what_was_accepted_once_can_be_accepted_again_for_another_reason(act, facts):
    act(visits.book, "C4D1", LATE, "low blood counts")
    act(visits.book, "C4D1", C4)

    act(visits.book, "C4D1", LATE, "infection or fever")

    assert facts().accepted == (Acceptance("window", "C4D1", "infection or fever"),)


def test_another_reason_for_the_same_day_is_kept(act, facts):
    act(visits.book, "C4D1", LATE, "low blood counts")

    act(visits.book, "C4D1", LATE, "infection or fever")

    assert facts().accepted == (Acceptance("window", "C4D1", "infection or fever"),)


def test_booking_anew_leaves_what_was_accepted_for_other_visits(act, facts):
    act(visits.book, "C4D1", LATE, "low blood counts")
    act(visits.book, "C5D1", date(2025, 5, 12), "infection or fever")

    act(visits.book, "C5D1", date(2025, 5, 6))

    assert facts().accepted == (Acceptance("window", "C4D1", "low blood counts"),)


@pytest.mark.parametrize(("what", "state"), [(OMITTED, "canceled"), (MISSED, "missed")])
def test_a_visit_that_will_not_take_place_is_not_booked(act, refused, clock, what, state):
    act(visits.book, "C4D1", C4)
    clock.now = noon(4, 15)
    act(records.record, "C4D1", what, "the patient's wish")

    said = refused(act, visits.book, "C4D1", date(2025, 4, 16), kind=Refused)

    assert said == f"FOLFOX 4 is {state} already. Correct its record first."


@pytest.mark.parametrize("code", ["C7D1", "", "visit:C4D1", "c4d1"])
def test_an_unknown_visit_is_not_found(act, code):
    with pytest.raises(NotFound, match="no_such_visit"):
        act(visits.book, code, C4)


# ---- recording


def test_a_visit_is_recorded_on_its_day_without_a_word(act, facts, clock):
    clock.now = noon(3, 3)

    act(records.record, "C1D1", occurred(date(2025, 3, 3)))

    assert (facts().visits, facts().accepted) == ({"C1D1": Fact(State.OCCURRED, date(2025, 3, 3))}, ())


def test_a_record_takes_the_place_of_the_booking(act, facts, clock):
    act(visits.book, "C4D1", C4)
    clock.now = noon(4, 15)

    act(records.record, "C4D1", occurred(date(2025, 4, 15)))

    assert facts().visits == {"C4D1": Fact(State.OCCURRED, date(2025, 4, 15))}


def test_a_late_visit_is_recorded_with_its_reason_only(act, facts, refused, clock):
    clock.now = noon(4, 22)

    said = refused(act, records.record, "C4D1", occurred(LATE), kind=Refused)
    act(records.record, "C4D1", occurred(LATE), "low blood counts")

    assert said == (
        "This is a deviation from the protocol (5 days late (window 14 Apr to 17 Apr 2025)): give its reason, or "
        "choose another day."
    )
    assert facts().visits == {"C4D1": Fact(State.OCCURRED, LATE)}
    assert facts().accepted == (Acceptance("window", "C4D1", "low blood counts"),)


def test_a_record_against_a_rule_asks_for_a_reason_too(act, facts, refused, clock):
    """FOLFOX 2 eleven days after FOLFOX 1: three days before its window, and against the 14 days between cycles."""
    clock.now = noon(3, 14)
    act(records.record, "C1D1", occurred(date(2025, 3, 3)))

    said = refused(act, records.record, "C2D1", occurred(date(2025, 3, 14)), kind=Refused)
    act(records.record, "C2D1", occurred(date(2025, 3, 14)), "given by mistake")

    assert said.startswith("This is a deviation from the protocol (3 days early (window 17 Mar to 20 Mar 2025); ")
    assert facts().accepted == (
        Acceptance("window", "C2D1", "given by mistake"),
        Acceptance("folfox-interval", "C2D1", "given by mistake"),
    )


def test_what_lies_ahead_cannot_have_occurred(act, refused, clock):
    clock.now = noon(4, 14)

    said = refused(act, records.record, "C4D1", occurred(date(2025, 4, 15)), kind=Refused)

    assert said == (
        "Tue 15 Apr 2025 lies ahead, so nothing can have happened on it yet. Book it, and record it afterwards."
    )


def test_what_occurred_has_a_day(act, refused):
    said = refused(act, records.record, "C1D1", Record(State.OCCURRED), kind=Refused)

    assert said == "Enter the day on which it took place."


@pytest.mark.parametrize("what", [MISSED, OMITTED])
def test_a_visit_that_did_not_take_place_needs_a_reason(act, facts, entries, refused, clock, what):
    act(visits.book, "C4D1", C4)
    clock.now = noon(4, 18)

    said = refused(act, records.record, "C4D1", what, kind=Refused)
    act(records.record, "C4D1", what, "the patient's wish")

    assert said == "FOLFOX 4 will not take place as planned: give a reason."
    assert facts().visits == {"C4D1": Fact(what.state)}
    assert (entries()[-1].new, entries()[-1].reason) == ({"state": what.state.value}, "the patient's wish")


def test_what_lies_ahead_cannot_be_missed_but_omitted(act, facts, refused):
    said = refused(act, records.record, "C4D1", MISSED, "the patient's wish", kind=Refused)
    act(records.record, "C4D1", OMITTED, "the patient's wish")

    assert said == (
        "The visit is planned for Mon 14 Apr 2025, which lies ahead: it cannot be missed yet. Omit it, or give the "
        "day back."
    )
    assert facts().visits == {"C4D1": Fact(State.CANCELED)}


def test_what_was_never_booked_is_missed_once_its_window_has_passed(act, facts, clock):
    """On Saturday 19 April the planner suggests Wednesday the 23rd for C4D1, whose window ended on the 17th."""
    clock.now = noon(4, 19)
    for code, day in (("C1D1", date(2025, 3, 3)), ("C2D1", date(2025, 3, 17)), ("C3D1", date(2025, 3, 31))):
        act(records.record, code, occurred(day))

    act(records.record, "C4D1", MISSED, "the patient's wish")

    assert facts().visits["C4D1"] == Fact(State.MISSED)


def test_a_stay_is_recorded_with_its_last_day(act, facts, entries, clock):
    """The window of surgery is Day 99 to 126; 16 June 2025 is Day 106."""
    clock.now = noon(6, 24)

    act(records.record, "RES", occurred(date(2025, 6, 16), date(2025, 6, 23)))

    assert facts().visits == {"RES": Fact(State.OCCURRED, date(2025, 6, 16), end=date(2025, 6, 23))}
    assert entries()[-1].new == {"state": "occurred", "day": "2025-06-16", "end": "2025-06-23"}


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (
            date(2025, 6, 15),
            "A stay that begins on Mon 16 Jun 2025 cannot end on Sun 15 Jun 2025. Correct one of the two.",
        ),
        (
            date(2025, 6, 25),
            "Wed 25 Jun 2025 lies ahead, so nothing can have happened on it yet. Book it, and record it afterwards.",
        ),
    ],
)
def test_a_stay_ends_after_it_starts_and_not_ahead(act, refused, clock, end, sentence):
    clock.now = noon(6, 24)

    assert refused(act, records.record, "RES", occurred(date(2025, 6, 16), end), kind=Refused) == sentence


RECORDS = {
    "another day": occurred(date(2025, 4, 15)),
    "its last day": occurred(C4, C4),
    "missed": MISSED,
    "omitted": OMITTED,
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_record_is_changed_by_way_of_its_correction_only(act, facts, refused, clock, what):
    """Taking it back asks for a reason: who knew the record of yesterday learns why it says something else today."""
    clock.now = noon(4, 16)
    act(records.record, "C4D1", occurred(C4))

    said = refused(act, records.record, "C4D1", RECORDS[what], "the patient's wish", kind=Refused)

    assert said == "FOLFOX 4 is occurred already. Correct its record first."
    assert facts().visits == {"C4D1": Fact(State.OCCURRED, C4)}


# ---- taking back


def test_a_booking_is_given_back_without_a_reason(act, facts, entries):
    act(visits.book, "C4D1", C4)

    act(visits.take_back, "C4D1")

    last = entries()[-1]
    assert facts().visits == {}
    assert (last.action, last.entity, last.old, last.new) == (
        *("unbook", "visit:C4D1"),
        *({"state": "booked", "day": "2025-04-14"}, None),
    )


def test_a_record_is_corrected_with_a_reason_only(act, facts, entries, refused, clock):
    clock.now = noon(4, 22)
    act(records.record, "C4D1", occurred(LATE), "low blood counts")

    said = refused(act, visits.take_back, "C4D1", kind=Refused)
    act(visits.take_back, "C4D1", "it was another patient")

    assert said == "A record is corrected with a reason: give one."
    assert (facts().visits, facts().accepted) == ({}, ())
    assert [(e.action, e.entity, e.new, e.reason) for e in entries()[-2:]] == [
        ("correct", "visit:C4D1", None, "it was another patient"),
        ("correct", "acceptance:C4D1", None, "it was another patient"),
    ]


def test_what_is_only_planned_cannot_be_taken_back(act, refused):
    said = refused(act, visits.take_back, "C4D1", kind=Refused)

    assert said == "FOLFOX 4 is neither booked nor recorded, so there is nothing to take back."


def test_what_was_taken_back_can_be_booked_again(act, facts):
    act(visits.book, "C4D1", C4)
    act(visits.take_back, "C4D1")

    act(visits.book, "C4D1", date(2025, 4, 15))

    assert facts().visits == {"C4D1": Fact(State.BOOKED, date(2025, 4, 15))}


# ---- what holds for each of them

ACTS = {
    "book": (visits.book, "C4D1", date(2025, 4, 15)),
    "record": (records.record, "C4D1", OMITTED, "the patient's wish"),
    "take back": (visits.take_back, "C4D1"),
    "change a date": (courses.redate, "day_one", date(2025, 3, 4), "the patient's wish"),
    "decide": (patients.decide, "resectable", "no", ""),
    "end": (courses.end, date(2025, 2, 24), courses.Ended.WITHDRAWAL, "the patient's wish"),
}
"""One act of each kind on a patient whose C4D1 is booked on 14 April."""


@pytest.mark.parametrize("verb", ACTS)
def test_a_page_made_before_another_act_is_stale_and_told_by_whom(act, version, facts, refused, verb):
    seen = version()
    act(visits.book, "C4D1", C4, by=INVESTIGATOR)
    before = facts()

    said = refused(act, *ACTS[verb], seen=seen, kind=Stale)

    assert said == (
        "Ines Maes saved something about this patient after your page was made. What you typed is still here: look "
        "at what changed, then send it again."
    )
    assert facts() == before


@pytest.mark.parametrize("verb", ACTS)
def test_each_act_counts_once_and_is_stamped_with_its_moment(act, case, clock, verb):
    act(visits.book, "C4D1", C4)
    before = case().patient
    clock.now = noon(2, 24)

    act(*ACTS[verb])

    assert (case().patient.version, case().patient.changed) == (before.version + 1, noon(2, 24))


@pytest.mark.parametrize("verb", ACTS)
def test_a_patient_of_another_site_is_as_unknown_as_none(act, refused, verb):
    act(visits.book, "C4D1", C4)

    said = refused(act, *ACTS[verb], by=ELSEWHERE, kind=NotFound)

    assert said == "There is no such patient at your sites. Choose one of the list."


def test_the_same_once_more_is_no_act(act, version, entries, refused):
    act(visits.book, "C4D1", C4)
    before = (version(), entries())

    said = refused(act, visits.book, "C4D1", C4, kind=Refused)

    assert said == "Nothing differs from what is saved already, so nothing was saved."
    assert (version(), entries()) == before


def test_the_same_once_more_is_no_act_where_other_visits_have_accepted_deviations(act, version, entries, refused):
    act(visits.book, "C4D1", LATE, "low blood counts")
    act(visits.book, "C5D1", date(2025, 5, 12), "infection or fever")
    before = (version(), entries())

    said = refused(act, visits.book, "C4D1", LATE, "low blood counts", kind=Refused)

    assert said == "Nothing differs from what is saved already, so nothing was saved."
    assert (version(), entries()) == before


@pytest.mark.parametrize("code", ["C4D1", "C5D1"])
def test_a_preview_is_what_is_saved(act, case, code):
    previewed = visits.booking(case(), code, date(2025, 4, 30), "the patient's wish")

    saved = act(visits.book, code, date(2025, 4, 30), "the patient's wish")

    assert (previewed.after, previewed.changes) == (saved.after, saved.changes)
    assert case().schedule == previewed.after


def test_a_preview_saves_nothing(office, patient, version, entries):
    before = (version(), entries())

    with office.begin(NURSE) as work:
        visits.booking(visits.as_seen(work, patient, before[0]), "C4D1", C4)

    assert (version(), entries()) == before


def test_a_record_that_breaks_a_rule_of_a_later_visit_asks_for_its_reason(act, facts, clock):
    """C3D1 was given on 31 March; C2D1 recorded on 20 March leaves 11 days between them, 14 are needed."""
    clock.now = noon(4, 1)
    act(records.record, "C1D1", Record(State.OCCURRED, date(2025, 3, 3)))
    act(records.record, "C3D1", Record(State.OCCURRED, date(2025, 3, 31)))

    with pytest.raises(Refused, match="reason_for_deviation_needed"):
        act(records.record, "C2D1", Record(State.OCCURRED, date(2025, 3, 20)))

    act(records.record, "C2D1", Record(State.OCCURRED, date(2025, 3, 20)), "other")
    assert {accepted.reason for accepted in facts().accepted} == {"other"}
    assert "C3D1" in {accepted.visit for accepted in facts().accepted}


def test_only_a_stay_has_a_last_day(act):
    with pytest.raises(Refused, match="no_stay"):
        act(records.record, "SC1", Record(State.OCCURRED, date(2025, 2, 10), date(2025, 2, 11)))
