"""Days closed over booked visits: who waits, what is proposed, and saving it; on both engines.

The worked example twice: FOLFOX 4 to 6 of 01-001 and 01-002 on Mondays, 14 and 28 April and 12 May 2025, at 9:00 in
Chair 1 and Chair 2. Closed is the week of FOLFOX 5, from 28 April to 2 May: it goes to Monday 5 May, 4 days after its
window, and FOLFOX 6 follows 14 days later on the 19th, in its own.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from planner.core.calendar import Closure
from planner.core.errors import NotFound, Refused, Stale
from planner.core.facts import State
from planner.core.patients import Ended
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import Hours, Opened, Unit
from planner.services import cases, courses, cuts, disruption, history, patients, sites, undoing, visits
from planner.services.cuts import Shutting
from planner.services.disruption import Seen
from planner.services.undoing import REDO, UNDO
from planner.services.visits import How, Start
from tests.booked import hold

from .conftest import ELSEWHERE, INVESTIGATOR, NURSE, noon, wanted

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEKDAYS = tuple(Hours(n, time(8), time(17)) for n in range(5))
WEEK = Closure(date(2025, 4, 28), date(2025, 5, 2), name="works")
BOOKED = {"C4D1": date(2025, 4, 14), "C5D1": date(2025, 4, 28), "C6D1": date(2025, 5, 12)}
MOVED = {"C4D1": date(2025, 4, 14), "C5D1": date(2025, 5, 5), "C6D1": date(2025, 5, 19)}
REASON = "holiday or closed day: works"


@pytest.fixture
def chairs(office):
    with office.begin(ADMIN) as work:
        return [sites.add_unit(work, "01", Unit("", "chair", f"Chair {n}", WEEKDAYS)) for n in (1, 2)]


@pytest.fixture
def booked(office, chairs, patient):
    """FOLFOX 4 to 6 of two patients, each in a chair of their own; their public ids."""
    with office.begin(NURSE) as work:
        other = patients.enrol(work, wanted(subject_id="01-002")).public_id
    for public_id, chair in zip((patient, other), chairs, strict=True):
        for code, day in BOOKED.items():
            book(office, public_id, code, day, Start(time(9), chair.public_id))
    return patient, other


def book(office, public_id, code, day, start=None, reason=""):
    with office.begin(NURSE) as work:
        known = cases.case(work, public_id).patient.version
        visits.book(work, public_id, known, code, day, reason, How(start))


@pytest.fixture
def look(office):
    """What a closure does, asked for or saved."""

    def do(shutting=None, by=NURSE, code="01"):
        with office.look(by) as work:
            return disruption.disruption(work, code, shutting)

    return do


@pytest.fixture
def close(office):
    def do(closure=WEEK, unit=""):
        with office.begin(ADMIN) as work:
            return sites.close(work, "01", closure, unit)

    return do


@pytest.fixture
def accept(office):
    def do(chosen, reason=REASON, second="", by=NURSE):
        with office.begin(by) as work:
            return disruption.accept(work, "01", chosen, reason, second)

    return do


@pytest.fixture
def waits(office):
    def count():
        with office.look(NURSE) as work:
            return disruption.waiting(work, disruption.site_of(work, "01"))

    return count


def seen(found, *public_ids):
    """What a page of these patients carries."""
    return {
        part.case.patient.public_id: Seen(part.case.patient.version, part.seal)
        for part in found.parts
        if not public_ids or part.case.patient.public_id in public_ids
    }


def proposed(part):
    """The day, the hour and the unit of each booking that changes."""
    facts = part.given.facts
    return {
        code: (facts.visits[code].day, facts.visits[code].at, facts.visits[code].unit) for code in part.given.changed
    }


def as_it_stands(office, public_id):
    with office.look(COMMAND_LINE) as work:
        facts = cases.case(work, public_id).facts
    return {code: fact.day for code, fact in facts.visits.items() if fact.state is State.BOOKED}


# ---- what a closure does


def test_what_is_only_asked_for_says_who_is_hit_and_what_would_move(look, booked, chairs, waits):
    found = look(Shutting(WEEK))

    assert (len(found.parts), found.hit, found.changing, found.shifting, found.waited, waits()) == (2, 2, 4, 4, 0, 0)
    assert [proposed(part) for part in found.parts] == [
        {code: (MOVED[code], time(9), chair.public_id) for code in ("C5D1", "C6D1")} for chair in chairs
    ]


def test_what_is_asked_for_is_what_closing_asks_to_agree_to(office, look, booked):
    found = look(Shutting(WEEK), ADMIN)

    assert [(cut.code, cut.unit) for cut in found.cut] == [("C5D1", "Chair 1"), ("C5D1", "Chair 2")]
    with office.begin(ADMIN) as work:
        assert sites.close(work, "01", WEEK, "", found.agreed) == found.cut


def test_the_preview_and_what_waits_once_it_is_closed_are_the_same_days(look, booked, close, waits):
    before = look(Shutting(WEEK))
    close()
    after = look()

    assert [(p.case.patient.subject_id, p.given.hit, proposed(p), p.seal) for p in after.parts] == [
        (p.case.patient.subject_id, p.given.hit, proposed(p), p.seal) for p in before.parts
    ]
    assert ((after.changing, after.shifting), after.waited, waits()) == ((before.changing, before.shifting), 0, 2)


def test_what_is_asked_for_beside_what_waits_already_counts_it(look, booked, close):
    close()

    found = look(Shutting(Closure(date(2025, 4, 14), date(2025, 4, 14), name="strike")))

    assert (found.hit, found.waited, len(found.cut)) == (4, 2, 2)


def test_a_unit_that_closes_sends_its_patient_to_another_one_or_to_another_time(look, booked, chairs):
    """FOLFOX takes four and a half hours: in Chair 2 it is taken from 9:00 to 13:30, then there is time until 17:00.

    That is too short, so FOLFOX 5 is a day later, at its time, and FOLFOX 6 on the 13th, 14 days after it.
    """
    found = look(Shutting(replace(WEEK, last=WEEK.first), chairs[0].public_id))

    (part,) = found.parts
    assert (part.given.hit, part.declares) == (("C5D1",), False)
    assert proposed(part) == {
        "C5D1": (date(2025, 4, 29), time(9), chairs[0].public_id),
        "C6D1": (date(2025, 5, 13), time(9), chairs[0].public_id),
    }


def test_where_another_unit_is_free_the_day_stays(office, look, booked, chairs):
    with office.begin(ADMIN) as work:
        third = sites.add_unit(work, "01", Unit("", "chair", "Chair 3", WEEKDAYS))

    (part,) = look(Shutting(WEEK, chairs[0].public_id)).parts

    assert proposed(part) == {"C5D1": (date(2025, 4, 28), time(9), third.public_id)}


def test_what_is_remembered_of_a_quarter_of_an_hour_begins_behind_it(office, look, patient, chairs, close, clock):
    """Chair 1 closes today, in which FOLFOX 4 is to begin at noon: at noon it still can in Chair 2, later no more."""
    book(office, patient, "C4D1", date(2025, 4, 14), Start(time(12), chairs[0].public_id))
    close(Closure(date(2025, 4, 14), date(2025, 4, 14), name="repair"), chairs[0].public_id)
    found = []
    for minute in (0, 1, 14):
        clock.now = datetime(2025, 4, 14, 10, minute, tzinfo=UTC)
        found.append(look().parts[0].given.facts.visits["C4D1"].at)

    assert found == [time(12), time(12, 15), time(12, 15)]


def test_hours_that_a_unit_has_no_more_leave_its_bookings_waiting(office, look, booked, chairs):
    """Chair 1 is open on Tuesdays only: its patient's three bookings are on Mondays."""
    with office.begin(ADMIN) as work:
        sites.set_hours(work, "01", chairs[0].public_id, (Hours(1, time(8), time(17)),))

    (part,) = look().parts

    assert part.given.hit == ("C4D1", "C5D1", "C6D1")
    assert {day.weekday() for day, _, unit in proposed(part).values() if unit == chairs[0].public_id} <= {1}


def test_one_kind_of_place_closes_what_takes_it(look, booked):
    assert look(Shutting(replace(WEEK, calendars=("theatre",)))).parts == ()
    assert len(look(Shutting(replace(WEEK, calendars=("chair",)))).parts) == 2


def test_whose_study_has_ended_and_what_is_past_do_not_wait(office, act, look, booked, close, clock):
    close()
    act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish")
    ended = look()
    clock.now = noon(4, 29)

    assert ([part.case.patient.subject_id for part in ended.parts], look().parts) == (["01-002"], ())


def test_two_patients_hit_get_different_places(office, look, close, booked, chairs):
    """Chair 2 goes out of use for good; the other one has room for one FOLFOX before 13:30 and none after it."""
    with office.begin(ADMIN) as work:
        sites.close(work, "01", Closure(date(2025, 5, 3), date(2025, 12, 31), name="broken"), chairs[1].public_id)
    close()

    found = look()

    moved = [proposed(part)["C5D1"] for part in found.parts]
    assert sorted(day for day, _, _ in moved) == [date(2025, 5, 5), date(2025, 5, 6)]
    assert {unit for _, _, unit in moved} == {chairs[0].public_id}


def test_what_has_no_legal_day_stands_first_and_is_not_accepted(office, look, booked, close, accept, refused):
    """FOLFOX 1 of a third patient, whose Day 1 is on 29 April: it stands on that date."""
    with office.begin(NURSE) as work:
        third = patients.enrol(work, wanted(subject_id="01-003", day_one=date(2025, 4, 29)))
    book(office, third.public_id, "C1D1", date(2025, 4, 29), Start(time(9)))
    close()

    found = look()
    said = refused(accept, seen(found, third.public_id), kind=Refused)

    assert [part.case.patient.subject_id for part in found.stuck] == ["01-003"]
    assert found.parts[0] is found.stuck[0]
    assert said.startswith("There is no legal day for a visit of patient 01-003.")


# ---- accepting


def test_all_are_accepted_at_once_and_each_is_one_act_of_its_own(office, look, booked, close, accept, waits):
    close()

    acts = accept(seen(look()))

    assert len(acts) == 2
    assert [as_it_stands(office, one) for one in booked] == [MOVED, MOVED]
    assert (look().parts, waits()) == ((), 0)
    with office.look(COMMAND_LINE) as work:
        hold(work)
        told = [history.of_patient(work, one)[1] for one in booked]
    assert len({entry.act for entries in told for entry in entries if entry.action == disruption.ACTION}) == 2


def test_what_was_shown_is_what_is_saved(look, booked, close, accept):
    close()
    found = look()

    acts = accept(seen(found))

    assert [act.after.facts.visits for act in acts] == [part.given.facts.visits for part in found.parts]


def test_one_is_accepted_and_the_other_one_waits_with_the_same_days(office, look, booked, close, accept):
    close()
    before = look()
    last = before.parts[-1]

    accept(seen(before, last.case.patient.public_id))

    (left,) = look().parts
    assert left.case.patient.public_id == before.parts[0].case.patient.public_id
    assert proposed(left) == proposed(before.parts[0])


def test_what_leaves_its_window_is_declared_with_the_reason(office, look, booked, close, accept, refused):
    close()

    said = refused(accept, seen(look()), "", kind=Refused)
    acts = accept(seen(look()))

    assert said == (
        "New days outside the window, or against a rule, are to be declared for 01-001, 01-002: give the reason, or "
        "leave these patients out."
    )
    assert [[(a.visit, a.rule, a.reason) for a in act.after.facts.accepted] for act in acts] == [
        [("C5D1", "window", REASON)]
    ] * 2
    assert [(one.visit, one.days) for part in look().parts for one in part.given.declared] == []


def test_an_infusion_outside_its_window_takes_a_second_person(act, look, accept, close, refused):
    """Infusion 3 is 3 days after FOLFOX 5 or 4: on 1 May, which is closed, or on 2 May. Then 5 May is 3 days late."""
    days = BOOKED | {"N1": date(2025, 4, 3), "N2": date(2025, 4, 17), "N3": date(2025, 5, 2)}
    for code, day in sorted(days.items(), key=lambda one: one[1]):
        act(visits.book, code, day)
    close(Closure(date(2025, 5, 2), date(2025, 5, 2), name="strike"))
    found = look()

    said = refused(accept, seen(found), kind=Refused)
    (saved,) = accept(seen(found), second="Ines Maes")

    assert "An infusion of 01-001 leaves its window" in said
    assert [(a.visit, a.second) for a in saved.after.facts.accepted if a.visit == "N3"] == [("N3", "Ines Maes")]


def test_who_was_changed_since_is_named_and_nothing_is_saved(office, look, booked, close, accept, refused):
    close()
    found = look()
    book(office, booked[1], "C2D1", date(2025, 3, 17), Start(time(9)))

    said = refused(accept, seen(found), kind=Stale)

    assert said.startswith("Anna Peeters saved something about patient 01-002 after your page was made.")
    assert [as_it_stands(office, one)["C5D1"] for one in booked] == [BOOKED["C5D1"]] * 2


def test_other_days_than_those_shown_are_not_saved(office, look, booked, close, accept, refused):
    """A third patient takes Chair 1 on 5 May meanwhile."""
    close()
    found = look()
    with office.begin(NURSE) as work:
        third = patients.enrol(work, wanted(subject_id="01-003", day_one=date(2025, 4, 14)))
        chair = found.parts[0].given.facts.visits["C5D1"].unit
    book(office, third.public_id, "C2D1", date(2025, 5, 5), Start(time(9), chair), REASON)

    said = refused(accept, seen(found), kind=Stale)

    assert said.startswith("Another day or place is proposed for patient 01-00")


def test_who_has_new_days_already_is_named(office, look, booked, close, accept, refused):
    close()
    found = look()
    with office.begin(ADMIN) as work:
        sites.reopen(work, "01", sites.ward(work, "01").closures[0][0])

    said = refused(accept, seen(found, booked[0]), kind=Stale)

    assert said.startswith("Every booking of patient 01-001 stands again")


def test_nobody_chosen_is_told(look, booked, close, accept, refused):
    assert refused(accept, {}, kind=Refused) == "Choose the patients whose new days you accept."


# ---- undo


def test_each_part_is_taken_back_and_done_again_by_itself(office, look, booked, close, accept, waits):
    close()
    accept(seen(look()))

    def take(verb):
        with office.begin(NURSE) as work:
            known = cases.case(work, booked[0]).patient.version
            stack = getattr(undoing.of_patient(work, booked[0]), verb)
            undoing.take(work, booked[0], known, stack[-1].act, verb)

    take(UNDO)
    back = as_it_stands(office, booked[0]), waits()
    take(REDO)

    assert back == (BOOKED, 1)
    assert [as_it_stands(office, one) for one in booked] == [MOVED, MOVED]
    with office.look(COMMAND_LINE) as work:
        hold(work)


def test_what_was_moved_by_hand_is_not_taken_back_to_a_day_that_closed_since(office, act, look, booked, close):
    act(visits.book, "C6D1", date(2025, 5, 13), "", How(Start(time(9))))
    close(Closure(date(2025, 5, 12), date(2025, 5, 12), name="strike"))

    with office.look(NURSE) as work:
        last = undoing.of_patient(work, booked[0]).undo[-1].act

    with pytest.raises(Refused, match="undo_clashes"):
        act(undoing.take, last, UNDO)


@pytest.fixture
def take(office, booked):
    """Takes the last act on the first patient back, or does it again."""

    def do(verb):
        with office.begin(NURSE) as work:
            known = cases.case(work, booked[0]).patient.version
            undoing.take(work, booked[0], known, getattr(undoing.of_patient(work, booked[0]), verb)[-1].act, verb)

    return do


@pytest.fixture
def gone_on(look, close, accept, booked):
    """Days are closed, and the new days of both patients accepted."""

    def do(closure=WEEK, opened=None):
        close(closure)
        if opened is not None:
            opened()
        accept(seen(look()))

    return do


def test_new_days_are_not_done_again_on_a_day_that_closed_since(office, booked, gone_on, close, take):
    """FOLFOX 5 is given Monday 5 May, taken back to 28 April, where it waits; then 5 May closes too."""
    gone_on()
    take(UNDO)
    close(Closure(date(2025, 5, 5), date(2025, 5, 5), name="strike"))

    with pytest.raises(Refused, match="undo_clashes"):
        take(REDO)

    assert as_it_stands(office, booked[0]) == BOOKED


@pytest.mark.parametrize(
    ("day", "stands"),
    [(date(2025, 5, 12), MOVED), (date(2025, 4, 28), BOOKED), (date(2025, 5, 13), BOOKED)],
    ids=["FOLFOX 6 did not wait there", "FOLFOX 5 waited there already", "nobody goes back there"],
)
def test_a_booking_goes_back_to_no_closed_day_but_the_one_on_which_it_waited(  # noqa: PLR0917  # fixtures
    office, booked, gone_on, close, take, day, stands
):
    """FOLFOX 6 moved along from 12 to 19 May: the 12th was open then."""
    gone_on()
    close(Closure(day, day, name="strike"))

    with suppress(Refused):
        take(UNDO)

    assert as_it_stands(office, booked[0]) == stands


def test_a_weekday_without_hours_since_is_closed_since(office, chairs, gone_on, take):
    """FOLFOX 6 would come back on Monday 12 May, and there are no Mondays any more."""
    gone_on()
    with office.begin(ADMIN) as work:
        for chair in chairs:
            sites.set_hours(work, "01", chair.public_id, WEEKDAYS[1:])

    with pytest.raises(Refused, match="undo_clashes"):
        take(UNDO)


def test_a_day_shut_again_since_is_closed_since(office, booked, gone_on, take):
    """All is closed from 28 April to 12 May, the 12th open by hand: FOLFOX 5 moves on, and FOLFOX 6 from the 12th."""

    def opened():
        with office.begin(ADMIN) as work:
            sites.open_day(work, "01", Opened(date(2025, 5, 12), time(8), time(17), "", "catching up"))

    gone_on(replace(WEEK, last=date(2025, 5, 12)), opened)
    moved = as_it_stands(office, booked[0])
    with office.begin(ADMIN) as work:
        sites.shut_day(work, "01", sites.ward(work, "01").opened[0][0])

    with pytest.raises(Refused, match="undo_clashes"):
        take(UNDO)

    assert as_it_stands(office, booked[0]) == moved


# ---- who may see it


def test_a_site_out_of_reach_is_not_found(look, booked):
    for by, code in ((NURSE, "02"), (ELSEWHERE, "01"), (INVESTIGATOR, "99"), (ADMIN, "99")):
        with pytest.raises(NotFound):
            look(by=by, code=code)


def test_what_is_asked_for_must_be_meant(look, booked):
    with pytest.raises(Refused, match="year_mistyped"):
        look(Shutting(Closure(date(2125, 1, 1), date(2125, 1, 2), name="x")))
    with pytest.raises(NotFound):
        look(Shutting(WEEK, "no such unit"))


def test_a_transaction_that_has_written_asks_nobodys_memory(office, booked, close):
    """What is not saved yet is seen in its own transaction, and remembered for nobody else."""
    close()
    with office.begin(NURSE) as work:
        known = cases.case(work, booked[0])
        site = disruption.site_of(work, "01")
        visits.take_back(work, booked[0], known.patient.version, "C5D1")
        inside = disruption.waiting(work, site), len(disruption.disruption(work, "01").parts)
        work.session.rollback()

    assert inside == (1, 1)


def test_what_closing_would_cut_is_sealed_like_any_other_change(look, booked):
    found = look(Shutting(WEEK))

    assert found.agreed == cuts.seal(found.cut)


def test_what_was_accepted_for_other_days_is_told_to_be_declared_with_a_second_person(office, look, close, patient):
    """Infusion 1 on 8 April is three days late of FOLFOX 3 on 1 April (4, 5 April): that was agreed by two persons.

    1 April closes and FOLFOX 3 goes to 31 March or 2 April: of either day nobody has agreed to the distance.
    """
    book(office, patient, "C3D1", date(2025, 4, 1))
    with office.begin(NURSE) as work:
        known = cases.case(work, patient).patient.version
        visits.book(work, patient, known, "N1", date(2025, 4, 8), REASON, How(second="Ines Maes"))

    close(Closure(date(2025, 4, 1), date(2025, 4, 1), name="works"))
    (part,) = look().parts

    assert [one.visit for one in part.given.declared] == ["N1"]
    assert (part.declares, part.second) == (True, True)


def test_two_visits_of_a_patient_do_not_get_the_only_half_hour_of_a_day(office, look, close, patient):
    """The room is open from 9:00 to 9:30. A fever is seen there on Monday 14 April: Friday's bloods go to Thursday.

    The target of the bloods is Sunday 13 April, a day before FOLFOX 4; Thursday 10 is a day from where they were.
    """
    hours = tuple(Hours(weekday, time(9), time(9, 30)) for weekday in range(5))
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "clinic", "Room 1", hours))
    book(office, patient, "C4P", date(2025, 4, 11), Start(time(9)))
    with office.begin(NURSE) as work:
        known = cases.case(work, patient).patient.version
        visits.add(work, patient, known, "U1", date(2025, 4, 14), How(Start(time(9))))

    close(Closure(date(2025, 4, 11), date(2025, 4, 11), name="works"))
    (part,) = look().parts

    assert {(day, at) for day, at, _ in proposed(part).values()} == {(date(2025, 4, 10), time(9))}
