"""The ward by place: who is in which unit and when, why a unit is closed, and how much of its time is taken."""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.calendar import Because, Closure
from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.core.patients import Ended
from planner.core.staff import Actor, Role
from planner.core.units import Hours, Opened, Unit
from planner.services import courses, patients, records, resources, sites, visits, ward
from planner.services.records import Record
from planner.services.visits import How, Start

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, noon, wanted

C4 = date(2025, 4, 14)
"""The target of FOLFOX 4: Monday 14 April. It takes four and a half hours of a chair."""

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
NOWHERE = Actor("none", "Nurse of none", Role.NURSE)
WEEKDAYS = tuple(Hours(n, time(8), time(17)) for n in range(5))


@pytest.fixture
def admin(office):
    """Does an act of an administrator at site 01."""

    def do(verb, *arguments):
        with office.begin(ADMIN) as work:
            return verb(work, "01", *arguments)

    return do


@pytest.fixture
def chairs(admin):
    """Two chairs, open on weekdays from 8 to 17."""
    return [admin(sites.add_unit, Unit("", "chair", f"Chair {n}", WEEKDAYS)) for n in (1, 2)]


@pytest.fixture
def book(office):
    """Enrols a patient and books FOLFOX 4 from that hour on."""

    def do(subject, hour, unit="", day=C4, minute=0):
        with office.begin(NURSE) as work:
            other = patients.enrol(work, wanted(subject_id=subject))
            visits.book(work, other.public_id, other.version, "C4D1", day, "", How(Start(time(hour, minute), unit)))

    return do


@pytest.fixture
def week(office):
    def read(by=NURSE, site="", kind="", holding=C4):
        with office.look(by) as work:
            return ward.week(work, site, kind, holding)

    return read


@pytest.fixture
def month(office):
    def read(by=NURSE, site="", kind="", holding=C4):
        with office.look(by) as work:
            return ward.month(work, site, kind, holding)

    return read


def told(found):
    """Each row with its visits: unit, weekday, from, until, whose, which."""
    return [
        (row.name, cell.day.weekday(), one.at, one.until, one.patient.subject_id, one.visit.code)
        for row in found.rows
        for cell in row.cells
        for one in cell.visits
    ]


def test_each_unit_has_its_visits_in_order_of_time(chairs, book, week):
    book("01-002", 12, chairs[0].public_id, minute=30)
    book("01-003", 8, chairs[0].public_id)
    book("01-004", 9, chairs[1].public_id, date(2025, 4, 15))

    found = week(holding=date(2025, 4, 17))

    assert (found.first, found.last) == (C4, date(2025, 4, 20))
    assert told(found) == [
        ("Chair 1", 0, time(8), time(12, 30), "01-003", "C4D1"),
        ("Chair 1", 0, time(12, 30), time(17), "01-002", "C4D1"),
        ("Chair 2", 1, time(9), time(13, 30), "01-004", "C4D1"),
    ]


def test_a_cell_has_the_hours_of_its_unit_or_why_it_is_closed(admin, chairs, week):
    """Monday 21 April 2025 is Easter Monday; Tuesday is open; Chair 1 is repaired on Wednesday."""
    repair = Closure(date(2025, 4, 23), date(2025, 4, 23), Because.CLOSURE, "repair")
    admin(sites.close, repair, chairs[0].public_id)

    cells = week(holding=date(2025, 4, 21)).rows[0].cells

    open_days = ((time(8), time(17)),)
    assert [cell.hours for cell in cells] == [(), open_days, (), open_days, open_days, (), ()]
    assert [[closure.name for closure in cell.why] for cell in cells[:4]] == [["Easter Monday"], [], ["repair"], []]
    assert {closure.because for closure in cells[5].why} == {Because.WEEKEND, Because.HOURS}


def test_a_day_opened_by_hand_has_the_hours_it_was_opened_for(admin, chairs, week):
    admin(sites.open_day, Opened(date(2025, 4, 21), time(9), time(14), "chair", "catching up"))

    cell = week(holding=date(2025, 4, 21)).rows[0].cells[0]

    assert (cell.hours, cell.why) == (((time(9), time(14)),), ())


def test_a_unit_no_longer_in_use_keeps_its_name_where_a_visit_was_in_it(admin, office, act, chairs, week, clock):
    act(visits.book, "C4D1", C4, "", How(Start(time(8), chairs[1].public_id)))
    clock.now = noon(4, 14)
    act(records.record, "C4D1", Record(State.OCCURRED, C4))
    clock.now = noon(4, 15)
    admin(sites.withdraw_unit, chairs[1].public_id)

    with_visit, after = week(), week(holding=date(2025, 4, 22))
    with office.look(NURSE) as work:
        names = resources.unit_names(work, *sites.every(work))

    assert [(row.name, row.in_use) for row in with_visit.rows] == [("Chair 1", True), ("Chair 2", False)]
    assert [cell.hours for cell in with_visit.rows[1].cells] == [()] * 7
    assert [row.name for row in after.rows] == ["Chair 1"]
    assert names == {chair.public_id: chair.name for chair in chairs}


def test_a_booking_from_before_the_site_had_units_is_not_lost(act, admin, week):
    act(visits.book, "C4D1", C4, "", How(Start(time(9))))
    admin(sites.add_unit, Unit("", "chair", "Chair 1", WEEKDAYS))

    found = week()

    assert [row.name for row in found.rows] == ["Chair 1", ""]
    assert told(found) == [("", 0, time(9), time(13, 30), "01-001", "C4D1")]


def test_what_was_given_back_or_ended_is_not_on_the_ward(act, chairs, week):
    act(visits.book, "C4D1", C4, "", How(Start(time(8))))
    act(visits.take_back, "C4D1")
    given_back = told(week())
    act(visits.book, "C4D1", C4, "", How(Start(time(8))))
    act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "the patient's wish")

    assert (given_back, told(week())) == ([], [])


def test_one_kind_can_be_chosen(admin, chairs, week, month):
    admin(sites.add_unit, Unit("", "theatre", "Theatre 2", WEEKDAYS))

    assert [row.name for row in week().rows] == ["Chair 1", "Chair 2", "Theatre 2"]
    assert [row.name for row in week(kind="theatre").rows] == ["Theatre 2"]
    assert week(kind="theatre").kinds == ("chair", "theatre")
    assert [load.kind for load in month(kind="theatre").days[0].loads] == ["theatre"]


# ---- a month


def test_a_month_counts_visits_and_the_hours_taken_of_those_open(chairs, book, month):
    """Two chairs of nine hours; FOLFOX 4 takes four and a half."""
    book("01-002", 8)
    book("01-003", 12, minute=30)
    book("01-004", 9)

    found = month()

    load = found.days[13].loads[0]
    assert (found.first, found.last, len(found.days)) == (date(2025, 4, 1), date(2025, 4, 30), 30)
    assert (load.kind, load.booked, load.taken, load.open, load.left) == ("chair", 3, 13.5, 18, 4.5)
    assert {(day.loads[0].booked, day.loads[0].taken) for day in found.days if day.day != C4} == {(0, 0)}


def test_a_closed_day_has_no_hours_and_what_is_booked_on_it_is_still_counted(admin, chairs, book, month):
    book("01-002", 8)
    admin(sites.close, Closure(C4, C4, Because.CLOSURE, "move", ("chair",)))

    day = month().days[13]

    assert [(load.booked, load.taken, load.open) for load in day.loads] == [(1, 0, 0)]
    assert [[closure.name for closure in why] for _, why in day.closed] == [["move"]]


def test_the_night_on_which_the_clocks_change_has_an_hour_less(admin, office):
    """Sunday 30 March 2025: two o'clock is three."""
    with office.begin(ADMIN) as work:
        sites.open_day(work, "01", Opened(date(2025, 3, 30), time(1), time(5), "", "a night"))
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEKDAYS))
        sites.add_unit(work, "01", Unit("", "scanner", "Scanner 1", ()))

    with office.look(NURSE) as work:
        day = ward.month(work, holding=date(2025, 3, 30)).days[29]

    assert [(load.kind, load.open) for load in day.loads] == [("chair", 3), ("scanner", 3)]


# ---- who sees what


@pytest.mark.parametrize(
    ("by", "site", "seen"),
    [
        (NURSE, "", {"01-002"}),
        (INVESTIGATOR, "01", {"01-002"}),
        (ELSEWHERE, "", set()),
        (MEDICAL_MONITOR, "01", {"01-002"}),
        (MEDICAL_MONITOR, "02", set()),
        (NOWHERE, "", set()),
    ],
    ids=["nurse", "investigator", "elsewhere", "medical monitor", "medical monitor elsewhere", "nowhere"],
)
@pytest.mark.usefixtures("chairs")
def test_each_sees_the_ward_of_their_own_sites(book, week, month, by, site, seen):
    book("01-002", 8)

    assert {line[4] for line in told(week(by, site))} == seen
    assert sum(load.booked for day in month(by, site).days for load in day.loads) == len(seen)


def test_a_foreign_site_an_unknown_kind_and_a_day_far_away_are_refused(chairs, week, month, refused):
    for read in (week, month):
        refused(read, site="02", kind=NotFound)
        assert refused(read, NURSE, "", "sofa", kind=Refused).startswith("No visit of a protocol takes such a place.")
        assert refused(read, holding=date(1899, 1, 1), kind=Refused).endswith("Write it as 2025-04-14.")


def test_a_weekday_without_hours_closes_nothing_and_a_holiday_does(admin, month):
    """A theatre of Tuesdays: Monday 14 April has no hours, Easter Monday is closed."""
    admin(sites.add_unit, Unit("", "theatre", "Theatre 2", (Hours(1, time(8), time(17)),)))

    days = month().days

    assert [[c.name for _, why in days[n].closed for c in why] for n in (13, 14, 20)] == [[], [], ["Easter Monday"]]
    assert [days[n].loads[0].open for n in (13, 14, 20)] == [0, 9, 0]


def test_a_visit_in_hours_that_were_cut_since_is_marked_until_it_is_moved(admin, chairs, book, week):
    book("01-001", 8, chairs[0].public_id)
    book("01-002", 12, chairs[1].public_id, minute=30)
    shorter = tuple(Hours(n, time(8), time(12, 30)) for n in range(5))

    for chair in chairs:
        admin(sites.set_hours, chair.public_id, shorter)

    cut = {one.patient.subject_id: one.cut for row in week().rows for cell in row.cells for one in cell.visits}
    assert cut == {"01-001": False, "01-002": True}
