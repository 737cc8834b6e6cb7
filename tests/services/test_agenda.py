"""Today and the week of a site: whose patients, in which order, on which days."""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.agenda import Asks
from planner.core.errors import NotFound, Refused
from planner.core.staff import Actor, Role
from planner.exports.agenda import act, line, place_of, shut
from planner.services import agenda, cases, patients, search
from planner.services.cases import Act, redrafted

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, noon, wanted

BOTH = Actor("both", "Nurse of both", Role.NURSE, frozenset({"01", "02"}))
NOWHERE = Actor("none", "Nurse of none", Role.NURSE)


@pytest.fixture
def enrol(office):
    def do(subject, site="01"):
        with office.begin(BOTH) as work:
            return patients.enrol(work, wanted(subject_id=subject, site=site)).public_id

    return do


@pytest.fixture
def booked(office):
    """Books a visit at a time."""

    def do(public_id, code, day, at=None):
        with office.begin(BOTH) as work:
            case = cases.case(work, public_id)
            facts = case.facts.booked(code, day, at, "Europe/Brussels" if at else None)
            cases.save(work, Act("book", case, redrafted(case, facts)))

    return do


@pytest.fixture
def today(office):
    def read(by=NURSE, site=""):
        with office.look(by) as work:
            return agenda.today(work, site)

    return read


@pytest.fixture
def week(office):
    def read(by=NURSE, site="", holding=None):
        with office.look(by) as work:
            return agenda.week(work, site, holding)

    return read


def subjects(found):
    return {entry.patient.subject_id for entry in (*found.now, *found.decide, *found.soon)}


@pytest.mark.parametrize(
    ("by", "site", "seen"),
    [
        (NURSE, "", {"01-001"}),
        (NURSE, "01", {"01-001"}),
        (INVESTIGATOR, "", {"01-001"}),
        (ELSEWHERE, "", {"02-001"}),
        (BOTH, "", {"01-001", "02-001"}),
        (BOTH, "02", {"02-001"}),
        (MEDICAL_MONITOR, "", {"01-001", "02-001"}),
        (MEDICAL_MONITOR, "02", {"02-001"}),
        (NOWHERE, "", set()),
    ],
)
def test_everybody_sees_the_patients_of_their_sites(enrol, today, by, site, seen):
    enrol("01-001")
    enrol("02-001", "02")

    assert subjects(today(by, site)) == seen


@pytest.mark.parametrize("site", ["02", "99", "'; --"])
def test_a_foreign_and_an_unknown_site_are_not_found_alike(today, week, site):
    with pytest.raises(NotFound):
        today(NURSE, site)
    with pytest.raises(NotFound):
        week(NURSE, site)


def test_visits_of_today_stand_by_time_then_without_one(enrol, booked, today, clock):
    first, second, third = enrol("01-001"), enrol("01-002"), enrol("01-003")
    booked(first, "C1D1", date(2025, 3, 3))
    booked(second, "C1D1", date(2025, 3, 3), time(11, 0))
    booked(third, "C1D1", date(2025, 3, 3), time(9, 0))
    clock.now = noon(3, 3)

    found = today().now

    assert [(entry.item.at, entry.patient.subject_id, entry.item.code) for entry in found] == [
        (time(9, 0), "01-003", "C1D1"),
        (time(11, 0), "01-002", "C1D1"),
        (None, "01-001", "C1D1"),
    ]
    assert line(found[0].schedule, found[0].item) == "FOLFOX 1 (C1D1), Day hospital."
    assert (act(found[0].item, writes=True), act(found[0].item, writes=False)) == ("Record", "Open")


def test_what_is_to_be_decided_stands_by_what_it_is_then_by_its_day(enrol, today, clock):
    enrol("01-001")
    clock.now = noon(3, 3)

    found = today().decide

    assert [(entry.item.asks, entry.item.code, entry.item.day) for entry in found] == [
        (Asks.OVERDUE, "SC1", date(2025, 2, 24)),
        (Asks.OVERDUE, "SC3", date(2025, 2, 28)),
        (Asks.OVERDUE, "AP", date(2025, 3, 1)),
        (Asks.OVERDUE, "SC2", date(2025, 3, 2)),
        (Asks.RECORD, "REG", date(2025, 2, 24)),
        (Asks.DECISION, "SC3", date(2025, 2, 21)),
    ]
    assert [line(entry.schedule, entry.item) for entry in found[-2:]] == [
        "Registration (REG): its day has passed: record whether it took place.",
        "Port needed: nobody has decided yet, yes is assumed; Port placement (SC3), Fri 21 Feb 2025, hangs on it.",
    ]


def test_soon_says_until_when_and_what_is_not_booked(enrol, today):
    enrol("01-001")

    said = [line(entry.schedule, entry.item) for entry in today().soon]

    assert said == [
        "Consent and screening (SC1): closing: Mon 24 Feb 2025 is its last bookable day.",
        "Baseline CT and MRI (SC2): closing: Fri 28 Feb 2025 is its last bookable day.",
        "Port placement (SC3): closing: Fri 28 Feb 2025 is its last bookable day.",
        "Leukapheresis (AP): closing: Fri 28 Feb 2025 is its last bookable day.",
        "Bloods before FOLFOX 1 (C1P): closing: Mon 3 Mar 2025 is its last bookable day.",
        "FOLFOX 1 (C1D1): due on Mon 3 Mar 2025, not booked.",
    ]


def test_little_room_for_surgery_is_said_soon(enrol, today, clock):
    """With nothing recorded by 10 April, surgery has 3 and 4 July: two days."""
    enrol("01-001")
    clock.now = noon(4, 10)

    found = [line(e.schedule, e.item) for e in today().soon if e.item.asks is Asks.FEW_DAYS]

    assert found == ["Resection (RES): only 2 days left."]


def test_a_week_is_monday_to_sunday_with_its_closed_days(enrol, week):
    """Easter Monday is 21 April 2025."""
    enrol("01-001")

    found = week(holding=date(2025, 4, 23))

    assert [day.day for day in found.days] == [date(2025, 4, n) for n in range(21, 28)]
    assert [shut(day.calendar, day.closed, day.day) for day in found.days] == [
        "Easter Monday", "", "", "", "", "weekend", "weekend",
    ]  # fmt: skip
    assert [(b.visit.code, place_of(b.visit)) for day in found.days for b in day.visits] == [
        ("N2+7", "Outpatient clinic")
    ]


@pytest.mark.parametrize("holding", [date(2025, 3, 3), date(2025, 3, 5), date(2025, 3, 9)])
def test_any_day_of_a_week_asks_for_it(enrol, booked, week, holding):
    public_id = enrol("01-001")
    booked(public_id, "C1D3", date(2025, 3, 5), time(14, 15))

    found = week(holding=holding)

    assert (found.first, found.today) == (date(2025, 3, 3), date(2025, 2, 24))
    assert [(b.visit.code, b.visit.fact.at) for b in found.days[2].visits] == [("C1D3", time(14, 15))]


def test_a_week_far_away_is_refused(week, refused):
    said = refused(week, NURSE, "", date(9999, 12, 31), kind=Refused)

    assert said == "Fri 31 Dec 9999 is no day near today. Write it as 2025-04-14."


def test_whoever_has_no_site_has_an_empty_week(week):
    assert week(NOWHERE).days == ()


def test_a_week_shows_one_site_and_the_other_on_demand(enrol, week):
    enrol("01-001")
    enrol("02-001", "02")

    seen = {
        site: {b.patient.subject_id for day in week(BOTH, site).days for b in day.visits} for site in ("", "01", "02")
    }

    assert seen == {"": {"01-001"}, "01": {"01-001"}, "02": {"02-001"}}


@pytest.mark.parametrize(
    ("by", "text", "found"),
    [
        (NURSE, "001 C4D1", [("01-001", "C4D1")]),
        (ELSEWHERE, "001 C4D1", [("02-001", "C4D1")]),
        (MEDICAL_MONITOR, "001 c4d1", [("01-001", "C4D1"), ("02-001", "C4D1")]),
        (NURSE, "02-001", []),
        (NURSE, "01-001", [("01-001", None)]),
    ],
)
def test_a_search_finds_within_reach_only(office, enrol, by, text, found):
    enrol("01-001")
    enrol("02-001", "02")

    with office.look(by) as work:
        hits = search.found(work, text)

    assert [(hit.patient.subject_id, hit.visit.code if hit.visit else None) for hit in hits] == found
