"""The text table: golden as a whole, and its promises one by one."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from planner.core.calendar import Calendar
from planner.core.days import Window
from planner.core.facts import Fact, Facts, State
from planner.core.protocol import Clock, Text
from planner.core.schedule import explain, plan
from planner.exports.columns import shown_width
from planner.exports.naming import numbered
from planner.exports.tables import _window, table, week_number, week_title

GOLDEN = Path(__file__).with_name("under_way.txt")


def test_the_table_reads_as_it_was_agreed(under_way):
    made = table(under_way, subject="01-007", printed=date(2025, 3, 25))

    assert made == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["schedule", "under_way", "late", "discharge"])
def test_no_line_is_wider_than_100_columns(request, name):
    made = table(request.getfixturevalue(name))

    assert max(map(shown_width, made.splitlines())) <= 100


def test_names_in_wide_characters_and_of_any_length_stay_within_100_columns(protocol, facts):
    wide = replace(protocol.by_code["C1D1"], name=Text((("en", "第一次化療與住院觀察" * 9),)), code="C1D1")
    long = replace(protocol.by_code["C1P"], name=Text((("en", "Blood" * 50),)))
    changed = tuple({"C1D1": wide, "C1P": long}.get(e.code, e) for e in protocol.encounters)
    odd = replace(protocol, encounters=changed, name="A" * 130, version="\x1b[31m1")

    made = table(plan(odd, facts, Calendar()))

    assert max(map(shown_width, made.splitlines())) <= 100
    assert "\x1b" not in made


def test_a_long_code_wraps_in_its_column(protocol, facts):
    renamed = replace(protocol.by_code["ET"], code="EARLY-TERMINATION-OF-TREATMENT")
    odd = replace(protocol, encounters=(*protocol.encounters, renamed))
    known = replace(facts, visits={renamed.code: Fact(State.BOOKED, date(2025, 4, 1))})

    made = table(plan(odd, known, Calendar()))

    assert "EARLY-TERMIN" in made
    assert max(map(shown_width, made.splitlines())) <= 100


def test_a_visit_without_a_possible_day_stands_in_the_week_of_its_target(late):
    lines = table(late).splitlines()

    row = next(line for line in lines if " RES " in line and "Resection" in line and "no day" in line)
    assert row == "○ Sun 6 Jul  Day 126   RES  Resection                            9 Jun to 6 Jul       no day ▲"


def test_visits_that_wait_for_a_date_stand_at_the_end(protocol):
    made = table(plan(protocol, Facts(), Calendar()))

    assert made.splitlines()[:4] == [
        "SHRINK · version 0.9 SHRINK draft",
        "A trial of NKR-2 with FOLFOX",
        "Made by hand for the tests.",
        "Day 1: not known yet · Registration: not known yet",
    ]
    assert "Waiting for a date to count from\n  Registration (REG), counted from Registration\n" in made


def test_without_a_day_one_a_week_has_no_number(protocol):
    found = plan(protocol, Facts(dates={"registration": date(2025, 2, 24)}), Calendar())

    assert week_number(found, date(2025, 2, 24)) is None
    assert numbered(found, date(2025, 2, 24)) == "Mon 24 Feb 2025"
    assert "24 Feb-2 Mar 2025\n◇ Mon 24 Feb           REG  Registration" in table(found)


@pytest.mark.parametrize(
    ("monday", "title"),
    [
        (date(2025, 2, 17), "Week -2 · 17-23 Feb 2025"),
        (date(2025, 2, 24), "Week -1 · 24 Feb-2 Mar 2025"),
        (date(2025, 3, 3), "Week 1 · 3-9 Mar 2025"),
        (date(2025, 12, 29), "Week 44 · 29 Dec 2025-4 Jan 2026"),
    ],
)
def test_week_one_holds_the_first_day_and_there_is_no_week_zero(schedule, monday, title):
    assert week_title(schedule, monday) == title


def test_week_one_holds_a_day_one_in_the_middle_of_the_week(protocol):
    found = plan(protocol, Facts(dates={"registration": date(2025, 2, 24), "day_one": date(2025, 3, 6)}), Calendar())

    assert [week_number(found, date(2025, 3, day)) for day in (3, 10)] == [1, 2]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(date(2025, 4, 14), date(2025, 4, 17)), "14 Apr to 17 Apr"),
        (Window(date(2025, 4, 14), date(2025, 4, 14)), "14 Apr"),
        (Window(date(2025, 12, 20), date(2026, 1, 16)), "20 Dec to 16 Jan 2026"),
        (Window(date(2025, 4, 14), None), "from 14 Apr"),
        (Window(None, date(2025, 4, 17)), "to 17 Apr"),
        (Window(None, None), "open"),
    ],
)
def test_a_window_is_told_in_the_year_of_its_week(window, words):
    assert _window(window, date(2025, 4, 14)) == words


def test_the_end_of_a_stay_and_a_proposed_start_stand_below_the_row(protocol, facts):
    known = facts.occurred("RES", date(2025, 6, 16), date(2025, 6, 23)).booked("C4D1", date(2025, 4, 16))

    made = table(plan(protocol, known, Calendar()))

    assert "· stay 16 Jun to 23 Jun 2025" in made
    assert "▲" not in [line[0] for line in made.splitlines() if "C4D1" in line]


def test_a_proposed_start_stands_below_the_row(protocol, facts):
    pump = replace(protocol.by_code["C1D3"], clock=Clock("C1D1", 46 * 60))
    timed = replace(protocol, encounters=tuple(pump if e.code == "C1D3" else e for e in protocol.encounters))

    made = table(plan(timed, facts.booked("C1D1", date(2025, 3, 3), time(14), "Europe/Brussels"), Calendar()))

    assert "· proposed start Wed 5 Mar 2025 12:00" in made


def test_days_that_were_asked_for_are_explained_before_the_legend(schedule):
    answers = [explain(schedule, "RES", date(2025, 7, day)) for day in (6, 7)]

    *_, explained, _ = table(schedule, answers=answers).split("\n\n")

    assert explained.splitlines() == [
        "Explained",
        "  Resection (RES) can be on Sun 6 Jul 2025: no rule and no closed day speaks against it.",
        "  Resection (RES) cannot be on Mon 7 Jul 2025: it must be within Day 99 (Mon 9 Jun 2025) to Day 126",
        "  (Sun 6 Jul 2025). The last bookable day is Sun 6 Jul 2025.",
    ]


def test_a_target_that_is_not_the_day_is_told(protocol, facts):
    lines = table(plan(protocol, facts, Calendar(), date(2025, 4, 30))).splitlines()

    row = next(number for number, line in enumerate(lines) if " IM1 " in line)
    assert lines[row][:16] == "○ Wed 30 Apr Day"
    assert [line.strip() for line in lines[row + 1 : row + 4]] == [
        "· due",
        "· closing: Mon 5 May 2025 is its last bookable day",
        "· target Mon 28 Apr 2025",
    ]


def test_a_visit_that_is_gone_and_has_no_date_is_listed(protocol):
    *_, absent, asked, _ = table(plan(protocol, Facts().omitted("M28"), Calendar())).split("\n\n")

    assert absent.splitlines() == [
        "Will not take place",
        "  End-of-treatment safety (NR): not applicable",
        "  Month 28 (M28): canceled",
    ]
    assert asked.splitlines() == ["As needed", "  Early termination (ET)"]
