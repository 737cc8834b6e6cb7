"""The patient on a telephone: from the address to the page and back, without JavaScript, in four languages."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, col, select

from planner.core.disclosure import Detail
from planner.core.patients import LANGUAGES, Contact, Wishes
from planner.services import cases, contacts, visits
from planner.store import outbox
from planner.store.outbox_tables import OutboxRow

from .test_every_page import too_wide, violations

pytestmark = pytest.mark.parametrize("migrated", ["sqlite"], indirect=True)  # what is drawn knows no engine
PHONE = {"width": 390, "height": 844}
SMALLEST = "Math.min(...[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize)))"
BUTTONS = {
    "nl": ("Mail mij een link", "Toon mijn bezoeken", "Bel mij over dit bezoek", "U hebt gevraagd dat wij u"),
    "fr": ("Envoyez-moi un lien", "Voir mes visites", "Appelez-moi au sujet", "Vous avez demandé que nous"),
    "de": ("Link per E-Mail senden", "Meine Besuche zeigen", "Rufen Sie mich wegen", "Sie haben uns gebeten"),
    "en": ("Mail me a link", "Show my visits", "Please call me about", "You asked us to call you"),
}

SCHEMES = ("light", "dark")


@pytest.fixture
def patient(office, staff, enrolled):
    """Agreed to a page of their own, with one visit booked."""
    public_id = enrolled()
    acts = (
        (contacts.write_contact, Contact("Zoe Janssens", "zoe@home.example", "+32 470 00 00 00")),
        (contacts.agree, Wishes(page=Detail.STANDARD)),
        (visits.book, "C4D1", date(2025, 4, 14)),
    )
    for verb, *said in acts:
        with office.begin(staff["nurse"]) as work:
            verb(work, public_id, cases.case(work, public_id).patient.version, *said)
    return public_id


@pytest.fixture
def link(database):
    """The link of the newest mail."""

    def read():
        with Session(database.engine) as session:
            row = session.exec(select(OutboxRow).order_by(col(OutboxRow.id).desc())).first()
            return outbox.sight(row.sight).link

    return read


@pytest.fixture
def phone(chromium, request):
    """A telephone, which runs scripts of nobody but the one that looks for faults."""
    context = chromium.new_context(viewport=PHONE, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("language", "phone"),
    [  # each language in one scheme, each scheme with two languages; the others are slow
        pytest.param(language, scheme, marks=() if scheme == SCHEMES[n % 2] else pytest.mark.slow)
        for n, language in enumerate(LANGUAGES)
        for scheme in SCHEMES
    ],
    indirect=["phone"],
)
def test_the_patient_asks_opens_reads_and_wants_a_call(served, patient, link, phone, language):
    ask, show, call, promised = BUTTONS[language]
    wrong = []

    def look():
        wrong.append((violations(phone), too_wide(phone), phone.evaluate(SMALLEST) < 18))

    phone.goto(f"{served}/my?language={language}")
    look()
    phone.get_by_role("textbox").fill("zoe@home.example")
    phone.get_by_role("button", name=ask).click()
    look()
    phone.goto(link())
    look()
    phone.get_by_role("button", name=show).click()
    look()
    assert "14" in phone.locator(".own-when").inner_text()
    phone.get_by_role("button", name=call).first.click()
    look()

    assert phone.get_by_text(promised).count() == 1
    assert phone.locator("html").get_attribute("lang") == language
    assert phone.locator("script").count() == 0
    assert wrong == [([], 0, False)] * 5
