"""planner schedule: the whole way from words on the command line to the calendar of one patient."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import icalendar
import pytest

from .conftest import DATES, SHRINK

STAMP = ("--stamp", "2025-02-24T09:00Z")


def visits(ran):
    return {visit["code"]: visit for visit in json.loads(ran.out)["visits"]}


def test_two_dates_make_the_whole_calendar(schedule):
    found = visits(schedule("--format", "json"))

    days = [found[code]["suggested"] for code in ("C1D1", "C2D1", "C3D1", "C4D1", "C5D1", "C6D1", "N1", "N2", "N3")]
    assert days == [
        *("2025-03-03", "2025-03-17", "2025-03-31", "2025-04-14", "2025-04-28", "2025-05-12"),
        *("2025-04-03", "2025-04-17", "2025-05-01"),
    ]
    assert (found["RES"]["earliest"], found["RES"]["latest"]) == ("2025-06-09", "2025-07-06")
    assert (found["P60"]["suggested"], found["M28"]["suggested"]) == ("2025-08-15", "2027-06-24")


def test_every_fact_that_is_typed_reaches_the_plan(schedule):
    ran = schedule(
        *("--occurred", "C1D1=2025-03-03", "--booked", "C2D1=2025-03-18T09:30", "--omitted", "SC3"),
        *("--missed", "C2P", "--decision", "resectable=no", "--today", "2025-03-10", "--format", "json"),
    )

    found = visits(ran)
    assert {code: found[code]["state"] for code in ("C1D1", "C2D1", "SC3", "C2P", "RES", "NR")} == {
        "C1D1": "occurred",
        "C2D1": "booked",
        "SC3": "canceled",
        "C2P": "missed",
        "RES": "not_applicable",
        "NR": "planned",
    }
    assert (found["C1D1"]["occurred"], found["C2D1"]["booked"]) == ("2025-03-03", "2025-03-18T09:30")
    assert found["C3D1"]["target"] == "2025-04-01"


def test_a_stay_is_recorded_with_its_last_day(schedule):
    found = visits(schedule("--occurred", "RES=2025-06-16..2025-06-23", "--format", "json"))

    assert (found["RES"]["occurred"], found["P14"]["target"]) == ("2025-06-16", "2025-06-30")


def test_closed_days_holidays_weekends_and_absences_close_days(schedule):
    words = ("--holidays", "BE", "--weekends", "closed", "--closed", "2025-03-17..2025-03-18", "--away", "2025-03-19")

    found = visits(schedule(*words, "--format", "json"))

    assert found["C2D1"]["live"] == [["2025-03-20", "2025-03-20"]]
    assert found["N3"]["suggested"] != "2025-05-01"


def test_without_options_every_day_is_open_and_nothing_is_past(schedule):
    data = json.loads(schedule("--format", "json").out)

    assert data["surgery"] == {"visit": "RES", "days_left": 28, "can_slip": 27, "open_days_left": 28}
    assert data["conflicts"] == []
    assert data["explanations"] == []


@pytest.mark.parametrize(("late", "left"), [("2025-05-12", 28), ("2025-05-19", 21), ("2025-06-09", 0)])
def test_a_late_folfox_6_takes_days_from_surgery(schedule, late, left):
    data = json.loads(schedule("--occurred", f"C6D1={late}", "--format", "json").out)

    assert data["surgery"]["days_left"] == left
    assert [clash["visit"] for clash in data["conflicts"]] == ([] if left else ["RES"])


def test_the_conflict_of_a_late_folfox_6_names_it_and_28_days_and_day_126(schedule):
    (clash,) = json.loads(schedule("--occurred", "C6D1=2025-06-09", "--format", "json").out)["conflicts"]

    assert [word for word in ("C6D1", "28 days", "Day 126") if word not in clash["sentence"]] == []


@pytest.mark.parametrize("kind", ["table", "json", "csv"])
def test_a_day_is_explained_beside_the_plan(schedule, kind):
    ran = schedule("--explain", "C4D1=2025-05-12", "--format", kind)

    where = ran.err if kind == "csv" else ran.out
    assert "FOLFOX 4 (C4D1) cannot be on Mon 12 May 2025" in " ".join(where.split())
    assert "Resection" in where


def test_the_same_call_gives_the_same_bytes(schedule):
    once, again = (schedule("--format", "ics", *STAMP, "--booked", "C1D1=2025-03-03T09:00").out for _ in range(2))

    assert once == again
    assert schedule("--format", "ics", "--stamp", "2025-02-25").out != once


def test_a_booked_time_is_its_instant_in_the_calendar_file(schedule):
    ran = schedule("--format", "ics", *STAMP, "--booked", "C1D1=2025-03-03T09:00", "--zone", "America/New_York")

    timed = [
        e for e in icalendar.Calendar.from_ical(ran.out).walk("VEVENT") if isinstance(e.decoded("DTSTART"), datetime)
    ]
    assert [event.decoded("DTSTART") for event in timed] == [datetime(2025, 3, 3, 14, 0, tzinfo=UTC)]


@pytest.mark.parametrize(("offset", "hour"), [("+02:00", 0), ("+01:00", 1)])
def test_a_time_that_happens_twice_is_the_one_whose_distance_from_utc_is_given(schedule, offset, hour):
    ran = schedule("--format", "ics", *STAMP, "--booked", f"P60=2025-10-26T02:30{offset}")

    starts = [event.decoded("DTSTART") for event in icalendar.Calendar.from_ical(ran.out).walk("VEVENT")]
    assert datetime(2025, 10, 26, hour, 30, tzinfo=UTC) in starts


def test_the_print_goes_into_a_file_in_the_patients_language(schedule, tmp_path):
    file = tmp_path / "schedule.pdf"

    ran = schedule("--format", "pdf", "--out", file, *STAMP, "--language", "nl", "--phone", "+32 2 000 00 00")

    assert (ran.status, ran.out) == (0, "")
    assert file.read_bytes()[:5] == b"%PDF-"


def test_a_print_without_a_stamp_bears_a_day(schedule, tmp_path):
    file = tmp_path / "schedule.ics"

    schedule("--format", "ics", "--out", file)

    stamps = {e.decoded("DTSTAMP").date() for e in icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")}
    assert len(stamps) == 1
    assert stamps.pop() >= date(2025, 1, 1)


def test_two_patients_never_share_an_entry_of_a_calendar_file(schedule):
    one, other = (schedule("--format", "ics", *STAMP, "--seed", seed).out for seed in ("apple", "pear"))

    uids = [{str(e["UID"]) for e in icalendar.Calendar.from_ical(file).walk("VEVENT")} for file in (one, other)]
    assert uids[0] & uids[1] == set()
    assert schedule("--format", "ics", *STAMP, "--seed", "apple").out == one


def test_the_subject_number_is_for_staff_and_is_in_no_file_for_the_patient(schedule):
    staff, patient = schedule("--subject", "01-001"), schedule("--format", "ics", *STAMP, "--subject", "01-001")

    assert "01-001" in staff.out
    assert patient.out == schedule("--format", "ics", *STAMP).out


REFUSALS = [
    (("--date", "day_one"), "--date: 'day_one' has no name and value; write it with an equals sign"),
    (("--date", "start=2025-03-03"), "--date: the protocol has no 'start'; it has registration, day_one"),
    (("--date", "day_one=2025-03-04"), "--date: day_one is given twice; keep one of the two"),
    (("--occurred", "C1D1=3.3.2025"), "--occurred: '3.3.2025' is no date; write it as 2025-03-03"),
    (("--occurred", "C1D1=2025-02-30"), "--occurred: '2025-02-30' is no date; write it as 2025-03-03"),
    (("--occurred", "C1D1=1025-03-03"), "--occurred: 1025-03-03 is outside the years 1900 to 2199; check the year"),
    (("--occurred", "RES=2025-06-23..2025-06-16"), "--occurred: 2025-06-23..2025-06-16 ends before it begins; swap"),
    (("--occurred", "C11D1=2025-03-03"), "--occurred: the protocol has no 'C11D1'; did you mean C1D1?"),
    (("--omitted", "zzz"), "--omitted: the protocol has no 'zzz'; it has SC1, REG"),
    (("--missed", "N9"), "--missed: the protocol has no 'N9'; did you mean U9"),
    (
        ("--occurred", "C1D1=2025-03-03", "--omitted", "C1D1"),
        "--occurred, --booked, --missed or --omitted: C1D1 is given twice; keep one of the two",
    ),
    (("--booked", "C1D1=2025-03-03T25:00"), "--booked: '2025-03-03T25:00' has a time that no clock shows; write it as"),
    (("--booked", "C1D1=2025-03-30T02:30"), "--booked: 2025-03-30 02:30 does not exist in Europe/Brussels"),
    (
        ("--booked", "C1D1=2025-10-26T02:30"),
        "--booked: 2025-10-26 02:30 needs its distance from UTC in Europe/Brussels; write 2025-10-26T02:30+02:00 or",
    ),
    (("--booked", "C1D1=2025-03-03T09:00+05:00"), "--booked: 2025-03-03 09:00 needs its distance from UTC"),
    (("--decision", "resectable=perhaps"), "--decision: resectable cannot be 'perhaps'; choose yes or no"),
    (("--decision", "colour=red"), "--decision: the protocol has no 'colour'"),
    (("--holidays", "XX"), "--holidays: 'XX' is not known; give a country such as BE"),
    (("--weekends", "maybe"), "Invalid value for '--weekends': 'maybe' is not one of 'open', 'closed'."),
    (("--away", "soon"), "--away: 'soon' is no date; write it as 2025-03-03"),
    (("--occurred", "c3d1=2025-03-31"), "--occurred: the protocol has no 'c3d1'; did you mean C3D1?"),
    (
        ("--occurred", "C1D1=2025-03-03", "--today", "2025-03-01"),
        "--occurred: C1D1 on 2025-03-03 lies after --today; book it instead",
    ),
    (("--zone", "Mars/Olympus"), "--zone: there is no time zone 'Mars/Olympus'; give one such as Europe/Brussels"),
    (("--zone", "../../etc/passwd"), "--zone: there is no time zone '../../etc/passwd'"),
    (("--explain", "C9D1=2025-03-03"), "--explain: "),
    (("--stamp", "0001-01-01T00:00+14:00"), "--stamp: "),
    (("--stamp", "9999-12-31T23:59-14:00"), "--stamp: "),
    (("--phone", "a\udcffb"), "--phone: "),
    (("--holidays", ""), "--holidays: '' is not known"),
    (("--decision", "resectable=no", "--decision", "resectable=yes"), "--decision: resectable is given twice"),
    (("--stamp", "noon"), "--stamp: 'noon' is no moment; write it as 2025-03-03T09:00Z"),
    (
        ("--stamp", "2025-03-03T09:00"),
        "--stamp: '2025-03-03T09:00' has no distance from UTC; write it as 2025",
    ),
    (("--out", "/no/such/folder/x"), "--out: /no/such/folder/x cannot be written (No such file or directory)"),
    (("--colour",), "No such option '--colour'"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSALS)
def test_wrong_input_is_refused_with_one_sentence_that_names_the_option(schedule, words, sentence):
    ran = schedule(*words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"planner schedule: {sentence}")
    assert ran.err.count("\n") == 1


def test_a_date_that_the_plan_counts_from_must_be_given(run):
    ran = run("schedule", SHRINK, *DATES[:2])

    assert (
        ran.err == "planner schedule: --date: Day 1 is missing, and the plan counts from it; add --date day_one=DATE\n"
    )


def test_an_occurred_day_1_is_a_given_day_1(run):
    ran = run("schedule", SHRINK, "--occurred", "C1D1=2025-03-03", "--format", "json")

    assert visits(ran)["C2D1"]["target"] == "2025-03-17"


@pytest.mark.parametrize("file", ["/no/such/file.toml", "/"])
def test_a_file_that_cannot_be_planned_by_is_one_sentence(run, file):
    ran = run("schedule", file, *DATES)

    assert ran.status == 2
    assert ran.err.startswith(f"planner schedule: FILE: {file} cannot be planned by.")


def test_a_file_with_several_faults_names_one_and_points_to_check(run, tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("format = 2\nversion = 1\n")

    ran = run("schedule", str(file), *DATES)

    assert f"more: planner check {file} lists them." in ran.err


@pytest.mark.parametrize("year", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_year_can_be_planned(run, year):
    ran = run(
        "schedule", SHRINK, "--date", f"day_one={year}", "--holidays", "BE", "--weekends", "closed", "--format", "json"
    )

    assert ran.status == 0
