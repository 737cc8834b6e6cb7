"""After an upgrade of tzdata: booked visits keep their local time, and what hangs on the instant follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tzdata import IANA_VERSION  # type: ignore[import-untyped]  # it ships no types

from planner.core.staff import COMMAND_LINE
from planner.core.units import attended, cells, taken_by
from planner.core.zone_changes import Moved, clashes
from planner.services.cases import advance, case_of
from planner.services.telling import tell
from planner.store import audit, patients, resources, sites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from planner.core.history import Payload
    from planner.core.patients import Patient, Site
    from planner.core.protocol import Protocol
    from planner.core.zone_changes import Visit
    from planner.services.cases import Case
    from planner.services.work import Office, Work

TZDATA = IANA_VERSION
"""The edition of the time-zone rules that the planner reads."""

NEAR = timedelta(days=2)
"""No rule moves an instant further: cells from so long ago on are looked at."""


@dataclass(frozen=True, slots=True)
class Whose:
    """A visit as staff name it."""

    subject_id: str
    protocol: Protocol
    code: str


@dataclass(frozen=True, slots=True)
class Line:
    """A booked visit that moved, and the one that has its place now, if any."""

    whose: Whose
    moved: Moved
    clash: Whose | None = None

    @property
    def needs_person(self) -> bool:
        """Whether it cannot follow: it stays as it is until somebody books another time."""
        return self.moved.now is None or self.clash is not None


def look(office: Office) -> tuple[Line, ...]:
    """Every visit to come whose time means another instant than when it was booked, at all sites; nothing is saved."""
    with office.look(COMMAND_LINE) as work:
        return tuple(line for site in sites.every(work.session) for line in _changed(work, site))


def follow(office: Office) -> tuple[Line, ...]:
    """The same, and what can follow does: cells, stored instants, the history, and one update for whoever was told.

    All of a site in one transaction: visits that move alike take each other's places.
    """
    with office.look(COMMAND_LINE) as work:
        every = sites.every(work.session)
    return tuple(line for site in every for line in _followed(office, site))


def _followed(office: Office, site: Site) -> tuple[Line, ...]:
    with office.begin(COMMAND_LINE) as work:
        patients.one_by_one(work.session)  # nobody books until this is saved
        found = _changed(work, site)
        known = {own: case_of(work, patient) for own, patient in _of_site(work, site).items() if _among(own, found)}
        going = [line.moved for line in found if not line.needs_person]
        _take(work, going)
        for own, case in known.items():
            _write(work, case, [moved for moved in going if moved.visit[0] == own])
            tell(work, case.patient, case.schedule)
        return found


def _among(own: int, found: tuple[Line, ...]) -> bool:
    return any(line.moved.visit[0] == own for line in found)


def _of_site(work: Work, site: Site) -> dict[int, Patient]:
    every = patients.every(work.session, frozenset({site.code}))
    return {patients.key(work.session, patient.public_id): patient for patient in every}


def _changed(work: Work, site: Site) -> tuple[Line, ...]:
    known = _of_site(work, site)
    moved = [one for own, patient in known.items() for one in _moved(work, own, patient)]
    taken = resources.holders(work.session, site.code, cells(work.now - NEAR, 0).start) if moved else {}
    stopped = clashes((one for one in moved if one.now is not None), taken)
    return tuple(Line(_whose(work, known, one.visit), one, _stopped(work, known, stopped, one)) for one in moved)


def _moved(work: Work, own: int, patient: Patient) -> Iterator[Moved]:
    """The patient's visits to come that mean another instant; one attendance once, nothing once the study ended."""
    was = patients.instants(work.session, own) if patient.ended is None else {}
    facts, protocol = patients.known(work.session, patient).facts, work.library.find(patient.protocol)
    for code in sorted(was.keys() - facts.together.keys()):
        fact, now = facts.visits[code], facts.visits[code].instant
        if now != was[code] and fact.day is not None and fact.day >= work.today(patient.site):
            wanted = taken_by(fact, *attended(protocol, facts, code)) if now is not None else range(0)
            yield Moved((own, code), fact, was[code], now, wanted)


def _whose(work: Work, known: Mapping[int, Patient], visit: Visit) -> Whose:
    patient = known[visit[0]]
    return Whose(patient.subject_id, work.library.find(patient.protocol), visit[1])


def _stopped(work: Work, known: Mapping[int, Patient], stopped: Mapping[Visit, Visit], one: Moved) -> Whose | None:
    return _whose(work, known, stopped[one.visit]) if one.visit in stopped else None


def _take(work: Work, going: list[Moved]) -> None:
    """Everybody leaves their cells before anybody takes new ones."""
    for one in going:
        resources.release(work.session, *one.visit)
    for one in going:
        if one.fact.unit is not None:
            resources.take(work.session, *one.visit, one.fact.unit, one.cells)


def _write(work: Work, case: Case, going: list[Moved]) -> None:
    """The facts stay, with the instants that they mean now; each visit that moved is a row of the history."""
    if not going:
        return
    advance(work, case.patient)
    stamp = work.stamp("follow_zone")
    for one in going:
        own, code = one.visit
        for beside in case.facts.attendance(code):
            patients.write_visit(work.session, own, beside, case.facts.visits[beside])
        audit.write(work.session, stamp, f"instant:{code}", (_payload(one, one.was), _payload(one, one.now)), own)


def _payload(one: Moved, instant: datetime | None) -> Payload:
    """The booking with an instant that its time means, or meant."""
    fact = one.fact
    return {"day": str(fact.day), "at": str(fact.at), "zone": fact.zone, "utc": f"{instant:%Y-%m-%d %H:%M}"}
