"""What was done, by whom, when and why: read, signed as read, taken away, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.history import Scope
from planner.core.staff import READ_RECORDS, REVIEWERS, Role
from planner.services.cases import case
from planner.store import audit, patients, resources, sites, trail

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planner.core.deviation_log import Log
    from planner.core.history import Entry, Head, Line, Review, Sought, Verdict
    from planner.core.protocol import Protocol
    from planner.services.cases import Case
    from planner.services.work import Work

PAGE = 50
READERS = READ_RECORDS | {Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Told:
    """A write with the protocol that its words are taken from, where it is about a patient."""

    line: Line
    protocol: Protocol | None
    units: Mapping[str, str]
    """The names of units by their public ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Fifty writes of those sought, the newest first; `newest` is the last of all that may be read."""

    lines: tuple[Told, ...]
    number: int
    page: int
    pages: int
    newest: int | None
    reviews: tuple[Review, ...]
    read: int | None
    """Up to where the reader has signed."""

    unread: int
    """How many writes came after that."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Everything that was sought, to be taken away, with the end of the chain as it was at that moment."""

    lines: tuple[Told, ...]
    head: Head | None


def of_patient(work: Work, public_id: str) -> tuple[Case, tuple[Entry, ...]]:
    """The patient's case and everything written about them, the newest first."""
    found = case(work, public_id)
    return found, audit.of_patient(work.session, public_id)


def scope(work: Work) -> Scope:
    """What the actor may read: of patients within reach, or (administrators) of accounts, sites and sign-ins."""
    role = work.actor.role
    if role is not None and role not in READERS:
        raise Refused("history_not_for_role")
    return Scope(role is not Role.ADMIN, work.actor.reach)


def zone(work: Work) -> str:
    """The zone whose days the reader means: that of the first of their sites."""
    own = sites.every(work.session, work.actor.reach) or sites.every(work.session)
    return own[0].zone if own else "UTC"


def people(work: Work) -> dict[str, str]:
    """Whose acts the actor may read: names by login."""
    return trail.people(work.session, scope(work))


def actions(work: Work) -> tuple[str, ...]:
    """The kinds of acts that the actor may read."""
    return trail.actions(work.session, scope(work))


def page(work: Work, sought: Sought, asked: int = 1) -> Page:
    """A page of what is sought; the last one where there are not so many."""
    seen = scope(work)
    number = trail.number(work.session, seen, sought)
    pages = max(-(-number // PAGE), 1)
    shown = min(max(asked, 1), pages)
    reviews = trail.reviews(work.session, seen) if seen.patients else ()
    read = next((review.up_to for review in reviews if review.login == work.actor.login), None)
    return Page(
        lines=_told(work, trail.read(work.session, seen, sought, start=(shown - 1) * PAGE, most=PAGE)),
        number=number,
        page=shown,
        pages=pages,
        newest=trail.newest(work.session, seen),
        reviews=reviews,
        read=read,
        unread=trail.later(work.session, seen, read) if read is not None else 0,
    )


def _told(work: Work, lines: tuple[Line, ...]) -> tuple[Told, ...]:
    units = resources.unit_names(work.session, work.actor.reach)
    find = work.library.find
    return tuple(Told(line, find(line.about.protocol) if line.about else None, units) for line in lines)


def copy(work: Work, sought: Sought) -> Copy:
    """Everything that is sought."""
    return Copy(_told(work, trail.read(work.session, scope(work), sought)), audit.head(work.session))


def review(work: Work, up_to: int, note: str) -> None:
    """Sign that everything up to that write was read; Refused for one that nobody showed, or that was signed before."""
    seen = scope(work)
    if work.actor.role not in REVIEWERS:
        raise Refused("review_not_for_role")
    newest = trail.newest(work.session, seen)
    own = [one.up_to for one in trail.reviews(work.session, seen) if one.login == work.actor.login]
    if newest is None or not 0 < up_to <= newest:
        raise Refused("nothing_shown_to_review")
    if own and up_to <= own[0]:
        raise Refused("reviewed_before")
    audit.write(work.session, work.stamp(trail.REVIEW, note), trail.HISTORY, (None, {"up_to": up_to}), None)


def denied(work: Work, endpoint: str, method: str) -> None:
    """The actor asked for what their role may not do."""
    asked: dict[str, str | int | bool | None] = {"endpoint": endpoint, "method": method}
    audit.write(work.session, work.stamp("denied"), "page", (None, asked), None)


def taken_away(work: Work, public_id: str, kind: str) -> None:
    """The actor took away a patient's file."""
    own = patients.key(work.session, public_id)
    audit.write(work.session, work.stamp("export"), f"export:{kind}", (None, {"kind": kind}), own)


def copied(work: Work, kind: str, rows: int, sought: str) -> None:
    """The actor took away a copy of the history."""
    told: dict[str, str | int | bool | None] = {"kind": kind, "rows": rows, "sought": sought}
    audit.write(work.session, work.stamp("export"), trail.HISTORY, (None, told), None)


def week_copied(work: Work, rows: int, site: str, first: date) -> None:
    """The actor took away the week of a site."""
    told: dict[str, str | int | bool | None] = {"kind": "pdf", "rows": rows, "sought": f"site {site} from {first}"}
    audit.write(work.session, work.stamp("export"), trail.HISTORY, (None, told | {"what": "week list"}), None)


def log_copied(work: Work, kind: str, log: Log, sought: str) -> None:
    """The actor took away a copy of the deviation log; that of one patient is told with the patient, by no number."""
    told: dict[str, str | int | bool | None] = {"kind": kind, "rows": len(log.lines), "sought": sought}
    if log.asked.patient:
        own = patients.key(work.session, log.asked.patient)
        audit.write(work.session, work.stamp("export"), "export:deviations", (None, told), own)
    else:
        told["what"] = "deviation log"
        audit.write(work.session, work.stamp("export"), trail.HISTORY, (None, told), None)


def verify(work: Work, since: Head | None = None) -> Verdict:
    """Whether the history stands as it was written; `since` is a head that was written down earlier."""
    return audit.verify(work.session, since)


def head(work: Work) -> Head | None:
    """The end of the chain, to be written down outside the database."""
    return audit.head(work.session)
