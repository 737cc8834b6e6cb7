"""Which notices a recipient is owed. Day 1 is Monday 3 March 2025; today is Monday 31 March."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.disclosure import Arranged, Detail, Glimpse
from planner.core.facts import Facts
from planner.core.notices import (
    Delivery,
    Held,
    Kind,
    Message,
    Notice,
    Off,
    Recipient,
    Sight,
    Told,
    given_back,
    owed,
    reminded,
    sights,
    to_clear,
    to_phone,
)
from planner.core.patients import Ended
from planner.core.protocol import NOTHING, Stay
from planner.core.schedule import plan

from .small import DAY_1, OPEN, day, protocol, text, visit, within

TODAY = date(2025, 3, 31)
NEUTRAL = {"A": "Treatment", "B": "Scan", "C": "Check-up", "D": "Board"}
TRIAL = protocol(
    *(
        replace(visit(code, offset=offset, window=within(7, 7)), neutral=text(NEUTRAL[code]), duration=(60, 90))
        for code, offset in (("A", 29), ("B", 35), ("C", 42))
    ),
    replace(visit("D", offset=36), attended=False),
)
ANNA = Recipient("anna@home.example", "en", "St Luke", Detail.STANDARD)
BRUSSELS = "Europe/Brussels"
BOOKED = Facts(dates={"d1": DAY_1}).booked("A", day(30), time(9), BRUSSELS).booked("B", day(36))
"""A on Tuesday 1 April at 9:00, B on Monday 7 April without a time; C is not booked."""

AT_SEVEN = datetime(2025, 4, 1, 7, tzinfo=UTC)
A = Sight(Glimpse("Treatment", Arranged.BOOKED, day(30), day(30), time(9), BRUSSELS, 90, AT_SEVEN), "St Luke", "en")
B = Sight(Glimpse("Scan", Arranged.BOOKED, day(36), day(36), minutes=90), "St Luke", "en")


def planned(facts, today=TODAY):
    return plan(TRIAL, facts, OPEN, today)


def due(facts, told, recipient=ANNA, today=TODAY):
    return owed(planned(facts, today), told, recipient, today)


def told_of(facts, recipient=ANNA, sequence=0):
    """What was told of everything that is booked."""
    return {
        code: Told(f"uid-{code}", sequence, recipient.address, sight)
        for code, sight in sights(planned(facts), recipient, TODAY).items()
    }


TOLD = told_of(BOOKED)


def test_what_is_booked_is_invited_and_what_is_only_planned_is_not():
    assert due(BOOKED, {}) == (
        Notice(Kind.INVITE, "A", A, ANNA.address),
        Notice(Kind.INVITE, "B", B, ANNA.address),
    )


def test_what_the_patient_does_not_attend_is_nobodys_appointment():
    assert due(Facts(dates={"d1": DAY_1}).booked("D", day(37)), {}) == ()


def test_where_nothing_that_is_seen_differs_nothing_is_owed():
    other_unit = BOOKED.booked("A", day(30), time(9), BRUSSELS, "chair-2").confirmed("A", yes=True)

    assert (due(BOOKED, TOLD), due(other_unit, TOLD)) == ((), ())


@pytest.mark.parametrize(
    "facts",
    [
        BOOKED.booked("A", day(31), time(9), BRUSSELS),
        BOOKED.booked("A", day(30), time(9, 15), BRUSSELS),
        BOOKED.booked("A", day(30)),
        BOOKED.booked("A", day(30), time(9), "Europe/London"),
    ],
    ids=["another day", "another time", "no time any more", "another zone"],
)
def test_what_moves_is_told_as_an_update(facts):
    (notice,) = due(facts, TOLD)

    assert (notice.kind, notice.code, notice.told) == (Kind.UPDATE, "A", TOLD["A"])
    assert notice.sight == sights(planned(facts), ANNA, TODAY)["A"]
    assert notice.sight.before == TOLD["A"].sight.seen


def test_what_stays_on_its_day_and_hour_replaces_none():
    assert [n.sight.before for n in due(BOOKED, TOLD, replace(ANNA, place="St John"))] == [None, None]


def test_another_hospital_or_language_is_seen_too():
    elsewhere, in_dutch = replace(ANNA, place="St John"), replace(ANNA, language="nl")

    assert [n.kind for n in due(BOOKED, TOLD, elsewhere)] == [Kind.UPDATE] * 2
    assert [n.kind for n in due(BOOKED, TOLD, in_dutch)] == [Kind.UPDATE] * 2


def test_whoever_agreed_to_the_least_is_shown_no_title():
    least = replace(ANNA, detail=Detail.MINIMAL)

    assert [n.sight.seen.title for n in due(BOOKED, {}, least)] == ["", ""]
    assert [(n.kind, n.sight.seen.title) for n in due(BOOKED, TOLD, least)] == [(Kind.UPDATE, "")] * 2


@pytest.mark.parametrize(
    "facts", [BOOKED.planned("A"), BOOKED.omitted("A"), BOOKED.missed("A")], ids=["given back", "omitted", "missed"]
)
def test_what_will_not_take_place_is_canceled(facts):
    assert due(facts, TOLD) == (Notice(Kind.CANCEL, "A", A, ANNA.address, TOLD["A"]),)


def off(facts, told=TOLD, recipient=ANNA, today=TODAY):
    """What each cancelation leaves of the day."""
    return [n.sight.off for n in due(facts, told, recipient, today) if n.kind is Kind.CANCEL]


def test_a_cancelation_says_whether_anything_else_stands_on_that_day():
    """A and C are both on 1 April; B is alone on the 7th."""
    both = BOOKED.booked("C", day(30), time(14), BRUSSELS)

    assert off(both.planned("A"), told_of(both)) == [Off.BUSY]
    assert off(both.planned("B"), told_of(both)) == [Off.AGAIN]
    assert off(both.omitted("B"), told_of(both)) == [Off.FREE]
    assert off(BOOKED, recipient=replace(ANNA, address="anna@work.example")) == [Off.ELSEWHERE] * 2


def test_moved_and_told_at_another_address_the_old_one_reads_that_its_day_holds_no_more():
    moved = BOOKED.booked("A", day(31), time(9), BRUSSELS)

    assert off(moved, recipient=replace(ANNA, address="anna@work.example")) == [Off.MOVED, Off.ELSEWHERE]


@pytest.mark.parametrize(("nights", "left"), [(5, Off.AGAIN), (6, Off.BUSY)])
def test_within_a_stay_nobody_is_told_to_stay_away(nights, left):
    """A begins on 1 April: from there to B, on the 7th, are six nights."""
    staying = replace(TRIAL.by_code["A"], stay=Stay(nights, nights, nights))
    trial = replace(TRIAL, encounters=(staying, *TRIAL.encounters[1:]))
    before, after = (plan(trial, facts, OPEN, TODAY) for facts in (BOOKED, BOOKED.planned("B")))
    told = {code: Told(f"uid-{code}", 0, ANNA.address, one) for code, one in sights(before, ANNA, TODAY).items()}

    assert [(n.code, n.sight.off) for n in owed(after, told, ANNA, TODAY)] == [("B", left)]


def test_whoever_may_not_be_told_what_is_given_back_ends_its_entry_and_nothing_else_is_owed():
    """A is moved, B is given back."""
    nobody = replace(ANNA, address="", detail=Detail.MINIMAL)
    facts = BOOKED.booked("A", day(31), time(9), BRUSSELS).planned("B")

    assert [(n.kind, n.code) for n in given_back(planned(facts), TOLD, nobody, TODAY)] == [(Kind.CANCEL, "B")]


def test_a_call_on_that_day_keeps_nobody_busy():
    calling = replace(TRIAL, encounters=(*TRIAL.encounters[:2], replace(TRIAL.by_code["C"], resource="telephone")))
    facts = BOOKED.booked("C", day(30), time(14), BRUSSELS)
    before, after = (plan(calling, one, OPEN, TODAY) for one in (facts, facts.planned("A")))
    told = {code: Told(f"uid-{code}", 0, ANNA.address, sight) for code, sight in sights(before, ANNA, TODAY).items()}

    assert told["C"].sight.seen.by_phone
    assert [(n.code, n.sight.off) for n in owed(after, told, ANNA, TODAY)] == [("A", Off.AGAIN)]


def test_whoever_did_not_come_today_is_not_told_to_stay_away():
    assert due(BOOKED.missed("A"), TOLD, today=day(30)) == ()


def test_a_cancelation_says_no_more_than_is_agreed_to_now_and_names_the_number_that_holds_now():
    least = replace(ANNA, detail=Detail.MINIMAL, phone="+32 2 1")

    canceled = [n.sight for n in due(BOOKED.planned("A"), TOLD, least) if n.kind is Kind.CANCEL]

    assert [(sight.seen.title, sight.phone) for sight in canceled] == [("", "+32 2 1")]


def test_an_address_in_other_letters_is_the_same_mailbox():
    assert due(BOOKED, TOLD, replace(ANNA, address="Anna@Home.example")) == ()


def test_what_is_booked_after_a_cancelation_is_a_new_invitation():
    """The one who keeps what was told forgets a canceled entry: nothing follows a cancelation."""
    assert due(BOOKED, {"B": TOLD["B"]}) == (Notice(Kind.INVITE, "A", A, ANNA.address),)


def test_a_visit_that_the_protocol_no_longer_has_is_canceled():
    told = {**TOLD, "X": Told("uid-X", 3, ANNA.address, A)}

    assert due(BOOKED, told) == (Notice(Kind.CANCEL, "X", A, ANNA.address, told["X"]),)


def test_an_attendance_that_fulfils_two_visits_is_told_once():
    facts = BOOKED.booked("C", day(40))

    (gone, stays) = due(facts.combined("C", "B"), told_of(facts))

    assert (gone.kind, gone.code, gone.sight.seen.first) == (Kind.CANCEL, "C", day(40))
    assert (stays.kind, stays.code, stays.sight.seen.minutes) == (Kind.UPDATE, "B", 180)


# ---- what is past


def test_what_took_place_is_left_alone():
    assert due(BOOKED.occurred("A", day(30)), TOLD, today=day(30)) == ()
    assert due(BOOKED.occurred("A", day(30)), TOLD, today=day(33)) == ()


def test_what_took_place_on_another_day_is_canceled_where_it_still_stands_ahead():
    """Seen on 31 March instead of 1 April: the entry of tomorrow would bring the patient back."""
    assert [n.kind for n in due(BOOKED.occurred("A", day(29)), TOLD, today=day(29))] == [Kind.CANCEL]


@pytest.mark.parametrize("facts", [BOOKED, BOOKED.planned("A"), BOOKED.missed("A"), BOOKED.omitted("A")])
def test_a_day_that_is_past_is_never_told_again(facts):
    assert due(facts, TOLD, today=day(31)) == ()


def test_a_missed_visit_with_a_new_day_moves_its_entry():
    (notice,) = due(BOOKED.booked("A", day(35)), TOLD, today=day(31))

    assert (notice.kind, notice.code, notice.told) == (Kind.UPDATE, "A", TOLD["A"])


# ---- who is told


def test_nobody_is_told_anything_once_nobody_may_be():
    """No consent, no address, or the study has ended: not even what is canceled."""
    assert due(BOOKED.planned("A"), TOLD, recipient=None) == ()


def test_a_changed_address_is_canceled_at_the_old_one_and_invited_at_the_new_one():
    moved = replace(ANNA, address="anna@work.example")

    assert due(BOOKED, TOLD, moved) == (
        Notice(Kind.CANCEL, "A", A, ANNA.address, TOLD["A"]),
        Notice(Kind.CANCEL, "B", B, ANNA.address, TOLD["B"]),
        Notice(Kind.INVITE, "A", A, "anna@work.example"),
        Notice(Kind.INVITE, "B", B, "anna@work.example"),
    )


def test_at_a_new_address_nothing_is_said_of_what_is_past():
    moved = replace(ANNA, address="anna@work.example")

    assert [(n.kind, n.code) for n in due(BOOKED, TOLD, moved, today=day(31))] == [
        (Kind.CANCEL, "B"),
        (Kind.INVITE, "B"),
    ]


def test_a_title_that_the_protocol_does_not_give_is_no_title():
    plain = replace(TRIAL.by_code["A"], neutral=NOTHING)
    schedule = plan(protocol(plain), Facts(dates={"d1": DAY_1}).booked("A", day(30)), OPEN, TODAY)

    assert [n.sight.seen.title for n in owed(schedule, {}, ANNA, TODAY)] == [""]


@pytest.mark.parametrize("because", [*Ended, None])
def test_after_an_end_a_person_tells_what_the_calendar_still_shows_and_nobody_phones_the_dead(because):
    """On 2 April, A of 1 April is past."""
    held = tuple(Held(code, told) for code, told in TOLD.items())
    ahead = () if because in (None, Ended.DEATH) else (Held("B", TOLD["B"]),)

    assert to_clear(held, because, date(2025, 4, 2)) == ahead


# ---- reminders, and who must be phoned


@pytest.mark.parametrize(("today", "codes"), [(day(27), []), (day(28), ["A"]), (day(29), ["A"]), (day(30), [])])
def test_a_visit_is_reminded_of_from_two_days_before_it_and_not_on_its_day(today, codes):
    """A is on day 30."""
    assert [n.code for n in reminded(planned(BOOKED, today), TOLD, ANNA, today)] == codes


def test_nobody_is_reminded_of_what_they_were_not_told_or_told_for_another_day():
    moved = BOOKED.booked("A", day(31), time(9), BRUSSELS)

    assert reminded(planned(BOOKED), {}, ANNA, day(29)) == ()
    assert reminded(planned(moved), TOLD, ANNA, day(29)) == ()
    assert reminded(planned(BOOKED), TOLD, None, day(29)) == ()


def failed(kind, code, when):
    return Message("uid", kind, code, when, Delivery.FAILED, datetime(2025, 3, 31, tzinfo=UTC), "550 no such mailbox")


def test_of_what_failed_nothing_past_nothing_of_a_moved_reminder_and_nothing_after_the_end_is_phoned():
    """A is booked on day 30; its reminder for that day counts, one for the day before does not."""
    news = failed(Kind.CANCEL, "B", day(36))
    old, true, stale = (
        failed(Kind.INVITE, "A", day(28)),
        failed(Kind.REMINDER, "A", day(30)),
        failed(Kind.REMINDER, "A", day(31)),
    )

    assert to_phone(planned(BOOKED), (news, old, true, stale), TODAY) == (news, true)
    assert to_phone(planned(BOOKED.ending(day(29))), (news, true), TODAY) == ()


# ---- a rule for every sequence


def applied(told, notices, number):
    """The recipient's calendar after the notices, as a program keeps it: by identifier."""
    calendar = dict(told)
    for n, notice in enumerate(notices):
        if notice.kind is Kind.CANCEL:
            del calendar[notice.code]
        elif notice.kind is Kind.UPDATE:
            calendar[notice.code] = replace(notice.told, sequence=notice.told.sequence + 1, sight=notice.sight)
        else:
            calendar[notice.code] = Told(f"{number}.{n}", 0, notice.address, notice.sight)
    return calendar


ACTS = st.tuples(
    st.sampled_from("ABCD"), st.sampled_from(["book", "give back", "omit"]), st.integers(30, 45), st.integers(8, 10)
)


@given(st.lists(ACTS, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_whatever_is_done_the_calendar_shows_what_is_booked_and_a_second_look_owes_nothing(acts, told_now):
    """However many acts lie between two messages: after the next ones, calendar and bookings agree."""
    facts, calendar = Facts(dates={"d1": DAY_1}), {}
    for number, ((code, act, when, hour), tell) in enumerate(zip(acts, told_now, strict=False)):
        book = facts.booked(code, day(when), time(hour), BRUSSELS)
        facts = {"book": book, "give back": facts.planned(code), "omit": facts.omitted(code)}[act]
        if tell:
            calendar = applied(calendar, due(facts, calendar), number)
    calendar = applied(calendar, due(facts, calendar), "last")

    shown = {code: one.sight for code, one in calendar.items()}
    assert shown == sights(planned(facts), ANNA, TODAY)
    assert due(facts, calendar) == ()
    assert len({one.uid for one in calendar.values()}) == len(calendar)
