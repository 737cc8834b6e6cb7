"""Workers that are killed (kill -9) in the middle, and a mail server in a bad mood: nothing is lost, nothing differs.

What arrived is put into a calendar in the order in which it arrived, as a mail program does: it must show exactly the
visits that the database has.
"""

import multiprocessing
import queue
import random
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime

import icalendar
import pytest
from sqlmodel import Session, col, select

from planner.core.disclosure import Detail
from planner.core.facts import State
from planner.core.notices import Delivery, sights
from planner.core.patients import Contact, Wishes
from planner.services import cases, contacts, patients
from planner.services.cases import Act
from planner.services.telling import recipient
from planner.store import outbox
from planner.store import patients as kept
from planner.store.outbox_tables import OutboxRow
from tests.conftest import AUDIT_KEY
from tests.mailserver import DROP, STALL, TAKEN, Box, Listening
from tests.sending import Hurried, send_all

from .conftest import NURSE, wanted

MIDNIGHT = datetime(2025, 2, 24, 0, 10, tzinfo=UTC)
FROM = date(2025, 3, 10)
"""Visits are booked from this day on, so that none is past before the hurried clock ends."""

OF_A_PATIENT = (35, 30, 15)
"""Invitations, updates and cancelations: 80 messages for each patient."""

WORKERS = 2
MOODS = {17: "451 4.7.1 greylisted", 29: "421 4.3.2 shutting down", 41: DROP, 97: STALL}
"""Every so many messages, the server says that instead of taking it."""

LONG = 240
SPEED, MANY = 100, 1000
"""Seconds of the clock in one; fewer where so many messages are sent that some would be given up after a day."""


class Moody(Box):
    """Says of each message that it is there, before it answers."""

    def __init__(self):
        self.there = queue.Queue()
        super().__init__(self._answer)

    def _answer(self, number, _content):
        self.there.put(number)
        return next((mood for every, mood in MOODS.items() if number % every == every - 1), TAKEN)


@pytest.fixture
def box():
    found = Moody()
    server = Listening(found)
    server.start()
    found.port = server.port
    yield found
    server.stop()


class Crew:
    """Two workers as processes; one that is killed is replaced."""

    def __init__(self, url, port, clock):
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.sending"])
        self.given, self.seed, self.workers, self.killed = (url, AUDIT_KEY, port, clock), 0, [], 0

    def fill(self):
        self.workers = [worker for worker in self.workers if worker.is_alive()]
        while len(self.workers) < WORKERS:
            self.seed += 1
            self.workers.append(self.context.Process(target=send_all, args=(*self.given, self.seed)))
            self.workers[-1].start()

    def kill(self, number):
        victim = self.workers[number % len(self.workers)]
        victim.kill()
        victim.join(LONG)
        self.killed += victim.exitcode == -9
        self.fill()

    def finish(self):
        for worker in self.workers:
            worker.join(LONG)
        assert [worker.exitcode for worker in self.workers] == [0] * len(self.workers)

    def leave(self):
        for worker in self.workers:
            worker.kill()
            worker.join()


@pytest.fixture
def hurried(office):
    """The office on a clock on which a day passes in minutes."""

    def at(speed):
        return replace(office, clock=Hurried(MIDNIGHT, time.time(), speed))

    return at


def enrolled(office, number):
    """A patient with an address who agreed to mails."""
    with office.begin(NURSE) as work:
        new = patients.enrol(work, wanted(subject_id=f"01-{number:03}"))
        address = Contact("", f"patient{number}@example.org", "")
        contacts.write_contact(work, new.public_id, new.version, address)
        contacts.agree(work, new.public_id, new.version + 1, Wishes(mail=Detail.STANDARD))
    return new.public_id


def saved(office, public_id, change):
    with office.begin(NURSE) as work:
        case = cases.case(work, public_id)
        cases.save(work, Act("book", case, cases.redrafted(case, change(case))))


def some_booked(case):
    """The first visits from the day on, each on the day that the plan suggests."""
    coming = [v for v in case.schedule.visits if v.encounter.attended and v.live and v.day and v.day >= FROM]
    facts = case.facts
    for visit in coming[: OF_A_PATIENT[0]]:
        facts = facts.booked(visit.code, visit.day)
    return facts


def some_moved(case):
    """The first of them get a time, which the patient sees."""
    facts = case.facts
    for number, code in enumerate(_booked(case)[: OF_A_PATIENT[1]]):
        fact = facts.visits[code]
        facts = facts.booked(code, fact.day, datetime(2025, 1, 1, 8 + number % 8, 30).time(), "Europe/Brussels")  # noqa: DTZ001
    return facts


def some_given_back(case):
    facts = case.facts
    for code in _booked(case)[-OF_A_PATIENT[2] :]:
        facts = facts.planned(code)
    return facts


def _booked(case):
    return [code for code, fact in case.facts.visits.items() if fact.state is State.BOOKED]


@pytest.fixture
def crew_on(box, database):
    """Two workers with a clock; none is left behind, whatever comes of the test."""
    found, url = [], database.engine.url.render_as_string(hide_password=False)

    def start(clock):
        found.append(Crew(url, box.port, clock))
        return found[0]

    yield start
    found[0].leave()


def run(office, box, count, kills, crew):
    """Three waves of acts; the workers are killed in each, while a message is in their hands."""
    ids = [enrolled(office, number) for number in range(1, count // sum(OF_A_PATIENT) + 1)]
    waves = (some_booked, some_moved, some_given_back)
    for wave, change in enumerate(waves, start=1):
        for public_id in ids:
            saved(office, public_id, change)
        crew.fill()
        share = kills * wave // len(waves)
        step = max(1, len(ids) * OF_A_PATIENT[wave - 1] // (kills // len(waves) + 2))
        while crew.killed < share:
            for _ in range(step):
                box.there.get(timeout=LONG)
            crew.kill(random.Random(crew.killed).randrange(WORKERS))
        crew.finish()
        crew.workers = []
    return ids


def read(content):
    """To whom, by which method, which revision of which entry, and when it begins."""
    calendar = icalendar.Calendar.from_ical(content.get_body(("calendar",)) and _part(content))
    (event,) = calendar.walk("VEVENT")
    return str(content["To"]), str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event["DTSTART"].dt


def _part(message):
    return next(p for p in message.walk() if p.get_content_type() == "text/calendar").get_payload(decode=True)


def replayed(mails):
    """What the recipients' calendars show after these mails, each taken as it came."""
    known, shown = {}, {}
    for to, method, uid, sequence, start in mails:
        if sequence < known.get(uid, 0):
            continue
        known[uid] = sequence
        if method == "CANCEL":
            shown.pop(uid, None)
        else:
            shown[uid] = (to, start)
    return Counter(shown.values())


def due_in(office, ids):
    """What they should show: every booked visit of the database."""
    found = Counter()
    with office.look(NURSE) as work:
        for public_id in ids:
            case = cases.case(work, public_id)
            to = recipient(
                work, case.patient, case.schedule, outbox.wishes(work.session, kept.key(work.session, public_id))
            )
            for sight in sights(case.schedule, to, case.today).values():
                found[(to.address, _start(sight.seen))] += 1
    return found


def _start(seen):
    if seen.at is None:
        return seen.first
    offset = 1 if seen.first < date(2025, 3, 30) or seen.first >= date(2025, 10, 26) else 2
    return datetime(
        seen.first.year, seen.first.month, seen.first.day, seen.at.hour - offset, seen.at.minute, tzinfo=UTC
    )


@pytest.mark.enable_socket
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # aiosmtpd drops lines that were cut
@pytest.mark.parametrize(
    ("count", "kills"), [pytest.param(400, 20, marks=pytest.mark.slow), pytest.param(2000, 100, marks=pytest.mark.slow)]
)
def test_nothing_is_lost_and_every_calendar_shows_what_is_booked(hurried, box, database, crew_on, count, kills):
    office = hurried(SPEED if count < MANY else SPEED // 4)
    crew = crew_on(office.clock)

    ids = run(office, box, count, kills, crew)

    with Session(database.engine) as session:
        rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
    mails = [read(message) for message in box.messages]
    by_name = defaultdict(set)
    for message, content in zip(box.messages, box.taken, strict=True):
        by_name[message["Message-ID"]].add(content)
    first = defaultdict(list)
    for _, _, uid, sequence, _ in mails:
        first[uid] += [sequence] if sequence not in first[uid] else []
    assert (crew.killed, len(rows)) == (kills, count)
    assert Counter(row.state for row in rows) == {Delivery.SENT: count}
    assert {(row.uid, row.sequence) for row in rows} == {(uid, sequence) for _, _, uid, sequence, _ in mails}
    assert (len(by_name), max(len(bodies) for bodies in by_name.values())) == (count, 1)
    assert [numbers for numbers in first.values() if numbers != sorted(numbers)] == []
    assert replayed(mails) == due_in(office, ids)
    assert len(mails) > count  # some came twice, or nothing was tried here
