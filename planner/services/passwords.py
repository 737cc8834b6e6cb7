"""Passwords: how they are kept, compared, and which are too weak."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from planner.core.errors import Refused

if TYPE_CHECKING:
    from planner.core.staff import Actor
    from planner.store.staff import Account

RANDOM_BYTES = 32
SHORTEST_PASSWORD = 15
FEWEST_CHARACTERS = 6
"""Different characters in a password: `aaaaaaaaaaaaaaa` is long and no secret."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to check against where there is no account, so that the answer takes as long as for one."""
    return _hasher().hash(secrets.token_urlsafe(RANDOM_BYTES))


def _typed(password: str) -> str:
    """A password however its accents were typed: keyboards send them composed or not."""
    return unicodedata.normalize("NFC", password)


def right(account: Account | None, password: str) -> bool:
    usable = account is not None and account.disabled is None
    kept = account.password_hash if account is not None and usable else None
    try:
        _hasher().verify(kept or _nobody(), _typed(password))
    except VerifyMismatchError:
        return False
    return kept is not None


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher().hash(_typed(password))


def check_password(password: str, owner: Actor) -> None:
    """Refused where a password is short, of few characters, or made of what everybody knows of its owner."""
    plain = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        raise Refused("password_short", least=SHORTEST_PASSWORD)
    if len(set(plain)) < FEWEST_CHARACTERS:
        raise Refused("password_simple", least=FEWEST_CHARACTERS)
    parts = {owner.login, *owner.login.split("@"), *owner.name.casefold().split(), "password", "planner", "shrink"}
    for part in sorted((p for p in parts if len(p) > 2), key=len, reverse=True):  # noqa: PLR2004  # shorter is in any
        plain = plain.replace(part, "")
    if len(plain) < SHORTEST_PASSWORD // 2:
        raise Refused("password_known")
