"""What a patient takes away: the same bytes from a case and from the command line, made of nothing secret."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import planner.protocols
from planner.cli import main
from planner.core.facts import State
from planner.core.staff import Actor, Role
from planner.services import patients, records, visits
from planner.services.invitations import Kind, of_case
from planner.services.records import Record

from .conftest import noon

FILE = Path(planner.protocols.__file__).with_name("shrink.toml")
NAMELESS = Actor("nora", "Nora", Role.NURSE, frozenset({"03"}))


@pytest.fixture
def typed(tmp_path, capfd):
    """The file that the command line makes of the same facts as a case."""

    def made(kind, case, *more):
        facts, out = case.facts, tmp_path / f"typed.{kind}"
        options = {
            "--date": [f"{code}={day}" for code, day in facts.dates.items()],
            "--occurred": [f"{code}={f.day}" for code, f in facts.visits.items() if f.state is State.OCCURRED],
            "--booked": [f"{code}={f.day}" for code, f in facts.visits.items() if f.state is State.BOOKED],
            "--missed": [code for code, f in facts.visits.items() if f.state is State.MISSED],
            "--omitted": [code for code, f in facts.visits.items() if f.state is State.CANCELED],
            "--decision": [f"{code}={value}" for code, value in facts.decisions.items()],
        }
        site = case.patient.site
        words = [word for name, values in options.items() for value in values for word in (name, value)]
        words += ["--holidays", site.holidays, "--weekends", "closed", "--zone", site.zone, "--phone", site.phone]
        words += ["--today", str(case.today), "--stamp", case.patient.changed.isoformat()]
        words += ["--language", case.patient.language, "--seed", case.patient.seed]
        with pytest.raises(SystemExit) as left:
            main(["schedule", str(FILE), *words, *more, "--format", str(kind), "--out", str(out)])
        assert (left.value.code, capfd.readouterr().err) == (0, "")
        return out.read_bytes()

    return made


@pytest.fixture
def lived(act, clock):
    """FOLFOX 1 given, FOLFOX 4 booked late, the port omitted, not resectable; it is 4 March."""
    clock.now = noon(3, 4)
    act(records.record, "C1D1", Record(State.OCCURRED, date(2025, 3, 3)))
    act(records.record, "SC3", Record(State.CANCELED), "there is a port")
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")
    act(patients.decide, "resectable", "no", "")


@pytest.mark.parametrize("kind", Kind)
def test_a_case_and_the_command_line_make_the_same_bytes(typed, case, lived, kind):
    """The hospital's name is the place of each calendar entry and stands on the print.

    But for the number of its entries: the command line knows of no saved acts, so it counts none.
    """
    found = case()

    typed_in, own = typed(kind, found, "--site", found.patient.site.name), of_case(kind, found)

    assert typed_in == own.replace(f"\r\nSEQUENCE:{found.patient.version}\r\n".encode(), b"\r\nSEQUENCE:0\r\n")
    assert (typed_in == own) is (kind is Kind.PDF)


@pytest.mark.parametrize("kind", Kind)
def test_the_same_case_makes_the_same_bytes(case, kind):
    assert of_case(kind, case()) == of_case(kind, case())


@pytest.mark.parametrize("kind", Kind)
def test_after_an_act_the_file_differs(act, case, clock, kind):
    before = of_case(kind, case())
    clock.now = noon(2, 24)

    act(visits.book, "C4D1", date(2025, 4, 16))

    assert of_case(kind, case()) != before


def test_a_calendar_file_of_tomorrow_is_that_of_today_where_nothing_changed(case, clock):
    """Its stamps are those of the last act, so a calendar that asks for it every hour sees no change."""
    first = of_case(Kind.ICS, case())
    clock.now = clock.now.replace(hour=20)

    assert of_case(Kind.ICS, case()) == first


def read(kind, content):
    """What a person can read in the file: the calendar's long lines joined, the words of the print."""
    if kind is Kind.ICS:
        return content.replace(b"\r\n ", b"").decode()
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(
    ("kind", "language"),
    [
        *((Kind.ICS, language) for language in ("nl", "fr", "de", "en")),
        pytest.param(
            *(Kind.PDF, "nl"),
            marks=pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed"),
        ),
    ],
)
def test_no_file_holds_what_only_staff_may_know(case, kind, language):
    """The subject number, the secret, the id in addresses, the phase and its dose level."""
    found = case()
    secrets = [found.patient.subject_id, found.patient.seed, found.patient.public_id, "escalation", "dose"]

    text = read(kind, of_case(kind, replace(found, patient=replace(found.patient, language=language))))

    assert "+32 2 000 00 00" in text
    assert [secret for secret in secrets if secret in text] == []


def test_the_secret_of_a_patient_makes_the_identity_of_the_entries(case):
    found = case()

    other = of_case(Kind.ICS, replace(found, patient=replace(found.patient, seed="another secret")))

    mine, theirs = ({line for line in content.splitlines() if line.startswith(b"UID:")} for content in (
        of_case(Kind.ICS, found), other,
    ))  # fmt: skip
    assert len(mine) == len(theirs) > 20
    assert mine.isdisjoint(theirs)
