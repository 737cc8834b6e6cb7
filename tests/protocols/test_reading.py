"""What a protocol file can say, and what it becomes."""

import pytest

from planner.core.days import Span, Unit
from planner.core.escalation import Enrolment
from planner.core.protocol import (
    NOTHING,
    Activity,
    Anchor,
    Block,
    Bounds,
    Clock,
    Condition,
    Decision,
    Encounter,
    Epoch,
    Instance,
    KeyVisit,
    NamedDate,
    Rule,
    Skipped,
    Source,
    Stay,
    Strength,
    Text,
    Timing,
    Tolerance,
)
from tests.protocols.small import HEAD, V1, only, read, rule, table, visit

DAY_ONE = Anchor(("day_one",))
TWICE = table("repeat", code='"r"', numbers='"1..2"')
THRICE = table("repeat", code='"r"', numbers='"1..3"')


def english(words):
    return Text((("en", words),))


def timing(words, **more):
    """The timing of a visit written in these words, in a file that has V1, A1 to A3 and W08 to W10."""
    series = visit("A{n}", "day = 1", repeat='"r"')
    weeks = table("repeat", code='"w"', numbers='"8..10"') + visit("W{n:2}", "day = 1", repeat='"w"')
    return only(THRICE, V1, series, weeks, visit("X", words, **more)).timing


def test_the_smallest_visit_has_only_what_it_needs():
    assert only(visit("X", "day = 1")) == Encounter(
        "X", "main", english("Visit X"), Timing(DAY_ONE, Span(0)), calendar="clinic"
    )


def test_a_protocol_says_what_it_is():
    head = HEAD.replace(
        "[[date]]", 'title = { en = "A", nl = "B" }\nnote = "N"\nkey_visit = { code = "V1" }\n\n[[date]]', 1
    )

    found = read(V1, head=head)

    assert (found.id, found.name, found.version) == ("T", "Trial", "1")
    assert (found.title, found.note) == (Text((("en", "A"), ("nl", "B"))), english("N"))
    assert found.key_visit == KeyVisit("V1", 0)
    assert (found.first_day, found.reference) == (1, "day_one")


def test_enrolment_has_a_number_of_patients_dose_levels_and_phases():
    stated = """
[enrolment]
most = 36
dose_levels = 3
phases = ["escalation", "expansion"]
source = [{ tag = "S", citation = "2.1" }, { tag = "A" }]
"""

    found = read(V1, stated).enrolment

    assert found == Enrolment(36, 3, ("escalation", "expansion"), (Source("S", "2.1"), Source("A")))


@pytest.mark.parametrize(
    ("key", "enrolment"),
    [
        ("most = 36", Enrolment(36, 0, ())),
        ("dose_levels = 3", Enrolment(None, 3, ())),
        ('phases = "expansion"', Enrolment(None, 0, ("expansion",))),
    ],
)
def test_what_enrolment_does_not_state_is_empty(key, enrolment):
    assert read(V1, f"\n[enrolment]\n{key}\n").enrolment == enrolment


def test_a_protocol_need_not_state_enrolment():
    assert read(V1).enrolment is None


def test_dates_epochs_and_decisions():
    found = read(
        V1,
        table("date", code='"d"', name='{ en = "D", de = "T" }', required="false", visit='"W"'),
        visit("W", 'anchor = "d", offset = 0'),
        table("epoch", code='"late"', name='"Late"', numbered_from='"end of W"'),
        table("decision", code='"go"', name='"Go"', values='["no", "yes"]', default='"yes"'),
    )

    assert found.dates[1] == NamedDate("d", Text((("en", "D"), ("de", "T"))), required=False, visit="W")
    assert found.epochs[1] == Epoch("late", english("Late"), Anchor(("W",), end=True))
    assert found.decisions == (Decision("go", english("Go"), ("no", "yes"), "yes"),)


# When a visit is due


@pytest.mark.parametrize(
    ("offset", "span"),
    [
        ("0", Span(0)),
        ("14", Span(14)),
        ("-21", Span(-21)),
        ('"14 days"', Span(14)),
        ('"+1 day"', Span(1)),
        ('" -2  weeks "', Span(-2, Unit.WEEKS)),
        ('"3 months"', Span(3, Unit.MONTHS)),
        ('"2 years"', Span(24, Unit.MONTHS)),
        ('"20 years"', Span(240, Unit.MONTHS)),
        ('"7320 days"', Span(7320)),
        ('"-2 working days"', Span(-2, Unit.WORKING_DAYS)),
        ('"1 working day"', Span(1, Unit.WORKING_DAYS)),
    ],
)
def test_an_offset_is_a_span(offset, span):
    assert timing(f"offset = {offset}") == Timing(DAY_ONE, span)


@pytest.mark.parametrize(("number", "days"), [(1, 0), (8, 7), (-1, -1), (-21, -21)])
def test_a_day_number_counts_from_day_1_without_day_0(number, days):
    assert timing(f"day = {number}").offset == Span(days)


@pytest.mark.parametrize(("number", "days"), [(0, 0), (1, 1), (28, 28), (-1, -1)])
def test_a_day_number_counts_from_day_0(number, days):
    found = only(visit("X", f"day = {number}"), head=HEAD.replace("day 1", "day 0"))

    assert found.timing.offset == Span(days)


def test_a_day_number_with_an_anchor_calls_the_anchor_the_first_day():
    assert timing('anchor = "V1", day = 8') == Timing(Anchor(("V1",)), Span(7))


def test_no_window_is_not_a_window_of_zero():
    assert timing("offset = 1").window is None
    assert timing("offset = 1, before = 0, after = 0").window == Tolerance(Span(0), Span(0))


@pytest.mark.parametrize(
    ("sides", "window"),
    [
        ("before = 0, after = 3", Tolerance(Span(0), Span(3))),
        ("before = 14, after = 0", Tolerance(Span(14), Span(0))),
        ('before = 0, after = "open"', Tolerance(Span(0), None)),
        ('before = "open", after = "1 month"', Tolerance(None, Span(1, Unit.MONTHS))),
        ('before = "1 week", after = "2 working days"', Tolerance(Span(1, Unit.WEEKS), Span(2, Unit.WORKING_DAYS))),
    ],
)
def test_a_window_may_differ_on_its_two_sides(sides, window):
    assert timing(f"offset = 1, {sides}").window == window


@pytest.mark.parametrize("strength", ["window", "hard", "absolute"])
def test_a_window_has_a_strength(strength):
    assert timing(f'offset = 1, before = 1, after = 1, strength = "{strength}"').strength is Strength(strength)


@pytest.mark.parametrize(
    ("window", "bounds", "strength"),
    [
        ('{ first_day = 99, last_day = 126, strength = "hard" }', Bounds(DAY_ONE, Span(98), Span(125)), Strength.HARD),
        ('{ anchor = "V1", first_day = 2 }', Bounds(Anchor(("V1",)), Span(1), None), Strength.WINDOW),
        ("{ last_day = -1 }", Bounds(DAY_ONE, None, Span(-1)), Strength.WINDOW),
        (
            '{ earliest = "-1 month", latest = "8 weeks" }',
            Bounds(DAY_ONE, Span(-1, Unit.MONTHS), Span(8, Unit.WEEKS)),
            Strength.WINDOW,
        ),
        (
            '{ earliest = "1 month", latest = "2 months" }',
            Bounds(DAY_ONE, Span(1, Unit.MONTHS), Span(2, Unit.MONTHS)),
            Strength.WINDOW,
        ),
        ('{ earliest = "1 month", latest = 31 }', Bounds(DAY_ONE, Span(1, Unit.MONTHS), Span(31)), Strength.WINDOW),
    ],
)
def test_a_target_may_hang_on_one_anchor_and_the_window_on_another(window, bounds, strength):
    found = timing('anchor = "A3", offset = 35, skipped = "last"', window=window)

    assert found == Timing(Anchor(("A1", "A2", "A3"), -1), Span(35), bounds, strength, Skipped.LAST)


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("V1", Anchor(("V1",))),
        ("day_one", DAY_ONE),
        ("start of V1", Anchor(("V1",))),
        ("end of V1", Anchor(("V1",), end=True)),
        ("first of A1..A3", Anchor(("A1", "A2", "A3"), 0)),
        ("second of A1..A3", Anchor(("A1", "A2", "A3"), 1)),
        ("third of A1, A2, A3", Anchor(("A1", "A2", "A3"), 2)),
        ("last of A1..A2, V1", Anchor(("A1", "A2", "V1"), -1)),
        ("last of W08..W10", Anchor(("W08", "W09", "W10"), -1)),
        ("end of last of A1..A3", Anchor(("A1", "A2", "A3"), -1, end=True)),
    ],
)
def test_what_a_visit_can_count_from(anchor, expected):
    assert timing(f'anchor = "{anchor}", offset = 1').anchor == expected


@pytest.mark.parametrize("skipped", ["ideal", "drop"])
def test_what_a_skipped_anchor_means(skipped):
    assert timing(f'anchor = "V1", offset = 1, skipped = "{skipped}"').skipped is Skipped(skipped)


def test_the_last_one_given_is_looked_for_among_those_before_the_anchor():
    found = timing('anchor = "A2", offset = 1, skipped = "last"')

    assert (found.anchor, found.skipped) == (Anchor(("A1", "A2"), -1), Skipped.LAST)


def test_a_visit_without_timing_counts_from_nothing():
    assert only(V1, visit("U")).timing is None


def test_an_origin_visit_may_have_a_window_of_its_own():
    found = read(
        table("date", code='"d"', name='"D"', visit='"X"'),
        visit("X", 'anchor = "d", offset = 0, before = 3, after = 3'),
    )

    assert found.encounters[0].timing == Timing(Anchor(("d",)), Span(0), Tolerance(Span(3), Span(3)))
    assert found.date_under == {"X": "d"}


def test_days_are_numbered_anew_in_an_epoch():
    epoch = table("epoch", code='"p2"', name='"Period 2"', numbered_from='"V1"')
    here = visit("X", "day = 3", window="{ first_day = 2, last_day = 4 }").replace('"main"', '"p2"')

    assert only(V1, epoch, here).timing == Timing(Anchor(("V1",)), Span(2), Bounds(Anchor(("V1",)), Span(1), Span(3)))


# What a visit is


def test_a_visit_says_everything_about_itself():
    found = only(
        table("decision", code='"arm"', name='"Arm"', values='["A", "B", "C"]', default='"A"'),
        table("decision", code='"go"', name='"Go"', values='["yes", "no"]', default='"yes"'),
        V1,
        visit(
            "X",
            "offset = 1",
            label='"C1D2"',
            neutral='"Hospital"',
            instructions='{ en = "Come", nl = "Kom", fr = "Venez", de = "Kommen" }',
            place='"Ward"',
            when='["arm=B|C", "go=yes"]',
            calendar='"any"',
            resource='"bed"',
            attended="false",
            duration='"6-8 h"',
            stay="{ least = 1, most = 3 }",
            clock='{ anchor = "V1", elapsed = "46 h", early = "30 min", late = "1.5 h" }',
            staff='["nurse", "nurse"]',
            activities='["ECG", { name = "Vitals", note = "hourly" }, { en = "Blood", nl = "Bloed" }]',
            source='[{ tag = "S", citation = "5.1" }, { tag = "A" }]',
        ),
    )

    assert found == Encounter(
        code="X",
        epoch="main",
        name=english("Visit X"),
        timing=Timing(DAY_ONE, Span(1)),
        neutral=english("Hospital"),
        instructions=Text((("en", "Come"), ("nl", "Kom"), ("fr", "Venez"), ("de", "Kommen"))),
        conditions=(Condition("arm", ("B", "C")), Condition("go", ("yes",))),
        calendar="any",
        attended=False,
        duration=(360, 480),
        stay=Stay(1, 3, 3),
        clock=Clock("V1", 2760, 30, 90),
        place=english("Ward"),
        staff=("nurse", "nurse"),
        resource="bed",
        label="C1D2",
        activities=(
            Activity(english("ECG")),
            Activity(english("Vitals"), english("hourly")),
            Activity(Text((("en", "Blood"), ("nl", "Bloed"))), NOTHING),
        ),
        sources=(Source("S", "5.1"), Source("A")),
    )


@pytest.mark.parametrize(
    ("more", "calendar", "resource"),
    [
        ({}, "clinic", None),
        ({"resource": '"chair"'}, "chair", "chair"),
        ({"resource": '"chair"', "calendar": '"any"'}, "any", "chair"),
        ({"calendar": '"theatre"'}, "theatre", None),
    ],
)
def test_a_visit_obeys_the_calendar_of_its_resource_unless_it_names_another(more, calendar, resource):
    found = only(visit("X", "day = 1", **more))

    assert (found.calendar, found.resource) == (calendar, resource)


@pytest.mark.parametrize(
    ("written", "sources"),
    [('"Rk"', (Source("Rk"),)), ('{ tag = "P", citation = "X" }', (Source("P", "X"),)), ("[]", ())],
)
def test_a_source_is_a_tag_a_table_or_a_list(written, sources):
    assert only(visit("X", "day = 1", source=written)).sources == sources


@pytest.mark.parametrize(
    ("written", "minutes"),
    [('"4.5 h"', (270, 270)), ('"30 min"', (30, 30)), ('"1 hour"', (60, 60)), ('"5-6.25 h"', (300, 375))],
)
def test_a_duration_is_kept_in_minutes(written, minutes):
    assert only(visit("X", "day = 1", duration=written)).duration == minutes


def test_words_are_kept_without_white_space_around_and_in_one_spelling():
    found = only(visit("X", "day = 1", label='"  Cafe\\u0301 \\n"'))

    assert found.label == "Caf\u00e9"


def test_a_visit_like_another_takes_over_how_it_goes_and_not_when():
    model = visit(
        "A",
        "day = 1, before = 1, after = 1",
        label='"A"',
        resource='"bed"',
        attended="false",
        duration='"1 h"',
        instructions='"Come"',
        neutral='"Hospital"',
        place='"Ward"',
        staff='"nurse"',
        activities='"ECG"',
        stay="{ least = 1, most = 2 }",
        source='"S"',
    )

    found = only(model, visit("B", "day = 8", like='"A"', duration='"2 h"'), visit("C", "day = 15", like='"B"'))

    assert found == Encounter(
        code="C",
        epoch="main",
        name=english("Visit C"),
        timing=Timing(DAY_ONE, Span(14)),
        neutral=english("Hospital"),
        instructions=english("Come"),
        calendar="bed",
        attended=False,
        duration=(120, 120),
        place=english("Ward"),
        staff=("nurse",),
        resource="bed",
        activities=(Activity(english("ECG")),),
    )


# Repetition


def test_what_is_repeated_is_written_once():
    found = read(
        TWICE, visit("C{n}D1", 'anchor = "day_one", day = "{7*n-6}"', repeat='"r"', label='"Cycle {n} of {n + 0}"')
    )

    assert [(e.code, e.name.into("en"), e.label, e.timing.offset, e.instance) for e in found.encounters] == [
        ("C1D1", "Visit C1D1", "Cycle 1 of 1", Span(0), Instance("r", 1, "C{n}D1")),
        ("C2D1", "Visit C2D1", "Cycle 2 of 2", Span(7), Instance("r", 2, "C{n}D1")),
    ]
    assert found.blocks == (Block("r", 1, 2),)


@pytest.mark.parametrize(
    ("sum_", "number"),
    [
        ("n:2", "03"),
        ("4*n : 3", "012"),
        ("n", 3),
        (" n + 1 ", 4),
        ("n-1", 2),
        ("2*n", 6),
        ("3*n+4", 13),
        ("-n+10", 7),
        ("n*n-2*n", 3),
    ],
)
def test_a_sum_is_counted_out(sum_, number):
    found = only(THRICE, visit("A{n}", "day = 1", repeat='"r"', label=f'"{{{sum_}}}"'))

    assert found.label == str(number)


def test_neighbouring_visits_of_a_repetition_alternate():
    a, b = (visit(f"{code}{{n}}", "day = 1", repeat='"r"') for code in "AB")

    assert [e.code for e in read(TWICE, a, b, V1, b.replace("B", "C")).encounters] == [
        "A1",
        "B1",
        "A2",
        "B2",
        "V1",
        "C1",
        "C2",
    ]


def test_the_numbers_of_a_repetition_may_skip_and_are_counted_from_1():
    repeat = table("repeat", code='"r"', numbers='"3..9 by 3, 12, 24..36 by 12"')

    found = read(repeat, visit("M{n}", 'offset = "{n} months"', repeat='"r"')).encounters

    assert [(e.code, e.timing.offset.amount, e.instance.number) for e in found] == [
        ("M3", 3, 1),
        ("M6", 6, 2),
        ("M9", 9, 3),
        ("M12", 12, 4),
        ("M24", 24, 5),
        ("M36", 36, 6),
    ]


def test_a_visit_may_be_in_some_repetitions_only():
    found = read(THRICE, visit("A{n}", "day = 1", repeat='"r"', numbers='"1, 3"')).encounters

    assert [(e.code, e.instance.number) for e in found] == [("A1", 1), ("A3", 3)]


def test_an_exception_stands_in_place_of_the_visits_own_keys():
    exceptions = (
        '[[encounter.exception]]\nnumbers = 1\ntiming = { day = 1 }\n'
        '[[encounter.exception]]\nnumbers = "1, 3"\nlabel = "odd {n}"\n'
    )  # fmt: skip

    found = read(
        THRICE, visit("A{n}", 'anchor = "A{n-1}", offset = 7, before = 1, after = 1', repeat='"r"') + exceptions
    )

    assert [(e.label, e.timing.anchor.codes, e.timing.window is None) for e in found.encounters] == [
        ("odd 1", ("day_one",), True),
        (None, ("A1",), False),
        ("odd 3", ("A2",), False),
    ]


def test_dates_epochs_decisions_and_rules_repeat_as_well():
    found = read(
        TWICE,
        table("date", repeat='"r"', code='"d{n}"', name='"D{n}"'),
        table("epoch", repeat='"r"', code='"p{n}"', name='"P{n}"', numbered_from='"d{n}"'),
        table("decision", repeat='"r"', code='"go{n}"', name='"Go"', values='["a{n}", "b"]', default='"b"'),
        visit("A{n}", 'anchor = "d{n}", offset = 0', repeat='"r"', when='"go{n}=a{n}"'),
        rule("r", from_='"d{n}"', to='"A{n}"', at_least="0", repeat='"r"'),
    )

    assert [d.code for d in found.dates] == ["day_one", "d1", "d2"]
    assert [e.numbered_from for e in found.epochs] == [None, Anchor(("d1",)), Anchor(("d2",))]
    assert [d.values for d in found.decisions] == [("a1", "b"), ("a2", "b")]
    assert [(r.id, r.first.codes, r.then.codes) for r in found.rules] == [
        ("r", ("d1",), ("A1",)),
        ("r", ("d2",), ("A2",)),
    ]


def test_an_open_ended_repetition_looks_ahead_until_a_decision():
    decision = table("decision", code='"end"', name='"End"', values='["no", "yes"]', default='"no"')
    repeat = table("repeat", code='"r"', numbers='"1..35"', ahead="2", until='"end=yes"')

    found = read(decision, repeat, visit("A{n}", 'offset = "{n} weeks"', repeat='"r"'))

    assert found.blocks == (Block("r", 1, 35, 2, Condition("end", ("yes",))),)
    assert len(found.encounters) == 35


# Rules


def pairs(*tables):
    """The rules of a file with A1 to A3 and V1: first, then, at least, at most."""
    found = read(THRICE, visit("A{n}", "day = 1", repeat='"r"'), V1, *tables)
    return [(r.first.codes, r.then.codes, r.lo, r.hi) for r in found.rules]


@pytest.mark.parametrize("strength", ["flag", "window", "hard", "absolute"])
def test_a_rule_has_a_strength_words_and_sources(strength):
    found = read(
        V1,
        rule("x", strength, from_='"day_one"', to='"V1"', at_least="0", at_most='"1 week"', text='"T"', source='"S"'),
    )

    assert found.rules == (
        Rule(
            "x",
            DAY_ONE,
            Anchor(("V1",)),
            Span(0),
            Span(1, Unit.WEEKS),
            Strength(strength),
            english("T"),
            (Source("S"),),
        ),
    )


def test_a_rule_binds_every_to_against_every_from():
    assert pairs(rule("x", from_='"each of A1..A2"', to='"each of A2..A3"', at_least="1")) == [
        (("A1",), ("A2",), Span(1), None),
        (("A1",), ("A3",), Span(1), None),
        (("A2",), ("A3",), Span(1), None),
    ]


def test_a_rule_may_count_from_one_of_several():
    assert pairs(rule("x", from_='"first of A1..A3"', to='"end of V1"', at_most='"2 months"')) == [
        (("A1", "A2", "A3"), ("V1",), None, Span(2, Unit.MONTHS))
    ]


def test_a_series_binds_every_two_of_it():
    assert pairs(rule("x", between='"A1..A3"', at_least="14")) == [
        (("A1",), ("A2",), Span(14), None),
        (("A1",), ("A3",), Span(14), None),
        (("A2",), ("A3",), Span(14), None),
    ]


def test_an_order_binds_every_two_of_its_chain_and_a_strict_step_on_the_way_forbids_the_same_day():
    assert pairs(rule("x", order='"A1 <= A2<V1 <= A3"')) == [
        (("A1",), ("A2",), Span(0), None),
        (("A1",), ("V1",), Span(1), None),
        (("A1",), ("A3",), Span(1), None),
        (("A2",), ("V1",), Span(1), None),
        (("A2",), ("A3",), Span(1), None),
        (("V1",), ("A3",), Span(0), None),
    ]
