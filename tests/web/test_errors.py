"""Every error is a page that says what happened and what to do, and nothing of our own insides."""

import ast
import re
import string
import threading
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select

from planner.core.errors import Refused
from planner.exports.refusals import SENTENCES, TOLD, sentence
from planner.services import patients, visits
from planner.services.patients import Enrolment
from planner.store import database as databases
from planner.store.tables import PatientRow
from planner.web.access import public
from planner.web.app import create_app
from tests.web.conftest import Browser

PLANNER = Path(__file__).resolve().parent.parent.parent / "planner"
KINDS = ("Refused", "Stale", "NotFound", "Repeated")
SECRET = "the key under the mat"


@pytest.fixture
def here(enrolled):
    return f"/patients/{enrolled()}"


# ---- what each status says


def test_400_a_form_without_its_token(nurse, here):
    nurse._looked(nurse.client.post(f"{here}/end", data={"note": "x"}), 400)

    assert (
        "This request cannot be read The form is too old or belongs to another sign-in. Nothing was saved: go back"
        in (nurse.page.said)
    )


def test_400_a_form_of_an_earlier_sign_in(nurse, here):
    old = nurse.get(f"{here}/end") and nurse.page.form(f"{here}/end")
    nurse.post("/sign-out", at=here)
    nurse.sign_in("nurse")

    nurse._looked(nurse.client.post(f"{here}/end", data=old | {"note": "x", "day": "2025-02-24"}), 400)

    assert "reload the page and send it again." in nurse.page.said


def test_403_a_page_of_another_role(nurse):
    nurse.get("/staff", status=403)

    assert "This is not for your role If your work needs it, ask your administrator." in nurse.page.said


@pytest.mark.parametrize("path", ["/nothing", "/patients/x", "/patients/x/visits/C4D1", "/static/nothing.css"])
def test_404_a_page_that_is_not_there(nurse, path):
    nurse.client.get(path)
    nurse.get("/patients/unknown", status=404)

    assert "There is no such page Check the address, or go to the list and choose from there." in nurse.page.said
    assert nurse.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/patients"), ("PUT", "/sign-in"), ("POST", "/patients"), ("GET", "/sign-out")]
)
def test_405_a_page_called_in_another_way(nurse, method, path):
    nurse._looked(nurse.client.open(path, method=method), 405)

    assert "This page cannot be called in this way Go back, and use the buttons of the page." in nurse.page.said


def test_405_says_which_ways_there_are(nurse):
    """RFC 9110, 15.5.6: the server must send Allow."""
    assert "GET" in nurse.client.delete("/patients").headers["Allow"]


def test_413_more_than_a_megabyte(nurse, here):
    nurse.get(f"{here}/end")
    form = nurse.page.form(f"{here}/end") | {"note": "x" * 1024 * 1024}

    nurse._looked(nurse.client.post(f"{here}/end", data=form), 413)

    assert "That is too much at once Send less than one megabyte." in nurse.page.said


def test_422_what_was_typed_breaks_a_rule(nurse):
    nurse.post("/sign-in", at="/sign-in", status=422, login="", password="")

    assert "There is a problem Enter your user name. Enter your password." in nurse.page.said


def test_an_error_without_a_sign_in_is_a_page_too(browser):
    browser.get("/nothing", status=404)

    assert "There is no such page" in browser.page.said
    assert "Sign out" not in browser.page.said


# ---- our own faults


@pytest.fixture
def opened():
    """Closes the applications that a test starts itself."""
    apps = []
    yield apps
    for app in apps:
        app.extensions["planner"].database.close()
        if app.extensions["serving"] is not None:
            app.extensions["serving"].close()


@pytest.fixture
def planted(settings, clock, staff, opened):
    """An application with a view that raises what it is given."""

    def plant(error):
        app = create_app(settings, clock)
        opened.append(app)

        @public
        def broken():
            raise error

        app.add_url_rule("/broken", "broken", broken)
        return Browser(app)

    return plant


@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), RuntimeError(SECRET), AssertionError(SECRET)])
def test_500_says_nothing_of_what_went_wrong(planted, error, caplog):
    browser = planted(error)

    browser.get("/broken", status=500)

    assert "Something went wrong on our side Nothing was saved. Try again;" in browser.page.said
    assert SECRET not in str(browser.response.headers) + browser.page.text
    assert not re.search(r"Traceback|Error\b|\.py", browser.page.text)
    assert [record.exc_info[1] for record in caplog.records if record.name == "planner.web"] == [error]


def test_a_refusal_that_no_form_catches_is_a_page_with_its_sentence(planted):
    browser = planted(Refused("day_needed"))

    browser.get("/broken", status=422)

    assert "This could not be done Enter the day on which it took place." in browser.page.said


@contextmanager
def held(database, public_id):
    """The database while somebody else writes about this patient."""
    with Session(database.engine) as session:
        row = session.exec(select(PatientRow).where(PatientRow.public_id == public_id)).one()
        row.language = "fr"
        session.add(row)
        session.flush()
        yield
        session.rollback()


@pytest.fixture
def impatient(monkeypatch, settings, clock, staff, opened):
    """A browser on an application that waits a fifth of a second for the database."""
    pragmas = tuple(p.replace("10000", "200") for p in databases.PRAGMAS)
    monkeypatch.setattr(databases, "PRAGMAS", pragmas)
    monkeypatch.setattr(databases, "TIMEOUTS", "-c statement_timeout=10000 -c lock_timeout=200")
    opened.append(create_app(settings, clock))
    browser = Browser(opened[-1])
    browser.sign_in("nurse")
    return browser


def test_503_while_somebody_else_holds_the_database_and_it_recovers(impatient, database, here):
    visit, typed = f"{here}/visits/C4D1", {"day": "2025-04-15", "book": "x"}
    impatient.get(visit)

    with held(database, here.split("/")[2]):
        impatient.post(f"{visit}/book", status=503, **typed)
        said, waits = impatient.page.said, impatient.response.headers["Retry-After"]
        impatient.get(visit)

    assert (
        "The planner is busy or its database cannot be reached Nothing was saved. Wait a minute, then try again."
        in said
    )
    assert waits == "60"
    impatient.post(f"{visit}/book", **typed)


# ---- two at once


@pytest.fixture
def meanwhile(office, database):
    """Sends a form while another transaction is open that has done its work and is saved a moment later."""

    def send(actor, work_of, sending):
        answers = []
        sender = threading.Thread(target=lambda: answers.append(sending()))
        with office.begin(actor) as work:
            work_of(work)
            sender.start()
            sender.join(0.7)
        sender.join(20)
        return answers[0]

    return send


def test_of_two_bookings_at_the_same_moment_the_second_is_told_who_was_first(nurse, here, staff, meanwhile):
    visit, public_id = f"{here}/visits/C4D1", here.split("/")[2]
    nurse.get(visit)
    form = nurse.page.form(f"{visit}/book") | {"book-day": "2025-04-16", "book-book": "x"}

    def first(work):
        visits.book(work, public_id, 2, "C4D1", date(2025, 4, 15))

    answer = meanwhile(staff["investigator"], first, lambda: nurse.client.post(f"{visit}/book", data=form))

    nurse._looked(answer, 409)
    assert "saved something about this patient after your page was made" in nurse.page.said


def test_of_two_enrolments_with_one_number_at_the_same_moment_the_second_is_refused(nurse, staff, meanwhile):
    nurse.get("/patients/new")
    typed = {"subject_id": "01-001", "day_one": "2025-03-03", "enrol": "x"}
    form = nurse.page.form("/patients/new") | typed

    answer = meanwhile(staff["nurse"], enrol_the_first, lambda: nurse.client.post("/patients/new", data=form))

    nurse._looked(answer, 422)
    assert "Subject number 01-001 belongs to another patient already." in nurse.page.said


def enrol_the_first(work):
    wanted = Enrolment(
        subject_id="01-001",
        site="01",
        protocol=("NCT03310008", "0.1 illustrative"),
        day_one=date(2025, 3, 3),
        registration=None,
        dose_level=1,
        phase="escalation",
        language="nl",
    )
    patients.enrol(work, wanted)


# ---- every refusal has its sentence


def calls_of(tree):
    """(kind, first argument, names of the values) of every call that makes one of our errors."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            yield node.func.id, node.args[0], {word.arg for word in node.keywords}


def raised(sources):
    """The keys of the errors made anywhere, each with the names of its values; subclasses hand theirs up."""
    found = {}
    for source in sources:
        tree = ast.parse(source)
        for _, key, values in calls_of(tree):
            found.setdefault(key.value, []).append(values)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and {b.id for b in node.bases if isinstance(b, ast.Name)} & set(KINDS):
                for call in (c for c in ast.walk(node) if isinstance(c, ast.Call) and _is_super(c)):
                    found.setdefault(call.args[0].value, []).append({word.arg for word in call.keywords})
    return found


def _is_super(call):
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "super().__init__"


RAISED = raised(path.read_text() for path in sorted(PLANNER.rglob("*.py")))


def test_a_planted_refusal_is_found():
    source = 'class A(Refused):\n    def __init__(self):\n        super().__init__("b", x=1)\nraise Stale("a", who=2)'

    assert raised([source]) == {"a": [{"who"}], "b": [{"x"}]}


@pytest.mark.parametrize("key", sorted(RAISED))
def test_every_refusal_has_a_sentence(key):
    assert key in {**SENTENCES, **TOLD}


@pytest.mark.parametrize("key", sorted({**SENTENCES, **TOLD}))
def test_every_sentence_is_used(key):
    assert key in RAISED


@pytest.mark.parametrize("key", sorted(set(RAISED) & set(SENTENCES)))
def test_every_refusal_brings_the_values_of_its_sentence(key):
    asked = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[key]) if name}

    assert [asked - values for values in RAISED[key] if asked - values] == []


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_a_sentence_says_what_to_do_in_plain_words(key):
    words = SENTENCES[key]

    assert words[0].isupper() or words[0] == "{"
    assert words.rstrip()[-1] in ".}" or words.endswith("./run migrate")
    assert "_" not in re.sub(r"\{\w+\}|PLANNER_[A-Z_]+", "", words)


def test_a_refusal_without_a_sentence_still_says_something():
    assert sentence(Refused("never_heard_of", day=date(2025, 4, 15))) == "Never heard of: day Tue 15 Apr 2025."
