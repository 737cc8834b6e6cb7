"""Messages that are due are sent, tried again or given up. Day 1 is 3 March 2025; it is ten on 24 February."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from planner import worker
from planner.core.disclosure import Detail
from planner.core.errors import Repeated, Stale
from planner.core.facts import State
from planner.core.notices import Delivery, Kind, Message
from planner.core.patients import Contact, Ended, Wishes
from planner.core.staff import POSTMAN
from planner.post import Outcome, Result
from planner.services import agenda, contacts, courses, delivery, messages, records, visits
from planner.services.delivery import Mailing
from planner.services.protocols import Library
from planner.services.records import Record
from planner.store import outbox, patients
from planner.store.outbox_tables import OutboxRow

from .conftest import ELSEWHERE, NURSE

ZOE = Contact("Zoe", "zoe@home.example", "+32 470 00 00 00")
MONDAY, TUESDAY = date(2025, 4, 14), date(2025, 4, 15)
THURSDAY, FRIDAY = date(2025, 2, 27), date(2025, 2, 28)
MAIL = Wishes(mail=Detail.STANDARD)
GOOD, BUSY, UNKNOWN = (
    Outcome(Result.SENT),
    Outcome(Result.LATER, "451 busy"),
    Outcome(Result.REFUSED, "550 no such user"),
)
HALF = 0.5
"""A chance that neither shortens nor lengthens a wait."""


class Sending:
    """A post that answers what it is told, and keeps what it was given."""

    def __init__(self, *answers):
        self.answers, self.mails = list(answers), []

    def __call__(self, message):
        self.mails.append(message)
        return self.answers.pop(0) if self.answers else GOOD

    @property
    def said(self):
        return [(str(mail["Subject"]), str(mail["To"])) for mail in self.mails]


@pytest.fixture
def agreed(act):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, MAIL)


@pytest.fixture
def drain(office):
    """Sends what is due now, with these answers; what was handed over."""

    def go(*answers, chance=HALF):
        sending = Sending(*answers)
        delivery.drain(office, Mailing(sending, "visits@hospital.example", lambda: chance), lambda: False)
        return sending

    return go


@pytest.fixture
def log(office, patient):
    """Every message of the patient: what it asks, of which day, and where it stands."""

    def read():
        with office.look(NURSE) as work:
            return [(one.kind, one.day, one.state) for one in messages.sent(work, patient)]

    return read


@pytest.fixture
def decide(office):
    """What stands in the list of the day, as (code, message)."""

    def read(by=NURSE):
        with office.look(by) as work:
            return [entry.item.message for entry in agenda.today(work).untold]

    return read


def at(clock, day, hour, minute=0):
    """The clock in Brussels: one hour ahead of UTC in winter, two from 30 March 2025 on."""
    clock.now = datetime(
        day.year, day.month, day.day, hour - (2 if day >= date(2025, 3, 30) else 1), minute, tzinfo=UTC
    )


# ---- sending


@pytest.mark.usefixtures("agreed")
def test_what_is_due_is_sent_once_from_the_address_of_the_settings_in_the_name_of_the_site(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    assert drain().mails == []
    clock.now += timedelta(minutes=5)

    (mail,) = drain().mails

    assert (str(mail["From"]), str(mail["To"])) == ("Brussels <visits@hospital.example>", "zoe@home.example")
    assert (drain().mails, log()) == ([], [(Kind.INVITE, MONDAY, Delivery.SENT)])


@pytest.mark.usefixtures("agreed")
def test_what_may_have_arrived_is_sent_again_with_the_same_bytes(act, drain, clock):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    first = drain(BUSY).mails
    clock.now += timedelta(minutes=1)

    second = drain().mails

    assert [mail.as_bytes() for mail in second] == [mail.as_bytes() for mail in first]


# Minutes after the message was made: waits of 1, 5, 15, 60 and then 240 minutes each, half of them, or half more.
TRIES = {
    0.0: (5, 5.5, 8, 15.5, 45.5, *(165.5 + 120 * n for n in range(11)), 1440),
    HALF: (5, 6, 11, 26, 86, 326, 566, 806, 1046, 1286, 1440),
    1.0: (5, 6.5, 14, 36.5, 126.5, 486.5, 846.5, 1206.5, 1440),
}


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("chance", TRIES)
def test_the_waits_grow_are_spread_by_chance_and_end_a_day_after_the_message_was_made(
    act, drain, clock, log, database, chance
):
    act(visits.book, "C4D1", MONDAY)
    made, tried = clock.now, []

    while log() == [(Kind.INVITE, MONDAY, Delivery.WAITING)]:
        with Session(database.engine) as session:
            clock.now = session.exec(select(OutboxRow.due_at)).one()
        tried += [(clock.now - made) / timedelta(minutes=1) for _ in drain(BUSY, chance=chance).mails]

    assert tuple(tried) == TRIES[chance]
    assert log() == [(Kind.INVITE, MONDAY, Delivery.FAILED)]


@pytest.mark.usefixtures("agreed")
def test_one_that_cannot_be_sent_holds_up_no_other(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    act(visits.book, "IM1", date(2025, 4, 28))
    clock.now += timedelta(minutes=5)

    drain(UNKNOWN, GOOD)

    assert log() == [
        (Kind.INVITE, MONDAY, Delivery.FAILED),
        (Kind.INVITE, date(2025, 4, 28), Delivery.SENT),
    ]


def test_a_message_that_cannot_be_built_is_told_by_phone_and_holds_up_no_other(act, office, patient, drain, clock, log):
    """As with an address that was written down before anybody looked at addresses."""
    with office.begin(NURSE) as work:
        patients.write_contact(work.session, patient, Contact("Zoe", "zoe@@home", ""))
    act(contacts.agree, MAIL)
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)

    assert (drain().mails, log()) == ([], [(Kind.INVITE, MONDAY, Delivery.FAILED)])


@pytest.mark.usefixtures("agreed")
def test_a_booking_is_saved_while_the_mail_server_is_down(act, drain, clock, facts):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain(Outcome(Result.LATER, "the mail server cannot be reached"))

    act(visits.book, "C4D1", TUESDAY)

    assert facts().visits["C4D1"].day == TUESDAY


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("then", "state"), [((13, 59), Delivery.SENT), ((14, 0), Delivery.OVERTAKEN)])
def test_what_tells_of_a_day_that_is_over_everywhere_is_not_sent_any_more(act, drain, clock, log, then, state):
    """A day without a time has no zone: at 14:00 in Brussels it ends in the last zone, twelve hours behind UTC."""
    act(visits.book, "C4D1", MONDAY)
    at(clock, TUESDAY, *then)

    assert (len(drain().mails), log()) == (state is Delivery.SENT, [(Kind.INVITE, MONDAY, state)])


@pytest.mark.usefixtures("agreed")
def test_a_worker_that_died_leaves_its_message_to_the_next_one_after_its_time(act, office, drain, clock):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    with office.begin(POSTMAN) as work:
        outbox.take(work.session, work.now, work.now + delivery.LEASE)
    assert drain().mails == []
    clock.now += timedelta(seconds=60)

    assert len(drain().mails) == 1


@pytest.mark.usefixtures("agreed")
def test_a_newer_message_waits_until_the_older_one_is_out_of_every_hand(act, office, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    with office.begin(POSTMAN) as work:
        outbox.take(work.session, work.now, work.now + timedelta(minutes=10))
    act(visits.book, "C4D1", TUESDAY)
    clock.now += timedelta(minutes=6)

    assert (drain().mails, log()[0]) == ([], (Kind.INVITE, MONDAY, Delivery.OVERTAKEN))
    clock.now += timedelta(minutes=4)
    assert [subject for subject, _ in drain().said] == ["Afspraak in het ziekenhuis gewijzigd: dinsdag 15 april 2025"]


@pytest.mark.usefixtures("agreed")
def test_what_was_moved_and_moved_back_before_anything_arrived_is_sent_after_all(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    first = drain(BUSY).mails
    act(visits.book, "C4D1", TUESDAY)
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)

    second = drain().mails

    assert [mail.as_bytes() for mail in second] == [mail.as_bytes() for mail in first]
    assert log() == [(Kind.INVITE, MONDAY, Delivery.SENT)]


@pytest.mark.usefixtures("agreed")
def test_what_was_silenced_before_it_arrived_is_sent_once_the_patient_agrees_again(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain(BUSY)
    act(contacts.agree, Wishes())
    clock.now += timedelta(minutes=5)
    assert drain().mails == []
    act(contacts.agree, MAIL)

    assert (len(drain().mails), log()) == (1, [(Kind.INVITE, MONDAY, Delivery.SENT)])


@pytest.mark.usefixtures("agreed")
def test_what_was_overtaken_by_its_day_stays_so(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    at(clock, TUESDAY, 14)
    drain()

    act(visits.book, "IM1", date(2025, 4, 28))

    assert log()[0] == (Kind.INVITE, MONDAY, Delivery.OVERTAKEN)


@pytest.mark.usefixtures("agreed")
def test_a_slow_worker_neither_postpones_nor_frees_what_another_one_took_since(act, office, clock):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    with office.begin(POSTMAN) as work:
        slow = outbox.take(work.session, work.now, work.now + delivery.LEASE)
    clock.now += timedelta(minutes=1)
    with office.begin(POSTMAN) as work:
        outbox.take(work.session, work.now, work.now + delivery.LEASE)
        outbox.postpone(work.session, slow, work.now, "451 busy")
        assert outbox.take(work.session, work.now, work.now + delivery.LEASE) is None
        outbox.finish(work.session, slow, Delivery.SENT, work.now)
        assert outbox.waiting(work.session) == 0


@pytest.mark.usefixtures("agreed")
def test_a_worker_that_is_to_stop_takes_nothing_more(act, office, clock):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)

    tried = delivery.drain(office, Mailing(Sending(), "visits@hospital.example", lambda: HALF), lambda: True)

    assert tried == 0


# ---- told by telephone


@pytest.fixture
def bounced(act, agreed, drain, clock):
    """The invitation for Monday 14 April was refused."""
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain(UNKNOWN)


@pytest.mark.usefixtures("agreed")
def test_a_message_that_failed_is_to_be_told_by_phone_until_somebody_did(bounced, clock, decide, office, patient):
    (found,) = decide()
    assert (found, decide(by=ELSEWHERE)) == (
        Message(found.uid, Kind.INVITE, "C4D1", MONDAY, Delivery.FAILED, clock.now, "550 no such user"),
        [],
    )
    with office.begin(NURSE) as work:
        messages.phoned(work, patient, found.uid)
    assert decide() == []
    with pytest.raises(Repeated), office.begin(NURSE) as work:
        messages.phoned(work, patient, found.uid)


@pytest.mark.usefixtures("agreed")
def test_that_somebody_phoned_is_in_the_history(bounced, decide, office, patient, entries):
    with office.begin(NURSE) as work:
        messages.phoned(work, patient, decide()[0].uid)

    last = entries()[-1]

    assert (last.actor, last.action, last.entity, last.old, last.new) == (
        *("Anna Peeters", "phoned", "told:C4D1", None),
        {"kind": "invite", "day": "2025-04-14"},
    )


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("then", ["moved and sent", "moved and waiting", "over", "ended"])
def test_nobody_phones_about_what_was_said_anew_is_past_or_is_over(bounced, act, drain, clock, decide, then):
    if then.startswith("moved"):
        act(visits.book, "C4D1", TUESDAY)
    if then == "moved and sent":
        clock.now += timedelta(minutes=5)
        drain()
    if then == "over":
        at(clock, TUESDAY, 9)
    if then == "ended":
        act(courses.end, clock.now.date(), Ended.DEATH, "told by the family")

    assert decide() == []


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("because", "lines"), [(Ended.LOST, [2]), (Ended.WITHDRAWAL, [2]), (Ended.DEATH, [])])
def test_after_an_end_somebody_phones_about_what_the_calendar_still_shows(act, drain, clock, office, because, lines):
    act(visits.book, "C4D1", MONDAY)
    act(visits.book, "C5D1", MONDAY + timedelta(days=14))
    clock.now += timedelta(minutes=5)
    drain()

    act(courses.end, clock.now.date(), because, "as the letter says")

    with office.look(NURSE) as work:
        assert [len(entry.item.left) for entry in agenda.today(work).untold] == lines


# Of the invitation for the 14th, then the change to the 15th or the cancelation: how the mail server answered.
ARRIVED = {
    "the invitation was refused": ((UNKNOWN,), None, []),
    "the invitation may have arrived": ((BUSY,), None, [MONDAY]),
    "the change was refused": ((GOOD, UNKNOWN), TUESDAY, [MONDAY]),
    "the change may have arrived": ((GOOD, BUSY), TUESDAY, [MONDAY]),
    "the change was sent": ((GOOD, GOOD), TUESDAY, [TUESDAY]),
    "the cancelation was refused": ((GOOD, UNKNOWN), "back", [MONDAY]),
    "the cancelation may have arrived": ((GOOD, BUSY), "back", [MONDAY]),
    "the cancelation was sent": ((GOOD, GOOD), "back", []),
}


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("answers", "then", "left"), ARRIVED.values(), ids=ARRIVED)
def test_what_the_calendar_still_shows_is_what_arrived(  # noqa: PLR0917  # pytest hands its fixtures over
    act, drain, clock, decide, office, patient, version, answers, then, left
):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain(answers[0])
    if then is not None:
        act(visits.take_back, "C4D1") if then == "back" else act(visits.book, "C4D1", then, "asked for")
        clock.now += timedelta(minutes=5)
        drain(answers[1])
    act(courses.end, clock.now.date(), Ended.LOST, "moved away")

    with office.look(NURSE) as work:
        assert [one.seen.first for entry in agenda.today(work).untold for one in entry.item.left] == left
    if left:
        with office.begin(NURSE) as work:
            messages.cleared(work, patient, version())
        assert decide() == []


@pytest.mark.usefixtures("agreed")
def test_a_call_that_was_made_before_the_page_was_old_is_noted_once(act, drain, clock, office, patient, version):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain()
    act(courses.end, clock.now.date(), Ended.LOST, "moved away")
    seen = version()
    act(courses.reopen, "she came back")

    with pytest.raises(Stale), office.begin(NURSE) as work:
        messages.cleared(work, patient, seen)


@pytest.mark.usefixtures("agreed")
def test_an_address_in_other_letters_keeps_its_reminder(act, drain, clock, log, remind):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain()
    at(clock, MONDAY - timedelta(days=2), 9)
    remind()
    drain(BUSY)

    act(contacts.write_contact, replace(ZOE, email="Zoe@home.example"))

    assert log()[-1] == (Kind.REMINDER, MONDAY, Delivery.WAITING)


@pytest.mark.usefixtures("agreed")
def test_whoever_was_told_what_to_delete_is_phoned_no_more_and_invited_anew_on_return(  # noqa: PLR0917  # pytest hands its fixtures over
    act, drain, clock, decide, office, patient, entries, log, version
):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain()
    act(courses.end, clock.now.date(), Ended.LOST, "no answer for two months")
    assert decide() == [None]

    with office.begin(NURSE) as work:
        messages.cleared(work, patient, version())

    assert (decide(), log()[1:]) == ([], [(Kind.CANCEL, MONDAY, Delivery.TOLD)])
    assert (entries()[-1].entity, entries()[-1].new) == ("told:C4D1", {"day": "2025-04-14"})
    with pytest.raises(Repeated), office.begin(NURSE) as work:
        messages.cleared(work, patient, version())
    act(courses.reopen, "she came back")
    act(visits.book, "C4D1", TUESDAY)
    assert log()[-1] == (Kind.INVITE, TUESDAY, Delivery.WAITING)


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("moved", "told"), [(False, [MONDAY]), (True, [])])
def test_a_cancelation_that_failed_is_to_be_told_though_the_visit_is_booked_anew_in_the_same_mailbox(
    act, drain, clock, decide, moved, told
):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain()
    act(visits.take_back, "C4D1")
    clock.now += timedelta(minutes=5)
    drain(UNKNOWN)
    if moved:
        act(contacts.write_contact, replace(ZOE, email="zoe@work.example"))
    act(visits.book, "C4D1", TUESDAY)
    clock.now += timedelta(minutes=5)
    drain()

    assert [message.day for message in decide()] == told


@pytest.mark.usefixtures("agreed")
def test_no_cancelation_follows_the_invitation_that_came_after_it(act, drain, clock):
    """The cancelation waits for its server; the visit is booked anew meanwhile: it is told in the order of the acts."""
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=5)
    drain()
    act(visits.take_back, "C4D1")
    clock.now += timedelta(minutes=5)
    drain(BUSY)
    act(visits.book, "C4D1", MONDAY)

    said = []
    for _ in range(12):
        clock.now += timedelta(minutes=1)
        said += drain().said

    assert [subject.partition(":")[0] for subject, _ in said] == [
        "Afspraak in het ziekenhuis geannuleerd",
        "Afspraak in het ziekenhuis",
    ]


@pytest.mark.usefixtures("agreed")
def test_a_message_that_waited_for_a_worker_longer_than_a_day_is_tried_more_than_once(act, drain, clock, log):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(hours=25)
    drain(BUSY)
    clock.now += timedelta(minutes=1)
    drain()

    assert log() == [(Kind.INVITE, MONDAY, Delivery.SENT)]


# ---- reminders


@pytest.fixture
def invited(act, agreed, drain, clock):
    """Apheresis is booked on Thursday 27 February, and the patient was invited."""
    act(visits.book, "AP", THURSDAY)
    clock.now += timedelta(minutes=5)
    drain()


@pytest.fixture
def remind(office):
    return lambda: delivery.remind(office)


@pytest.mark.usefixtures("invited")
def test_two_days_before_at_nine_there_is_one_mail_in_words_alone(drain, clock, remind, log):
    at(clock, date(2025, 2, 24), 23, 59)
    assert remind() == 0
    at(clock, date(2025, 2, 25), 8, 59)
    assert remind() == 0
    at(clock, date(2025, 2, 25), 9)

    assert (remind(), remind()) == (1, 0)

    (mail,) = drain().mails
    assert str(mail["Subject"]) == "Herinnering aan uw afspraak in het ziekenhuis: donderdag 27 februari 2025"
    words = mail.get_body(("plain",)).get_content()
    assert "Hoe u zich voorbereidt: We nemen cellen uit uw bloed af." in words
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert (remind(), log()[1:]) == (0, [(Kind.REMINDER, THURSDAY, Delivery.SENT)])


@pytest.mark.usefixtures("invited")
def test_a_worker_that_was_down_reminds_the_day_before_but_not_on_the_day(clock, remind, drain):
    at(clock, THURSDAY, 9)
    assert remind() == 0

    at(clock, date(2025, 2, 26), 9)
    assert (remind(), len(drain().mails)) == (1, 1)


@pytest.mark.usefixtures("invited")
@pytest.mark.parametrize("why", ["wishes", "consent", "ended", "given back", "took place"])
def test_no_reminder_where_nobody_wants_one_or_nothing_is_booked(act, clock, remind, why):
    at(clock, date(2025, 2, 25), 8)
    if why == "wishes":
        act(contacts.agree, Wishes(mail=Detail.STANDARD, reminder=False))
    if why == "consent":
        act(contacts.agree, Wishes())
    if why == "ended":
        act(courses.end, clock.now.date(), Ended.WITHDRAWAL, "wants no more")
    if why == "given back":
        act(visits.take_back, "AP")
    if why == "took place":
        act(records.record, "AP", Record(State.OCCURRED, date(2025, 2, 24)), "Patient's wish: came earlier")
    at(clock, date(2025, 2, 25), 9)

    assert remind() == 0


@pytest.mark.usefixtures("invited")
@pytest.mark.parametrize("why", ["wishes", "consent", "ended", "moved"])
def test_a_reminder_that_waits_is_silenced_by_what_it_hangs_on(act, clock, remind, drain, why):
    at(clock, date(2025, 2, 25), 9)
    remind()
    if why == "wishes":
        act(contacts.agree, Wishes(mail=Detail.STANDARD, reminder=False))
    if why == "consent":
        act(contacts.agree, Wishes())
    if why == "ended":
        act(courses.end, clock.now.date(), Ended.WITHDRAWAL, "wants no more")
    if why == "moved":
        act(visits.book, "AP", FRIDAY)

    assert [subject for subject, _ in drain().said] == []


@pytest.mark.usefixtures("invited")
def test_consent_taken_back_and_given_again_reminds_all_the_same(act, clock, remind, drain):
    at(clock, date(2025, 2, 25), 9)
    remind()
    act(contacts.agree, Wishes())
    act(contacts.agree, MAIL)

    assert (remind(), len(drain().mails)) == (1, 1)


@pytest.mark.usefixtures("invited")
def test_a_patient_who_cannot_be_planned_keeps_nobody_from_their_mail(act, office, drain, clock, log, caplog):
    """Of a protocol that this worker does not have: what waits is sent all the same."""
    act(visits.book, "C4D1", MONDAY)
    at(clock, date(2025, 2, 25), 9)
    sending = Sending()

    worker.shift(replace(office, library=Library({})), sending, "visits@hospital.example").round()

    assert [subject for subject, _ in sending.said] == ["Afspraak in het ziekenhuis: maandag 14 april 2025"]
    assert "cannot be reminded" in caplog.text


@pytest.mark.usefixtures("invited")
def test_a_visit_moved_after_its_reminder_is_reminded_of_on_its_new_day_and_moved_back_not_again(
    act, clock, remind, drain
):
    at(clock, date(2025, 2, 25), 9)
    remind()
    drain()
    act(visits.book, "AP", FRIDAY)
    at(clock, date(2025, 2, 26), 9)
    drain()
    assert (remind(), len(drain().mails)) == (1, 1)
    act(visits.book, "AP", THURSDAY)
    clock.now += timedelta(minutes=5)
    drain()

    assert remind() == 0


@pytest.mark.usefixtures("agreed")
def test_what_the_patient_was_not_told_of_yet_is_not_reminded_of(act, clock, remind):
    act(visits.book, "AP", THURSDAY)
    at(clock, date(2025, 2, 25), 9)

    assert remind() == 0


@pytest.mark.usefixtures("invited")
def test_a_reminder_that_failed_is_told_by_phone_unless_the_visit_moved(act, clock, remind, drain, decide):
    at(clock, date(2025, 2, 25), 9)
    remind()
    drain(UNKNOWN)
    assert [(one.kind, one.day) for one in decide()] == [(Kind.REMINDER, THURSDAY)]

    act(visits.book, "AP", FRIDAY)

    assert decide() == []
