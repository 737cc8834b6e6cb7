"""Rules that can never all hold: found when they clash, never when they do not, and minimal."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.calendar import Calendar
from planner.core.days import Span, Unit, shift
from planner.core.facts import Facts
from planner.core.protocol import Strength
from planner.core.schedule import plan
from planner.protocols.clashes import clashes
from planner.protocols.reach import reach
from tests.protocols.small import V1, read, rule, table, visit


@st.composite
def networks(draw):
    """Four visits around Day 1, and rules between them in days."""
    codes = [f"A{k}" for k in range(4)]
    pairs = st.tuples(st.sampled_from(codes), st.sampled_from(codes)).filter(lambda pair: pair[0] != pair[1])
    spans = st.tuples(pairs, st.integers(-6, 6), st.integers(0, 4))
    return draw(st.lists(spans, min_size=2, max_size=7))


def protocol_of(bounds):
    """The network as a protocol: read with flags, so that nothing refuses it, then with hard rules."""
    visits = [visit(f"A{k}", "offset = 0, before = 40, after = 40") for k in range(4)]
    rules = [
        rule(f"r{k}", "flag", from_=f'"{a}"', to=f'"{b}"', at_least=str(lo), at_most=str(lo + width))
        for k, ((a, b), lo, width) in enumerate(bounds)
    ]
    found = read(*visits, *rules)
    return replace(found, rules=tuple(replace(r, strength=Strength.HARD) for r in found.rules))


def possible(bounds):
    """Whether four days keep every bound, by trying them all; the first stands on 0."""
    days = range(-30, 31)
    days_of = {"A0": {0}, "A1": set(days), "A2": set(days), "A3": set(days)}
    while True:
        before = {code: len(found) for code, found in days_of.items()}
        for (a, b), lo, width in bounds:
            days_of[b] = {d for d in days_of[b] if any(lo <= d - e <= lo + width for e in days_of[a])}
            days_of[a] = {e for e in days_of[a] if any(lo <= d - e <= lo + width for d in days_of[b])}
        if not all(days_of.values()):
            return False
        if before == {code: len(found) for code, found in days_of.items()}:
            return True


@given(networks())
def test_a_clash_is_found_when_there_is_one_and_every_rule_in_it_is_needed(bounds):
    found = list(clashes(protocol_of(bounds)))

    assert bool(found) is not possible(bounds)
    for clash in found:
        held = [bounds[int(reason.rule[1:])] for reason in clash.reasons]
        assert not possible(held)
        assert all(possible([*held[:k], *held[k + 1 :]]) for k in range(len(held)))


@given(st.integers(-30, 30), st.sampled_from(list(Unit)), st.integers(0, 3000))
def test_a_span_reaches_as_far_as_it_ever_does(amount, unit, days):
    span, day = Span(amount, unit), date(2019, 11, 3) + timedelta(days=days)

    low, high = reach(span)

    assert low <= (shift(day, span) - day).days <= high


@pytest.mark.parametrize(
    ("span", "days"),
    [
        (Span(1, Unit.MONTHS), (28, 31)),
        (Span(2, Unit.MONTHS), (59, 62)),
        (Span(12, Unit.MONTHS), (365, 366)),
        (Span(-1, Unit.MONTHS), (-31, -28)),
        (Span(5, Unit.WORKING_DAYS), (5, 7)),
        (Span(0, Unit.WORKING_DAYS), (0, 2)),
        (Span(3, Unit.WEEKS), (21, 21)),
    ],
)
def test_fewest_and_most_days_of_a_span(span, days):
    assert reach(span) == days


@pytest.mark.parametrize(("least", "clash"), [("31 days", False), ("32 days", True)])
def test_months_clash_only_when_their_longest_does(least, clash):
    month = visit("A", 'anchor = "V1", offset = "1 month", before = 0, after = 0, strength = "hard"')
    late = rule("late", "flag", from_='"V1"', to='"A"', at_least=f'"{least}"')

    assert bool(list(clashes(hardened(read(V1, month, late))))) is clash


@pytest.mark.parametrize(("offset", "clash"), [("5 working days", False), ("10 working days", True)])
def test_windows_in_two_kinds_of_days_are_taken_at_their_widest(offset, clash):
    # 5 working days are 5 to 7 days, so one day more is 6 to 8; 10 are 12 to 14, one more 13 to 15.
    window = visit("A", f'anchor = "V1", offset = "{offset}", before = 0, after = "1 day", strength = "hard"')
    soon = rule("soon", "flag", from_='"V1"', to='"A"', at_most="9")

    assert bool(list(clashes(hardened(read(V1, window, soon))))) is clash


def hardened(protocol):
    """The protocol with its flag rules as hard ones."""
    return replace(protocol, rules=tuple(replace(r, strength=Strength.HARD) for r in protocol.rules))


def test_a_clash_in_a_branch_names_its_decisions():
    decisions = [
        table("decision", code=f'"d{k}"', name='"D"', values='["a", "b", "c"]', default='"a"') for k in range(4)
    ]
    late = visit("A", 'anchor = "V1", offset = 7, before = 0, after = 0, strength = "hard"', when='"d3=c"')
    early = rule("early", "flag", from_='"V1"', to='"A"', at_most="6")

    found = list(clashes(hardened(read(V1, *decisions, late, early))))

    assert [clash.branch for clash in found] == [(("d3", "c"),)]


def test_rules_that_bind_nobody_do_not_clash():
    assert list(clashes(read(V1, rule("r", order='"day_one <= V1"')))) == []


def test_what_clashes_for_every_start_is_a_conflict_in_a_plan():
    month = visit("A", 'anchor = "V1", offset = "1 month", before = 0, after = 0, strength = "hard"')
    late = rule("late", "flag", from_='"V1"', to='"A"', at_least="32")
    trial = hardened(read(V1, month, late))

    for start in (date(2025, 1, 31), date(2025, 2, 28), date(2025, 7, 31)):
        assert [c.visit for c in plan(trial, Facts(dates={"day_one": start}), Calendar()).conflicts] == ["A"]
