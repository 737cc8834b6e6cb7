"""Which visits a feed holds today, as values. Day 1 is 3 March 2025."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from planner.core.calendar import Calendar
from planner.core.disclosure import Arranged, Detail, Glimpse
from planner.core.facts import Fact, Facts, State
from planner.core.feeds import Feed, FeedKind, Sent, Shown, shown, staff_shown
from planner.core.notices import Sight
from planner.core.patients import Ended, Patient, Site, Wishes
from planner.core.schedule import plan
from planner.services.protocols import shipped

STAMP = datetime(2025, 3, 1, tzinfo=UTC)
MONDAY = date(2025, 4, 14)
FEED = Wishes(feed=Detail.STANDARD)
PATIENT = Patient(
    public_id="p",
    subject_id="01-001",
    site=Site("01", "Brussels", "Europe/Brussels"),
    protocol=("NCT03310008", "0.1 illustrative"),
    dose_level=1,
    phase="escalation",
    language="nl",
    seed="seed",
    enrolled=STAMP,
    changed=STAMP,
    version=1,
)
BOOKED = Fact(State.BOOKED, MONDAY, time(9), "Europe/Brussels")
AT_SEVEN = datetime(2025, 4, 14, 7, tzinfo=UTC)
NEUTRAL = Glimpse("", Arranged.BOOKED, MONDAY, MONDAY, time(9), "Europe/Brussels", 270, AT_SEVEN)
TITLED = replace(NEUTRAL, title="Opname in het ziekenhuis", first=date(2025, 4, 21), last=date(2025, 4, 21))


def planned(today=date(2025, 3, 10), ended=None, **visits):
    known = Facts(
        dates={"day_one": date(2025, 3, 3), "registration": date(2025, 2, 24)},
        visits={code: replace(BOOKED, unit=unit) for code, unit in visits.items()},
        ended=ended,
    )
    return plan(next(iter(shipped().values())), known, Calendar(), today)


def sent(seen=NEUTRAL, sequence=1, language="nl", *, over=False):
    return Sent("C4D1", f"uid-{sequence}", sequence, STAMP, Sight(seen, "Brussels", language), over)


def test_a_booked_visit_carries_the_revision_that_a_mail_told_of():
    told = sent()

    assert shown(planned(C4D1=""), [told], FEED, PATIENT, date(2025, 3, 10)) == (Shown("C4D1", NEUTRAL, told),)


def test_what_was_canceled_and_booked_anew_on_the_same_hour_is_held_once():
    gone, told = sent(sequence=1, over=True), sent(sequence=2)

    assert shown(planned(C4D1=""), [gone, told], FEED, PATIENT, date(2025, 3, 10)) == (Shown("C4D1", NEUTRAL, told),)


@pytest.mark.parametrize(
    ("detail", "language", "title"),
    [
        (Detail.STANDARD, "nl", "Opname in het ziekenhuis"),
        (Detail.MINIMAL, "nl", ""),
        (Detail.STANDARD, "fr", ""),
    ],
)
def test_what_was_canceled_is_shown_in_the_words_that_hold_now(detail, language, title):
    """Its title was written in Dutch: a patient who reads French now is told of an appointment."""
    who = replace(PATIENT, language=language)

    (gone,) = shown(planned(), [sent(TITLED, over=True)], Wishes(feed=detail), who, date(2025, 3, 10))

    assert (gone.over, gone.seen) == (True, replace(TITLED, title=title))


def test_nothing_is_held_without_consent_or_after_a_withdrawal():
    withdrew = replace(PATIENT, ended=date(2025, 3, 9), ended_because=Ended.WITHDRAWAL)

    assert shown(planned(C4D1=""), [sent(over=True)], Wishes(), PATIENT, date(2025, 3, 10)) == ()
    assert shown(planned(ended=date(2025, 3, 9)), [sent(over=True)], FEED, withdrew, date(2025, 3, 10)) == ()


@pytest.mark.parametrize(("today", "ended"), [(date(2025, 4, 8), False), (date(2025, 4, 9), True)])
def test_a_feed_ends_thirty_days_after_the_study(today, ended):
    """9 March and 30 days are 8 April."""
    found = shown(planned(today, date(2025, 3, 9)), [], FEED, PATIENT, today)

    assert (found is None) is ended


@pytest.mark.parametrize(("days", "ended"), [(30, False), (31, True)])
def test_where_all_is_done_a_feed_ends_thirty_days_after_the_last_visit(days, ended):
    """All visits took place, the last on 14 April, or fell away: as after a study without an end on record."""
    took_place = {"state": State.OCCURRED, "fact": Fact(State.OCCURRED, MONDAY)}
    fell_away = {"state": State.CANCELED, "fact": None}
    done = (replace(v, **(took_place if v.code == "C4D1" else fell_away)) for v in planned().visits)
    schedule = replace(planned(), visits=tuple(done))

    found = shown(schedule, [], FEED, PATIENT, MONDAY + timedelta(days=days))

    assert (found is None) is ended


@pytest.mark.parametrize(
    ("kind", "unit", "codes"),
    [
        (FeedKind.SITE, "", ["C4D1", "N1"]),
        (FeedKind.PHARMACY, "", ["N1"]),
        (FeedKind.UNIT, "chair 1", ["C4D1"]),
        (FeedKind.UNIT, "chair 3", []),
    ],
)
def test_a_feed_of_the_staff_holds_what_concerns_it(kind, unit, codes):
    feed = Feed("f", kind, STAMP, "Anna", login="anna", site="01", unit=unit)

    held = list(staff_shown(planned(C4D1="chair 1", N1="chair 2"), PATIENT, feed, date(2025, 3, 10)))

    assert [one.code for one in held] == codes
    assert all(one.seen.title.startswith("01-001") for one in held)


@pytest.mark.parametrize("wanted", [True, False])
def test_what_is_still_to_be_arranged_is_held_for_those_who_want_it(wanted):
    held = shown(planned(), [], replace(FEED, open_days=wanted), PATIENT, date(2025, 3, 10))

    assert ("RES" in [one.code for one in held]) is wanted


# ---- beside a mail, and without one


def entry(seen, told=NEUTRAL, *, over=False):
    return Shown("C4D1", seen, sent(told), over=over)


@pytest.mark.parametrize(
    ("seen", "moved", "reworded"),
    [
        (NEUTRAL, False, False),
        (replace(NEUTRAL, title="Opname in het ziekenhuis"), False, True),
        (replace(NEUTRAL, instant=None), False, False),
        (replace(NEUTRAL, first=date(2025, 4, 15), last=date(2025, 4, 15)), True, True),
        (replace(NEUTRAL, at=time(10), instant=AT_SEVEN + timedelta(hours=1)), True, True),
        (replace(NEUTRAL, minutes=60), True, True),
        (replace(NEUTRAL, arranged=Arranged.TOOK_PLACE), True, True),
    ],
)
def test_an_entry_is_told_as_news_where_it_says_what_the_mail_did_not(seen, moved, reworded):
    """The title alone is no other revision, and an instant that was not known then is no news."""
    assert (entry(seen).moved, entry(seen).reworded) == (moved, reworded)


def test_canceled_without_a_mail_it_is_news_and_without_any_mail_nothing_is():
    assert (entry(NEUTRAL, over=True).moved, Shown("C4D1", NEUTRAL, over=True).moved) == (True, False)


@pytest.mark.parametrize(
    ("given_back", "mails", "held"),
    [
        ({"C4D1": BOOKED}, (), [("C4D1", MONDAY, True)]),
        ({"C4D1": BOOKED}, (sent(over=True),), [("C4D1", MONDAY, True)]),
        ({"C4D1": replace(BOOKED, day=date(2025, 3, 9))}, (), []),
        ({"C4D1": replace(BOOKED, day=date(2025, 3, 30), at=time(2, 30))}, (), []),
        ({"an older protocol's": BOOKED}, (), []),
        ({"MDT": BOOKED}, (), []),
    ],
    ids=["given back", "a mail canceled it", "past", "an hour that the clocks skip", "unknown", "nobody attends"],
)
def test_what_was_given_back_is_held_as_canceled_once_until_its_day_is_past(given_back, mails, held):
    found = shown(planned(), mails, FEED, PATIENT, date(2025, 3, 10), given_back)

    assert [(one.code, one.seen.first, one.over) for one in found] == held


def test_what_was_booked_when_the_study_ended_is_held_as_canceled():
    found = shown(planned(ended=date(2025, 3, 9), C4D1=""), (), FEED, PATIENT, date(2025, 3, 10))

    assert [(one.code, one.seen.first, one.over) for one in found] == [("C4D1", MONDAY, True)]


def test_whoever_did_not_come_reads_of_no_cancelation():
    missed = (replace(v, state=State.MISSED) if v.code == "C4D1" else v for v in planned().visits)
    schedule = replace(planned(), visits=tuple(missed))

    assert shown(schedule, [], FEED, PATIENT, date(2025, 3, 10), {"C4D1": BOOKED}) == ()
