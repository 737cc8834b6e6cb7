"""Re-planning on its page: read first, then saved."""

from __future__ import annotations

from datetime import date

import pytest

from planner.services import cases, visits

BOOKED = {"C4D1": date(2025, 4, 14), "C5D1": date(2025, 4, 28), "C6D1": date(2025, 5, 12)}


@pytest.fixture
def here(office, staff, enrolled):
    """FOLFOX 4 of a patient with FOLFOX 4 to 6 booked."""
    public_id = enrolled()
    for code, day in BOOKED.items():
        with office.begin(staff["nurse"]) as work:
            visits.book(work, public_id, cases.case(work, public_id).patient.version, code, day)
    return f"/patients/{public_id}/visits/C4D1/replan"


@pytest.fixture
def days(office, staff, here):
    def read():
        with office.look(staff["nurse"]) as work:
            return {code: fact.day for code, fact in cases.case(work, here.split("/")[2]).facts.visits.items()}

    return read


def test_what_a_deferral_does_is_shown_and_nothing_is_saved(nurse, here, days):
    """Surgery is from Tuesday 10 June (Whit Monday is closed), then from 17 June, to Friday 4 July."""
    nurse.post(here, at=here, status=200, days="7", preview="x")

    said = nurse.page.said
    assert "Surgery: 25 days left before, 18 after; it can still slip 17 days." in said
    assert "FOLFOX 4 (C4D1) Mon 14 Apr 2025 Tue 22 Apr 2025" in said
    assert "FOLFOX 5 (C5D1) Mon 28 Apr 2025 Tue 6 May 2025" in said
    assert "FOLFOX 6 (C6D1) Mon 12 May 2025 Tue 20 May 2025" in said
    assert "5 days late, window 14 Apr to 17 Apr 2025 (was kept)" in said
    assert days() == BOOKED


def test_what_was_shown_is_saved_in_one_act(nurse, here, days):
    nurse.post(here, at=here, status=200, days="7", preview="x")
    nurse.post(here, days="7", cause="low blood counts", save_it="x")
    nurse.follow()

    assert days() == {"C4D1": date(2025, 4, 22), "C5D1": date(2025, 5, 6), "C6D1": date(2025, 5, 20)}
    assert "Saved" in nurse.page.said


def test_without_a_reason_nothing_is_saved_and_the_page_still_shows_what_it_does(nurse, here, days):
    nurse.post(here, at=here, status=422, days="7", save_it="x")

    assert "There is a problem" in nurse.page.said
    assert "FOLFOX 5 (C5D1) Mon 28 Apr 2025 Tue 6 May 2025" in nurse.page.said
    assert days() == BOOKED


@pytest.mark.parametrize(
    "typed",
    [{"days": ""}, {"days": "0"}, {"days": "-3"}, {"days": "1e9"}, {"days": "7", "verb": "explode"}, {"verb": "move"}],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(nurse, here, days, typed):
    nurse.post(here, at=here, status=422, preview="x", **typed)

    assert "There is a problem" in nurse.page.said
    assert days() == BOOKED


@pytest.mark.parametrize("button", ["preview", "save_it"])
@pytest.mark.parametrize("typed", [{"verb": "explode"}, {"scope": "explode"}, {"keep": "explode"}])
def test_a_choice_that_is_none_is_refused_with_either_button(nurse, here, days, typed, button):
    nurse.post(here, at=here, status=422, days="7", cause="low blood counts", **typed, **{button: "x"})

    assert days() == BOOKED


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
@pytest.mark.parametrize("verb", ["move", "defer"])
@pytest.mark.parametrize("keep", ["move", "keep"])
def test_a_day_that_nobody_means_breaks_nothing(nurse, here, days, day, verb, keep):
    """Whatever it answers, it is a page, and nothing was saved."""
    nurse.get(here)
    form = nurse.page.form(here) | {"day": day, "verb": verb, "keep": keep, "preview": "x"}

    assert nurse.client.post(here, data=form).status_code in (200, 422)
    assert days() == BOOKED


def test_where_no_legal_plan_is_left_it_says_why_and_what_could_give_way(nurse, here, days):
    there = here.replace("C4D1", "C6D1")
    nurse.post(there, at=there, status=200, verb="move", day="2025-06-10", preview="x")

    assert "There is no legal plan. Nothing can be saved like this." in nurse.page.said
    assert "What could give way, the least asked first:" in nurse.page.said
    assert "Save it" not in nurse.page.said
    nurse.post(there, status=422, verb="move", day="2025-06-10", cause="low blood counts", save_it="x")
    assert days() == BOOKED


def test_an_old_page_is_told_who_was_first(nurse, here, office, staff):
    nurse.get(here)
    public_id = here.split("/")[2]
    with office.begin(staff["investigator"]) as work:
        visits.book(work, public_id, cases.case(work, public_id).patient.version, "C2D1", date(2025, 3, 17))

    nurse.post(here, status=409, days="7", preview="x")
    assert "Investigator Person" in nurse.page.said
