"""What a calendar gets that asks by a secret address. Day 1 is 3 March 2025; it is 25 February."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import vobject

from planner.core.disclosure import Detail
from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.core.feeds import FeedKind
from planner.core.notices import Delivery, Kind
from planner.core.patients import Contact, Ended, Wishes
from planner.core.staff import COMMAND_LINE, NOBODY, Actor, Role
from planner.core.units import Hours, Unit
from planner.exports.ics_rules import faults
from planner.services import accounts, contacts, courses, feeds, invitations, messages, patients, records, sites, visits
from planner.services.records import Record
from planner.services.visits import How, Start
from planner.store import outbox

from .conftest import NURSE, noon, wanted

MONDAY = date(2025, 4, 14)
FEED = Wishes(feed=Detail.STANDARD)
ZOE = Contact("Zoe Janssens", "zoe@home.example", "+32 470 00 00 00")


@pytest.fixture
def token(act, office, patient):
    """The patient agreed to a feed and has one."""
    act(contacts.agree, FEED)
    with office.begin(NURSE) as work:
        return feeds.make(work, patient)


@pytest.fixture
def fetched(office, token):
    """What a calendar reads, or None where there is no such feed any more."""

    def fetch(by=None):
        with office.look(NOBODY) as work:
            found = feeds.opened(work, by or token)
            return feeds.content(work, found) if found is not None else None

    return fetch


@pytest.fixture
def revision(office, token):
    def read():
        with office.look(NOBODY) as work:
            return feeds.revision(work, feeds.opened(work, token))

    return read


def entries(content):
    """Each entry: its first day or UTC start, its title, its state."""
    found = vobject.readOne(content.decode())
    return [(e.dtstart.value, e.summary.value, e.status.value) for e in found.contents.get("vevent", [])]


def test_a_booked_visit_stands_in_utc_and_what_is_open_does_not(act, fetched):
    """9:30 in Brussels on 14 April 2025, summer time, is 7:30 UTC."""
    act(visits.book, "C4D1", MONDAY, how=How(Start(time(9, 30))))

    content = fetched()

    assert faults(content) == []
    assert [(str(start), title, state) for start, title, state in entries(content)] == [
        ("2025-04-14 07:30:00+00:00", "Afspraak in het ziekenhuis", "CONFIRMED")
    ]


def test_a_feed_asks_nobody_for_an_answer_and_says_how_often_to_come_back(act, fetched):
    act(visits.book, "C4D1", MONDAY)

    lines = fetched().replace(b"\r\n ", b"").split(b"\r\n")

    assert not any(line.startswith((b"METHOD", b"ORGANIZER", b"ATTENDEE", b"BEGIN:VALARM")) for line in lines)
    assert [line for line in lines if line.startswith((b"REFRESH", b"X-PUB", b"NAME", b"X-WR"))] == [
        b"NAME:Afspraken in het ziekenhuis",
        b"X-WR-CALNAME:Afspraken in het ziekenhuis",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        b"X-PUBLISHED-TTL:PT6H",
    ]


def test_the_bytes_are_the_same_until_somebody_saves_something(act, fetched, revision, clock):
    act(visits.book, "C4D1", MONDAY)
    first, known = fetched(), revision()

    clock.now += timedelta(hours=1)

    assert (fetched(), revision()) == (first, known)
    act(visits.book, "C4D1", date(2025, 4, 15), reason="asked for")
    assert fetched() != first
    assert revision() != known


def test_with_a_mail_the_entry_has_the_mails_identifier_and_number(act, fetched, office, clock):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    uid = sent(office, clock)
    act(visits.book, "C4D1", date(2025, 4, 15), reason="asked for")

    event = vobject.readOne(fetched().decode()).vevent

    assert (event.uid.value, event.sequence.value, event.dtstart.value) == (uid, "1", date(2025, 4, 15))


def marks(content):
    """Of each entry: its identifier, number, stamp and first day."""
    found = vobject.readOne(content.decode()).contents.get("vevent", [])
    return [(e.uid.value, int(e.sequence.value), e.dtstamp.value, e.dtstart.value) for e in found]


def test_moved_after_the_mails_ended_an_entry_is_a_later_revision_of_the_mails_and_only_rises(
    act, fetched, office, clock
):
    """The mail told of 14 April, number 0; consent to mails is taken back, then the visit moves twice."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    uid = sent(office, clock)
    mailed = marks(fetched())
    act(contacts.agree, FEED)
    assert (marks(fetched()), mailed[0][:2]) == (mailed, (uid, 0))

    for day in (15, 16):
        clock.now += timedelta(hours=1)
        act(visits.book, "C4D1", date(2025, 4, day), reason="asked for")
        assert marks(fetched()) == [(uid, 1, clock.now, date(2025, 4, day))]


def test_whatever_is_agreed_to_and_however_it_ends_the_marks_of_an_entry_never_fall(
    act, fetched, office, clock, patient, version
):
    """Mailed, moved without mails, with mails again, without, ended, told by telephone: number, then stamp, rise."""
    act(contacts.write_contact, ZOE)
    both = replace(FEED, mail=Detail.STANDARD)
    acts = [
        lambda: act(contacts.agree, FEED),
        lambda: act(visits.book, "C4D1", date(2025, 4, 15), reason="asked for"),
        lambda: act(contacts.agree, both),
        lambda: sent(office, clock),
        lambda: act(contacts.agree, FEED),
        lambda: act(visits.book, "C4D1", date(2025, 4, 16), reason="asked for"),
        lambda: act(courses.end, clock.now.date(), Ended.LOST, "moved away"),
        lambda: cleared(office, patient, version()),
    ]
    act(contacts.agree, both)
    act(visits.book, "C4D1", MONDAY)
    uid = sent(office, clock)

    seen = [marks(fetched())[0]]
    for one in acts:
        clock.now += timedelta(hours=1)
        one()
        seen.append(marks(fetched())[0])

    assert {mark[0] for mark in seen} == {uid}
    assert [mark[1:3] for mark in seen] == sorted(mark[1:3] for mark in seen)
    assert [mark[1] for mark in seen] == [0, 0, 1, 1, 1, 1, 2, 2, 2]


def cleared(office, patient, version):
    with office.begin(NURSE) as work:
        messages.cleared(work, patient, version)


def test_what_was_given_back_without_mails_is_another_entry_when_it_is_booked_anew(
    act, fetched, office, clock, patient
):
    """And once mails are agreed to again, the old one is cancelled by mail, and the new one invited."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    uid = sent(office, clock)
    act(contacts.agree, FEED)
    act(visits.take_back, "C4D1", reason="asked for")
    clock.now += timedelta(hours=1)

    act(visits.book, "C4D1", date(2025, 4, 15), reason="asked for")

    states = {e.uid.value: e.status.value for e in vobject.readOne(fetched().decode()).contents["vevent"]}
    assert (states.pop(uid), set(states.values())) == ("CANCELLED", {"CONFIRMED"})
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    with office.look(NURSE) as work:
        waiting = [(one.kind, one.day, one.state) for one in messages.sent(work, patient)[1:]]
    assert waiting == [(Kind.CANCEL, MONDAY, Delivery.WAITING), (Kind.INVITE, date(2025, 4, 15), Delivery.WAITING)]


def test_in_fewer_words_than_the_mail_an_entry_keeps_the_mails_number_with_a_later_stamp(act, fetched, office, clock):
    """So the mail's next revision, number 1, is still the newer one to a calendar that has both."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "RES", date(2025, 6, 16))
    uid = sent(office, clock)
    clock.now += timedelta(hours=1)

    act(contacts.agree, Wishes(mail=Detail.STANDARD, feed=Detail.MINIMAL))

    assert marks(fetched()) == [(uid, 0, clock.now, date(2025, 6, 16))]
    assert entries(fetched()) == [(date(2025, 6, 16), "Afspraak in het ziekenhuis", "CONFIRMED")]


def test_the_calendar_file_marks_its_entries_as_the_feed_does(act, fetched, office, clock, case):
    """One that was mailed and one that was not; a later file has later numbers, so that programs take the new day."""
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    sent(office, clock)
    act(contacts.agree, FEED)
    act(visits.book, "C5D1", date(2025, 4, 28))

    def both():
        with office.look(NURSE) as work:
            mails = invitations.sent(work, case())
        return marks(fetched()), marks(invitations.of_case(invitations.Kind.ICS, case(), sent=mails))

    feed, file = both()
    assert (len(feed), set(feed) - set(file)) == (2, set())
    clock.now += timedelta(hours=1)
    act(visits.book, "C5D1", date(2025, 4, 29), reason="asked for")

    later, moved = both()
    assert set(later) - set(moved) == set()
    assert [(b[0] == a[0], b[1] > a[1], b[2] > a[2]) for a, b in zip(feed[1:], later[1:], strict=True)] == [
        (True, True, True)
    ]


def sent(office, clock):
    """Six minutes later the one message that is due was sent; its identifier."""
    clock.now += timedelta(minutes=6)
    with office.begin(NURSE) as work:
        row = outbox.take(work.session, work.now, work.now + timedelta(minutes=1))
        outbox.finish(work.session, row, Delivery.SENT, work.now)
        return row.uid


def test_a_cancelled_visit_stays_until_its_day_is_past(act, fetched, office, clock):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    sent(office, clock)
    act(visits.take_back, "C4D1", reason="asked for")

    clock.now = noon(4, 14)
    assert entries(fetched()) == [(MONDAY, "Geannuleerd: Afspraak in het ziekenhuis", "CANCELLED")]
    assert b"TRANSP:TRANSPARENT" in fetched()
    clock.now = noon(4, 15)
    assert entries(fetched()) == []


def test_what_was_given_back_and_never_mailed_is_cancelled_until_its_day_is_past(act, fetched, clock):
    """Booked, moved to the 15th, given back: the entry that a calendar has is a later revision of itself."""
    act(visits.book, "C4D1", MONDAY)
    clock.now += timedelta(hours=1)
    act(visits.book, "C4D1", date(2025, 4, 15), reason="asked for")
    (booked,) = marks(fetched())
    clock.now += timedelta(hours=1)

    act(visits.take_back, "C4D1", reason="asked for")

    (over,) = marks(fetched())
    assert (over[0], over[1] > booked[1], over[2]) == (booked[0], True, clock.now)
    assert faults(fetched()) == []
    clock.now = noon(4, 15)
    assert entries(fetched()) == [(date(2025, 4, 15), "Geannuleerd: Afspraak in het ziekenhuis", "CANCELLED")]
    clock.now = noon(4, 16)
    assert entries(fetched()) == []


def test_booked_again_it_is_one_entry_and_confirmed(act, fetched):
    act(visits.book, "C4D1", MONDAY)
    act(visits.take_back, "C4D1", reason="asked for")

    act(visits.book, "C4D1", date(2025, 4, 15))

    assert entries(fetched()) == [(date(2025, 4, 15), "Afspraak in het ziekenhuis", "CONFIRMED")]


def test_with_the_open_days_what_was_given_back_is_open_again_under_the_same_identifier(act, fetched):
    act(contacts.agree, replace(FEED, open_days=True))
    act(visits.book, "C4D1", MONDAY)
    act(visits.take_back, "C4D1", reason="asked for")

    found = vobject.readOne(fetched().decode()).contents["vevent"]
    assert len({e.uid.value for e in found}) == len(found)
    assert {e.status.value for e in found} == {"TENTATIVE"}


def test_given_back_after_the_mails_ended_the_mails_entry_is_cancelled_by_a_later_revision(act, fetched, office, clock):
    act(contacts.write_contact, ZOE)
    act(contacts.agree, replace(FEED, mail=Detail.STANDARD))
    act(visits.book, "C4D1", MONDAY)
    uid = sent(office, clock)
    act(contacts.agree, FEED)
    clock.now += timedelta(hours=1)

    act(visits.take_back, "C4D1", reason="asked for")

    ((found, number, stamp, day),) = marks(fetched())
    assert (found, number > 0, stamp, day) == (uid, True, clock.now, MONDAY)
    assert entries(fetched()) == [(MONDAY, "Geannuleerd: Afspraak in het ziekenhuis", "CANCELLED")]


def test_what_was_given_back_before_there_was_the_feed_is_not_told(act, office, patient, fetched, clock):
    act(visits.book, "C4D1", MONDAY)
    act(visits.take_back, "C4D1", reason="asked for")
    clock.now += timedelta(hours=1)
    with office.begin(NURSE) as work:
        new = feeds.make(work, patient)

    assert entries(fetched(new)) == []


def test_open_days_are_shown_to_those_who_want_them_whole_and_transparent(act, fetched):
    """Surgery: days 99 to 126 of Day 1, 3 March, are 9 June to 6 July 2025.

    The first is Whit Monday, the last two a weekend: 10 June to 4 July can be booked. A whole day's end is exclusive.
    """
    act(contacts.agree, replace(FEED, open_days=True))

    found = [e for e in vobject.readOne(fetched().decode()).contents["vevent"] if "Opname" in e.summary.value]

    assert [(e.dtstart.value, e.dtend.value, e.transp.value, e.status.value) for e in found] == [
        (date(2025, 6, 10), date(2025, 7, 5), "TRANSPARENT", "TENTATIVE")
    ]


@pytest.mark.parametrize("because", [Ended.DEATH, Ended.WITHDRAWAL])
def test_death_and_withdrawal_empty_it_at_once(act, fetched, clock, because):
    act(visits.book, "C4D1", MONDAY)
    assert len(entries(fetched())) == 1

    act(courses.end, date(2025, 2, 24), because, "told by telephone")

    assert entries(fetched()) == []
    assert faults(fetched()) == []
    clock.now = noon(3, 26)  # the 30th day after 24 February
    assert entries(fetched()) == []
    clock.now = noon(3, 27)
    assert fetched() is None


def test_consent_revoked_empties_it_at_once(act, fetched):
    act(visits.book, "C4D1", MONDAY)

    act(contacts.agree, Wishes())

    assert entries(fetched()) == []


def test_who_agreed_to_an_appointment_only_gets_no_title(act, fetched):
    act(visits.book, "C4D1", MONDAY)

    act(contacts.agree, Wishes(feed=Detail.MINIMAL))

    assert entries(fetched()) == [(MONDAY, "Afspraak in het ziekenhuis", "CONFIRMED")]


def test_what_took_place_stays_for_thirty_days(act, fetched, clock):
    clock.now = noon(3, 3)
    act(records.record, "C1D1", Record(State.OCCURRED, date(2025, 3, 3)), "the bloods were elsewhere")

    clock.now = noon(4, 2)
    assert [start for start, _, _ in entries(fetched())] == [date(2025, 3, 3)]
    clock.now = noon(4, 3)
    assert entries(fetched()) == []


def test_a_feed_is_not_made_without_consent(office, patient):
    with office.begin(NURSE) as work, pytest.raises(Refused, match="feed_not_agreed_to"):
        feeds.make(work, patient)


def test_a_new_address_ends_the_old_one(office, patient, fetched):
    with office.begin(NURSE) as work:
        new = feeds.make(work, patient)

    assert fetched() is None
    assert fetched(new) is not None


def test_a_revoked_feed_is_unknown(office, patient, fetched):
    with office.begin(NURSE) as work:
        feeds.revoke(work, patient)

    assert fetched() is None


def test_the_token_is_in_no_row(token, rows):
    assert token not in rows()
    assert len(token) == 43


def test_the_history_tells_of_a_feed_and_holds_no_token(office, patient, token, entries_told):
    with office.begin(NURSE) as work:
        feeds.make(work, patient)
        feeds.revoke(work, patient)

    assert entries_told() == [{"what": "made"}, {"what": "renewed"}, {"what": "revoked"}]


@pytest.fixture
def entries_told(entries):
    return lambda: [entry.new for entry in entries() if entry.entity == "feed:patient"]


# ---- the staff's own

CHAIR = Unit("", "chair", "Chair 1", tuple(Hours(n, time(8), time(17)) for n in range(5)))
ANNA, PIA = (
    Actor(login, name, role, frozenset({"01"}))
    for login, name, role in (("anna", "Anna Peeters", Role.NURSE), ("pia", "Pia Smets", Role.PHARMACIST))
)


@pytest.fixture
def chair(office):
    """A chair of site 01, and the accounts of a nurse and a pharmacist."""
    with office.begin(COMMAND_LINE) as work:
        for who in (ANNA, PIA):
            accounts.create(work, who)
        return sites.add_unit(work, "01", CHAIR)


@pytest.fixture
def made(office, chair):
    def make(by, kind, site="01", unit=""):
        with office.begin(by) as work:
            return feeds.make_own(work, kind, site, unit)

    return make


@pytest.fixture
def read(office):
    def fetch(token):
        with office.look(NOBODY) as work:
            found = feeds.opened(work, token)
            return entries(feeds.content(work, found)) if found is not None else None

    return fetch


def test_a_nurses_feed_holds_the_booked_visits_of_the_site_by_subject_number(act, made, read, office):
    act(contacts.write_contact, ZOE)
    act(visits.book, "SC2", date(2025, 2, 27))
    with office.begin(NURSE) as work:
        patients.enrol(work, wanted(subject_id="01-002"))

    found = read(made(ANNA, FeedKind.SITE))

    assert [(str(start), title) for start, title, _ in found] == [("2025-02-27", found[0][1])]
    assert re.fullmatch("01-001( · .+)?", found[0][1])


def test_the_pharmacys_feed_holds_what_the_protocol_gives_to_a_pharmacist(act, made, read, clock):
    """The apheresis is the only one of the two whose staff names a pharmacist."""
    act(visits.book, "C1P", date(2025, 2, 28))
    token = made(PIA, FeedKind.PHARMACY)
    assert read(token) == []

    act(visits.book, "AP", date(2025, 2, 27))

    assert [start for start, _, _ in read(token)] == [date(2025, 2, 27)]


def test_a_units_feed_holds_its_bookings(act, made, read, chair):
    act(visits.book, "C4D1", MONDAY, how=How(Start(time(9), chair.public_id)))
    act(visits.book, "C5P", date(2025, 4, 28))

    found = read(made(ANNA, FeedKind.UNIT, unit=chair.public_id))

    assert [str(start) for start, _, _ in found] == ["2025-04-14 07:00:00+00:00"]


@pytest.mark.parametrize(
    ("by", "kind", "site", "unit"),
    [
        (ANNA, FeedKind.PHARMACY, "01", ""),
        (PIA, FeedKind.SITE, "01", ""),
        (ANNA, FeedKind.SITE, "02", ""),
        (ANNA, FeedKind.UNIT, "01", ""),
        (ANNA, FeedKind.UNIT, "01", "A" * 22),
        (ANNA, FeedKind.SITE, "01", "A" * 22),
        (ANNA, FeedKind.PATIENT, "01", ""),
    ],
)
def test_nobody_gets_a_feed_that_is_not_theirs(made, by, kind, site, unit):
    with pytest.raises(NotFound):
        made(by, kind, site, unit)


def test_with_the_account_its_feeds_end(made, read, office):
    token = made(ANNA, FeedKind.SITE)
    with office.begin(COMMAND_LINE) as work:
        accounts.disable(work, accounts.account_of(work, "anna").public_id)

    assert read(token) is None


def test_only_its_owner_revokes_a_feed(made, read, office):
    token = made(ANNA, FeedKind.SITE)
    with office.look(ANNA) as work:
        (mine,) = feeds.own(work)

    with office.begin(PIA) as work, pytest.raises(NotFound):
        feeds.revoke_own(work, mine.public_id)
    with office.begin(ANNA) as work:
        feeds.revoke_own(work, mine.public_id)

    assert read(token) is None


def test_the_last_fetch_is_noted_by_day(office, patient, token):
    with office.begin(NOBODY) as work:
        feeds.used(work, feeds.opened(work, token))
    with office.look(NURSE) as work:
        assert feeds.of_patient(work, patient).used == datetime(2025, 2, 24).date()  # noqa: DTZ001
