"""Which booked visits a change of a site cuts, told before it is saved; nothing moves by itself."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from planner.core.cuts import Ground, cut
from planner.core.errors import Refused
from planner.core.facts import State
from planner.core.units import attended
from planner.services.resources import calendar, site_days, unit_names
from planner.store import patients, resources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, time

    from planner.core.facts import Fact
    from planner.core.patients import Patient, Site
    from planner.core.protocol import Encounter
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Cut:
    """A booked visit that is cut: whose, which, when, and in which unit (empty: in none)."""

    patient: str
    code: str
    day: date
    at: time | None
    unit: str


def ground(work: Work, site: Site) -> Ground:
    """What the site offers now, what was written in this transaction included."""
    first = work.today(site)
    last = max((fact.day for _, _, fact in _booked(work, site) if fact.day is not None), default=first)
    return Ground(
        site.zone,
        calendar(site_days(work, site), range(first.year, last.year + 1)),
        {unit.public_id: unit for unit in resources.units(work.session, site.code)},
        tuple(day for _, day in resources.opened(work.session, site.code)),
    )


def since(work: Work, site: Site, before: Ground) -> tuple[Cut, ...]:
    """The visits still to come that what was written since then cuts, by day and time."""
    after, names = ground(work, site), unit_names(work, site)
    found = [
        Cut(patient.public_id, visits[0].code, fact.day, fact.at, names.get(fact.unit or "", ""))
        for patient, visits, fact in _booked(work, site)
        if fact.day is not None and cut(before, after, fact, *visits)
    ]
    return tuple(sorted(found, key=lambda one: (one.day, str(one.at or ""), one.unit, one.patient)))


def must_be_agreed(found: tuple[Cut, ...], agreed: str | None) -> None:
    """Refused until somebody has seen these very visits; None: nobody is there to be asked."""
    if found and agreed not in (None, seal(found)):
        raise Refused("visits_are_cut", number=len(found), cut=found, agreed=seal(found))


def seal(found: tuple[Cut, ...]) -> str:
    """What stands for these visits in the form that somebody agrees with; it tells nothing of them."""
    return sha256(repr(found).encode()).hexdigest()


def _booked(work: Work, site: Site) -> Iterator[tuple[Patient, tuple[Encounter, ...], Fact]]:
    """Every booked attendance of the site that lies ahead, of patients whose study goes on that long."""
    today = work.today(site)
    for patient in patients.every(work.session, frozenset({site.code})):
        protocol, facts = work.library.find(patient.protocol), patients.known(work.session, patient).facts
        for code, fact in facts.visits.items():
            ahead = fact.state is State.BOOKED and fact.day is not None and fact.day >= today
            known = code in protocol.by_code and code not in facts.together
            if ahead and known and (patient.ended is None or (fact.day or today) <= patient.ended):
                yield patient, attended(protocol, facts, code), fact
