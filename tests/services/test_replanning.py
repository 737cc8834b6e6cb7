"""Re-planning as people do it: what a deferred cycle moves, at which times, and what is declared; on both engines.

The worked example, days counted by hand: FOLFOX 2 to 6 are booked on 17 and 31 March, 14 and 28 April and 12 May 2025,
the infusions on 3 and 17 April and 2 May (1 May is closed). FOLFOX 4 a week later is Easter Monday, so it is Tuesday
22 April, five days after its window; FOLFOX 5 follows 14 days later on 6 May, FOLFOX 6 on 20 May. Infusion 2 waits
three days, until 25 April, infusion 3 until 9 May: three days after FOLFOX 5, and 14 after infusion 2.
"""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.core.moves import Scope
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.services import patients, records, replanning, sites, visits
from planner.services.records import Record
from planner.services.replanning import Asked, Verb
from planner.services.visits import How, Start
from tests.booked import hold

from .conftest import INVESTIGATOR, NURSE, noon, wanted

ZONE = "Europe/Brussels"
BOOKED = {
    "C2D1": date(2025, 3, 17),
    "C3D1": date(2025, 3, 31),
    "N1": date(2025, 4, 3),
    "C4D1": date(2025, 4, 14),
    "N2": date(2025, 4, 17),
    "C5D1": date(2025, 4, 28),
    "N3": date(2025, 5, 2),
    "C6D1": date(2025, 5, 12),
}
A_WEEK_LATER = {
    **BOOKED,
    "C4D1": date(2025, 4, 22),
    "N2": date(2025, 4, 25),
    "C5D1": date(2025, 5, 6),
    "N3": date(2025, 5, 9),
    "C6D1": date(2025, 5, 20),
}
WEEK = Asked(Verb.DEFER, "C4D1", days=7)
WEEKDAYS = tuple(Hours(weekday, time(8), time(17)) for weekday in range(5))


@pytest.fixture
def chair(office):
    """One chair: two FOLFOX of four and a half hours a day."""
    with office.begin(COMMAND_LINE) as work:
        return sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEKDAYS))


@pytest.fixture
def booked(act):
    """Everything of treatment booked by day."""
    for code, day in BOOKED.items():
        act(visits.book, code, day, "holiday or closed day" if code == "N3" else "")


def days(facts):
    return {code: fact.day for code, fact in facts.visits.items() if fact.state is State.BOOKED}


def looked_at(office, patient, version, asked):
    with office.look(NURSE) as work:
        return replanning.replanning(work, visits.as_seen(work, patient, version()), asked, "low blood counts", "x")


def test_a_deferred_cycle_moves_what_no_longer_fits_and_nothing_else(act, booked, facts):
    act(replanning.replan, WEEK, "low blood counts")

    assert days(facts()) == A_WEEK_LATER


def test_what_is_shown_is_what_is_saved(office, act, booked, patient, version):
    shown = looked_at(office, patient, version, WEEK)
    before = version()

    saved = act(replanning.replan, WEEK, "low blood counts", "x")

    assert (saved.after, version()) == (shown.act.after, before + 1)
    assert {code: new for code, (_, new) in shown.proposal.moves.items()} == {
        code: A_WEEK_LATER[code] for code in ("N2", "C5D1", "N3", "C6D1")
    }


def test_what_is_outside_its_window_then_is_declared_with_the_reason(act, booked, facts, refused):
    said = refused(act, replanning.replan, WEEK, kind=Refused)
    act(replanning.replan, WEEK, "low blood counts")

    assert "give its reason" in said
    assert [(a.visit, a.rule, a.reason) for a in facts().accepted] == [("C4D1", "window", "low blood counts")]


def test_bookings_that_stay_are_conflicts_that_are_told(  # noqa: PLR0917  # pytest hands its fixtures over
    office, act, booked, patient, version, facts, case
):
    """FOLFOX 5 six days after FOLFOX 4 and infusion 2 before its pump is off."""
    keep = Asked(Verb.DEFER, "C4D1", days=7, keep=True)
    shown = looked_at(office, patient, version, keep).proposal

    act(replanning.replan, keep, "low blood counts", "Ines Maes")

    assert days(facts()) == BOOKED | {"C4D1": date(2025, 4, 22)}
    assert shown.would_move == ("C5D1", "N2")
    assert case().schedule.conflicts == shown.conflicts


def test_a_booking_that_moves_keeps_its_time_and_place(office, act, chair, facts):
    for code in ("C2D1", "C3D1", "C4D1", "C5D1"):
        act(visits.book, code, BOOKED[code], "", How(Start(time(9))))

    act(replanning.replan, WEEK, "low blood counts")

    fact = facts().visits["C5D1"]
    assert (fact.day, fact.at, fact.zone, fact.unit) == (A_WEEK_LATER["C5D1"], time(9), ZONE, chair.public_id)
    with office.look(COMMAND_LINE) as work:
        hold(work)


def test_where_the_time_is_taken_the_nearest_one_is_booked_and_a_full_day_is_passed_over(office, act, chair, facts):
    """On 22 April somebody else sits there until 12:30, on 6 May two others all day."""
    for code in ("C2D1", "C3D1", "C4D1", "C5D1"):
        act(visits.book, code, BOOKED[code], "", How(Start(time(9))))
    for number, begun, start in (
        (2, date(2025, 4, 8), time(8)),
        (3, date(2025, 4, 22), time(8)),
        (4, date(2025, 4, 22), time(12, 30)),
    ):
        with office.begin(NURSE) as work:
            other = patients.enrol(work, wanted(subject_id=f"01-00{number}", day_one=begun))
            second = begun + timedelta(days=14)
            visits.book(work, other.public_id, other.version, "C2D1", second, "", How(Start(start)))

    act(replanning.replan, WEEK, "low blood counts")

    assert [(fact.day, fact.at) for fact in (facts().visits[code] for code in ("C4D1", "C5D1"))] == [
        (date(2025, 4, 22), time(12, 30)),
        (date(2025, 5, 7), time(9)),
    ]


def test_a_move_to_a_day_that_leaves_surgery_none_is_stuck_with_what_could_give_way(
    office, act, booked, patient, version, refused
):
    """FOLFOX 6 on 9 June is day 99, 28 days late: day 127 is behind the window of surgery."""
    late = Asked(Verb.MOVE, "C6D1", day=date(2025, 6, 10))

    found = looked_at(office, patient, version, late)
    said = refused(act, replanning.replan, late, "low blood counts", kind=Refused)

    assert (found.act, [stuck.visit for stuck in found.proposal.stuck]) == (None, ["RES"])
    assert said.startswith("There is no legal plan for this: 1 of the visits")


def test_omitting_and_stopping_ask_for_a_reason_and_follow_up_stays(act, booked, facts, case, refused):
    stop = Asked(Verb.STOP, "C4D1")
    said = refused(act, replanning.replan, stop, kind=Refused)

    act(replanning.replan, stop, "other toxicity")

    assert said == "FOLFOX 4 will not take place as planned: give a reason."
    assert days(facts()) == {}
    states = {code: case().schedule.by_code[code].state for code in ("C4D1", "N1", "RES", "M7")}
    assert states == {
        "C4D1": State.CANCELED,
        "N1": State.CANCELED,
        "RES": State.PLANNED,
        "M7": State.PLANNED,
    }


def test_a_cycle_is_omitted_whole(act, booked, facts):
    act(replanning.replan, Asked(Verb.OMIT, "C4D1", scope=Scope.CYCLE), "low blood counts")

    canceled = {code for code, fact in facts().visits.items() if fact.state is State.CANCELED}
    assert {"C4D1", "N2"} <= canceled
    assert {"C5D1", "N3", "C3D1"} & canceled == set()


@pytest.mark.parametrize(
    ("asked", "kind", "key"),
    [
        (Asked(Verb.DEFER, "C4D1"), Refused, "days_needed"),
        (Asked(Verb.DEFER, "C4D1", days=7, day=date(2025, 4, 22)), Refused, "days_and_day"),
        (Asked(Verb.MOVE, "C4D1"), Refused, "new_day_needed"),
        (Asked(Verb.MOVE, "C4D1", days=7, day=date(2025, 4, 22)), Refused, "days_and_day"),
        (Asked(Verb.DEFER, "C1D1", days=7), Refused, "visit_stands_on_date"),
        (Asked(Verb.DEFER, "X9", days=7), NotFound, "no_such_visit"),
        (Asked(Verb.DEFER, "U1", days=7), NotFound, "no_such_visit"),
    ],
)
def test_what_cannot_be_done_is_refused(act, booked, asked, kind, key):
    with pytest.raises(kind, match=key):
        act(replanning.replan, asked, "low blood counts")


def test_what_took_place_is_not_put_off(act, booked, clock):
    clock.now = noon(3, 17)
    act(records.record, "C2D1", Record(State.OCCURRED, date(2025, 3, 17)))

    with pytest.raises(Refused, match="visit_not_to_come"):
        act(replanning.replan, Asked(Verb.DEFER, "C2D1", days=7), "low blood counts")


@pytest.mark.parametrize("keep", [True, False])
def test_what_an_investigator_agreed_to_is_not_stretched_by_a_nurse(office, act, facts, case, patient, version, keep):  # noqa: PLR0917  # pytest hands its fixtures over
    """FOLFOX 4 on 11 April was overruled to 11 days after FOLFOX 3 on 31 March; of 3 April 8 days are left, 14 asked.

    Kept where it is, that is a new conflict; else it moves to 17 April.
    """
    act(visits.book, "C3D1", date(2025, 3, 31))
    act(visits.book, "C4D1", date(2025, 4, 11), "urgent", by=INVESTIGATOR)
    asked = Asked(Verb.MOVE, "C3D1", day=date(2025, 4, 3), keep=keep)

    shown = looked_at(office, patient, version, asked).proposal
    act(replanning.replan, asked, "low blood counts")

    assert [clash.visit for clash in shown.conflicts] == (["C4D1"] if keep else [])
    assert case().schedule.conflicts == shown.conflicts
    assert days(facts()) == {"C3D1": date(2025, 4, 3), "C4D1": date(2025, 4, 11 if keep else 17)}


def test_what_was_accepted_for_other_days_is_shown_and_declared_again(office, act, patient, version, refused):
    """Infusion 1 on 8 April is a day late of FOLFOX 3 on 3 April (6 to 7 April), and four days of 31 March (3, 4)."""
    act(visits.book, "C3D1", date(2025, 4, 3))
    act(visits.book, "N1", date(2025, 4, 8), "the patient's wish", How(second="Ines Maes"))
    asked = Asked(Verb.MOVE, "C3D1", day=date(2025, 3, 31))

    shown = looked_at(office, patient, version, asked).proposal
    said = refused(act, replanning.replan, asked, "the patient's wish")

    assert [(one.visit, one.days) for one in shown.declared] == [("N1", 4)]
    assert {one.visit for one in shown.expected} == {"N2", "N3"}
    assert "takes a second person" in said


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (Asked(Verb.MOVE, "C3D1", day=date(2025, 3, 24), keep=True), "no_legal_plan"),  # 7 days after FOLFOX 2
        (Asked(Verb.MOVE, "C3D1", day=date(2025, 4, 6), keep=True), "no_legal_plan"),  # a Sunday
        (Asked(Verb.MOVE, "C3D1", day=date(2025, 3, 17)), "day_is_past"),
        (Asked(Verb.DEFER, "C3D1", days=-14, keep=True), "day_is_past"),
    ],
)
def test_a_day_that_booking_refuses_is_refused_here_whether_others_stay_or_not(act, clock, facts, asked, key):
    act(visits.book, "C3D1", date(2025, 3, 31))
    clock.now = noon(3, 18)
    act(records.record, "C2D1", Record(State.OCCURRED, date(2025, 3, 17)))

    with pytest.raises(Refused, match=key):
        act(replanning.replan, asked, "low blood counts")

    assert days(facts()) == {"C3D1": date(2025, 3, 31)}


def test_two_visits_of_a_patient_do_not_get_the_only_half_hour_of_a_day(office, act, facts):
    """The room is open from 9:00 to 9:30. A fever is seen there on Monday 14 April: Friday's bloods go to Tuesday."""
    hours = tuple(Hours(weekday, time(9), time(9, 30)) for weekday in range(5))
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "clinic", "Room 1", hours))
    act(visits.book, "C4P", date(2025, 4, 11), "", How(Start(time(9))))
    act(visits.add, "U1", date(2025, 4, 14), How(Start(time(9))))

    act(replanning.replan, Asked(Verb.DEFER, "C4P", days=3), "low blood counts")

    assert {code: (fact.day, fact.at) for code, fact in facts().visits.items()} == {
        "C4P": (date(2025, 4, 15), time(9)),
        "U1": (date(2025, 4, 14), time(9)),
    }
