"""What holds of every plan, whatever the facts, the calendar and today: over SHRINK and over made-up protocols."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings

from planner.core.conflicts import ConflictKind
from planner.core.days import DaySet, Span
from planner.core.facts import Acceptance, Fact, State
from planner.core.network import propagate
from planner.core.possible import days_without
from planner.core.protocol import Tolerance
from planner.core.schedule import Verdict, accepting, changes, explain, plan
from planner.core.standing import Standing
from tests.rules import silently_broken, told

from .patients import drawn, mad, on_a_small_protocol, on_shrink

SAMPLE = 4
"""Visits looked at closely in each plan, and days of each."""


def planned(patient):
    return plan(patient.protocol, patient.facts, patient.calendar, patient.today)


# ---- what is true of a plan


def every_rule_holds_or_is_told(patient):
    """All days together keep every binding rule, but for those between two fixed days, and these are told."""
    schedule = planned(patient)

    assert silently_broken(schedule) == []
    assert all(visit.suggested is None or visit.suggested in visit.possible for visit in schedule.visits)
    assert all(day in visit.possible for visit in schedule.visits for day in visit.live)


def a_plan_is_a_value(patient):
    once, again = planned(patient), planned(patient)

    assert once == again
    assert changes(once, again) == ()


def sampled(patient, schedule, random):
    """Some visits that the network knows, with some days of the horizon and some of those that are possible."""
    horizon = schedule.possible.horizon
    known = [visit for visit in schedule.visits if visit.code in schedule.possible.solution.network.index]
    for visit in random.sample(known, min(SAMPLE, len(known))):
        any_days = [horizon.day(random.randrange(horizon.length)) for _ in range(SAMPLE)]
        possible = list(visit.possible)
        yield visit, any_days, random.sample(possible, min(SAMPLE, len(possible)))


def every_day_has_its_verdict(patient):
    """A day is live, or outside the window, or impossible; the last two with reasons."""
    schedule = planned(patient)
    for visit, any_days, possible in sampled(patient, schedule, Random(1)):
        for day in (*any_days, *possible):
            said = explain(schedule, visit.code, day)
            expected = Verdict.OUTSIDE if day in visit.possible else Verdict.IMPOSSIBLE
            assert said.verdict is (Verdict.LIVE if day in visit.live else expected)
            assert (said.reasons == ()) == (said.verdict is Verdict.LIVE)


def a_possible_day_can_be_booked(patient):
    """With a visit on one of its possible days, no visit loses its last day and no rule breaks anew."""
    before, standing = planned(patient), Standing(patient.protocol, patient.facts)
    clashes = clashing(before) | before.possible.solution.aside
    for visit, _, possible in sampled(patient, before, Random(2)):
        if visit.code in patient.protocol.pinned or (visit.state is not State.PLANNED and told(before) | clashes):
            continue  # it moves its date; or what its own fact broke, or pushed aside, is back in the plan without it
        stay = timedelta(days=standing.stay_of(visit.code))
        for day in possible:
            fact = Fact(State.BOOKED, day, end=day + stay)
            facts = replace(patient.facts, visits={**patient.facts.visits, visit.code: fact})
            after = planned(replace(patient, facts=facts))
            assert clashing(after) - clashes == set()


def the_days_of_a_fixed_visit_are_those_of_a_network_made_without_its_fact(patient):
    """However they were found: beside all others, or by making the whole network anew."""
    schedule = planned(patient)
    for visit in schedule.visits:
        solution = schedule.possible.lifted(visit.code)
        node = solution.network.index.get(visit.code)
        days = 0 if node is None or visit.code in solution.aside else solution.days[node]
        assert visit.possible == DaySet(schedule.possible.horizon.first, days)


def clashing(schedule):
    return {c.visit for c in schedule.conflicts if c.kind in (ConflictKind.RULE, ConflictKind.NO_DAY)}


def no_later_window_delays_an_earlier_visit(patient):
    """Without a later visit's window, or with a narrower one, every visit placed before it stays where it was."""
    schedule, order = planned(patient), patient.protocol.placement_order
    movable = [code for code in order if code not in patient.protocol.date_under]
    for code in Random(3).sample(movable, min(SAMPLE, len(movable))):
        for timing in other_windows(patient.protocol, patient.protocol.by_code[code].timing):
            encounters = tuple(replace(e, timing=timing) if e.code == code else e for e in patient.protocol.encounters)
            other = planned(replace(patient, protocol=replace(patient.protocol, encounters=encounters)))
            earlier = order[: order.index(code)]
            assert days_by_code(other, earlier) == days_by_code(schedule, earlier)


def other_windows(protocol, timing):
    """The same timing with its window gone, or narrower; not where the window itself binds or says the order."""
    if isinstance(timing.window, Tolerance) and not timing.strength.binding and timing.offset.amount:
        yield replace(timing, window=None)
        yield replace(timing, window=replace(timing.window, after=Span(0)))


def days_by_code(schedule, codes):
    return {code: schedule.by_code[code].day for code in codes if code in schedule.by_code}


def what_was_accepted_moves_no_day(patient):
    """A plan that takes over the days of one without acceptances, or with others, is the one made anew."""
    schedule = planned(patient)
    broken = {(d.rule, d.visit) for visit in schedule.visits for d in visit.deviations}
    broken |= {(c.reasons[0].rule, c.visit) for c in schedule.conflicts if c.kind is ConflictKind.RULE}
    everything = tuple(Acceptance(rule, visit, "asked for by the patient") for rule, visit in sorted(broken))
    for accepted in ((), everything[::2], everything):
        anew = planned(replace(patient, facts=replace(patient.facts, accepted=accepted)))
        taken_over = accepting(schedule, accepted)
        assert (taken_over, taken_over.facts) == (anew, anew.facts)


def a_visit_is_set_aside_where_it_has_no_plan_with_those_before_it(patient):
    """However that is found: here by a network made anew for each visit that enters."""
    possible = planned(patient).possible
    network = possible.solution.network
    waiting = [code for code in possible.order if code in network.index and code not in network.fixed]
    aside = set()
    for entered, code in enumerate(waiting, start=1):
        out = frozenset({*aside, *waiting[entered:]})
        if propagate(network.net(out), days_without(network, out)) is None:
            aside.add(code)
    assert possible.solution.aside == aside


CLAIMS = [
    every_rule_holds_or_is_told,
    a_plan_is_a_value,
    every_day_has_its_verdict,
    a_possible_day_can_be_booked,
    the_days_of_a_fixed_visit_are_those_of_a_network_made_without_its_fact,
    no_later_window_delays_an_earlier_visit,
    what_was_accepted_moves_no_day,
    a_visit_is_set_aside_where_it_has_no_plan_with_those_before_it,
]
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)


@each_claim
@settings(max_examples=8)
@given(patient=drawn(on_shrink))
def test_of_shrink_with_any_facts(claim, patient):
    claim(patient)


@each_claim
@settings(max_examples=40)
@given(patient=drawn(on_a_small_protocol))
def test_of_any_small_protocol_with_any_facts(claim, patient):
    claim(patient)


@each_claim
def test_of_a_hundred_patients_on_small_protocols(claim):
    for seed in range(100):
        claim(on_a_small_protocol(Random(seed).randint))


@settings(max_examples=40)
@given(patient=drawn(lambda pick: mad(pick, on_a_small_protocol, years=10)))
def test_facts_that_nobody_would_mean_never_make_a_plan_fail(patient):
    every_rule_holds_or_is_told(patient)


def test_neither_do_they_over_shrink_and_over_a_century():
    for seed in range(5):
        every_rule_holds_or_is_told(mad(Random(seed).randint, on_shrink, years=120))


@pytest.mark.slow
@each_claim
@pytest.mark.parametrize("part", range(4))
def test_of_four_thousand_patients_on_small_protocols(claim, part):
    for seed in range(100 + 1000 * part, 1100 + 1000 * part):
        claim(on_a_small_protocol(Random(seed).randint))


@pytest.mark.slow
@each_claim
@pytest.mark.parametrize("part", range(4))
def test_of_four_hundred_patients_on_shrink(claim, part):
    for seed in range(100 * part, 100 + 100 * part):
        claim(on_shrink(Random(seed).randint))


@pytest.mark.slow
def test_mad_facts_of_five_hundred_patients_never_make_a_plan_fail():
    for seed in range(500):
        every_rule_holds_or_is_told(mad(Random(seed).randint, on_a_small_protocol, years=10))
        every_rule_holds_or_is_told(mad(Random(seed).randint, on_shrink, years=20))
