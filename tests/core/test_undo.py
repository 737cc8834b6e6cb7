"""Undo and redo take back exactly what an act changed, or say what was changed since. Day 1 is 3 March 2025."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.facts import Acceptance, Fact, Facts, State
from planner.core.undo import Clash, Entry, redone, undone

from .small import DAY_1, day

BEFORE = Facts(dates={"d1": DAY_1}).booked("A", day(8)).accepting(Acceptance("window", "A", "agreed"))
AFTER = BEFORE.reconsidered("A").booked("A", day(9)).booked("B", day(16))


def test_an_act_is_taken_back_and_done_again():
    assert undone(AFTER, BEFORE, AFTER) == BEFORE
    assert redone(BEFORE, BEFORE, AFTER) == AFTER


def test_what_others_did_since_stays():
    since = AFTER.booked("C", day(20)).decided("go", "yes").accepting(Acceptance("window", "C", "late"))

    assert undone(since, BEFORE, AFTER) == replace(
        BEFORE.booked("C", day(20)).decided("go", "yes"),
        accepted=(Acceptance("window", "C", "late"), Acceptance("window", "A", "agreed")),
    )


@pytest.mark.parametrize(
    ("since", "entries"),
    [
        (AFTER.occurred("A", day(9)), [Entry("visits", "A")]),
        (AFTER.planned("A", "B"), [Entry("visits", "A"), Entry("visits", "B")]),
        (AFTER.accepting(Acceptance("window", "A", "agreed")), [Entry("accepted", "A")]),
        (AFTER.combined("C", "A"), [Entry("together", "A")]),
        (replace(AFTER, ended=day(30)), [Entry("ended")]),
    ],
)
def test_what_somebody_changed_since_is_named(since, entries):
    assert undone(since, BEFORE, AFTER) == Clash(tuple(entries))


def test_an_acceptance_that_the_act_brought_and_somebody_dropped_is_named():
    after = BEFORE.accepting(Acceptance("window", "B", "late"))

    assert undone(BEFORE, BEFORE, after) == Clash((Entry("accepted", "B"),))


def test_an_end_is_taken_back_unless_it_was_changed_since():
    after = BEFORE.ending(day(30))

    assert undone(after, BEFORE, after) == BEFORE
    assert undone(replace(after, ended=day(31)), BEFORE, after) == Clash((Entry("ended"),))


def test_a_date_and_a_decision_are_taken_back():
    after = BEFORE.dated("d1", day(3)).decided("go", "no")

    assert undone(after.booked("C", day(20)), BEFORE, after) == BEFORE.booked("C", day(20))


CODES = st.sampled_from(["A", "B", "C", "D"])
DAYS = st.integers(1, 40).map(day)
ACCEPTED = st.builds(Acceptance, st.sampled_from(["window", "order"]), CODES, st.just("agreed"))
FACT = st.builds(Fact, st.sampled_from([State.BOOKED, State.OCCURRED]), DAYS) | st.just(Fact(State.MISSED))
FACTS = st.builds(
    Facts,
    dates=st.dictionaries(st.sampled_from(["d1", "d2"]), DAYS),
    visits=st.dictionaries(CODES, FACT),
    decisions=st.dictionaries(st.just("go"), st.sampled_from(["yes", "no"])),
    accepted=st.lists(ACCEPTED, unique=True).map(tuple),
    ended=st.none() | DAYS,
    together=st.sampled_from([{}, {"B": "A"}, {"C": "D"}]),
)


@given(FACTS, FACTS)
def test_undo_restores_exactly_and_redo_equals_the_act(before, after):
    assert undone(after, before, after) == before
    assert redone(undone(after, before, after), before, after) == after


@given(FACTS, FACTS, FACTS)
def test_undo_keeps_whatever_else_is_known_or_names_what_clashes(now, before, after):
    found = undone(now, before, after)

    if isinstance(found, Clash):
        assert found.entries
    else:
        for name in ("dates", "visits", "decisions", "together"):
            old, new, was, is_ = (getattr(facts, name) for facts in (before, after, now, found))
            same = {code for code in {*old, *new, *was} if old.get(code) == new.get(code)}
            assert {code: is_.get(code) for code in same} == {code: was.get(code) for code in same}
            assert all(is_.get(code) == old.get(code) for code in {*old, *new} - same)
