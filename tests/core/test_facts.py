"""Facts: what people decided or saw, as values."""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.facts import Acceptance, Fact, Facts, State

DAY = date(2025, 3, 3)


def test_each_act_gives_new_facts_and_leaves_the_old_ones():
    empty = Facts()

    full = empty.dated("day_one", DAY).decided("go", "no").booked("V1", DAY, time(9, 30), "Europe/Brussels")

    assert (empty.dates, empty.visits, empty.decisions) == ({}, {}, {})
    assert full.dates == {"day_one": DAY}
    assert full.decisions == {"go": "no"}
    assert full.visits == {"V1": Fact(State.BOOKED, DAY, time(9, 30), "Europe/Brussels")}


def test_the_last_word_on_a_visit_counts_and_can_be_taken_back():
    facts = Facts().booked("V1", DAY).missed("V1").omitted("V1").occurred("V1", DAY, DAY)

    assert facts.visits == {"V1": Fact(State.OCCURRED, DAY, end=DAY)}
    assert facts.planned("V1") == Facts()


def test_equal_facts_have_one_hash_so_that_a_plan_can_be_remembered():
    accepted = Acceptance("window", "V1", "holiday")
    facts = [Facts().booked("V1", DAY).missed("V2").accepting(accepted) for _ in range(2)]

    assert facts[0] == facts[1]
    assert hash(facts[0]) == hash(facts[1])
    assert facts[0].accepted == (accepted,)


def test_facts_cannot_be_changed_behind_their_back():
    given = {"day_one": DAY}
    facts = Facts(dates=given)

    given["day_one"] = date(2026, 1, 1)

    assert facts.dates["day_one"] == DAY
    with pytest.raises(TypeError):
        facts.dates["day_one"] = DAY


@pytest.mark.parametrize("state", [State.BOOKED, State.OCCURRED])
def test_a_booking_and_a_record_need_a_day(state):
    with pytest.raises(ValueError, match="needs a day"):
        Fact(state)


@pytest.mark.parametrize("start", [None, date(2025, 3, 4)])
def test_a_stay_ends_on_or_after_its_first_day(start):
    with pytest.raises(ValueError, match="cannot end 2025-03-03"):
        Fact(State.MISSED, start, end=DAY)


def test_a_deviation_is_accepted_once_more_at_the_end_of_the_list():
    one, other = Acceptance("window", "V1", "holiday"), Acceptance("rule", "V2", "toxicity")

    assert Facts().accepting(one).accepting(other).accepted == (one, other)


def test_a_visit_reconsidered_loses_what_was_accepted_for_it_and_nothing_else():
    own = (Acceptance("window", "V1", "holiday"), Acceptance("rule", "V1", "holiday"))
    other = Acceptance("window", "V2", "toxicity")
    facts = Facts(dates={"day_one": DAY}, accepted=(own[0], other, own[1])).booked("V1", DAY)

    found = facts.reconsidered("V1")

    assert found == Facts(dates={"day_one": DAY}, accepted=(other,)).booked("V1", DAY)
    assert found.reconsidered("V3") == found


def test_the_end_is_a_day_that_leaves_all_other_facts():
    facts = Facts(dates={"day_one": DAY}).booked("V1", DAY)

    assert facts.ending(DAY) == Facts(dates={"day_one": DAY}, ended=DAY).booked("V1", DAY)
    assert facts.ended is None


def test_facts_that_differ_in_one_thing_differ():
    facts = Facts().booked("V1", DAY)

    others = [
        Facts().missed("V1"),
        Facts().booked("V2", DAY),
        facts.dated("day_one", DAY),
        facts.decided("go", "no"),
        facts.accepting(Acceptance("window", "V1", "holiday")),
        facts.ending(DAY),
        facts.booked("V1", DAY, time(9)),
    ]

    assert len({facts, *others}) == 1 + len(others)
