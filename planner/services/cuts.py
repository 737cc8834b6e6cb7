"""Which booked visits a change of a site cuts, told before it is saved; nothing moves by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.cuts import Ground, cut
from planner.core.errors import Refused
from planner.core.facts import State
from planner.core.units import attended
from planner.services.resources import calendar, site_days, unit_names
from planner.services.seals import sealed
from planner.store import patients, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time

    from planner.core.calendar import Closure
    from planner.core.facts import Fact, Facts
    from planner.core.patients import Patient, Site
    from planner.core.protocol import Encounter, Protocol
    from planner.core.units import Unit
    from planner.services.resources import SiteDays
    from planner.services.work import Work


@dataclass(frozen=True, slots=True)
class Cut:
    """A booked visit that is cut: whose, which, when, and in which unit (empty: in none)."""

    patient: str
    code: str
    day: date
    at: time | None
    unit: str


@dataclass(frozen=True, slots=True)
class Shutting:
    """Days that are to be closed: to the site, to kinds of its units, or to one `unit` (public id)."""

    closure: Closure
    unit: str = ""

    def days(self, known: SiteDays) -> SiteDays:
        """The days of the site, or of a patient of it, with these closed too; a unit alone closes none."""
        return known if self.unit else replace(known, closures=(*known.closures, self.closure))

    def units(self, known: Iterable[Unit]) -> tuple[Unit, ...]:
        """The units, the one that is meant with its own closure."""
        shut = self.closure
        return tuple(replace(u, closures=(*u.closures, shut)) if u.public_id == self.unit else u for u in known)


def ground(work: Work, site: Site, shutting: Shutting | None = None, until: date | None = None) -> Ground:
    """What the site offers now, what was written in this transaction included; and with what is only asked for.

    It covers every day `until` the one given, else until the last booked day of the site.
    """
    first = work.today(site)
    last = until or max((fact.day for _, _, fact in _booked(work, site) if fact.day is not None), default=first)
    days, units = site_days(work, site), resources.units(work.session, site.code)
    if shutting is not None:
        days, units = shutting.days(days), shutting.units(units)
    return Ground(
        site.zone,
        calendar(days, range(first.year, last.year + 1)),
        {unit.public_id: unit for unit in units},
        tuple(day for _, day in resources.opened(work.session, site.code)),
    )


def since(work: Work, site: Site, before: Ground) -> tuple[Cut, ...]:
    """The visits still to come that what was written since then cuts, by day and time."""
    return between(work, site, before, ground(work, site))


def between(work: Work, site: Site, before: Ground, after: Ground) -> tuple[Cut, ...]:
    """The visits still to come that stand on the one ground and not on the other, by day and time."""
    names = unit_names(work, site)
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
    return sealed(found)


def _booked(work: Work, site: Site) -> Iterator[tuple[Patient, tuple[Encounter, ...], Fact]]:
    """Every booked attendance of the site that lies ahead."""
    for patient in patients.every(work.session, frozenset({site.code})):
        protocol, facts = work.library.find(patient.protocol), patients.known(work.session, patient).facts
        yield from ((patient, visits, fact) for visits, fact in ahead(protocol, facts, work.today(site)))


def ahead(protocol: Protocol, facts: Facts, today: date) -> Iterator[tuple[tuple[Encounter, ...], Fact]]:
    """Every booked attendance of a patient from today on, as long as the study goes on for that patient."""
    for code, fact in facts.visits.items():
        day = fact.day if fact.state is State.BOOKED else None
        known = code in protocol.by_code and code not in facts.together
        if known and day is not None and today <= day <= (facts.ended or day):
            yield attended(protocol, facts, code), fact
