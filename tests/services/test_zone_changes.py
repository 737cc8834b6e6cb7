"""An upgrade of tzdata moves the instants of booked visits (invites reference, 9.10).

Day 1 is 3 March 2025. In Brussels clocks go on by an hour on 30 March; by the new rules, those of Algiers, they do not:
9:30 on 14 April was 7:30 UTC and is 8:30, and 9:30 on 17 March stays 8:30.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import vobject
from sqlmodel import Session, col, select

from planner.core.disclosure import Detail
from planner.core.notices import Delivery, Kind
from planner.core.patients import Contact, Ended, Wishes
from planner.core.staff import COMMAND_LINE, NOBODY, Actor, Role
from planner.core.units import Hours, Unit
from planner.exports.history import sentence
from planner.post import Outcome, Result
from planner.services import contacts, courses, delivery, feeds, history, patients, sites, visits, zone_changes
from planner.services.delivery import Mailing
from planner.services.visits import How, Start
from planner.store import patients as kept
from planner.store.outbox_tables import OutboxRow
from tests.booked import cells_kept, cells_wanted

from .conftest import NURSE, wanted

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEK = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
NO_SUMMER_TIME = "Africa/Algiers"
MARCH, MONDAY, TUESDAY = date(2025, 3, 17), date(2025, 4, 14), date(2025, 4, 15)
ZOE = Contact("Zoe", "zoe@home.example", "+32 470 00 00 00")
BEFORE, NOW = datetime(2025, 4, 14, 7, 30, tzinfo=UTC), datetime(2025, 4, 14, 8, 30, tzinfo=UTC)


def at(hour, minute=0, unit=""):
    return How(Start(time(hour, minute), unit))


@pytest.fixture
def agreed(act):
    """The patient agreed to mails and a feed, and has an address."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, Wishes(mail=Detail.STANDARD, feed=Detail.STANDARD))


@pytest.fixture
def chair(office):
    with office.begin(ADMIN) as work:
        return sites.add_unit(work, "01", Unit("", "chair", "Chair 1", WEEK))


@pytest.fixture
def second(office):
    """Books C4D1 of another patient on Monday 14 April."""
    with office.begin(NURSE) as work:
        other = patients.enrol(work, wanted(subject_id="01-002"))

    def book(hour, minute=0):
        with office.begin(NURSE) as work:
            visits.book(work, other.public_id, other.version, "C4D1", MONDAY, "", at(hour, minute))

    return book


@pytest.fixture
def follow(office):
    """Follows the rules of now; of each visit that moved: whose, its old and new time (UTC), with whom it clashes."""

    def run(verb=zone_changes.follow):
        return [
            (
                line.whose.subject_id,
                line.whose.code,
                f"{line.moved.was:%H:%M}",
                line.moved.now and f"{line.moved.now:%H:%M}",
                line.clash and line.clash.subject_id,
            )
            for line in verb(office)
        ]

    return run


@pytest.fixture
def queue(database):
    """Every message: what it asks, of which visit, under which number, where it stands."""

    def read(*more):
        with Session(database.engine) as session:
            rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))
            return [tuple(getattr(row, n) for n in ("kind", "code", "sequence", "state", *more)) for row in rows]

    return read


@pytest.fixture
def drain(office, clock):
    """Six minutes later everything that is due is sent, or met by this answer; the mails."""

    def send(answer=Result.SENT):
        mails = []
        clock.now += timedelta(minutes=6)
        mailing = Mailing(lambda m: mails.append(m) or Outcome(answer, ""), "visits@hospital.example", lambda: 0.0)
        delivery.drain(office, mailing, lambda: False)
        return mails

    return send


@pytest.fixture
def stored(database, patient):
    """The instants that are kept of the patient's bookings, by visit."""

    def read():
        with Session(database.engine) as session:
            return kept.instants(session, kept.key(session, patient))

    return read


@pytest.fixture
def cells(office):
    """The cells that are kept and those that the facts want."""

    def read():
        with office.look(COMMAND_LINE) as work:
            return cells_kept(work), cells_wanted(work)

    return read


def event(mail):
    """The calendar entry of a mail: its identifier, its number, its start."""
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    found = vobject.readOne(part.get_payload(decode=True).decode()).vevent
    return found.uid.value, found.sequence.value, found.dtstart.value


def test_a_booking_is_kept_with_the_instant_that_its_time_means(act, stored):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    act(visits.book, "C2D1", MARCH)

    assert stored() == {"C4D1": BEFORE}
    act(visits.take_back, "C4D1")
    assert stored() == {}


@pytest.mark.usefixtures("agreed")
def test_a_visit_that_moved_is_one_update_with_the_next_number_and_the_new_instant_and_no_other_is(
    act, rules, follow, drain, queue, stored
):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    act(visits.book, "C2D1", MARCH, how=at(9, 30))
    uid, _, start = event(drain()[0])
    rules(NO_SUMMER_TIME)

    assert follow() == [("01-001", "C4D1", "07:30", "08:30", None)]
    assert queue()[2:] == [(Kind.UPDATE, "C4D1", 1, Delivery.WAITING)]
    assert (start, [event(mail) for mail in drain()]) == (BEFORE, [(uid, "1", NOW)])
    assert stored()["C4D1"] == NOW


@pytest.mark.usefixtures("agreed")
def test_a_second_run_finds_nothing_moved_and_tells_nobody(act, rules, follow, drain, queue):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    drain()
    rules(NO_SUMMER_TIME)
    follow()

    assert follow() == []
    assert len(queue()) == 2
    drain()
    assert (follow(), len(queue()), drain()) == ([], 2, [])


@pytest.mark.usefixtures("agreed")
def test_a_look_saves_nothing(act, rules, follow, drain, rows):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    drain()
    rules(NO_SUMMER_TIME)
    before = rows()

    assert follow(zone_changes.look) == [("01-001", "C4D1", "07:30", "08:30", None)]
    assert rows() == before


@pytest.mark.usefixtures("agreed")
def test_the_bytes_of_a_revision_that_was_tried_are_the_same_after_the_upgrade(act, rules, drain):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    (first,) = drain(Result.LATER)
    rules(NO_SUMMER_TIME)

    (again,) = drain()

    assert (again.as_bytes(), event(again)[2]) == (first.as_bytes(), BEFORE)


@pytest.mark.usefixtures("agreed")
def test_an_invitation_that_nobody_tried_to_send_says_the_new_instant_and_no_update_follows(
    act, rules, follow, drain, queue
):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    rules(NO_SUMMER_TIME)
    follow()

    assert [event(mail)[1:] for mail in drain()] == [("0", NOW)]
    assert queue() == [(Kind.INVITE, "C4D1", 0, Delivery.SENT)]


@pytest.mark.usefixtures("agreed")
def test_what_was_told_before_instants_were_kept_is_no_news(act, drain, queue, database):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    drain()
    with Session(database.engine) as session:
        row = session.exec(select(OutboxRow)).one()
        row.sight = row.sight.replace('"instant": "2025-04-14T07:30:00+00:00", ', "")
        assert "instant" not in row.sight
        session.add(row)
        session.commit()

    act(visits.book, "C5D1", date(2025, 4, 28))

    assert [(kind, code) for kind, code, *_ in queue()] == [(Kind.INVITE, "C4D1"), (Kind.INVITE, "C5D1")]


@pytest.mark.usefixtures("chair")
def test_taken_time_follows_though_each_takes_the_old_place_of_the_next(act, second, rules, follow, cells):
    act(visits.book, "C4D1", MONDAY, how=at(8))
    second(12, 30)
    before, _ = cells()
    rules(NO_SUMMER_TIME)

    assert follow() == [("01-001", "C4D1", "06:00", "07:00", None), ("01-002", "C4D1", "10:30", "11:30", None)]
    there, due = cells()
    assert there == due == sorted((unit, cell + 4, patient, code) for unit, cell, patient, code in before)


@pytest.mark.usefixtures("chair", "agreed")
def test_a_place_that_somebody_booked_after_the_upgrade_is_a_clash_for_a_person(
    act, second, rules, follow, cells, stored
):
    """The chair was free from 12:00 UTC on, one o'clock by the new rules; the first visit needs it until 13:00 now."""
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    rules(NO_SUMMER_TIME)
    second(13)
    before = cells()[0]

    assert follow() == follow() == [("01-001", "C4D1", "07:30", "08:30", "01-002")]
    assert (cells()[0], stored()) == (before, {"C4D1": BEFORE})
    act(visits.book, "C4D1", TUESDAY, how=at(9, 30))
    assert follow() == []
    there, due = cells()
    assert there == due


@pytest.mark.usefixtures("chair", "agreed")
def test_whoever_clashes_is_told_the_moment_of_their_local_time_all_the_same_and_once(
    act, second, rules, follow, drain, queue
):
    """Until somebody books another time it stands at half past nine: their calendar must not say half past eight."""
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    drain()
    rules(NO_SUMMER_TIME)
    second(13)
    follow()

    assert [event(mail)[1:] for mail in drain()] == [("1", NOW)]
    follow()
    assert len(queue()) == 2


def test_past_given_back_and_timeless_visits_and_those_of_an_ended_study_are_left_alone(act, rules, follow, clock):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    act(visits.book, "C5D1", date(2025, 4, 28), how=at(9, 30))
    act(visits.take_back, "C5D1")
    act(visits.book, "C6D1", date(2025, 5, 12))
    rules(NO_SUMMER_TIME)
    assert [code for _, code, *_ in follow(zone_changes.look)] == ["C4D1"]

    today, clock.now = clock.now, datetime(2025, 4, 15, 8, tzinfo=UTC)
    assert follow() == []

    clock.now = today
    act(courses.end, clock.now.date(), Ended.WITHDRAWAL, "asked for")
    assert follow() == []


@pytest.mark.usefixtures("agreed")
def test_a_time_that_the_new_rules_skip_is_left_as_it_was_for_a_person(act, rules, follow, drain, queue, stored):
    """In Cairo the clocks skip the first hour of Friday 25 April 2025; on 14 April they are those of Brussels."""
    friday = date(2025, 4, 25)
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    act(visits.book, "IM1", friday, reason="asked for", how=at(0, 30))
    drain()
    before = stored()
    rules("Africa/Cairo")

    assert follow() == follow() == [("01-001", "IM1", "22:30", None, None)]
    assert (stored(), len(queue())) == (before, 2)
    act(visits.book, "IM1", friday, reason="asked for", how=at(9, 30))
    assert (follow(), queue()[2:]) == ([], [(Kind.UPDATE, "IM1", 1, Delivery.WAITING)])


@pytest.mark.usefixtures("agreed")
def test_a_feed_shows_the_new_instant_under_another_revision_and_goes_on_without_a_time_that_is_none(
    act, rules, follow, office, patient
):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    act(visits.book, "IM1", date(2025, 4, 25), reason="asked for", how=at(0, 30))
    with office.begin(NURSE) as work:
        token = feeds.make(work, patient)

    def fetched():
        with office.look(NOBODY) as work:
            found = feeds.opened(work, token)
            events = vobject.readOne(feeds.content(work, found).decode()).contents["vevent"]
            return feeds.revision(work, found), [one.dtstart.value for one in events]

    revision, starts = fetched()
    rules(NO_SUMMER_TIME)
    follow()
    other, moved = fetched()
    rules("Africa/Cairo")

    assert (starts, moved) == (
        [BEFORE, datetime(2025, 4, 24, 22, 30, tzinfo=UTC)],
        [NOW, datetime(2025, 4, 24, 23, 30, tzinfo=UTC)],
    )
    assert other != revision
    assert fetched()[1] == [BEFORE]


def test_each_is_a_row_of_a_history_that_stays_whole_and_can_still_be_undone(act, rules, follow, entries, case, office):
    act(visits.book, "C4D1", MONDAY, how=at(9, 30))
    rules(NO_SUMMER_TIME)
    follow()

    last = entries()[-1]
    assert (last.actor, last.action, last.entity) == ("Command line", "follow_zone", "instant:C4D1")
    assert sentence(case().protocol, last) == (
        "New time-zone rules: FOLFOX 4 (C4D1) on Mon 14 Apr 2025 at 9:30 (Europe/Brussels) is at 2025-04-14 08:30 UTC, "
        "before: 2025-04-14 07:30 UTC."
    )
    with office.look(COMMAND_LINE) as work:
        assert history.verify(work).intact
