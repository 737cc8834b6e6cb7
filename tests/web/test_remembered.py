"""What is remembered of pages follows everything that they are made from, and nobody reads another person's.

Each page is read before and after one thing changes, and once more with an empty memory: that must say the same.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest

from planner.core.calendar import Closure
from planner.core.facts import Acceptance
from planner.core.patients import Ended
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Opened, Unit
from planner.services import absences, agenda, cases, courses, disruption, patients, sites, visits
from planner.services.schedules import Memory
from planner.services.visits import How, Start
from planner.web import frame

OPEN = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
MARCH_3 = datetime(2025, 3, 3, 9, tzinfo=UTC)
C4, C5 = date(2025, 4, 14), date(2025, 4, 28)
MEMORIES = [
    (cases, "_schedules"),
    (agenda, "_items"),
    (agenda, "_visits"),
    (disruption, "_waiting"),
    (disruption, "_found"),
    (frame, "_made"),
    (frame, "_lines"),
]
CLOSED_DAYS = ("/sites/01/disruption", f"/sites/01/disruption?where=&first={C4}&last={C4}&name=works")
WRITERS = ("nurse", "investigator")
OWN = re.compile(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"|<input[^>]*name="(?:csrf_token|key)"[^>]*>')
"""What differs with every answer."""


@pytest.fixture
def patient(enrolled, clock, office):
    """On Day 1, with FOLFOX 4 booked in a chair."""
    public_id = enrolled()
    clock.now = MARCH_3
    with office.begin(COMMAND_LINE) as work:
        sites.add_unit(work, "01", Unit("", "chair", "Chair 1", OPEN))
        unit = next(iter(sites.ward(work, "01").units))
    with office.begin(COMMAND_LINE) as work:
        visits.book(work, public_id, version(work, public_id), "C4D1", C4, how=How(Start(time(9), unit.public_id)))
    return public_id


@pytest.fixture
def pages(patient, signed_in):
    """The pages of a person, without what differs with every answer."""
    paths = (
        "/today",
        "/week",
        f"/week?from={C4}",
        "/patients",
        f"/patients/{patient}",
        f"/patients/{patient}?visits=todo",
    )

    def read(login="nurse"):
        browser = signed_in(login)
        own = (*paths, *(CLOSED_DAYS if login in WRITERS else ()))
        return {path: OWN.sub("", browser.get(path).get_data(as_text=True)) for path in own}

    return read


@pytest.fixture
def anew(monkeypatch, pages):
    """The same pages where nothing is remembered."""

    def read(login="nurse"):
        with monkeypatch.context() as empty:
            for module, name in MEMORIES:
                empty.setattr(module, name, Memory(1000))
            return pages(login)

    return read


def version(work, public_id):
    return cases.case(work, public_id).patient.version


def accept(work, public_id):
    case = cases.case(work, public_id)
    facts = case.facts.booked("C5D1", C5 + timedelta(days=7)).accepting(Acceptance("window", "C5D1", "on holiday"))
    cases.save(work, cases.Act("book", case, cases.redrafted(case, facts), "on holiday"))


CHANGES = {
    "another booking": lambda work, who: visits.book(work, who, version(work, who), "C1D3", date(2025, 3, 5)),
    "given back": lambda work, who: visits.take_back(work, who, version(work, who), "C4D1"),
    "accepted": accept,
    "decided": lambda work, who: patients.decide(work, who, version(work, who), "resectable", "no", "seen on the CT"),
    "ended": lambda work, who: courses.end(work, who, version(work, who), date(2025, 3, 3), Ended.WITHDRAWAL, "wish"),
    "away": lambda work, who: absences.away(work, who, version(work, who), Closure(C5, C5, name="wedding")),
    "closed": lambda work, _: sites.close(work, "01", Closure(C4, C5, name="strike")),
    "opened": lambda work, _: sites.open_day(
        work, "01", Opened(date(2025, 4, 21), time(8), time(12), "", "catching up")
    ),
    "a unit": lambda work, _: sites.add_unit(work, "01", Unit("", "clinic", "Room 1", OPEN[:2])),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_page_follows_what_is_saved(office, patient, pages, anew, change):
    before = pages()
    with office.begin(COMMAND_LINE) as work:
        change(work, patient)

    after = pages()

    assert after == anew()
    assert after != before


def test_every_page_follows_the_day(clock, pages, anew):
    before = pages()
    clock.now = MARCH_3 + timedelta(days=1)

    after = pages()

    assert after == anew()
    assert after != before


def test_every_page_follows_what_was_never_saved(office, patient, pages, anew):
    """Somebody reads in the transaction that wrote, and it is not saved: the next version says something else."""
    before = pages()
    with suppress(ZeroDivisionError), office.begin(COMMAND_LINE) as work:
        visits.take_back(work, patient, version(work, patient), "C4D1")
        agenda.today(work)
        agenda.week(work)
        raise ZeroDivisionError

    assert pages() == anew() == before
    with office.begin(COMMAND_LINE) as work:
        visits.book(work, patient, version(work, patient), "C1D3", date(2025, 3, 5))
    assert pages() == anew() != before


@pytest.mark.usefixtures("patient")
def test_nobody_reads_the_page_of_another_role(pages, anew):
    """The nurse first, then the others, for whom nothing new is made; and every one once more."""
    people = ("nurse", "investigator", "monitor", "medical_monitor")
    found = {login: pages(login) for login in (*people, *people)}

    assert found == {login: anew(login) for login in people}
    assert len({frozenset(page.items()) for page in found.values()}) == len(people)


def test_each_person_reads_their_own_name(pages, staff):
    people = ("nurse", "investigator", "monitor")

    for login in people:
        for page in pages(login).values():
            assert {other for other in people if f"<span>{staff[other].name}<" in page} == {login}
