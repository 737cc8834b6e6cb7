"""Two people with the same page before them: the second is told who was first, and loses nothing of what was typed."""

import pytest

FIRST = "Investigator Person saved something about this patient after your page was made."
FORMS = {
    "book": ("/visits/C4D1/book", "/visits/C4D1", {"day": "2025-04-16", "note": "asked for Wednesday"}),
    "record": ("/visits/SC1/record", "/visits/SC1", {"what": "occurred", "day": "2025-02-24", "note": "in time"}),
    "start": ("/dates/day_one", "/dates/day_one", {"day": "2025-03-10", "note": "no bed", "save_it": "x"}),
    "end": ("/end", "/end", {"because": "death", "day": "2025-02-24", "note": "at home"}),
}


@pytest.fixture
def here(enrolled):
    return f"/patients/{enrolled()}"


@pytest.fixture
def second(signed_in, here):
    """Opens a page as the nurse, and lets the investigator save a booking before it is sent."""

    def open_one(path):
        nurse, investigator = signed_in("nurse"), signed_in("investigator")
        nurse.get(f"{here}{path}")
        visit = f"{here}/visits/C4D1"
        investigator.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")
        return nurse

    return open_one


@pytest.mark.parametrize(("path", "page", "typed"), FORMS.values(), ids=FORMS)
def test_the_second_is_told_who_was_first_keeps_the_words_and_can_send_again(second, here, path, page, typed):
    nurse = second(page)

    nurse.post(f"{here}{path}", status=409, **typed)

    assert f"There is a problem {FIRST} What you typed is still here" in nurse.page.said
    kept = {name.rpartition("-")[2]: value for name, value in nurse.page.form(f"{here}{path}").items()}
    wanted = {name: value for name, value in typed.items() if name != "save_it"}
    assert {name: kept[name] for name in wanted} == wanted
    nurse.client.post(f"{here}{path}", data=nurse.page.form(f"{here}{path}") | buttons(typed))
    nurse.get(f"{here}/history")
    assert f"Reason: {typed['note']} Nurse Person" in nurse.page.said or "Booked FOLFOX 4" in nurse.page.said


def buttons(typed):
    return {name: "x" for name in typed if name == "save_it"}


def test_a_decision_made_on_an_old_page_is_not_saved(signed_in, here):
    path, first, nurse = f"{here}/decisions/resectable", signed_in("investigator"), signed_in("nurse")
    first.get(path)
    visit = f"{here}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")

    first.post(path, status=409, value="no", note="lesion at the vessel")

    assert "Nurse Person saved something" in first.page.said
    assert first.page.form(path)["value"] == "no"
    assert first.page.form(path)["note"] == "lesion at the vessel"


def test_a_booking_sent_twice_is_saved_once(signed_in, here):
    nurse, visit = signed_in("nurse"), f"{here}/visits/C4D1"
    nurse.get(visit)
    form = nurse.page.form(f"{visit}/book") | {"book-day": "2025-04-15", "book-book": "x"}

    answers = [nurse.client.post(f"{visit}/book", data=form).status_code for _ in range(2)]

    nurse.get(f"{here}/history")
    assert answers == [303, 303]  # the second is told that it was saved before
    assert nurse.page.said.count("Booked FOLFOX 4 (C4D1)") == 2  # the act, and what can be taken back


def test_the_same_booking_made_again_changes_nothing(signed_in, here):
    nurse, visit = signed_in("nurse"), f"{here}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")

    nurse.post(f"{visit}/book", at=visit, status=422, day="2025-04-15", book="x")

    assert "Nothing differs from what is saved already, so nothing was saved." in nurse.page.said


def test_a_preview_on_an_old_page_is_told_so_and_then_shows_the_plan_as_it_is_now(second, here):
    nurse, visit = second("/visits/C5D1"), f"{here}/visits/C5D1"
    nurse.post(f"{visit}/book", status=409, day="2025-04-30", preview="x")
    assert FIRST in nurse.page.said

    nurse.post(f"{visit}/book", status=200, day="2025-04-30", preview="x")

    assert "FOLFOX 5 (C5D1) Tue 29 Apr 2025 Wed 30 Apr 2025 kept" in nurse.page.said


def test_contact_data_that_somebody_else_changed_are_not_overwritten(signed_in, here):
    """The phone number that the first nurse wrote is lost where the second saves the page she had open."""
    first, other, path = signed_in("nurse"), signed_in("nurse"), f"{here}/contact"
    other.get(path)
    first.post(path, at=path, phone="+32 470 11 22 33")

    other.post(path, status=409, email="maria@example.org")


def test_a_visit_that_took_place_in_the_meantime_still_shows_what_was_typed(signed_in, here):
    """Whoever books a visit that somebody else just recorded is told so; there is nothing left to send."""
    nurse, investigator, visit = signed_in("nurse"), signed_in("investigator"), f"{here}/visits/SC1"
    nurse.get(visit)
    investigator.post(f"{visit}/record", at=visit, what="occurred", day="2025-02-24")

    nurse.post(f"{visit}/book", status=409, day="2025-02-24", note="typed before", book="x")

    assert FIRST in nurse.page.said
    assert "● occurred Took place Mon 24 Feb 2025" in nurse.page.said
