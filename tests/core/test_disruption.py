"""A closure of the site: what it hits, the least that must move, and the cascade that it is compared with.

Day 1 is Monday 3 March 2025. Over SHRINK Belgian holidays and weekends are closed, and everything is booked on its
suggested day. Where there is one unit, it is open for a quarter of an hour a day: one visit has room in it.
"""

from datetime import UTC, datetime, time
from itertools import product
from random import Random

from planner.core.calendar import Because, Calendar, Closure
from planner.core.disruption import Struck, cascade, new_days
from planner.core.facts import Facts
from planner.core.lines import How
from planner.core.patients import Site
from planner.core.protocol import NamedDate
from planner.core.repairs import Way
from planner.core.rooms import Capacity, held
from planner.core.schedule import plan
from planner.core.units import Hours, Unit

from .booked_up import booked_up, d, moved_to, struck
from .small import BELGIUM_2025, DAY_1, OPEN, SHRINK, WORKING_WEEK, closed, day, protocol, rule, text, visit, within

FULL_PLAN = booked_up(WORKING_WEEK)
WORKS = Closure(d(28, 4), d(2, 5), name="works")
SHUT = Calendar(WORKING_WEEK.closed_weekdays, (*BELGIUM_2025, WORKS))
START = Facts(dates={"d1": DAY_1})
BRUSSELS = Site("01", "Brussels", "Europe/Brussels", "BE")
NO_UNITS = Capacity(BRUSSELS)
ONE_VISIT = tuple(Hours(n, time(8), time(8, 15)) for n in range(7))


def unit(name="one", hours=ONE_VISIT, closures=()):
    return Unit(name, "clinic", name, hours, closures)


def room(*units, **more):
    return Capacity(BRUSSELS, units or (unit(),), **more)


def for_one(before, calendar, capacity=NO_UNITS, cut=()):
    (found,) = new_days([struck(before, calendar, cut=cut)], capacity)
    return found


def booked(facts, code, number, at=8, place="one"):
    return facts.booked(code, day(number), time(at), "Europe/Brussels", place)


def given(found, code="A"):
    """The study day, the hour and the unit of a visit in what is proposed."""
    fact = found.facts.visits[code]
    return (fact.day - DAY_1).days + 1, fact.at and fact.at.hour, fact.unit


# ---- one patient


def test_a_week_closed_in_cycle_5():
    """Closed from Monday 28 April to Friday 2 May: hit are C5P and C5D1 (28 April), N3 (2 May) and IM1 (28 April).

    C5D1: 14 days after 14 April, first open Monday 5 May; its window ended on 1 May, 4 days late, to be declared.
    C5P: target 4 May, window 2 to 5 May, and only the 5th is open. C5D3: 7 May. N3: 8 or 9 May, the 8th nearer to the
    2nd; its call on the 9th; N3+7: target 15 May, 14 to 16, the 14th nearer to the 9th.
    C6D1: 14 days after is 19 May, window to the 22nd. C6P: target 18 May, 16 to 19, the 16th is a Friday. C6D3: 21 May.
    EOC: target 2 June, 31 May (a Saturday) to 7 June. IM1: 21 April (Easter Monday) to 5 May: Friday 25 is 3 days away,
    5 May 7. Surgery on 16 June is 28 days after 19 May and stays, and with it everything that counts from it.
    """
    found = for_one(FULL_PLAN, SHUT)

    assert found.hit == ("C5D1", "C5P", "N3", "IM1")
    assert moved_to(found.proposal) == [
        ("C5P", d(28, 4), d(5, 5), (d(2, 5), d(5, 5))),
        ("C5D1", d(28, 4), d(5, 5), (d(28, 4), d(1, 5))),
        ("C5D3", d(30, 4), d(7, 5), (d(7, 5), d(7, 5))),
        ("C6P", d(12, 5), d(16, 5), (d(16, 5), d(19, 5))),
        ("C6D1", d(12, 5), d(19, 5), (d(19, 5), d(22, 5))),
        ("C6D3", d(14, 5), d(21, 5), (d(21, 5), d(21, 5))),
        ("N3", d(2, 5), d(8, 5), (d(8, 5), d(9, 5))),
        ("N3+1", d(3, 5), d(9, 5), (d(9, 5), d(9, 5))),
        ("N3+7", d(9, 5), d(14, 5), (d(14, 5), d(16, 5))),
        ("IM1", d(28, 4), d(25, 4), (d(21, 4), d(5, 5))),
        ("EOC", d(26, 5), d(2, 6), (d(31, 5), d(7, 6))),
    ]
    assert [(line.code, line.outside) for line in found.proposal.lines if line.outside] == [("C5D1", 4)]
    assert [(one.visit, one.days) for one in found.proposal.deviations] == [("C5D1", 4)]
    assert (found.declared, found.expected) == (found.proposal.deviations, ())
    assert {line.how for line in found.proposal.lines if line.code == "RES"} == {How.STAYS}


def test_shifting_everything_would_change_more_than_twice_as_many_bookings():
    """From 28 April on: 6 of cycles 5 and 6, 3 of infusion 3, IM1, EOC, IM2, MDT, PRE, RES, P14, P30, P60, 8 months."""
    found = for_one(FULL_PLAN, SHUT)

    assert (len(found.shifting), len(found.changed)) == (26, 11)


def test_an_attendance_for_two_visits_is_one_booking_wherever_it_is_counted():
    trial = protocol(visit("A", offset=7, calendar="any"), visit("B", offset=7))
    before = plan(trial, START.booked("A", day(8)).combined("B", "A"), OPEN)

    found = for_one(before, closed(day(8)))

    assert (found.hit, found.changed, found.shifting) == (("A",), ("A",), ("A",))
    assert found.proposal.moves == {"A": (day(8), day(7)), "B": (day(8), day(7))}


def test_what_has_no_legal_day_is_told_with_its_repairs_and_nothing_moves():
    """B on day 9 of a week closed from day 8 to 14, at most 6 days after A, which took place on day 6."""
    trial = protocol(visit("A", offset=5), visit("B", offset=8), rules=(rule("A", "B", 2, 6),))
    before = plan(trial, START.occurred("A", day(6)).booked("B", day(9)), OPEN)

    found = for_one(before, closed(day(8), day(14), Because.CLOSURE))

    assert (found.facts, found.stuck, found.changed) == (None, True, ())
    assert [(one.visit, [repair.ways for repair in one.repairs]) for one in found.proposal.stuck] == [
        ("B", [(Way.OPEN_DAY,), (Way.DEVIATE,)])
    ]


def test_a_booking_on_a_named_date_is_moved_by_a_change_of_that_date_only():
    """A stands on Day 1: a closed Day 1 leaves it no legal day, and where its unit is closed it stays as it is."""
    trial = protocol(visit("A"), visit("B", offset=7), dates=(NamedDate("d1", text("Day 1"), visit="A"),))
    by_day = plan(trial, START.booked("A", DAY_1), OPEN)

    shut, cut = (new_days([Struck("", by_day, calendar, ("A",))], NO_UNITS)[0] for calendar in (closed(DAY_1), OPEN))

    assert (shut.facts, shut.proposal.stuck[0].visit, shut.left) == (None, "A", ())
    assert (cut.stuck, cut.left) == (True, ("A",))


def test_days_that_have_passed_are_not_shifted():
    trial = protocol(visit("A", offset=7), visit("B", offset=14))
    before = plan(trial, START.booked("A", day(8)).booked("B", day(15)), OPEN, today=day(10))

    assert cascade(before, day(1)) == ("B",)


# ---- times and places


TRIAL = protocol(visit("A", offset=7, window=within(0, 3)))


def test_where_a_unit_closes_and_another_one_is_free_the_visit_only_changes_its_place():
    before = plan(TRIAL, booked(START, "A", 8), OPEN)
    shut = unit(closures=(Closure(day(8), day(8)),))

    found = for_one(before, OPEN, room(shut, unit("two")), cut=("A",))

    assert (given(found), found.changed, found.proposal.moves) == ((8, 8, "two"), ("A",), {})


def test_where_the_only_unit_closes_the_visit_goes_to_the_next_day_at_its_time():
    before = plan(TRIAL, booked(START, "A", 8), OPEN)
    shut = unit(closures=(Closure(day(8), day(9)),))

    assert given(for_one(before, OPEN, room(shut), cut=("A",))) == (10, 8, "one")


def test_where_no_unit_is_in_use_any_more_the_visit_keeps_its_time_and_has_no_place():
    before = plan(TRIAL, booked(START, "A", 8), OPEN)

    assert given(for_one(before, OPEN, room(unit(hours=())), cut=("A",))) == (8, 8, None)


def test_two_visits_of_one_patient_that_come_to_one_quarter_share_no_place():
    """Both may only be on day 9, and only one has the quarter: the second has no day unless somebody makes room."""
    pair = protocol(*(visit(code, offset=7, window=within(0, 1), strength="hard") for code in "AB"))
    before = plan(pair, booked(booked(START, "A", 8), "B", 8, place="two"), OPEN)

    found = for_one(before, closed(day(8)), room())

    assert (found.facts, found.stuck) == (None, True)
    assert [(one.visit, one.repairs[0].ways) for one in found.proposal.stuck] == [("B", (Way.MAKE_ROOM,))]


def test_nothing_is_proposed_before_now_or_on_a_day_on_which_the_kind_is_shut():
    before = plan(TRIAL, booked(START, "A", 8), OPEN)
    noon = datetime.combine(day(8), time(12), UTC)

    found = for_one(before, OPEN, room(now=noon, shut=(Closure(day(9), day(9)),)), cut=("A",))
    elsewhere = for_one(before, OPEN, room(shut=(Closure(day(8), day(8), calendars=("chair",)),)), cut=("A",))

    assert (given(found), given(elsewhere)) == ((10, 8, "one"), (8, 8, "one"))


def test_what_a_patient_holds_is_counted_whatever_else_the_facts_say():
    """Another visit in the same unit, one without a unit, and one that this protocol does not know."""
    pair = protocol(visit("A", offset=7), visit("B", offset=8))
    facts = booked(booked(booked(START, "A", 8), "B", 9), "X", 10)

    assert {name: len(cells) for name, cells in held(pair, facts.booked("B", day(9))).items()} == {"one": 1}
    assert {name: len(cells) for name, cells in held(pair, facts).items()} == {"one": 2}


# ---- several patients, one place a day


def of_patient(key, facts, *, calendar=None, trial=TRIAL, cut=()):
    return struck(plan(trial, facts, OPEN), calendar or closed(day(8)), key, cut)


def taken(*several):
    """The one unit with what these patients hold."""
    found = room()
    for one in several:
        found = found.beside(one.before.protocol, one.before.facts)
    return found


def test_two_patients_do_not_get_one_free_place():
    """Both stand on day 8, which closes: the first gets day 9, and for the second day 10 is the next one."""
    two = [of_patient(key, booked(START, "A", 8, at)) for key, at in (("p", 8), ("q", 8))]

    found = new_days(two, taken(*two))

    assert [(one.key, given(one)) for one in found] == [("p", (9, 8, "one")), ("q", (10, 8, "one"))]


def test_what_somebody_else_has_is_not_given_away():
    """A third patient, who is not hit, stands on day 9."""
    hit, other = of_patient("p", booked(START, "A", 8)), of_patient("r", booked(START, "A", 9))

    (found,) = new_days([hit], taken(hit, other))

    assert given(found) == (10, 8, "one")


def test_what_one_patient_leaves_is_not_promised_to_the_next():
    """p goes from day 8 to 9 with B, 2 days later, from day 10 to 11; q would like day 10, which p may still keep."""
    pair = protocol(*TRIAL.encounters, visit("B", "A", 2, within(0, 0), strength="hard"))
    p = of_patient("p", booked(booked(START, "A", 8), "B", 10), trial=pair)
    wide = protocol(visit("A", offset=7, window=within(0, 5)))
    q = Struck("q", plan(wide, booked(START, "A", 8), OPEN), closed(day(8), day(9)), ("A",))

    found = {one.key: one for one in new_days([p, q], taken(p, q))}

    assert (given(found["p"]), given(found["p"], "B")) == ((9, 8, "one"), (11, 8, "one"))
    assert given(found["q"]) == (12, 8, "one")


def test_the_most_constrained_is_first():
    """Day 8 closes. q may only have day 9, p days 9 to 11: q has it, though p is asked first on a tie."""
    narrow = protocol(visit("A", offset=7, window=within(0, 1)))
    two = [of_patient("p", booked(START, "A", 8)), of_patient("q", booked(START, "A", 8), trial=narrow)]

    found = new_days(two, taken(*two))

    assert [(one.key, given(one)[0]) for one in found] == [("q", 9), ("p", 10)]


def test_on_a_tie_it_is_the_turn_of_who_comes_first_and_then_of_the_key():
    """a, b and c have three open days each; c stands on day 8, a and b on day 9."""
    trial = protocol(visit("A", offset=7, window=within(0, 4)))
    week = closed(day(8), day(9))
    patients = [
        of_patient(key, booked(START, "A", n), calendar=week, trial=trial) for key, n in (("b", 9), ("a", 9), ("c", 8))
    ]

    assert [one.key for one in sorted(patients, key=lambda one: one.pressing)] == ["c", "a", "b"]
    assert [one.key for one in new_days(patients[::-1], taken(*patients))] == ["c", "a", "b"]


def test_with_as_many_days_left_the_patient_with_less_room_for_surgery_is_first():
    """All visits on their days, so C5D1 has none left in its window; of the second one C6D1 is put off by a week."""
    late = plan(SHRINK, FULL_PLAN.facts.booked("C6D1", d(19, 5)), FULL_PLAN.calendar)
    works = Calendar(WORKING_WEEK.closed_weekdays, (*BELGIUM_2025, Closure(d(14, 4), d(17, 4))))
    first, second = (Struck(key, one, works, ("C4D1",)) for key, one in (("a", FULL_PLAN), ("b", late)))

    assert (first.pressing[0], second.pressing[0]) == (0, 0)
    assert second.pressing < first.pressing


def test_who_has_no_legal_day_stands_before_all_others_and_takes_no_room():
    """q may only be on day 8, which closes."""
    fixed = protocol(visit("A", offset=7, window=within(0, 0), strength="hard"))
    two = [of_patient("p", booked(START, "A", 8)), of_patient("q", booked(START, "A", 8), trial=fixed)]

    found = new_days(two, taken(*two))

    assert [(one.key, one.stuck) for one in found] == [("q", True), ("p", False)]
    assert given(found[1]) == (9, 8, "one")


def test_without_a_closure_nobody_is_asked():
    assert new_days([], NO_UNITS) == ()


# ---- against brute force

DAYS = range(1, 15)


def some_patients(random):
    """Two to four patients of A and B, B so many days after A, booked without a clash; and which days close."""
    low = random.randint(0, 2)
    high = low + random.randint(0, 3)
    trial = protocol(
        visit("A", offset=random.randint(1, 5), window=within(1, 2)),
        visit("B", "A", low, within(0, 1)),
        rules=(rule("A", "B", low, high), rule("d1", "A", 1, 9), rule("d1", "B", 1, 13)),
    )
    capacity, found = room(), []
    for key in "pqrs"[: random.randint(2, 4)]:
        facts = START
        for code, first in (("A", random.randint(2, 8)), ("B", None)):
            after = facts.visits["A"].day if first is None else None
            number = first or (after - DAY_1).days + 1 + random.randint(low, high)
            free = capacity.room(trial, facts, code).free(day(number))
            facts = booked(facts, code, number) if free else facts.booked(code, day(number))
            capacity = capacity.beside(trial, facts)
        found.append((key, plan(trial, facts, OPEN)))
    first = random.randint(2, 9)
    return trial, (low, high), closed(day(first), day(first + random.randint(0, 3))), found


def legal(schedule, calendar, bounds, capacity):
    """Whether any two days keep every rule, are open, and have room beside what all others have."""
    protocol, facts = schedule.protocol, schedule.facts
    for a, b in product(DAYS, DAYS):
        ruled = bounds[0] <= b - a <= bounds[1] and 1 <= a - 1 <= 9 and 1 <= b - 1 <= 13
        shut = any(calendar.why_closed(day(n), "clinic", attended=True) for n in (a, b))
        if ruled and not shut:
            rooms = capacity.without(protocol, facts).rooms(protocol, facts)
            if rooms("A").fits(day(a)) and rooms("B").fits(day(b)):
                return True
    return False


def test_no_rule_is_broken_no_place_is_given_twice_and_who_is_stuck_has_no_day():
    """On small plans: every plan after keeps every rule and every closed day; cells of two patients never meet."""
    moved, stuck = 0, 0
    for seed in range(120):
        trial, bounds, calendar, patients = some_patients(Random(seed))
        hit = [one for one in (struck(before, calendar, key) for key, before in patients) if one.hit]
        capacity = room()
        for _, before in patients:
            capacity = capacity.beside(trial, before.facts)

        found = new_days(hit, capacity)

        given, before = capacity, dict(patients)
        for one in sorted(found, key=lambda new: next(s.pressing for s in hit if s.key == new.key)):
            if one.facts is None:
                stuck += 1
                assert not legal(before[one.key], calendar, bounds, given)
                continue
            moved += 1
            after = plan(trial, one.facts, calendar)
            mine, others = held(trial, one.facts), given.without(trial, before[one.key].facts).taken
            assert after.conflicts == ()
            assert all(others.get(name, frozenset()).isdisjoint(cells) for name, cells in mine.items())
            assert {
                code for code in one.facts.visits if one.facts.visits[code] != before[one.key].facts.visits[code]
            } == {*one.changed}
            declared = {(deviation.visit, deviation.rule) for deviation in one.proposal.deviations}
            told = {(v.code, deviation.rule) for v in before[one.key].visits for deviation in v.deviations}
            assert {(v.code, deviation.rule) for v in after.visits for deviation in v.deviations} <= declared | told
            given = given.beside(trial, one.facts)
    assert (moved > 60, stuck > 5) == (True, True)


def test_the_same_closure_gives_the_same_days_in_whatever_order_the_patients_come():
    for seed in range(20):
        trial, _, calendar, patients = some_patients(Random(seed))
        hit = [one for one in (struck(before, calendar, key) for key, before in patients) if one.hit]
        capacity = room()
        for _, before in patients:
            capacity = capacity.beside(trial, before.facts)

        assert new_days(hit, capacity) == new_days(hit[::-1], capacity)
