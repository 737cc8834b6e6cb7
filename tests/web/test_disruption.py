"""Closed days and booked visits: what closing would do, closing, and accepting new days, on one page.

FOLFOX 4 to 6 of 01-001 and 01-002 are booked on 14 and 28 April and 12 May 2025; the week of 28 April closes.
"""

from __future__ import annotations

import re
from datetime import date, time

import pytest

from planner.core.calendar import Closure
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.services import cases, sites, visits
from planner.services.visits import How, Start

BOOKED = {"C4D1": date(2025, 4, 14), "C5D1": date(2025, 4, 28), "C6D1": date(2025, 5, 12)}
HERE = "/sites/01/disruption"
WEEK = {"where": "", "first": "2025-04-28", "last": "2025-05-02", "name": "works"}


@pytest.fixture
def book(office, staff):
    def do(public_id, code, day, start=None):
        with office.begin(staff["nurse"]) as work:
            version = cases.case(work, public_id).patient.version
            visits.book(work, public_id, version, code, day, how=How(start))

    return do


@pytest.fixture
def two(enrolled, book):
    """The public ids of both patients."""
    found = [enrolled(number) for number in ("01-001", "01-002")]
    for public_id in found:
        for code, day in BOOKED.items():
            book(public_id, code, day)
    return found


@pytest.fixture
def closed(office, two):
    with office.begin(COMMAND_LINE) as work:
        sites.close(work, "01", Closure(date(2025, 4, 28), date(2025, 5, 2), name="works"))
    return two


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


@pytest.fixture
def days(office, staff):
    def read(public_id):
        with office.look(staff["nurse"]) as work:
            facts = cases.case(work, public_id).facts
        return [facts.visits[code].day for code in BOOKED]

    return read


STAY, MOVED = list(BOOKED.values()), [date(2025, 4, 14), date(2025, 5, 5), date(2025, 5, 19)]
NUMBERS = "2 patients, 2 bookings hit; 4 bookings change; shifting everything would change 4."


# ---- looking


def test_a_call_on_a_saturday_stands_on_no_closed_day(nurse, enrolled, book):
    """The call of the day after an infusion on Friday 4 April obeys no calendar of the site: nothing waits."""
    public_id = enrolled()
    for code, day in (("C3D1", date(2025, 4, 1)), ("N1", date(2025, 4, 4)), ("N1+1", date(2025, 4, 5))):
        book(public_id, code, day)

    nurse.get(HERE)

    assert "No booked visit stands on a closed day." in nurse.page.said


def test_what_closing_would_do_is_read_and_nothing_is_closed(nurse, two, days):
    nurse.get(HERE, query=WEEK)

    said = nurse.page.said
    assert f"If 28 Apr to 2 May 2025 are closed: {NUMBERS}" in said
    assert "FOLFOX 5 (C5D1) Mon 28 Apr 2025 closed then Mon 5 May 2025 ▲ 4 days late" in said
    assert "FOLFOX 6 (C6D1) Mon 12 May 2025 Mon 19 May 2025 kept" in said
    assert "To be declared: FOLFOX 5 (C5D1): expected 4 days late (window 28 Apr to 1 May 2025)" in said
    assert "Accept" not in said
    assert [days(one) for one in two] == [STAY, STAY]
    nurse.get(HERE)
    assert "No booked visit stands on a closed day." in nurse.page.said


def test_the_day_leads_to_the_ward_and_the_number_to_the_patient(nurse, two):
    nurse.get(HERE, query=WEEK)

    assert {f"/patients/{two[0]}", f"/patients/{two[0]}/visits/C5D1", "/ward?site=01&from=2025-05-05"} <= {
        *nurse.page.links
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first": ""}, "Enter the first day."),
        ({"first": "x"}, "'x' is no day. Write it as 2025-04-15."),
        ({"first": "9" * 400}, "is no day"),
        ({"first": "2025-05-03"}, "The last day comes before the first."),
        ({"last": "2199-01-01"}, "year"),
        ({"where": "unit:nowhere"}, "Not a valid choice"),
        ({"name": "a\0b"}, "There is a problem"),
        ({"name": "x" * 121}, "Write 120 letters at most."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence_and_kept(nurse, two, typed, said):
    nurse.get(HERE, status=422, query=WEEK | typed)

    assert said in nurse.page.said
    assert "Correct what was asked for." in nurse.page.said


@pytest.mark.parametrize("code", ["02", "99", "nowhere"])
def test_another_site_is_not_found(nurse, closed, code):
    nurse.get(f"/sites/{code}/disruption", status=404)


def test_an_administrator_reads_how_many_and_of_no_patient(admin, two):
    admin.get(HERE, query=WEEK)

    assert NUMBERS in admin.page.said
    assert "2 booked visits are hit and wait then for a nurse to accept new days." in admin.page.said
    assert ("01-001" in admin.page.text, two[0] in admin.page.text) == (False, False)


# ---- closing


def test_the_week_is_closed_with_its_reason_and_then_waits_for_new_days(admin, nurse, two):
    admin.get(HERE, query=WEEK)
    admin.post(f"{HERE}/close")
    admin.follow()
    nurse.get(HERE)

    assert "Saved. 2 booked visits wait to be moved by a nurse" in admin.page.said
    assert "A nurse or an investigator of the site accepts new days on this page." in admin.page.said
    assert f"Closed days and booked visits {NUMBERS}" in nurse.page.said


def test_without_a_reason_the_week_stays_open_and_what_was_typed_is_kept(admin, two):
    admin.get(HERE, query=WEEK | {"name": ""})
    admin.post(f"{HERE}/close", status=422)
    told = admin.page.said

    admin.post(f"{HERE}/close", name="works")

    assert "Enter the reason." in told


def test_who_was_booked_meanwhile_is_shown_before_it_is_closed(admin, two, book, enrolled):
    admin.get(HERE, query=WEEK)
    book(enrolled("01-003"), "C5D1", date(2025, 4, 28))

    admin.post(f"{HERE}/close", status=422)
    told = admin.page.said
    admin.post(f"{HERE}/close")

    assert "Booked visits are hit by this: 3." in told
    assert "3 booked visits are hit and wait" in told


def test_the_site_today_and_the_ward_lead_there(admin, nurse, closed, signed_in):
    admin.get("/sites/01")
    nurse.get("/today")
    pharmacist = signed_in("pharmacist")
    pharmacist.get("/today")

    words = "2 booked visits stand on closed days: give them new days"
    assert (words in admin.page.said, words in nurse.page.said, words in pharmacist.page.said) == (True, True, False)
    assert (HERE in admin.page.links, HERE in nurse.page.links) == (True, True)
    nurse.get("/ward")
    assert HERE in nurse.page.links


def test_the_site_shows_the_way_to_the_new_days_before_it_is_closed(admin, two):
    typed = WEEK | {"last": "2025-04-28"}
    admin.post("/sites/01/closures", at="/sites/01", status=422, **typed)

    assert f"{HERE}?where=&first=2025-04-28&last=2025-04-28&name=works" in admin.page.links


# ---- accepting


def test_what_can_be_asked_for_stands_on_a_page_that_was_refused_too(nurse, closed):
    nurse.post(f"{HERE}/accept", at=HERE, status=422, accept="x")

    assert re.findall(r'<option[^>]*value="([^"]*)"', nurse.page.text.partition("</select>")[0])
    assert "Choose the patients whose new days you accept." in nurse.page.said


def test_all_are_accepted_and_each_reads_well_in_its_history(nurse, closed, days):
    nurse.post(f"{HERE}/accept", at=HERE, cause="holiday or closed day", note="works", accept_all="x")
    nurse.follow()
    told = nurse.page.said
    nurse.get(f"/patients/{closed[0]}/history")

    assert "Saved: 2 patients have new days now (01-001, 01-002)." in told
    assert "No booked visit stands on a closed day." in told
    assert [days(one) for one in closed] == [MOVED, MOVED]
    assert "Moved the booking of FOLFOX 5 (C5D1) from Mon 28 Apr 2025 to Mon 5 May 2025" in nurse.page.said
    assert "holiday or closed day: works" in nurse.page.said


def test_only_who_is_ticked_is_accepted(nurse, closed, days):
    ticked = {f"chosen-{closed[1]}": "1"}
    nurse.post(f"{HERE}/accept", at=HERE, cause="holiday or closed day", accept="x", **ticked)

    assert [days(one) for one in closed] == [STAY, MOVED]


def test_without_a_reason_nothing_is_saved_and_what_was_ticked_stays_so(nurse, closed, days):
    nurse.post(f"{HERE}/accept", at=HERE, status=422, accept="x", **{f"chosen-{closed[0]}": "1"})

    assert "are to be declared for 01-001: give the reason" in nurse.page.said
    assert re.search(f'name="chosen-{closed[0]}" value="1" checked', nurse.page.text)
    assert [days(one) for one in closed] == [STAY, STAY]


def test_nobody_ticked_is_told(nurse, closed):
    nurse.post(f"{HERE}/accept", at=HERE, status=422, cause="holiday or closed day", accept="x")

    assert "Choose the patients whose new days you accept." in nurse.page.said


def test_who_was_changed_meanwhile_is_named_and_nothing_is_lost(nurse, closed, book, days):
    nurse.get(HERE)
    book(closed[1], "C2D1", date(2025, 3, 17))

    typed = {"cause": "holiday or closed day", "note": "works", "accept_all": "x"}
    nurse.post(f"{HERE}/accept", status=409, **typed)
    told = nurse.page.said
    kept = nurse.page.form(f"{HERE}/accept")
    nurse.post(f"{HERE}/accept", accept_all="x")

    assert "saved something about patient 01-002 after your page was made." in told
    assert (kept["cause"], kept["note"]) == ("holiday or closed day", "works")
    assert [days(one) for one in closed] == [MOVED, MOVED]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("chosen-" + "A" * 22, "1", 404),
        ("chosen-\0", "1", 422),
        ("chosen-../../x", "1", 422),
        ("chosen-", "1", 422),
    ],
)
def test_what_no_page_sent_reaches_nobody(nurse, closed, days, name, value, status):
    nurse.post(f"{HERE}/accept", at=HERE, status=status, cause="holiday or closed day", accept="x", **{name: value})

    assert [days(one) for one in closed] == [STAY, STAY]


@pytest.mark.parametrize("shown", ["", "x:y", "99999999999999:y", "-1:y", "3", "\0"])
def test_what_was_shown_cannot_be_made_up(nurse, closed, days, shown):
    ids = {f"chosen-{closed[0]}": "1", f"shown-{closed[0]}": shown}
    nurse.post(f"{HERE}/accept", at=HERE, status=409, cause="holiday or closed day", accept="x", **ids)

    assert days(closed[0]) == STAY


def test_the_same_form_sent_twice_is_saved_once(nurse, closed):
    nurse.get(HERE)
    typed = nurse.filled(f"{HERE}/accept", {"cause": "holiday or closed day", "accept_all": "x"})

    answers = [nurse.client.post(f"{HERE}/accept", data=typed).status_code for _ in range(2)]

    assert answers == [303, 303]


def test_who_has_no_legal_day_stands_first_with_the_way_to_mend_it(nurse, closed, enrolled, book, office):
    """FOLFOX 1 of 01-003 stands on Day 1, 29 April."""
    third = enrolled("01-003", day_one=date(2025, 4, 29))
    with office.begin(COMMAND_LINE) as work:
        which = sites.ward(work, "01").closures[0][0]
        sites.reopen(work, "01", which)
    book(third, "C1D1", date(2025, 4, 29))
    with office.begin(COMMAND_LINE) as work:
        sites.close(work, "01", Closure(date(2025, 4, 28), date(2025, 5, 2), name="works"))

    nurse.get(HERE)

    said = nurse.page.said
    assert "1 patient has a visit without a legal day, not counted." in said
    assert said.index("No legal day: 01-003") < said.index("Accept the new days of 01-001")
    assert f"/patients/{third}/dates/day_one" in " ".join(nurse.page.links)
    assert f"chosen-{third}" not in nurse.page.text


def test_a_place_that_closes_changes_only_the_place_and_says_both(nurse, office, enrolled, book):
    with office.begin(COMMAND_LINE) as work:
        hours = tuple(Hours(n, time(8), time(17)) for n in range(5))
        first, _ = (sites.add_unit(work, "01", Unit("", "chair", f"Chair {n}", hours)) for n in (1, 2))
    book(enrolled(), "C4D1", date(2025, 4, 14), Start(time(9), first.public_id))

    nurse.get(HERE, query={"where": f"unit:{first.public_id}", "first": "2025-04-14", "last": "2025-04-14"})

    words = "Mon 14 Apr 2025, 9:00, Chair 1 closed then Mon 14 Apr 2025, 9:00, Chair 2 as before"
    assert words in nurse.page.said
