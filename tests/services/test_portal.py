"""The patient's own page: who gets a link, how long it is good, and what the page says. It is 24 February 2025."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, insert, update
from sqlmodel import Session, select

from planner.core.disclosure import Detail
from planner.core.errors import NotFound
from planner.core.notices import Delivery, Kind
from planner.core.patients import Contact, Ended, Wishes
from planner.core.portal import MOST_A_DAY, MOST_AN_ADDRESS, Word
from planner.core.staff import COMMAND_LINE, NOBODY
from planner.post import Outcome, Result
from planner.services import contacts, courses, delivery, portal, visits
from planner.services.delivery import Mailing
from planner.store import outbox
from planner.store import patients as kept
from planner.store.feed_tables import LinkRow
from planner.store.outbox_tables import OutboxRow
from planner.store.tables import SiteRow

from .conftest import ELSEWHERE, NURSE

ZOE = Contact("Zoe Janssens", "zoe@home.example", "+32 470 00 00 00")
PAGE = Wishes(page=Detail.STANDARD)
MONDAY = date(2025, 4, 14)
NOW = datetime(2025, 2, 24, 9, tzinfo=UTC)
"""The clock of these tests."""


@pytest.fixture
def agreed(act):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, PAGE)


@pytest.fixture
def ask(office):
    """Asks for a link; the tokens that were made, whether or not they lead anywhere."""

    def do(address="zoe@home.example"):
        made = []

        def link_to(token, _language):
            made.append(token)
            return f"https://planner.example/my/{token}"

        with office.begin(NOBODY) as work:
            portal.ask(work, address, link_to)
        return made

    return do


@pytest.fixture
def mails(database):
    def read():
        with Session(database.engine) as session:
            return [(row.kind, row.address, outbox.sight(row.sight).link) for row in session.exec(select(OutboxRow))]

    return read


@pytest.fixture
def enter(office):
    def do(token):
        with office.begin(NOBODY) as work:
            return portal.enter(work, token)

    return do


@pytest.fixture
def guest(office):
    def read(token):
        with office.look(NOBODY) as work:
            found = portal.guest(work, token)
            return found.public_id if found is not None else None

    return read


@pytest.fixture
def shown(office, patient):
    """What stands on the page, in Dutch."""

    def read():
        with office.look(NOBODY) as work:
            return portal.page(work, patients_of(work, patient), "nl")

    return read


def patients_of(work, public_id):
    return kept.find(work.session, public_id, None)


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("typed", ["zoe@home.example", "  Zoe@HOME.example "])
def test_an_address_gets_one_mail_with_a_link_as_it_stands_on_record(ask, mails, typed):
    (token,) = ask(typed)

    assert mails() == [(Kind.LINK, "zoe@home.example", f"https://planner.example/my/{token}")]


def test_addresses_are_the_same_in_any_case_of_any_letter(act, ask, mails):
    act(contacts.write_contact, replace(ZOE, email="ZO\u00cb@Home.example"))
    act(contacts.agree, PAGE)

    (token,) = ask("zo\u00eb@home.EXAMPLE")

    assert mails() == [(Kind.LINK, "ZO\u00cb@Home.example", f"https://planner.example/my/{token}")]


@pytest.fixture
def statements(database):
    """The statements that were put to the database in a call."""

    def read(do):
        found = []

        def note(_connection, _cursor, statement, _parameters, _context, many):
            found.append((statement, many))

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            do()
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        return found

    return read


@pytest.mark.usefixtures("agreed")
def test_a_known_an_unknown_and_a_spent_address_put_the_same_statements_to_the_database(ask, statements, mails):
    asked = ["zoe@home.example", "nobody@home.example", *["zoe@home.example"] * MOST_AN_ADDRESS]
    known, unknown, *_, spent = (statements(lambda address=address: ask(address)) for address in asked)

    assert (unknown, spent) == (known, known)
    assert [words.split()[0] for words, _ in known if not words.startswith("BEGIN")] == [
        *("DELETE", "DELETE", "SELECT", "SELECT", "INSERT", "INSERT")
    ]
    assert len(mails()) == MOST_AN_ADDRESS


@pytest.mark.usefixtures("agreed")
def test_an_unknown_address_gets_nothing_and_is_forgotten_with_its_link(ask, mails, database, clock):
    def links():
        with Session(database.engine) as session:
            return [row.patient_id for row in session.exec(select(LinkRow))]

    ask("nobody@home.example")
    assert (mails(), links()) == ([], [None])

    clock.now += timedelta(minutes=10, seconds=1)
    ask("somebody@home.example")
    assert (mails(), links()) == ([], [None])


@pytest.mark.usefixtures("agreed")
def test_invented_addresses_close_the_page_for_nobody(ask, mails, office):
    invented = [
        {"token_hash": f"{n}", "address_hash": f"{n}", "asked_at": NOW, "until": NOW} for n in range(MOST_A_DAY)
    ]
    with office.begin(NOBODY) as work:
        work.session.connection().execute(insert(LinkRow), invented)

    ask()

    assert len(mails()) == 1


@pytest.mark.usefixtures("agreed")
def test_all_patients_together_get_so_many_links_a_day_and_no_more(ask, mails, office, patient):
    with office.begin(NOBODY) as work:
        own = kept.key(work.session, patient)
        made = [
            {"token_hash": f"{n}", "address_hash": f"{n}", "asked_at": NOW, "until": NOW, "patient_id": own}
            for n in range(MOST_A_DAY - 1)
        ]
        work.session.connection().execute(insert(LinkRow), made)

    ask()
    ask()

    assert len(mails()) == 1


def test_without_consent_to_a_page_there_is_no_link(ask, mails, act):
    act(contacts.write_contact, ZOE)
    ask()

    assert mails() == []


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("because", [Ended.DEATH, Ended.WITHDRAWAL])
def test_death_and_withdrawal_close_the_page(ask, mails, act, enter, guest, because):
    opened = enter(*ask())
    act(courses.end, date(2025, 2, 24), because, "told by telephone")

    assert guest(opened) is None
    ask()
    assert len(mails()) == 1


@pytest.mark.usefixtures("agreed")
def test_a_link_opens_the_page_once(ask, enter, guest, patient):
    (token,) = ask()

    opened = enter(token)

    assert guest(opened) == patient
    assert enter(token) is None
    assert token != opened


@pytest.mark.usefixtures("agreed")
def test_a_link_is_good_for_ten_minutes(ask, enter, clock):
    (token,), (other,) = ask(), ask()
    clock.now += timedelta(minutes=10)
    assert enter(token) is not None

    clock.now += timedelta(seconds=1)
    assert enter(other) is None


@pytest.mark.usefixtures("agreed")
def test_the_page_closes_after_half_an_hour(ask, enter, guest, clock, patient):
    opened = enter(*ask())
    clock.now += timedelta(minutes=29)
    assert guest(opened) == patient

    clock.now += timedelta(minutes=1)
    assert guest(opened) is None


@pytest.mark.usefixtures("agreed")
def test_a_page_that_was_left_is_open_nowhere(ask, enter, guest, office):
    opened = enter(*ask())
    with office.begin(NOBODY) as work:
        portal.leave(work, opened)

    assert guest(opened) is None


@pytest.mark.usefixtures("agreed")
def test_consent_taken_back_closes_the_page_at_once(ask, enter, guest, act):
    opened = enter(*ask())
    act(contacts.agree, Wishes())

    assert guest(opened) is None


@pytest.mark.parametrize("token", ["", "A" * 43, "' OR 1=1 --", "\x00"])
@pytest.mark.usefixtures("agreed")
def test_what_is_no_link_opens_nothing(ask, enter, guest, token):
    ask()

    assert enter(token) is None
    assert guest(token) is None


@pytest.mark.usefixtures("agreed")
def test_a_link_to_nowhere_opens_nothing(ask, enter):
    assert [enter(token) for token in ask("nobody@home.example")] == [None]


@pytest.mark.usefixtures("agreed")
def test_an_address_gets_so_many_links_a_day_and_no_more(ask, mails, clock):
    for _ in range(MOST_AN_ADDRESS + 2):
        ask()
    assert len(mails()) == MOST_AN_ADDRESS

    clock.now += timedelta(days=1)
    ask()
    assert len(mails()) == MOST_AN_ADDRESS + 1


@pytest.mark.usefixtures("agreed")
def test_no_token_of_a_link_is_kept_once_the_mail_is_gone(ask, rows, office, clock):
    (token,) = ask()
    with office.begin(NOBODY) as work:
        row = outbox.take(work.session, work.now, work.now + timedelta(minutes=1))
        outbox.finish(work.session, row, "sent", work.now)

    assert token not in rows()


@pytest.fixture
def states(database):
    """Where each mail stands, and the secret that it still holds."""

    def read():
        with Session(database.engine) as session:
            return [(row.state, outbox.sight(row.sight).link) for row in session.exec(select(OutboxRow))]

    return read


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("because", [Ended.DEATH, Ended.WITHDRAWAL])
def test_death_and_withdrawal_stop_a_link_that_waits_and_forget_its_secret(ask, act, states, because):
    ask()
    act(courses.end, date(2025, 2, 24), because, "told by telephone")

    assert states() == [(Delivery.OVERTAKEN, "")]


@pytest.mark.usefixtures("agreed")
def test_another_end_of_the_study_leaves_the_page_and_its_link(ask, act, states):
    (token,) = ask()
    act(courses.end, date(2025, 2, 24), Ended.PHYSICIAN, "told by telephone")

    assert states() == [(Delivery.WAITING, f"https://planner.example/my/{token}")]


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("mail", [None, Detail.STANDARD])
def test_consent_to_the_page_taken_back_stops_a_link_that_waits_and_forgets_its_secret(ask, act, states, mail):
    ask()
    act(contacts.agree, Wishes(mail=mail))

    assert states() == [(Delivery.OVERTAKEN, "")]


@pytest.mark.usefixtures("agreed")
def test_a_link_that_could_not_be_mailed_in_its_time_is_given_up_and_its_secret_forgotten(ask, states, office, clock):
    """Busy at 0, 1 and 6 minutes; the fourth try would come 15 minutes later, so the tenth minute ends it."""
    busy = Mailing(lambda _: Outcome(Result.LATER, "451 busy"), "visits@hospital.example", lambda: 0.5)
    (token,) = ask()
    tried = []
    for minute in (0, 1, 6, 9, 10, 30):
        clock.now = NOW + timedelta(minutes=minute)
        tried.append((delivery.drain(office, busy, lambda: False), *states()))

    waits = (Delivery.WAITING, f"https://planner.example/my/{token}")
    over = (Delivery.OVERTAKEN, "")
    assert tried == [(1, waits), (1, waits), (1, waits), (0, waits), (1, over), (0, over)]


@pytest.mark.usefixtures("agreed")
def test_a_link_asked_for_in_the_evening_west_of_greenwich_is_mailed(ask, states, office, clock):
    """At 20:30 in New York it is the next day in London."""
    with office.begin(COMMAND_LINE) as work:
        work.session.connection().execute(update(SiteRow).values(zone="America/New_York"))
    clock.now = datetime(2025, 2, 25, 1, 30, tzinfo=UTC)
    ask()

    delivery.drain(
        office, Mailing(lambda _: Outcome(Result.SENT), "visits@hospital.example", lambda: 0.5), lambda: False
    )

    assert states() == [(Delivery.SENT, "")]


@pytest.mark.usefixtures("agreed")
def test_a_link_is_no_news_of_a_visit(ask, act, mails):
    """Nothing is told of visits: the patient agreed to a page, not to mails. The link waits on."""
    ask()
    act(visits.book, "C4D1", MONDAY)

    assert [kind for kind, _, _ in mails()] == [Kind.LINK]


@pytest.mark.usefixtures("agreed")
def test_the_page_says_the_next_visit_in_neutral_words(act, shown):
    act(visits.book, "SC2", date(2025, 2, 27))

    first = shown().pages.weeks[0].lines
    assert [line.day for line in first if line.code == "SC2"] == ["donderdag 27 februari 2025"]
    assert {line.what for line in first} == {"Afspraak in het ziekenhuis"}


@pytest.mark.usefixtures("agreed")
def test_who_agreed_to_an_appointment_only_reads_no_place_and_no_preparation(act, shown):
    act(contacts.agree, Wishes(page=Detail.MINIMAL))

    assert {line.ready for line in shown().pages.to_come} == {""}
    assert {line.what for line in shown().pages.to_come} == {
        "Afspraak in het ziekenhuis",
        "Telefoontje van het ziekenhuis",
    }
    assert not any("Polikliniek" in line.about for line in shown().pages.to_come)


@pytest.mark.usefixtures("agreed")
def test_a_word_holds_for_the_day_that_it_was_said_of(act, shown, say):
    act(visits.book, "C4D1", MONDAY)
    say("C4D1", Word.SEEN)
    assert shown().seen == {"C4D1"}

    act(visits.book, "C4D1", date(2025, 4, 15), "asked for")
    assert shown().seen == set()


@pytest.fixture
def say(office, patient, shown):
    def do(code, word):
        with office.begin(NOBODY) as work:
            portal.say(work, patients_of(work, patient), shown().ids[code], word)

    return do


@pytest.mark.usefixtures("agreed")
def test_who_wants_a_call_stands_on_the_wards_list_until_somebody_called(act, say, office, patient, shown):
    act(visits.book, "C4D1", MONDAY)
    say("C4D1", Word.CALL)
    say("C4D1", Word.CALL)
    with office.look(NURSE) as work:
        assert [(c.patient.public_id, c.visit, c.said.day) for c in portal.calls(work)] == [
            (patient, "FOLFOX 4", MONDAY)
        ]
    with office.look(ELSEWHERE) as work:
        assert portal.calls(work) == ()
    with office.begin(ELSEWHERE) as work, pytest.raises(NotFound):
        portal.called(work, patient, "C4D1")

    with office.begin(NURSE) as work:
        portal.called(work, patient, "C4D1")

    with office.look(NURSE) as work:
        assert portal.calls(work) == ()
    assert shown().call == set()
    with office.begin(NURSE) as work, pytest.raises(NotFound):
        portal.called(work, patient, "C4D1")


@pytest.fixture
def calls(office):
    """Whom the ward's list asks to call: the visits."""

    def read():
        with office.look(NURSE) as work:
            return [call.visit for call in portal.calls(work)]

    return read


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("because", "waits"),
    [(Ended.DEATH, []), (Ended.WITHDRAWAL, ["FOLFOX 4"]), (Ended.PHYSICIAN, ["FOLFOX 4"])],
)
def test_whoever_asked_for_a_call_before_the_study_ended_is_still_called_and_nobody_who_died(
    act, say, calls, because, waits
):
    act(visits.book, "C4D1", MONDAY)
    say("C4D1", Word.CALL)
    assert calls() == ["FOLFOX 4"]

    act(courses.end, date(2025, 2, 24), because, "told by telephone")

    assert calls() == waits


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("then", ["past", "moved"])
def test_whoever_was_not_called_in_time_still_waits_for_it(act, say, calls, clock, then):
    act(visits.book, "C4D1", MONDAY)
    say("C4D1", Word.CALL)

    if then == "moved":
        act(visits.book, "C4D1", date(2025, 4, 15), "asked for")
    clock.now = datetime(2025, 4, 17, 9, tzinfo=UTC)

    assert calls() == ["FOLFOX 4"]


@pytest.mark.usefixtures("agreed")
def test_the_history_tells_what_the_patient_said_by_no_name(act, say, entries):
    act(visits.book, "C4D1", MONDAY)
    say("C4D1", Word.SEEN)

    last = entries()[-1]
    assert (last.actor, last.action, last.entity, last.new) == (
        *("The patient", "own_page", "page:C4D1"),
        {"what": "seen"},
    )


@pytest.mark.usefixtures("agreed")
def test_of_a_visit_that_is_not_on_the_page_nothing_is_said(office, patient):
    with office.begin(NOBODY) as work, pytest.raises(NotFound):
        portal.say(work, patients_of(work, patient), "A" * 22, Word.SEEN)


@pytest.mark.usefixtures("agreed")
def test_the_names_of_visits_in_addresses_tell_nothing_of_them(shown):
    page = shown()

    assert all(len(name) == 22 for name in page.ids.values())
    assert len(set(page.ids.values())) == len(page.ids) > 20
    assert not any(code in name for code, name in page.ids.items() if len(code) > 2)


@pytest.mark.usefixtures("agreed")
def test_big_on_the_page_stands_only_a_day_that_was_agreed(act, shown):
    """Earlier days are suggested for other visits: they are still to be arranged."""
    assert shown().coming is None

    act(visits.book, "C4D1", MONDAY)

    assert shown().coming.day == "maandag 14 april 2025"
    assert shown().pages.coming.day == "maandag 24 februari 2025"


def test_the_calendar_file_of_the_page_holds_a_mailed_visit_as_the_entry_that_the_mail_made(
    act, office, patient, database
):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, Wishes(page=Detail.STANDARD, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    with Session(database.engine) as session:
        uid = session.exec(select(OutboxRow.uid)).one()

    with office.look(NOBODY) as work:
        content = portal.calendar_file(work, kept.find(work.session, patient, None), "nl")

    (entry,) = (event for event in content.split(b"BEGIN:VEVENT") if b"DTSTART;VALUE=DATE:20250414" in event)
    assert f"UID:{uid}\r\n".encode() in entry
    assert b"SEQUENCE:0\r\n" in entry
