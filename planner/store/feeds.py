"""Calendar feeds as they are kept: found by the hash of their token, never by the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, update
from sqlalchemy import select as core_select
from sqlmodel import col, select

from planner.core.errors import NotFound
from planner.core.feeds import Feed
from planner.core.patients import Site
from planner.store import patients, sites
from planner.store.feed_tables import FeedRow
from planner.store.outbox_tables import OutboxRow
from planner.store.resource_tables import UnitRow
from planner.store.tables import PatientRow, SiteRow, StaffRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlmodel import Session

_ALL = (
    core_select(
        *(getattr(FeedRow, name) for name in ("public_id", "kind", "made_at", "made_by", "used_on")),
        col(PatientRow.public_id).label("patient"),
        col(StaffRow.login),
        col(SiteRow.code),
        col(UnitRow.public_id).label("unit"),
    )
    .select_from(FeedRow)
    .outerjoin(PatientRow, col(PatientRow.id) == col(FeedRow.patient_id))
    .outerjoin(StaffRow, col(StaffRow.id) == col(FeedRow.staff_id))
    .outerjoin(SiteRow, col(SiteRow.id) == col(FeedRow.site_id))
    .outerjoin(UnitRow, col(UnitRow.id) == col(FeedRow.unit_id))
    .where(col(FeedRow.revoked_at).is_(None))
    .order_by(col(FeedRow.id))
)
"""Every feed that was not revoked, with whose it is."""

_BY_TOKEN = _ALL.where(col(FeedRow.token_hash) == bindparam("token_hash"))
_OF_PATIENT = _ALL.where(col(PatientRow.public_id) == bindparam("public_id"))
_OF_PERSON = _ALL.where(col(StaffRow.login) == bindparam("login"))

# Calendars ask it over and over: one question, put together once, as all the others here.
_SITE = [getattr(SiteRow, name) for name in Site.__slots__]
_ACTS = [getattr(PatientRow, name) for name in ("version", "subject_id", "protocol_id", "protocol_version")]
_STATE = (
    core_select(*_SITE, *_ACTS, func.count(col(OutboxRow.id)), func.max(OutboxRow.id), func.max(OutboxRow.stamp))
    .select_from(PatientRow)
    .join(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))
    .outerjoin(OutboxRow, col(OutboxRow.patient_id) == col(PatientRow.id))
    .where(col(PatientRow.public_id) == bindparam("public_id"))
    .group_by(col(PatientRow.id), col(SiteRow.id))
)


def by_token(session: Session, token_hash: str) -> Feed | None:
    """The feed of that token; None where there is none, or where it was revoked."""
    return next(iter(_found(session, _BY_TOKEN, token_hash=token_hash)), None)


def of_patient(session: Session, public_id: str) -> Feed | None:
    """The patient's feed."""
    return next(iter(_found(session, _OF_PATIENT, public_id=public_id)), None)


def of_person(session: Session, login: str) -> tuple[Feed, ...]:
    """The feeds of one person of the staff."""
    return _found(session, _OF_PERSON, login=login)


def _found(session: Session, query: Select[*tuple[Any, ...]], **which: str) -> tuple[Feed, ...]:
    return tuple(
        Feed(
            public_id=row.public_id,
            kind=row.kind,
            made=row.made_at,
            made_by=row.made_by,
            patient=row.patient or "",
            login=row.login or "",
            site=row.code or "",
            unit=row.unit or "",
            used=row.used_on,
        )
        for row in session.connection().execute(query, which)
    )


def state(session: Session, public_id: str) -> tuple[Site, tuple[object, ...]]:
    """The patient's site, and what differs as soon as an act or a message of the patient is new or says otherwise."""
    found = tuple(session.connection().execute(_STATE, {"public_id": public_id}).one())
    return Site(*found[: len(_SITE)]), found[len(_SITE) :]


def add(session: Session, feed: Feed, token_hash: str) -> None:
    """Keep a new feed; NotFound for a unit that is not of the site."""
    site = sites.ids(session, frozenset({feed.site}))[0] if feed.site else None
    row = FeedRow(
        public_id=feed.public_id,
        kind=feed.kind,
        token_hash=token_hash,
        patient_id=patients.key(session, feed.patient) if feed.patient else None,
        staff_id=session.exec(select(StaffRow.id).where(StaffRow.login == feed.login)).one() if feed.login else None,
        site_id=site,
        unit_id=_unit(session, feed.unit, site) if feed.unit else None,
        made_at=feed.made,
        made_by=feed.made_by,
    )
    session.add(row)
    session.flush()


def _unit(session: Session, unit: str, site: int | None) -> int | None:
    query = select(UnitRow.id).where(UnitRow.public_id == unit, UnitRow.site_id == site)
    found = session.exec(query).first()
    if found is None:
        raise NotFound("no_such_unit")
    return found


def revoke(session: Session, public_id: str, now: datetime) -> None:
    """The feed's token counts no more."""
    ended = update(FeedRow).where(col(FeedRow.public_id) == public_id)
    session.connection().execute(ended.values(revoked_at=now))


def used(session: Session, public_id: str, day: date) -> None:
    """A calendar fetched the feed on that day."""
    seen = update(FeedRow).where(col(FeedRow.public_id) == public_id)
    session.connection().execute(seen.values(used_on=day))
