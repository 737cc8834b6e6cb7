"""The nurse's way through the pages, from signing in to the end of the study, and what every page says on it."""

import re
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest

from planner.core.patients import Contact
from planner.core.staff import COMMAND_LINE
from planner.services import cases, contacts, history
from planner.services.protocols import shipped

MARCH_24 = datetime(2025, 3, 24, 9, tzinfo=UTC)
CONTACT = Contact("Maria Janssens", "maria@example.org", "+32 470 11 22 33")
LATE = (
    "possible, but a deviation: the window of FOLFOX 4 (C4D1) is from 14 Apr to 17 Apr 2025, counted from FOLFOX 3 "
    "(C3D1)"
)
READERS_PAGES = ("", "?visits=done", "/visits/C4D1", "/history", "/dates/day_one", "/end")


@pytest.fixture
def here(enrolled):
    """The address of the patient of the worked example."""
    return f"/patients/{enrolled()}"


@pytest.fixture
def entries(office):
    """How many writes the history of a patient has."""

    def count(address):
        with office.look(COMMAND_LINE) as work:
            return len(history.of_patient(work, address.split("/")[2])[1])

    return count


@pytest.fixture
def schedule(office):
    """The schedule of a patient as the services give it."""

    def read(address):
        with office.look(COMMAND_LINE) as work:
            return cases.case(work, address.split("/")[2]).schedule

    return read


@pytest.fixture
def facts(schedule):
    return lambda address: schedule(address).facts


@pytest.fixture
def in_march(nurse, clock):
    """The nurse signed in on the morning of 24 March."""
    clock.now = MARCH_24
    nurse.sign_in("nurse")
    return nurse


def said_before(page, first, second):
    """Whether the page says both, in this order."""
    return -1 < page.said.find(first) < page.said.find(second)


def radios(page):
    """The days that the page offers, and the one that is chosen."""
    tags = re.findall(r'<input type="radio" name="book-day"[^>]*>', page.text)
    days = [re.search(r'value="([^"]*)"', tag).group(1) for tag in tags]
    return days, [day for day, tag in zip(days, tags, strict=True) if "checked" in tag]


def april(*days):
    return [f"2025-04-{day:02}" for day in days]


# ---- the list


def test_a_list_of_nobody_says_what_will_stand_there(nurse):
    nurse.get("/patients")

    assert "0 patients at your sites." in nurse.page.said
    assert (
        "Nobody is enrolled yet. Each patient will stand here with the next visit, the days left for surgery, and what "
        "needs a person."
    ) in nurse.page.said
    assert "<table" not in nurse.page.text


@pytest.mark.parametrize(("number", "words"), [(1, "1 patient at your sites."), (36, "36 patients at your sites.")])
def test_the_list_has_one_row_for_each_patient(nurse, enrolled, number, words):
    subjects = [f"01-{n:03}" for n in range(1, number + 1)]
    ids = [enrolled(subject) for subject in subjects]

    nurse.get("/patients")

    assert words in nurse.page.said
    assert nurse.page.rows == [[f"/patients/{i}", subject] for i, subject in zip(ids, subjects, strict=True)]


def test_the_thirty_seventh_is_refused_with_a_sentence(nurse, enrolled):
    for number in range(36):
        enrolled(f"01-{number:03}")

    nurse.post("/patients/new", at="/patients/new", status=422, subject_id="01-037", day_one="2025-03-03", enrol="x")

    assert "The study has its 36 patients, screening failures not counted" in nurse.page.said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("01-002", ["01-002"]),
        ("brussels", ["01-001", "01-002"]),
        ("  BRUSSELS 001 ", ["01-001"]),
        ("leuven", []),
        ("%", []),
        ("", ["01-001", "01-002"]),
    ],
)
def test_a_search_finds_subject_numbers_and_sites(nurse, enrolled, words, found):
    for subject, site in (("01-001", "01"), ("01-002", "01"), ("02-001", "02")):
        enrolled(subject, site=site)

    nurse.get("/patients", query={"q": words})

    assert [subject for _, subject in nurse.page.rows] == found
    assert ("No patient at your sites has this" in nurse.page.said) == (not found)


def test_a_list_does_not_tell_of_other_sites(nurse, enrolled):
    enrolled("02-001", site="02")

    nurse.get("/patients")

    assert "0 patients at your sites." in nurse.page.said
    assert "02-001" not in nurse.page.text


# ---- enrolling

NEW = {"subject_id": "01-031", "day_one": "2025-04-21", "registration": "2025-04-14", "language": "fr"}


def test_start_days_are_compared_and_nothing_is_saved(nurse):
    nurse.post("/patients/new", at="/patients/new", status=200, **NEW, compare="x")

    assert "The best first" in nurse.page.said
    assert "fewest clashes" in nurse.page.said
    assert re.search(
        r"without a day · \d+ outside the window · \d+ days of drift · \d+ on closed days", nurse.page.said
    )
    assert "is closed (Ascension Day)" in nurse.page.said
    assert nurse.page.form("/patients/new") | NEW == nurse.page.form("/patients/new")
    assert "0 patients" in nurse.get("/patients").get_data(as_text=True)


def test_a_closed_start_day_is_not_among_those_compared(nurse):
    """21 April 2025 is Easter Monday."""
    nurse.post("/patients/new", at="/patients/new", status=200, **NEW, compare="x")

    days = re.findall(r"<p><strong>([^<]+)</strong>", nurse.page.text)

    assert "Mon 21 Apr 2025" not in days
    assert {"Mon 14 Apr 2025", "Tue 22 Apr 2025", "Mon 28 Apr 2025"} <= set(days)


def test_the_start_day_in_mind_is_marked(nurse):
    nurse.post("/patients/new", at="/patients/new", status=200, **NEW | {"day_one": "2025-04-22"}, compare="x")

    assert nurse.page.said.count("Tue 22 Apr 2025 your choice") == 1


def test_an_enrolled_patient_has_a_page_at_once(nurse):
    nurse.post("/patients/new", at="/patients/new", **NEW | {"day_one": "2025-04-22"}, enrol="x")
    nurse.follow()

    assert nurse.page.title == "Patient 01-031 · Visit planner"
    assert "Patient 01-031 is enrolled." in nurse.page.said
    assert re.fullmatch(r"/patients/[\w-]{22}", nurse.response.request.path)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"subject_id": ""}, "Enter the subject number."),
        ({"subject_id": "Janssens"}, "A subject number has letters, figures and hyphens"),
        ({"subject_id": "01-001"}, "Subject number 01-001 belongs to another patient already."),
        ({"day_one": ""}, "Enter the planned first day of treatment."),
        ({"day_one": "22/04/2025"}, "'22/04/2025' is no day. Write it as 2025-04-15."),
        ({"dose_level": "9"}, "Not a valid choice."),
    ],
)
def test_what_cannot_be_enrolled_is_said_and_what_was_typed_is_kept(nurse, enrolled, typed, words):
    enrolled()
    sent = NEW | {"day_one": "2025-04-22"} | typed

    nurse.post("/patients/new", at="/patients/new", status=422, **sent, enrol="x")

    kept = nurse.page.form("/patients/new")
    assert words in nurse.page.said
    assert {name: kept[name] for name in sent if name != "dose_level"} == {
        name: value for name, value in sent.items() if name != "dose_level"
    }


# ---- a patient


def test_a_patients_page_says_where_who_and_what_is_next(nurse, here):
    nurse.get(here)

    for words in (
        "01-001 Dose level 1 · escalation · Day -7",
        "Next: Consent and screening · Mon 24 Feb 2025 · ○ planned",
        "25 days left",
        "Can still slip 24 days; 19 days are open",
        "Window 9 Jun to 6 Jul 2025",
        "Suggested Mon 16 Jun 2025",
        "Consent and screening (SC1): closing: Mon 24 Feb 2025 is its last bookable day",
        "Registration (REG): planned, staff only",
    ):
        assert words in nurse.page.said


def test_visits_that_nobody_recorded_ask_to_be(nurse, here, clock):
    clock.now = MARCH_24
    nurse.sign_in("nurse")

    nurse.get(here)

    assert "more in the table below." in nurse.page.said
    assert said_before(nurse.page, "What needs you", "overdue")


def test_a_conflict_is_told_in_words(nurse, here, clock):
    """A treatment that starts so late leaves the bloods before it behind, and every overdue visit is told."""
    book = f"{here}/visits/C6D1"
    nurse.post(f"{book}/book", at=f"{book}?month=2025-06", day="2025-06-12", cause="toxicity", book="x", status=422)

    assert "There is a problem" in nurse.page.said
    assert "FOLFOX 6 (C6D1)" in nurse.page.said


@pytest.mark.parametrize("shown", ["all", "todo", "done", "rubbish"])
def test_the_visits_can_be_narrowed(in_march, here, schedule, shown):
    visit = f"{here}/visits/C1D1"
    in_march.post(f"{visit}/record", at=visit, what="occurred", day="2025-03-03")

    in_march.get(f"{here}?visits={shown}")

    wanted = {"todo": {True}, "done": {False}}.get(shown, {True, False})
    assert [unquote(link.rpartition("/")[2]) for link, _ in in_march.page.rows] == [
        visit.code for visit in schedule(here).visits if visit.to_come in wanted
    ]
    current = {"todo": "To do", "done": "Done"}.get(shown, "All")
    assert re.search(rf'aria-current="page">{current}</a>', in_march.page.text)


@pytest.mark.parametrize("path", ["", "/visits/C4D1"])
def test_the_months_beside_are_one_step_away(nurse, here, path):
    nurse.get(f"{here}{path}?month=2025-05")

    before, after = (re.search(rf'href="([^"]+)" rel="{rel}"', nurse.page.text).group(1) for rel in ("prev", "next"))
    assert ("month=2025-04" in before, "month=2025-06" in after) == (True, True)
    nurse.get(after.replace("&amp;", "&").partition("#")[0])
    assert "<caption>June 2025</caption>" in nurse.page.text


@pytest.mark.parametrize("path", ["", "/visits/C4D1"])
@pytest.mark.parametrize("month", ["2025-13", "x", "", "0000-01", "9999-12", "1899-12", "2025"])
def test_a_wrong_month_is_refused_with_a_sentence(nurse, here, path, month):
    nurse.get(f"{here}{path}", query={"month": month}, status=422)

    assert f"{month} is no month near this patient's visits. Write it as 2025-04.".strip() in nurse.page.said


# ---- booking


@pytest.fixture
def c4d1(here):
    return f"{here}/visits/C4D1"


def test_a_visits_page_offers_the_days_that_can_be_booked_and_no_others(nurse, c4d1):
    nurse.get(c4d1)

    assert radios(nurse.page) == (april(14, 15, 16, 17, 18, *range(22, 26), *range(28, 31)), [])


def test_each_day_that_is_not_offered_has_its_reason_in_the_list(nurse, c4d1):
    nurse.get(c4d1)

    reasons = re.findall(r"<li>(.*?)</li>", nurse.page.text.split('<ul class="reasons">')[1].split("</ul>")[0])
    assert reasons[1:] == [
        "Sat 5 and Sun 6, Sat 12 and Sun 13, Sat 19 and Sun 20, Sat 26 and Sun 27 Apr: weekend",
        f"Fri 18, Tue 22 to Fri 25, Mon 28 to Wed 30 Apr: {LATE}",
        "Mon 21 Apr: Easter Monday",
    ]
    assert reasons[0].startswith("Tue 1 to Fri 4, Mon 7 to Fri 11 Apr: FOLFOX 1 (C1D1) stands on Mon 3 Mar 2025; ")


def test_the_second_infusion_waits_fourteen_days_for_the_first(nurse, here):
    """Not booked, FOLFOX 4 on 17 April leaves it 17 and 18 April; the 21st is Easter Monday."""
    nurse.get(f"{here}/visits/N2")

    assert radios(nurse.page)[0][:2] == april(17, 18)
    assert "Window 17 Apr to 18 Apr 2025" in nurse.page.said
    assert "At least 14 days lie between" in nurse.page.said


def test_a_preview_shows_what_moves_and_saves_nothing(nurse, here, c4d1, entries):
    before = entries(here)

    nurse.post(f"{c4d1}/book", at=c4d1, status=200, day="2025-04-15", preview="x")

    for words in (
        "What it moves Visit Was Becomes Window FOLFOX 4 (C4D1) Mon 14 Apr 2025 Tue 15 Apr 2025 kept",
        "FOLFOX 5 (C5D1) Mon 28 Apr 2025 Tue 29 Apr 2025 kept",
        "NKR-2 infusion 2 (N2) Thu 17 Apr 2025 Fri 18 Apr 2025 kept",
        "Resection (RES) Mon 16 Jun 2025 Tue 17 Jun 2025 kept",
        "Surgery: 25 days left before, 25 after.",
        "Nothing is saved yet.",
    ):
        assert words in nurse.page.said
    assert radios(nurse.page)[1] == april(15)
    assert entries(here) == before


def test_a_booking_on_the_suggested_day_leaves_all_as_it_is(nurse, here):
    m28 = f"{here}/visits/M28"

    nurse.post(f"{m28}/book", at=m28, status=200, day="2027-06-24", preview="x")

    assert "What it moves This leaves all other visits as they are." in nurse.page.said


def test_a_booked_day_stands_on_the_patients_page(nurse, here, c4d1):
    nurse.post(f"{c4d1}/book", at=c4d1, day="2025-04-15", book="x")
    nurse.follow()

    assert nurse.response.request.path == here
    assert "Saved: FOLFOX 4 booked on Tuesday 15 April 2025. 12 other visits have another day now." in nurse.page.said
    nurse.get(c4d1)
    assert "◐ booked Booked Tue 15 Apr 2025 Patient not confirmed yet Target day Mon 14 Apr 2025" in nurse.page.said
    assert radios(nurse.page)[1] == april(15)


def test_a_day_outside_the_window_waits_for_its_reason_and_keeps_what_was_typed(nurse, here, c4d1, facts):
    nurse.post(f"{c4d1}/book", at=c4d1, status=422, day="2025-04-22", book="x")

    assert "There is a problem This is a deviation from the protocol (" in nurse.page.said
    assert "give its reason, or choose another day." in nurse.page.said
    assert radios(nurse.page)[1] == april(22)
    assert facts(here).visits == {}

    nurse.post(f"{c4d1}/book", day="2025-04-22", cause="infection", note="Fever on Monday", status=422, book="x")
    assert "Not a valid choice" in nurse.page.said
    assert nurse.page.form(f"{c4d1}/book")["book-note"] == "Fever on Monday"


def test_with_its_reason_it_is_saved_and_told(nurse, here, c4d1):
    cause = "infection or fever"

    nurse.post(f"{c4d1}/book", at=c4d1, day="2025-04-22", cause=cause, note="Fever on Monday\nsince six", book="x")
    nurse.get(f"{here}/history")

    assert "Booked FOLFOX 4 (C4D1) on Tue 22 Apr 2025." in nurse.page.said
    assert "Accepted a deviation of FOLFOX 4 (C4D1) from its window." in nurse.page.said
    assert f"Reason: {cause}: Fever on Monday since six Nurse Person · Mon 24 Feb 2025, 10:00 (Europe/Brussels)" in (
        nurse.page.said
    )


@pytest.mark.parametrize("note", ["", "  \n "])
def test_other_is_no_reason_until_it_is_said_in_words(nurse, here, c4d1, facts, note):
    nurse.post(f"{c4d1}/book", at=c4d1, status=422, day="2025-04-22", cause="other", note=note, book="x")

    assert "Other alone is no reason. Write it in your own words, or choose one of the list." in nurse.page.said
    assert facts(here).visits == {}

    nurse.post(f"{c4d1}/book", note="a funeral", book="x")

    assert [accepted.reason for accepted in facts(here).accepted] == ["other: a funeral"]


def test_whoever_only_looks_need_not_say_it_yet(nurse, c4d1):
    nurse.post(f"{c4d1}/book", at=c4d1, status=200, day="2025-04-22", cause="other", preview="x")

    assert "Nothing is saved yet." in nurse.page.said


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025-04-21", "FOLFOX 4 (C4D1) cannot be on Mon 21 Apr 2025: "),
        ("2025-04-19", "FOLFOX 4 (C4D1) cannot be on Sat 19 Apr 2025: "),
        ("2025-04-11", "FOLFOX 4 (C4D1) cannot be on Fri 11 Apr 2025: "),
        ("2025-02-20", "Thu 20 Feb 2025 is past and can no longer be booked."),
        ("", "Choose a day."),
    ],
)
def test_an_impossible_day_sent_by_hand_is_refused_with_the_rule(nurse, here, c4d1, facts, day, words):
    nurse.post(f"{c4d1}/book", at=c4d1, status=422, day=day, cause="other", note="by hand", book="x")

    assert f"There is a problem {words}" in nurse.page.said
    assert nurse.page.form(f"{c4d1}/book")["book-note"] == "by hand"
    assert facts(here).visits == {}


# ---- recording

RECORDS = {
    "occurred": ({"what": "occurred", "day": "2025-03-18"}, "Recorded that FOLFOX 2 (C2D1) took place, Tue 18 Mar"),
    "missed": ({"what": "missed", "note": "was ill"}, "Recorded that the patient did not come to FOLFOX 2 (C2D1)."),
    "omitted": ({"what": "canceled", "note": "toxicity"}, "Recorded that FOLFOX 2 (C2D1) is omitted."),
}


@pytest.mark.parametrize(("typed", "words"), RECORDS.values(), ids=RECORDS)
def test_what_happened_is_recorded_told_and_can_be_taken_back(in_march, here, typed, words):
    nurse, visit = in_march, f"{here}/visits/C2D1"
    nurse.post(f"{visit}/record", at=visit, **typed)
    nurse.get(f"{here}/history")
    told = nurse.page.said

    nurse.get(visit)
    assert words in told
    assert "Correct the record" in nurse.page.said
    assert "Record what happened" not in nurse.page.said
    nurse.post(f"{visit}/take-back", status=422)
    assert "A record is corrected with a reason: give one." in nurse.page.said
    nurse.post(f"{visit}/take-back", note="wrong patient")
    nurse.get(f"{here}/history")
    assert "Took back the record of FOLFOX 2 (C2D1)." in nurse.page.said
    assert words in nurse.page.said


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"what": "missed"}, "will not take place as planned: give a reason."),
        ({"what": "canceled"}, "will not take place as planned: give a reason."),
        ({"what": "occurred", "day": ""}, "Enter the day on which it took place."),
        ({"what": "occurred", "day": "2025-03-25"}, "Tue 25 Mar 2025 lies ahead, so nothing can have happened on it"),
        ({"what": "occurred", "day": "2025-03-22"}, "This is a deviation from the protocol ("),
        ({"what": "resurrected"}, "Not a valid choice."),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_a_sentence(in_march, here, typed, words):
    visit = f"{here}/visits/C2D1"

    in_march.post(f"{visit}/record", at=visit, status=422, **typed)

    assert words in in_march.page.said
    assert in_march.page.form(f"{visit}/record")["record-day"] == typed.get("day", "2025-03-24")


def test_a_booking_is_given_back_without_a_reason(nurse, here, c4d1):
    nurse.post(f"{c4d1}/book", at=c4d1, day="2025-04-15", book="x")
    nurse.get(c4d1)
    assert "Give the booking back" in nurse.page.said

    nurse.post(f"{c4d1}/take-back")
    nurse.get(f"{here}/history")

    assert "Gave back the booking of FOLFOX 4 (C4D1) on Tue 15 Apr 2025." in nurse.page.said


# ---- what everything counts from


def test_changing_the_start_is_shown_before_it_is_saved(nurse, here, entries):
    start, before = f"{here}/dates/day_one", entries(here)
    nurse.post(start, at=start, status=200, day="2025-03-10", note="no bed", preview="x")
    assert "FOLFOX 1 (C1D1) Mon 3 Mar 2025 Mon 10 Mar 2025 kept" in nurse.page.said
    assert "Nothing is saved yet." in nurse.page.said
    assert entries(here) == before

    nurse.post(start, day="2025-03-10", save_it="x")
    nurse.follow()
    assert re.search(r"Saved: Day 1 moved to Monday 10 March 2025\. \d+ visits have another day now\.", nurse.page.said)
    assert "Window 16 Jun to 13 Jul 2025" in nurse.page.said
    nurse.get(f"{here}/history")
    assert re.search(r"Moved [^.]+ from Mon 3 Mar 2025 to Mon 10 Mar 2025\. Reason: no bed", nurse.page.said)


def test_a_start_is_not_changed_without_a_reason(nurse, here):
    start = f"{here}/dates/day_one"

    nurse.post(start, at=start, status=200, day="2025-03-10", preview="x")
    nurse.post(start, status=422, day="2025-03-10", save_it="x")

    assert "was known before: say why it changes." in nurse.page.said
    assert nurse.page.form(start)["day"] == "2025-03-10"


def test_a_treatment_that_began_keeps_its_start(in_march, here):
    visit, start = f"{here}/visits/C1D1", f"{here}/dates/day_one"
    in_march.post(f"{visit}/record", at=visit, what="occurred", day="2025-03-03")

    in_march.post(start, at=start, status=422, day="2025-03-10", note="x", save_it="x")

    assert "cannot be moved: its visit took place on Mon 3 Mar 2025. Correct that record first." in in_march.page.said


def test_the_decision_is_the_investigators(signed_in, here):
    decision, nurse, investigator = f"{here}/decisions/resectable", signed_in("nurse"), signed_in("investigator")
    assert decision not in nurse.get(here).get_data(as_text=True)
    assert "is assumed" in nurse.page.said
    assert decision in investigator.get(here).get_data(as_text=True)
    investigator.post(decision, at=decision, status=422)
    assert "Choose one of the two." in investigator.page.said

    investigator.post(decision, value="no")
    investigator.follow()
    assert re.search(r"Saved: Resectable: no\. \d+ visits have another day now\.", investigator.page.said)
    nurse.get(f"{here}/history")
    assert re.search(r"Decided [^:]+: no\. Investigator Person", nurse.page.said)


def test_the_study_ends_once_and_with_a_reason(nurse, here):
    end, typed = f"{here}/end", {"because": "withdrawal", "day": "2025-02-24"}
    nurse.post(end, at=end, status=200, preview="x", **typed)
    nurse.post(end, status=422, save_it="x", **typed)
    assert "The study ends for a patient with a reason: give one." in nurse.page.said
    nurse.post(end, status=422, save_it="x", **typed | {"day": "2025-02-25", "note": "moved away"})
    assert "Tue 25 Feb 2025 lies ahead." in nurse.page.said

    nurse.read_and_save(end, **typed | {"note": "moved away"})
    nurse.follow()

    assert re.search(r"Saved: study ended on Monday 24 February 2025\. \d+ visits are canceled\.", nurse.page.said)
    assert "The study ended for this patient on Mon 24 Feb 2025: withdrawal." in nurse.page.said
    assert not re.search(r"/dates/|/decisions/", nurse.page.text)
    nurse.get("/patients")
    assert "study ended: withdrawal" in nurse.page.said
    nurse.get(end)
    again = nurse.page.form(f"{end.removesuffix('/end')}/reopen") | typed | {"note": "again"}
    nurse._looked(nurse.client.post(end, data=again), 422)
    assert "The study ended for this patient on Mon 24 Feb 2025: only what took place by then" in nurse.page.said


# ---- contact data


def test_how_a_patient_is_reached_stands_on_one_page_only(signed_in, here, office, staff):
    nurse, page = signed_in("nurse"), f"{here}/contact"
    nurse.post(page, at=page, name=CONTACT.name, email=CONTACT.email, phone=CONTACT.phone)
    nurse.get(page)
    assert {**nurse.page.form(page)} | {"name": CONTACT.name, "email": CONTACT.email, "phone": CONTACT.phone} == (
        nurse.page.form(page)
    )

    found = {
        (login, path)
        for login in ("nurse", "investigator", "monitor", "pharmacist", "medical_monitor")
        for reader in [signed_in(login)]
        for path in READERS_PAGES
        if reader.client.get(f"{here}{path}").status_code == 200
        and any(word in reader.get(f"{here}{path}").get_data(as_text=True) for word in ("Janssens", "maria@", "11 22"))
    }

    assert found == set()
    nurse.get(f"{here}/history")
    assert "Changed how the patient is reached: name, email, phone." in nurse.page.said


def test_only_the_nurse_is_led_to_the_contact_page(signed_in, here):
    seen = {
        login: f"{here}/contact" in signed_in(login).get(here).get_data(as_text=True)
        for login in ("nurse", "investigator", "monitor", "pharmacist", "medical_monitor")
    }

    assert seen == {
        "nurse": True,
        "investigator": False,
        "monitor": False,
        "pharmacist": False,
        "medical_monitor": False,
    }


def test_contact_data_saved_unchanged_say_so(nurse, here, office, staff):
    with office.begin(staff["nurse"]) as work:
        contacts.write_contact(work, here.split("/")[2], 2, CONTACT)
    page = f"{here}/contact"

    nurse.post(page, at=page, status=422)

    assert "Nothing differs from what is saved already, so nothing was saved." in nurse.page.said


# ---- history and protocol


def test_a_new_patients_history_tells_how_it_began(nurse, here):
    nurse.get(f"{here}/history")

    told = re.findall(r"<p>(.*?)</p>", nurse.page.text.split('<ol class="list card">')[1])
    assert sorted(told[:3]) == [
        "Enrolled patient 01-001: dose level 1, escalation, site 01, protocol NCT03310008 0.1 illustrative.",
        "Set Day 1 to Mon 3 Mar 2025.",
        "Set Registration to Mon 24 Feb 2025.",
    ]
    assert "Nurse Person · Mon 24 Feb 2025, 10:00 (Europe/Brussels)" in nurse.page.said


def test_every_row_of_the_protocol_has_the_tag_of_its_source(nurse):
    nurse.get("/protocol")

    rows = re.findall(r'<tr>\s*<th scope="row">.*?</tr>', nurse.page.text, re.DOTALL)
    sources = [re.findall(r"<abbr title=\"([^\"]+)\">(\w+)</abbr>", row) for row in rows]
    protocol = next(iter(shipped().values()))
    written = [encounter for encounter in protocol.encounters if encounter.repeats is None]
    assert len([row for row in rows if 'data-label="Who and where"' in row]) == len(written) == 61
    assert all(sources)


@pytest.mark.parametrize("path", ["/protocol?id=x", "/protocol?version=9", "/protocol?id=NCT03310008&version=9"])
def test_a_protocol_that_is_not_there_is_not_found(nurse, path):
    nurse.get(path, status=404)

    assert "There is no such page" in nurse.page.said


def test_today_is_the_sites_day(nurse, here, clock):
    """23:30 in London on 24 February is the 25th in Brussels."""
    clock.now = datetime(2025, 2, 24, 23, 30, tzinfo=UTC)
    nurse.sign_in("nurse")

    nurse.get(here)

    assert "Day -6" in nurse.page.said
    assert date(2025, 2, 25).strftime("Today is Tue %d Feb 2025") in nurse.page.said
