"""What each act makes owed to the patient, in the same transaction. Day 1 is 3 March 2025; it is 25 February."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import Session, col, select

from planner.core.disclosure import Arranged, Detail, Glimpse
from planner.core.facts import State
from planner.core.notices import Delivery, Kind, Off, Sight
from planner.core.patients import Contact, Ended, Wishes
from planner.services import contacts, courses, records, replanning, undoing, visits
from planner.services.records import Record
from planner.services.replanning import Asked, Verb
from planner.services.undoing import REDO, UNDO
from planner.store import outbox
from planner.store import patients as kept
from planner.store.outbox_tables import OutboxRow

from .conftest import NURSE

ZOE = Contact("Zoe", "zoe@home.example", "+32 470 00 00 00")
MONDAY, TUESDAY = date(2025, 4, 14), date(2025, 4, 15)
MAIL = Wishes(mail=Detail.STANDARD)


@pytest.fixture
def agreed(act):
    """The patient agreed to mails and has an address."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, MAIL)


@pytest.fixture
def queue(database):
    """Every message: what it asks, of which visit and day, under which number, where it stands."""

    def read(*more):
        names = ("kind", "code", "sequence", "state", *more)
        with Session(database.engine) as session:
            rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))
            return [tuple(getattr(row, name) for name in names) for row in rows]

    return read


@pytest.fixture
def sent(office, clock):
    """Six minutes later, everything that is due was sent; the identifiers."""

    def send():
        clock.now += timedelta(minutes=6)
        uids = []
        while True:
            with office.begin(NURSE) as work:
                row = outbox.take(work.session, work.now, work.now + timedelta(minutes=1))
                if row is None:
                    return uids
                uids.append(row.uid)
                outbox.finish(work.session, row, Delivery.SENT, work.now)

    return send


def test_without_consent_or_address_nothing_is_owed(act, queue):
    act(visits.book, "C4D1", MONDAY)
    act(contacts.agree, MAIL)
    assert queue() == []

    act(contacts.agree, Wishes())
    act(contacts.write_contact, ZOE)
    assert queue() == []


@pytest.mark.usefixtures("agreed")
def test_a_booking_is_one_invitation_that_is_due_in_five_minutes(act, queue, clock, office, patient):
    act(visits.book, "C4D1", MONDAY)

    assert queue("address", "due_at", "stamp") == [
        (Kind.INVITE, "C4D1", 0, Delivery.WAITING, "zoe@home.example", clock.now + timedelta(minutes=5), clock.now)
    ]
    with office.begin(NURSE) as work:
        (waiting,) = outbox.untried(work.session, kept.key(work.session, patient))
    seen = Glimpse("", Arranged.BOOKED, MONDAY, MONDAY, minutes=270)  # SHRINK gives no neutral title of its own
    assert waiting.sight == Sight(seen, "Brussels", "nl")


def test_what_was_booked_before_the_patient_agreed_is_told_once_they_do(act, queue):
    act(visits.book, "C4D1", MONDAY)
    act(visits.book, "IM1", date(2025, 4, 28))
    act(contacts.write_contact, ZOE)

    act(contacts.agree, MAIL)

    assert queue() == [
        (Kind.INVITE, "C4D1", 0, Delivery.WAITING),
        (Kind.INVITE, "IM1", 0, Delivery.WAITING),
    ]


@pytest.mark.usefixtures("agreed")
def test_moves_within_five_minutes_are_one_message_that_says_the_last_of_them(act, queue, clock):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=2)
    act(visits.book, "C4D1", TUESDAY)

    ((*what, sight, due),) = queue("sight", "due_at")
    assert what == [Kind.INVITE, "C4D1", 0, Delivery.WAITING]
    assert (outbox.sight(sight).seen.first, due) == (TUESDAY, clock.now + timedelta(minutes=5))


@pytest.mark.usefixtures("agreed")
def test_booked_moved_taken_back_and_booked_anew_before_anything_was_sent_is_one_invitation(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    act(visits.book, "C4D1", TUESDAY)
    act(visits.take_back, "C4D1")
    act(visits.book, "C4D1", MONDAY)

    assert (len(sent()), queue()) == (1, [(Kind.INVITE, "C4D1", 0, Delivery.SENT)])


@pytest.mark.usefixtures("agreed")
def test_a_cycle_put_off_after_all_were_invited_is_one_update_for_each_visit_that_moves(act, queue, sent):
    """FOLFOX 4 a week later is Easter Monday, so it is Tuesday 22 April; FOLFOX 5 and 6 follow 14 days after each."""
    days = (date(2025, 3, 31), MONDAY, date(2025, 4, 28), date(2025, 5, 12))
    for code, day in zip(("C3D1", "C4D1", "C5D1", "C6D1"), days, strict=True):
        act(visits.book, code, day)
    sent()

    act(replanning.replan, Asked(Verb.DEFER, "C4D1", days=7), "low blood counts")

    told = [(kind, code, sequence) for kind, code, sequence, _ in queue()]
    assert told[:4] == [(Kind.INVITE, code, 0) for code in ("C3D1", "C4D1", "C5D1", "C6D1")]
    assert sorted(told[4:]) == [(Kind.UPDATE, code, 1) for code in ("C4D1", "C5D1", "C6D1")]


@pytest.mark.usefixtures("agreed")
def test_what_was_never_sent_is_never_canceled(act, queue):
    act(visits.book, "C4D1", MONDAY)
    act(visits.take_back, "C4D1")

    assert queue() == []


@pytest.mark.usefixtures("agreed")
def test_moved_and_moved_back_before_anything_was_sent_is_no_news(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.book, "C4D1", TUESDAY)
    act(visits.book, "C4D1", MONDAY)

    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.SENT)]


@pytest.mark.usefixtures("agreed")
def test_each_change_that_is_sent_has_the_next_number_and_a_cancelation_ends_the_identifier(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    uids = sent()
    act(visits.book, "C4D1", TUESDAY)
    uids += sent()
    act(visits.take_back, "C4D1")
    uids += sent()
    act(visits.book, "C4D1", TUESDAY)
    uids += sent()

    assert queue() == [
        (Kind.INVITE, "C4D1", 0, Delivery.SENT),
        (Kind.UPDATE, "C4D1", 1, Delivery.SENT),
        (Kind.CANCEL, "C4D1", 2, Delivery.SENT),
        (Kind.INVITE, "C4D1", 0, Delivery.SENT),
    ]
    assert [uids.index(uid) for uid in uids] == [0, 0, 0, 3]


@pytest.mark.usefixtures("agreed")
def test_taken_back_and_booked_anew_at_once_is_an_update(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.take_back, "C4D1")
    act(visits.book, "C4D1", TUESDAY)

    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.SENT), (Kind.UPDATE, "C4D1", 1, Delivery.WAITING)]


@pytest.mark.usefixtures("agreed")
def test_what_was_tried_may_have_arrived_so_a_newer_number_follows_and_the_older_is_never_sent_again(
    act, queue, office, clock
):
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(minutes=6)
    with office.begin(NURSE) as work:
        tried = outbox.take(work.session, work.now, work.now + timedelta(minutes=1))
        outbox.postpone(work.session, tried, work.now + timedelta(minutes=1), "421 busy")

    act(visits.book, "C4D1", TUESDAY)

    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.OVERTAKEN), (Kind.UPDATE, "C4D1", 1, Delivery.WAITING)]


@pytest.mark.usefixtures("agreed")
def test_an_update_waits_while_the_one_before_it_is_being_sent(act, office, clock):
    act(visits.book, "C4D1", MONDAY)
    act(visits.book, "IM1", date(2025, 4, 28))
    clock.now += timedelta(minutes=6)
    with office.begin(NURSE) as work:
        now, until = work.now, work.now + timedelta(minutes=1)
        taken = [outbox.take(work.session, now, until).code for _ in range(2)]
        assert outbox.take(work.session, now, until) is None
        again = outbox.take(work.session, until, until + timedelta(minutes=1))

    assert (taken, again.code, again.attempts) == (["C4D1", "IM1"], "C4D1", 2)


@pytest.mark.usefixtures("agreed")
def test_a_note_or_a_confirmation_tells_the_patient_nothing(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.book, "C5D1", date(2025, 4, 28))
    act(visits.take_back, "C5D1")

    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.SENT)]


@pytest.mark.usefixtures("agreed")
def test_a_new_address_cancels_at_the_old_one_and_invites_at_the_new_one(act, queue, sent):
    act(visits.book, "C4D1", MONDAY)
    (uid,) = sent()
    act(contacts.write_contact, replace(ZOE, email="zoe@work.example"))

    assert queue("address") == [
        (Kind.INVITE, "C4D1", 0, Delivery.SENT, "zoe@home.example"),
        (Kind.CANCEL, "C4D1", 1, Delivery.WAITING, "zoe@home.example"),
        (Kind.INVITE, "C4D1", 0, Delivery.WAITING, "zoe@work.example"),
    ]
    assert sent()[1] != uid


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("because", [Ended.DEATH, Ended.WITHDRAWAL])
def test_the_end_of_the_study_silences_everything_at_once(act, queue, sent, clock, because):
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.book, "C4D1", TUESDAY)
    act(visits.book, "IM1", date(2025, 4, 28))

    act(courses.end, clock.now.date(), because, "told by the family")

    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.SENT)]
    assert sent() == []


@pytest.mark.usefixtures("agreed")
def test_consent_taken_back_silences_what_waits_and_ends_what_was_given_back_unsent(act, queue, sent):
    """Nothing more is mailed; the entry is over all the same, so that what is booked later is another one."""
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.take_back, "C4D1")

    act(contacts.agree, Wishes())

    assert queue() == [
        (Kind.INVITE, "C4D1", 0, Delivery.SENT),
        (Kind.CANCEL, "C4D1", 1, Delivery.OVERTAKEN),
    ]
    assert sent() == []


@pytest.mark.usefixtures("agreed")
def test_a_cancelation_that_waits_follows_what_else_is_booked_on_that_day(act, queue, sent):
    """FOLFOX 4 is given back, and its bloods are booked on that day before anything was sent: the patient must come."""
    act(visits.book, "C4D1", MONDAY)
    sent()
    act(visits.take_back, "C4D1")
    alone = [outbox.sight(text).off for kind, *_, text in queue("sight") if kind is Kind.CANCEL]

    act(visits.book, "C4P", MONDAY)

    assert alone == [Off.AGAIN]
    assert [outbox.sight(text).off for kind, *_, text in queue("sight") if kind is Kind.CANCEL] == [Off.BUSY]


@pytest.mark.usefixtures("agreed")
def test_what_took_place_is_not_canceled(act, queue, sent, clock):
    act(visits.book, "C1P", date(2025, 3, 3))
    sent()
    clock.now = datetime(2025, 3, 3, 18, tzinfo=clock.now.tzinfo)
    act(records.record, "C1P", Record(State.OCCURRED, date(2025, 3, 3)))

    assert queue() == [(Kind.INVITE, "C1P", 0, Delivery.SENT)]


@pytest.mark.usefixtures("agreed")
def test_an_undone_booking_is_canceled_and_done_again_it_is_a_new_invitation(act, queue, sent, office, patient):
    act(visits.book, "C4D1", MONDAY)
    uids = sent()
    for verb in (UNDO, REDO):
        with office.look(NURSE) as work:
            found = undoing.of_patient(work, patient)
        stack = found.undo if verb == UNDO else found.redo
        act(undoing.take, stack[-1].act, verb)
        uids += sent()

    assert queue() == [
        (Kind.INVITE, "C4D1", 0, Delivery.SENT),
        (Kind.CANCEL, "C4D1", 1, Delivery.SENT),
        (Kind.INVITE, "C4D1", 0, Delivery.SENT),
    ]
    assert len(set(uids)) == 2


@pytest.mark.usefixtures("agreed")
def test_the_history_says_what_was_agreed_and_nothing_of_the_address(entries):
    found = entries()[-1]

    assert (found.action, found.old, found.new) == (
        "wishes",
        {"alarm": True, "reminder": True},
        {"mail": "standard", "alarm": True, "reminder": True},
    )
    assert "zoe" not in str([(entry.old, entry.new) for entry in entries()]).lower()


@pytest.mark.usefixtures("agreed")
def test_a_time_in_the_hour_that_comes_twice_is_kept_as_the_second_one():
    seen = Glimpse("", Arranged.BOOKED, MONDAY, MONDAY, time(2, 30, fold=1), "Europe/Brussels", 15)

    found = outbox.sight(outbox.written(Sight(seen, "x", "fr", "y", before=seen)))

    assert (found, found.seen.at.fold, found.phone) == (Sight(seen, "x", "fr"), 1, "y")
    assert (found.before, found.before.at.fold) == (seen, 1)
