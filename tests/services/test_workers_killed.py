"""Workers that are killed (kill -9) in the middle, and a mail server in a bad mood: nothing is lost, nothing differs.

Nurses book, move and give back meanwhile. What arrived is put into a calendar in the order in which it arrived, as a
mail program does: it must show exactly the visits that the database has, but for those that stand in the nurses' list
of whom to telephone.

The clock stands still but for some seconds with each mail, and jumps to the next moment that matters once nobody works:
hours of waiting between tries take no time, and no lease ends while its worker lives.
"""

import multiprocessing
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing.connection import wait
from multiprocessing.sharedctypes import RawValue

import icalendar
import pytest
from sqlmodel import Session, col, func, or_, select

from planner.core.disclosure import Detail
from planner.core.facts import State
from planner.core.notices import Delivery, sights
from planner.core.patients import Contact, Site, Wishes
from planner.core.staff import COMMAND_LINE
from planner.services import cases, contacts, patients, sites
from planner.services.cases import Act
from planner.services.telling import recipient
from planner.services.work import Office
from planner.store import deliveries, outbox
from planner.store import patients as kept
from planner.store.outbox_tables import OutboxRow
from tests.clients.programs import Khal, Radicale
from tests.clients.readers import asked
from tests.conftest import AUDIT_KEY, unused_port
from tests.mailserver import DROP, STALL, TAKEN, Box, Listening
from tests.sending import Shared, send
from tests.tampering import emptied

from .conftest import NURSE, wanted

MIDNIGHT = datetime(2025, 2, 24, 0, 10, tzinfo=UTC)
FROM = date(2025, 3, 10)
"""Visits are booked from this day on, so that none is past before the clock of the test ends."""

WORKERS, PATIENTS = 2, 5
MOVED, GIVEN_BACK = 20, 5
"""How many visits of a patient one act books or moves, and gives back."""

ACT_EVERY = 20
"""Mails between two acts; after the five minutes for a second thought, which so many mails take."""

OF_A_MAIL = 15.0
"""Seconds of the clock for each mail."""

MOODS = {17: "451 4.7.1 greylisted", 29: "421 4.3.2 shutting down", 53: "550 5.1.1 unknown", 41: DROP, 97: STALL}
"""Every so many messages, the server says that instead of taking it."""


class Moody(Box):
    """Says of each message that it is there, before it answers."""

    def __init__(self, there):
        self.there, self.moods = there, Counter()
        super().__init__(self._answer)

    def _answer(self, number, _content):
        mood = next((mood for every, mood in MOODS.items() if number % every == every - 1), TAKEN)
        self.moods[mood] += 1
        self.there.send(number)
        return mood


class Crew:
    """Workers as processes; one that is killed is replaced."""

    def __init__(self, *given):
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.sending"])
        self.given, self.workers, self.working, self.killed, self.started = given, {}, set(), 0, 0

    def go(self):
        """Everyone sends what is due."""
        while len(self.workers) < WORKERS:
            ours, theirs = self.context.Pipe()
            self.started += 1
            self.workers[ours] = self.context.Process(target=send, args=(*self.given, self.started, theirs))
            self.workers[ours].start()
            theirs.close()
        for line in self.workers.keys() - self.working:
            line.send("go")
            self.working.add(line)

    def done(self, line):
        """Nothing is due any more, says a worker."""
        line.recv()
        self.working.remove(line)

    def kill(self, chance):
        """Whoever it is, wherever it is; another one goes on at once."""
        line = chance.choice(sorted(self.working, key=lambda working: self.workers[working].pid))
        self.working.remove(line)
        victim = self.workers.pop(line)
        victim.kill()
        victim.join()
        line.close()
        assert victim.exitcode == -9
        self.killed += 1
        self.go()

    def leave(self):
        for line, worker in self.workers.items():
            worker.kill()
            worker.join()
            line.close()


class Trial:
    """Patients whose visits change while the workers send, until there were so many messages and kills."""

    def __init__(self, office, crew, there, wanted):
        self.office, self.crew, self.there, (self.count, self.kills) = office, crew, there, wanted
        self.chance = random.Random(self.count)
        self.ids = [enrolled(office, number) for number in range(1, PATIENTS + 1)]
        self.acts, self.rows, self.next_kill = 0, 0, 0

    def run(self):
        for _ in self.ids:
            self.act()
        for _ in range(2 * self.count):  # a message that nobody can take must not keep us for ever
            if not (self.jump() or self.more):
                break
            if self.more:
                self.act()
            self.crew.go()
            while self.crew.working:
                self.hear()

    @property
    def more(self):
        return self.rows < self.count or self.crew.killed < self.kills

    def hear(self):
        """A mail is at the server, or a worker is done."""
        for line in wait([self.there, *self.crew.working]):
            if line is self.there:
                self.arrived(line.recv())
            elif line in self.crew.working:  # and was not killed meanwhile
                self.crew.done(line)

    def arrived(self, number):
        self.office.clock.passed.value += OF_A_MAIL
        if number % ACT_EVERY == 0 and self.more:
            self.act()
        if number >= self.next_kill and self.crew.killed < self.kills and self.crew.working:
            self.crew.kill(self.chance)
            self.next_kill = number + self.chance.randint(1, 2 * self.count // self.kills - 8)

    def act(self):
        """A nurse changes visits of the next patient."""
        public_id = self.ids[self.acts % PATIENTS]
        self.acts += 1
        with self.office.begin(NURSE) as work:
            case = cases.case(work, public_id)
            cases.save(work, Act("book", case, cases.redrafted(case, changed(case, self.chance))))
            self.rows = work.session.exec(select(func.count()).select_from(OutboxRow)).one()

    def jump(self):
        """On to the next moment at which something is due or free; whether anything is still to be sent."""
        with self.office.look(NURSE) as work:
            held = or_(OutboxRow.state == Delivery.WAITING, col(OutboxRow.lease_until).is_not(None))
            rows = work.session.exec(select(OutboxRow).where(held)).all()
        moments = {row.due_at for row in rows if row.state is Delivery.WAITING} | {row.lease_until for row in rows}
        coming = [moment for moment in moments - {None} if moment > self.office.clock()]
        if coming:
            self.office.clock.passed.value = (min(coming) - MIDNIGHT).total_seconds()
        return bool(coming) or any(row.state is Delivery.WAITING for row in rows)


def enrolled(office, number):
    """A patient with an address who agreed to mails."""
    with office.begin(NURSE) as work:
        new = patients.enrol(work, wanted(subject_id=f"01-{number:03}"))
        address = Contact("", f"patient{number}@example.org", "")
        contacts.write_contact(work, new.public_id, new.version, address)
        contacts.agree(work, new.public_id, new.version + 1, Wishes(mail=Detail.STANDARD))
    return new.public_id


def changed(case, chance):
    """Some visits are booked or get another time on the day that the plan suggests, some are given back."""
    coming = [v for v in case.schedule.visits if v.encounter.attended and v.live and v.day and v.day >= FROM]
    some, facts = chance.sample(coming, min(len(coming), MOVED + GIVEN_BACK)), case.facts
    for visit in some[:MOVED]:
        facts = facts.booked(visit.code, visit.day, time(chance.randint(8, 16), 30), "Europe/Brussels")
    for visit in some[MOVED:]:
        if visit.code in facts.visits and facts.visits[visit.code].state is State.BOOKED:
            facts = facts.planned(visit.code)
    return facts


# ---- what arrived, and what should have


def file(message):
    """Its calendar part."""
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    return part.get_payload(decode=True)


def read(message):
    """To whom, by which method, which revision of which entry, and when it begins."""
    calendar = icalendar.Calendar.from_ical(file(message))
    (event,) = calendar.walk("VEVENT")
    return str(message["To"]), str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event["DTSTART"].dt


def replayed(mails):
    """What the recipients' calendars show after these mails, each taken as it came: by entry, to whom and when."""
    known, shown = {}, {}
    for to, method, uid, sequence, start in mails:
        if sequence < known.get(uid, 0):
            continue
        known[uid] = sequence
        if method == "CANCEL":
            shown.pop(uid, None)
        else:
            shown[uid] = (to, start.astimezone(UTC))
    return shown


def booked(office, ids):
    """What they should show, each booked visit of the database: to whom and when."""
    found = {}
    with office.look(NURSE) as work:
        for public_id in ids:
            case, own = cases.case(work, public_id), kept.key(work.session, public_id)
            to = recipient(work, case.patient, case.schedule, outbox.wishes(work.session, own))
            for code, sight in sights(case.schedule, to, case.today).items():
                found[own, code] = (to.address, _start(sight.seen))
    return found


SUMMERS = (
    (date(2025, 3, 30), date(2025, 10, 26)),
    (date(2026, 3, 29), date(2026, 10, 25)),
    (date(2027, 3, 28), date(2027, 10, 31)),
    (date(2028, 3, 26), date(2028, 10, 29)),
    (date(2029, 3, 25), date(2029, 10, 28)),
    (date(2030, 3, 31), date(2030, 10, 27)),
)


def _start(seen):
    """Brussels is one hour ahead of UTC in winter and two in summer."""
    summer = any(begins <= seen.first < ends for begins, ends in SUMMERS)
    return datetime.combine(seen.first, seen.at, UTC) - timedelta(hours=2 if summer else 1)


def untold(office, ids):
    """The visits of whose messages nurses tell by telephone, as patient and code."""
    with office.look(NURSE) as work:
        keys = {public_id: kept.key(work.session, public_id) for public_id in ids}
        return {(keys[public_id], message.code) for public_id, message in deliveries.failed(work.session, "01")}


# ---- one trial, and what is claimed of it

RUNS = [(400, 20), pytest.param((2000, 100), marks=pytest.mark.slow)]
"""So many messages and kills."""

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # aiosmtpd drops lines that were cut
]


@pytest.fixture(scope="module", params=RUNS, ids=lambda run: "-".join(map(str, run)))
def run(request):
    """How many messages, and how many kills."""
    return request.param


@pytest.fixture(scope="module")
def office(migrated, run):
    """On a clock that the workers read too; the database is emptied once all was claimed of one trial."""
    found = Office(migrated, clock=Shared(MIDNIGHT, RawValue("d", 0.0)))
    with found.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE", phone="+32 2 000 00 00"))
    yield found
    emptied(migrated)


@pytest.fixture(scope="module")
def finished(office, migrated, run):
    """A trial that is over, and the mail server's box; no worker is left behind, whatever comes of it."""
    there, tell = multiprocessing.Pipe(duplex=False)
    box = Moody(tell)
    server = Listening(box)
    server.start()
    url = migrated.engine.url.render_as_string(hide_password=False)
    crew = Crew(url, AUDIT_KEY, server.port, office.clock)
    trial = Trial(office, crew, there, run)
    try:
        trial.run()
    finally:
        crew.leave()
        server.stop()
        there.close()
        tell.close()
    return trial, box


@pytest.fixture
def rows(finished, migrated):
    """Every message, the oldest first."""
    with Session(migrated.engine) as session:
        return session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()


def test_nothing_is_lost_and_every_calendar_shows_what_is_booked(office, finished, rows):
    trial, box = finished
    messages = box.messages()
    mails = [read(message) for message in messages]
    arrived, newest = {(uid, sequence) for _, _, uid, sequence, _ in mails}, {row.uid: row for row in rows}
    counted = (trial.crew.killed, len(rows) >= trial.count, set(box.moods))
    assert counted == (trial.kills, True, {TAKEN, *MOODS.values()})
    assert {row.state for row in rows} == {Delivery.SENT, Delivery.FAILED, Delivery.OVERTAKEN}
    assert [row.id for row in rows if row.state is Delivery.SENT and (row.uid, row.sequence) not in arrived] == []
    assert [row.id for row in newest.values() if row.state is Delivery.OVERTAKEN] == []
    assert {row.error for row in rows if row.state is Delivery.FAILED} == {MOODS[53]}

    copies, first = defaultdict(set), defaultdict(list)
    for message, content, (_, method, uid, sequence, _) in zip(messages, box.taken, mails, strict=True):
        copies[uid, sequence].add((message["Message-ID"], method, content))
        first[uid] += [sequence] if sequence not in first[uid] else []
    assert {len(same) for same in copies.values()} == {1}
    assert [numbers for numbers in first.values() if numbers != sorted(numbers)] == []
    assert len(mails) > len(arrived)  # some came twice, or nothing was tried here

    by_phone, visit = untold(office, trial.ids), {row.uid: (row.patient_id, row.code) for row in rows}
    shown = Counter((visit[uid], seen) for uid, seen in replayed(mails).items() if visit[uid] not in by_phone)
    due = Counter((code, seen) for code, seen in booked(office, trial.ids).items() if code not in by_phone)
    assert (shown - due, due - shown) == (Counter(), Counter())


@pytest.fixture
def replay(office, finished, rows):
    """The calendar files in the order of arrival, what they must leave, and the entries told by telephone."""
    trial, box = finished
    files = [file(message) for message in box.messages()]
    by_phone, visit = untold(office, trial.ids), {row.uid: (row.patient_id, row.code) for row in rows}
    known = {(row.patient_id, row.code): row.uid for row in rows}
    due = {(known[at], start) for at, (_, start) in booked(office, trial.ids).items() if at not in by_phone}
    return files, due, {uid for uid, at in visit.items() if at in by_phone}


def left(entries, by_phone):
    """What stands in a calendar that shows what was canceled as canceled."""
    return sorted((one.uid, one.start) for one in entries if one.status == "CONFIRMED" and one.uid not in by_phone)


@pytest.mark.clients
def test_khal_shows_exactly_the_booked_visits_once_all_that_arrived_was_imported(replay, tmp_path):
    asked("khal")
    files, due, by_phone = replay
    khal = Khal(tmp_path / "khal")

    khal.take(files)

    assert (left(khal.shown(), by_phone), len(due) > PATIENTS) == (sorted(due), True)


@pytest.mark.clients
def test_radicale_shows_exactly_the_booked_visits_once_all_that_arrived_was_put(replay, tmp_path):
    asked("radicale")
    files, due, by_phone = replay
    radicale = Radicale(tmp_path / "radicale", unused_port())
    try:
        radicale.wait()

        assert {radicale.put(content) for content in files} == {201, 204}
        assert left(radicale.shown(), by_phone) == sorted(due)
    finally:
        radicale.end()
