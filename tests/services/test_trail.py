"""The history of everything: who reads which part, what is looked for, what is signed, and what is never in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlmodel import Session, select

from planner.core.calendar import Closure
from planner.core.errors import Refused
from planner.core.facts import State
from planner.core.history import Only, Sought
from planner.core.patients import Contact
from planner.core.staff import COMMAND_LINE, NOBODY, Actor, Role
from planner.core.units import Hours, Opened, Unit
from planner.services import accounts, contacts, history, patients, records, sites, visits
from planner.store.tables import AuditRow

from .conftest import ELSEWHERE, INVESTIGATOR, MEDICAL_MONITOR, NURSE, noon, wanted

MONITOR = Actor("mila", "Mila Smets", Role.MONITOR, frozenset({"01"}))
ADMIN = Actor("adam", "Adam Jacobs", Role.ADMIN)
PHARMACIST = Actor("pia", "Pia Maes", Role.PHARMACIST, frozenset({"01"}))
BOTH = Actor("bo", "Bo Smets", Role.MONITOR, frozenset({"01", "02"}))
NOWHERE = Actor("noa", "Noa Smets", Role.MONITOR)
EVERYTHING = Sought()


@pytest.fixture
def two_sites(office, patient):
    """A patient at each site, a page denied, an account, a review at each site, a copy taken away."""
    for who in (NURSE, ELSEWHERE, MONITOR, INVESTIGATOR, MEDICAL_MONITOR):
        with office.begin(COMMAND_LINE) as work:
            accounts.create(work, who)
    with office.begin(ELSEWHERE) as work:
        other = patients.enrol(work, wanted(subject_id="02-001", site="02")).public_id
    with office.begin(NURSE) as work:
        history.denied(work, "accounts.staff", "GET")
        history.taken_away(work, patient, "pdf")
    return other


@pytest.fixture
def read(office):
    """What a person reads, the newest first: action, entity and subject number."""

    def lines(who, sought=EVERYTHING):
        with office.look(who) as work:
            lines = [told.line for told in history.copy(work, sought).lines]
        return [(line.entry.action, line.entry.entity, line.about and line.about.subject_id) for line in lines]

    return lines


@pytest.fixture
def sign(office):
    def signed(who, up_to, note=""):
        with office.begin(who) as work:
            history.review(work, up_to, note)

    return signed


@pytest.fixture
def page(office):
    def read(who, sought=EVERYTHING, number=1):
        with office.look(who) as work:
            return history.page(work, sought, number)

    return read


def subjects(lines):
    return {subject for _, _, subject in lines}


# ---- who reads what


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (NURSE, {"01-001"}),
        (INVESTIGATOR, {"01-001"}),
        (MONITOR, {"01-001"}),
        (ELSEWHERE, {"02-001"}),
        (BOTH, {"01-001", "02-001"}),
        (MEDICAL_MONITOR, {"01-001", "02-001"}),
        (NOWHERE, set()),
        (ADMIN, {None}),
    ],
    ids=lambda value: value.login if isinstance(value, Actor) else "",
)
def test_each_reads_of_the_patients_of_their_sites_and_administrators_of_none(read, two_sites, who, seen):
    assert subjects(read(who)) == seen


def test_an_administrator_reads_of_accounts_sites_and_refused_pages(read, two_sites, sign):
    sign(MONITOR, 3)

    assert {(action, entity.partition(":")[0]) for action, entity, _ in read(ADMIN)} == {
        ("add_site", "site"),
        ("create_account", "staff"),
        ("denied", "page"),
    }


@pytest.fixture
def wards(office, patient):
    """A chair, its hours, a closure and an opened day at each site; those of Leuven (02) are taken back."""
    day = date(2025, 4, 14)
    for code in ("01", "02"):
        with office.begin(ADMIN) as work:
            unit = sites.add_unit(work, code, Unit("", "chair", f"Chair of {code}"))
            sites.set_hours(work, code, unit.public_id, (Hours(0, time(8), time(17)),))
            sites.close(work, code, Closure(day, day, name="strike"))
            sites.open_day(work, code, Opened(day, time(9), time(12), name="catching up"))
    with office.begin(ADMIN) as work:
        ward = sites.ward(work, "02")
        sites.reopen(work, "02", ward.closures[0][0])
        sites.shut_day(work, "02", ward.opened[0][0])
        sites.withdraw_unit(work, "02", ward.units[0].public_id)


ADDED = ("add_unit", "set_hours", "close", "open_day")
OF_01 = [(action, "site:01") for action in ADDED]
OF_02 = [(action, "site:02") for action in (*ADDED, "reopen_days", "shut_day", "withdraw_unit")]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (NURSE, OF_01),
        (ELSEWHERE, OF_02),
        (MONITOR, OF_01),
        (BOTH, [*OF_01, *OF_02]),
        (MEDICAL_MONITOR, [*OF_01, *OF_02]),
        (NOWHERE, []),
        (NOBODY, []),
        (ADMIN, [("add_site", "site:01"), ("add_site", "site:02"), *OF_01, *OF_02]),
    ],
    ids=["nurse", "elsewhere", "monitor", "both", "medical monitor", "nowhere", "nobody", "admin"],
)
def test_the_units_and_days_of_a_site_are_read_by_those_of_the_site(read, wards, who, seen):
    found = [(action, entity) for action, entity, _ in read(who)[::-1] if entity.startswith("site:")]

    assert found == seen


def test_a_pharmacist_is_refused(read, two_sites, refused):
    said = refused(read, PHARMACIST, kind=Refused)

    assert said.startswith("The history is read by nurses, investigators, monitors and administrators only.")


def test_whoever_is_nobody_reads_nothing(read, two_sites):
    assert read(NOBODY) == []


def test_the_lists_to_choose_from_tell_no_more_than_the_lines(office, two_sites):
    with office.look(ELSEWHERE) as work:
        people, actions = history.people(work), history.actions(work)

    assert (people, actions) == ({"bert": "Bert Claes"}, ("enrol",))


def test_a_page_has_fifty_lines_the_newest_first(office, patient, page, act):
    for number in range(48):
        with office.begin(NURSE) as work:
            history.taken_away(work, patient, "ics" if number % 2 else "pdf")

    first, last, beyond = (page(NURSE, number=number) for number in (1, 2, 99))

    assert [len(one.lines) for one in (first, last, beyond)] == [50, 1, 1]
    assert (first.number, first.pages, beyond.page) == (51, 2, 2)
    seqs = [told.line.seq for one in (first, last) for told in one.lines]
    assert seqs == sorted(seqs, reverse=True)


# ---- what is looked for


def test_each_filter_shows_its_part(read, two_sites):
    assert subjects(read(MEDICAL_MONITOR, Sought(subject="02-0"))) == {"02-001"}
    assert read(MEDICAL_MONITOR, Sought(subject="%")) == []
    assert subjects(read(MEDICAL_MONITOR, Sought(login="bert"))) == {"02-001"}
    assert read(MEDICAL_MONITOR, Sought(action="export")) == [("export", "export:pdf", "01-001")]
    assert read(NURSE, Sought(login="bert")) == []


def test_days_begin_with_the_first_instant_and_end_before_the_last(read, patient, act, clock):
    clock.now = datetime(2025, 2, 25, 0, tzinfo=UTC)
    act(visits.book, "C4D1", date(2025, 4, 15))

    def between(since, before):
        return [entity for _, entity, _ in read(NURSE, Sought(since=since, before=before))]

    second = datetime(2025, 2, 25, 0, 0, 1, tzinfo=UTC)
    assert between(clock.now, second) == ["visit:C4D1"]
    assert between(None, clock.now) == ["date:registration", "date:day_one", "patient"]
    assert between(second, None) == []


def test_what_was_accepted_outside_a_window_or_rule_is_found(read, patient, act):
    act(visits.book, "C4D1", date(2025, 4, 22), "low blood counts")

    assert read(NURSE, Sought(only=Only.OUTSIDE)) == [("book", "acceptance:C4D1", "01-001")]


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (noon(2, 25), []),
        (noon(2, 26), [("record", "visit:SC1", "01-001")]),
        (datetime(2025, 2, 25, 22, 59, tzinfo=UTC), []),
        (datetime(2025, 2, 25, 23, 0, tzinfo=UTC), [("record", "visit:SC1", "01-001")]),
    ],
    ids=["the day after", "two days after", "a minute before midnight in Brussels", "midnight in Brussels"],
)
def test_a_record_two_days_late_by_the_days_of_the_site_is_after_the_fact(read, patient, act, clock, now, found):
    clock.now = now
    act(records.record, "SC1", records.Record(State.OCCURRED, date(2025, 2, 24)))
    act(visits.book, "C4D1", date(2025, 4, 15))

    assert read(NURSE, Sought(only=Only.LATE)) == found


# ---- reviews


def test_a_review_is_a_row_with_its_note_and_what_comes_after_it_is_new(page, sign, two_sites, office, patient, clock):
    newest = page(MONITOR).newest
    sign(MONITOR, newest, "all in order")
    with office.begin(NURSE) as work:
        history.taken_away(work, patient, "ics")

    found = page(MONITOR)

    assert [(r.who, r.role, r.at, r.up_to, r.note) for r in found.reviews] == [
        ("Mila Smets", Role.MONITOR, clock.now, newest, "all in order")
    ]
    assert (found.read, found.unread) == (newest, 1)
    assert (page(INVESTIGATOR).read, page(INVESTIGATOR).reviews) == (None, found.reviews)


def test_only_the_last_review_of_each_person_is_told(page, sign, two_sites):
    sign(MONITOR, 5)
    sign(INVESTIGATOR, 6)
    sign(MONITOR, 7)

    assert [(review.login, review.up_to) for review in page(NURSE).reviews] == [("mila", 7), ("ines", 6)]


def test_a_review_of_other_sites_is_not_told_and_that_of_all_sites_is(page, sign, two_sites):
    sign(MONITOR, 5)
    sign(MEDICAL_MONITOR, 5)

    assert [review.login for review in page(ELSEWHERE).reviews] == ["mona"]
    assert [review.login for review in page(MEDICAL_MONITOR).reviews] == ["mona", "mila"]


@pytest.mark.parametrize("who", [NURSE, ADMIN, PHARMACIST], ids=lambda who: who.login)
def test_a_review_is_signed_by_investigators_and_monitors_only(sign, two_sites, who):
    with pytest.raises(Refused):
        sign(who, 5)


@pytest.mark.parametrize("up_to", [0, -1, 10_000])
def test_what_was_never_shown_is_not_signed(sign, two_sites, refused, up_to):
    assert refused(sign, MONITOR, up_to).startswith("Nothing was signed: the form does not say up to where")


def test_what_is_signed_is_not_signed_again(sign, two_sites, refused):
    sign(MONITOR, 5)

    assert refused(sign, MONITOR, 5).startswith("You have signed that part already")


# ---- what is written, and what never


def test_a_failed_sign_in_is_told_of_an_account_only(office, database):
    with office.begin(COMMAND_LINE) as work:
        account, _ = accounts.create(work, NURSE)
    for login in ("anna", "nobody", "correct horse battery"):
        with office.begin(NOBODY) as work:
            accounts.sign_in(work, login, right=False)

    with Session(database.engine) as session:
        rows = session.exec(select(AuditRow).where(AuditRow.action == "failed_sign_in")).all()
    assert [(row.actor, row.login, row.entity) for row in rows] == [("Nobody", "", f"staff:{account.public_id}")]


def test_tries_that_have_to_wait_are_not_told_one_by_one(office, database):
    with office.begin(COMMAND_LINE) as work:
        accounts.create(work, NURSE)
    for _ in range(20):
        with office.begin(NOBODY) as work:
            accounts.sign_in(work, "anna", right=False)

    with Session(database.engine) as session:
        rows = session.exec(select(AuditRow).where(AuditRow.action == "failed_sign_in")).all()
    assert len(rows) == accounts.FREE_TRIES


def test_a_file_taken_away_is_no_change_of_facts(office, patient, version, refused, act):
    seen = version()
    act(visits.book, "C4D1", date(2025, 4, 15), by=INVESTIGATOR)
    with office.begin(NURSE) as work:
        history.taken_away(work, patient, "ics")

    said = refused(act, visits.book, "C4D1", date(2025, 4, 16), seen=seen)

    assert said.startswith("Ines Maes saved something about this patient")


def test_no_name_address_or_number_of_a_patient_is_ever_written(office, patient, version, rows):
    known = Contact("Josephine Vermeulen", "josephine@example.org", "+32 470 12 34 56")
    with office.begin(NURSE) as work:
        contacts.write_contact(work, patient, version(), known)
        history.taken_away(work, patient, "pdf")

    found = rows()

    leaks = ("Josephine", "josephine", "470 12")
    assert [row for row in found["audit"] for leak in leaks if any(leak in cell for cell in row)] == []
    assert any("Josephine Vermeulen" in row for row in found["contact"])
