"""Messages owed to patients: what each was told last, what still waits, and how a message is taken and done."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from planner.core.disclosure import Arranged, Glimpse
from planner.core.feeds import Sent
from planner.core.notices import Delivery, Kind, Off, Sight, Told
from planner.core.patients import Wishes
from planner.core.portal import LINK_LASTS
from planner.store.outbox_tables import OutboxRow, WishesRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Update
    from sqlmodel import Session

    from planner.core.notices import Notice


OF_ENTRIES = (Kind.INVITE, Kind.UPDATE, Kind.CANCEL)
"""Messages that change the recipient's calendar."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that nobody has tried to send yet, and that may therefore still change."""

    key: int
    kind: Kind
    code: str
    uid: str
    address: str
    sight: Sight


@dataclass(frozen=True, slots=True)
class Marked:
    """How a message is told from all others, and its moments (UTC): when it was made and when it is due."""

    uid: str
    sequence: int
    stamp: datetime
    due: datetime
    alarm: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that one worker has for a while: everything that its mail is made of, and the number of the try."""

    key: int
    kind: Kind
    code: str
    uid: str
    sequence: int
    stamp: datetime
    address: str
    sight: Sight
    alarm: bool
    attempts: int


def wishes(session: Session, patient: int) -> Wishes:
    """What the patient agreed to; to nothing, where nobody wrote it down."""
    row = session.get(WishesRow, patient)
    return Wishes(**{name: getattr(row, name) for name in Wishes.__slots__}) if row is not None else Wishes()


def write_wishes(session: Session, patient: int, found: Wishes) -> None:
    """What the patient agrees to from now on."""
    session.merge(WishesRow(patient_id=patient, **asdict(found)))


def told(session: Session, patient: int) -> dict[str, Told]:
    """What the patient was told last of each attendance, as far as anybody knows: what was tried may have arrived."""
    tried = or_(col(OutboxRow.state) != Delivery.WAITING, col(OutboxRow.attempts) > 0)
    query = select(OutboxRow).where(OutboxRow.patient_id == patient, tried, col(OutboxRow.kind).in_(OF_ENTRIES))
    rows = session.exec(query.order_by(col(OutboxRow.id)))
    found: dict[str, Told] = {}
    for row in rows:
        if row.kind is not Kind.CANCEL:
            found[row.code] = Told(row.uid, row.sequence, row.address, sight(row.sight))
        elif row.code in found and found[row.code].uid == row.uid:
            del found[row.code]
    return found


def sent(session: Session, patient: int) -> tuple[Sent, ...]:
    """The newest revision of each entry that a message was made of, whether or not it went out."""
    of_visits = select(OutboxRow).where(OutboxRow.patient_id == patient, col(OutboxRow.kind).in_(OF_ENTRIES))
    newest = {row.uid: row for row in session.exec(of_visits.order_by(col(OutboxRow.id)))}
    return tuple(
        Sent(row.code, row.uid, row.sequence, row.stamp, sight(row.sight), row.kind is Kind.CANCEL)
        for row in newest.values()
    )


def untried(session: Session, patient: int) -> tuple[Waiting, ...]:
    """The patient's messages that nobody has tried to send; no sender takes one of them until this work is done.

    Reminders are left out: they follow what the patient was told, and are no part of it.
    """
    query = select(OutboxRow).where(
        OutboxRow.patient_id == patient,
        col(OutboxRow.kind).in_(OF_ENTRIES),
        OutboxRow.state == Delivery.WAITING,
        OutboxRow.attempts == 0,
    )
    rows = session.exec(query.order_by(col(OutboxRow.id)).with_for_update())
    return tuple(Waiting(row.id or 0, row.kind, row.code, row.uid, row.address, sight(row.sight)) for row in rows)


def add(session: Session, patient: int, notice: Notice, mark: Marked, state: Delivery = Delivery.WAITING) -> None:
    """A message owed from now on; older ones of the same entry that were tried and did not arrive are overtaken."""
    older = update(OutboxRow).where(col(OutboxRow.uid) == mark.uid, col(OutboxRow.state) == Delivery.WAITING)
    session.connection().execute(older.values(state=Delivery.OVERTAKEN))
    session.add(
        OutboxRow(
            patient_id=patient,
            code=notice.code,
            kind=notice.kind,
            uid=mark.uid,
            sequence=mark.sequence,
            stamp=mark.stamp,
            address=notice.address,
            sight=written(notice.sight),
            alarm=mark.alarm,
            state=state,
            due_at=mark.due,
        )
    )
    session.flush()


def change(session: Session, waiting: Waiting, found: Sight, mark: Marked) -> None:
    """What a message says that nobody has tried to send: it keeps its identifier and number."""
    changed = update(OutboxRow).where(col(OutboxRow.id) == waiting.key)
    values = {"sight": written(found), "stamp": mark.stamp, "due_at": mark.due, "alarm": mark.alarm}
    session.connection().execute(changed.values(values))


def drop(session: Session, waiting: Iterable[Waiting]) -> None:
    """Forget messages that nobody has tried to send."""
    for one in waiting:
        row = session.get(OutboxRow, one.key)
        if row is not None:
            session.delete(row)
    session.flush()


def revive(session: Session, patient: int, today: date) -> None:
    """What was overtaken, and what no newer message of its entry follows any more, is sent after all, to the same byte.

    It may never have arrived; what tells of a day before `today` nobody needs.
    """
    newer = aliased(OutboxRow)
    followed = select(newer.id).where(newer.uid == OutboxRow.uid, col(newer.id) > col(OutboxRow.id))
    mine = (OutboxRow.patient_id == patient, col(OutboxRow.kind).in_(OF_ENTRIES))
    query = select(OutboxRow).where(*mine, OutboxRow.state == Delivery.OVERTAKEN, ~followed.exists())
    for row in session.exec(query.with_for_update()):
        if sight(row.sight).seen.last >= today:
            row.state, row.done_at = Delivery.WAITING, None
            session.add(row)
    session.flush()


def silence(session: Session, patient: int) -> None:
    """Nothing that waits for this patient is sent any more; a link that they asked for is their own."""
    drop(session, untried(session, patient))
    rest = update(OutboxRow).where(
        col(OutboxRow.patient_id) == patient,
        col(OutboxRow.kind) != Kind.LINK,
        col(OutboxRow.state) == Delivery.WAITING,
    )
    session.connection().execute(rest.values(state=Delivery.OVERTAKEN))


# ---- sending


def due(session: Session, now: datetime) -> bool:
    """Whether a message may be due: a look that takes no lock."""
    query = select(OutboxRow.id).where(OutboxRow.state == Delivery.WAITING, col(OutboxRow.due_at) <= now)
    return session.exec(query.limit(1)).first() is not None


def take(session: Session, now: datetime, until: datetime) -> Taken | None:
    """The next message that is due, taken until that moment; None where there is nothing to send.

    Of one visit at one address only the oldest that waits is taken, and none while an older one is still in a worker's
    hands, so that no older revision follows a newer one, and no cancelation the invitation that came after it.
    """
    older = aliased(OutboxRow)
    at_work = or_(col(older.state) == Delivery.WAITING, col(older.lease_until) > now)
    of_visit = [getattr(older, name) == getattr(OutboxRow, name) for name in ("patient_id", "code")]
    of_visit.append(func.lower(older.address) == func.lower(OutboxRow.address))
    entries = [col(row.kind).in_(OF_ENTRIES) for row in (older, OutboxRow)]
    same = or_(col(older.uid) == col(OutboxRow.uid), and_(*of_visit, *entries))
    earlier = select(older.id).where(same, col(older.id) < col(OutboxRow.id), at_work)
    free = or_(col(OutboxRow.lease_until).is_(None), col(OutboxRow.lease_until) <= now)
    due = (
        select(OutboxRow)
        .where(OutboxRow.state == Delivery.WAITING, col(OutboxRow.due_at) <= now, free, ~earlier.exists())
        .order_by(col(OutboxRow.due_at), col(OutboxRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.exec(due).first()
    if row is None:
        return None
    row.lease_until, row.attempts = until, row.attempts + 1
    session.add(row)
    session.flush()
    found = {name: getattr(row, name) for name in Taken.__slots__ if name not in ("key", "sight")}
    return Taken(key=row.id or 0, sight=sight(row.sight), **found)


def finish(session: Session, taken: Taken, state: Delivery, now: datetime, error: str = "") -> None:
    """A message sent, whatever became of it meanwhile; or one that will not be sent, where it still waited.

    The secret of a link is kept no longer.
    """
    if taken.kind is Kind.LINK:
        kept = update(OutboxRow).where(col(OutboxRow.id) == taken.key)
        session.connection().execute(kept.values(sight=written(replace(taken.sight, link=""))))
    done = update(OutboxRow).where(col(OutboxRow.id) == taken.key)
    if state is not Delivery.SENT:
        release(session, taken)
        done = done.where(col(OutboxRow.state) == Delivery.WAITING)
    session.connection().execute(done.values(state=state, done_at=now, lease_until=None, error=error))


def postpone(session: Session, taken: Taken, due: datetime, error: str) -> None:
    """A message that could not be sent now, to be tried again; one that was overtaken meanwhile stays so."""
    if taken.kind is Kind.LINK:
        due = min(due, taken.stamp + LINK_LASTS)  # when it is given up, and its secret forgotten
    later = _held(taken).where(col(OutboxRow.state) == Delivery.WAITING)
    session.connection().execute(later.values(due_at=due, error=error))
    release(session, taken)


def release(session: Session, taken: Taken) -> None:
    """The message is in this worker's hands no more; where another one has taken it since, that is left alone."""
    session.connection().execute(_held(taken).values(lease_until=None))


def _held(taken: Taken) -> Update:
    return update(OutboxRow).where(col(OutboxRow.id) == taken.key, col(OutboxRow.attempts) == taken.attempts)


def waiting(session: Session) -> int:
    """How many messages wait."""
    return session.exec(select(func.count()).select_from(OutboxRow).where(OutboxRow.state == Delivery.WAITING)).one()


# ---- a sight as text


def written(found: Sight) -> str:
    """The sight as it is kept."""
    return json.dumps(asdict(found), default=_text, sort_keys=True)


def _text(value: object) -> str:
    """Days and times; the second of two equal times of a night is marked."""
    if isinstance(value, time):
        return value.isoformat() + ("+" if value.fold else "")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def sight(text: str) -> Sight:
    """The sight that was kept."""
    found = json.loads(text)
    before = found.get("before")
    kept = {"seen": _glimpse(found["seen"]), "before": _glimpse(before) if before else None}
    return Sight(**(found | kept | {"off": Off(found["off"]) if found.get("off") else None}))


def _glimpse(seen: dict[str, Any]) -> Glimpse:
    at, instant = seen["at"], seen.get("instant")
    days = {
        "arranged": Arranged(seen["arranged"]),
        "first": date.fromisoformat(seen["first"]),
        "last": date.fromisoformat(seen["last"]),
        "at": time.fromisoformat(at.rstrip("+")).replace(fold=int(at.endswith("+"))) if at else None,
        "instant": datetime.fromisoformat(instant) if instant else None,
    }
    return Glimpse(**(seen | days))
