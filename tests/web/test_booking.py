"""Booking a time on the visit's page: free times, full days, who was first, two persons; and once, however often."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from planner.core.staff import Actor, Role
from planner.core.units import Hours, Unit
from planner.services import cases, sites

PASSWORD = "correct horse battery"
ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEK = tuple(Hours(n, time(8), time(17)) for n in range(5))
C4 = "2025-04-14"


@pytest.fixture
def chair(office):
    """One chair, open on weekdays from 8 to 17."""
    with office.begin(ADMIN) as work:
        return sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEK))


@pytest.fixture
def visit(chair, enrolled):
    return f"/patients/{enrolled()}/visits/C4D1"


@pytest.fixture
def fact(office, staff):
    """What is known of a patient's visit."""

    def read(visit):
        public_id, code = visit.split("/")[2], visit.split("/")[4]
        with office.look(staff["nurse"]) as work:
            return cases.case(work, public_id).facts.visits.get(code)

    return read


def test_a_day_is_chosen_then_a_time_and_both_are_booked(nurse, visit, chair, fact):
    nurse.post(f"{visit}/book", at=visit, status=200, day=C4, times="x")
    offered = nurse.page.said

    nurse.post(f"{visit}/book", day=C4, start="09:15", book="x")

    assert "Free times on Mon 14 Apr 2025 08:00 08:15 08:30" in offered
    assert "12:30 Place" in offered  # the last start that leaves four and a half hours
    found = fact(visit)
    assert (found.at, found.zone, found.unit) == (time(9, 15), "Europe/Brussels", chair.public_id)


def test_the_month_tells_how_many_visits_still_fit(nurse, visit):
    nurse.get(visit)

    assert (
        nurse.page.text.count('room for </span>2<span class="on-wide"> free') == 12
    )  # 14 to 18, 22 to 25 and 28 to 30 April


def test_a_full_day_is_grey_and_says_so(nurse, visit, enrolled):
    for number, start in ((2, "08:00"), (3, "12:30")):
        other = f"/patients/{enrolled(f'01-00{number}')}/visits/C4D1"
        nurse.post(f"{other}/book", at=other, day=C4, start=start, book="x")

    nurse.get(visit)

    assert "Mon 14 Apr: full: no unit has room for this visit" in nurse.page.said
    assert f'value="{C4}"' not in nurse.page.text


def test_a_day_on_which_the_patients_own_visits_leave_no_time_says_so_and_is_not_called_full(nurse, visit):
    """The bloods of FOLFOX 4 at 15:00 that day: its four hours and a half do not end by 17:00 after them."""
    bloods = visit.replace("C4D1", "C4P")
    nurse.post(f"{bloods}/book", at=bloods, day=C4, start="15:00", book="x")

    nurse.get(visit)

    assert (
        "Mon 14 Apr: no time is left: the patient's other visits of that day, and the order among them, leave this one "
        "none. Move one of them, or book it at another hour"
    ) in nurse.page.said.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert "Mon 14 Apr: full" not in nurse.page.said


def test_whoever_comes_second_gets_the_next_free_times_and_keeps_what_was_typed(signed_in, visit, enrolled):
    """Both saw 9:00 free; the second is told, sees what is free now, and the note is still there."""
    first, second = signed_in("nurse"), signed_in("investigator")
    other = f"/patients/{enrolled('01-002')}/visits/C4D1"
    second.get(visit)
    first.post(f"{other}/book", at=other, day=C4, start="08:00", book="x")

    second.post(f"{visit}/book", status=409, day=C4, start="09:00", note="by car")

    assert "This time is taken, there or by this patient." in second.page.said
    assert "Free times on Mon 14 Apr 2025 12:30 Place" in second.page.said
    assert "by car" in second.page.text


@pytest.mark.parametrize("start", ["9", "9.00", "900", "9:0", "25:00", "09:60", "noon", "09:00:00"])
def test_what_is_no_time_is_refused_with_a_sentence(nurse, visit, start):
    nurse.post(f"{visit}/book", at=visit, status=422, day=C4, start=start, book="x")

    assert "is no time. Write it as 09:30." in nurse.page.said


@pytest.mark.parametrize("start", ["9:00", "09:00"])
def test_an_hour_of_one_figure_is_a_time(nurse, visit, start):
    nurse.post(f"{visit}/book", at=visit, day=C4, start=start, book="x")
    nurse.follow()

    assert "Saved: FOLFOX 4 booked on Monday 14 April 2025, 09:00. No other visit moved." in nurse.page.said


def test_a_double_click_books_once(nurse, visit, office, staff):
    nurse.get(visit)
    form = {"day": C4, "start": "09:00", "book": "x"}
    page = nurse.page

    nurse.post(f"{visit}/book", **form)
    nurse.page = page  # the same form, as the browser still has it
    nurse.post(f"{visit}/book", **form)
    nurse.follow()

    assert "This was saved before. Nothing was done twice." in nurse.page.said
    with office.look(staff["nurse"]) as work:
        assert cases.case(work, visit.split("/")[2]).patient.version == 3


def test_the_same_form_with_other_words_is_refused(nurse, visit):
    nurse.get(visit)
    page = nurse.page
    nurse.post(f"{visit}/book", day=C4, start="09:00", book="x")
    nurse.page = page

    nurse.post(f"{visit}/book", status=422, day=C4, start="10:00", book="x")

    assert "This form was sent before with other words, and saved." in nurse.page.said


# ---- two persons


@pytest.fixture
def infusion(enrolled):
    return f"/patients/{enrolled()}/visits/N1"


LATE = {"day": "2025-04-07", "note": "cells late", "book": "x"}
"""NKR-2 infusion 1 has 3 and 4 April; Monday 7 April is three days late."""


def test_a_colleague_agrees_with_their_own_password(nurse, infusion, office, staff):
    second = {"second_login": "investigator", "second_password": PASSWORD}

    nurse.post(f"{infusion}/book", at=infusion, **LATE, **second)

    with office.look(staff["nurse"]) as work:
        (accepted,) = cases.case(work, infusion.split("/")[2]).facts.accepted
    assert (accepted.rule, accepted.visit, accepted.second) == ("window", "N1", "Investigator Person")


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({}, "NKR-2 infusion 1 outside its window takes a second person"),
        ({"login": "nurse", "password": PASSWORD}, "The second person must be somebody else than you."),
        ({"login": "investigator", "password": "wrong"}, "user name and password do not belong together"),
        ({"login": "elsewhere", "password": PASSWORD}, "user name and password do not belong together"),
        ({"login": "monitor", "password": PASSWORD}, "user name and password do not belong together"),
        ({"login": "nobody", "password": PASSWORD}, "user name and password do not belong together"),
    ],
    ids=["nobody", "oneself", "wrong password", "another site", "another role", "unknown"],
)
def test_nobody_else_can_agree(nurse, infusion, fact, second, said):
    typed = {f"second_{name}": text for name, text in second.items()}

    nurse.post(f"{infusion}/book", at=infusion, status=422, **LATE, **typed)

    assert said in nurse.page.said
    assert PASSWORD not in nurse.page.text
    assert fact(infusion) is None


def test_wrong_passwords_of_a_second_person_slow_their_sign_in_too(nurse, infusion, browser, signed_in):
    typed = {"second_login": "investigator", "second_password": "wrong"}
    for _ in range(6):
        nurse.post(f"{infusion}/book", at=infusion, status=422, **LATE, **typed)

    nurse.post(f"{infusion}/book", at=infusion, status=422, **LATE, **(typed | {"second_password": PASSWORD}))

    assert "user name and password do not belong together" in nurse.page.said


# ---- the site's page


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


def test_a_place_is_added_with_its_hours_and_taken_out_of_use(admin, office, staff):
    page = "/sites/01"
    admin.post(f"{page}/units", at=page, kind="chair", name="Chair 1")
    admin.follow()
    hours = next(link for link in admin.page.links if "/units/" in link)
    admin.post(hours, at=hours, opens_0="08:00", closes_0="17:00")
    admin.follow()
    told = admin.page.said

    admin.post(f"{hours}/withdraw", at=page)
    admin.follow()

    assert "Chair 1 chair Mon 08:00 to 17:00" in told
    assert "No places yet" in admin.page.said


@pytest.mark.parametrize(
    "typed", [{"opens_0": "08:00", "closes_0": ""}, {"opens_0": "10:00", "closes_0": "08:00"}, {"opens_0": "8 am"}]
)
def test_hours_that_are_none_are_refused_and_kept(admin, chair, typed):
    page = f"/sites/01/units/{chair.public_id}"

    admin.post(page, at=page, status=422, **typed)

    assert "There is a problem" in admin.page.said
    assert all(text in admin.page.text for text in typed.values())


def test_days_are_closed_and_opened_by_hand_and_taken_back(admin):
    page = "/sites/01"
    days = {"first": "2025-04-14", "last": "2025-04-15", "name": "move", "where": "kind:chair"}
    admin.post(f"{page}/closures", at=page, **days)
    admin.follow()
    opened = {"day": "2025-04-21", "opens": "09:00", "closes": "13:00", "name": "catching up"}
    admin.post(f"{page}/opened", at=page, **opened)
    admin.follow()
    told = admin.page.said

    shown = admin.page
    forms = [
        f["action"] for f in shown.forms if (f["action"] or "").endswith("/withdraw") and "/units/" not in f["action"]
    ]
    for form in forms:
        admin.post(form, at=page)
    admin.get(page)
    for form in forms:
        admin.page = shown
        admin.post(form)
        admin.follow()
        assert admin.response.request.path == page
        assert "This was taken back before. Nothing was done twice." in admin.page.said

    assert "14 Apr to 15 Apr 2025: move (chair)" in told
    assert "Mon 21 Apr 2025, 09:00 to 13:00: catching up (the whole site)" in told
    assert "Weekends and holidays only." in admin.page.said


@pytest.fixture
def nine(nurse, enrolled, chair):
    """FOLFOX 4 of 01-001 on Monday 14 April from 9:00 on in the chair, which is open from 8:00 to 17:00."""
    visit = f"/patients/{enrolled()}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day=C4, start="09:00", book="x")
    return visit


SHUT = {"first": C4, "last": C4, "name": "strike", "where": ""}


def test_a_closed_day_shows_the_visits_that_it_hits_and_the_second_press_saves(admin, nine):
    page = "/sites/01"
    admin.post(f"{page}/closures", at=page, status=422, **SHUT)
    told = admin.page.said
    admin.get(page)
    still = admin.page.said

    admin.post(f"{page}/closures", at=page, status=422, **SHUT)
    admin.post(f"{page}/closures")
    admin.follow()

    assert (
        "Booked visits are hit by this: 1. They keep their day until a nurse moves them. Nothing is saved yet" in told
    )
    assert "1 booked visit is hit Mon 14 Apr 2025, 09:00, Chair 1 See which new days there would be" in told
    assert "01-001" not in told  # administrators read of no patient
    assert "strike" not in still
    assert "Saved. 1 booked visit waits to be moved by a nurse: Mon 14 Apr 2025, 09:00, Chair 1." in admin.page.said


def test_other_days_than_those_agreed_to_are_asked_about_anew(admin, nurse, nine, enrolled):
    page, other = "/sites/01", f"/patients/{enrolled('01-002')}/visits/C4D1"
    nurse.post(f"{other}/book", at=other, day="2025-04-15", start="09:00", book="x")
    admin.post(f"{page}/closures", at=page, status=422, **SHUT)

    admin.post(f"{page}/closures", status=422, last="2025-04-15")

    assert "2 booked visits are hit Mon 14 Apr 2025, 09:00, Chair 1 Tue 15 Apr 2025, 09:00, Chair 1" in admin.page.said


def test_a_day_that_hits_nobody_is_closed_at_once(admin, nine):
    admin.post("/sites/01/closures", at="/sites/01", **(SHUT | {"first": "2025-04-16", "last": "2025-04-16"}))
    admin.follow()

    assert "Saved." in admin.page.said
    assert "booked visit" not in admin.page.said


def test_shorter_hours_show_the_visits_that_they_cut_and_keep_what_was_typed(admin, nine, chair):
    page = f"/sites/01/units/{chair.public_id}"
    admin.post(page, at=page, status=422, closes_0="12:00")
    told = admin.page.said

    admin.post(page)
    admin.follow()

    assert "1 booked visit is hit Mon 14 Apr 2025, 09:00, Chair 1 Save the hours all the same" in told
    assert "Saved. 1 booked visit waits to be moved by a nurse: Mon 14 Apr 2025, 09:00, Chair 1." in admin.page.said
    assert "Mon 08:00 to 12:00" in admin.page.said


def test_a_place_is_closed_over_its_visits_with_the_second_press_only(admin, nine, chair):
    typed = SHUT | {"where": f"unit:{chair.public_id}"}
    admin.post("/sites/01/closures", at="/sites/01", status=422, **typed)
    told = admin.page.said

    admin.post("/sites/01/closures", **typed)
    admin.follow()

    assert "1 booked visit is hit Mon 14 Apr 2025, 09:00, Chair 1 See which new days there would be" in told
    assert "1 booked visit stands on a closed day: give it a new day" in admin.page.said


def test_opening_a_day_says_what_had_closed_it_and_closing_it_again_whom_it_hits(admin, nurse, enrolled, chair):
    page, day = "/sites/01", "2025-04-21"
    typed = {"day": day, "opens": "8:00", "closes": "16:00", "name": "catching up"}
    admin.post(f"{page}/opened", at=page, **typed)
    admin.follow()
    told = admin.page.said
    visit = f"/patients/{enrolled()}/visits/C4D1"
    nurse.post(f"{visit}/book", at=visit, day=day, start="8:00", cause="the patient's wish", book="x")

    admin.get(page)
    admin.post(next(f["action"] for f in admin.page.forms if "/opened/" in (f["action"] or "")))
    admin.follow()

    assert "Saved. Mon 21 Apr 2025 was closed: Easter Monday." in told
    assert "Saved. 1 booked visit waits to be moved by a nurse: Mon 21 Apr 2025, 08:00, Chair 1." in admin.page.said


def test_the_holidays_of_the_country_are_listed(admin, clock):
    clock.now = datetime(2025, 2, 24, 9, tzinfo=UTC)

    admin.get("/sites/01")

    assert "Mon 21 Apr 2025: Easter Monday" in admin.page.said


@pytest.mark.parametrize("what", ["closures", "opened"])
def test_what_was_never_closed_or_opened_is_not_taken_back(admin, what):
    admin.get("/sites/01")
    token = next(form["filled"] for form in admin.page.forms if form["tokens"])

    answer = admin.client.post(f"/sites/01/{what}/{'A' * 22}/withdraw", data=token)

    assert answer.status_code == 404


def test_a_site_that_is_none_is_not_found(admin):
    admin.get("/sites/99", status=404)


# ---- days away


def test_days_away_are_saved_and_taken_back(nurse, enrolled):
    here = f"/patients/{enrolled()}"
    page = f"{here}/absences"
    nurse.post(page, at=page, first="2025-04-14", last="2025-04-15")
    nurse.get(page)
    told = nurse.page.said
    back = next(form["action"] for form in nurse.page.forms if (form["action"] or "").endswith("/back"))

    nurse.post(back, at=page)
    nurse.get(page)

    assert "14 Apr to 15 Apr 2025" in told
    assert "No days away are known." in nurse.page.said


def test_days_away_that_hit_a_booking_are_shown_first_and_saved_with_the_second_press(nurse, enrolled):
    here = f"/patients/{enrolled()}"
    visit, page, away = f"{here}/visits/C4D1", f"{here}/absences", {"first": "2025-04-14", "last": "2025-04-15"}
    nurse.post(f"{visit}/book", at=visit, day="2025-04-14")

    nurse.post(page, at=page, status=422, **away)
    told = nurse.page.said
    nurse.get(page)
    between = nurse.page.said
    nurse.post(page, status=422, **away)
    nurse.post(page, **away)
    nurse.get(page)

    assert "1 booked visit is hit FOLFOX 4 (C4D1), Mon 14 Apr 2025" in told
    assert "Nothing is saved yet" in told
    assert "No days away are known." in between
    assert "14 Apr to 15 Apr 2025" in nurse.page.said


def test_a_visit_without_any_day_is_led_to_what_could_give_way(nurse, enrolled):
    """Away from day 99 to day 126, 9 June to 6 July 2025, the patient leaves surgery no day."""
    here = f"/patients/{enrolled()}"
    page, surgery = f"{here}/absences", f"{here}/visits/RES"
    nurse.post(page, at=page, first="2025-06-09", last="2025-07-06")

    nurse.get(surgery)

    assert "No day of this month can be booked. Nor of any other: re-plan it" in nurse.page.said
    nurse.post(f"{surgery}/replan", at=f"{surgery}/replan", status=200, verb="move", day="2025-06-10", preview="x")
    assert "has no legal day: Resection (RES) would be booked on Tue 10 Jun 2025; the patient is" in nurse.page.said


@pytest.mark.parametrize(
    ("last", "status"),
    [("2025-04-29", 303), ("2025-04-30", 422), ("2027-03-01", 422)],
    ids=["60 days", "61 days", "two years"],
)
def test_an_absence_of_more_than_60_days_is_asked_about(nurse, enrolled, last, status):
    """1 March 2025 is the first day: 31 days of March and 29 of April are 60."""
    page = f"/patients/{enrolled()}/absences"

    nurse.post(page, at=page, status=status, first="2025-03-01", last=last)

    if status == 422:
        assert "look whether both days and their years are right, then press the button once more" in nurse.page.said
        nurse.post(page, first="2025-03-01", last=last)
    nurse.get(page)
    assert "No days away are known." not in nurse.page.said


def test_other_days_than_those_shown_are_asked_about_anew(nurse, enrolled):
    page = f"/patients/{enrolled()}/absences"
    nurse.post(page, at=page, status=422, first="2025-03-01", last="2026-03-01")

    nurse.post(page, status=422, first="2025-03-01", last="2027-03-01")

    assert "The patient would be away for 731 days." in nurse.page.said


def test_a_second_click_on_take_back_of_days_away_is_told_kindly(nurse, enrolled):
    here = f"/patients/{enrolled()}"
    page = f"{here}/absences"
    nurse.post(page, at=page, first="2025-04-14", last="2025-04-15")
    nurse.get(page)
    shown = nurse.page
    back = next(form["action"] for form in shown.forms if (form["action"] or "").endswith("/back"))
    nurse.post(back)

    nurse.page = shown
    nurse.post(back)
    nurse.follow()

    assert nurse.response.request.path == here
    assert "This was taken back before. Nothing was done twice." in nurse.page.said


def test_days_away_of_another_patient_are_not_found(nurse, enrolled):
    mine, other = (f"/patients/{enrolled(number)}/absences" for number in ("01-001", "01-002"))
    nurse.post(mine, at=mine, first="2025-04-14", last="2025-04-15")
    nurse.get(mine)
    back = next(form["action"] for form in nurse.page.forms if (form["action"] or "").endswith("/back"))
    theirs = back.replace(mine, other)
    form = nurse.page.form(back)

    nurse.get(other)
    answer = nurse.client.post(theirs, data=form)

    assert answer.status_code == 404


@pytest.mark.parametrize(("first", "last"), [("2025-04-14", "2125-04-15"), ("1925-04-14", "2025-04-14")])
def test_days_away_in_a_year_that_nobody_means_are_refused(nurse, enrolled, first, last):
    page = f"/patients/{enrolled()}/absences"

    nurse.post(page, at=page, status=422, first=first, last=last)

    assert "is more than 30 years away from today: is the year right? Correct it." in nurse.page.said


def test_closed_and_opened_days_in_a_year_that_nobody_means_are_refused(admin):
    page, far = "/sites/01", "2125-04-14"
    hours = {"opens": "9:00", "closes": "12:00", "name": "x"}
    admin.post(f"{page}/closures", at=page, status=422, first=far, last=far, name="strike", where="")
    closing = admin.page.said
    admin.post(f"{page}/opened", at=page, status=422, day=far, **hours)

    for said in (closing, admin.page.said):
        assert "Sat 14 Apr 2125 is more than 30 years away from today: is the year right? Correct it." in said


def test_days_away_that_end_before_they_begin_are_refused(nurse, enrolled):
    page = f"/patients/{enrolled()}/absences"

    nurse.post(page, at=page, status=422, first="2025-04-15", last="2025-04-14")

    assert "The last day comes before the first." in nurse.page.said


# ---- as needed


def test_an_unscheduled_visit_is_added_by_time_where_it_takes_a_place(nurse, enrolled, office):
    with office.begin(ADMIN) as work:
        sites.add_unit(work, "01", Unit("", "clinic", "Room 1", WEEK))
    here = f"/patients/{enrolled()}"
    page = f"{here}/unscheduled"
    nurse.post(page, at=page, status=200, code="U1", day=C4, times="x")
    offered = nurse.page.said

    nurse.post(page, code="U1", day=C4, start="09:00", save_it="x")
    nurse.follow()

    assert "Free times on Mon 14 Apr 2025 08:00 08:15" in offered
    assert "Unscheduled visit 1" in nurse.page.said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "2025-04-21"}, "Mon 21 Apr 2025 is closed: Easter Monday. Choose another day, or"),
        ({"day": ""}, "Choose a day."),
        ({"day": C4, "start": "noon"}, "is no time"),
    ],
    ids=["a holiday", "no day", "no time"],
)
def test_an_unscheduled_visit_that_cannot_be_is_refused_with_a_sentence(nurse, enrolled, typed, said):
    page = f"/patients/{enrolled()}/unscheduled"

    nurse.post(page, at=page, status=422, code="U1", save_it="x", **typed)

    assert said in nurse.page.said


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_beyond_all_calendars_is_refused_with_a_sentence(nurse, enrolled, chair, day):
    page = f"/patients/{enrolled()}/unscheduled"

    nurse.post(page, at=page, status=422, code="U1", day=day, times="x")

    assert "Give a day from 1900 to 2199." in nurse.page.said


def test_an_investigator_overrules_a_hard_rule_on_the_page(signed_in, enrolled, office, staff):
    """FOLFOX 4 on 14 April; FOLFOX 5 ten days after it."""
    browser, here = signed_in("investigator"), f"/patients/{enrolled()}"
    browser.post(f"{here}/visits/C4D1/book", at=f"{here}/visits/C4D1", day=C4, book="x")
    visit = f"{here}/visits/C5D1"
    browser.post(f"{visit}/book", at=visit, status=422, other="2025-04-24", book="x")
    asked = browser.page.said

    browser.post(f"{visit}/book", other="2025-04-24", note="the patient's holiday", book="x")

    assert "As investigator you can overrule it in writing" in asked
    with office.look(staff["nurse"]) as work:
        assert cases.case(work, here.split("/")[2]).facts.visits["C5D1"].day.isoformat() == "2025-04-24"


def test_a_nurse_is_offered_no_overruling(nurse, visit):
    nurse.get(visit)

    assert "Overrule a hard rule" not in nurse.page.said
