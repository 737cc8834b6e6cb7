"""What the lines of today and the closed days of a week say."""

from datetime import date

from planner.core.agenda import Asks, Item, items
from planner.core.calendar import Because, Calendar, Closure
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.exports.agenda import act, line, shut
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
