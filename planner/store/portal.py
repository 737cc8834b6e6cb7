"""The patient's own page: links that were asked for, browsers in which it is open, and what patients said on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from planner.core.portal import Said, Word
from planner.store.feed_tables import GuestRow, LinkRow, WordRow
from planner.store.tables import ContactRow, PatientRow, SiteRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session


def with_address(session: Session, address: str) -> tuple[str, ...]:
    """The public ids of the patients who are reached at this address, however it is written."""
    query = select(PatientRow.public_id).join(ContactRow, col(ContactRow.patient_id) == col(PatientRow.id))
    return tuple(
        session.exec(query.where(func.lower(ContactRow.email) == address.lower()).order_by(col(PatientRow.id)))
    )


def asked(session: Session, address_hash: str, since: datetime) -> tuple[int, int]:
    """How many links were asked for since then: for this address, and for all."""
    mine = func.count().filter(col(LinkRow.address_hash) == address_hash)
    by_all, by_one = session.exec(select(func.count(), mine).where(LinkRow.asked_at > since)).one()
    return by_one, by_all


def add_link(session: Session, row: LinkRow) -> None:
    """A link that was asked for."""
    session.add(row)
    session.flush()


def forget(session: Session, before: datetime) -> None:
    """Links asked for before then, and pages opened before then, are of no use to anybody."""
    session.connection().execute(delete(LinkRow).where(col(LinkRow.asked_at) <= before))
    session.connection().execute(delete(GuestRow).where(col(GuestRow.created_at) <= before))


def use(session: Session, token_hash: str, now: datetime) -> str | None:
    """Consume a link: whose page it opens. None where it opens none; of two who try at once, one gets it."""
    good = update(LinkRow).where(
        col(LinkRow.token_hash) == token_hash,
        col(LinkRow.used_at).is_(None),
        col(LinkRow.until) >= now,
        col(LinkRow.patient_id).is_not(None),
    )
    found = session.connection().execute(good.values(used_at=now).returning(col(LinkRow.patient_id))).first()
    return session.get_one(PatientRow, found[0]).public_id if found is not None else None


def open_page(session: Session, token_hash: str, patient: int, now: datetime) -> None:
    """A browser in which the patient's page is open from now on."""
    session.add(GuestRow(token_hash=token_hash, patient_id=patient, created_at=now))
    session.flush()


def guest(session: Session, token_hash: str, since: datetime) -> str | None:
    """Whose page is open in that browser, opened after then and not left."""
    query = select(PatientRow.public_id).join(GuestRow, col(GuestRow.patient_id) == col(PatientRow.id))
    good = query.where(GuestRow.token_hash == token_hash, col(GuestRow.ended_at).is_(None), GuestRow.created_at > since)
    return session.exec(good).first()


def leave(session: Session, token_hash: str, now: datetime) -> None:
    """The page is left in that browser."""
    session.connection().execute(update(GuestRow).where(col(GuestRow.token_hash) == token_hash).values(ended_at=now))


def say(session: Session, patient: int, said: Said) -> None:
    """What the patient says of a visit; it replaces what they said of it before."""
    session.merge(WordRow(patient_id=patient, code=said.code, word=said.word, day=said.day, at=said.at))
    session.flush()


def said(session: Session, patient: int) -> tuple[Said, ...]:
    """Everything that the patient said."""
    return tuple(map(_said, session.exec(select(WordRow).where(WordRow.patient_id == patient))))


def _said(row: WordRow) -> Said:
    return Said(row.code, row.word, row.day, row.at, row.done_at is not None)


def waiting(session: Session, reach: frozenset[str]) -> tuple[tuple[str, Said], ...]:
    """The patients of these sites who wait for a call, who asked first first: public id and what they said."""
    query = (
        select(PatientRow.public_id, WordRow)
        .join(WordRow, col(WordRow.patient_id) == col(PatientRow.id))
        .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
        .where(WordRow.word == Word.CALL, col(WordRow.done_at).is_(None), col(SiteRow.code).in_(reach))
    )
    return tuple((public_id, _said(row)) for public_id, row in session.exec(query.order_by(col(WordRow.at))))


def called(session: Session, patient: int, code: str, now: datetime) -> bool:
    """The patient was called about the visit; False where nobody waits for that."""
    waits = update(WordRow).where(
        col(WordRow.patient_id) == patient,
        col(WordRow.code) == code,
        col(WordRow.word) == Word.CALL,
        col(WordRow.done_at).is_(None),
    )
    return session.connection().execute(waits.values(done_at=now)).rowcount == 1
