"""planner demo: thirty patients at all stages on whatever day, and a server that is a real child process."""

from __future__ import annotations

import re
import shutil
import socket
import stat
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays

from planner.cli import demo_folder
from planner.cli.demo_lives import at_ten, before_all, live_out, start_day
from planner.cli.demo_patients import ILL, LOW, NUMB, STORIES, person
from planner.cli.demo_site import SITE, STAFF, renew_passwords, set_up
from planner.core.deviations import FlagKind
from planner.core.facts import State
from planner.core.staff import COMMAND_LINE
from planner.services import accounts, cases, patients
from planner.services.accounts import Limits
from planner.services.history import of_patient, verify
from planner.services.work import Office
from planner.store import patients as stored
from planner.store.database import connect, serve_alone
from planner.store.migrations import upgrade
from tests.conftest import unmeasured

ROOT = Path(__file__).parents[2]
WINTER = date(2025, 3, 5)
TODAYS = (
    WINTER,
    *(date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 30), date(2025, 7, 22), date(2025, 11, 12)),
    *(date(2025, 12, 27), date(2026, 1, 2), date(2026, 4, 6), date(2026, 8, 16), date(2026, 12, 24), date(2027, 2, 28)),
)
"""Around Easter, Ascension, the national holiday, Armistice, Christmas and New Year; on working days and weekends."""

AT_EASTER, AT_CHRISTMAS = date(2026, 4, 6), date(2025, 12, 27)
SOON = 120


# ---- the patients


@contextmanager
def lived(folder, today, stories=STORIES):
    """The office of a demo started on that day, and every patient's case, in the order of subject numbers."""
    database = connect(f"sqlite:///{folder}/demo.db", "the key of the audit chain in the tests")
    upgrade(database)
    office = Office(database)
    with office.begin(COMMAND_LINE) as work:
        set_up(at_ten(work, before_all(today), COMMAND_LINE))
        live_out(work, today, stories)
        now = at_ten(work, today, COMMAND_LINE)
        found = [cases.case_of(now, patient) for patient in stored.every(work.session, None)]
    yield office, found
    database.close()


@pytest.fixture(scope="module")
def winter(tmp_path_factory):
    """The demo of a day in winter, made once: its tests only read it.

    Thirty patients run through the same lines thirty times, so it is not measured: that takes as long again.
    """
    with ExitStack() as open_ones:
        with unmeasured():
            found = open_ones.enter_context(lived(tmp_path_factory.mktemp("winter"), WINTER))
        yield found


def told(case):
    """What a case shows that is out of the ordinary, in words that hold on whatever day the demo is started."""
    schedule, facts, patient = case.schedule, case.facts, case.patient
    surgery = schedule.by_code["RES"]
    gone = {code: fact.state for code, fact in facts.visits.items() if fact.state in (State.CANCELED, State.MISSED)}
    known = {
        "not registered": "registration" not in facts.dates and patient.ended is None,
        "in hospital": surgery.occurred is not None and surgery.fact.end is None,
        "resected": surgery.occurred is not None and surgery.fact.end is not None,
        "surgery booked": surgery.booked is not None,
        f"ended: {patient.ended_because}": patient.ended is not None,
    }
    return {
        *(words for words, holds in known.items() if holds),
        *(f"conflict: {clash.kind} {clash.visit}" for clash in schedule.conflicts),
        *(f"{code} {state}" for code, state in gone.items()),
        *(f"{name}: no" for name, value in facts.decisions.items() if value == "no"),
        *(f"{accepted.visit} deferred" for accepted in facts.accepted if accepted.reason in (LOW, NUMB, ILL)),
        *(f"{visit.code} {flag.kind}" for visit in schedule.visits for flag in visit.flags if asks(case, visit, flag)),
    }


def asks(case, visit, flag):
    """Whether the flag asks a person for something, but for a visit whose whole window fell on closed days."""
    if flag.kind is FlagKind.OVERDUE:
        first, calendar, encounter = visit.window.earliest, case.schedule.calendar, visit.encounter
        days = [first + timedelta(days=n) for n in range((visit.window.latest - first).days + 1)]
        return not all(calendar.why_closed(d, encounter.calendar, attended=encounter.attended) for d in days)
    return flag.kind in (FlagKind.TO_RECORD, FlagKind.FEW_DAYS_LEFT)


SHOWN = {
    "completed": {"ended: completed", "resected"},
    "followed up after surgery, and a deferred cycle": {"resected", "C3D1 deferred"},
    "withdrawn": {"ended: withdrawal"},
    "died in follow-up": {"ended: death", "resected"},
    "screening failure": {"ended: screen_failure"},
    "followed up, not resected": {"resectable: no"},
    "followed up after surgery": {"resected", "port_needed: no"},
    "followed up after surgery for the first time": {"resected", "C5D1 deferred"},
    "resected, two months ago": {"resected"},
    "resected, at home again": {"resected"},
    "not resected, by decision": {"resectable: no"},
    "in hospital after surgery": {"in hospital"},
    "no day left for surgery": {"C4D1 deferred", "C5D1 deferred", "conflict: no_day RES", "RES few_days_left"},
    "surgery booked": {"surgery booked"},
    "few days left for surgery": {"C2D1 deferred", "C4D1 deferred", "C6D1 deferred", "RES few_days_left"},
    "two cycles deferred, less room for surgery": {"C2D1 deferred", "C5D1 deferred"},
    "visits overdue": {"IM1 overdue", "N3+7 overdue"},
    "an infusion omitted": {"N2 canceled"},
    "a booking broken by what happened": {"conflict: rule C5D1"},
    "in treatment as planned": set(),
    "a visit missed": {"N1+7 missed"},
    "a cycle just deferred": {"C4D1 deferred"},
    "a cycle deferred": {"C3D1 deferred"},
    "visits to record": {"C3D3 to_record", "N1 to_record", "N1+1 overdue"},
    "in the first cycle": set(),
    "just started": {"port_needed: no"},
    "in screening, registered": set(),
    "in screening, not registered yet": {"not registered"},
}


def test_each_patient_shows_what_their_story_says(winter):
    shows_what_the_stories_say(winter[1])


@pytest.mark.slow
@pytest.mark.parametrize("today", TODAYS[1:], ids=str)
def test_each_patient_shows_what_their_story_says_on_whatever_day_the_demo_starts(tmp_path, today):
    with lived(tmp_path, today) as (_, found):
        shows_what_the_stories_say(found)


def shows_what_the_stories_say(found):
    assert [(story.shows, told(case)) for story, case in zip(STORIES, found, strict=True)] == [
        (story.shows, SHOWN[story.shows]) for story in STORIES
    ]
    room = [case.schedule.days_left for case in found]
    assert all(left is None or left.days_left >= 0 for left in room)


@pytest.mark.parametrize("today", TODAYS, ids=str)
def test_every_day_1_is_a_working_day_near_the_day_that_the_story_says(today):
    closed = country_holidays("BE", years=range(today.year - 3, today.year + 2))

    starts = [start_day(story, today) for story in STORIES]

    assert [day for day in starts if day in closed or day.weekday() >= 5] == []
    assert starts == sorted(starts)
    off = [abs((today - day).days) - abs(story.day) for story, day in zip(STORIES, starts, strict=True)]
    assert [days for days in off if not 0 <= days <= 4] == []


def test_every_story_is_told_of_one_of_thirty_patients_with_their_own_subject_number():
    numbers = [person(number).subject_id for number in range(1, len(STORIES) + 1)]

    assert numbers == [f"01-{number:03}" for number in range(1, 31)]
    assert {story.shows for story in STORIES} == set(SHOWN)


def test_dose_levels_phases_languages_and_contacts_differ():
    people = [person(number) for number in range(1, 31)]

    assert {(who.phase, who.dose_level) for who in people} == {
        *(("escalation", 1), ("escalation", 2), ("escalation", 3), ("expansion", 2))
    }
    assert {who.language for who in people} == {"nl", "fr", "de", "en"}
    assert sum(who.contact.name == "" for who in people) == 6
    assert (people[6].contact.name, people[6].contact.email, people[6].contact.phone) == (
        *("Synthetic Patient 07", "patient07@example.org", "+32 470 00 00 07"),
    )


def test_some_next_visits_are_booked_and_some_are_not(winter):
    lines = [patients.line(case) for case in winter[1][-12:]]

    booked = Counter(line.coming.booked is not None for line in lines)
    soon = [
        v.code for line in lines for v in line.case.schedule.visits if v.booked and v.booked < WINTER + timedelta(14)
    ]
    assert booked == {True: 9, False: 3}
    assert len(soon) >= 15


def test_the_history_reads_as_it_would_have_happened(tmp_path):
    failed = [story for story in STORIES if story.shows == "screening failure"]
    zone = ZoneInfo("Europe/Brussels")

    with lived(tmp_path, WINTER, failed) as (office, (case,)), office.look(COMMAND_LINE) as work:
        _, entries = of_patient(work, case.patient.public_id)

    read = [
        (f"{e.at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}", e.actor, e.action, e.entity)
        for e in reversed(entries)
    ]
    assert read == [
        ("2023-11-20 10:00", "Nele Example", "enrol", "patient"),
        ("2023-11-20 10:00", "Nele Example", "enrol", "date:day_one"),
        ("2023-11-20 10:00", "Nele Example", "contact", "contact"),
        ("2023-11-20 10:00", "Nele Example", "record", "visit:SC1"),
        ("2023-11-27 10:00", "Nele Example", "record", "visit:SC2"),
        ("2023-11-27 10:00", "Iris Example", "decide", "decision:port_needed"),
        ("2023-11-27 10:00", "Iris Example", "end", "study"),
    ]


def test_what_is_written_of_all_patients_is_written_in_the_order_of_time_and_ends_yesterday(winter):
    with winter[0].database.engine.connect() as connection:
        written = [row[0] for row in connection.exec_driver_sql("SELECT at FROM audit ORDER BY id")]
    assert written == sorted(written)
    assert written[-1] < "2025-03-05"


# ---- the folder


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """The folder of an earlier demo, with its two youngest patients, and its first passwords."""
    folder = tmp_path_factory.mktemp("earlier") / "kept"
    with demo_folder.opened(folder, fresh=False) as database, Office(database).begin(COMMAND_LINE) as work:
        set_up(work)
        live_out(work, WINTER, STORIES[-2:])
        passwords = renew_passwords(work)
    return folder, passwords


@pytest.fixture
def kept(earlier, tmp_path):
    """A copy of that folder; how to look into it, and its first passwords."""
    first, passwords = earlier
    folder = shutil.copytree(first, tmp_path / "kept")
    database = connect(demo_folder.address(folder), demo_folder.audit_key(folder))
    yield folder, Office(database), passwords
    database.close()


def test_the_key_is_made_once_and_only_its_owner_reads_it(kept):
    folder, _, _ = kept
    before = demo_folder.key(folder)

    with demo_folder.opened(folder, fresh=False):
        pass

    assert (demo_folder.key(folder), len(before)) == (before, 64)
    assert stat.S_IMODE((folder / "demo.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_key_of_the_history_is_kept_apart_and_another_one(kept):
    folder, office, _ = kept

    with office.look(COMMAND_LINE) as work:
        verdict = verify(work)

    assert (len(demo_folder.audit_key(folder)), demo_folder.audit_key(folder) != demo_folder.key(folder)) == (64, True)
    assert stat.S_IMODE((folder / "demo.audit.key").stat().st_mode) == 0o600
    assert (verdict.rows > 20, verdict.intact) == (True, True)


def test_a_demo_begun_anew_seals_with_the_key_that_it_is_served_with(kept):
    folder, office, _ = kept
    office.database.close()

    with demo_folder.opened(folder, fresh=True) as database:
        with Office(database).begin(COMMAND_LINE) as work:
            set_up(work)
        served = connect(demo_folder.address(folder), demo_folder.audit_key(folder))
        with Office(served).look(COMMAND_LINE) as work:
            verdict = verify(work)
        served.close()

    assert (verdict.rows > 0, verdict.intact) == (True, True)


def test_to_begin_anew_removes_what_the_demo_made_and_nothing_else(kept):
    folder, office, _ = kept
    (beside := folder.parent / "beside.txt").write_text("mine")
    before = demo_folder.key(folder)
    office.database.close()

    with demo_folder.opened(folder, fresh=True) as database, Office(database).look(COMMAND_LINE) as work:
        sites = patients.own_sites(work)

    assert sites == ()
    assert demo_folder.key(folder) != before
    assert beside.read_text() == "mine"


@pytest.mark.parametrize("words", [(), ("--fresh",)], ids=["kept", "fresh"])
@pytest.mark.parametrize("names", [("letter.txt",), ("demo.db",), ("demo.key", "demo.db", "letter.txt")])
@pytest.mark.enable_socket
def test_a_folder_that_holds_other_things_is_refused_and_left_alone(run, tmp_path, free_port, words, names):
    for name in names:
        (tmp_path / name).write_text("mine")

    ran = run("demo", "--data", tmp_path, "--port", free_port, *words)

    other = "demo.db" if names == ("demo.db",) else "letter.txt"
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"planner demo: --data: {tmp_path} holds other things, such as {other}; choose an empty folder, or one that a "
        "demo made\n"
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(names, "mine")


@pytest.mark.enable_socket
def test_a_folder_that_cannot_be_made_is_refused(run, tmp_path, free_port):
    (tmp_path / "file").write_text("")

    ran = run("demo", "--data", tmp_path / "file" / "inner", "--port", free_port)

    assert (ran.status, ran.err) == (
        2,
        f"planner demo: --data: {tmp_path}/file/inner cannot be used (Not a directory); choose another folder\n",
    )


@pytest.mark.enable_socket
def test_a_database_that_cannot_be_read_is_refused_and_fresh_is_offered(run, tmp_path, free_port):
    (tmp_path / "demo.key").write_text("k" * 64)
    (tmp_path / "demo.db").write_text("no database " * 1000)

    ran = run("demo", "--data", tmp_path, "--port", free_port)

    assert (ran.status, ran.err) == (
        2,
        (
            f"planner demo: --data: the database in {tmp_path} cannot be read by this program; choose another folder, "
            "or begin anew with --fresh\n"
        ),
    )


@pytest.mark.parametrize("words", [(), ("--fresh",)], ids=["kept", "fresh"])
@pytest.mark.enable_socket
def test_a_folder_that_another_process_serves_is_refused_and_kept(run, kept, free_port, words):
    folder, office, _ = kept

    with serve_alone(office.database):
        ran = run("demo", "--data", folder, "--port", free_port, *words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"planner: The database {folder}/demo.db is served by another process already")
    with office.look(COMMAND_LINE) as work:
        assert len(stored.every(work.session, None)) == 2


@pytest.mark.enable_socket
def test_a_taken_port_is_refused_before_the_data_are_touched(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = run("demo", "--data", tmp_path / "new", "--port", port)

    assert (ran.status, ran.out, ran.err) == (
        *(2, "", f"planner: Port {port} is taken by another program. Choose another one with --port.\n"),
    )
    assert list(tmp_path.iterdir()) == []


# ---- the server


class Browser:
    """A browser that keeps cookies and reads pages as text."""

    def __init__(self, address):
        self.address = address
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor())

    def page(self, path, **typed):
        data = urlencode(typed).encode() if typed else None
        try:
            with self.opener.open(f"{self.address}{path}", data) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def sign_in(self, login, password):
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.page("/sign-in")[1])[1]
        return self.page("/sign-in", csrf_token=token, login=login, password=password)


def numbers(page):
    """The subject numbers that are links on a page."""
    return re.findall(r"<a [^>]*>\s*(01-\d{3})\s*</a>", page)


@pytest.mark.enable_socket
def test_a_fresh_demo_serves_thirty_patients_to_every_role_until_ctrl_c(serve, kept):
    folder, office, _ = kept
    office.database.close()

    served = serve("--data", folder, "--fresh", measured=False)  # coverage itself may be caught by the signal

    assert f"The visit planner is on {served.address}\n" in served.said
    assert "Thirty synthetic patients are there, at all stages around today." in served.said
    passwords = served.passwords
    assert {login: Browser(served.address).sign_in(login, word)[0] for login, word in passwords.items()} == {
        who.login: 200 for who in STAFF
    }
    nurse = Browser(served.address)
    nurse.sign_in("nurse", passwords["nurse"])
    assert sorted(numbers(nurse.page("/patients")[1])) == [f"01-{number:03}" for number in range(1, 31)]
    assert (served.end(), served.left(), "Traceback" in served.said) == (0, False, False)
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [login for login, word in passwords.items() if word.encode() in held] == []


@pytest.mark.enable_socket
def test_a_second_start_keeps_the_patients_and_ends_what_was_open_before(serve, kept):
    folder, office, old = kept
    with office.begin(COMMAND_LINE) as work:
        token = accounts.sign_in(work, "nurse", right=True).token

    served = serve("--data", folder, measured=False)

    assert "The patients of the last start are kept; --fresh begins anew" in served.said
    browser = Browser(served.address)
    assert browser.sign_in("nurse", old["nurse"])[0] == 422
    assert browser.sign_in("nurse", served.passwords["nurse"])[0] == 200
    assert numbers(browser.page("/patients")[1]) == ["01-001", "01-002"]
    with office.look(COMMAND_LINE) as work:
        assert accounts.signed_in(work, token, Limits()) is None
    assert (served.end(), served.left()) == (0, False)


def test_a_person_who_was_disabled_may_sign_in_after_a_new_start(kept):
    _, office, _ = kept
    with office.begin(COMMAND_LINE) as work:
        accounts.disable(work, accounts.account_of(work, "monitor").public_id)

    with office.begin(COMMAND_LINE) as work:
        passwords = renew_passwords(work)

    with office.begin(COMMAND_LINE) as work:
        assert {who.login: accounts.known_password(work, who.login, passwords[who.login]) for who in STAFF} == {
            who.login: True for who in STAFF
        }
        assert [site.code for site in accounts.every_site(work)] == [SITE.code]
