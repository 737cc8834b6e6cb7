"""Exchanging times on its page: what it does to both is read first, then saved for both."""

from __future__ import annotations

import re
from datetime import date, time

import pytest

from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.services import cases, sites, visits
from planner.services.visits import How, Start

ONE, TWO = date(2025, 4, 1), date(2025, 4, 2)
WEEKDAYS = tuple(Hours(weekday, time(8), time(17)) for weekday in range(5))


@pytest.fixture
def book(office, staff):
    def do(public_id, day, at):
        with office.begin(staff["nurse"]) as work:
            seen = cases.case(work, public_id).patient.version
            visits.book(work, public_id, seen, "C3D1", day, "", How(Start(time(at))))

    return do


@pytest.fixture
def pair(office, enrolled, book):
    """Two patients of the site with FOLFOX 3 on 1 and 2 April 2025; their ids."""
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEKDAYS))
    found = enrolled("01-001"), enrolled("01-002")
    for public_id, day, at in zip(found, (ONE, TWO), (9, 10), strict=True):
        book(public_id, day, at)
    return found


@pytest.fixture
def here(pair):
    return f"/patients/{pair[0]}/visits/C3D1/swap"


@pytest.fixture
def days(office, staff, pair):
    def read():
        with office.look(staff["nurse"]) as work:
            return [cases.case(work, one).facts.visits["C3D1"].day for one in pair]

    return read


def options(page):
    return re.findall(r'<option[^>]* value="([^"]+)">([^<]+)</option>', page.text.partition("cause")[0])


def test_both_sides_are_shown_and_nothing_is_saved(nurse, here, days):
    nurse.post(here, at=here, status=200, preview="x")

    said = nurse.page.said
    assert "from Tue 1 Apr 2025, 9:00, Chair 1, to Wed 2 Apr 2025, 10:00, Chair 1" in said
    first, second = "Tue 1 Apr 2025, 9:00, Chair 1", "Wed 2 Apr 2025, 10:00, Chair 1"
    assert f"01-001: As asked (1) Visit Was Becomes Window FOLFOX 3 (C3D1) {first} {second} kept" in said
    assert f"01-002: As asked (1) Visit Was Becomes Window FOLFOX 3 (C3D1) {second} {first} kept" in said
    assert days() == [ONE, TWO]


def test_both_are_saved_at_once_and_taken_back_together(nurse, here, days, pair):
    nurse.post(here, at=here, status=200, preview="x")
    nurse.post(here, save_it="x")
    exchanged = days()
    nurse.follow()
    ours, theirs = (
        "Saved: FOLFOX 3 booked on Wednesday 2 April 2025, 10:00.",
        "01-002: Saved: FOLFOX 3 booked on Tuesday",
    )
    assert re.search(rf"{ours} \d+ other visits have another day now\. {theirs} 1 April 2025, 09:00\.", nurse.page.said)
    history, undo = f"/patients/{pair[1]}/history", f"/patients/{pair[1]}/undo"
    nurse.post(undo, at=history)

    assert (exchanged, days()) == ([TWO, ONE], [ONE, TWO])


def test_nothing_is_exchanged_that_was_not_shown(nurse, here, days, book, pair):
    """The other one goes from 10:00 to 12:00 of the same day, and the page is chosen from anew."""
    nurse.get(here)
    assert 'name="save_it"' not in nurse.page.text
    nurse.post(here, status=422, save_it="x")
    assert "Nothing is saved before it was shown" in nurse.page.said
    book(pair[1], TWO, 12)
    nurse.get(here)
    other = options(nurse.page)[0][0]

    nurse.post(here, status=409, other=other, shown="0" * 64, save_it="x")

    assert "Something changed since this was shown" in nurse.page.said
    assert "to Wed 2 Apr 2025, 12:00, Chair 1" in nurse.page.said
    assert days() == [ONE, TWO]


def test_what_is_taken_back_names_the_other_patient_and_waits_for_what_was_saved_of_it(nurse, here, days, book, pair):
    """Told of both; then something is saved of the other one, which is read before both go back."""
    nurse.post(here, at=here, status=200, preview="x")
    nurse.post(here, save_it="x")
    history, undo = f"/patients/{pair[0]}/history", f"/patients/{pair[0]}/undo"
    nurse.get(history)
    assert "And of patient 01-002, in the same act: Moved the booking of FOLFOX 3" in nurse.page.said

    nurse.post(f"/patients/{pair[1]}/contact", at=f"/patients/{pair[1]}/contact", phone="+32 470 11 22 33")
    nurse.get(history)
    nurse.post(undo, status=409, shown="0" * 64)
    assert "Something changed since this was shown" in nurse.page.said
    assert days() == [TWO, ONE]
    nurse.post(undo)
    assert days() == [ONE, TWO]


def test_the_choices_are_named_by_number_visit_day_and_place(nurse, here):
    nurse.get(here)

    assert [told for _, told in options(nurse.page)] == ["01-002, FOLFOX 3, Wed 2 Apr 2025, 10:00, Chair 1"]


def test_a_page_older_than_the_other_patient_is_told(nurse, here, book, pair, days):
    nurse.get(here)
    old = options(nurse.page)[0][0]
    book(pair[1], date(2025, 4, 3), 9)

    nurse.post(here, status=409, other=old, save_it="x")
    assert "saved something about this patient after your page was made" in nurse.page.said
    assert days() == [ONE, date(2025, 4, 3)]


@pytest.mark.parametrize("other", ["", "x", "x C3D1 1", "A" * 22 + " C3D1 1", "\x00", "a b " + "9" * 400])
@pytest.mark.parametrize("button", ["preview", "save_it"])
def test_a_patient_who_is_none_is_not_found(nurse, here, days, other, button):
    nurse.post(here, at=here, status=404, other=other, **{button: "x"})

    assert days() == [ONE, TWO]


def test_nobody_of_another_site_is_offered_or_found(nurse, here, days, enrolled, office, staff):
    far = enrolled("02-001", site="02")

    nurse.get(here)
    assert far not in nurse.page.text
    nurse.post(here, status=404, other=f"{far} C3D1 1", save_it="x")
    assert days() == [ONE, TWO]


def test_where_there_is_nobody_to_exchange_with_it_says_so(nurse, pair):
    for code, why in (("C4D1", "is not booked"), ("RES", "is not booked")):
        nurse.get(f"/patients/{pair[0]}/visits/{code}/swap")
        assert why in nurse.page.said
