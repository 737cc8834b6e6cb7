"""The calendar file: read back by two parsers, the same bytes for the same call, and nothing that leaks."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import icalendar
import pytest
import vobject
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from planner.core.calendar import Calendar
from planner.core.disclosure import neutral_title, secret_words
from planner.core.facts import Fact, Facts, State
from planner.core.protocol import NOTHING, Text
from planner.core.schedule import plan
from planner.exports.entry import plain
from planner.exports.ics import calendar_file

DASH = "\N{EN DASH}"
TRIAL = ("folfox", "nkr", "shrink", "nct0331", "01-007", "resect", "dlt", "c3d1", "c4d1", "n1", "draft")
LEAKS = (*TRIAL, "ward", "7 north", "7 noord", "7 nord", "cold", "koud", "froid", "kalt")


@pytest.fixture(scope="module")
def whole(under_way, paper):
    return calendar_file(under_way, paper(site="Hospital of the Four Winds", phone="+32 2 555 01 01"))


def events(content):
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def unfolded(content):
    return content.replace(b"\r\n ", b"").decode()


def days(event):
    return event["DTSTART"].dt, event["DTEND"].dt


def named(found, summary):
    return [event for event in found if event["SUMMARY"] == summary]


def test_a_booked_time_is_written_in_utc_with_its_local_time_in_words(whole):
    (event,) = [e for e in events(whole) if days(e)[0] == datetime(2025, 4, 7, 7, 30, tzinfo=UTC)]

    assert dict(event) | {"UID": None} == {
        "UID": None,
        "SUMMARY": "Treatment at the day hospital",
        "DTSTAMP": event["DTSTAMP"],
        "LAST-MODIFIED": event["LAST-MODIFIED"],
        "DTSTART": event["DTSTART"],
        "DTEND": event["DTEND"],
        "SEQUENCE": 0,
        "CLASS": "PRIVATE",
        "TRANSP": "OPAQUE",
        "STATUS": "CONFIRMED",
        "LOCATION": "Hospital of the Four Winds",
        "DESCRIPTION": "9:30 local time (Europe/Brussels)\nHow long: about 5 hours\n"
        "Questions, or another day? Call +32 2 555 01 01",
    }
    assert [event[name].dt for name in ("DTEND", "DTSTAMP", "LAST-MODIFIED")] == [
        datetime(2025, 4, 7, 12, 30, tzinfo=UTC),
        datetime(2025, 3, 25, 9, 0, tzinfo=UTC),
        datetime(2025, 3, 25, 9, 0, tzinfo=UTC),
    ]


def test_an_open_visit_is_its_window_as_whole_days_that_take_no_time(schedule, paper):
    (event,) = named(events(calendar_file(schedule, paper())), f"Operation {DASH} to be arranged")

    assert days(event) == (date(2025, 6, 9), date(2025, 7, 7))
    assert (event["TRANSP"], event["STATUS"]) == ("TRANSPARENT", "TENTATIVE")
    assert event["DESCRIPTION"] == "Still to be arranged with you.\nHow long: about 7 nights"


def test_a_visit_that_took_place_is_its_day(whole):
    (event,) = [e for e in events(whole) if days(e)[0] == date(2025, 3, 24)]

    assert days(event) == (date(2025, 3, 24), date(2025, 3, 25))
    assert (event["TRANSP"], event["STATUS"]) == ("OPAQUE", "CONFIRMED")
    assert event["DESCRIPTION"] == "How long: about 5 hours"


def test_each_visit_that_the_patient_attends_stands_once(whole, under_way):
    shown = [visit for visit in under_way.visits if visit.encounter.attended and visit.day is not None]

    assert len(events(whole)) == len(shown) == 25
    assert {visit.state for visit in under_way.visits} == {*State}


def test_the_file_invites_nobody_and_names_no_program_of_ours(whole):
    frame = icalendar.Calendar.from_ical(whole)

    assert {name: str(value) for name, value in frame.items() if name != "UID"} == {
        "VERSION": "2.0",
        "PRODID": "-//visit-planner//calendar 1.0//EN",
        "X-WR-CALNAME": "Hospital appointments",
    }


def test_the_same_call_gives_the_same_bytes(under_way, paper, whole):
    again = calendar_file(under_way, paper(site="Hospital of the Four Winds", phone="+32 2 555 01 01"))

    assert again == whole


def test_another_stamp_or_seed_gives_other_uids(under_way, paper):
    later = datetime(2025, 3, 25, 9, 1, tzinfo=UTC)
    files = [
        calendar_file(under_way, paper()),
        calendar_file(under_way, paper(stamp=later)),
        calendar_file(under_way, paper(), seed="patient one"),
        calendar_file(under_way, paper(), seed="patient two"),
    ]

    uids = [event["UID"] for content in files for event in events(content)]
    assert len(uids) == len(set(uids)) == 4 * 25


def test_a_seed_keeps_the_uids_over_stamps_and_over_changes(under_way, schedule, paper):
    one = calendar_file(schedule, paper(), seed="s")
    two = calendar_file(under_way, paper(stamp=datetime(2026, 1, 1, tzinfo=UTC)), seed="s")

    assert {event["UID"] for event in events(two)} <= {event["UID"] for event in events(one)}


def test_one_stamp_in_two_zones_is_one_instant(under_way, paper):
    summer = datetime(2025, 3, 25, 10, 0, tzinfo=timezone(timedelta(hours=1)))

    assert calendar_file(under_way, paper(stamp=summer)) == calendar_file(under_way, paper())


def test_a_patient_without_visits_has_a_calendar_all_the_same(protocol, paper):
    assert events(calendar_file(plan(protocol, Facts(), Calendar()), paper())) == []


@pytest.mark.parametrize(
    ("language", "title", "name"),
    [
        ("nl", f"Operatie {DASH} nog af te spreken", "Afspraken in het ziekenhuis"),
        ("fr", f"Opération {DASH} date à convenir", "Rendez-vous à l’hôpital"),  # noqa: RUF001  # French prints it so
        ("de", f"Operation {DASH} noch zu vereinbaren", "Termine im Krankenhaus"),
    ],
)
def test_titles_are_in_the_language_of_the_patient(schedule, paper, language, title, name):
    content = calendar_file(schedule, paper(language))

    assert len(named(events(content), title)) == 1
    assert icalendar.Calendar.from_ical(content)["X-WR-CALNAME"] == name


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_nothing_of_the_trial_leaks(under_way, schedule, paper, language):
    """All of these words stand in the protocol, in the paper's subject or in instructions."""
    for found in (under_way, schedule):
        text = unfolded(calendar_file(found, paper(language, site="Hospital", phone="1")))
        shown = re.sub(r"UID:[0-9a-f-]{36}", "", text).casefold()
        assert [word for word in LEAKS if word in shown] == []


def test_a_title_that_would_leak_becomes_a_hospital_appointment(protocol, facts, paper):
    told = Text((("en", "FOLFOX at last"),))
    changed = tuple(replace(e, neutral=told if e.code == "C1D1" else NOTHING) for e in protocol.encounters)

    found = events(calendar_file(plan(replace(protocol, encounters=changed), facts, Calendar()), paper()))

    assert {str(event["SUMMARY"]) for event in found} == {f"Hospital appointment {DASH} to be arranged"}


# ---- clocks


def booked(protocol, facts, day, at, zone="Europe/Brussels"):
    known = replace(facts, visits={"M28": Fact(State.BOOKED, day, at, zone)})
    return plan(protocol, known, Calendar())


@pytest.mark.parametrize(
    ("day", "at", "start"),
    [
        (date(2026, 10, 24), time(9), datetime(2026, 10, 24, 7, tzinfo=UTC)),
        (date(2026, 10, 26), time(9), datetime(2026, 10, 26, 8, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30, fold=1), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(23, 0), datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
    ],
)
def test_local_times_become_the_right_instants_and_last_as_long_as_they_should(protocol, facts, paper, day, at, start):
    (event,) = [
        e for e in events(calendar_file(booked(protocol, facts, day, at), paper())) if e["STATUS"] == "CONFIRMED"
    ]

    assert days(event) == (start, start + timedelta(minutes=150))


def test_a_booked_time_that_the_clocks_skip_by_now_is_left_out_and_the_rest_stands(protocol, facts, paper):
    """The rules changed since it was booked; as in a feed, it is shown again once a person has moved it."""
    found, whole = (booked(protocol, facts, date(2026, 3, day), time(2, 30)) for day in (29, 30))

    left = {event["SUMMARY"] for event in events(calendar_file(found, paper())) if event["STATUS"] == "CONFIRMED"}

    assert left == set()
    assert len(events(calendar_file(found, paper()))) == len(events(calendar_file(whole, paper()))) - 1


def test_a_booking_without_a_zone_is_in_the_zone_of_the_paper(protocol, facts, paper):
    found = booked(protocol, facts, date(2026, 10, 24), time(9), zone=None)

    (event,) = [e for e in events(calendar_file(found, paper(zone="America/New_York"))) if e["STATUS"] == "CONFIRMED"]

    assert days(event)[0] == datetime(2026, 10, 24, 13, tzinfo=UTC)
    assert event["DESCRIPTION"].startswith("9:00 local time (America/New_York)\n")


@pytest.mark.parametrize("duration", [None, (0, 0)])
def test_a_visit_without_a_length_still_has_an_end(protocol, facts, paper, duration):
    changed = tuple(replace(e, duration=duration) if e.code == "M28" else e for e in protocol.encounters)
    found = booked(replace(protocol, encounters=changed), facts, date(2026, 10, 24), time(9))

    (event,) = [e for e in events(calendar_file(found, paper())) if e["STATUS"] == "CONFIRMED"]

    start, end = days(event)
    assert end - start == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("day_one", "first", "after"),
    [
        (date(2026, 9, 13), date(2026, 12, 20), date(2027, 1, 17)),
        (date(2027, 11, 9), date(2028, 2, 15), date(2028, 3, 14)),
    ],
)
def test_a_window_over_new_year_or_a_leap_day_is_28_days(protocol, paper, day_one, first, after):
    """Day 99 to 126, the end exclusive (reference: invites, F8 and 9.2)."""
    known = Facts(dates={"registration": day_one - timedelta(days=7), "day_one": day_one})

    (event,) = named(
        events(calendar_file(plan(protocol, known, Calendar()), paper())), f"Operation {DASH} to be arranged"
    )

    assert days(event) == (first, after)
    assert (after - first).days == 28


# ---- bytes and other readers


def instants(start, end):
    """Both parsers' values as UTC instants or days."""
    return tuple(t.astimezone(UTC) if isinstance(t, datetime) else t for t in (start, end))


def test_a_second_parser_reads_the_same_days_and_instants(whole):
    theirs = [instants(v.dtstart.value, v.dtend.value) for v in vobject.readOne(whole.decode()).vevent_list]

    assert theirs == [instants(*days(event)) for event in events(whole)]


def test_a_second_parser_reads_the_same_words(whole):
    theirs = [(v.uid.value, v.summary.value, v.description.value) for v in vobject.readOne(whole.decode()).vevent_list]

    assert theirs == [(e["UID"], e["SUMMARY"], e.get("DESCRIPTION", "")) for e in events(whole)]


texts = st.text() | st.text(alphabet='a,;:\\"\r\n\t\x00\x0b\x85\u2028é\U0001f468\u200d\u202e=^ ', max_size=300)


@pytest.fixture
def worded(protocol, facts, paper):
    """The file of a plan in which one booked visit has this title."""
    found = plan(protocol, facts.booked("IM1", date(2025, 4, 28)), Calendar())

    def make(title, **place):
        changed = replace(protocol.by_code["IM1"], neutral=Text((("en", title),)))
        small = replace(protocol, encounters=tuple(changed if e.code == "IM1" else e for e in protocol.encounters))
        visits = tuple(replace(v, encounter=changed) if v.code == "IM1" else v for v in found.visits)
        return calendar_file(replace(found, protocol=small, visits=visits), paper(**place))

    return make


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it gives a function that keeps nothing
@example(title="", site="", phone="0" * 10 + ",,,\n\n\u0800\u2028\u2028\U00010000\U00010000 ")  # a lone space
@given(title=texts, site=texts, phone=texts)
def test_any_text_comes_back_as_it_was_and_breaks_no_line(worded, protocol, title, site, phone):
    titled = replace(protocol.by_code["IM1"], neutral=Text((("en", title),)))
    assume(neutral_title(titled, secret_words(protocol), "en") == title)  # a code of the trial never leaves
    content = worded(title, site=site, phone=phone)

    (event,) = [e for e in events(content) if e["STATUS"] == "CONFIRMED"]
    assert event["SUMMARY"] == (plain(title) or "Hospital appointment")
    assert event.get("LOCATION", "") == plain(site)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)", content) is None


@pytest.mark.parametrize(
    ("given_text", "carried"),
    [
        ("a\r\nATTENDEE:mailto:evil@x.example", "a\nATTENDEE:mailto:evil@x.example"),
        ("a\rb\x85c\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("tab\there", "tab here"),
        ("\x00bell\x07 and \x0bmore\x7f", "bell and more"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("left\N{RIGHT-TO-LEFT OVERRIDE}right", "leftright"),
        ("  two  words \n\n on  lines  ", "two words\n\non lines"),
    ],
)
def test_text_is_cleaned_before_it_is_carried(given_text, carried):
    assert plain(given_text) == carried


def test_a_file_with_a_fault_does_not_leave(monkeypatch, schedule, paper):
    monkeypatch.setattr("planner.exports.ics.PRODID", "-//visit\x07planner//")

    with pytest.raises(ValueError, match="the calendar file must not leave: a control character"):
        calendar_file(schedule, paper())
