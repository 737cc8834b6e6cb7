"""Booking a time and a place: what the ward has, what is taken, who may decide, and that nothing is taken twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import Because, Closure
from planner.core.deviations import Nature
from planner.core.errors import NotFound, Refused, Repeated, Stale
from planner.core.facts import Acceptance, Fact, State
from planner.core.patients import Ended
from planner.core.rooms import Room
from planner.core.staff import Actor, Role
from planner.core.units import Hours, Opened, Unit, taken_by
from planner.exports.refusals import sentence
from planner.services import absences, courses, patients, records, resources, sites, visits
from planner.services.records import Record
from planner.services.visits import How, Start

from .conftest import INVESTIGATOR, NURSE, wanted

C4 = date(2025, 4, 14)
"""The target of FOLFOX 4: Day 43, Monday 14 April; its window ends on Thursday 17 April."""

ZONE = "Europe/Brussels"
WEEK = tuple(Hours(n, time(8), time(17)) for n in range(5))
ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)


@pytest.fixture
def chairs(office):
    """Two chairs, open on weekdays from 8 to 17: a FOLFOX of four and a half hours fits twice a day into each."""
    with office.begin(ADMIN) as work:
        return [sites.add_unit(work, "01", Unit("", "chair", f"Chair {n}", WEEK)) for n in (1, 2)]


def at(hour, minute=0, unit=""):
    return How(Start(time(hour, minute), unit))


@pytest.fixture
def room(office, case):
    def read(code="C4D1", day=C4):
        with office.look(NURSE) as work:
            return resources.room_for(work, case(), code, (day, day))

    return read


def test_a_booking_takes_a_time_the_first_unit_with_room_and_its_quarters(act, chairs, facts, cells):
    act(visits.book, "C4D1", C4, "", at(9))

    assert facts().visits == {"C4D1": Fact(State.BOOKED, C4, time(9), ZONE, unit=chairs[0].public_id)}
    assert len(cells()) == 18  # four and a half hours
    assert {code for _, _, code in cells()} == {"C4D1"}


def test_the_unit_can_be_chosen(act, chairs, facts):
    act(visits.book, "C4D1", C4, "", at(9, unit=chairs[1].public_id))

    assert facts().visits["C4D1"].unit == chairs[1].public_id


def test_where_the_ward_has_places_a_time_is_needed(act, chairs, refused):
    said = refused(act, visits.book, "C4D1", C4, kind=Refused)

    assert said == "FOLFOX 4 takes a place on the ward: choose one of the free times of the day."


@pytest.mark.parametrize(
    "how", [at(7), at(12, 45), at(9, 7), at(9, unit="nobody")], ids=["closed", "too late", "odd", "no unit"]
)
def test_a_time_that_is_not_offered_is_told_so_and_nothing_is_saved(act, chairs, refused, cells, how):
    """The last start is at half past twelve: the chairs close at 17."""
    said = refused(act, visits.book, "C4D1", C4, "", how, kind=Refused)

    assert "is not offered: the place is closed then" in said
    assert cells() == []


def test_capacity_holds_across_patients(office, act, chairs, room):
    """Two chairs, two starts each (8:00, 12:30): the fifth patient finds the day full."""
    starts = [(8, 0), (8, 0), (12, 30), (12, 30)]
    for number, (hour, minute) in enumerate(starts, start=2):
        with office.begin(NURSE) as work:
            other = patients.enrol(work, wanted(subject_id=f"01-00{number}"))
            visits.book(work, other.public_id, other.version, "C4D1", C4, "", at(hour, minute))

    assert (room().free(C4), room().places(C4)) == ((), 0)
    with pytest.raises(Stale):
        act(visits.book, "C4D1", C4, "", at(8))
    assert room(day=date(2025, 4, 15)).places(date(2025, 4, 15)) == 4


def test_the_last_permitted_day_is_bookable(act, chairs, facts):
    """A peer refused it. Thursday 17 April is the last day of the window."""
    act(visits.book, "C4D1", date(2025, 4, 17), "", at(8))

    assert facts().visits["C4D1"].day == date(2025, 4, 17)


def test_a_holiday_is_never_booked_silently_and_opened_by_an_act_of_its_own(office, act, chairs, refused, facts):
    """Easter Monday, 21 April 2025, is four days late for FOLFOX 4."""
    easter_monday = date(2025, 4, 21)
    said = refused(act, visits.book, "C4D1", easter_monday, "blood counts", at(9), kind=Refused)
    with office.begin(ADMIN) as work:
        sites.open_day(work, "01", Opened(easter_monday, time(9), time(14), "chair", "catching up"))

    act(visits.book, "C4D1", easter_monday, "blood counts", at(9))

    assert "Easter Monday" in said
    assert facts().visits["C4D1"].day == easter_monday
    assert facts().accepted == (Acceptance("window", "C4D1", "blood counts"),)


def test_moving_a_visit_gives_its_former_time_back(act, chairs, cells, room):
    act(visits.book, "C4D1", C4, "", at(8))
    first = cells()

    act(visits.book, "C4D1", C4, "", at(9))

    assert len(cells()) == len(first) == 18
    assert cells() != first
    assert room().free(C4)[0].at == time(8)  # its own booking does not stand in its way


def test_a_window_never_moves_with_its_visit(act, chairs, case):
    before = case().schedule.by_code["C4D1"].window

    act(visits.book, "C4D1", date(2025, 4, 17), "", at(8))

    assert case().schedule.by_code["C4D1"].window == before


@pytest.mark.parametrize(
    "verb",
    [
        lambda act: act(visits.take_back, "C4D1"),
        lambda act: act(records.record, "C4D1", Record(State.CANCELED), "toxicity"),
        lambda act: act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish"),
    ],
    ids=["given back", "omitted", "ended"],
)
def test_whatever_ends_a_booking_gives_its_time_back(act, chairs, cells, verb):
    act(visits.book, "C4D1", C4, "", at(8))

    verb(act)

    assert cells() == []


def test_a_visit_that_took_place_as_booked_keeps_its_time_and_place(act, chairs, facts, clock):
    act(visits.book, "C4D1", C4, "", at(8))
    clock.now = clock.now.replace(month=4, day=14)

    act(records.record, "C4D1", Record(State.OCCURRED, C4))

    assert facts().visits["C4D1"] == Fact(State.OCCURRED, C4, time(8), ZONE, unit=chairs[0].public_id)


def test_taken_cells_are_those_of_the_bookings_and_no_others(office, act, chairs, case, cells):
    act(visits.book, "C4D1", C4, "", at(8))
    act(visits.book, "C5D1", date(2025, 4, 28), "", at(9, 15))
    act(visits.book, "C4D1", C4, "", at(10))

    found = case()
    wanted_cells = sorted(
        cell for code, fact in found.facts.visits.items() for cell in taken_by(fact, found.protocol.by_code[code])
    )
    assert [cell for _, cell, _ in cells()] == wanted_cells


def test_nobody_is_in_two_places_at_once(act, chairs, office, room):
    """The bloods before FOLFOX 4, half an hour from 9:00 on the same day, leave its chair free from 9:30 on."""
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "clinic", "Room 1", WEEK))
    act(visits.book, "C4P", C4, "", at(9))

    assert [one.at for one in room().free(C4)][:2] == [time(9, 30), time(9, 45)]


SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)


def test_a_time_agreed_without_a_place_is_spent_too(act, chairs, room):
    """The pump comes off at nine, half an hour, at home or in the ward: no chair before half past, here for FOLFOX 5.

    FOLFOX 4, from which it counts on, has no room on that day: four hours and a half before nine are not open.
    """
    wednesday = date(2025, 4, 16)
    act(visits.book, "C4D3", wednesday, "", at(9))

    assert [one.at for one in room("C5D1", wednesday).free(wednesday)][:2] == [time(9, 30), time(9, 45)]
    assert room("C4D1", wednesday).free(wednesday) == ()


"""Sundays on which Brussels skips 2:00 to 3:00, and shows it twice. A telephone call is possible on any day."""


def test_a_time_that_the_clocks_skip_is_refused_and_one_shown_twice_is_asked(office, case):
    """Told to the visit's own day, whatever it is: the check of the clock comes with the time."""

    def tried(day, how):
        with pytest.raises(Refused) as refused:
            visits._on_the_clock(day, how.start, ZONE)
        return sentence(refused.value)

    assert tried(SPRING, at(2, 30)).startswith("02:30 on Sun 30 Mar 2025 does not exist in Europe/Brussels")
    assert tried(AUTUMN, at(2, 30)) == (
        "The clocks show 02:30 twice on Sun 26 Oct 2025. Write 02:30/1 for the first, 02:30/2 for the second."
    )
    assert visits._on_the_clock(AUTUMN, Start(time(2, 30, fold=1), sure=True), ZONE) is None


def test_in_a_place_too_it_is_asked_which_of_two_equal_times_is_meant(case):
    """A telephone that is open on Sunday nights."""
    line = Unit("line", "telephone", "Line 1", (Hours(6, time(0), time(6)),))
    found = case()
    how = How(Start(time(2, 30)), Room(found.patient.site, 15, (line,)))

    with pytest.raises(Refused, match="time_happens_twice"):
        visits._time(found, "N1+1", AUTUMN, how)

    sure = replace(how, start=Start(time(2, 30, fold=1), sure=True))
    assert visits._time(found, "N1+1", AUTUMN, sure) == (time(2, 30), ZONE, "line")


# ---- a unit with hours closes its kind on the other days


def test_a_theatre_of_tuesdays_and_thursdays_leaves_surgery_only_those(office, case):
    days = tuple(Hours(n, time(8), time(17)) for n in (1, 3))
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "theatre", "Theatre 2", days))

    live = case().schedule.by_code["RES"].live

    assert {day.weekday() for day in live} == {1, 3}
    assert min(live) == date(2025, 6, 10)  # the first Tuesday of Day 99 to 126, after Whit Monday


def test_a_closure_closes_its_kind_and_a_booking_on_it_becomes_a_conflict(office, act, chairs, case):
    act(visits.book, "C4D1", C4, "", at(8))
    with office.begin(ADMIN) as work:
        sites.close(work, "01", Closure(C4, C4, Because.CLOSURE, "move", ("chair",)))

    found = case().schedule

    assert C4 not in found.by_code["C4D1"].possible
    assert [(clash.kind, clash.visit) for clash in found.conflicts] == [("closed", "C4D1")]


def test_a_unit_with_visits_to_come_is_not_taken_out_of_use(office, act, chairs):
    act(visits.book, "C4D1", C4, "", at(8))

    with pytest.raises(Refused, match="unit_in_use"), office.begin(ADMIN) as work:
        sites.withdraw_unit(work, "01", chairs[0].public_id)
    with office.begin(ADMIN) as work:
        sites.withdraw_unit(work, "01", chairs[1].public_id)

    with office.look(ADMIN) as work:
        assert [unit.name for unit in sites.ward(work, "01").units] == ["Chair 1"]


def test_a_unit_of_another_site_is_unknown_here(office, chairs):
    with pytest.raises(NotFound, match="no_such_unit"), office.begin(ADMIN) as work:
        sites.set_hours(work, "02", chairs[0].public_id, ())


def test_while_a_patient_is_away_nothing_that_they_attend_is_possible(act, case):
    act(absences.away, Closure(C4, date(2025, 4, 15), Because.ABSENCE))

    assert list(case().schedule.by_code["C4D1"].live) == [date(2025, 4, 16), date(2025, 4, 17)]


def test_an_absence_taken_back_is_as_if_it_had_never_been(office, act, case):
    before = case().schedule.by_code["C4D1"].live
    act(absences.away, Closure(C4, C4, Because.ABSENCE))
    with office.look(NURSE) as work:
        ((which, _),) = absences.every(work, case())

    act(absences.back, which)

    assert case().schedule.by_code["C4D1"].live == before


# ---- who may decide what


def test_an_infusion_outside_its_window_takes_a_second_person(act, refused, facts):
    """NKR-2 infusion 1: Thursday 3 April, at most a day later; Monday 7 April is three days late."""
    late = date(2025, 4, 7)
    said = refused(act, visits.book, "N1", late, "cell product not ready", kind=Refused)

    act(visits.book, "N1", late, "cell product not ready", How(second="Ines Maes"))

    assert said.startswith("NKR-2 infusion 1 outside its window takes a second person")
    assert facts().accepted == (Acceptance("window", "N1", "cell product not ready", "Ines Maes"),)


def test_within_its_window_an_infusion_takes_one_person(act, facts):
    act(visits.book, "N1", date(2025, 4, 4))

    assert facts().visits["N1"].day == date(2025, 4, 4)


def test_a_hard_rule_is_overruled_by_an_investigator_in_writing_and_by_nobody_else(act, refused, case, clock):
    """14 days between FOLFOX cycles: C4 on 14 April, C5 on 24 April would be ten."""
    act(visits.book, "C4D1", C4)
    early = date(2025, 4, 24)
    nurse = refused(act, visits.book, "C5D1", early, "holiday", kind=Refused)
    unwritten = refused(act, visits.book, "C5D1", early, by=INVESTIGATOR, kind=Refused)

    act(visits.book, "C5D1", early, "holiday of the patient", by=INVESTIGATOR)

    broken = case().schedule.by_code["C5D1"].deviations
    assert "cannot be on Thu 24 Apr 2025" in nurse
    assert unwritten.startswith("This day breaks a rule that protects the patient or the trial")
    assert {(d.nature, d.reason) for d in broken} == {(Nature.EXPECTED, "holiday of the patient")}
    assert case().schedule.conflicts == ()


def test_a_closed_day_is_overruled_by_nobody(act, refused):
    said = refused(act, visits.book, "C4D1", date(2025, 4, 21), "urgent", by=INVESTIGATOR, kind=Refused)

    assert "Easter Monday" in said


def test_what_was_overruled_holds_for_its_days_only(act, case, clock):
    """Surgery overruled to 21 days after FOLFOX 6; FOLFOX 6 late by 17 days leaves 4: nobody accepted that."""
    act(visits.book, "C6D1", date(2025, 5, 12))
    act(visits.book, "RES", date(2025, 6, 10), "surgeon away", by=INVESTIGATOR)
    clock.now = clock.now.replace(month=5, day=29)
    act(records.record, "C6D1", Record(State.OCCURRED, date(2025, 5, 27)), "infection")

    found = case()

    assert [clash.kind for clash in found.schedule.conflicts if clash.visit == "RES"] == ["rule"]
    assert [a.visit for a in found.facts.accepted] == ["C6D1"]


def test_another_time_of_the_day_that_was_overruled_asks_nobody_again(act, case):
    act(visits.book, "C4D1", C4)
    act(visits.book, "C5D1", date(2025, 4, 24), "holiday of the patient", by=INVESTIGATOR)

    act(visits.book, "C5D1", date(2025, 4, 24), "holiday of the patient", at(10))

    assert case().facts.visits["C5D1"].at == time(10)
    assert case().schedule.conflicts == ()


def test_another_day_is_overruled_in_the_same_words(act, case):
    """FOLFOX 5 is 10 days after FOLFOX 4, then 9: two breaks, each overruled because the patient is away."""
    act(visits.book, "C4D1", C4)
    act(visits.book, "C5D1", date(2025, 4, 24), "holiday of the patient", by=INVESTIGATOR)

    act(visits.book, "C5D1", date(2025, 4, 23), "holiday of the patient", by=INVESTIGATOR)

    assert (case().facts.visits["C5D1"].day, case().schedule.conflicts) == (date(2025, 4, 23), ())


def test_a_booking_that_puts_another_one_outside_its_window_asks_for_what_is_asked_of_that_one(act, refused, case):
    """Infusion 1 is 3 or 4 days after FOLFOX 3: on Monday 7 April of Thursday 3 April, and 3 days late of 31 March."""
    act(visits.book, "C3D1", date(2025, 4, 3))
    act(visits.book, "N1", date(2025, 4, 7))
    earlier = (visits.book, "C3D1", date(2025, 3, 31))

    said = refused(act, *earlier, kind=Refused)
    alone = refused(act, *earlier, "the patient's wish", kind=Refused)
    act(*earlier, "the patient's wish", How(second="Ines Maes"))

    assert "3 days late (window 3 Apr to 4 Apr 2025)" in said
    assert "takes a second person" in alone
    assert [(a.visit, a.second) for a in case().facts.accepted] == [("N1", "Ines Maes")]


def test_what_took_place_asks_no_reason_for_what_is_booked_after_it(act, case, clock):
    """FOLFOX 4 took place on 14 April as planned to be; FOLFOX 5, booked for 2 May, may be on 1 May at the latest."""
    act(visits.book, "C4D1", date(2025, 4, 17))
    act(visits.book, "C5D1", date(2025, 5, 2))
    clock.now = clock.now.replace(month=4, day=15)

    act(records.record, "C4D1", Record(State.OCCURRED, C4))

    assert [(d.visit, d.accepted) for v in case().schedule.visits for d in v.deviations if v.code == "C5D1"] == [
        ("C5D1", False)
    ]


def test_nobody_overrules_the_review_before_the_second_infusion(act, refused):
    act(visits.book, "N2", date(2025, 4, 17))

    said = refused(act, visits.book, "DLT", date(2025, 4, 20), "why not", by=INVESTIGATOR, kind=Refused)

    assert "cannot be on Sun 20 Apr 2025" in said


def test_an_end_taken_back_leaves_nothing_booked_without_its_place(act, chairs, facts, cells):
    act(visits.book, "C4D1", C4, "", at(8))
    act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish")

    act(courses.reopen, "entered by mistake")

    assert (facts().visits, cells()) == ({}, [])


def test_a_time_agreed_without_a_place_outlives_an_end_taken_back(act, facts):
    """Nobody else can have it: a site without places, a telephone call, a pump taken off at home."""
    act(visits.book, "C4D1", C4, "", at(8))
    before = facts().visits
    act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish")

    act(courses.reopen, "entered by mistake")

    assert facts().visits == before == {"C4D1": Fact(State.BOOKED, C4, time(8), ZONE)}


def test_a_resection_takes_the_theatre_for_six_hours(office, act, cells):
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "theatre", "Theatre 1", WEEK))

    act(visits.book, "RES", date(2025, 6, 16), "", at(8))

    assert len(cells()) == 24


def test_a_unit_is_closed_over_its_bookings_once_they_are_agreed_to_and_can_be_opened_again(office, act, chairs):
    act(visits.book, "C4D1", C4, "", at(8))
    repair = Closure(C4, C4, Because.CLOSURE, "repair")
    with pytest.raises(Refused, match="visits_are_cut"), office.begin(ADMIN) as work:
        sites.close(work, "01", repair, chairs[0].public_id, "")
    with office.begin(ADMIN) as work:
        sites.close(work, "01", repair, chairs[1].public_id)
    with office.look(ADMIN) as work:
        ((which, name, days),) = sites.ward(work, "01").of_units
    with office.begin(ADMIN) as work:
        sites.reopen(work, "01", which)

    with office.look(ADMIN) as work:
        assert sites.ward(work, "01").of_units == ()
    assert (name, days) == ("Chair 2", repair)


def test_the_telephone_line_that_is_closed_by_hand_rings_for_nobody(office, case):
    """The call after infusion 1 ignores weekends and holidays, but not that its own line is closed."""
    day, every_day = date(2025, 4, 4), tuple(Hours(n, time(8), time(17)) for n in range(7))
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "telephone", "Line 1", every_day))
        sites.close(work, "01", Closure(day, day, Because.CLOSURE, "no current", ("telephone",)))

    with office.look(NURSE) as work:
        room = resources.room_for(work, case(), "N1+1", (day, date(2025, 4, 5)))

    assert (room.free(day), room.free(date(2025, 4, 5))[0].at) == ((), time(8))


def test_a_time_that_is_past_is_offered_no_more(act, chairs, room, clock):
    clock.now = clock.now.replace(month=4, day=14, hour=9, minute=20)  # 11:20 in Brussels

    assert room().free(C4)[0].at == time(11, 30)


def test_an_open_day_is_not_opened_by_hand_for_that_would_cut_its_hours(office, chairs):
    with pytest.raises(Refused, match="day_open_already"), office.begin(ADMIN) as work:
        sites.open_day(work, "01", Opened(C4, time(16), time(20), "chair", "evening"))


def test_a_place_without_hours_is_not_in_use_and_closes_nothing(office, case):
    before = case().schedule.conflicts
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "scanner", "CT"))

    assert case().schedule.conflicts == before == ()


def test_hours_off_the_quarter_are_refused(office, chairs):
    with pytest.raises(Refused, match="hours_off_quarter"), office.begin(ADMIN) as work:
        sites.set_hours(work, "01", chairs[0].public_id, (Hours(0, time(8, 10), time(9, 10)),))


def test_an_absence_is_taken_back_by_nobody_of_the_site(office, act, case):
    act(absences.away, Closure(C4, C4, Because.ABSENCE))
    with office.look(NURSE) as work:
        ((which, _),) = absences.every(work, case())

    with pytest.raises(NotFound), office.begin(ADMIN) as work:
        sites.reopen(work, "01", which)


# ---- once, however often it is sent


def test_the_same_form_twice_is_done_once(office, patient, version, entries):
    seen = version()

    def send():
        with office.begin(NURSE) as work:
            work.only_once("k" * 22, "the same words")
            visits.book(work, patient, seen, "C4D1", C4)

    send()
    with pytest.raises(Repeated, match="sent_before"):
        send()

    assert version() == seen + 1
    with pytest.raises(Refused, match="form_sent_twice"), office.begin(NURSE) as work:
        work.only_once("k" * 22, "other words")


def test_a_form_that_was_refused_can_be_sent_again_with_the_same_key(office, patient, version):
    seen = version()

    def send(day, words):
        with office.begin(NURSE) as work:
            work.only_once("k" * 22, words)
            visits.book(work, patient, seen, "C4D1", day)

    with pytest.raises(Refused, match="day_not_possible"):
        send(date(2025, 4, 21), "one")
    send(C4, "two")

    assert version() == seen + 1


def test_two_people_may_send_the_same_key(office):
    for who in (NURSE, INVESTIGATOR):
        with office.begin(who) as work:
            work.only_once("k" * 22, "words")


# ---- as needed


def test_an_unscheduled_visit_to_come_is_booked_and_one_that_is_past_is_recorded(act, case, clock):
    clock.now = clock.now.replace(month=4, day=10)
    act(visits.add, "U1", date(2025, 4, 11))
    act(visits.add, "U2", date(2025, 4, 8))

    found = case()

    assert {code: found.facts.visits[code] for code in ("U1", "U2")} == {
        "U1": Fact(State.BOOKED, date(2025, 4, 11)),
        "U2": Fact(State.OCCURRED, date(2025, 4, 8)),
    }
    assert [e.code for e in visits.as_needed(found)] == [f"U{n}" for n in range(3, 10)]
    assert found.schedule.conflicts == ()


def test_an_unscheduled_visit_takes_time_like_any_other(office, act, cells, refused):
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "clinic", "Room 1", WEEK))
    refused(act, visits.add, "U1", C4, kind=Refused)

    act(visits.add, "U1", C4, at(9))

    assert [code for _, _, code in cells()] == ["U1", "U1"]  # half an hour


@pytest.mark.parametrize(
    ("code", "day", "kind"),
    [("U1", date(2025, 4, 21), Refused), ("C4D1", C4, NotFound), ("U10", C4, NotFound)],
    ids=["a holiday", "a visit of the schedule", "no visit"],
)
def test_what_cannot_be_added_is_refused(act, facts, code, day, kind):
    with pytest.raises(kind):
        act(visits.add, code, day)

    assert facts().visits == {}
