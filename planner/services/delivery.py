"""Sending what is owed: one message after another, by any number of workers; what cannot be sent is told by phone.

A message is taken for a while, built and posted outside of every transaction, and marked. A worker that dies in between
leaves it to the next one, which sends the same bytes again: at least once on the wire, once in the calendar.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from planner.core.errors import PlannerError
from planner.core.notices import Delivery, Kind, reminded
from planner.core.portal import LINK_LASTS
from planner.core.staff import POSTMAN
from planner.exports.entry import Mark
from planner.exports.invite import Post
from planner.exports.mail import mail
from planner.post import Outcome, Result
from planner.services.cases import case_of
from planner.services.telling import SETTLES, recipient
from planner.store import deliveries, outbox, patients

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from planner.core.notices import Notice
    from planner.core.patients import Patient
    from planner.post import Send
    from planner.services.work import Office, Work
    from planner.store.outbox import Taken

LOG = logging.getLogger("planner.delivery")
LEASE = timedelta(seconds=60)
"""For how long a message is one worker's: longer than any posting takes."""

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""From one try to the next; the last one again and again."""

SPREAD = 0.5
"""Each wait is up to so much shorter or longer by chance, so that not everything comes back at the same moment."""

GIVEN_UP = timedelta(hours=24)
LAST_ZONE = timedelta(hours=12)
"""How far behind UTC a day ends last."""

NINE = 9
"""The hour of the site from which reminders are sent."""

REMINDERS = UUID("b7a4a3f0-6b0e-4f0e-9a53-0a4f6f0d5c11")
"""Names reminders apart from everything else."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """How messages are sent: by what, from which address, with which chance (0 up to 1).

    Each is taken for as long as it says, and tried again after those waits.
    """

    send: Send
    sender: str
    chance: Callable[[], float]
    lease: timedelta = LEASE
    back_off: tuple[timedelta, ...] = BACK_OFF


def drain(office: Office, mailing: Mailing, stopped: Callable[[], bool]) -> int:
    """Send everything that is due, or until it is to stop: how many messages were tried."""
    with office.look(POSTMAN) as work:
        if not outbox.due(work.session, work.now):
            return 0
    tried = 0
    while not stopped() and deliver(office, mailing):
        tried += 1
    return tried


def deliver(office: Office, mailing: Mailing) -> bool:
    """Send the next message that is due; False where there is none."""
    with office.begin(POSTMAN) as work:
        taken = outbox.take(work.session, work.now, work.now + mailing.lease)
        now = work.now
    if taken is None:
        return False
    outcome = _posted(taken, mailing) if not _past(taken, now) else None
    with office.begin(POSTMAN) as work:
        _mark(work, taken, outcome, mailing)
    return True


def _past(taken: Taken, now: datetime) -> bool:
    """Whether nobody needs it any more: the day that it tells of is over, or the time of the link that it holds.

    A day of no zone is over once it is over everywhere, twelve hours west of Greenwich too.
    """
    if taken.kind is Kind.LINK:
        return now >= taken.stamp + LINK_LASTS
    seen = taken.sight.seen
    here = now.astimezone(ZoneInfo(seen.zone)) if seen.zone else now - LAST_ZONE
    return seen.last < here.date()


def _posted(taken: Taken, mailing: Mailing) -> Outcome:
    """What came of it; a message that cannot even be built must not stop the others."""
    name = taken.sight.place
    try:
        mark = Mark(taken.uid, taken.sequence, taken.stamp)
        message = mail(taken.kind, taken.sight, mark, Post(mailing.sender, name, taken.address, taken.alarm))
    except Exception as error:  # noqa: BLE001  # whatever it is, a person must telephone
        LOG.error("message %s cannot be built: %s", taken.key, type(error).__name__)  # noqa: TRY400  # it names people
        return Outcome(Result.REFUSED, "the message could not be written")
    return mailing.send(message)


def _mark(work: Work, taken: Taken, outcome: Outcome | None, mailing: Mailing) -> None:
    """Write down what came of it."""
    if outcome is None:
        outbox.finish(work.session, taken, Delivery.OVERTAKEN, work.now)
    elif outcome.result is Result.SENT:
        outbox.finish(work.session, taken, Delivery.SENT, work.now)
    elif outcome.result is Result.REFUSED or _long_enough(taken, work.now, mailing):
        outbox.finish(work.session, taken, Delivery.FAILED, work.now, outcome.reason)
    else:
        outbox.postpone(work.session, taken, _next_try(taken, work.now, mailing), outcome.reason)


def _long_enough(taken: Taken, now: datetime, mailing: Mailing) -> bool:
    """Whether it was tried for a day: one that waited for a worker, and not for its server, has its tries before it."""
    waits = (_wait(tries, mailing) for tries in range(1, taken.attempts))
    return now >= taken.stamp + GIVEN_UP and sum(waits, timedelta(0)) * (1 + SPREAD) >= GIVEN_UP - SETTLES


def _next_try(taken: Taken, now: datetime, mailing: Mailing) -> datetime:
    """When it is tried again; the last time a day after it was made."""
    found = now + _wait(taken.attempts, mailing) * (1 - SPREAD + 2 * SPREAD * mailing.chance())
    last = taken.stamp + GIVEN_UP
    return min(found, last) if now < last else found


def _wait(tries: int, mailing: Mailing) -> timedelta:
    """The wait after so many tries, before chance makes it shorter or longer."""
    return mailing.back_off[min(tries, len(mailing.back_off)) - 1]


# ---- reminders


def remind(office: Office) -> int:
    """Write the reminders that are due at all sites: how many. Each visit has one on each of its days, ever.

    A patient who cannot be planned, as with a protocol that is not here, is logged and keeps nobody else from theirs.
    """
    with office.look(POSTMAN) as work:
        found = patients.every(work.session, None)
    return sum(_remind(office, patient.public_id) for patient in found if _some(office, patient))


def _some(office: Office, patient: Patient) -> bool:
    """Whether a reminder of the patient is due: a look that takes no lock."""
    try:
        with office.look(POSTMAN) as work:
            return bool(_reminders(work, patient))
    except PlannerError as error:
        LOG.error("patient %s cannot be reminded: %s", patient.public_id, error)  # noqa: TRY400  # it names nobody
        return False


def _remind(office: Office, public_id: str) -> int:
    with office.begin(POSTMAN) as work:
        patient = patients.find(work.session, public_id, None)
        found = _reminders(work, patient)
        for uid, notice in found.items():
            deliveries.remind(work.session, patients.key(work.session, public_id), notice, uid, work.now)
        return len(found)


def _reminders(work: Work, patient: Patient) -> dict[str, Notice]:
    """The reminders due now that were never written, by their identifiers."""
    own = patients.key(work.session, patient.public_id)
    wishes = outbox.wishes(work.session, own)
    early = work.now.astimezone(ZoneInfo(patient.site.zone)).hour < NINE
    if early or patient.ended is not None or wishes.mail is None or not wishes.reminder:
        return {}
    known = case_of(work, patient)
    to = recipient(work, patient, known.schedule, wishes)
    notices = reminded(known.schedule, outbox.told(work.session, own), to, known.today)
    before = deliveries.reminded(work.session, own)
    named = {_named(patient, notice): notice for notice in notices}
    return {uid: notice for uid, notice in named.items() if uid not in before}


def _named(patient: Patient, notice: Notice) -> str:
    """The same for one visit on one day, so that no second one can be written; it tells nothing."""
    return str(uuid5(REMINDERS, f"{patient.seed} {notice.code} {notice.sight.seen.first}"))
