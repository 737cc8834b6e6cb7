"""planner demo: the planner with thirty synthetic patients and an account for each role, served on this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.demo_folder import MAILS, PRINTS, address, audit_key, key, opened
from planner.cli.demo_lives import at_ten, before_all, live_out
from planner.cli.demo_site import SITE, STAFF, renew_passwords, set_up
from planner.cli.serving import serve
from planner.core.errors import Refused
from planner.core.staff import COMMAND_LINE
from planner.post import into_folder
from planner.services.patients import own_sites
from planner.services.work import Office
from planner.store.database import connect
from planner.worker import alongside, shift

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Thread

    from planner.store.database import Database
    from planner.worker import Shift

SENDER = "visits@hospital.example"
STOPS_WITHIN = 5.0
"""Seconds in which the worker is done with a file."""

HOST = "127.0.0.1"
IDLE_MINUTES = 120
MADE = "Thirty synthetic patients are there, at all stages around today."
KEPT = "The patients of the last start are kept; --fresh begins anew, with patients around today."


@click.command(short_help="Serve the planner with synthetic patients.")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("out/demo"), help="(out/demo)")
@click.option("--fresh", is_flag=True, help="Begin anew: what an earlier demo left in the folder is removed.")
def demo(port: int, data: Path, *, fresh: bool) -> None:
    """Serve the pages with synthetic patients, until Ctrl-C; passwords are printed, new ones at each start."""
    _must_be_free(port)
    with opened(data, fresh=fresh) as database:
        told = _filled(database)
        with Office(database).begin(COMMAND_LINE) as work:
            passwords = renew_passwords(work)
    click.echo(_welcome(port, passwords, f"{told}\nMails to them are written into {data / MAILS}; nothing is sent."))
    _surround(data)
    serve(database, f"{HOST}:{port}", workers=1, hooks=_working(data))


def _working(data: Path) -> dict[str, Callable[..., None]]:
    """A worker in the process that serves: it starts and ends with it, and nobody is left behind."""
    found: dict[str, tuple[Shift, Thread]] = {}

    def start(_server: object) -> None:
        office = Office(connect(address(data), audit_key(data)))
        mine = shift(office, into_folder(data.resolve() / MAILS), SENDER)
        found["worker"] = (mine, alongside(mine))

    def stop(_arbiter: object, _server: object) -> None:
        if "worker" in found:
            mine, thread = found.pop("worker")
            mine.stopping.set()
            thread.join(STOPS_WITHIN)
            mine.office.database.close()

    return {"post_worker_init": start, "worker_exit": stop}


def _must_be_free(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError as error:
            raise click.UsageError(f"--port: {port} is not open to this user; choose one from 1024 on") from error
        except OSError as error:
            raise Refused("port_taken", port=port) from error


def _filled(database: Database) -> str:
    """What is said of the patients: made just now, all or none, or kept from an earlier start."""
    with Office(database).begin(COMMAND_LINE) as work:
        if own_sites(work):
            return KEPT
        click.echo("Making thirty synthetic patients with their past; this takes some seconds ...", err=True)
        today = work.today(SITE)
        set_up(at_ten(work, before_all(today), COMMAND_LINE))
        live_out(work, today)
    return MADE


def _welcome(port: int, passwords: Mapping[str, str], told: str) -> str:
    lines = [f"    {who.login:18}{passwords[who.login]:26}{str(who.role).replace('_', ' ')}" for who in STAFF]
    return "\n".join(
        [
            f"\nThe visit planner is on http://{HOST}:{port}",
            f"\n    {'user name':18}{'password':26}role",
            *lines,
            f"\n{told}",
            "Passwords are new at each start. Ctrl-C ends it.",
        ]
    )


def _surround(data: Path) -> None:
    """The settings that the served application reads, and no others."""
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        del os.environ[name]
    os.environ.update(
        PLANNER_DATABASE_URL=address(data),
        PLANNER_SECRET_KEY=key(data),
        PLANNER_AUDIT_KEY=audit_key(data),
        PLANNER_PRINTS=str(data.resolve() / PRINTS),
        PLANNER_TRUSTED_HOSTS=f"{HOST},localhost",
        PLANNER_SECURE_COOKIES="false",
        PLANNER_IDLE_MINUTES=str(IDLE_MINUTES),
    )
