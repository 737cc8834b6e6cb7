"""The verbs: what each changes of the facts, and nothing else. Day 1 is Monday 3 March 2025."""

from dataclasses import replace
from datetime import date, time

import pytest

from planner.core.calendar import Calendar, Closure
from planner.core.errors import NotFound, Refused
from planner.core.facts import Acceptance, Facts, State
from planner.core.moves import Scope, deferred, moved, omitted, reached, restarted, stopped, swapped
from planner.core.protocol import Epoch, NamedDate
from planner.core.schedule import plan
from planner.core.undo import touched

from .booked_up import booked_up, d
from .small import DAY_1, OPEN, SHRINK, WORKING_WEEK, day, protocol, text, visit, within
from .small import START as REGISTERED

FULL_PLAN = booked_up(WORKING_WEEK)
START = Facts(dates={"d1": DAY_1})
PAIR = protocol(visit("A", offset=7), visit("B", "A", 7))


def changed(before, after):
    return touched(before.visits, after.visits)


def test_a_move_changes_one_visit_and_takes_its_time():
    before = plan(PAIR, START.booked("A", day(8), time(9), "Europe/Brussels").booked("B", day(15)), OPEN)

    after = moved(before, "A", day(9))

    assert changed(before.facts, after) == ("A",)
    assert after.visits["A"] == START.booked("A", day(9)).visits["A"]


def test_a_move_drops_what_was_accepted_for_the_day_that_is_left():
    kept, gone = Acceptance("window", "B", "agreed"), Acceptance("window", "A", "agreed")
    before = plan(PAIR, START.booked("A", day(8)).accepting(kept).accepting(gone), OPEN)

    assert moved(before, "A", day(9)).accepted == (kept,)


def test_a_visit_that_its_host_fulfils_moves_its_host():
    before = plan(PAIR, START.booked("A", day(8)).combined("B", "A"), OPEN)

    after = moved(before, "B", day(9))

    assert {code: fact.day for code, fact in after.visits.items()} == {"A": day(9), "B": day(9)}


@pytest.mark.parametrize(
    ("facts", "code", "message"),
    [
        (START, "X", "no_such_visit"),
        (START.occurred("A", day(8)), "A", "visit_not_to_come"),
        (START, "V", "visit_stands_on_date"),
    ],
)
def test_only_a_visit_to_come_that_stands_on_no_date_can_be_moved(facts, code, message):
    dates = (NamedDate("d1", text("Day 1"), visit="V"),)
    trial = protocol(visit("V", window=within(0, 0)), *PAIR.encounters, dates=dates)

    with pytest.raises((Refused, NotFound)) as refused:
        moved(plan(trial, facts, OPEN), code, day(9))

    assert refused.value.message == message


@pytest.mark.parametrize(
    ("code", "scope", "others"),
    [
        ("C4D1", Scope.VISIT, set()),
        ("C4D1", Scope.CYCLE, {"C4P", "C4D3", "N2", "N2+1", "N2+7"}),
        ("C6D1", Scope.CYCLE, {"C6P", "C6D3"}),
        ("N2", Scope.CYCLE, {"N2+1", "N2+7"}),
        ("C6D1", Scope.LATER, {"C6P", "C6D3", "EOC", "PRE", "RES", "P14", "P30", "P60"}),
        ("IM1", Scope.LATER, set()),
        ("IM1", Scope.CYCLE, set()),
    ],
)
def test_a_cycle_is_what_repeats_with_it_and_later_is_all_that_hangs_on_it(code, scope, others):
    assert set(reached(FULL_PLAN, code, scope)) == others


def test_everything_after_folfox_4_leaves_out_what_counts_from_day_1_and_from_registration():
    found = reached(FULL_PLAN, "C4D1", Scope.LATER)

    assert {"C5D1", "C6D3", "N2+7", "N3", "EOC", "RES", "P60"} < {*found}
    assert {"IM1", "IM2", "MDT", "DLT", "N1", "M7", "M28"} & {*found} == set()


def test_a_deferral_shifts_the_bookings_that_it_reaches_by_the_same_days():
    after = deferred(FULL_PLAN, "C4D1", 7, Scope.CYCLE)

    shifted = {code: after.visits[code].day for code in changed(FULL_PLAN.facts, after)}
    assert shifted == {
        "C4P": d(21, 4),
        "C4D1": d(21, 4),
        "C4D3": d(23, 4),
        "N2": d(24, 4),
        "N2+1": d(25, 4),
        "N2+7": d(1, 5),
    }


def test_a_deferred_visit_is_booked_and_what_is_not_booked_follows_by_itself():
    before = plan(PAIR, START, OPEN)

    after = deferred(before, "A", 3, Scope.LATER)

    assert after == START.booked("A", day(11))


def test_a_deferral_shifts_an_attendance_once():
    trial = protocol(visit("A", offset=7), visit("B", "A", 7), visit("G", "A", 7))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)).combined("G", "B"), OPEN)

    after = deferred(before, "A", 2, Scope.LATER)

    assert {code: fact.day for code, fact in after.visits.items()} == {"A": day(10), "B": day(17), "G": day(17)}


def test_a_visit_without_a_day_cannot_be_deferred():
    dates = (NamedDate("d1", text("Day 1")), NamedDate("end", text("End"), required=False))
    before = plan(protocol(visit("E", "end", 7), dates=dates), START, OPEN)

    with pytest.raises(Refused) as refused:
        deferred(before, "E", 7)

    assert refused.value.message == "visit_has_no_day"


def test_an_omitted_cycle_takes_its_visits_to_come_and_leaves_those_that_took_place():
    before = plan(SHRINK, FULL_PLAN.facts.occurred("C4P", d(14, 4)), WORKING_WEEK)

    after = omitted(before, "C4D1", Scope.CYCLE)

    assert {code for code, fact in after.visits.items() if fact.state is State.CANCELED} == {
        *("C4D1", "C4D3", "N2", "N2+1", "N2+7")
    }


def test_a_visit_fulfilled_beside_an_omitted_one_stays_on_its_day():
    before = plan(PAIR, START.booked("A", day(8)).combined("B", "A"), OPEN)

    after = omitted(before, "A")

    assert after.visits["B"] == START.booked("B", day(8)).visits["B"]
    assert (after.visits["A"].state, after.together) == (State.CANCELED, {})


def test_a_visit_beside_one_that_is_not_booked_stands_alone_unbooked():
    after = omitted(plan(PAIR, START.combined("B", "A"), OPEN), "A")

    assert (after.together, "B" in after.visits) == ({}, False)


def test_what_is_omitted_or_took_place_cannot_be_omitted():
    with pytest.raises(Refused) as refused:
        omitted(plan(PAIR, START.occurred("A", day(8)), OPEN), "A")

    assert refused.value.message == "visit_not_to_come"


def test_stopping_treatment_omits_what_is_to_come_of_it_and_nothing_else():
    epochs = (Epoch("t", text("Treatment")), Epoch("f", text("Follow-up")))
    trial = protocol(
        visit("A", offset=7, epoch="t"),
        visit("B", "A", 7, epoch="t"),
        visit("M", offset=90, epoch="f"),
        replace(visit("U", epoch="t"), timing=None),
        epochs=epochs,
    )
    facts = START.occurred("A", day(8)).booked("B", day(15)).booked("U", day(20))

    after = stopped(plan(trial, facts, OPEN), {"t"})

    states = {code: seen.state for code, seen in plan(trial, after, OPEN).by_code.items()}
    assert states == {"A": State.OCCURRED, "B": State.CANCELED, "M": State.PLANNED, "U": State.BOOKED}


def test_a_start_moves_with_the_visit_that_is_booked_on_it():
    dates = (NamedDate("d1", text("Day 1"), visit="V"),)
    trial = protocol(visit("V", window=within(0, 0)), dates=dates)

    planned, booked = (restarted(plan(trial, facts, OPEN), "d1", day(3)) for facts in (START, START.booked("V", DAY_1)))

    assert planned == START.dated("d1", day(3))
    assert booked == START.dated("d1", day(3)).booked("V", day(3))


def test_a_start_that_has_taken_place_and_a_date_that_is_none_cannot_be_moved():
    before = plan(SHRINK, REGISTERED.occurred("C1D1", DAY_1), OPEN)

    with pytest.raises(Refused):
        restarted(before, "day_one", day(3))
    with pytest.raises(NotFound):
        restarted(before, "day_two", day(3))
    assert restarted(before, "early_termination", day(3)).dates["early_termination"] == day(3)


def test_two_patients_exchange_day_time_and_unit():
    slots = [(day(8), time(9), "Europe/Brussels", "chair 1"), (day(9), time(14), "Europe/Brussels", "chair 2")]
    one, other = (plan(PAIR, START.booked("A", *slot), OPEN) for slot in slots)

    mine, yours = swapped(one, other, "A", "A")

    assert (mine, yours) == (other.facts, one.facts)


@pytest.mark.parametrize(
    ("other_code", "facts", "message"),
    [("T", START.booked("T", day(8)), "not_the_same_kind"), ("A", START, "visit_not_booked")],
)
def test_only_two_bookings_of_one_kind_can_be_exchanged(other_code, facts, message):
    trial = protocol(*PAIR.encounters, visit("T", offset=7, calendar="theatre"))
    one, other = plan(trial, START.booked("A", day(8)), OPEN), plan(trial, facts, OPEN)

    with pytest.raises(Refused) as refused:
        swapped(one, other, "A", other_code)

    assert refused.value.message == message


@pytest.mark.parametrize(
    ("by", "on_open", "expected"),
    [
        (7, False, date(2025, 4, 21)),
        (7, True, date(2025, 4, 22)),  # Easter Monday is closed
        (date(2025, 4, 19), True, date(2025, 4, 22)),  # a Saturday, and the Monday behind it
        (date(2025, 4, 17), True, date(2025, 4, 17)),
    ],
)
def test_where_nobody_looks_for_a_day_a_visit_is_put_off_to_the_first_open_one(by, on_open, expected):
    """FOLFOX 4 is planned on 14 April 2025."""
    before = plan(SHRINK, REGISTERED, WORKING_WEEK)

    assert deferred(before, "C4D1", by, on_open=on_open).visits["C4D1"].day == expected


def test_where_no_day_is_open_within_a_year_it_stays_where_it_was_asked_for():
    before = plan(PAIR, START, Calendar(closures=(Closure(day(20), date(2027, 1, 1)),)))

    assert deferred(before, "A", day(20), on_open=True).visits["A"].day == day(20)


def test_nothing_is_moved_to_a_day_that_is_past():
    made = plan(protocol(visit("A", offset=7)), START.booked("A", day(20)), OPEN, day(10))

    with pytest.raises(Refused, match="day_is_past"):
        moved(made, "A", day(9))


def test_at_another_time_of_its_day_an_exchanged_visit_keeps_what_was_accepted_for_it():
    facts = START.booked("A", day(12)).accepting(Acceptance("window", "A", "agreed"))
    trial = protocol(replace(visit("A", offset=7), resource="chair"))
    one, other = plan(trial, facts, OPEN), plan(trial, START.booked("A", day(12), time(9), "Europe/Brussels"), OPEN)

    mine, _ = swapped(one, other, "A", "A")

    assert (mine.accepted, mine.visits["A"].at) == (facts.accepted, time(9))
