"""The audit trail as sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import planner.protocols
from planner.core.history import Entry
from planner.exports.history import KINDS, Told, sentence, told
from planner.protocols.reader import read

SHRINK = read(Path(planner.protocols.__file__).with_name("shrink.toml"))
AT = datetime(2025, 2, 24, 9, tzinfo=UTC)
BOOKED = {"state": "booked", "day": "2025-04-14"}
LATER = {"state": "booked", "day": "2025-04-22"}
GIVEN = {"state": "occurred", "day": "2025-04-15"}
STAY = {"state": "occurred", "day": "2025-06-16", "end": "2025-06-23"}
ENROLLED = {
    "subject_id": "01-001",
    "site": "01",
    "protocol": "NCT03310008 0.1 illustrative",
    "dose_level": 2,
    "phase": "expansion",
    "language": "nl",
}
PLACED = BOOKED | {"at": "09:00:00", "zone": "Europe/Brussels", "unit": "u" * 22}
UNNAMED = LATER | {"at": "13:15:00", "zone": "Europe/Brussels", "unit": "w" * 22}
UNITS = {"u" * 22: "Chair 2"}
AWAY = {"first": "2025-04-14", "last": "2025-04-15"}
WINDOW = {"rule": "window", "reason": "low blood counts"}


def entry(entity, old, new, act="a1", **other):
    given = {"at": AT, "actor": "Anna Peeters", "reason": ""} | other
    return Entry(act=act, action="act", entity=entity, old=old, new=new, **given)


SENTENCES = {
    "a page opened": ("page:", None, {"what": "opened"}, "The patient opened their own page."),
    "a visit seen": ("page:C4D1", None, {"what": "seen"}, "The patient has seen FOLFOX 4 (C4D1)."),
    "a call asked for": ("page:C4D1", None, {"what": "call"}, "The patient asks to be called about FOLFOX 4 (C4D1)."),
    "a call made": ("page:C4D1", None, {"what": "called"}, "Called the patient about FOLFOX 4 (C4D1)."),
    "wishes": (
        *("wishes", {"mail": "minimal"}, {"mail": "standard", "page": "minimal"}),
        "Wrote down what the patient agrees to: mail: with its neutral title, page of their own: an appointment only.",
    ),
    "told by telephone": (
        *("told:C4D1", None, {"kind": "invite", "day": "2025-04-14"}),
        "Told the patient by telephone of FOLFOX 4 (C4D1) on Mon 14 Apr 2025: the invite could not be delivered.",
    ),
    "told by telephone after the end": (
        *("told:C4D1", None, {"day": "2025-04-14"}),
        "Told the patient by telephone of FOLFOX 4 (C4D1) on Mon 14 Apr 2025: their calendar still showed it.",
    ),
    "another instant": (
        *("instant:C4D1", {"utc": "2027-04-12 07:30"}),
        {"day": "2027-04-12", "at": "09:30:00", "zone": "Europe/Brussels", "utc": "2027-04-12 08:30"},
        (
            "New time-zone rules: FOLFOX 4 (C4D1) on Mon 12 Apr 2027 at 9:30 (Europe/Brussels) is at 2027-04-12 08:30 "
            "UTC, before: 2027-04-12 07:30 UTC."
        ),
    ),
    "a feed": ("feed:patient", None, {"what": "made"}, "Made a calendar feed for the patient."),
    "a feed renewed": (
        *("feed:patient", None, {"what": "renewed"}),
        "Gave the patient's calendar feed a new address.",
    ),
    "a feed revoked": ("feed:patient", None, {"what": "revoked"}, "Revoked the patient's calendar feed."),
    "an enrolment": (
        *("patient", None, ENROLLED),
        "Enrolled patient 01-001: dose level 2, expansion, site 01, protocol NCT03310008 0.1 illustrative.",
    ),
    "a date": ("date:day_one", None, {"day": "2025-03-03"}, "Set Day 1 to Mon 3 Mar 2025."),
    "a date moved": (
        *("date:day_one", {"day": "2025-03-03"}, {"day": "2025-03-10"}),
        "Moved Day 1 from Mon 3 Mar 2025 to Mon 10 Mar 2025.",
    ),
    "a date taken back": (
        *("date:registration", {"day": "2025-02-24"}, None),
        "Took back Registration, Mon 24 Feb 2025.",
    ),
    "a word at the bloods": (
        "visit:C4P",
        None,
        {"state": "occurred", "day": "2025-04-11", "go": "no_go", "decided_by": "Dr Maes"},
        "Recorded that Bloods before FOLFOX 4 (C4P) took place, Fri 11 Apr 2025: NO-GO, decided by Dr Maes.",
    ),
    "a visit to be repeated": (
        "visit:PRE",
        {"state": "occurred", "day": "2025-06-09"},
        {"state": "occurred", "day": "2025-06-09", "again": True},
        "Pre-admission (PRE) is to be repeated.",
    ),
    "a confirmed booking": (
        *("visit:C4D1", BOOKED, {**BOOKED, "confirmed": True}),
        "The patient confirmed FOLFOX 4 (C4D1), Mon 14 Apr 2025.",
    ),
    "an act taken back": ("undo:x", None, {"action": "book"}, "Took back what was saved before (book)."),
    "an act done again": ("redo:x", None, {"action": "defer"}, "Did again what was taken back (defer)."),
    "two visits in one": (
        *("together:M7", None, {"with": "P60"}),
        "Combined Follow-up month 7 (M7) with Post-operative day 60 (P60) in one attendance.",
    ),
    "two visits apart": (
        *("together:M7", {"with": "P60"}, None),
        "Separated Follow-up month 7 (M7) from Post-operative day 60 (P60).",
    ),
    "a booking": ("visit:C4D1", None, BOOKED, "Booked FOLFOX 4 (C4D1) on Mon 14 Apr 2025."),
    "a booking moved": (
        *("visit:C4D1", BOOKED, LATER),
        "Moved the booking of FOLFOX 4 (C4D1) from Mon 14 Apr 2025 to Tue 22 Apr 2025.",
    ),
    "a booking given back": (
        *("visit:C4D1", BOOKED, None),
        "Gave back the booking of FOLFOX 4 (C4D1) on Mon 14 Apr 2025.",
    ),
    "a booking in a unit": (
        *("visit:C4D1", None, PLACED),
        "Booked FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:00, Chair 2.",
    ),
    "a booking in a unit that nobody knows": (
        *("visit:C4D1", PLACED, UNNAMED),
        "Moved the booking of FOLFOX 4 (C4D1) from Mon 14 Apr 2025 at 9:00, Chair 2 to Tue 22 Apr 2025 at 13:15.",
    ),
    "a booking in a unit given back": (
        *("visit:C4D1", PLACED, None),
        "Gave back the booking of FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:00, Chair 2.",
    ),
    "days away": ("absence", None, AWAY, "Noted that the patient is away, 14 Apr to 15 Apr 2025."),
    "a day no longer away": (
        *("absence", AWAY | {"last": "2025-04-14"}, None),
        "Took back that the patient is away, Mon 14 Apr 2025.",
    ),
    "a deviation log taken away": (
        *("export:deviations", None, {"kind": "csv", "rows": 2, "sought": "windows only"}),
        "Took away the patient's deviation log (csv): 2 lines, windows only.",
    ),
    "a file taken away": ("export:pdf", None, {"kind": "pdf"}, "Took away the patient's printed schedule."),
    "a visit": ("visit:C4D1", BOOKED, GIVEN, "Recorded that FOLFOX 4 (C4D1) took place, Tue 15 Apr 2025."),
    "a stay": ("visit:RES", None, STAY, "Recorded that Resection (RES) took place, 16 Jun to 23 Jun 2025."),
    "a visit missed": (
        *("visit:C4D1", BOOKED, {"state": "missed"}),
        "Recorded that the patient did not come to FOLFOX 4 (C4D1).",
    ),
    "a visit omitted": (
        *("visit:C4D1", None, {"state": "canceled"}),
        "Recorded that FOLFOX 4 (C4D1) is omitted.",
    ),
    "a record taken back": ("visit:C4D1", GIVEN, None, "Took back the record of FOLFOX 4 (C4D1)."),
    "a loss taken back": (
        *("visit:C4D1", {"state": "missed"}, None),
        "Took back the record of FOLFOX 4 (C4D1).",
    ),
    "a visit of another protocol": ("visit:X1", None, BOOKED, "Booked X1 on Mon 14 Apr 2025."),
    "a decision": ("decision:resectable", None, {"value": "no"}, "Decided Resectable: no."),
    "a decision changed": (
        *("decision:resectable", {"value": "no"}, {"value": "yes"}),
        "Decided Resectable: yes, before: no.",
    ),
    "a decision taken back": (
        *("decision:resectable", {"value": "no"}, None),
        "Decided Resectable: open again, before: no.",
    ),
    "a deviation from the window": (
        *("acceptance:C4D1", None, WINDOW),
        "Accepted a deviation of FOLFOX 4 (C4D1) from its window.",
    ),
    "a deviation from a rule": (
        *("acceptance:C4D1", None, {"rule": "folfox-interval", "reason": "given by mistake"}),
        "Accepted a deviation of FOLFOX 4 (C4D1) from the rule folfox-interval.",
    ),
    "a deviation no longer accepted": (
        *("acceptance:C4D1", WINDOW, None),
        "Withdrew the accepted deviation of FOLFOX 4 (C4D1) from its window.",
    ),
    "the end": (
        *("study", None, {"ended": "2025-04-14", "because": "lost_to_follow_up"}),
        "Ended the study for the patient on Mon 14 Apr 2025: lost to follow up.",
    ),
    "a way to be reached": (
        *("contact", None, {"changed": "name, phone"}),
        "Changed how the patient is reached: name, phone.",
    ),
    "what is still to come": ("unit:1", None, {"step": "released"}, "Changed unit:1."),
}


@pytest.mark.parametrize(("entity", "old", "new", "said"), SENTENCES.values(), ids=SENTENCES)
def test_every_kind_of_entry_is_a_sentence(entity, old, new, said):
    assert sentence(SHRINK, entry(entity, old, new), UNITS) == said


def test_no_kind_of_entry_is_left_out_above():
    assert {entity.partition(":")[0] for entity, *_ in SENTENCES.values()} == {*KINDS, "unit"}


def test_the_entries_of_one_act_are_told_together_in_the_order_in_which_they_were_written():
    """They come the newest first, as a page shows acts; within an act, sentences go forward."""
    later = datetime(2025, 2, 25, 9, tzinfo=UTC)
    entries = [
        entry("decision:resectable", None, {"value": "no"}, "a2", reason="second reading", at=later, actor="Ines Maes"),
        entry("acceptance:C4D1", None, WINDOW, reason="low blood counts"),
        entry("visit:C4D1", None, LATER, reason="low blood counts"),
    ]

    assert told(SHRINK, entries) == (
        Told(later, "Ines Maes", ("Decided Resectable: no.",), "second reading"),
        Told(
            AT,
            "Anna Peeters",
            (
                "Booked FOLFOX 4 (C4D1) on Tue 22 Apr 2025.",
                "Accepted a deviation of FOLFOX 4 (C4D1) from its window.",
            ),
            "low blood counts",
        ),
    )


def test_nothing_is_told_of_nothing():
    assert told(SHRINK, ()) == ()
