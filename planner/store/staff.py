"""Staff, their signed-in browsers, and sign-ins that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as core_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from planner.core.errors import NotFound
from planner.core.staff import Actor
from planner.store import sites
from planner.store.tables import FailureRow, LoginRow, SiteRow, StaffRow, StaffSiteRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in; the hashes are of the password and of the one-time code that stands in for it."""

    public_id: str
    actor: Actor
    created: datetime
    password_hash: str | None = None
    code_hash: str | None = None
    code_until: datetime | None = None
    disabled: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in."""

    actor: Actor
    public_id: str
    created: datetime
    seen: datetime
    ended: datetime | None
    disabled: datetime | None


def find(session: Session, login: str, *, lock: bool = False) -> Account | None:
    """The account of that login; with `lock`, nobody else reads it so until the transaction ends."""
    query = select(StaffRow).where(StaffRow.login == login)
    row = session.exec(query.with_for_update() if lock else query).first()
    return _account(session, row) if row is not None else None


def named(session: Session, public_id: str) -> Account:
    """The account of that public id; NotFound where there is none."""
    return _account(session, _row(session, public_id))


def every(session: Session) -> tuple[Account, ...]:
    """All accounts, by name."""
    return tuple(_account(session, row) for row in session.exec(select(StaffRow).order_by(StaffRow.name)))


def add(session: Session, account: Account) -> None:
    """Save a new account with its sites."""
    if account.actor.role is None:
        raise ValueError("an account has a role")
    row = StaffRow(
        public_id=account.public_id,
        login=account.actor.login,
        name=account.actor.name,
        role=account.actor.role,
        password_hash=account.password_hash,
        code_hash=account.code_hash,
        code_until=account.code_until,
        created_at=account.created,
    )
    session.add(row)
    session.flush()
    own = _key(row)
    session.add_all(StaffSiteRow(staff_id=own, site_id=site) for site in sites.ids(session, account.actor.sites))


def write_secrets(session: Session, account: Account) -> None:
    """Save the account's hashes, and whether it is disabled."""
    row = _row(session, account.public_id)
    row.password_hash, row.code_hash = account.password_hash, account.code_hash
    row.code_until, row.disabled_at = account.code_until, account.disabled
    row.version += 1
    session.add(row)


def _row(session: Session, public_id: str) -> StaffRow:
    row = session.exec(select(StaffRow).where(StaffRow.public_id == public_id)).first()
    if row is None:
        raise NotFound("no_such_account")
    return row


def _key(row: StaffRow) -> int:
    if row.id is None:
        raise ValueError("a row has a key once it is saved")
    return row.id


def _account(session: Session, row: StaffRow) -> Account:
    return Account(
        row.public_id,
        _actor(session, row),
        row.created_at,
        row.password_hash,
        row.code_hash,
        row.code_until,
        row.disabled_at,
    )


def _actor(session: Session, row: StaffRow) -> Actor:
    codes = session.exec(select(SiteRow.code).join(StaffSiteRow).where(StaffSiteRow.staff_id == row.id))
    return Actor(row.login, row.name, row.role, frozenset(codes))


def add_login(session: Session, public_id: str, token_hash: str, now: datetime) -> None:
    """A browser in which this person is signed in from now on."""
    own = _key(_row(session, public_id))
    session.add(LoginRow(token_hash=token_hash, staff_id=own, created_at=now, seen_at=now))


_SIGNED_IN = (
    core_select(
        col(StaffRow.login),
        col(StaffRow.name),
        col(StaffRow.role),
        col(StaffRow.public_id),
        col(LoginRow.created_at),
        col(LoginRow.seen_at),
        col(LoginRow.ended_at),
        col(StaffRow.disabled_at),
        col(SiteRow.code),
    )
    .select_from(LoginRow)
    .join(StaffRow, col(StaffRow.id) == col(LoginRow.staff_id))
    .outerjoin(StaffSiteRow, col(StaffSiteRow.staff_id) == col(StaffRow.id))
    .outerjoin(SiteRow, col(SiteRow.id) == col(StaffSiteRow.site_id))
    .where(col(LoginRow.token_hash) == bindparam("token_hash"))
)
"""Who is signed in, a row for each site: asked for every page, so it is put together once."""


def signed_in(session: Session, token_hash: str) -> SignedIn | None:
    """Who is signed in with that token, whether or not it still counts."""
    rows = session.connection().execute(_SIGNED_IN, {"token_hash": token_hash}).all()
    if not rows:
        return None
    who = rows[0]
    actor = Actor(who.login, who.name, who.role, frozenset(row.code for row in rows if row.code is not None))
    return SignedIn(actor, who.public_id, who.created_at, who.seen_at, who.ended_at, who.disabled_at)


def seen(session: Session, token_hash: str, now: datetime) -> None:
    """The browser was used just now."""
    session.connection().execute(update(LoginRow).where(col(LoginRow.token_hash) == token_hash).values(seen_at=now))


def end_logins(session: Session, public_id: str, now: datetime, *, token_hash: str | None = None) -> int:
    """Sign out one browser, or (without a token) all of a person; how many were signed in."""
    own = _key(_row(session, public_id))
    ending = update(LoginRow).where(col(LoginRow.staff_id) == own, col(LoginRow.ended_at).is_(None))
    if token_hash is not None:
        ending = ending.where(col(LoginRow.token_hash) == token_hash)
    return session.connection().execute(ending.values(ended_at=now)).rowcount


def lock_failures(session: Session, login_hash: str, now: datetime) -> None:
    """Whoever tries the same login at the same moment waits here, so that every failure counts."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    first = insert(FailureRow).values(login_hash=login_hash, failures=0, last_at=now)
    same = first.on_conflict_do_update(index_elements=["login_hash"], set_={"failures": FailureRow.failures})
    session.connection().execute(same)


def failures(session: Session, login_hash: str) -> tuple[int, datetime | None]:
    """How many sign-ins with that login failed in a row, and when the last of them did."""
    row = session.get(FailureRow, login_hash)
    return (row.failures, row.last_at) if row is not None else (0, None)


def write_failures(session: Session, login_hash: str, number: int, now: datetime) -> None:
    """So many sign-ins with that login failed in a row."""
    session.merge(FailureRow(login_hash=login_hash, failures=number, last_at=now))
