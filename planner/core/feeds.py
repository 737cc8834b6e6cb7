"""Calendar feeds: whose visits each one shows, and which of them a calendar may hold today. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from planner.core.disclosure import Arranged, Detail, for_staff, glimpse, secret_words
from planner.core.facts import State
from planner.core.notices import alike
from planner.core.patients import Ended
from planner.core.staff import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from planner.core.disclosure import Glimpse
    from planner.core.facts import Fact
    from planner.core.notices import Sight
    from planner.core.patients import Patient, Wishes
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit

PAST = timedelta(days=30)
"""How long a feed keeps what took place, and how long it lives on after the last visit."""

SILENT = (Ended.DEATH, Ended.WITHDRAWAL)
"""Ends after which nothing of the patient is shown any more, not even what took place."""

GIVEN_BACK = (State.PLANNED, State.CANCELED, State.NOT_APPLICABLE)
"""Where a visit can stand whose booking is none any more."""

NOTHING_GIVEN_BACK: Mapping[str, Fact] = MappingProxyType({})

PREPARES = "pharmacist"
"""Who takes part in a visit that the pharmacy prepares for, as the protocol names its staff."""


class FeedKind(StrEnum):
    """Whose visits: of one patient, of a site, those of a site that the pharmacy prepares for, those of one unit."""

    PATIENT = "patient"
    SITE = "site"
    PHARMACY = "pharmacy"
    UNIT = "unit"


MAKERS = {
    FeedKind.SITE: frozenset({Role.NURSE, Role.INVESTIGATOR}),
    FeedKind.PHARMACY: frozenset({Role.PHARMACIST}),
    FeedKind.UNIT: frozenset({Role.NURSE, Role.INVESTIGATOR, Role.PHARMACIST}),
}
"""Who may have a feed of that kind; whoever loses the role or the site has none from then on."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is kept, its token apart: of a patient (public id), or of a person (`login`) and a site or unit."""

    public_id: str
    kind: FeedKind
    made: datetime
    made_by: str
    patient: str = ""
    login: str = ""
    site: str = ""
    unit: str = ""
    used: date | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The newest revision of an entry of which a mail was made; `over`: it was canceled."""

    code: str
    uid: str
    sequence: int
    stamp: datetime
    sight: Sight
    over: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of a feed: what it says, and the revision that a mail told of (None: no mail ever did)."""

    code: str
    seen: Glimpse
    sent: Sent | None = None
    over: bool = False

    @property
    def reworded(self) -> bool:
        """Whether it says anything that the mail did not: the same day and hour under another title, or more."""
        return self.sent is not None and (self.moved or self.seen.title != self.sent.sight.seen.title)

    @property
    def moved(self) -> bool:
        """Whether it says of another day, hour or length than the mail did, or that it took place or was canceled.

        The title apart: how much may be told is agreed for mails and feeds each, and is no revision of the visit.
        """
        if self.sent is None:
            return False
        seen = replace(self.seen, title=self.sent.sight.seen.title)
        return self.over != self.sent.over or not alike(self.sent.sight, replace(self.sent.sight, seen=seen))


def entry_of(code: str, seen: Glimpse, sent: Mapping[str, Sent]) -> Shown:
    """The entry of a visit, with the mail that told of it; no mail tells of what is still to be arranged."""
    return Shown(code, seen, sent.get(code) if seen.arranged is not Arranged.NOT_YET else None)


def in_force(sent: Iterable[Sent]) -> dict[str, Sent]:
    """The revisions that hold, by visit: those that were canceled apart."""
    return {one.code: one for one in sent if not one.over}


def shown(  # whatever a feed hangs on
    schedule: Schedule,
    sent: Iterable[Sent],
    wishes: Wishes,
    patient: Patient,
    today: date,
    given_back: Mapping[str, Fact] = NOTHING_GIVEN_BACK,
) -> tuple[Shown, ...] | None:
    """What the patient's feed holds today; None once it has ended: 30 days after the last visit, or after the study.

    `given_back` are the last bookings, by visit, that were given back since the feed was made.
    Nothing at once where the patient no longer agrees to it, withdrew or died: an empty calendar clears their own.
    """
    if _ended(schedule, today):
        return None
    if wishes.feed is None or patient.ended_because in SILENT:
        return ()
    known = tuple(sent)
    live = tuple(_live(schedule, known, wishes, patient.language, today))
    taken = {(one.code, one.seen.first, one.seen.at) for one in live}
    there = {one.code for one in live}
    unmailed = _unmailed(schedule, known, {**_ended_with(schedule), **given_back}, wishes.feed, patient.language)
    kept = (one for one in unmailed if one.seen.last >= today and (one.sent is not None or one.code not in there))
    gone = (*_gone(known, wishes.feed, patient.language, today), *kept)
    return (*live, *(one for one in gone if (one.code, one.seen.first, one.seen.at) not in taken))


def _ended(schedule: Schedule, today: date) -> bool:
    """Whether 30 days have passed since the study ended for the patient or, all being done, since the last visit."""
    if schedule.facts.ended is not None:
        return today > schedule.facts.ended + PAST
    if any(visit.to_come for visit in schedule.visits):
        return False
    last = max((visit.occurred for visit in schedule.visits if visit.occurred is not None), default=today)
    return today > last + PAST


def _live(schedule: Schedule, sent: tuple[Sent, ...], wishes: Wishes, language: str, today: date) -> Iterator[Shown]:
    """Every visit that is booked or took place; what is still to be arranged where the patient wants to see it."""
    secret = secret_words(schedule.protocol)
    told = in_force(sent)
    for visit in schedule.visits:
        seen = glimpse(visit, secret, language, wishes.feed or Detail.MINIMAL)
        if seen is None or seen.last < today - PAST or skipped(seen):
            continue
        if seen.arranged is not Arranged.NOT_YET or wishes.open_days:
            yield entry_of(visit.code, seen, told)


def _gone(sent: tuple[Sent, ...], detail: Detail, language: str, today: date) -> Iterator[Shown]:
    """What was canceled, until its day is past; its title only in the words that hold now."""
    for one in sent:
        if one.over and one.sight.seen.last >= today:
            plain = detail is Detail.MINIMAL or one.sight.language != language
            seen = replace(one.sight.seen, title="") if plain else one.sight.seen
            yield Shown(one.code, seen, one, over=True)


def _ended_with(schedule: Schedule) -> dict[str, Fact]:
    """The bookings that nobody gave back and that hold no more, as where the study ended for the patient."""
    booked = ((visit.code, visit.fact) for visit in schedule.visits if visit.state in GIVEN_BACK)
    return {code: fact for code, fact in booked if fact is not None and fact.state is State.BOOKED}


def _unmailed(
    schedule: Schedule, sent: tuple[Sent, ...], given_back: Mapping[str, Fact], detail: Detail, language: str
) -> Iterator[Shown]:
    """What was given back and no mail canceled; what was booked again, or has an end of another kind, is told so."""
    secret, told = secret_words(schedule.protocol), in_force(sent)
    canceled = {(one.code, one.sight.seen.first) for one in sent if one.over}
    for code, fact in given_back.items():
        visit = schedule.by_code.get(code)
        if visit is None or visit.state not in GIVEN_BACK or (code, fact.day) in canceled:
            continue
        seen = glimpse(replace(visit, state=State.BOOKED, fact=fact, flags=()), secret, language, detail)
        if seen is not None and not skipped(seen):
            yield replace(entry_of(code, seen, told), over=True)


def staff_shown(schedule: Schedule, patient: Patient, feed: Feed, today: date) -> Iterator[Shown]:
    """The visits of one patient that a feed of the staff holds today: those with an agreed day, by subject number."""
    secret = secret_words(schedule.protocol)
    for visit in schedule.visits:
        seen = for_staff(visit, patient.subject_id, secret)
        if seen is not None and seen.last >= today - PAST and _concerns(visit, feed) and not skipped(seen):
            yield Shown(visit.code, seen)


def skipped(seen: Glimpse) -> bool:
    """Whether new time-zone rules skip the time that was booked: no calendar can show it until a person moves it."""
    return seen.at is not None and seen.zone is not None and seen.instant is None


def _concerns(visit: Visit, feed: Feed) -> bool:
    if feed.kind is FeedKind.UNIT:
        return visit.fact is not None and visit.fact.unit == feed.unit
    if feed.kind is FeedKind.PHARMACY:
        return any(PREPARES in one.staff for one in (visit.encounter, *visit.guests))
    return True
