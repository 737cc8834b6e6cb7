"""What holds of every proposal, whatever facts, act and calendar: over SHRINK and over made-up protocols."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings

from planner.core.acceptances import lapsed
from planner.core.calendar import Because, Closure
from planner.core.conflicts import ConflictKind
from planner.core.disruption import new_days
from planner.core.errors import PlannerError
from planner.core.facts import State
from planner.core.lifting import movable
from planner.core.moves import Scope, deferred, moved, omitted, restarted, stopped
from planner.core.patients import Site
from planner.core.protocol import Strength
from planner.core.repairs import WAYS
from planner.core.replan import always, proposal
from planner.core.rooms import Capacity
from planner.core.schedule import plan
from planner.core.standing import Standing
from planner.core.undo import redone, undone
from tests.rules import newly_broken, on_closed_days

from .booked_up import struck
from .patients import drawn, on_a_small_protocol, on_shrink


def planned(patient):
    return plan(patient.protocol, patient.facts, patient.calendar, patient.today)


def busy(pick, make):
    """A random patient with most visits to come booked near where they were suggested, now and then two in one."""
    patient = make(pick)
    facts, schedule = patient.facts, planned(patient)
    for visit in schedule.visits:
        free = visit.state is State.PLANNED and visit.code not in patient.protocol.pinned
        if free and visit.suggested is not None and pick(0, 3):
            near = 0 if pick(0, 3) else pick(-4, 4)
            facts = facts.booked(visit.code, visit.suggested + timedelta(days=near))
    alone = [v.code for v in schedule.visits if v.to_come and v.code not in patient.protocol.date_under]
    if len(alone) > 1 and pick(0, 3) == 0:
        first = pick(0, len(alone) - 2)
        facts = facts.combined(alone[first + 1], alone[first])
    return replace(patient, facts=facts)


def act(pick, before):
    """A random verb: the facts that it leaves, the visits whose day it names, and whether exactly."""
    to_come = [visit.code for visit in before.visits if visit.to_come and visit.day is not None]
    if not to_come:
        return before.facts, (), True
    code, days, scope = to_come[pick(0, len(to_come) - 1)], pick(-3, 30), list(Scope)[pick(0, 2)]
    wanted = before.by_code[code].day + timedelta(days=days)
    start, epoch = before.protocol.reference, before.by_code[code].encounter.epoch
    verbs = [
        lambda: (moved(before, code, wanted), None, True),
        lambda: (deferred(before, code, days, scope), (code,), True),
        lambda: (deferred(before, code, days, scope), (code,), False),
        lambda: (omitted(before, code, scope), None, True),
        lambda: (stopped(before, {epoch}), None, True),
        lambda: (restarted(before, start, before.dates.get(start, wanted) + timedelta(days=days)), None, True),
        lambda: (before.facts.occurred(code, wanted), (), True),
    ]
    try:
        return verbs[pick(0, len(verbs) - 1)]()
    except PlannerError:
        return before.facts, (), True


def room(pick):
    """Room on every day, or on none of a few, the same for every visit."""
    full = {pick(0, 20) for _ in range(pick(0, 8))}
    return (lambda _code, when: when.toordinal() % 21 not in full) if pick(0, 1) else always


def proposed(pick, make):
    """A random patient, the proposal for a random act, and what it was asked."""
    patient = busy(pick, make)
    before = planned(patient)
    facts, asked, exact = act(pick, before)
    free, keep = room(pick), pick(0, 3) == 0
    return patient, facts, free, keep, proposal(before, facts, keep=keep, free=free, asked=asked, exact=exact)


# ---- what is true of a proposal


def nothing_moves_unlisted(patient, facts, free, keep, found):
    """Every visit whose fact differs stands in a line, with the days as they are; kept bookings are kept.

    Of what was accepted, only that goes which was accepted for other days than it would cover now.
    """
    if found.facts is None:
        return
    listed = {line.code for line in found.lines}
    old, new = patient.facts.visits, found.facts.visits
    assert {code for code in {*old, *new} if old.get(code) != new.get(code)} & {*found.after.by_code} <= listed
    assert all(
        line.new == found.after.by_code[line.code].day for line in found.lines if line.code in found.after.by_code
    )
    if keep:
        gone = lapsed(found.before, plan(patient.protocol, facts, patient.calendar, patient.today))
        assert found.facts == replace(facts, accepted=tuple(one for one in facts.accepted if one not in gone))


def what_occurred_stays(patient, facts, free, keep, found):
    if found.facts is not None:
        happened = {c: f for c, f in facts.visits.items() if f.state in (State.OCCURRED, State.MISSED)}
        assert happened.items() <= found.facts.visits.items()


def the_preview_is_the_result(patient, facts, free, keep, found):
    if found.facts is not None:
        assert found.after == plan(patient.protocol, found.facts, patient.calendar, patient.today)
    else:
        assert found.stuck
        assert found.lines == ()


def every_rule_and_calendar_is_kept(patient, facts, free, keep, found):
    """Read from the protocol and the calendar alone; what was broken before between two days that stay is not new."""
    if found.facts is None or keep:
        return
    assert newly_broken(found.before, found.after) == set()
    booked = (code for code, visit in found.after.by_code.items() if visit.booked is not None)
    anew = [code for code in booked if patient.facts.visits.get(code) != found.facts.visits[code]]
    assert on_closed_days(found.after, anew) == []
    for code, (_, new) in found.moves.items():
        assert found.facts.together.get(code) or free(code, new)


def no_new_conflict_is_left(patient, facts, free, keep, found):
    if found.facts is not None and not keep:
        known = {(c.kind, c.visit) for c in found.before.conflicts}
        assert found.conflicts == ()
        assert {(c.kind, c.visit) for c in found.after.conflicts if c.kind is ConflictKind.NO_DAY} <= known


def what_was_proposed_is_left_alone_by_the_next_proposal(patient, facts, free, keep, found):
    if found.facts is not None and not keep:
        again = proposal(found.after, found.facts, keep=False, free=free)
        assert (again.facts, again.moves) == (found.facts, {})


def undo_restores_and_redo_repeats(patient, facts, free, keep, found):
    if found.facts is not None:
        assert undone(found.facts, patient.facts, found.facts) == patient.facts
        assert redone(patient.facts, patient.facts, found.facts) == found.facts


def repairs_are_ranked_and_never_absolute(patient, facts, free, keep, found):
    for one in found.stuck:
        ranks = [max(WAYS[way] for way in repair.ways) for repair in one.repairs]
        assert ranks == sorted(ranks)
        assert all(r.strength is not Strength.ABSOLUTE for repair in one.repairs for r in repair.reasons)


def outside(visit, when):
    """Days outside its window and outside what is asked like one."""
    windows = (visit.window, *(rule.window for rule in visit.rules))
    return sum(abs(window.outside(when)) for window in windows if window is not None)


def no_booking_moves_without_need(patient, facts, free, keep, found):
    """Put back alone where it was, a booking that moved would clash, find no room, or be outside its window."""
    for code, (old, _) in found.moves.items():
        host = patient.facts.attendance(code)[0]
        if found.facts.attendance(code)[0] != host or facts.visits[host] != patient.facts.visits[host]:
            continue  # the act took it apart, or shifted it as well
        back = plan(patient.protocol, found.facts.booked(host, old), patient.calendar, patient.today)
        clashes = [conflict for conflict in back.conflicts if conflict not in found.after.conflicts]
        left = [one for one in found.facts.attendance(host) if outside(back.by_code[one], old)]
        assert clashes or left or not free(host, old)


def no_booking_moves_farther_than_it_must(patient, facts, free, keep, found):
    """With every other visit where it stands, no day with room is less outside its window, or as little and nearer."""
    if not found.moves:
        return
    loose = any(visit.state is State.PLANNED and visit.day for visit in found.after.visits)
    if loose or found.after.possible.solution.aside:
        return  # a day may be nearer where a visit that nobody booked would make way, or one without a day enters
    for code, (_, new) in found.moves.items():
        visit, wanted = found.after.by_code[code], facts.visits[code].day
        here = (outside(visit, new), abs((new - wanted).days), new)
        days = (day for day in visit.possible if free(patient.facts.attendance(code)[0], day))
        assert here == min((outside(visit, day), abs((day - wanted).days), day) for day in days)


CLAIMS = [
    no_booking_moves_without_need,
    no_booking_moves_farther_than_it_must,
    nothing_moves_unlisted,
    what_occurred_stays,
    the_preview_is_the_result,
    every_rule_and_calendar_is_kept,
    no_new_conflict_is_left,
    what_was_proposed_is_left_alone_by_the_next_proposal,
    undo_restores_and_redo_repeats,
    repairs_are_ranked_and_never_absolute,
]


def every_claim(pick, make):
    found = proposed(pick, make)
    for claim in CLAIMS:
        claim(*found)


@settings(max_examples=150)
@given(case=drawn(lambda pick: proposed(pick, on_a_small_protocol)))
def test_of_any_small_protocol_with_any_act(case):
    for claim in CLAIMS:
        claim(*case)


def test_of_two_hundred_acts_on_small_protocols():
    for seed in range(200):
        every_claim(Random(seed).randint, on_a_small_protocol)


def test_of_twenty_acts_on_shrink():
    for seed in range(20):
        every_claim(Random(seed).randint, on_shrink)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_of_five_thousand_acts_on_small_protocols(part):
    for seed in range(200 + 1000 * part, 1200 + 1000 * part):
        every_claim(Random(seed).randint, on_a_small_protocol)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_of_five_hundred_acts_on_shrink(part):
    for seed in range(20 + 100 * part, 120 + 100 * part):
        every_claim(Random(seed).randint, on_shrink)


# ---- one act after another


def sequence(pick, make, length):
    """Random verbs one after another, each on what the one before left; undone and done again at the end."""
    patient = busy(pick, make)
    schedule, acts = planned(patient), []
    for _ in range(length):
        facts, asked, exact = act(pick, schedule)
        found = proposal(schedule, facts, keep=pick(0, 3) == 0, asked=asked, exact=exact)
        if found.facts is not None:
            acts.append((schedule.facts, found.facts))
            schedule = found.after
    facts = schedule.facts
    for before, after in reversed(acts):
        facts = undone(facts, before, after)
        assert facts == before
    for before, after in acts:
        facts = redone(facts, before, after)
        assert facts == after


def test_a_sequence_of_acts_is_undone_and_done_again_step_by_step():
    for seed in range(40):
        sequence(Random(seed).randint, on_a_small_protocol, 5)


# ---- as many bookings as brute force keeps


def without_windows(patient):
    """The same patient where only binding rules and calendars speak, and every booking is of a visit to come."""

    def plain(encounter):
        timing = encounter.timing
        if timing is None or timing.strength.binding:
            return encounter
        return replace(encounter, timing=replace(timing, window=None))

    rules = tuple(rule for rule in patient.protocol.rules if rule.strength.binding)
    protocol = replace(patient.protocol, encounters=tuple(map(plain, patient.protocol.encounters)), rules=rules)
    return replace(patient, protocol=protocol, facts=replace(patient.facts, accepted=()))


def no_other_choice_keeps_more(pick):
    """Every larger set of bookings, the others given back, leaves some visit without a day or a rule broken."""
    patient = without_windows(busy(pick, on_a_small_protocol))
    before = planned(patient)
    if any(conflict.kind is ConflictKind.BRANCH for conflict in before.conflicts):
        return 0  # a booking given back would not be planned again
    hosts = movable(Standing(patient.protocol, patient.facts), patient.today)
    facts, ended = patient.facts, patient.facts.ended
    found = proposal(before, facts, keep=False)
    if found.facts is None or ended is not None or found.facts.visits.keys() != facts.visits.keys():
        return 0
    stayed = [host for host in hosts if found.facts.visits[host] == facts.visits[host]]
    aside = before.possible.solution.aside
    for chosen in combinations(hosts, len(stayed) + 1):
        others = facts.planned(*({*hosts} - {*chosen}))
        found = plan(patient.protocol, others, patient.calendar, patient.today)
        whole = {code for host in chosen for code in facts.attendance(host)}
        clashes = [c for c in found.conflicts if c not in before.conflicts or named(c) & whole]
        assert [c for c in clashes if c.kind is not ConflictKind.NO_DAY or c.visit not in aside], (chosen, stayed)
    return len(hosts) - len(stayed)


def named(conflict):
    """The visits that a conflict is about."""
    return {conflict.visit, *(reason.visit for reason in conflict.reasons)}


def test_no_other_choice_keeps_more_bookings_of_small_protocols():
    """And some do move: this many bookings of these patients."""
    assert sum(no_other_choice_keeps_more(Random(seed).randint) for seed in range(250)) > 20


# ---- closures


def test_every_booking_that_a_closure_hits_moves_or_nothing_does():
    """On small protocols with no booking out of place before."""
    seen = 0
    for seed in range(150):
        patient = busy(Random(seed).randint, on_a_small_protocol)
        first = proposal(planned(patient), patient.facts, keep=False)
        if first.after is None or not first.facts.visits:
            continue
        days = sorted(v.booked for v in first.after.visits if v.booked is not None)
        if not days:
            continue
        week = Closure(days[0], days[0] + timedelta(days=4), Because.CLOSURE, "works")
        calendar = replace(patient.calendar, closures=(*patient.calendar.closures, week))
        one = struck(first.after, calendar)
        if not one.hit:
            continue
        (found,) = new_days([one], Capacity(Site("01", "Brussels", "Europe/Brussels")))
        if found.facts is not None:
            seen += 1
            assert {*found.hit} <= {line.code for line in found.proposal.lines if line.old != line.new}
    assert seen > 15
