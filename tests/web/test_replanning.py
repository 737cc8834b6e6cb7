"""Re-planning on its page: read first, then saved."""

from __future__ import annotations

import re
from datetime import date, time

import pytest

from planner.core.calendar import Closure
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.services import cases, sites, visits
from planner.services.visits import How, Start

OTHERWISE = "Something changed since this was shown: read it again, then save."
NOT_SHOWN = "Nothing is saved before it was shown: read what it does, then save."
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


def test_a_closed_weekday_is_the_one_that_the_visit_meets(nurse, office, here):
    """FOLFOX 6 on Wednesday 14 May: surgery aims at 18 June, 35 days on; the theatre is open Tuesday and Thursday."""
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "theatre", "Theatre", tuple(Hours(n, time(8), time(18)) for n in (1, 3))))
    there = here.replace("C4D1", "C6D1")

    nurse.post(there, at=there, status=200, verb="move", day="2025-05-14", preview="x")

    assert "meets a closed day: no theatre on Wednesdays" in nurse.page.said
    assert re.findall(r"no theatre on (\w+)", nurse.page.said) == ["Wednesdays"]


def test_what_was_shown_is_saved_in_one_act(nurse, here, days):
    nurse.post(here, at=here, status=200, days="7", preview="x")
    nurse.post(here, days="7", cause="low blood counts", save_it="x")
    nurse.follow()

    assert days() == {"C4D1": date(2025, 4, 22), "C5D1": date(2025, 5, 6), "C6D1": date(2025, 5, 20)}
    assert "Saved" in nurse.page.said


def test_without_a_reason_nothing_is_saved_and_the_page_still_shows_what_it_does(nurse, here, days):
    nurse.post(here, at=here, status=200, days="7", preview="x")
    nurse.post(here, status=422, days="7", save_it="x")

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


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        ("move", "Or keep the other bookings where they are"),
        ("keep", "Or let the bookings that no longer fit move too."),
    ],
)
def test_what_is_chosen_already_is_not_suggested(nurse, here, keep, words):
    """21 April 2025 is Easter Monday: nothing is booked on it either way."""
    nurse.post(here, at=here, status=200, verb="move", day="2025-04-21", keep=keep, preview="x")

    assert "There is no legal plan." in nurse.page.said
    offered = re.findall("Or keep the other bookings where they are|Or let the bookings[^.]+[.]", nurse.page.said)
    assert offered == [words]


def test_how_far_it_reaches_names_the_visits_that_it_means(nurse, here):
    """With FOLFOX 4 go its bloods and its pump, and NKR-2 2 with the two checks after it."""
    nurse.get(here)

    reach = nurse.page.said.partition("This cycle: ")[2].partition(" Everything that counts from it: ")[0]
    assert reach == (
        "FOLFOX 4 (C4D1), Bloods before FOLFOX 4 (C4P), Pump off 4 (C4D3), "
        "NKR-2 infusion 2 (N2), Next-day check after infusion 2 (N2+1), Week check after infusion 2 (N2+7)"
    )


# ---- what could give way


LATE = date(2025, 6, 10)
"""FOLFOX 6 four weeks and a day late: 28 days later is 8 July, day 128, and surgery is until day 126, Sunday 6 July."""


@pytest.fixture
def stuck(nurse, here):
    """The page of FOLFOX 6, moved to a day that leaves surgery none."""
    there = here.replace("C4D1", "C6D1")
    nurse.post(there, at=there, status=200, verb="move", day=LATE.isoformat(), preview="x")
    return there


def buttons(page):
    """The keys of the repairs by what their buttons say."""
    found = re.findall(r'name="repair" value="([0-9a-f]+)">[^<]*<span class="hidden">: ([^<]+)</span>', page.text)
    return {words: key for key, words in found}


def key_of(page, begins):
    return next(key for words, key in buttons(page).items() if words.startswith(begins))


def test_each_repair_is_a_button_and_who_is_asked_stands_beside_it(nurse, stuck):
    assert [words.split()[0] for words in buttons(nurse.page)] == ["book", "overrule", "overrule"]
    assert "an investigator saves it" in nurse.page.said


def test_another_day_shows_what_it_brings_and_is_saved_in_one_act(nurse, stuck, days):
    """28 days before Friday 4 July, the last open day of surgery, is Friday 6 June."""
    nurse.post(stuck, status=200, verb="move", day=LATE.isoformat(), repair=key_of(nurse.page, "book FOLFOX 6"))

    assert "Chosen: book FOLFOX 6 (C6D1) on another day." in nurse.page.said
    assert "FOLFOX 6 (C6D1) Mon 12 May 2025 Fri 6 Jun 2025" in nurse.page.said
    assert days() == BOOKED
    nurse.post(stuck, cause="low blood counts", save_it="x")
    assert days() == BOOKED | {"C6D1": date(2025, 6, 6)}


def test_a_nurse_reads_what_overruling_brings_and_who_can_save_it(nurse, stuck, days):
    key = key_of(nurse.page, "overrule")
    nurse.post(stuck, status=200, verb="move", day=LATE.isoformat(), repair=key)

    assert "Only an investigator can overrule this rule, in writing and with a reason" in nurse.page.said
    assert "Save it" not in nurse.page.said
    nurse.post(stuck, status=422, cause="low blood counts", save_it="x")
    assert "Ask an investigator to overrule it in writing" in nurse.page.said
    assert days() == BOOKED


@pytest.mark.parametrize("repair", ["0" * 16, "x" * 100, "' or 1=1", "\x00"])
@pytest.mark.parametrize("field", ["repair", "chosen"])
def test_a_repair_that_is_none_is_told_and_nothing_is_saved(nurse, stuck, days, repair, field):
    typed = {"verb": "move", "day": LATE.isoformat(), field: repair}

    nurse.post(stuck, status=422, **typed)
    nurse.post(stuck, status=422, cause="low blood counts", save_it="x", **typed)

    assert "There is a problem" in nurse.page.said
    assert days() == BOOKED


def test_a_day_away_is_asked_of_the_patient_first(nurse, here, days):
    """Away from 14 to 18 April; FOLFOX 4 on the 16th takes that day, and nothing of it is saved before."""
    away = here.replace("/visits/C4D1/replan", "/absences")
    nurse.post(away, at=away, first="2025-04-15", last="2025-04-18")
    nurse.post(here, at=here, status=200, verb="move", day="2025-04-16", preview="x")

    nurse.post(here, status=200, verb="move", day="2025-04-16", repair=key_of(nurse.page, "ask the patient"))

    assert "The patient is recorded as away on Wed 16 Apr 2025" in nurse.page.said
    assert away in nurse.page.links
    nurse.post(here, status=422, save_it="x", cause="low blood counts")
    assert days() == BOOKED


def test_a_closed_day_is_opened_by_the_administrator_first(nurse, here, days):
    nurse.post(here, at=here, status=200, verb="move", day="2025-04-19", preview="x")

    nurse.post(here, status=200, verb="move", day="2025-04-19", repair=key_of(nurse.page, "open a day of a weekend"))

    assert "has to open Sat 19 Apr 2025 for the chair first" in nurse.page.said
    nurse.post(here, status=422, save_it="x", cause="low blood counts")
    assert "Ask the administrator of the site to open it first" in nurse.page.said
    assert days() == BOOKED


# ---- the start, and the end


def test_a_start_moves_with_the_visit_that_is_booked_on_it(nurse, here, office, staff, days):
    """Day 1 from Monday 3 March to Monday 10 March, a week later; FOLFOX 2 is not booked."""
    public_id = here.split("/")[2]
    with office.begin(staff["nurse"]) as work:
        visits.book(work, public_id, cases.case(work, public_id).patient.version, "C1D1", date(2025, 3, 3))
    start = f"/patients/{public_id}/dates/day_one"

    nurse.post(start, at=start, status=200, day="2025-03-10", preview="x")
    assert "FOLFOX 1 (C1D1) Mon 3 Mar 2025 Mon 10 Mar 2025" in nurse.page.said
    nurse.post(start, day="2025-03-10", note="no bed", save_it="x")

    assert days()["C1D1"] == date(2025, 3, 10)


def test_an_end_is_read_before_it_is_saved(nurse, here, days):
    end = here.replace("/visits/C4D1/replan", "/end")
    nurse.post(end, at=end, status=200, because="withdrawal", day="2025-02-24", preview="x")

    assert "Nothing is sent any more" in nurse.page.said
    assert "FOLFOX 4 (C4D1) Mon 14 Apr 2025 will not take place" in nurse.page.said
    assert days() == BOOKED
    nurse.post(end, because="withdrawal", day="2025-02-24", note="moved away", save_it="x")
    nurse.get(end)
    reopen = end.replace("/end", "/reopen")
    nurse.post(reopen, status=422, note="a slip", save_it="x")
    assert NOT_SHOWN in nurse.page.said
    nurse.post(reopen, status=200, preview="x")
    assert "FOLFOX 4 (C4D1) will not take place Mon 14 Apr 2025" in nurse.page.said
    assert "Takes place again" in nurse.page.said
    nurse.post(reopen, note="a slip", save_it="x")
    assert days() == BOOKED


# ---- what is saved is what was shown


@pytest.fixture
def at_eight(office, staff, here, enrolled):
    """One chair, from 8:00 to 17:00. FOLFOX 4 takes it for 4 hours and a half: ours on the 14th, another's on the 16th.

    Both begin at 8:00, so the next one on such a day begins at 12:30. The public id of the other patient.
    """
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", tuple(Hours(n, time(8), time(17)) for n in range(5))))
    book_at(office, staff, here.split("/")[2], BOOKED["C4D1"])
    other = enrolled("01-002")
    book_at(office, staff, other, date(2025, 4, 16))
    return other


def book_at(office, staff, public_id, day, at=8):
    with office.begin(staff["nurse"]) as work:
        seen = cases.case(work, public_id).patient.version
        visits.book(work, public_id, seen, "C4D1", day, "blood counts", How(Start(time(at))))


@pytest.mark.usefixtures("at_eight")
def test_times_and_places_stand_in_the_preview(nurse, here):
    nurse.post(here, at=here, status=200, days="2", preview="x")

    assert "FOLFOX 4 (C4D1) Mon 14 Apr 2025, 8:00, Chair 1 Wed 16 Apr 2025, 12:30, Chair 1" in nurse.page.said


def test_a_field_that_changed_since_the_preview_is_shown_first(nurse, here, days):
    nurse.post(here, at=here, status=200, days="1", preview="x")

    nurse.post(here, status=409, days="7", cause="low blood counts", save_it="x")

    assert OTHERWISE in nurse.page.said
    assert "FOLFOX 5 (C5D1) Mon 28 Apr 2025 Tue 6 May 2025" in nurse.page.said
    assert days() == BOOKED
    nurse.post(here, cause="low blood counts", save_it="x")
    assert days()["C4D1"] == date(2025, 4, 22)


def test_a_chair_that_somebody_took_since_the_preview_is_shown_first(nurse, here, days, at_eight, office, staff):
    """Thursday 17 April at 8:00, until somebody else moves there."""
    nurse.post(here, at=here, status=200, days="3", preview="x")
    assert "Thu 17 Apr 2025, 8:00, Chair 1" in nurse.page.said
    book_at(office, staff, at_eight, date(2025, 4, 17))

    nurse.post(here, status=409, days="3", cause="low blood counts", save_it="x")

    assert OTHERWISE in nurse.page.said
    assert "Thu 17 Apr 2025, 12:30, Chair 1" in nurse.page.said
    assert days() == BOOKED


@pytest.mark.parametrize("keep", ["move", "keep"])
def test_a_closure_that_came_since_the_preview_is_shown_first(nurse, here, days, office, keep):
    """Put off to Wednesday 16 April, which closes, it goes to Thursday: later than asked, and never earlier."""
    typed = {"days": "2", "keep": keep}
    nurse.post(here, at=here, status=200, preview="x", **typed)
    assert "Wed 16 Apr 2025" in nurse.page.said
    with office.begin(COMMAND_LINE) as work:
        sites.close(work, "01", Closure(date(2025, 4, 16), date(2025, 4, 16), name="works"))

    nurse.post(here, status=409, cause="low blood counts", save_it="x", **typed)

    assert OTHERWISE in nurse.page.said
    assert "FOLFOX 4 (C4D1) Mon 14 Apr 2025 Thu 17 Apr 2025" in nurse.page.said
    assert days() == BOOKED


@pytest.mark.parametrize("seal", ["", "0" * 64, "x" * 400, "\x00"])
def test_nothing_is_saved_without_the_seal_of_what_was_shown(nurse, here, days, seal):
    nurse.get(here)
    form = nurse.page.form(here) | {"days": "7", "cause": "low blood counts", "save_it": "x", "shown": seal}

    answer = nurse.client.post(here, data=form)

    assert answer.status_code == (409 if seal else 422)
    assert days() == BOOKED


@pytest.mark.parametrize(
    ("path", "typed"),
    [("", {"days": "7"}), ("/dates/day_one", {"day": "2025-03-10"}), ("/end", {"day": "2025-02-24"})],
    ids=["re-plan", "start", "end"],
)
def test_save_is_offered_only_beside_what_is_shown(nurse, here, days, path, typed):
    there = here if not path else here.replace("/visits/C4D1/replan", path)

    nurse.get(there)
    assert 'name="save_it"' not in nurse.page.text
    nurse.post(there, status=422, note="as agreed", save_it="x", **typed)
    assert NOT_SHOWN in nurse.page.said
    assert 'name="save_it"' in nurse.page.text
    assert days() == BOOKED


def test_what_nobody_has_booked_is_told_as_expected_and_not_to_be_declared(nurse, here):
    """FOLFOX 4 a week and a day later is declared; of the infusions, which nobody has booked, nothing is asked."""
    nurse.post(here, at=here, status=200, days="8", keep="keep", preview="x")

    declared, _, expected = nurse.page.said.partition("To be expected: nobody has booked it yet")
    assert "FOLFOX 4 (C4D1)" in declared.partition("To be declared with your reason")[2]
    assert "infusion" in expected[:200]


@pytest.mark.usefixtures("at_eight")
def test_a_visit_that_nobody_booked_is_put_off_and_booked_at_the_first_time_there_is(nurse, here, days):
    """FOLFOX 3 is planned for Monday 31 March; a week later the chair is free at 8:00, and FOLFOX 4 is 15 days on."""
    third = here.replace("C4D1", "C3D1")
    nurse.post(third, at=third, status=200, days="7", preview="x")
    assert "Mon 7 Apr 2025, 8:00, Chair 1" in nurse.page.said

    nurse.post(third, cause="low blood counts", save_it="x")

    assert (days()["C3D1"], days()["C4D1"]) == (date(2025, 4, 7), date(2025, 4, 22))
