"""What became of a patient's messages, and what a person told them by telephone instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.errors import Repeated
from planner.core.notices import Delivery, Kind, Notice, to_clear
from planner.services.cases import advance, as_seen, case
from planner.services.telling import marked
from planner.store import audit, deliveries, outbox, patients

if TYPE_CHECKING:
    from planner.core.history import Payload
    from planner.core.notices import Message
    from planner.services.work import Work
    from planner.store.audit import Stamp


def sent(work: Work, public_id: str) -> tuple[Message, ...]:
    """What was sent to the patient, or waits, the oldest first."""
    return deliveries.of_patient(work.session, patients.key(work.session, case(work, public_id).patient.public_id))


def phoned(work: Work, public_id: str, uid: str) -> Message:
    """The patient was told by telephone; Repeated where somebody noted it before, or there was nothing to tell."""
    known = case(work, public_id)
    own = patients.key(work.session, known.patient.public_id)
    done = deliveries.told(work.session, own, uid, work.now)
    if done is None:
        raise Repeated("told_before")
    _noted(work, own, work.stamp("phoned"), done.code, {"kind": str(done.kind), "day": done.day.isoformat()})
    return done


def cleared(work: Work, public_id: str, seen: int) -> None:
    """The patient was told by telephone what to delete after the end of the study: for the calendar, it is canceled.

    `seen` is the number of the patient's last act that the page knew. Repeated where nothing is left to tell.
    """
    known = case(work, public_id)
    own, because = patients.key(work.session, known.patient.public_id), known.patient.ended_because
    left = to_clear(deliveries.held(work.session, own), because, known.today)
    if because is not None and not left:
        raise Repeated("told_before")
    advance(work, as_seen(work, public_id, seen).patient)
    stamp = work.stamp("phoned")
    for one in left:
        notice = Notice(Kind.CANCEL, one.code, one.told.sight, one.told.address, one.told)
        outbox.add(work.session, own, notice, marked(work, one.told, alarm=False), Delivery.TOLD)
        _noted(work, own, stamp, one.code, {"day": one.seen.first.isoformat()})


def _noted(work: Work, own: int, stamp: Stamp, code: str, new: Payload) -> None:
    audit.write(work.session, stamp, f"told:{code}", (None, new), own)
