"""The patient's own page: links that were asked for, browsers in which it is open, and what patients said on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, func, insert, or_, update
from sqlalchemy import select as core_select
from sqlmodel import col, select

from planner.core.notices import Delivery, Kind
from planner.core.patients import Ended
from planner.core.portal import Said, Word
from planner.store.feed_tables import GuestRow, LinkRow, WordRow
from planner.store.outbox import sight, written
from planner.store.outbox_tables import OutboxRow, WishesRow
from planner.store.tables import ContactRow, PatientRow, SiteRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import Session

    from planner.core.notices import Sight

_SAYS = (
    "code",
    "kind",
    "uid",
    "sequence",
    "stamp",
    "address",
    "sight",
    "alarm",
    "state",
    "due_at",
    "attempts",
    "error",
)
_TYPED = [bindparam(name, type_=getattr(OutboxRow, name).type) for name in _SAYS]
_OWN = core_select(col(PatientRow.id), *_TYPED).where(col(PatientRow.id) == bindparam("own"))
_MAIL = insert(OutboxRow).from_select(["patient_id", *_SAYS], _OWN, include_defaults=False)
"""One mail to that patient; where it is nobody the statement is the same, and no row is written."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A patient as a mail with a link reaches them: their key (None: nobody) and address, and what the mail says."""

    patient: int | None
    address: str
    language: str
    site: str
    phone: str
    zone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A link that is made: the hash of its token, whom it reaches, what their mail says and how it is named."""

    token_hash: str
    whom: Reached
    sight: Sight
    uid: str


def with_page(session: Session, silent: tuple[Ended, ...]) -> tuple[Reached, ...]:
    """Everybody who agreed to a page and has an address, but those for whom the study ended in such a way.

    All of them, whoever is looked for: how long it takes tells nothing of an address. Nor is one compared here, since
    the engines do not agree on which letters are the same.
    """
    because = col(PatientRow.ended_because)
    query = (
        core_select(*map(col, (PatientRow.id, ContactRow.email, PatientRow.language)))
        .add_columns(*map(col, (SiteRow.name, SiteRow.phone, SiteRow.zone)))
        .join(ContactRow, col(ContactRow.patient_id) == col(PatientRow.id))
        .join(WishesRow, col(WishesRow.patient_id) == col(PatientRow.id))
        .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
        .where(col(WishesRow.page).is_not(None), or_(because.is_(None), because.not_in(silent)))
        .where(col(ContactRow.email) != "")
    )
    return tuple(Reached(*row) for row in session.connection().execute(query.order_by(col(PatientRow.id))))


def asked(session: Session, address_hash: str, since: datetime) -> tuple[int, int]:
    """How many links to a page were made since then: for this address, and for all; links to nowhere do not count."""
    mine = func.count().filter(col(LinkRow.address_hash) == address_hash)
    counted = (col(LinkRow.asked_at) > since, col(LinkRow.patient_id).is_not(None))
    by_all, by_one = session.exec(select(func.count(), mine).where(*counted)).one()
    return by_one, by_all


def add_links(session: Session, address_hash: str, made: Sequence[Asked], now: datetime, until: datetime) -> None:
    """Links that were asked for, and their mails, due at once: the same two statements where one reaches nobody."""
    links = [
        {
            "token_hash": one.token_hash,
            "address_hash": address_hash,
            "patient_id": one.whom.patient,
            "asked_at": now,
            "until": until,
        }
        for one in made
    ]
    session.connection().execute(insert(LinkRow), links)
    session.connection().execute(_MAIL, [_mail(one, now) for one in made])


def _mail(one: Asked, now: datetime) -> dict[str, object]:
    return {
        "own": one.whom.patient,
        "code": "",
        "kind": Kind.LINK,
        "uid": one.uid,
        "sequence": 0,
        "stamp": now,
        "address": one.whom.address,
        "sight": written(one.sight),
        "alarm": False,
        "state": Delivery.WAITING,
        "due_at": now,
        "attempts": 0,
        "error": "",
    }


def stop_links(session: Session, patient: int) -> None:
    """Mails with a link that still wait are not sent, and their secrets are forgotten."""
    mine = (OutboxRow.patient_id == patient, OutboxRow.kind == Kind.LINK, OutboxRow.state == Delivery.WAITING)
    for row in session.exec(select(OutboxRow).where(*mine).with_for_update()):
        row.state, row.sight = Delivery.OVERTAKEN, written(replace(sight(row.sight), link=""))
        session.add(row)
    session.flush()


def forget(session: Session, before: datetime, now: datetime) -> None:
    """Links asked for before then, and pages opened before then, are of no use to anybody.

    A link to nowhere is forgotten with its time: nothing counts it.
    """
    nowhere = and_(col(LinkRow.patient_id).is_(None), col(LinkRow.until) < now)
    session.connection().execute(delete(LinkRow).where(or_(col(LinkRow.asked_at) <= before, nowhere)))
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
    """The patients of these sites who wait for a call, who asked first first: public id and what they said.

    Nobody calls those who died.
    """
    query = (
        select(PatientRow.public_id, WordRow)
        .join(WordRow, col(WordRow.patient_id) == col(PatientRow.id))
        .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
        .where(WordRow.word == Word.CALL, col(WordRow.done_at).is_(None), col(SiteRow.code).in_(reach))
        .where(col(PatientRow.ended_because).is_distinct_from(Ended.DEATH))
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
