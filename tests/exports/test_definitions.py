"""What the protocol page says: SHRINK as its schedule of activities has it, and small protocols by hand."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

import planner.protocols
from planner.core.days import Span
from planner.core.errors import Refused
from planner.core.escalation import Enrolment
from planner.core.protocol import (
    Activity,
    Anchor,
    Condition,
    Decision,
    Encounter,
    Epoch,
    NamedDate,
    Rule,
    Source,
    Strength,
    Text,
    Timing,
)
from planner.exports.definitions import (
    Cited,
    DateRow,
    DecisionRow,
    EnrolmentWords,
    Meaning,
    Phase,
    RuleRow,
    VisitType,
    definition,
)
from planner.exports.refusals import sentence
from planner.protocols.reader import read

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
PAGE = definition(SHRINK)
ROWS = {row.code: row for phase in PAGE.phases for row in phase.visits}
RULES = {row.id: row for row in PAGE.rules}

STATED = "stated in the protocol or its registry record"
PUBLISHED = "published about the trial, its sister trials or the product"
REGIMEN = "drug regimen, label, guideline or regulation"
UNVERIFIED = "common knowledge, not checked against its source"
ASSUMED = "assumption: no published fact was found"
UNTAGGED = (Cited("A", ASSUMED, ""),)


def english(words):
    return Text((("en", words),))


def small(protocol, *encounters, **more):
    """The protocol of these tests with these visits only, in one phase."""
    bare = {"epochs": (Epoch("e", english("Main")),), "rules": (), "key_visit": None}
    return definition(replace(protocol, encounters=encounters, **bare | more))


def visit(code, **more):
    return Encounter(code, "e", english(f"Visit {code}"), Timing(Anchor(("day_one",)), Span(0)), **more)


# ---- the head


def test_the_page_says_which_protocol_it_is_and_that_it_is_illustrative():
    head = (PAGE.id, PAGE.name, PAGE.version, PAGE.title, PAGE.note)

    assert head == (
        "NCT03310008",
        "SHRINK",
        "0.1 illustrative",
        "Autologous NKR-2 cells with FOLFOX before resection of colorectal liver metastases (SHRINK), Phase I",
        "Illustrative, derived from the public registry record; not the sponsor's protocol.",
    )


def test_days_count_from_day_1_without_a_day_0():
    assert PAGE.numbering == "The reference date is Day 1. There is no Day 0: the day before it is Day -1."
    assert PAGE.reference == "Day 1, on which FOLFOX 1 (C1D1) stands"


def test_days_may_count_from_day_0_and_from_a_date_without_a_visit():
    infusion = NamedDate("infusion", english("Infusion day"))
    page = definition(replace(SHRINK, first_day=0, reference="infusion", dates=(infusion, *SHRINK.dates)))

    assert page.numbering == "The reference date is Day 0. The day before it is Day -1."
    assert page.reference == "Infusion day"


def test_every_source_tag_and_every_strength_is_explained():
    assert PAGE.tags == (
        Meaning("S", STATED),
        Meaning("P", PUBLISHED),
        Meaning("R", REGIMEN),
        Meaning("Rk", UNVERIFIED),
        Meaning("A", ASSUMED),
    )
    assert PAGE.strengths == (
        Meaning("absolute", "nobody may overrule it"),
        Meaning(
            "hard", "protects the patient or the study; broken only when an investigator overrules in writing"
        ),
        Meaning("window", "a tolerance; broken with a reason, and shown as a deviation"),
        Meaning("flag", "only said"),
    )  # fmt: skip


# ---- enrolment


def test_shrink_takes_36_patients_at_three_dose_levels_in_two_phases():
    assert PAGE.enrolment == EnrolmentWords(
        "Up to 36 patients, screening failures not counted; 3 dose levels; phases escalation and expansion.",
        (
            Cited("S", STATED, "NCT03310008: up to 36 patients, escalation and expansion together"),
            Cited("S", STATED, "NCT03310008: three dose levels"),
            Cited("A", ASSUMED, "screening failures do not count towards the 36"),
        ),
    )


@pytest.mark.parametrize(
    ("enrolment", "words"),
    [
        (Enrolment(1, 0, ()), "Up to 1 patient, screening failures not counted."),
        (Enrolment(None, 1, ()), "1 dose level."),
        (Enrolment(None, 0, ("expansion",)), "Phase expansion."),
        (Enrolment(None, 2, ("a", "b", "c")), "2 dose levels; phases a, b and c."),
    ],
)
def test_what_enrolment_does_not_state_is_left_out_and_without_a_source_is_an_assumption(enrolment, words):
    assert definition(replace(SHRINK, enrolment=enrolment)).enrolment == EnrolmentWords(words, UNTAGGED)


@pytest.mark.parametrize("enrolment", [None, Enrolment(None, 0, ())])
def test_a_protocol_that_states_nothing_of_enrolment_says_so(enrolment):
    silent = EnrolmentWords("The protocol does not state whom the study takes.", ())

    assert definition(replace(SHRINK, enrolment=enrolment)).enrolment == silent


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            Refused("enrolment_full", most=36),
            (
                "The study has its 36 patients, screening failures not counted, so nobody more can be enrolled. Record "
                "any screening failure that is still open, or ask the sponsor for an amendment."
            ),
        ),
        (
            Refused("no_such_dose_level", dose_level=4, known=(1, 2, 3)),
            "The protocol has no dose level 4. Choose one of: 1, 2, 3.",
        ),
        (
            Refused("no_such_phase", phase="third", known=("escalation", "expansion")),
            "The protocol has no phase third. Choose one of: escalation, expansion.",
        ),
    ],
)
def test_why_a_patient_cannot_be_enrolled_is_a_sentence(error, words):
    assert sentence(error) == words


# ---- visits


def test_every_visit_of_shrink_stands_in_its_phase_in_the_order_of_the_file():
    found = {phase.name: [row.code for row in phase.visits] for phase in PAGE.phases}

    assert {name: (codes[0], codes[-1], len(codes)) for name, codes in found.items()} == {
        "Screening": ("SC1", "AP", 5),
        "Treatment": ("C1P", "U9", 39),  # 18 of the cycles, 9 of the infusions, DLT, IM1, EOC, 9 as needed
        "Surgery": ("IM2", "NR", 8),
        "Follow-up": ("M7", "ET", 9),
    }
    assert found["Screening"] == ["SC1", "REG", "SC2", "SC3", "AP"]
    assert found["Surgery"] == ["IM2", "MDT", "PRE", "RES", "P14", "P30", "P60", "NR"]


@pytest.mark.parametrize("code", [e.code for e in SHRINK.encounters if e.repeats is None])
def test_every_visit_of_shrink_carries_its_source_tags_with_words_and_a_citation(code):
    sources = ROWS[code].sources

    assert [(s.tag, s.citation) for s in sources] == [(s.tag, s.citation) for s in SHRINK.by_code[code].sources]
    assert sources
    assert [s for s in sources if not s.meaning or not s.citation] == []


def test_a_folfox_cycle_as_a_row():
    assert ROWS["C2D1"] == VisitType(
        code="C2D1",
        name="FOLFOX 2",
        label="C2D1",
        when="14 days after FOLFOX 1 (C1D1)",
        clock="",
        window="up to 3 days later",
        strength="window",
        branch="",
        calendar="chair",
        resource="chair",
        attended="with the patient",
        duration="about 4 hours 30 minutes",
        staff="physician, nurse",
        procedures=("Physical examination", "Adverse events", "Medicines", "Toxicity", "mFOLFOX6", "Pump connected"),
        sources=(
            Cited("R", REGIMEN, "NCCP: mFOLFOX6 every 14 days"),
            Cited("A", ASSUMED, "window; six cycles"),
        ),
        besides=(),
    )


def test_the_resection_as_a_row():
    assert ROWS["RES"] == VisitType(
        code="RES",
        name="Resection",
        label="",
        when="35 days after the last of FOLFOX 1 (C1D1) to FOLFOX 6 (C6D1) that takes place",
        clock="",
        window="within Day 99 to Day 126",
        strength="hard",
        branch="only if the decision 'Resectable' is 'yes'",
        calendar="theatre",
        resource="theatre",
        attended="with the patient",
        duration="about 6 hours; a stay of 5 to 10 nights, 7 planned",
        staff="surgeon, anaesthetist",
        procedures=(
            "Resection",
            "Residual tumour R0, R1 or R2",
            "Specimen for TRG (Rubbia-Brandt) and Blazer",
        ),
        sources=(
            Cited("S", STATED, "NCT03310008: resection on day 99 to day 126"),
            Cited("A", ASSUMED, "35 days after the last FOLFOX; stay; hours in theatre"),
        ),
        besides=(),
    )


def test_registration_as_a_row_that_only_staff_attends_on_any_day():
    assert ROWS["REG"] == VisitType(
        code="REG",
        name="Registration",
        label="",
        when="on the same day as Registration",
        clock="",
        window="none",
        strength="",
        branch="",
        calendar="every day, closed days too",
        resource="",
        attended="staff only",
        duration="",
        staff="coordinator",
        procedures=("Eligibility sign-off", "Origin of PFS, EFS and OS"),
        sources=(Cited("S", STATED, "NCT03310008: PFS, EFS and OS count from study registration"),),
        besides=(),
    )


# Each row as the schedule of activities has it: when, window.
@pytest.mark.parametrize(
    ("code", "when", "window"),
    [
        ("SC1", "21 days before FOLFOX 1 (C1D1)", "up to 7 days earlier or up to 14 days later"),
        ("C1D1", "Day 1", "that exact day"),
        ("C6P", "1 day before FOLFOX 6 (C6D1)", "up to 2 days earlier or up to 1 day later"),
        ("C1D3", "2 days after FOLFOX 1 (C1D1)", "that exact day"),
        ("N1", "3 days after FOLFOX 3 (C3D1)", "up to 1 day later"),
        ("N3+7", "7 days after NKR-2 infusion 3 (N3)", "up to 1 day earlier or later"),
        (
            "DLT",
            "14 days after the first of NKR-2 infusion 1 (N1) to NKR-2 infusion 3 (N3) that takes place",
            "up to 2 days later",
        ),
        ("IM1", "Day 57", "up to 7 days earlier or later"),
        ("MDT", "Day 96", "up to 5 days earlier or up to 9 days later"),
        ("P60", "60 days after Resection (RES)", "up to 7 days later"),
        ("NR", "Day 126", "up to 14 days later"),
        ("M7", "7 months after Registration", "up to 14 days earlier or later"),
        ("M28", "28 months after Registration", "up to 14 days earlier"),
        ("U1", "as needed", "none"),
        ("ET", "on the same day as Early termination", "up to 14 days later"),
    ],
)
def test_a_row_tells_when_it_is_due(code, when, window):
    assert (ROWS[code].when, ROWS[code].window) == (when, window)


def test_the_pump_comes_off_46_hours_after_its_start():
    assert ROWS["C3D3"].clock == "46 hours after the start of FOLFOX 3 (C3D1)"


def test_a_note_stands_behind_its_procedure():
    noted = visit("A", activities=(Activity(english("Vitals"), english("hourly")), Activity(english("Bloods"))))

    assert small(SHRINK, noted).phases[0].visits[0].procedures == ("Vitals (hourly)", "Bloods")


def test_all_conditions_of_a_branch_are_told():
    arm = Decision("arm", english("Arm"), ("A", "B", "C"), "A")
    stage = Decision("stage", english("Stage"), ("I", "II"), "I")
    both = visit("A", conditions=(Condition("arm", ("B", "C")), Condition("stage", ("II",))))

    row = small(SHRINK, both, decisions=(arm, stage)).phases[0].visits[0]

    assert row.branch == "only if the decision 'Arm' is 'B' or 'C' and the decision 'Stage' is 'II'"


def test_a_row_without_a_source_is_an_assumption():
    assert small(SHRINK, visit("A")).phases[0].visits[0].sources == UNTAGGED


def test_a_phase_that_numbers_its_days_anew_says_from_where():
    anew = Epoch("late", english("Late"), Anchor(("A",), end=True))
    page = small(SHRINK, visit("A"), epochs=(anew,))

    assert page.phases == (Phase("Late", "Days are numbered anew from the end of Visit A.", ()),)


# ---- rules


def test_every_rule_of_shrink_is_one_row_with_its_strength():
    assert [(row.id, row.strength, row.sources[0].tag) for row in PAGE.rules] == [
        ("dlt-14-days", "absolute", "S"),
        ("folfox-interval", "hard", "R"),
        ("infusion-interval", "hard", "S"),
        ("pump-before-infusion", "hard", "A"),
        ("infusion-in-its-cycle", "hard", "A"),
        ("screening-order", "hard", "A"),
        ("registered-before-treatment", "hard", "A"),
        ("port-before-collection", "hard", "A"),
        ("collection-before-treatment", "hard", "A"),
        ("surgery-order", "hard", "A"),
        ("repeat-before-surgery", "hard", "A"),
        ("dlt-before-second-infusion", "absolute", "A"),
        ("surgery-after-folfox", "hard", "A"),
        ("post-operative-order", "hard", "A"),
        ("infusion-late", "flag", "A"),
        ("imaging-old", "flag", "A"),
        ("folfox-late", "flag", "Rk"),
        ("repeat", "hard", "A"),
    ]


def test_a_rule_is_told_in_the_protocols_own_words():
    assert RULES["dlt-14-days"] == RuleRow(
        "dlt-14-days",
        "The DLT review comes 14 days after the first infusion given, or later.",
        "absolute",
        (Cited("S", STATED, "NCT03310008: DLT until 14 days after the first administration"),),
    )


def bound(name, first, then, lo, hi=None, strength=Strength.HARD, **more):
    spans = (None if days is None else Span(days) for days in (lo, hi))
    return Rule(name, Anchor((first,)), Anchor((then,)), *spans, strength, **more)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (bound("r", "A", "B", 28), "Visit B must be at least 28 days after Visit A."),
        (bound("r", "A", "B", 0), "Visit B must not be before Visit A."),
        (bound("r", "A", "B", None, 17, Strength.FLAG), "Visit B should be at most 17 days after Visit A."),
        (bound("r", "day_one", "B", 1, 3), "Visit B must be 1 to 3 days after Day 1."),
    ],
)
def test_a_rule_without_words_is_told_as_the_pair_that_it_binds(rule, words):
    page = small(SHRINK, visit("A"), visit("B"), rules=(rule,))

    assert page.rules == (RuleRow("r", words, rule.strength.value, UNTAGGED),)


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (6, ""),
        (7, " 1 more pair of visits is bound alike."),
        (10, " 4 more pairs of visits are bound alike."),
    ],
)
def test_of_many_pairs_six_are_told(count, more):
    pairs = list(combinations("ABCDE", 2))[:count]
    rules = tuple(bound("r", a, b, 7) for a, b in pairs)

    page = small(SHRINK, *map(visit, "ABCDE"), rules=rules)

    told = [f"Visit {b} must be at least 7 days after Visit {a}." for a, b in pairs[:6]]
    assert page.rules == (RuleRow("r", " ".join(told) + more, "hard", UNTAGGED),)


def test_rules_that_alternate_are_told_each_by_itself_with_all_their_words_and_sources():
    one, two = {"text": english("First.")}, {"text": english("Second.")}
    rules = (
        bound("r", "A", "B", 7, **one, sources=(Source("S", "1"),)),
        bound("q", "A", "B", 1, **one, sources=(Source("P"),)),
        bound("r", "B", "C", 7, **two, sources=(Source("S", "1"), Source("R", "2"))),
        bound("q", "B", "C", 1, strength=Strength.FLAG, **one, sources=(Source("Rk"),)),
    )

    page = small(SHRINK, *map(visit, "ABC"), rules=rules)

    assert page.rules == (
        RuleRow("r", "First. Second.", "hard", (Cited("S", STATED, "1"), Cited("R", REGIMEN, "2"))),
        RuleRow("q", "First.", "hard", (Cited("P", PUBLISHED, ""),)),
        RuleRow("q", "First.", "flag", (Cited("Rk", UNVERIFIED, ""),)),
    )


# ---- decisions and dates


def test_a_decision_is_told_with_what_is_planned_until_it_is_made():
    assert PAGE.decisions == (
        DecisionRow("Resectable", "yes, no", "yes"),
        DecisionRow("Port needed", "yes, no", "yes"),
    )


def test_a_named_date_says_whether_a_plan_needs_it_and_which_visit_stands_on_it():
    assert PAGE.dates == (
        DateRow("Registration", "optional", "Registration (REG)"),
        DateRow("Day 1", "needed for a plan", "FOLFOX 1 (C1D1)"),
        DateRow("Early termination", "optional", ""),
    )
