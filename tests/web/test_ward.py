"""The ward as people see it in a browser, and where a visit is told with its unit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

import pytest

from planner.core.patients import Contact
from planner.core.staff import Actor, Role
from planner.core.units import Hours, Unit
from planner.services import cases, contacts, sites, visits
from planner.services.visits import How, Start

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEKDAYS = tuple(Hours(n, time(8), time(17)) for n in range(5))
APRIL = "2025-04-14"
"""Monday, the target of FOLFOX 4."""


@pytest.fixture
def chairs(office):
    """Two chairs, open on weekdays from 8 to 17."""
    with office.begin(ADMIN) as work:
        return [sites.add_unit(work, "01", Unit("", "chair", f"Chair {n}", WEEKDAYS)) for n in (1, 2)]


@pytest.fixture
def booked(chairs, enrolled, office, staff):
    """A patient whose FOLFOX 4 is booked on Monday 14 April at nine in the second chair."""
    public_id = enrolled()
    with office.begin(staff["nurse"]) as work:
        version = cases.case(work, public_id).patient.version
        day = datetime(2025, 4, 14, tzinfo=UTC).date()
        visits.book(work, public_id, version, "C4D1", day, "", How(Start(time(9), chairs[1].public_id)))
    return public_id


def cells(page, row):
    """What stands in a row of the table of units, day by day."""
    text = next(one for one in page.text.split("<tr>") if f'<th scope="row">{row} ' in one)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", text, re.DOTALL)
    ]


def test_a_week_has_a_row_for_each_unit_and_a_column_for_each_day(nurse, booked):
    nurse.get("/ward", query={"from": "2025-04-16"})

    closed = "Closed: weekend"
    open_days = ["08:00-17:00"] * 4
    assert cells(nurse.page, "Chair 2") == ["08:00-17:00 09:00-13:30 01-001 C4D1", *open_days, closed, closed]
    assert cells(nurse.page, "Chair 1") == ["08:00-17:00", *open_days, closed, closed]
    assert f"/patients/{booked}/visits/C4D1" in nurse.page.links
    assert "Brussels · 14 Apr to 20 Apr 2025" in nurse.page.said


def test_a_month_tells_of_each_kind_what_is_booked_and_what_of_the_hours_is_taken(nurse, booked):
    nurse.get("/ward", query={"from": APRIL, "view": "month"})

    table = nurse.page.text.split('<table class="month')[1].split("</table>")[0]
    days = {
        found.split()[0]: found
        for found in (
            " ".join(re.sub(r"<[^>]+>", " ", day).split())
            for day in re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)
        )
        if found
    }
    assert days["14"] == "14 April, the week chair 1 booked, 4.5 of 18 h"
    assert days["15"] == "15 April, the week chair 0 booked, 0 of 18 h"
    assert days["21"] == "21 April, the week Closed: Easter Monday"
    assert list(map(int, days)) == list(range(1, 31))


def test_the_links_lead_to_the_weeks_and_months_beside_and_keep_the_kind(nurse, booked):
    nurse.get("/ward", query={"from": APRIL, "kind": "chair"})
    week = [link for link in nurse.page.links if link.startswith("/ward?")]
    nurse.get("/ward", query={"from": APRIL, "view": "month"})
    month = [link for link in nurse.page.links if link.startswith("/ward?")][:3]

    assert week == [
        "/ward?kind=chair&from=2025-04-13",
        "/ward?kind=chair",
        "/ward?kind=chair&from=2025-04-21",
        "/ward?kind=chair&from=2025-04-14&view=week",
        "/ward?kind=chair&from=2025-04-14&view=month",
        "/ward?from=2025-04-14",
        "/ward?kind=chair&from=2025-04-14",
    ]
    assert month == ["/ward?view=month&from=2025-03-31", "/ward?view=month", "/ward?view=month&from=2025-05-01"]


def test_with_several_sites_one_is_chosen_by_a_link(signed_in, booked):
    browser = signed_in("medical_monitor")
    browser.get("/ward", query={"from": APRIL, "view": "month"})
    assert "/ward?site=02&view=month&from=2025-04-01" in browser.page.links

    browser.get("/ward", query={"site": "02", "from": APRIL})

    assert "Leuven has no units yet." in browser.page.said


def test_a_ward_without_units_and_a_person_without_a_site_are_told_what_will_stand_there(nurse, signed_in, office):
    nurse.get("/ward?kind=chair")
    assert "Brussels has no chair yet. Each chair, room and scanner will stand here" in nurse.page.said

    nurse.get("/ward?view=month")
    assert "Brussels has no units yet." in nurse.page.said


@pytest.mark.parametrize("login", ["nurse", "investigator", "pharmacist", "monitor", "medical_monitor"])
def test_whoever_may_see_the_ward_is_led_to_it(signed_in, booked, login):
    browser = signed_in(login)

    browser.get("/ward", query={"from": APRIL})

    assert browser.page.links[: browser.page.links.index("/patients")].count("/ward") == 1
    assert cells(browser.page, "Chair 2")[0] == "08:00-17:00 09:00-13:30 01-001 C4D1"


def test_no_contact_data_stand_on_the_ward(nurse, booked, office, staff):
    with office.begin(staff["nurse"]) as work:
        version = cases.case(work, booked).patient.version
        contacts.write_contact(work, booked, version, Contact("Maria Janssens", "maria@example.org", "+32 470 11 22"))

    for view in ("week", "month"):
        nurse.get("/ward", query={"from": APRIL, "view": view})
        assert re.findall(r"Janssens|maria@|11 22", nurse.page.text) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"site": "02"}, 404),
        ({"site": "\x00"}, 404),
        ({"kind": "sofa"}, 422),
        ({"kind": "<script>alert(1)</script>"}, 422),
        ({"from": "2025-02-30"}, 422),
        ({"from": "9999-12-31"}, 422),
        ({"from": "0001-01-01", "view": "month"}, 422),
        ({"view": "<script>alert(1)</script>", "_external": "1", "endpoint": "x"}, 200),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_repeated(nurse, booked, query, status):
    nurse.get("/ward", query=query, status=status)

    assert re.findall(r"<script>alert|_external|%3Cscript", nurse.page.text) == []


# ---- the unit, wherever a booked visit is told


def test_a_booked_visit_is_told_with_its_time_and_unit_on_every_page(nurse, booked, clock):
    told = {}
    for path in (f"/patients/{booked}", f"/patients/{booked}/visits/C4D1", f"/patients/{booked}/history", "/history"):
        nurse.get(path)
        told[path.rpartition("/")[2]] = nurse.page.said
    clock.now = datetime(2025, 4, 14, 7, tzinfo=UTC)
    nurse.sign_in("nurse")
    nurse.get("/today")
    now = nurse.page.text.split('aria-labelledby="now"')[1].split("</section>")[0]
    nurse.get("/week")

    assert told[booked].count("Mon 14 Apr 2025 9:00, Chair 2") == 1
    assert "Booked Mon 14 Apr 2025, 9:00, Chair 2" in told["C4D1"]
    assert "Booked FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:00, Chair 2." in told["history"]
    assert "FOLFOX 4 (C4D1), day hospital, Chair 2." in now.replace("Day hospital", "day hospital")
    assert "day hospital, Chair 2" in nurse.page.said.replace("Day hospital", "day hospital")


def test_a_unit_no_longer_in_use_keeps_its_name_in_the_history(nurse, booked, office, staff, chairs):
    with office.begin(staff["nurse"]) as work:
        visits.take_back(work, booked, cases.case(work, booked).patient.version, "C4D1")
    with office.begin(ADMIN) as work:
        sites.withdraw_unit(work, "01", chairs[1].public_id)

    nurse.get(f"/patients/{booked}/history")

    assert "Gave back the booking of FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:00, Chair 2." in nurse.page.said
