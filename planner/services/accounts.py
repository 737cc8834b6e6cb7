"""Accounts: who may sign in, in which browsers they are signed in, and how wrong guesses are slowed down."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.errors import NotFound, Refused
from planner.core.staff import Role
from planner.services import passwords
from planner.services.work import public_id
from planner.store import audit, sites, staff
from planner.store.staff import Account

if TYPE_CHECKING:
    from datetime import datetime

    from planner.core.history import Payload
    from planner.core.patients import Site
    from planner.core.staff import Actor
    from planner.services.work import Work

TOKEN_BYTES = 32
SECONDS = (Role.NURSE, Role.INVESTIGATOR)
"""Who may agree as a second person."""

CODE_BYTES = 12
CODE_HOURS = 24
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=60)
"""How exactly it is known when a browser was last used: each page would otherwise cost a write."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a browser stays signed in: unused, and at all."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a sign-in went: the token of the browser, or (without one) how long to wait before the next try."""

    token: str | None = None
    wait: timedelta = timedelta()


def known_by(login: str) -> str:
    """A login as it is looked up: however it was typed."""
    return unicodedata.normalize("NFC", login.strip().casefold())


def _digest(secret: str) -> str:
    """What is kept of a random secret; it needs no slow hash, for nobody can try 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def known_password(work: Work, login: str, password: str) -> bool:
    """Whether the password is the login's; slow on purpose, so it is asked in a look, which nobody waits for."""
    known = known_by(login)
    return not _wait(work, known) and passwords.right(staff.find(work.session, known), password)


def sign_in(work: Work, login: str, *, right: bool) -> SignIn:
    """A new signed-in browser where the password is `right`; else the next try is slowed down.

    A wrong login and a wrong password are told alike.
    """
    known = known_by(login)
    staff.lock_failures(work.session, _digest(known), work.now)
    wait = _wait(work, known)
    if wait:
        return SignIn(wait=wait)
    account = staff.find(work.session, known)
    if not right or account is None or account.disabled is not None:
        return _failed(work, known, account)
    staff.write_failures(work.session, _digest(known), 0, work.now)
    _told(work, account, "sign_in")
    return SignIn(_new_login(work, account))


def _failed(work: Work, login: str, account: Account | None) -> SignIn:
    """One failure more; told of an account only: what else was typed may be a password in the wrong field."""
    if account is not None:
        _told(work, account, "failed_sign_in")
    failures, _ = staff.failures(work.session, _digest(login))
    staff.write_failures(work.session, _digest(login), failures + 1, work.now)
    return SignIn(wait=_wait(work, login))


def _wait(work: Work, login: str) -> timedelta:
    """How long the next try with this login has to wait: doubled with every failure after the free ones."""
    failures, last = staff.failures(work.session, _digest(login))
    if last is None or failures < FREE_TRIES:
        return timedelta()
    doubled: int = 2 ** min(failures - FREE_TRIES, 20)
    pause = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return max(last + pause - work.now, timedelta())


def second_person(work: Work, login: str, site: Site, *, right: bool) -> Actor | None:
    """The colleague who agrees, where the password is `right` and their role at the site allows it; else nobody.

    Refused for the person who is signed in: nobody is their own second person.
    """
    known = known_by(login)
    if known == work.actor.login:
        raise Refused("second_person_is_you")
    staff.lock_failures(work.session, _digest(known), work.now)
    account = staff.find(work.session, known)
    if _wait(work, known) or not right or account is None or account.disabled is not None:
        _failed(work, known, account)
        return None
    allowed = account.actor.role in SECONDS and site.code in account.actor.sites
    return account.actor if allowed else None


def _new_login(work: Work, account: Account) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    staff.add_login(work.session, account.public_id, _digest(token), work.now)
    return token


def signed_in(work: Work, token: str, limits: Limits) -> tuple[Actor, bool] | None:
    """Who is signed in with the token, and whether `seen` is due; None where it no longer counts."""
    found = staff.signed_in(work.session, _digest(token))
    if found is None or found.ended is not None or found.disabled is not None:
        return None
    if work.now - found.seen > limits.idle or work.now - found.created > limits.absolute:
        return None
    return found.actor, work.now - found.seen >= SEEN_EVERY


def seen(work: Work, token: str) -> None:
    """The browser was used just now."""
    staff.seen(work.session, _digest(token), work.now)


def sign_out(work: Work, token: str) -> None:
    """The token counts no more, wherever it was copied to."""
    found = staff.signed_in(work.session, _digest(token))
    if found is not None:
        staff.end_logins(work.session, found.public_id, work.now, token_hash=_digest(token))
        _told(work, staff.named(work.session, found.public_id), "sign_out")


def every(work: Work) -> tuple[Account, ...]:
    """All accounts, by name."""
    return staff.every(work.session)


def every_site(work: Work) -> tuple[Site, ...]:
    """All sites: whoever makes accounts gives them out."""
    return sites.every(work.session)


def create(work: Work, actor: Actor) -> tuple[Account, str]:
    """A new account without a password, and the one-time code with which its owner chooses one."""
    actor = replace(actor, login=known_by(actor.login))
    for what, words in (("The user name", actor.login), ("The name", actor.name.strip())):
        if not words:
            raise Refused("words_needed", what=what)
    if staff.find(work.session, actor.login) is not None:
        raise Refused("login_taken", login=actor.login)
    if actor.role not in (Role.ADMIN, Role.MEDICAL_MONITOR) and not actor.sites:
        raise Refused("words_needed", what="A site")
    if len(sites.ids(work.session, actor.sites)) != len(actor.sites):
        raise NotFound("no_such_site")
    code = secrets.token_urlsafe(CODE_BYTES)
    account = _with_code(Account(public_id(), actor, work.now), code, work.now)
    staff.add(work.session, account)
    _told(work, account, "create_account")
    return account, code


def _with_code(account: Account, code: str, now: datetime) -> Account:
    return replace(account, code_hash=_digest(code), code_until=now + timedelta(hours=CODE_HOURS))


def renew(work: Work, public_id: str) -> str:
    """A new one-time code; the old password and every signed-in browser count no more."""
    code = secrets.token_urlsafe(CODE_BYTES)
    account = replace(staff.named(work.session, public_id), password_hash=None)
    staff.write_secrets(work.session, _with_code(account, code, work.now))
    staff.end_logins(work.session, public_id, work.now)
    _told(work, account, "new_code")
    return code


def disable(work: Work, public_id: str) -> None:
    """The person may no longer sign in and is signed out everywhere; nobody disables themselves."""
    account = staff.named(work.session, public_id)
    if account.actor.login == work.actor.login:
        raise Refused("cannot_disable_yourself")
    staff.write_secrets(work.session, replace(account, disabled=work.now, code_hash=None))
    staff.end_logins(work.session, public_id, work.now)
    _told(work, account, "disable_account")


def enable(work: Work, public_id: str) -> None:
    """The person may sign in again."""
    account = staff.named(work.session, public_id)
    staff.write_secrets(work.session, replace(account, disabled=None))
    _told(work, account, "enable_account")


def sign_out_everywhere(work: Work, public_id: str) -> int:
    """End every signed-in browser of a person; how many there were."""
    ended = staff.end_logins(work.session, public_id, work.now)
    _told(work, staff.named(work.session, public_id), "sign_out_everywhere")
    return ended


def choose_password(work: Work, login: str, code: str, password: str) -> str:
    """Consume the one-time code, set the password, and sign in: the token. Refused where code or password is no good.

    The code is right or wrong alike for a login that does not exist.
    """
    account = staff.find(work.session, known_by(login), lock=True)
    good = account is not None and account.code_hash is not None and account.disabled is None
    if account is None or not good or not secrets.compare_digest(account.code_hash or "", _digest(code.strip())):
        raise Refused("code_not_good")
    if account.code_until is None or account.code_until < work.now:
        raise Refused("code_too_old", hours=CODE_HOURS)
    passwords.check_password(password, account.actor)
    set_password(work, account, password)
    return _new_login(work, account)


def set_password(work: Work, account: Account, password: str) -> None:
    """The password of an account from now on; its one-time code counts no more."""
    kept = replace(account, password_hash=passwords.hashed(password), code_hash=None, code_until=None)
    staff.write_secrets(work.session, kept)
    staff.write_failures(work.session, _digest(account.actor.login), 0, work.now)
    _told(work, account, "choose_password")


def account_of(work: Work, login: str) -> Account:
    """The account of that login; NotFound where there is none."""
    account = staff.find(work.session, known_by(login))
    if account is None:
        raise NotFound("no_such_account")
    return account


def _told(work: Work, account: Account, action: str) -> None:
    """The audit row of something done to an account; who signs in acts for themselves."""
    own = action in ("sign_in", "sign_out", "choose_password")
    stamp = audit.Stamp(account.actor if own else work.actor, work.now, public_id(), action)
    new: Payload = {
        "login": account.actor.login,
        "name": account.actor.name,
        "role": str(account.actor.role),
        "sites": ", ".join(sorted(account.actor.sites)),
    }
    audit.write(work.session, stamp, f"staff:{account.public_id}", (None, new), None)
