"""A server killed while four people book and give back: whatever it had begun is whole or was never there."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import Hours, Unit
from planner.services import accounts, cases, patients, sites
from planner.services.patients import Enrolment
from planner.services.work import Office
from planner.store.database import connect
from planner.store.migrations import upgrade
from tests.booked import hold
from tests.conftest import AUDIT_KEY, PASSWORD, SHRINK, replace_password
from tests.nurse import Nurse
from tests.served import Served

LOGINS = ("anna", "bert", "carl", "dora")
CODES = ("C2P", "C2D1", "C3D1", "C4D1")
HOURS = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
ANSWERS = {200, 303, 409, 422}


@dataclass
class Client:
    """One person with one patient: what they were answered, and the version that they know to be saved."""

    nurse: Nurse
    patient: str
    random: Random
    version: int = 0
    saved: int = 0
    answers: list[int] = field(default_factory=list)

    def work(self, stop):
        """Book, move and give back until the server is gone."""
        try:
            while not stop.is_set():
                self._one_act()
        except (OSError, http.client.HTTPException):
            pass  # the server is gone, with whatever it was answering
        finally:
            self.nurse.hang_up()

    def _one_act(self):
        code = self.random.choice(CODES)
        status, text = self.nurse.look(self.patient, code)
        self.answers.append(status)
        if self.nurse.booked(text) and self.random.random() < 0.5:
            status, _ = self.nurse.give_back(self.patient, code, text)
        else:
            start = f"{self.random.randrange(8, 14):02}:{self.random.choice(('00', '15', '30', '45'))}"
            status, _ = self.nurse.book(self.patient, code, text, self.random.choice(self.nurse.days(text)), start)
        self.answers.append(status)
        self.saved += status == 303


@pytest.fixture
def ward(tmp_path):
    """A ward with two chairs and one room for four people and their patients, who all start on one Monday."""
    database = connect(f"sqlite:///{tmp_path}/planner.db", AUDIT_KEY)
    upgrade(database)
    office = Office(database)
    with office.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE"))
        for kind, name in (("chair", "Chair 1"), ("chair", "Chair 2"), ("clinic", "Room 1")):
            sites.add_unit(work, "01", Unit("", kind, name, HOURS))
        for login in LOGINS:
            account, _ = accounts.create(work, Actor(login, login.title(), Role.NURSE, frozenset({"01"})))
            accounts.staff.write_secrets(work.session, replace_password(account))
    yield office
    database.close()


@pytest.fixture
def clients(ward, free_port):
    nurses = [Nurse(free_port, login, PASSWORD) for login in LOGINS]
    yield [Client(nurse, _enrolled(ward, n), Random(n)) for n, nurse in enumerate(nurses)]
    for nurse in nurses:
        nurse.hang_up()


def _enrolled(office, number):
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
    asked = Enrolment(
        subject_id=f"01-00{number}",
        site="01",
        protocol=SHRINK,
        day_one=monday,
        registration=monday - timedelta(days=7),
        dose_level=1,
        phase="escalation",
        language="nl",
    )
    with office.begin(Actor("anna", "Anna", Role.NURSE, frozenset({"01"}))) as work:
        return patients.enrol(work, asked).public_id


@pytest.fixture
def start(ward, tmp_path, free_port):
    """Starts the planner on the database of the ward, as `planner run` does; again and again on the same port."""
    settings = {
        "PLANNER_DATABASE_URL": ward.database.engine.url.render_as_string(hide_password=False),
        "PLANNER_AUDIT_KEY": AUDIT_KEY,
        "PLANNER_SECRET_KEY": "a key of the tests with 40 letters or more",
        "PLANNER_SECURE_COOKIES": "false",
        "PLANNER_TRUSTED_HOSTS": "127.0.0.1",
    }
    started = []

    def begin():
        started.append(Served(tmp_path / "said.txt", free_port, settings=settings, measured=False))
        started[-1].wait()
        return started[-1]

    yield begin
    started[-1].end()


def look_after(office, clients):
    """The file is sound, cells, facts and history agree, and nothing that somebody was told is saved is lost."""
    with office.database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    with office.look(COMMAND_LINE) as work:
        hold(work)
        for client in clients:
            version = cases.case(work, client.patient).patient.version
            assert version - client.version in (client.saved, client.saved + 1)  # one more: saved, but not told so
            client.version, client.saved = version, 0


def _until_one_is_saved(clients):
    """However slow the machine is, nobody is killed before there is something to lose."""
    end = monotonic() + 60
    while not any(client.saved for client in clients) and monotonic() < end:
        sleep(0.01)


def run(office, clients, start, kills):
    random, saved = Random(9), 0
    for client in clients:
        with office.look(COMMAND_LINE) as work:
            client.version = cases.case(work, client.patient).patient.version
    for _ in range(kills):
        served, stop = start(), Event()
        for client in clients:
            if not client.nurse.cookie:
                client.nurse.sign_in()
            client.answers.append(client.nurse.look(client.patient, CODES[0])[0])  # templates and plans are made
        hands = [Thread(target=client.work, args=(stop,)) for client in clients]
        for hand in hands:
            hand.start()
        _until_one_is_saved(clients)
        sleep(random.uniform(0, 0.5))
        served.kill()
        stop.set()
        for hand in hands:
            hand.join()
        saved += sum(client.saved for client in clients)
        look_after(office, clients)
    assert {answer for client in clients for answer in client.answers} <= ANSWERS
    assert saved >= kills


@pytest.mark.enable_socket
def test_whatever_a_killed_server_had_begun_is_whole_or_was_never_there(ward, clients, start):
    """Nobody signs in again: who was signed in still is."""
    run(ward, clients, start, 3)

    served = start()
    assert [client.nurse.look(client.patient, "C2D1")[0] for client in clients] == [200] * 4
    assert served.end() == 0


@pytest.mark.slow
@pytest.mark.enable_socket
def test_after_200_kills_everything_is_whole(ward, clients, start):
    run(ward, clients, start, 200)
