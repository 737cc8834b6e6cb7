"""The illustrative SHRINK file, row by row and rule by rule, as its schedule of activities says."""

from pathlib import Path

import pytest

import planner.protocols
from planner.core.days import Span, Unit
from planner.core.escalation import Enrolment
from planner.core.protocol import (
    Anchor,
    Block,
    Bounds,
    Clock,
    KeyVisit,
    Skipped,
    Source,
    Stay,
    Strength,
    Tolerance,
)
from planner.protocols.reader import check

SHRINK, DOUBTS = check(Path(planner.protocols.__file__).with_name("shrink.toml"))
CYCLES = tuple(f"C{n}D1" for n in range(1, 7))
INFUSIONS = ("N1", "N2", "N3")
ATTENDED_IN = {"clinic", "scanner", "theatre", "apheresis", "chair", "bed"}
LANGUAGES = ("en", "nl", "fr", "de")
WRITTEN = [e for e in SHRINK.encounters if e.repeats is None]
MOST = {**{f"C{n}P": 4 for n in range(1, 7)}, "IM2": 2, "PRE": 2}
REPEATS = {code: [f"{code}.{k}" for k in range(2, most + 2)] for code, most in MOST.items()}

# code, counted from, days, before, after, skipped, calendar, minutes, tags; # stands for each number of the row.
TABLE = """
SC1    C1D1          -21   7  14  ideal  clinic     150-150  A Rk
REG    registration    0   -   -  ideal  any        -        S
SC2    C1D1          -14  14  13  ideal  scanner    120-120  Rk
SC3    C1D1          -10   7   7  ideal  theatre    240-240  A
AP     C1D1           -7   7   5  ideal  apheresis  300-360  A P
C#P    C#D1           -1   2   1  drop   clinic     30-30    R A
C1D1   day_one         0   0   0  ideal  chair      300-300  R
C#D3   C#D1            2   0   0  drop   any        30-30    R
N#+1   N#              1   0   0  drop   any        15-15    A
N#+7   N#              7   1   1  drop   clinic     60-60    A
DLT    N1|N2|N3       14   0   2  drop   any        -        S A
IM1    day_one        56   7   7  ideal  scanner    90-90    A Rk
EOC    C1D1..C6D1     14   2   5  last   clinic     60-60    A
IM2    day_one        91   7   6  ideal  scanner    120-120  S A
MDT    day_one        95   5   9  ideal  any        -        S A
PRE    RES            -7   7   5  drop   clinic     120-120  A
P14    RES            14   3   3  drop   clinic     45-45    A
P30    RES            30   5   5  drop   clinic     45-45    A
P60    RES            60   0   7  drop   clinic     60-60    S A
NR     day_one       125   0  14  ideal  clinic     60-60    A
ET     early_termination 0 0  14  ideal  clinic     60-60    A
"""


def rows():
    """The table with its numbers filled in; cycles 2 to 6 and the infusions, whose anchors differ, by themselves."""
    for line in TABLE.strip().splitlines():
        cells = line.split(maxsplit=8)
        numbers = ("",) if "#" not in cells[0] else "123" if cells[0].startswith("N") else "123456"
        yield from (
            [cell.replace("#", n) if k < 2 else cell for k, cell in enumerate(cells)] for n in map(str, numbers)
        )
    for n in range(2, 7):
        yield [f"C{n}D1", f"C{n - 1}D1", "14", "0", "3", "ideal", "chair", "270-270", "R A"]
    for k in (1, 2, 3):
        yield [f"N{k}", f"C{k + 2}D1", "3", "0", "1", "ideal", "bed", "360-480", "S P A"]


def told(encounter):
    """An encounter as a row of the table."""
    timing, minutes = encounter.timing, encounter.duration
    sides = ("-", "-") if timing.window is None else (str(timing.window.before.days), str(timing.window.after.days))
    codes = timing.anchor.codes
    counted_from = f"{codes[0]}..{codes[-1]}" if timing.anchor.pick == -1 else "|".join(codes)
    return [
        encounter.code,
        counted_from,
        str(timing.offset.days),
        *sides,
        timing.skipped.value,
        encounter.calendar,
        "-" if minutes is None else f"{minutes[0]}-{minutes[1]}",
        " ".join(source.tag for source in encounter.sources),
    ]


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row[0])
def test_a_row_is_as_the_schedule_says(row):
    assert told(SHRINK.by_code[row[0]]) == row


def test_every_other_row_has_a_test_of_its_own():
    in_table = {row[0] for row in rows()}

    assert {e.code for e in WRITTEN} - in_table == {
        *("RES", "M28"),
        *(f"M{n}" for n in range(7, 26, 3)),
        *UNSCHEDULED,
    }


def test_the_resection_aims_at_35_days_after_the_last_folfox_inside_day_99_to_126():
    resection = SHRINK.by_code["RES"]

    assert resection.timing.anchor == Anchor(CYCLES, pick=-1)
    assert resection.timing.offset == Span(35)
    assert resection.timing.window == Bounds(Anchor(("day_one",)), Span(98), Span(125))
    assert (resection.timing.strength, resection.timing.skipped) == (Strength.HARD, Skipped.LAST)
    assert resection.stay == Stay(5, 7, 10)
    assert [(s.tag, s.citation) for s in resection.sources] == [
        ("S", "NCT03310008: resection on day 99 to day 126"),
        ("A", "35 days after the last FOLFOX; stay; hours in theatre"),
    ]


@pytest.mark.parametrize("month", [*range(7, 26, 3), 28])
def test_months_are_counted_from_registration(month):
    timing = SHRINK.by_code[f"M{month}"].timing

    after = 0 if month == 28 else 14
    assert timing.anchor == Anchor(("registration",))
    assert timing.offset == Span(month, Unit.MONTHS)
    assert timing.window == Tolerance(Span(14), Span(after))


UNSCHEDULED = tuple(f"U{n}" for n in range(1, 10))


def test_unscheduled_visits_count_from_nothing():
    assert {SHRINK.by_code[code].timing for code in UNSCHEDULED} == {None}


def test_the_pump_comes_off_46_hours_after_the_start_of_its_cycle():
    assert {e.code: e.clock for e in SHRINK.encounters if e.clock} == {
        f"C{n}D3": Clock(f"C{n}D1", 46 * 60) for n in range(1, 7)
    }


def test_branches_and_their_defaults():
    conditions = {e.code: [(c.decision, c.values) for c in e.conditions] for e in WRITTEN if e.conditions}
    resected = [("resectable", ("yes",))]

    assert conditions == {
        "SC3": [("port_needed", ("yes",))],
        **dict.fromkeys(("PRE", "RES", "P14", "P30", "P60"), resected),
        "NR": [("resectable", ("no",))],
    }
    assert [(d.code, d.values, d.default) for d in SHRINK.decisions] == [
        ("resectable", ("yes", "no"), "yes"),
        ("port_needed", ("yes", "no"), "yes"),
    ]


def test_the_visits_that_may_be_repeated_each_repeat_the_time_before():
    again = {e.code: e.repeats for e in SHRINK.encounters if e.repeats}

    assert again == {
        repeat: first
        for code, repeats in REPEATS.items()
        for first, repeat in zip([code, *repeats], repeats, strict=False)
    }
    assert [SHRINK.by_code[code].name.into("en") for code in ("C3P.2", "PRE.3")] == [
        "Bloods before FOLFOX 3, repeat 1",
        "Pre-admission, repeat 2",
    ]


@pytest.mark.parametrize("code", [*REPEATS["C3P"], *REPEATS["PRE"]])
def test_a_repeat_is_like_the_visit_that_it_repeats(code):
    """Its time, its place, its branch: only its code, its name and what it repeats are its own."""
    first = SHRINK.by_code[code.split(".")[0]]
    own = {"code", "name", "repeats"}

    differing = {name for name in first.__slots__ if getattr(first, name) != getattr(SHRINK.by_code[code], name)}
    assert differing == own


def test_imaging_is_repeated_within_28_days_before_surgery():
    timings = {SHRINK.by_code[code].timing for code in REPEATS["IM2"]}

    assert [(t.anchor.codes, t.offset.days, t.window, t.skipped) for t in timings] == [
        (("RES",), -14, Tolerance(Span(14), Span(13)), Skipped.DROP)
    ]
    assert {SHRINK.by_code[code].conditions[0].values for code in REPEATS["IM2"]} == {("yes",)}


def test_the_bloods_are_the_gate_of_their_cycle_and_month_7_may_join_day_60():
    gates = {f"C{n}P{again}": f"C{n}D1" for n in range(1, 7) for again in ("", ".2", ".3", ".4", ".5")}

    assert {e.code: e.gate for e in SHRINK.encounters if e.gate} == gates
    assert {e.code: e.joins for e in SHRINK.encounters if e.joins} == {"M7": ("P60",)}


def test_the_rows_that_only_staff_attends():
    assert [e.code for e in SHRINK.encounters if not e.attended] == ["REG", "DLT", "MDT"]


def test_the_rows_that_ignore_closed_days():
    free = {"REG", "DLT", "MDT", *(f"C{n}D3" for n in range(1, 7)), *(f"N{k}+1" for k in (1, 2, 3))}

    assert {e.code for e in SHRINK.encounters if e.calendar == "any"} == free
    assert {e.calendar for e in SHRINK.encounters} - {"any"} == ATTENDED_IN


def test_the_order_of_rows_is_that_of_the_study():
    codes = [e.code for e in WRITTEN]

    assert codes[:5] == ["SC1", "REG", "SC2", "SC3", "AP"]
    assert codes[5:11] == ["C1P", "C1D1", "C1D3", "C2P", "C2D1", "C2D3"]
    assert codes[23:32] == ["N1", "N1+1", "N1+7", "N2", "N2+1", "N2+7", "N3", "N3+1", "N3+7"]
    assert codes[32:] == [
        *("DLT", "IM1", "EOC", "IM2", "MDT", "PRE", "RES", "P14", "P30", "P60", "NR"),
        *("M7", "M10", "M13", "M16", "M19", "M22", "M25", "M28", *UNSCHEDULED, "ET"),
    ]  # fmt: skip


# Rules: id, strength, first, then, at least, at most (days). A chain binds every two of its rows.


def chain(name, *steps):
    """Every two of `A < B <= C`."""
    codes, strict = steps[::2], [sign == "<" for sign in steps[1::2]]
    pairs = [(i, k) for i in range(len(codes)) for k in range(i + 1, len(codes))]
    return [(name, "hard", codes[i], codes[k], int(any(strict[i:k])), None) for i, k in pairs]


def two_of(series):
    return [(a, b) for k, a in enumerate(series) for b in series[k + 1 :]]


RULES = [
    ("dlt-14-days", "absolute", "first of N1 N2 N3", "DLT", 14, None),
    *(("folfox-interval", "hard", a, b, 14, None) for a, b in two_of(CYCLES)),
    *(("infusion-interval", "hard", a, b, 14, None) for a, b in two_of(INFUSIONS)),
    *(("pump-before-infusion", "hard", f"C{k + 2}D1", f"N{k}", 3, None) for k in (1, 2, 3)),
    *chain(
        "infusion-in-its-cycle",
        *("C3D1", "<", "N1", "<", "C4D1", "<", "N2", "<", "C5D1", "<", "N3", "<", "C6D1", "<", "RES"),
    ),
    *chain("screening-order", "SC1", "<=", "REG", "<=", "AP"),
    *chain("registered-before-treatment", "REG", "<=", "C1D1"),
    *chain("port-before-collection", "SC3", "<=", "AP"),
    *chain("collection-before-treatment", "AP", "<", "C1D1"),
    *chain("surgery-order", "IM2", "<=", "MDT", "<=", "PRE", "<", "RES"),
    *(("repeat-before-surgery", "hard", code, "RES", 1, None) for code in ("PRE.2", "PRE.3", "IM2.2", "IM2.3")),
    ("dlt-before-second-infusion", "absolute", "DLT", "second of N1 N2 N3", 0, None),
    *(("surgery-after-folfox", "hard", cycle, "RES", 28, None) for cycle in CYCLES),
    *chain("post-operative-order", "P14", "<", "P30", "<", "P60"),
    *(("infusion-late", "flag", f"N{k - 1}", f"N{k}", None, 17) for k in (2, 3)),
    ("imaging-old", "flag", "last of IM2 IM2.2 IM2.3", "RES", None, 28),
    *(("folfox-late", "flag", f"C{n - 1}D1", f"C{n}D1", None, 21) for n in range(2, 7)),
    *(
        ("repeat", "hard", first, then, 0, None)
        for code, repeats in REPEATS.items()
        for first, then in zip([code, *repeats], repeats, strict=False)
    ),
]


def _anchor(anchor):
    picks = {0: "first of ", 1: "second of ", -1: "last of "}
    return " ".join(anchor.codes) if len(anchor.codes) == 1 else picks[anchor.pick] + " ".join(anchor.codes)


def _days(span):
    return None if span is None else span.days


def test_the_rules_between_rows_are_those_of_the_schedule():
    found = [
        (r.id, r.strength.value, _anchor(r.first), _anchor(r.then), *(_days(span) for span in (r.lo, r.hi)))
        for r in SHRINK.rules
    ]

    assert found == RULES


def test_every_rule_says_what_it_asks_and_where_it_comes_from():
    assert {r.id: r.sources[0].tag for r in SHRINK.rules} == {
        "dlt-14-days": "S",
        "folfox-interval": "R",
        "infusion-interval": "S",
        "pump-before-infusion": "A",
        "infusion-in-its-cycle": "A",
        "screening-order": "A",
        "registered-before-treatment": "A",
        "port-before-collection": "A",
        "collection-before-treatment": "A",
        "surgery-order": "A",
        "repeat": "A",
        "repeat-before-surgery": "A",
        "dlt-before-second-infusion": "A",
        "surgery-after-folfox": "A",
        "post-operative-order": "A",
        "infusion-late": "A",
        "imaging-old": "A",
        "folfox-late": "Rk",
    }
    assert [r.id for r in SHRINK.rules if not r.text.into("en").endswith(".")] == []


def test_the_protocol_says_what_it_is():
    assert (SHRINK.id, SHRINK.name, SHRINK.version) == ("NCT03310008", "SHRINK", "0.1 illustrative")
    assert SHRINK.note.into("en") == (
        "Illustrative, derived from the public registry record; not the sponsor's protocol."
    )
    assert (SHRINK.first_day, SHRINK.reference, SHRINK.key_visit) == (1, "day_one", KeyVisit("RES", 7))
    assert [(d.code, d.required, d.visit) for d in SHRINK.dates] == [
        ("registration", False, "REG"),
        ("day_one", True, "C1D1"),
        ("early_termination", False, None),
    ]
    assert SHRINK.blocks == (Block("cycle", 1, 6), Block("infusion", 1, 3), Block("need", 1, 9), Block("month", 1, 7))


def test_36_patients_at_three_dose_levels_in_escalation_and_expansion():
    assert SHRINK.enrolment == Enrolment(
        36,
        3,
        ("escalation", "expansion"),
        (
            Source("S", "NCT03310008: up to 36 patients, escalation and expansion together"),
            Source("S", "NCT03310008: three dose levels"),
            Source("A", "screening failures do not count towards the 36"),
        ),
    )


def test_every_row_has_a_citation_and_every_attended_row_instructions_in_four_languages():
    patient_rows = [e for e in SHRINK.encounters if e.attended and e.code not in (*UNSCHEDULED, "ET")]

    assert [e.code for e in SHRINK.encounters if not e.sources or not all(s.citation for s in e.sources)] == []
    assert [e.code for e in patient_rows if tuple(dict(e.instructions.words)) != LANGUAGES] == []
    assert [e.code for e in patient_rows if tuple(dict(e.place.words)) != LANGUAGES] == []


def test_scans_share_their_instructions():
    words = {SHRINK.by_code[code].instructions for code in ("SC2", "IM1", "IM2")}

    assert len(words) == 1


def test_no_instruction_tells_a_stranger_that_the_patient_takes_part_in_a_study():
    """They stand in reminders, which go by mail."""
    words = " ".join(text for e in SHRINK.encounters for _, text in e.instructions.words).casefold()

    assert [word for word in ("study", "studie", "étude", "trial", "proef", "essai") if word in words] == []


def test_the_file_asks_for_a_native_review_at_its_top():
    text = Path(planner.protocols.__file__).with_name("shrink.toml").read_text(encoding="utf-8")

    assert "needs native review" in text.split("format = 1")[0]


def test_nothing_in_the_file_is_doubtful():
    assert DOUBTS == ()
