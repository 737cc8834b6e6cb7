"""What became of messages, as people read it; and reminders, which are messages that nothing waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from planner.core.notices import Delivery, Held, Kind, Message, Told, alike, same_address
from planner.store.outbox import OF_ENTRIES, sight, written
from planner.store.outbox_tables import OutboxRow, WishesRow
from planner.store.tables import ContactRow, PatientRow, SiteRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlmodel import Session

    from planner.core.notices import Notice, Sight


def of_patient(session: Session, patient: int) -> tuple[Message, ...]:
    """Every message of a patient, the oldest first."""
    rows = session.exec(select(OutboxRow).where(OutboxRow.patient_id == patient).order_by(col(OutboxRow.id)))
    return tuple(map(_message, rows))


def failed(session: Session, site: str) -> tuple[tuple[str, Message], ...]:
    """The messages of a site that could not be delivered and that no newer one of the same visit follows.

    Each with the patient's public id; who asked for a link asks again. A reminder follows no invitation, nor the other
    way round. What was booked anew is another entry: it does not take the canceled one out of the same mailbox, so that
    somebody must still say so.
    """
    newer = aliased(OutboxRow)
    reminders = [col(row.kind) == Kind.REMINDER for row in (newer, OutboxRow)]
    alike = or_(and_(*reminders), and_(*(~reminder for reminder in reminders)))
    another = and_(col(newer.uid) != col(OutboxRow.uid), func.lower(newer.address) == func.lower(OutboxRow.address))
    followed = select(newer.id).where(
        newer.patient_id == OutboxRow.patient_id,
        newer.code == OutboxRow.code,
        col(newer.id) > col(OutboxRow.id),
        alike,
        or_(col(OutboxRow.kind) != Kind.CANCEL, ~another),
    )
    query = (
        select(PatientRow.public_id, OutboxRow)
        .join(PatientRow, col(PatientRow.id) == col(OutboxRow.patient_id))
        .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
        .where(
            OutboxRow.state == Delivery.FAILED, OutboxRow.kind != Kind.LINK, SiteRow.code == site, ~followed.exists()
        )
    )
    rows = session.exec(query.order_by(col(OutboxRow.id)))
    return tuple((public_id, _message(row)) for public_id, row in rows)


def _message(row: OutboxRow) -> Message:
    day, at = sight(row.sight).seen.first, row.done_at or row.stamp
    return Message(row.uid, row.kind, row.code, day, row.state, at, row.error)


def told(session: Session, patient: int, uid: str, now: datetime) -> Message | None:
    """The patient was told by telephone what this failed message says; None where there is none to be told."""
    mine = (col(OutboxRow.patient_id) == patient, col(OutboxRow.uid) == uid, col(OutboxRow.state) == Delivery.FAILED)
    row = session.exec(select(OutboxRow).where(*mine).order_by(col(OutboxRow.id).desc()).with_for_update()).first()
    if row is None:
        return None
    session.connection().execute(update(OutboxRow).where(*mine).values(state=Delivery.TOLD, done_at=now))
    return _message(row)


def unaddressed(session: Session, site: str) -> tuple[str, ...]:
    """The patients of a site (public ids) who agreed to mails and have no address, while the study goes on."""
    query = (
        select(PatientRow.public_id)
        .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
        .join(WishesRow, col(WishesRow.patient_id) == col(PatientRow.id))
        .outerjoin(ContactRow, col(ContactRow.patient_id) == col(PatientRow.id))
        .where(SiteRow.code == site, col(WishesRow.mail).is_not(None), col(PatientRow.ended_on).is_(None))
        .where(func.coalesce(ContactRow.email, "") == "")
    )
    return tuple(session.exec(query.order_by(col(PatientRow.subject_id))))


def held(session: Session, patient: int) -> tuple[Held, ...]:
    """What the patient's calendar shows, as far as anybody knows.

    What was refused put nothing into it; what may not have arrived takes nothing out of it, and changes nothing in it.
    The number is the last that any message of the entry has.
    """
    query = select(OutboxRow).where(OutboxRow.patient_id == patient, col(OutboxRow.kind).in_(OF_ENTRIES))
    found: dict[str, OutboxRow] = {}
    last: dict[str, int] = {}
    for row in session.exec(query.order_by(col(OutboxRow.id))):
        last[row.uid] = max(row.sequence, last.get(row.uid, 0))
        sure = row.state in (Delivery.SENT, Delivery.TOLD)
        may = row.state is Delivery.OVERTAKEN or (row.state is Delivery.WAITING and row.attempts > 0)
        if row.kind is not Kind.CANCEL and (sure or (may and row.uid not in found)):
            found[row.uid] = row
        elif row.kind is Kind.CANCEL and sure:
            found.pop(row.uid, None)
    return tuple(Held(row.code, Told(uid, last[uid], row.address, sight(row.sight))) for uid, row in found.items())


# ---- reminders


def reminded(session: Session, patient: int) -> frozenset[str]:
    """The identifiers of every reminder of the patient, sent or not."""
    query = select(OutboxRow.uid).where(OutboxRow.patient_id == patient, OutboxRow.kind == Kind.REMINDER)
    return frozenset(session.exec(query))


def remind(session: Session, patient: int, notice: Notice, uid: str, now: datetime) -> None:
    """A reminder that is due at once; nothing where one with this identifier is there, whoever wrote it."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    row = insert(OutboxRow).values(
        patient_id=patient,
        code=notice.code,
        kind=Kind.REMINDER,
        uid=uid,
        sequence=0,
        stamp=now,
        address=notice.address,
        sight=written(notice.sight),
        alarm=False,
        state=Delivery.WAITING,
        due_at=now,
        attempts=0,
        error="",
    )
    session.connection().execute(row.on_conflict_do_nothing())


def reminding(session: Session, patient: int) -> bool:
    """Whether a reminder of the patient waits."""
    return bool(_waiting(session, patient))


def hush(session: Session, patient: int, now: Mapping[str, tuple[str, Sight]]) -> None:
    """Reminders that wait and no longer say what holds (by visit: the address and what is shown) are not sent.

    One that nobody has tried is forgotten, so that it may be written anew; one that may have arrived is not.
    """
    for row in _waiting(session, patient):
        address, shown = now.get(row.code, ("", None))
        if same_address(address, row.address) and shown is not None and alike(shown, sight(row.sight)):
            continue
        if row.attempts:
            row.state = Delivery.OVERTAKEN
            session.add(row)
        else:
            session.delete(row)
    session.flush()


def _waiting(session: Session, patient: int) -> list[OutboxRow]:
    query = select(OutboxRow).where(
        OutboxRow.patient_id == patient, OutboxRow.state == Delivery.WAITING, OutboxRow.kind == Kind.REMINDER
    )
    return list(session.exec(query.with_for_update()))
