"""What was accepted in writing, for the days it was accepted for and for no others. Day 1 is Monday 3 March 2025."""

from dataclasses import replace

import pytest

from planner.core.acceptances import newly_broken, settled, to_declare
from planner.core.days import Span
from planner.core.facts import Acceptance, Facts, State
from planner.core.protocol import Anchor, Rule, Stay, Strength
from planner.core.schedule import plan

from .small import DAY_1, OPEN, day, protocol, rule, visit, within

START = Facts(dates={"d1": DAY_1})
TRIAL = protocol(
    visit("A", offset=7, window=within(0, 3)),
    visit("B", "A", 7, window=within(0, 3)),
    visit("C", "B", 7, window=within(0, 3)),
    rules=(rule("A", "B", 7), rule("A", "C", 14)),
)


def after(schedule, facts):
    """The plan of other facts, settled."""
    return settled(schedule, plan(schedule.protocol, facts, OPEN))


def accepting(facts, *broken):
    for rule_id, code in broken:
        facts = facts.accepting(Acceptance(rule_id, code, "agreed"))
    return facts


def test_what_was_accepted_for_other_days_is_accepted_no_more():
    """A may be on day 8 to 11: day 12 is one late, and day 13 two."""
    before = plan(TRIAL, accepting(START.booked("A", day(12)), ("window", "A")), OPEN)

    assert after(before, before.facts.booked("A", day(13))).facts.accepted == ()


def test_what_was_accepted_holds_while_its_days_do_whatever_else_is_given_up():
    """B stays 4 days after A. Of C, first 12 days after A and then no longer booked, nothing is broken any more."""
    facts = START.booked("A", day(8)).booked("B", day(12)).booked("C", day(20))
    before = plan(TRIAL, accepting(facts, ("A-B", "B"), ("A-C", "C")), OPEN)

    found = after(before, before.facts.planned("C"))

    assert found.facts.accepted == before.facts.accepted
    assert found.conflicts == ()


def test_what_was_accepted_of_a_visit_that_is_there_no_more_stands():
    trial = protocol(visit("A", offset=7), replace(visit("U"), timing=None))
    before = plan(trial, accepting(START.booked("U", day(4)), ("window", "U")), OPEN)

    assert after(before, before.facts.planned("U")).facts.accepted == before.facts.accepted


def test_a_rule_that_counts_from_a_named_date_is_broken_anew_where_the_date_moves():
    """A on day 8, 7 days after Day 1, is to be 10 behind it; with Day 1 a day later it is 6."""
    trial = protocol(visit("A", offset=7), rules=(rule("d1", "A", 10),))
    before = plan(trial, accepting(START.booked("A", day(8)), ("d1-A", "A")), OPEN)

    found = after(before, before.facts.dated("d1", day(2)))

    assert (found.facts.accepted, len(found.conflicts)) == ((), 1)


def test_while_a_study_is_ended_what_was_accepted_waits_with_it():
    """Of a study that ended nothing is broken; it goes on with the same days, and what was accepted stands."""
    before = plan(TRIAL, accepting(START.booked("A", day(12)), ("window", "A")), OPEN)

    ended = after(before, before.facts.ending(day(2)))
    again = after(ended, ended.facts.ending(None))

    assert ended.facts.accepted == again.facts.accepted == before.facts.accepted


@pytest.mark.parametrize("accepted", [(), (("window", "A"),)])
def test_what_was_broken_between_the_same_days_before_is_not_newly_broken(accepted):
    before = plan(TRIAL, accepting(START.booked("A", day(12)), *accepted), OPEN)

    assert newly_broken(before, after(before, before.facts.booked("B", day(19)))) == ()


def test_of_a_visit_that_somebody_names_again_it_is_told_even_so():
    before = plan(TRIAL, START.booked("A", day(12)), OPEN)

    found = newly_broken(before, after(before, before.facts.booked("B", day(19))), ("A",))

    assert [(one.visit, one.days) for one in found] == [("A", 1)]


def test_what_was_accepted_and_is_no_more_asks_for_a_reason_even_for_the_same_days():
    before = plan(TRIAL, accepting(START.booked("A", day(12)), ("window", "A")), OPEN)

    found = newly_broken(before, after(before, before.facts.reconsidered("A")))

    assert [(one.visit, one.days) for one in found] == [("A", 1)]


def test_a_reason_is_asked_for_what_is_booked_and_not_for_what_is_only_planned():
    """A on day 13 is two days late. Counted from it B is on day 20, C may be on day 27 to 30."""
    before = plan(TRIAL, START.booked("A", day(8)).booked("C", day(24)), OPEN)
    late = after(before, before.facts.booked("A", day(13)))

    broken = newly_broken(before, late)

    assert [(one.visit, one.days) for one in broken] == [("A", 2), ("C", -3)]
    assert to_declare(late, broken) == broken
    assert to_declare(late, broken, (State.OCCURRED,)) == ()


def test_what_counts_from_the_end_of_a_stay_is_broken_anew_where_it_ends_later():
    """A stay from day 8 to 10; B, to be 7 days after its end, is 5 after it. It ended on day 11: 4 are left."""
    stay = replace(visit("A", offset=7), stay=Stay(2, 2, 5))
    after_it = Rule("A-B", Anchor(("A",), end=True), Anchor(("B",)), Span(7), None, Strength.HARD)
    facts = START.occurred("A", day(8), day(10)).booked("B", day(15))
    before = plan(protocol(stay, visit("B", "A", 7), rules=(after_it,)), accepting(facts, ("A-B", "B")), OPEN)

    found = after(before, before.facts.occurred("A", day(8), day(11)))

    assert (found.facts.accepted, len(found.conflicts)) == ((), 1)
