"""Enrolling: what is saved, who may, when the trial is full; and how the patient is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from planner.core.errors import NotFound, Refused
from planner.core.facts import Facts, State
from planner.core.history import Entry
from planner.core.patients import Contact, Ended, Patient, Site
from planner.core.staff import COMMAND_LINE
from planner.services import cases, contacts, courses, patients, records
from planner.services.patients import Advice
from planner.services.records import Record
from planner.store import patients as kept

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, SHRINK, WANTED, noon, wanted

BRUSSELS = Site("01", "Brussels", "Europe/Brussels", "BE", phone="+32 2 000 00 00")


@pytest.fixture
def enrol(office):
    def do(by=NURSE, **other):
        with office.begin(by) as work:
            return cases.case_of(work, patients.enrol(work, wanted(**other)))

    return do


@pytest.fixture
def fill(office):
    """So many patients of the trial, saved without a plan; some of them screening failures."""

    def do(number, failures=0):
        with office.begin(COMMAND_LINE) as work:
            for n in range(1, number + 1):
                found = _patient(work, n)
                kept.add(work.session, found)
                if n <= failures:
                    kept.end(work.session, found.public_id, date(2025, 2, 24), Ended.SCREEN_FAILURE)

    return do


def _patient(work, number):
    given = {name: getattr(WANTED, name) for name in ("protocol", "dose_level", "phase", "language")}
    return Patient(
        **given,
        public_id=f"{number:022}",
        subject_id=f"02-{number:03}",
        site=Site("02", "Leuven", "Europe/Brussels", "BE"),
        seed="seed",
        enrolled=work.now,
        changed=work.now,
        version=1,
    )


# ---- enrolling


def test_an_enrolled_patient_is_saved_with_what_was_given(enrol, office, clock):
    made = enrol().patient

    with office.look(NURSE) as work:
        found = cases.case(work, made.public_id)
    assert found.patient == made == Patient(
        public_id=made.public_id,
        subject_id="01-001",
        site=BRUSSELS,
        protocol=SHRINK,
        dose_level=1,
        phase="escalation",
        language="nl",
        seed=made.seed,
        enrolled=clock.now,
        changed=clock.now,
        version=2,
    )  # fmt: skip
    assert found.facts == Facts({"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)})


def test_an_enrolled_patient_has_the_calendar_of_the_worked_example(enrol):
    schedule = enrol().schedule

    assert {code: schedule.by_code[code].day for code in ("REG", "C1D1", "C2D1", "C3D1", "C4D1", "C5D1", "C6D1")} == {
        "REG": date(2025, 2, 24),
        "C1D1": date(2025, 3, 3),
        "C2D1": date(2025, 3, 17),
        "C3D1": date(2025, 3, 31),
        "C4D1": date(2025, 4, 14),
        "C5D1": date(2025, 4, 28),
        "C6D1": date(2025, 5, 12),
    }
    window = schedule.by_code["RES"].window
    assert (window.earliest, window.latest) == (date(2025, 6, 9), date(2025, 7, 6))


def test_an_enrolment_leaves_an_audit_row_for_the_patient_and_for_each_date(patient, entries, clock):
    found = entries()

    who, when = (clock.now, "Anna Peeters"), [entry.act for entry in found]
    saved = {
        "subject_id": "01-001",
        "site": "01",
        "protocol": "NCT03310008 0.1 illustrative",
        "dose_level": 1,
        "phase": "escalation",
        "language": "nl",
    }
    assert found == (
        Entry(*who, when[0], "enrol", "patient", None, saved),
        Entry(*who, when[1], "enrol", "date:day_one", None, {"day": "2025-03-03"}),
        Entry(*who, when[2], "enrol", "date:registration", None, {"day": "2025-02-24"}),
    )


def test_the_rows_of_an_enrolment_are_one_act(patient, entries):
    assert len({entry.act for entry in entries()}) == 1


def test_registration_may_still_be_unknown(enrol):
    found = enrol(registration=None)

    assert found.facts == Facts({"day_one": date(2025, 3, 3)})
    assert found.schedule.by_code["C1D1"].day == date(2025, 3, 3)


def test_every_patient_has_a_random_id_and_a_secret_of_their_own(enrol):
    one, other = enrol().patient, enrol(subject_id="01-002").patient

    assert [len(value) for value in (one.public_id, one.seed)] == [22, 43]
    assert {one.public_id, one.seed}.isdisjoint({other.public_id, other.seed})


def test_the_secret_of_a_patient_stands_in_no_other_table(enrol, rows):
    seed = enrol().patient.seed

    found = [table for table, lines in rows().items() if any(seed in value for line in lines for value in line)]

    assert found == ["patient"]


def test_a_subject_number_is_taken_at_every_site(enrol, refused):
    enrol()

    said = refused(enrol, by=ELSEWHERE, site="02", kind=Refused)

    assert said == "Subject number 01-001 belongs to another patient already. Check the screening log."


def test_a_37th_patient_is_refused_wherever_the_36_are(enrol, fill, refused):
    fill(36)

    assert refused(enrol, kind=Refused) == (
        "The study has its 36 patients, screening failures not counted, so nobody more can be enrolled. Record any "
        "screening failure that is still open, or ask the sponsor for an amendment."
    )


def test_screening_failures_leave_their_places(enrol, fill, refused):
    fill(38, failures=3)

    made = enrol()

    assert made.patient.subject_id == "01-001"
    with pytest.raises(Refused, match="enrolment_full"):
        enrol(subject_id="01-002")


def test_whoever_ended_for_another_reason_keeps_the_place(office, enrol, fill):
    fill(36)
    with office.begin(COMMAND_LINE) as work:
        kept.end(work.session, f"{1:022}", date(2025, 2, 24), Ended.DEATH)

    with pytest.raises(Refused, match="enrolment_full"):
        enrol()


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"dose_level": 4}, "The protocol has no dose level 4. Choose one of: 1, 2, 3."),
        ({"dose_level": 0}, "The protocol has no dose level 0. Choose one of: 1, 2, 3."),
        ({"phase": "treatment"}, "The protocol has no phase treatment. Choose one of: escalation, expansion."),
        ({"site": "99"}, "There is no such site among yours. Choose one of the list."),
        ({"site": "02"}, "There is no such site among yours. Choose one of the list."),
        ({"protocol": ("NCT03310008", "0.2")}, "There is no such protocol. Choose one of the list."),
        (
            {"subject_id": "Jan Peeters"},
            (
                "A subject number has letters, figures and hyphens, one figure at least and 20 characters at most, "
                "such as 01-031. Never use a name."
            ),
        ),
    ],
)
def test_what_the_trial_does_not_have_is_refused_and_nothing_saved(enrol, office, refused, rows, other, sentence):
    before = rows()

    said = refused(enrol, **other)

    assert said == sentence
    assert rows() == before


def test_a_language_without_words_is_refused(enrol):
    """Its patient could never be given a calendar file or a print."""
    with pytest.raises(Refused, match="no_such_language"):
        enrol(language="xx")


def test_own_sites_are_those_of_the_actor(office):
    def codes(actor):
        with office.look(actor) as work:
            return [site.code for site in patients.own_sites(work)]

    assert (codes(NURSE), codes(ELSEWHERE), codes(MEDICAL_MONITOR)) == (["01"], ["02"], ["01", "02"])


# ---- the list


def test_the_list_tells_the_next_visit_and_what_is_done(office, patient, act, clock):
    before = _line(office)
    clock.now = noon(3, 3)
    act(records.record, "C1D1", Record(State.OCCURRED, date(2025, 3, 3)))

    after = _line(office)

    assert (before.coming.code, before.coming.day, before.done) == ("SC1", date(2025, 2, 24), 0)
    assert after.done == 1


def test_the_list_tells_how_many_visits_are_to_be_given(office, patient):
    """53 rows of the protocol without REG, DLT and MDT (nobody comes), NR (not resected), and U and ET (as needed)."""
    assert _line(office).total == 47


def _line(office):
    with office.look(NURSE) as work:
        return patients.line(*patients.listing(work))


def test_what_needs_a_person_comes_by_day(office, patient, clock):
    clock.now = noon(3, 24)

    line = _line(office)

    days = [visit.day or visit.target for visit in line.needs]
    assert days == sorted(days)
    assert {"C1D1"} <= {visit.code for visit in line.needs}


def test_start_days_around_the_one_in_mind_are_compared(office):
    """Six open days on either side of Monday 10 March, and the day itself: weekends are closed."""
    with office.look(NURSE) as work:
        found = patients.advise(work, Advice("01", SHRINK, date(2025, 3, 10), date(2025, 2, 24)))

    assert sorted(start.day for start in found) == [
        day for n in range(-7, 8) if (day := date(2025, 3, 10) + timedelta(n)).weekday() < 5
    ]
    assert [start.rank for start in found] == sorted(start.rank for start in found)


def test_nobody_is_advised_on_a_foreign_site(office):
    with office.look(NURSE) as work, pytest.raises(NotFound, match="no_such_site"):
        patients.advise(work, Advice("02", SHRINK, date(2025, 3, 10)))


# ---- how the patient is reached

REACHED = Contact("Josephine Vandenbroucke", "josephine@example.org", "+32 470 12 34 56")


@pytest.fixture
def reach(office, patient):
    def write(found, by=NURSE):
        with office.look(NURSE) as work:
            seen = cases.case(work, patient).patient.version
        with office.begin(by) as work:
            contacts.write_contact(work, patient, seen, found)

    return write


@pytest.fixture
def reached(office, patient):
    def read(by=NURSE):
        with office.look(by) as work:
            return contacts.contact(work, patient)

    return read


def test_how_a_patient_is_reached_is_empty_until_it_is_written_down(reach, reached):
    before = reached()

    reach(REACHED)

    assert (before, reached()) == (Contact(), REACHED)


def test_how_a_patient_is_reached_stands_in_one_table_only(reach, act, rows):
    reach(REACHED)
    reach(replace(REACHED, name="Josephine Claes"))
    act(courses.redate, "day_one", date(2025, 3, 4), "the patient's wish")

    secrets = ("josephine", "vandenbroucke", "claes", "@example.org", "470 12 34 56")
    leaks = {
        table
        for table, lines in rows().items()
        for line in lines
        for value in line
        if any(secret in value.casefold() for secret in secrets)
    }
    assert leaks == {"contact"}


def test_the_audit_row_says_what_changed_and_holds_none_of_it(reach, entries, clock):
    reach(REACHED)
    reach(replace(REACHED, phone="+32 2 111 11 11"))

    told = [(e.at, e.actor, e.action, e.entity, e.old, e.new, e.reason) for e in entries()[-2:]]
    row = (clock.now, "Anna Peeters", "contact", "contact", None)
    assert told == [(*row, {"changed": "name, email, phone"}, ""), (*row, {"changed": "phone"}, "")]


def test_the_same_contact_once_more_is_no_act(reach, entries, refused):
    reach(REACHED)
    before = entries()

    said = refused(reach, REACHED, kind=Refused)

    assert said == "Nothing differs from what is saved already, so nothing was saved."
    assert entries() == before


def test_what_a_patient_reads_is_in_no_language_without_words(office, patient, version):
    with pytest.raises(Refused, match="no_such_language"), office.begin(NURSE) as work:
        contacts.write_contact(work, patient, version(), REACHED, "it")


def test_how_a_foreign_patient_is_reached_is_not_found(reach, reached):
    reach(REACHED)

    with pytest.raises(NotFound, match="no_such_patient"):
        reached(by=ELSEWHERE)
    with pytest.raises(NotFound, match="no_such_patient"):
        reach(Contact(), by=ELSEWHERE)

    assert reached(by=INVESTIGATOR) == REACHED
