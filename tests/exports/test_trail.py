"""The whole history, for reading and for taking away."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

import planner.protocols
from planner.core.history import About, Entry, Head, Line, SiteAct
from planner.core.staff import Role
from planner.exports.trail import COLUMNS, OF_A_SITE, Record, as_csv, as_json, words
from planner.protocols.reader import read

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
AT = datetime(2025, 2, 24, 9, tzinfo=UTC)
ABOUT = About("p" * 22, "01-001", ("NCT03310008", "0.1 illustrative"), "01", "Europe/Brussels")
ANNA = {"login": "anna_p", "name": "Anna Peeters", "role": "medical_monitor", "sites": ""}
HEAD = Head(7, "a" * 64)


WEEKDAYS = "Mon 08:00-17:00, Tue 08:00-17:00"
STRIKE = {"first": "2025-04-14", "last": "2025-04-15", "name": "strike", "where": "chair"}
OPENED = {"day": "2025-04-21", "hours": "09:00-14:00", "kind": "chair", "name": "catching up"}


def line(action, entity, new=None, about=None, reason="", old=None):
    entry = Entry(AT, "Anna Peeters", "a", action, entity, old, new, reason)
    return Line(7, entry, "anna", Role.NURSE, "a" * 64, about)


@pytest.mark.parametrize(
    ("action", "entity", "new", "said"),
    [
        ("sign_in", "staff:x", ANNA, "Signed in."),
        ("sign_out", "staff:x", ANNA, "Signed out."),
        ("failed_sign_in", "staff:x", ANNA, "A sign-in as anna_p failed."),
        ("create_account", "staff:x", ANNA, "Made the account anna_p for Anna Peeters: medical monitor, sites none."),
        ("disable_account", "staff:x", ANNA, "Disabled the account anna_p of Anna Peeters."),
        ("add_site", "site:01", {"code": "01", "name": "Brussels"}, "Added the site 01, Brussels."),
        (
            *("denied", "page", {"endpoint": "accounts.staff", "method": "GET"}),
            "Was refused, as not for this role: accounts.staff (GET).",
        ),
        ("review", "history", {"up_to": 12}, "Signed to have read everything up to number 12."),
        (
            *("export", "history", {"kind": "csv", "rows": 3, "sought": "everything"}),
            "Took away a copy of the history (csv): 3 lines, everything.",
        ),
        (
            *("export", "history", {"kind": "pdf", "rows": 3, "sought": "windows only", "what": "deviation log"}),
            "Took away a copy of the deviation log (pdf): 3 lines, windows only.",
        ),
        ("add_unit", "unit:chair 1", {"kind": "clinic"}, "Add unit: unit:chair 1."),
        ("review", "history", None, "Signed to have read everything up to number unknown."),
    ],
)
def test_what_is_about_no_patient_has_plain_words(action, entity, new, said):
    assert words(line(action, entity, new), None) == said


@pytest.mark.parametrize(
    ("action", "old", "new", "said"),
    [
        (
            *("add_unit", None, {"unit": "Chair 1", "kind": "chair", "hours": WEEKDAYS}),
            f"Added Chair 1 (chair) to site 01; hours: {WEEKDAYS}.",
        ),
        (
            *("set_hours", {"hours": ""}, {"unit": "Chair 1", "hours": WEEKDAYS}),
            f"Changed the hours of Chair 1 at site 01 to {WEEKDAYS}; before: none.",
        ),
        (
            *("set_hours", {"hours": WEEKDAYS}, {"unit": "Chair 1", "hours": ""}),
            f"Changed the hours of Chair 1 at site 01 to none; before: {WEEKDAYS}.",
        ),
        ("withdraw_unit", {"unit": "Chair 1", "kind": "chair"}, None, "Took Chair 1 (chair) of site 01 out of use."),
        ("close", None, STRIKE, "Closed chair of site 01, 14 Apr to 15 Apr 2025: strike."),
        (
            *("close", None, STRIKE | {"where": "", "last": "2025-04-14"}),
            "Closed all of site 01, Mon 14 Apr 2025: strike.",
        ),
        ("reopen_days", STRIKE, None, "Took back that chair of site 01 is closed, 14 Apr to 15 Apr 2025: strike."),
        (
            *("reopen_days", {key: value for key, value in STRIKE.items() if key != "where"}, None),
            "Took back that all or a part of site 01 is closed, 14 Apr to 15 Apr 2025: strike.",
        ),
        ("open_day", None, OPENED, "Opened chair of site 01 on Mon 21 Apr 2025, 09:00-14:00: catching up."),
        (
            *("open_day", None, OPENED | {"kind": ""}),
            "Opened all of site 01 on Mon 21 Apr 2025, 09:00-14:00: catching up.",
        ),
        (
            *("shut_day", OPENED, None),
            "Took back that chair of site 01 is open on Mon 21 Apr 2025, 09:00-14:00: catching up.",
        ),
    ],
)
def test_what_is_about_the_calendar_of_a_site_has_plain_words(action, old, new, said):
    assert words(line(action, "site:01", new, old=old), None) == said


def test_every_act_on_the_calendar_of_a_site_that_can_be_read_has_its_words():
    assert set(OF_A_SITE) == set(SiteAct)


def test_a_booking_is_told_with_the_unit_that_is_known():
    booked = {"state": "booked", "day": "2025-04-14", "at": "09:00:00", "zone": "Europe/Brussels", "unit": "u" * 22}

    told = words(line("book", "visit:C4D1", booked, ABOUT), SHRINK, {"u" * 22: "Chair 2"})

    assert told == "Booked FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:00, Chair 2."


@pytest.mark.parametrize(
    ("kind", "said"),
    [("ics", "Took away the patient's calendar file."), ("pdf", "Took away the patient's printed schedule.")],
)
def test_what_is_about_a_patient_is_said_as_on_the_patients_page(kind, said):
    assert words(line("export", f"export:{kind}", {"kind": kind}, ABOUT), SHRINK) == said


def table(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_has_a_row_for_each_write_and_ends_with_the_end_of_the_chain():
    found = table(as_csv([Record(line("book", "visit:C4D1", {"day": "2025-04-15"}, ABOUT, "ill"), "Booked.")], HEAD))

    assert found == [
        list(COLUMNS),
        [
            *("7", "2025-02-24T09:00:00+00:00", "Anna Peeters", "anna", "nurse", "01-001", "01", "book", "visit:C4D1"),
            *("Booked.", "", '{"day": "2025-04-15"}', "ill", "a" * 64),
        ],
        ["end of the chain", f"7:{'a' * 64}"],
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_taken_for_a_formula(begin):
    reason = f'{begin}HYPERLINK("https://evil.example")'

    found = table(as_csv([Record(line("book", "visit:C4D1", reason=reason), f"{begin}1")], HEAD))

    assert (found[1][12], found[1][9]) == (f"'{reason}", f"'{begin}1")


def test_a_formula_character_inside_a_cell_stays():
    found = table(as_csv([Record(line("book", "visit:C4D1", reason="a=b\n-c, 'd'"), "x")], HEAD))

    assert found[1][12] == "a=b\n-c, 'd'"


def test_programs_get_the_same():
    found = json.loads(
        as_json([Record(line("book", "visit:C4D1", {"day": "2025-04-15"}, ABOUT, "=1"), "Böoked.")], HEAD)
    )

    assert found == {
        "head": f"7:{'a' * 64}",
        "rows": [
            {
                "seq": 7,
                "at": "2025-02-24T09:00:00+00:00",
                "person": "Anna Peeters",
                "login": "anna",
                "role": "nurse",
                "patient": "01-001",
                "site": "01",
                "act": "book",
                "what": "visit:C4D1",
                "sentence": "Böoked.",
                "old": None,
                "new": {"day": "2025-04-15"},
                "reason": "=1",
                "mac": "a" * 64,
            }
        ],
    }
