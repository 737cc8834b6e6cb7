"""What the lines of today and the closed days of a week say."""

from datetime import date, time

from planner.core.agenda import Asks, Item, items
from planner.core.calendar import Because, Calendar, Closure
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.exports.agenda import act, clock, hours, line, place_of, shut, span, when_and_where
from planner.services.protocols import shipped

SHRINK = next(iter(shipped().values()))
FACTS = Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})
WEEKENDS = Calendar(frozenset({5, 6}))
MONDAY = date(2025, 3, 17)


def said(facts, today, calendar, asks):
    schedule = plan(SHRINK, facts, calendar, today)
    return [line(schedule, item) for item in items(schedule, today) if item.asks is asks]


def test_a_gate_says_that_a_person_decides():
    assert said(FACTS, date(2025, 2, 24), WEEKENDS, Asks.GATE) == [
        "Registration (REG): due; a person decides it and records it."
    ]


def test_a_conflict_says_what_clashes_and_how_to_solve_it():
    strike = Calendar(frozenset({5, 6}), (Closure(MONDAY, MONDAY, Because.CLOSURE, "strike"),))

    found = said(FACTS.booked("C2D1", MONDAY), date(2025, 2, 24), strike, Asks.CONFLICT)

    assert [words.rpartition(". ")[2] for words in found] == ["Move it, or have the day opened."]


def test_who_only_reads_is_never_asked_to_act():
    assert {act(Item(asks, None), writes=False) for asks in Asks} == {"Open"}
    assert act(Item(Asks.OVERDUE, None), writes=True) == "Settle"


def test_a_day_on_which_everything_is_closed_is_told_once_and_another_by_kind():
    scanner = Closure(MONDAY, MONDAY, Because.CLOSURE, "service", ("scanner",))
    calendar = Calendar(frozenset({5, 6}), (scanner,))

    def told(day):
        kinds = ("clinic", "scanner")
        return shut(calendar, [(k, calendar.why_closed(day, k, attended=False)) for k in kinds], day)

    assert told(date(2025, 3, 15)) == "weekend"
    assert told(MONDAY) == "closed (service): scanner"
    assert told(date(2025, 3, 18)) == ""
    assert shut(calendar, [], MONDAY) == ""


def test_times_are_told_as_on_clocks_and_the_second_of_two_equal_ones_says_so():
    assert [clock(time(9)), clock(time(13, 5)), clock(time(2, 30, fold=1))] == ["9:00", "13:05", "2:30 (second time)"]
    assert span(time(9), time(13, 30)) == "09:00-13:30"
    assert span(time(2, 30, fold=1), time(3)) == "02:30-03:00 (second time)"
    assert [hours(number) for number in (0, 9, 4.5, 13.25, 40)] == ["0", "9", "4.5", "13.25", "40"]


def test_the_place_is_that_of_the_protocol_and_the_unit_whose_name_is_known():
    facts = FACTS.booked("C4D1", date(2025, 4, 14), time(9), "Europe/Brussels", "u" * 22)
    schedule = plan(SHRINK, facts, WEEKENDS, date(2025, 4, 14))
    visit, other = schedule.by_code["C4D1"], schedule.by_code["C5D1"]
    named = {"u" * 22: "Chair 2"}

    assert place_of(visit, named) == f"{place_of(visit)}, Chair 2"
    assert place_of(other, named) == place_of(other)
    assert [when_and_where(one, named) for one in (visit, other)] == ["9:00, Chair 2", ""]
    assert when_and_where(visit, {}) == "9:00"
    assert line(schedule, Item(Asks.VISIT, visit.day, visit), named).endswith(", Chair 2.")
