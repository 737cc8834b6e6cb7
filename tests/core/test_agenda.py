"""What is now, to be decided and soon: the worked example (registered on 24 February 2025, Day 1 on 3 March)."""

from datetime import UTC, date, datetime, time

import pytest

from planner.core.agenda import Asks, items, needing, uncleared, untold
from planner.core.calendar import Because, Calendar, Closure
from planner.core.disclosure import Arranged, Glimpse
from planner.core.facts import Facts
from planner.core.flags import overdue
from planner.core.notices import Delivery, Held, Kind, Message, Sight, Told
from planner.core.patients import Ended
from planner.core.schedule import plan
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
WEEKENDS = Calendar(frozenset({5, 6}))
ENROLLED = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
SCREENED = ENROLLED.occurred("SC1", date(2025, 2, 10)).occurred("SC2", date(2025, 2, 17))
TREATED = (
    SCREENED.decided("port_needed", "yes")
    .occurred("SC3", date(2025, 2, 21))
    .occurred("REG", date(2025, 2, 24))
    .occurred("AP", date(2025, 2, 24))
    .occurred("C1P", date(2025, 3, 3))
    .occurred("C1D1", date(2025, 3, 3))
    .occurred("C1D3", date(2025, 3, 5))
)


def told(facts, today, calendar=WEEKENDS):
    return [(item.asks, item.code, item.day) for item in items(plan(SHRINK, facts, calendar, today), today)]


def test_before_the_treatment_windows_close_and_the_registration_is_a_gate():
    assert told(ENROLLED, date(2025, 2, 24)) == [
        (Asks.CLOSING, "SC1", date(2025, 2, 24)),
        (Asks.GATE, "REG", date(2025, 2, 24)),
        (Asks.CLOSING, "SC2", date(2025, 2, 28)),
        (Asks.CLOSING, "SC3", date(2025, 2, 28)),
        (Asks.CLOSING, "AP", date(2025, 2, 28)),
        (Asks.CLOSING, "C1P", date(2025, 3, 3)),
        (Asks.BOOK, "C1D1", date(2025, 3, 3)),
        (Asks.DECISION, "SC3", date(2025, 2, 21)),
    ]


def test_a_patient_with_everything_recorded_asks_for_nothing_until_the_week_before():
    assert told(TREATED, date(2025, 3, 6)) == []
    assert told(TREATED, date(2025, 3, 10)) == [
        (Asks.CLOSING, "C2P", date(2025, 3, 17)),
        (Asks.BOOK, "C2D1", date(2025, 3, 17)),
    ]


def test_a_booked_visit_is_now_on_its_day_and_asks_for_a_record_after_it():
    booked = TREATED.booked("C2D1", date(2025, 3, 17), time(9, 30), "Europe/Brussels")
    booked = booked.occurred("C2P", date(2025, 3, 14))

    on_the_day = items(plan(SHRINK, booked, WEEKENDS, date(2025, 3, 17)), date(2025, 3, 17))

    assert [(item.asks, item.code, item.at) for item in on_the_day if item.code == "C2D1"] == [
        (Asks.VISIT, "C2D1", time(9, 30))
    ]
    assert told(booked, date(2025, 3, 18))[0] == (Asks.RECORD, "C2D1", date(2025, 3, 17))


def test_a_visit_that_took_place_today_is_still_one_of_todays():
    assert (Asks.VISIT, "C1D3", date(2025, 3, 5)) in told(TREATED, date(2025, 3, 5))


def test_what_is_overdue_stands_by_the_end_of_its_window_and_asks_for_a_decision_once():
    """FOLFOX 2 had until 20 March."""
    late = told(TREATED.occurred("C2P", date(2025, 3, 17)), date(2025, 3, 21))

    assert [line for line in late if line[1] == "C2D1"] == [(Asks.OVERDUE, "C2D1", date(2025, 3, 20))]


def test_a_booking_on_a_day_that_was_closed_since_is_a_conflict_to_decide():
    strike = Closure(date(2025, 3, 17), date(2025, 3, 17), Because.CLOSURE, "strike")
    shut = Calendar(frozenset({5, 6}), (strike,))

    found = told(TREATED.booked("C2D1", date(2025, 3, 17)), date(2025, 3, 6), shut)

    assert found == [(Asks.CONFLICT, "C2D1", date(2025, 3, 17))]


@pytest.mark.parametrize(
    ("today", "asked"),
    [(date(2025, 6, 1), False), (date(2025, 6, 2), True), (date(2025, 6, 10), True)],
)
def test_resectability_is_to_be_decided_a_week_before_the_first_visit_that_hangs_on_it(today, asked):
    """Surgery is 35 days after FOLFOX 6 of 12 May, on 16 June, and pre-admission 7 days before it, on the 9th."""
    facts = TREATED
    for number, day in enumerate((date(2025, 3, 17), date(2025, 3, 31), date(2025, 4, 14), date(2025, 4, 28)), start=2):
        facts = facts.occurred(f"C{number}D1", day)
    facts = facts.occurred("C6D1", date(2025, 5, 12))
    schedule = plan(SHRINK, facts, WEEKENDS, today)

    found = [item for item in items(schedule, today) if item.asks is Asks.DECISION]

    assert [(item.decision.code, item.code) for item in found] == ([("resectable", "PRE")] if asked else [])


def test_a_decision_that_was_made_is_not_asked_again():
    facts = ENROLLED.decided("port_needed", "no")

    assert [asks for asks, _, _ in told(facts, date(2025, 2, 24)) if asks is Asks.DECISION] == []


@pytest.mark.parametrize("today", [date(2025, 2, 24), date(2025, 3, 3), date(2025, 4, 10), date(2025, 9, 1)])
def test_every_visit_that_needs_a_person_stands_in_the_agenda_exactly_once(today):
    schedule = plan(SHRINK, ENROLLED, WEEKENDS, today)
    lines = [item.code for item in items(schedule, today) if item.visit is not None and item.decision is None]

    needs = [visit.code for visit in needing(schedule, today)]

    assert len(lines) == len(set(lines))
    assert set(needs) <= set(lines)
    late = {item.code for item in items(schedule, today) if item.asks is Asks.OVERDUE}
    assert late == {visit.code for visit in schedule.visits if overdue(visit)}


def test_nothing_is_asked_once_the_study_ended():
    assert told(TREATED.ending(date(2025, 3, 6)), date(2025, 4, 10)) == []


def test_a_message_that_failed_is_a_line_about_its_visit():
    day, at = date(2025, 3, 3), datetime(2025, 3, 3, tzinfo=UTC)
    message = Message("uid", Kind.INVITE, "C1D1", day, Delivery.FAILED, at, "550 no such mailbox")

    (item,) = untold(plan(SHRINK, ENROLLED, WEEKENDS, day), [message], day)

    assert (item.asks, item.code, item.day, item.message) == (Asks.PHONE, "C1D1", day, message)


def test_what_the_calendar_of_somebody_who_left_still_shows_is_one_line():
    days = date(2025, 4, 14), date(2025, 4, 28)
    seen = [Glimpse("", Arranged.BOOKED, day, day) for day in days]
    held = [
        Held(code, Told(code, 0, "z@home.example", Sight(one, "B", "nl"))) for code, one in zip("BA", seen, strict=True)
    ]

    (item,) = uncleared(reversed(held), Ended.LOST, date(2025, 4, 10))

    assert (item.asks, item.code, item.day, item.left) == (Asks.PHONE, "", days[0], tuple(held))
    assert uncleared(held, None, date(2025, 4, 10)) == uncleared((), Ended.LOST, date(2025, 4, 10)) == ()
