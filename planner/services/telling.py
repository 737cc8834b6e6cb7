"""After every act on a patient: the messages that it makes owed, in the same transaction as the act."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from planner.core.disclosure import Detail
from planner.core.notices import Delivery, Kind, Recipient, alike, following, given_back, owed, sights
from planner.store import deliveries, outbox, patients
from planner.store.outbox import Marked

if TYPE_CHECKING:
    from planner.core.notices import Notice, Told
    from planner.core.patients import Patient, Wishes
    from planner.core.schedule import Schedule
    from planner.services.work import Work
    from planner.store.outbox import Waiting

SETTLES = timedelta(minutes=5)
"""How long a message waits for the next thought of the person who made it owed: moves in between are one message."""


def tell(work: Work, patient: Patient, schedule: Schedule) -> None:
    """Bring the patient's outbox to what the schedule shows now; whatever may not be told is silenced at once."""
    own = patients.key(work.session, patient.public_id)
    wishes = outbox.wishes(work.session, own)
    to = recipient(work, patient, schedule, wishes)
    if to is None:
        _silence(work, own, patient, schedule)
        return
    untried = {(one.code, one.kind, one.address): one for one in outbox.untried(work.session, own)}
    told = outbox.told(work.session, own)
    for notice in owed(schedule, told, to, work.today(patient.site)):
        _queue(work, own, notice, untried.pop((notice.code, notice.kind, notice.address), None), alarm=wishes.alarm)
    outbox.drop(work.session, untried.values())
    outbox.revive(work.session, own, work.today(patient.site))
    if deliveries.reminding(work.session, own):
        now = sights(schedule, to, work.today(patient.site)) if wishes.reminder else {}
        deliveries.hush(work.session, own, {code: (to.address, sight) for code, sight in now.items()})


def _silence(work: Work, own: int, patient: Patient, schedule: Schedule) -> None:
    """Nothing goes out. What is given back meanwhile ends its entry all the same: booked anew, it is another one.

    Should mails be agreed to again, its cancelation is sent then. With the study every entry stays as it is: a person
    phones, and where it goes on after all, so do they.
    """
    deliveries.hush(work.session, own, {})
    outbox.silence(work.session, own)
    if schedule.facts.ended is None:
        nobody = Recipient("", patient.language, patient.site.name, Detail.MINIMAL, patient.site.phone)
        for notice in given_back(schedule, outbox.told(work.session, own), nobody, work.today(patient.site)):
            outbox.add(work.session, own, notice, marked(work, notice.told, alarm=False), Delivery.OVERTAKEN)


def marked(work: Work, told: Told | None, *, alarm: bool) -> Marked:
    """The marks of a new message: of an entry told before the next revision, else of a new one."""
    uid, sequence = (told.uid, following(told.sequence)) if told is not None else (str(uuid4()), 0)
    return Marked(uid, sequence, work.now, work.now + SETTLES, alarm)


def _queue(work: Work, own: int, notice: Notice, waiting: Waiting | None, *, alarm: bool) -> None:
    """The message, or the one that waits for the same entry already with what is to be said now."""
    mark = marked(work, notice.told, alarm=alarm)
    if waiting is None or (notice.kind is not Kind.INVITE and waiting.uid != mark.uid):
        outbox.add(work.session, own, notice, mark)
    elif not alike(waiting.sight, notice.sight) or waiting.sight.off is not notice.sight.off:
        outbox.change(work.session, waiting, notice.sight, mark)


def recipient(work: Work, patient: Patient, schedule: Schedule, wishes: Wishes) -> Recipient | None:
    """Who is told by mail; None without consent, without an address, and once the study has ended."""
    address = patients.contact(work.session, patient.public_id).email
    if wishes.mail is None or not address or schedule.facts.ended is not None:
        return None
    return Recipient(address, patient.language, patient.site.name, wishes.mail, patient.site.phone)
