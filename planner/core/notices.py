"""Who must be told what: a recipient's calendar as they saw it last, beside what it should show now.

A notice is owed where something that the recipient sees differs, and nowhere else (reference: RFC 5546, 2.1.4). Times
of sending, identifiers and numbers of revisions are given by the caller: here is only which notices are owed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from planner.core.disclosure import Arranged, Detail, glimpse, preparation, secret_words
from planner.core.facts import State
from planner.core.patients import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from planner.core.disclosure import Glimpse
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit


AHEAD = timedelta(days=2)
"""How long before a visit its reminder is sent."""


class Delivery(StrEnum):
    """Where a message stands: waiting, sent, failed for good, overtaken by a newer one, or told by telephone."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    OVERTAKEN = "overtaken"
    TOLD = "told"


class Kind(StrEnum):
    """What a notice asks of the recipient's calendar."""

    INVITE = "invite"
    UPDATE = "update"
    CANCEL = "cancel"
    LINK = "link"
    """No notice: a link to the patient's own page, which they asked for."""
    REMINDER = "reminder"
    """Nothing: a mail in words alone, some days before the visit."""


class Off(StrEnum):
    """What a cancelation leaves of the day: nothing else, another attendance, or the visit still to be arranged anew.

    Or the visit goes on and is told at another address from now on: as it was, or moved to another day or hour.
    """

    FREE = "free"
    BUSY = "busy"
    AGAIN = "again"
    ELSEWHERE = "elsewhere"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that a recipient sees of one attendance: what may be shown of it, where, and in which language.

    `phone` is the number to call, `ready` how to get ready. They stand in messages; that the clinic has another number,
    or words the preparation anew, is no news of the visit. `before` is what an update finds on another day or at
    another hour, `off` what a cancelation leaves of the day. `link`, a secret, is the address of the patient's own
    page, in a message that says nothing else.
    """

    seen: Glimpse
    place: str
    language: str
    phone: str = field(default="", compare=False)
    ready: str = field(default="", compare=False)
    before: Glimpse | None = field(default=None, compare=False)
    off: Off | None = field(default=None, compare=False)
    link: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient was told last of one attendance, at which address, under which identifier and number."""

    uid: str
    sequence: int
    address: str
    sight: Sight


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that the recipient's calendar shows, as far as anybody knows: of which visit, and what it says."""

    code: str
    told: Told

    @property
    def seen(self) -> Glimpse:
        """What it says of the visit."""
        return self.told.sight.seen


@dataclass(frozen=True, slots=True)
class Notice:
    """One message owed: for the attendance `code`, what it shows, and what was told before it (None: nothing).

    A cancelation shows what was told last. It ends the identifier: what is booked later is a new invitation.
    """

    kind: Kind
    code: str
    sight: Sight
    address: str
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What became of one message: of which visit and day, how far it got and when (UTC), and why no further."""

    uid: str
    kind: Kind
    code: str
    day: date
    state: Delivery
    at: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: at which address, in which language and how much, as the consent on record has it."""

    address: str
    language: str
    place: str
    detail: Detail
    phone: str = ""


def sights(schedule: Schedule, recipient: Recipient, today: date) -> dict[str, Sight]:
    """What the recipient's calendar should show from today on: every booked attendance, and nothing that is open."""
    secret = secret_words(schedule.protocol)
    found = {}
    for visit in schedule.visits:
        seen = glimpse(visit, secret, recipient.language, recipient.detail)
        if seen is not None and seen.arranged is Arranged.BOOKED and seen.first >= today:
            ready = preparation(visit, secret, recipient.language, recipient.detail)
            found[visit.code] = Sight(seen, recipient.place, recipient.language, recipient.phone, ready)
    return found


def alike(one: Sight, other: Sight) -> bool:
    """Whether a recipient sees the same in both; an instant that one of them does not know is no news."""
    if one.seen.instant is None or other.seen.instant is None:
        one, other = (replace(sight, seen=replace(sight.seen, instant=None)) for sight in (one, other))
    return one == other


def owed(schedule: Schedule, told: Mapping[str, Told], recipient: Recipient | None, today: date) -> tuple[Notice, ...]:
    """The notices that bring the recipient's calendar to what it should show; none where nobody may be told.

    No recipient: no consent, no address, or the study has ended for the patient, which silences everything at once.
    What is past is left alone. At another address everything is canceled at the old one and invited anew.
    """
    if recipient is None:
        return ()
    now = sights(schedule, recipient, today)
    gone = (code for code in told if _over(schedule, told[code], code, now.get(code), recipient, today))
    canceled = [_canceled(schedule, code, told[code], now, recipient) for code in gone]
    return (*canceled, *_shown(now, told, recipient))


def given_back(schedule: Schedule, told: Mapping[str, Told], recipient: Recipient, today: date) -> tuple[Notice, ...]:
    """Of what is owed the ends of what is booked no more: a booking after it is another entry, whoever may be told."""
    kept = (Off.ELSEWHERE, Off.MOVED)
    return tuple(one for one in owed(schedule, told, recipient, today) if one.sight.off not in (None, *kept))


def following(sequence: int) -> int:
    """The number of the revision after it (RFC 5546, 2.1.4), for a mail and a feed alike.

    What a feed shows without a mail and the mail that follows it may share a number: then the later stamp holds.
    """
    return sequence + 1


def _canceled(schedule: Schedule, code: str, told: Told, now: Mapping[str, Sight], recipient: Recipient) -> Notice:
    """The cancelation of what was told: in no more words than are agreed to now, with the number that holds now."""
    off = _off(told.sight.seen, now.get(code), now.values(), schedule.by_code.get(code))
    title = told.sight.seen.title if recipient.detail is Detail.STANDARD else ""
    seen = replace(told.sight.seen, title=title)
    sight = replace(told.sight, seen=seen, phone=recipient.phone, before=None, off=off)
    return Notice(Kind.CANCEL, code, sight, told.address, told)


def _off(told: Glimpse, now: Sight | None, every: Iterable[Sight], visit: Visit | None) -> Off:
    if now is not None:
        return Off.ELSEWHERE if _time_of(now.seen) == _time_of(told) else Off.MOVED
    others = (one.seen for one in every if not one.seen.by_phone)
    there = any(seen.first <= told.first <= seen.last + timedelta(days=seen.nights) for seen in others)
    if there:
        return Off.BUSY
    return Off.AGAIN if visit is not None and visit.state is State.PLANNED else Off.FREE


def _time_of(seen: Glimpse) -> tuple[object, ...]:
    """The day and the hour."""
    return (seen.first, seen.at, seen.zone)


def mailbox(address: str) -> str:
    """How addresses are compared: nobody has two mailboxes that differ in capital letters alone."""
    return address.strip().casefold()


def same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to one mailbox."""
    return mailbox(one) == mailbox(other)


def left(held: Iterable[Held], today: date) -> tuple[Held, ...]:
    """What the recipient's calendar shows of today and later, by day: it stays there once nothing may be sent."""
    return tuple(sorted((one for one in held if one.seen.first >= today), key=lambda one: one.seen.first))


def to_clear(held: Iterable[Held], because: Ended | None, today: date) -> tuple[Held, ...]:
    """What is left in the calendar of somebody for whom the study ended: as nothing is mailed, a person tells them.

    `because` is why it ended (None: it did not). Nobody phones those who died.
    """
    return () if because in (None, Ended.DEATH) else left(held, today)


def reminded(
    schedule: Schedule, told: Mapping[str, Told], recipient: Recipient | None, today: date
) -> tuple[Notice, ...]:
    """The reminders of what lies ahead within `AHEAD` days, of visits that the recipient was told of on their day."""
    if recipient is None:
        return ()
    soon = {code: sight for code, sight in sights(schedule, recipient, today).items() if _soon(sight, today)}
    known = {code for code, last in told.items() if code in soon and last.sight.seen.first == soon[code].seen.first}
    return tuple(Notice(Kind.REMINDER, code, sight, recipient.address) for code, sight in soon.items() if code in known)


def _soon(sight: Sight, today: date) -> bool:
    return today < sight.seen.first <= today + AHEAD


def to_phone(schedule: Schedule, failed: Iterable[Message], today: date) -> tuple[Message, ...]:
    """Of the messages that could not be delivered, those that a person must still tell the patient.

    Nothing of what is past, nothing once the study ended, and no reminder of a visit that is on another day by now.
    """
    if schedule.facts.ended is not None:
        return ()
    booked = {visit.code: visit.booked for visit in schedule.visits}
    return tuple(
        one for one in failed if one.day >= today and (one.kind is not Kind.REMINDER or booked.get(one.code) == one.day)
    )


def _over(  # what the end of an entry hangs on
    schedule: Schedule, told: Told, code: str, now: Sight | None, recipient: Recipient, today: date
) -> bool:
    """Whether what was told lies ahead and holds no more, or is told at another address from now on."""
    ahead = told.sight.seen.first >= today
    if now is not None:
        return ahead and not same_address(told.address, recipient.address)
    visit = schedule.by_code.get(code)
    came = visit is not None and visit.state is State.OCCURRED and visit.day == told.sight.seen.first
    missed = visit is not None and visit.state is State.MISSED and told.sight.seen.first == today
    return ahead and not came and not missed


def _shown(now: Mapping[str, Sight], told: Mapping[str, Told], recipient: Recipient) -> Iterator[Notice]:
    for code, sight in now.items():
        known = told.get(code)
        if known is None or not same_address(known.address, recipient.address):
            yield Notice(Kind.INVITE, code, sight, recipient.address)
        elif not alike(known.sight, sight):
            yield Notice(Kind.UPDATE, code, _beside(sight, known.sight.seen), known.address, known)


def _beside(sight: Sight, before: Glimpse) -> Sight:
    """The sight with what it replaces, where that was on another day or at another hour."""
    return replace(sight, before=before) if _time_of(before) != _time_of(sight.seen) else sight
