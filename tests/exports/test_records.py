"""JSON and CSV: their shape is a promise to other programs."""

import csv
import json
from dataclasses import replace
from datetime import date, time
from io import StringIO

import pytest

from planner.core.calendar import Calendar
from planner.core.facts import Facts
from planner.core.protocol import Clock, Text
from planner.core.schedule import explain, plan
from planner.exports.records import COLUMNS, as_csv, as_json
from planner.exports.sentences import explanation


@pytest.fixture
def visits():
    """The visits of a schedule's JSON by their code."""
    return lambda schedule: {visit["code"]: visit for visit in json.loads(as_json(schedule))["visits"]}


def test_the_whole_has_its_parts_in_order(schedule):
    assert list(json.loads(as_json(schedule))) == ["protocol", "visits", "conflicts", "surgery", "explanations"]


def test_days_that_were_asked_for_are_explained(schedule):
    answer = explain(schedule, "RES", date(2025, 7, 8))

    found = json.loads(as_json(schedule, [answer]))["explanations"]

    assert [{key: value for key, value in found[0].items() if key != "reasons"}] == [
        {
            "visit": "RES",
            "day": "2025-07-08",
            "verdict": "impossible",
            "days_outside": 2,
            "sentence": explanation(schedule, answer),
        }
    ]
    assert {reason["why"] for reason in found[0]["reasons"]} == {"asked", "date", "window"}


def test_the_protocol_names_itself_and_its_dates(schedule):
    assert json.loads(as_json(schedule))["protocol"] == {
        "id": "NCT03310008",
        "name": "SHRINK",
        "version": "0.9 SHRINK draft",
        "title": "A trial of NKR-2 with FOLFOX",
        "first_day": 1,
        "reference": "day_one",
        "dates": {"registration": "2025-02-24", "day_one": "2025-03-03"},
    }


def test_a_planned_visit_has_every_key(visits, schedule):
    found = visits(schedule)["RES"]

    assert list(found.items()) == [
        ("code", "RES"),
        ("name", "Resection"),
        ("epoch", "surgery"),
        ("anchor", "C6D1"),
        ("study_day", 106),
        ("target", "2025-06-16"),
        ("earliest", "2025-06-09"),
        ("latest", "2025-07-06"),
        ("live", [["2025-06-09", "2025-07-06"]]),
        ("possible", [["2025-06-09", "2025-07-06"]]),
        ("suggested", "2025-06-16"),
        ("booked", None),
        ("occurred", None),
        ("state", "planned"),
        ("provisional", True),
        ("deviations", []),
        ("label", None),
        ("period_day", 1),
        ("clock", None),
        ("flags", [{"kind": "assumed", "sentence": "assumed: nobody has decided yet whether it takes place"}]),
    ]


def test_every_visit_has_the_same_keys(visits, schedule, under_way, late, protocol):
    nothing = plan(protocol, Facts(), Calendar())
    keys = {tuple(visit) for found in (schedule, under_way, late, nothing) for visit in visits(found).values()}

    assert len(keys) == 1


def test_a_visit_without_a_window_has_null_on_both_sides(visits, schedule):
    found = visits(schedule)["REG"]

    assert (found["earliest"], found["latest"], found["live"]) == (None, None, [["2025-02-24", "2025-02-24"]])


def test_booked_is_a_day_or_a_local_time(visits, under_way):
    found = visits(under_way)

    assert [found[code]["booked"] for code in ("C3D1", "IM1", "C2D1")] == ["2025-04-07T09:30", "2025-05-01", None]
    assert [found[code]["occurred"] for code in ("C3D1", "IM1", "C2D1")] == [None, None, "2025-03-24"]


def test_a_deviation_says_what_when_and_whether_it_was_accepted(visits, under_way):
    assert visits(under_way)["C2D1"]["deviations"] == [
        {"rule": "window", "nature": "actual", "days": 4, "accepted": False, "reason": ""}
    ]


def test_a_conflict_has_its_sentence_and_its_reasons_as_values(late):
    found = json.loads(as_json(late))["conflicts"]
    nothing = dict.fromkeys(("other", "at_least", "at_most", "day", "last", "rule", "strength", "closure"))

    assert [(clash["kind"], clash["visit"]) for clash in found] == [("no_day", "RES")]
    assert found[0]["sentence"].startswith("Resection (RES) has no possible day: FOLFOX 6 (C6D1) took place on")
    assert sorted(found[0]["reasons"], key=lambda reason: reason["why"]) == [
        {"why": "date", "visit": "day_one"} | nothing | {"day": "2025-03-03"},
        {"why": "occurred", "visit": "C6D1"} | nothing | {"day": "2025-06-09"},
        {"why": "rule", "visit": "RES"}
        | nothing
        | {
            "other": "C6D1",
            "at_least": {"amount": 28, "unit": "days"},
            "rule": "folfox-to-surgery",
            "strength": "hard",
        },
        {"why": "window", "visit": "RES"}
        | nothing
        | {
            "other": "day_one",
            "at_least": {"amount": 98, "unit": "days"},
            "at_most": {"amount": 125, "unit": "days"},
            "rule": "window",
            "strength": "hard",
        },
    ]


def test_closed_days_are_values_and_weekends_have_no_dates(protocol, facts, weekdays):
    known = facts.booked("IM1", date(2025, 5, 1)).booked("C5P", date(2025, 4, 27))
    found = json.loads(as_json(plan(protocol, known, weekdays)))["conflicts"]

    assert [reason["closure"] for clash in found for reason in clash["reasons"] if reason["closure"]] == [
        {"because": "weekend", "first": None, "last": None, "name": "", "calendars": []},
        {"because": "holiday", "first": "2025-05-01", "last": "2025-05-01", "name": "Labour Day", "calendars": []},
    ]


def test_the_days_left_for_surgery(schedule, late):
    assert [json.loads(as_json(found))["surgery"] for found in (schedule, late)] == [
        {"visit": "RES", "days_left": 28, "can_slip": 27, "open_days_left": 28},
        {"visit": "RES", "days_left": 0, "can_slip": 0, "open_days_left": 0},
    ]


@pytest.mark.parametrize("after", ["occurred", "decided"])
def test_surgery_that_is_no_longer_to_come_has_no_numbers(protocol, facts, after):
    known = facts.occurred("RES", date(2025, 6, 16)) if after == "occurred" else facts.decided("resectable", "no")

    found = json.loads(as_json(plan(protocol, known, Calendar())))["surgery"]

    assert found == {"visit": "RES", "days_left": None, "can_slip": None, "open_days_left": None}


def test_a_protocol_without_a_key_visit_has_no_surgery(discharge):
    assert json.loads(as_json(discharge))["surgery"] is None


def test_a_proposed_start_is_local_with_its_offset(protocol, facts, visits):
    pump = replace(protocol.by_code["C1D3"], clock=Clock("C1D1", 46 * 60))
    timed = replace(protocol, encounters=tuple(pump if e.code == "C1D3" else e for e in protocol.encounters))

    found = plan(timed, facts.booked("C1D1", date(2025, 3, 3), time(14), "Europe/Brussels"), Calendar())

    assert visits(found)["C1D3"]["clock"] == "2025-03-05T12:00+01:00"


def test_ranges_stand_on_one_line_and_the_text_ends_with_a_line_break(schedule):
    made = as_json(schedule)

    assert '        ["2025-06-09", "2025-07-06"]\n' in made
    assert made.endswith("}\n")


def test_text_that_looks_like_a_range_stays_as_it_is(protocol, facts):
    name = '[\n  "2025-06-09",\n  "2025-07-06"\n]'
    odd = replace(protocol, name=name)

    assert json.loads(as_json(plan(odd, facts, Calendar())))["protocol"]["name"] == name


def test_letters_of_every_language_stay_readable(protocol, facts):
    odd = replace(protocol, name="Étude „Zoë“")

    assert '"name": "Étude „Zoë“"' in as_json(plan(odd, facts, Calendar()))


def rows(schedule):
    return list(csv.DictReader(StringIO(as_csv(schedule), newline="")))


def test_csv_has_a_header_and_one_row_per_visit(under_way):
    found = rows(under_way)

    assert list(found[0]) == list(COLUMNS)
    assert [row["code"] for row in found] == [visit.code for visit in under_way.visits]


def test_a_row_of_csv(under_way):
    assert next(row for row in rows(under_way) if row["code"] == "C3D1") == {
        "code": "C3D1",
        "name": "FOLFOX 3",
        "epoch": "treatment",
        "label": "C3D1",
        "study_day": "36",
        "state": "booked",
        "target": "2025-04-07",
        "earliest": "2025-04-07",
        "latest": "2025-04-10",
        "suggested": "",
        "booked": "2025-04-07T09:30",
        "occurred": "",
        "first_live": "2025-04-07",
        "last_live": "2025-04-10",
        "live_days": "4",
        "provisional": "no",
        "anchor": "C2D1",
        "deviations": "",
        "flags": "",
    }


def test_deviations_and_flags_stand_in_one_cell_each(protocol, facts, under_way):
    found = {row["code"]: row for row in rows(under_way)}

    assert found["C2D1"]["deviations"] == "4 days late (window 17 Mar to 20 Mar 2025)"
    assert found["C3P"]["flags"] == "clash"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_taken_for_a_formula(protocol, facts, start):
    odd = replace(protocol.by_code["C1P"], name=Text((("en", f"{start}1+1"),)))
    changed = replace(protocol, encounters=tuple(odd if e.code == "C1P" else e for e in protocol.encounters))

    found = {row["code"]: row for row in rows(plan(changed, facts, Calendar()))}

    assert found["C1P"]["name"] == f"'{start}1+1"


def test_a_negative_study_day_stays_a_number(schedule):
    assert {row["code"]: row["study_day"] for row in rows(schedule)}["REG"] == "-7"
