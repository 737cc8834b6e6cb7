"""Settings from the environment (PLANNER_...): read once at the top, every fault said at once, then passed on."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path  # noqa: TC003  # read at run time
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from planner.core.errors import Refused
from planner.post import server_of

S = TypeVar("S", bound=BaseSettings)
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 12
QUEUES = ("sqlite", "redis", "rediss", "postgresql")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")


def _long_enough(key: str) -> str:
    if len(key.encode()) < SHORTEST_KEY:
        raise ValueError(f"must have {SHORTEST_KEY} bytes at least; make one with: openssl rand -base64 48")
    if len(set(key)) < FEWEST_CHARACTERS:
        raise ValueError("is easy to guess; make one with: openssl rand -base64 48")
    return key


def _keys_long_enough(keys: str) -> str:
    for key in filter(None, keys.split(",")):
        _long_enough(key)
    return keys


def _of_its_own(key: str, others: ValidationInfo) -> str:
    """Whoever learns the key that signs cookies must not be able to write history with it."""
    told = (others.data.get("secret_key"), *str(others.data.get("secret_key_fallbacks", "")).split(","))
    if key in told:
        raise ValueError("must differ from the secret key; make one with: openssl rand -base64 48")
    return key


def _database(url: str) -> str:
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise ValueError("is no address of a database, such as sqlite:////var/lib/planner/planner.db") from error
    if found.drivername not in DRIVERS:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if found.drivername == "sqlite" and (found.query or found.database in (None, "", ":memory:")):
        raise ValueError("must name a file: a database in memory is lost at the end")
    return url


def _hosts(names: str) -> str:
    if not [name for name in names.split(",") if name.strip(" .")]:
        raise ValueError("must name the hosts under which the planner answers")
    if "*" in names:
        raise ValueError("must name the hosts: with * anybody may pretend to be this server")
    return names


class DatabaseSettings(BaseSettings):
    """What commands need that serve nobody: the database, the key that seals the history, and own protocols.

    The secret keys need not be there; where they are, the key of the history must be another one.
    """

    model_config = SettingsConfigDict(env_prefix="PLANNER_", frozen=True, extra="ignore")

    secret_key: str = ""
    secret_key_fallbacks: str = ""
    audit_key: Annotated[str, AfterValidator(_long_enough), AfterValidator(_of_its_own)]
    database_url: Annotated[str, AfterValidator(_database)]
    protocols: Path | None = None


def _mail_server(url: str) -> str:
    if url:
        server_of(url)
    return url


def _mail_address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("must be one plain address, such as visits@hospital.example")
    return text


def _one_way(folder: Path | None, others: ValidationInfo) -> Path | None:
    """By a server or into a folder, which is there."""
    if "smtp_url" in others.data and bool(folder) == bool(others.data["smtp_url"]):
        raise ValueError("must be given where PLANNER_SMTP_URL is not, and only there: mails go one way")
    if folder is not None and not folder.is_dir():
        raise ValueError("must name a folder that is there")
    return folder


def _queue(url: str) -> str:
    if url and url.partition("://")[0] not in QUEUES:
        raise ValueError("must begin with sqlite://, redis://, rediss:// or postgresql://")
    return url


class WorkerSettings(DatabaseSettings):
    """What `planner worker` needs to know. Addresses with passwords are never shown."""

    smtp_url: Annotated[str, AfterValidator(_mail_server), Field(repr=False)] = ""
    mail_from: Annotated[str, AfterValidator(_mail_address)]
    mail_folder: Annotated[Path | None, AfterValidator(_one_way), Field(validate_default=True)] = None
    queue_url: Annotated[str, AfterValidator(_queue), Field(repr=False)] = ""


class Settings(DatabaseSettings):
    """What `planner run` needs to know. Lists are written with commas."""

    secret_key: Annotated[str, AfterValidator(_long_enough)]
    secret_key_fallbacks: Annotated[str, AfterValidator(_keys_long_enough)] = ""
    trusted_hosts: Annotated[str, AfterValidator(_hosts)] = Field(min_length=1)
    prints: Path | None = None
    proxies: Annotated[int, Field(ge=0, le=5)] = 0
    idle_minutes: Annotated[int, Field(ge=1, le=240)] = 15
    absolute_hours: Annotated[int, Field(ge=1, le=24)] = 12
    secure_cookies: bool = True

    @property
    def hosts(self) -> list[str]:
        """The names under which this server answers."""
        return [host.strip() for host in self.trusted_hosts.split(",") if host.strip()]

    @property
    def older_keys(self) -> list[str]:
        """Earlier secret keys whose signatures still count."""
        return [key for key in self.secret_key_fallbacks.split(",") if key]

    @property
    def idle(self) -> timedelta:
        """How long an unused browser stays signed in."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a browser stays signed in at all."""
        return timedelta(hours=self.absolute_hours)


def from_environment() -> Settings:
    """The settings; Refused with one sentence for each that is missing or unsafe."""
    return _read(Settings)


def of_the_database() -> DatabaseSettings:
    """Those of them that a command needs which serves nobody."""
    return _read(DatabaseSettings)


def of_the_worker() -> WorkerSettings:
    """Those that sending needs."""
    return _read(WorkerSettings)


def _read(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        raise Refused("settings_unsafe", faults=tuple(map(_fault, error.errors()))) from error


def _fault(found: object) -> str:
    """One fault as a sentence, without the value: it may be a secret."""
    told = dict(found) if isinstance(found, dict) else {}
    name = f"PLANNER_{str(told['loc'][0]).upper()}"
    if told["type"] == "missing":
        return f"{name} is missing."
    return f"{name} {str(told['msg']).removeprefix('Value error, ')}."
