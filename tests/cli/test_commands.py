"""The other commands: check, best-start, bench, and what holds for all."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest

from planner import __version__

from .conftest import SHRINK

RANGE = ("--from", "2025-03-01", "--to", "2025-03-14", "--date", "registration=D-7")
BELGIUM = ("--holidays", "BE", "--weekends", "closed")


def best_start(run, *words):
    return run("best-start", SHRINK, *RANGE, *BELGIUM, *words)


def test_a_sound_protocol_is_said_to_be_sound(run):
    ran = run("check", SHRINK)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{SHRINK}: nothing is wrong. SHRINK, version 0.1 illustrative: 61 visits, 18 rules.\n"


def test_a_broken_protocol_is_told_fault_by_fault(run, tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("format = 2\n")

    ran = run("check", file)

    lines = ran.out.splitlines()
    assert ran.status == 1
    assert [line for line in lines if not line.startswith(f"{file}: ")] == []
    assert ran.err == f"{file}: {len(lines)} things are wrong.\n"


def test_one_fault_is_one_thing(run, tmp_path):
    file = tmp_path / "none.toml"

    assert run("check", file).err == f"{file}: 1 thing is wrong.\n"


def test_the_best_start_meets_the_fewest_closed_days(run):
    starts = json.loads(best_start(run, "--format", "json").out)["starts"]

    assert starts[0]["start"] == "2025-03-14"
    assert len(starts) == 10  # Mondays to Fridays from 3 to 14 March
    assert starts[0]["clashes"] == [
        {"visit": "N1+7", "target": "2025-04-21", "instead": "2025-04-22", "because": ["Easter Monday"]},
        {"visit": "P30", "target": "2025-07-27", "instead": "2025-07-28", "because": ["weekend"]},
    ]
    assert {tuple(start["deviations"]) for start in starts if start["weekday"] == "Wednesday"} == {("N1", "N2", "N3")}


def test_the_start_days_are_rows_of_a_spreadsheet(run):
    rows = list(csv.DictReader(best_start(run, "--format", "csv").out.splitlines()))

    assert rows[0] == {
        "start": "2025-03-14",
        "weekday": "Friday",
        "without_a_day": "0",
        "outside_their_window": "0",
        "days_of_drift": "0",
        "clashes": "2",
    }


def test_the_table_shows_the_best_and_sums_up_the_rest(run):
    ran = best_start(run, "--limit", "1")

    assert ran.out.count("Fri 14 Mar 2025") == 1
    assert "10 open start days" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100


def test_a_range_without_an_open_day_says_so(run):
    ran = run("best-start", SHRINK, "--from", "2025-03-01", "--to", "2025-03-02", *BELGIUM)

    assert ran.out == "No start day is open between these days. Widen the range, or open a day.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "2025-03-02", "--to", "2025-03-01"), "--to: it must lie after --from"),
        (("--from", "2025-03-02", "--to", "2045-03-01"), "--to: it must lie after --from"),
        (("--from", "2025-03-02"), "Missing option '--to'."),
        (
            (*RANGE, "--date", "start=D-7"),
            "--date: 'start' is no date beside the start; the protocol has: ",
        ),
        ((*RANGE, "--date", "registration=week"), "--date: 'week' is neither days from Day 1, such as D-7, nor a date"),
        ((*RANGE, "--limit", "0"), "Invalid value for '--limit'"),
    ],
)
def test_a_start_that_cannot_be_looked_for_is_refused(run, words, sentence):
    ran = run("best-start", SHRINK, *words)

    assert ran.status == 2
    assert ran.err.startswith(f"planner best-start: {sentence}")


@pytest.mark.parametrize("name", ["nothing", "../engine", "tests"])
def test_an_unknown_benchmark_is_refused(run, name):
    ran = run("bench", name)

    assert (ran.status, ran.err.startswith(f"planner bench: NAME: there is no benchmark '{name}'")) == (2, True)


def test_the_version_and_the_help_are_told(run):
    assert run("--version").out == f"planner, version {__version__}\n"
    assert run("--help").status == 0
    assert run().err.startswith("Usage: planner")
    assert run("unknown").err == "planner: No such command 'unknown'.\n"


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "planner", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"planner, version {__version__}\n"
