"""GO and NO-GO, repeats, one attendance for two visits, confirmed bookings: as people do them, on both engines.

The worked example: FOLFOX 4 is due on Monday 14 April 2025, its bloods on Sunday 13, their window is from Friday 11
to Monday 14 April.
"""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.errors import Refused, Stale
from planner.core.facts import Acceptance, Fact, Go, State
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.exports.history import told
from planner.services import attendances, patients, records, sites, visits, zone_changes
from planner.services.patients import Enrolment
from planner.services.records import Record
from planner.services.visits import How, Start

from .conftest import NURSE, WANTED, noon, wanted

BLOODS = date(2025, 4, 11)
C4 = date(2025, 4, 14)
ZONE = "Europe/Brussels"
OPEN = tuple(Hours(weekday, time(8), time(12)) for weekday in range(5))


def taken(go=None, by="Dr Maes", day=BLOODS):
    return Record(State.OCCURRED, day, go=go, decided_by=by if go else "")


def at(hour, minute=0):
    return How(Start(time(hour, minute)))


@pytest.fixture
def sentences(entries, case):
    """The history in words, the newest act first."""

    def read():
        return [line for act in told(case().protocol, entries()[::-1]) for line in act.sentences]

    return read


@pytest.fixture(autouse=True)
def begun(act):
    """FOLFOX 2 and 3 and the first infusion on their targets: what follows hangs on them, not on the day of reading."""
    act(visits.book, "C2D1", date(2025, 3, 17))
    act(visits.book, "C3D1", date(2025, 3, 31))
    act(visits.book, "N1", date(2025, 4, 3))


@pytest.fixture
def treated(act):
    """FOLFOX 4 to 6 too."""
    for code, day in (("C4D1", C4), ("C5D1", date(2025, 4, 28)), ("C6D1", date(2025, 5, 12))):
        act(visits.book, code, day)


# ---- GO and NO-GO


def test_the_word_of_a_named_person_is_recorded_with_the_bloods(act, facts, clock, sentences):
    clock.now = noon(4, 11)

    act(records.record, "C4P", taken(Go.GO))

    assert facts().visits["C4P"] == Fact(State.OCCURRED, BLOODS, go=Go.GO, decided_by="Dr Maes", taken_for=C4)
    assert sentences()[0] == (
        "Recorded that Bloods before FOLFOX 4 (C4P) took place, Fri 11 Apr 2025: GO, decided by Dr Maes."
    )


def test_after_a_no_go_the_day_moves_the_first_bloods_keep_theirs_and_a_repeat_is_planned(act, case, clock):
    clock.now = noon(4, 11)
    act(records.record, "C4P", taken(Go.NO_GO))

    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")

    found = case().schedule.by_code
    assert (found["C4P"].deviations, found["C4P"].fact.taken_for) == ((), C4)
    assert (found["C4P.2"].state, found["C4P.2"].target) == (State.PLANNED, date(2025, 4, 21))
    assert found["C4P.2"].suggested == date(2025, 4, 22)  # Easter Monday and the weekend are closed


def test_the_repeat_is_booked_and_recorded_like_any_visit(act, case, clock):
    clock.now = noon(4, 11)
    act(records.record, "C4P", taken(Go.NO_GO))
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
    act(visits.book, "C4P.2", date(2025, 4, 22))
    clock.now = noon(4, 22)

    act(records.record, "C4P.2", taken(Go.GO, day=date(2025, 4, 22)))
    act(records.record, "C4D1", Record(State.OCCURRED, date(2025, 4, 22)))

    assert [(d.rule, d.days) for d in case().schedule.by_code["C4D1"].deviations] == [("window", 5)]


def test_treatment_after_a_no_go_asks_for_a_reason(act, facts, clock, refused):
    clock.now = noon(4, 14)
    act(records.record, "C4P", taken(Go.NO_GO))

    said = refused(act, records.record, "C4D1", Record(State.OCCURRED, C4), kind=Refused)
    act(records.record, "C4D1", Record(State.OCCURRED, C4), "the investigator decided otherwise")

    assert "waits for a GO" in said
    assert facts().accepted == (Acceptance("no_go", "C4D1", "the investigator decided otherwise"),)


@pytest.mark.parametrize(
    ("code", "what", "key"),
    [
        ("C4P", Record(State.OCCURRED, BLOODS, go=Go.NO_GO), "who_decided_needed"),
        ("SC1", Record(State.OCCURRED, date(2025, 2, 10), go=Go.GO, decided_by="Dr Maes"), "no_gate"),
    ],
    ids=["nobody named", "no gate"],
)
def test_a_word_that_nobody_gave_or_that_gates_nothing_is_refused(act, clock, code, what, key):
    clock.now = noon(4, 11)
    with pytest.raises(Refused, match=key):
        act(records.record, code, what)


def test_the_word_may_come_later_and_another_one_asks_for_a_reason(act, facts, clock, sentences):
    clock.now = noon(4, 11)
    act(records.record, "C4P", taken())
    act(records.decide, "C4P", Go.GO, "Dr Maes")

    with pytest.raises(Refused, match="reason_for_correction_needed"):
        act(records.decide, "C4P", Go.NO_GO, "Dr Claes")
    act(records.decide, "C4P", Go.NO_GO, "Dr Claes", "platelets of Saturday")

    assert (facts().visits["C4P"].go, facts().visits["C4P"].decided_by) == (Go.NO_GO, "Dr Claes")
    assert facts().visits["C4P"].taken_for == C4
    assert sentences()[0].endswith("Fri 11 Apr 2025: NO-GO, decided by Dr Claes.")


@pytest.mark.parametrize(("code", "by"), [("C4P", "Dr Maes"), ("SC1", "Dr Maes")])
def test_a_word_before_the_visit_or_where_there_is_no_gate_is_refused(act, code, by):
    with pytest.raises(Refused, match="no_gate"):
        act(records.decide, code, Go.GO, by)


def test_who_decided_is_named_afterwards_too(act, clock):
    clock.now = noon(4, 11)
    act(records.record, "C4P", taken())
    with pytest.raises(Refused, match="who_decided_needed"):
        act(records.decide, "C4P", Go.GO, "")


# ---- repeats


def test_a_visit_is_planned_once_more_and_taken_out_again(act, treated, case, clock, sentences):
    clock.now = noon(6, 10)
    act(records.record, "PRE", Record(State.OCCURRED, date(2025, 6, 10)))
    act(attendances.repeat, "PRE", "surgery was put off")
    planned = case().schedule.by_code.get("PRE.2")

    act(attendances.repeat, "PRE", "entered by mistake", again=False)

    assert planned.state is State.PLANNED
    assert "PRE.2" not in case().schedule.by_code
    assert sentences()[:2] == [
        "Pre-admission (PRE) need not be repeated any more.",
        "Pre-admission (PRE) is to be repeated.",
    ]


def test_a_repeat_needs_a_reason_a_visit_that_took_place_and_a_protocol_that_repeats_it(act, treated, clock):
    clock.now = noon(6, 10)
    act(records.record, "SC1", Record(State.OCCURRED, date(2025, 2, 10)))
    act(records.record, "PRE", Record(State.OCCURRED, date(2025, 6, 10)))
    for code, reason, key in [
        ("PRE", "", "reason_for_repeat_needed"),
        ("IM2", "old", "repeat_settled"),
        ("SC1", "old", "no_repeat"),
    ]:
        with pytest.raises(Refused, match=key):
            act(attendances.repeat, code, reason)


def test_a_repeat_that_is_booked_stays_in_the_plan(act, treated, clock):
    clock.now = noon(6, 10)
    act(records.record, "PRE", Record(State.OCCURRED, date(2025, 6, 10)))
    act(attendances.repeat, "PRE", "surgery was put off")
    act(visits.book, "PRE.2", date(2025, 6, 11))

    with pytest.raises(Refused, match="repeat_settled"):
        act(attendances.repeat, "PRE", "entered by mistake", again=False)


# ---- confirmed


def test_a_booking_is_confirmed_and_another_day_asks_anew(act, facts, sentences):
    act(visits.book, "C4D1", C4)
    act(attendances.confirm, "C4D1", yes=True)
    confirmed = facts().visits["C4D1"].confirmed

    act(visits.book, "C4D1", date(2025, 4, 15))

    assert (confirmed, facts().visits["C4D1"].confirmed) == (True, False)
    assert sentences()[1] == "The patient confirmed FOLFOX 4 (C4D1), Mon 14 Apr 2025."


def test_only_a_booking_is_confirmed(act):
    with pytest.raises(Refused, match="nothing_to_confirm"):
        act(attendances.confirm, "C4D1", yes=True)


# ---- one attendance for two visits
#
# Registered on 10 February 2025: month 7 from 27 August to 24 September.
# Surgery on 23 June: day 60 from 22 to 29 August.

AUGUST = date(2025, 8, 27)


@pytest.fixture
def patient(office):
    """The patient of the worked example, registered two weeks earlier."""
    with office.begin(NURSE) as work:
        return patients.enrol(work, wanted(registration=date(2025, 2, 10))).public_id


@pytest.fixture
def resected(act, treated, clock):
    clock.now = noon(6, 24)
    act(records.record, "RES", Record(State.OCCURRED, date(2025, 6, 23)))


@pytest.fixture
def room(office):
    """One room of the clinic, open in the morning."""
    with office.begin(COMMAND_LINE) as work:
        return sites.add_unit(work, "01", Unit("", "clinic", "Room 1", OPEN))


def test_combined_and_booked_both_have_one_day_and_one_takes_the_time_of_both(act, resected, room, facts, cells):
    act(attendances.combine, "M7", "P60")

    act(visits.book, "P60", AUGUST, "", at(8))

    fact = Fact(State.BOOKED, AUGUST, time(8), ZONE)
    assert facts().visits["P60"] == Fact(State.BOOKED, AUGUST, time(8), ZONE, unit=room.public_id)
    assert (facts().visits["M7"], facts().together) == (fact, {"M7": "P60"})
    assert [code for _, _, code in cells()] == ["P60"] * 14  # an hour and two and a half


def test_by_new_time_zone_rules_one_attendance_moves_once_with_the_time_of_both(
    act, resected, room, cells, rules, office
):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST, "", at(8))
    before = cells()
    rules("Africa/Algiers")  # no summer time: an hour later

    found = zone_changes.follow(office)

    assert [line.whose.code for line in found] == ["P60"]
    assert cells() == [(unit, cell + 4, code) for unit, cell, code in before]
    assert zone_changes.follow(office) == ()


def test_one_attendance_is_recorded_as_such(act, resected, clock, facts, sentences, case):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST)
    clock.now = noon(8, 27)

    act(records.record, "P60", Record(State.OCCURRED, AUGUST))

    assert {code: facts().visits[code].state for code in ("P60", "M7")} == dict.fromkeys(("P60", "M7"), State.OCCURRED)
    assert [case().schedule.by_code[code].deviations for code in ("P60", "M7")] == [(), ()]
    assert "Combined Follow-up month 7 (M7) with Post-operative day 60 (P60) in one attendance." in sentences()


def test_what_is_booked_already_must_have_room_for_both(act, resected, room, facts, cells, refused):
    """From 10 on there are two hours left, three and a half are needed; from 8 on there is room."""
    act(visits.book, "P60", AUGUST, "", at(10))
    said = refused(act, attendances.combine, "M7", "P60", kind=Refused)
    act(visits.book, "P60", AUGUST, "", at(8, 15))

    act(attendances.combine, "M7", "P60")

    assert said.startswith("Both visits take 210 minutes together, and there is not so much room from 10:00")
    assert (facts().visits["M7"].day, len(cells())) == (AUGUST, 14)


def test_separated_each_stands_alone_and_the_time_of_one_is_free_again(act, resected, room, facts, cells, sentences):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST, "", at(8))

    act(attendances.separate, "M7")

    assert (facts().together, "M7" in facts().visits, len(cells())) == ({}, False, 4)
    assert "Separated Follow-up month 7 (M7) from Post-operative day 60 (P60)." in sentences()


def test_the_time_of_both_is_nobody_elses(office, act, resected, room):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST, "", at(8))
    with office.begin(NURSE) as work:
        other = patients.enrol(work, Enrolment(**{**_values(), "subject_id": "01-002"}))

    with office.begin(NURSE) as work, pytest.raises(Stale):
        visits.book(work, other.public_id, other.version, "M7", AUGUST, "", at(9, 30))


def _values():
    return {name: getattr(WANTED, name) for name in WANTED.__slots__}


def test_the_guest_is_neither_booked_nor_recorded_nor_taken_back_for_itself(act, resected, clock):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST)
    clock.now = noon(8, 27)
    for verb, arguments in [
        (visits.book, (AUGUST,)),
        (visits.take_back, ()),
        (records.record, (Record(State.OCCURRED, AUGUST),)),
        (records.record, (Record(State.MISSED), "the patient's wish")),
        (attendances.combine, ("P60",)),
    ]:
        with pytest.raises(Refused, match="combined_with"):
            act(verb, "M7", *arguments)


def test_once_the_other_falls_away_a_visit_is_booked_for_itself(act, treated, facts, case, clock):
    """Combined before surgery; not resectable, there is no day 60."""
    act(visits.book, "RES", date(2025, 6, 23))
    act(attendances.combine, "M7", "P60")
    act(visits.take_back, "RES")
    act(patients.decide, "resectable", "no", "not resectable")

    act(visits.book, "M7", date(2025, 9, 10))

    assert (facts().together, facts().visits["M7"].day) == ({}, date(2025, 9, 10))


def test_the_bloods_were_taken_for_the_day_that_their_person_names(act, facts, case, clock):
    """FOLFOX 4 was put off before the bloods of 11 April were recorded."""
    clock.now = noon(4, 11)
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")

    act(records.record, "C4P", Record(State.OCCURRED, BLOODS, go=Go.NO_GO, decided_by="Dr Maes", taken_for=C4))

    assert (facts().visits["C4P"].taken_for, case().schedule.by_code["C4P"].deviations) == (C4, ())


def test_another_name_for_a_word_that_stands_asks_for_a_reason(act, clock):
    clock.now = noon(4, 11)
    act(records.record, "C4P", taken(Go.GO))

    with pytest.raises(Refused, match="reason_for_correction_needed"):
        act(records.decide, "C4P", Go.GO, "Dr Claes")


def test_no_day_for_both_windows_is_no_attendance_for_both(act, treated, clock):
    """Surgery on 16 June: day 60 ends on 22 August, month 7 begins on 27 August."""
    clock.now = noon(6, 17)
    act(records.record, "RES", Record(State.OCCURRED, date(2025, 6, 16)))

    with pytest.raises(Refused, match="no_day_for_both"):
        act(attendances.combine, "M7", "P60", "the patient's wish")


@pytest.mark.parametrize(("code", "host"), [("M10", "P60"), ("M7", "P30"), ("P60", "M7")])
def test_only_what_the_protocol_names_is_combined(act, resected, code, host):
    with pytest.raises(Refused, match="not_to_be_combined"):
        act(attendances.combine, code, host)


def test_what_is_not_combined_cannot_be_separated(act):
    with pytest.raises(Refused, match="not_combined"):
        act(attendances.separate, "M7")


def test_the_one_that_is_omitted_leaves_the_other_to_itself(act, resected, facts):
    act(attendances.combine, "M7", "P60")
    act(visits.book, "P60", AUGUST)

    act(records.record, "M7", Record(State.CANCELED), "the patient's wish")

    assert (facts().together, facts().visits["M7"].state) == ({}, State.CANCELED)
    assert facts().visits["P60"] == Fact(State.BOOKED, AUGUST)
