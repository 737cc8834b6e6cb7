"""A site's calendar: weekends, public holidays by country and region, hours, closures; and what is free in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from holidays import country_holidays

from planner.core.calendar import Because, Calendar, Closure, Opening
from planner.core.days import YEARS_AROUND, near
from planner.core.errors import Refused
from planner.core.units import CELL, attended, cells, free, kind_of, minutes_of, room, spent_elsewhere, weekdays_without
from planner.core.walltime import instant
from planner.store import patients, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.core.patients import Site
    from planner.core.units import Free, Opened, Unit
    from planner.services.cases import Case
    from planner.services.work import Work

SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class SiteDays:
    """Where closed days come from: a country or region (`BE`, `DE-BY`), weekends, closures, days opened by hand."""

    holidays: str | None = None
    weekends_closed: bool = False
    closures: tuple[Closure, ...] = ()
    openings: tuple[Opening, ...] = ()


@lru_cache(maxsize=64)
def calendar(days: SiteDays, years: range) -> Calendar:
    """The calendar of a site over these years; Refused for a country or region that is not known."""
    public = public_holidays(days.holidays, years) if days.holidays is not None else ()
    weekend = SATURDAY_AND_SUNDAY if days.weekends_closed else frozenset()
    return Calendar(weekend, (*public, *days.closures), days.openings)


def site_days(work: Work, site: Site) -> SiteDays:
    """The site's own days: a kind whose units have no hours on a weekday is closed on it."""
    hours = weekdays_without(resources.units(work.session, site.code))
    weekly = (_no_hours(kind, weekdays) for kind, weekdays in hours.items() if weekdays)
    closures = (closure for _, closure in resources.closures(work.session, site.code))
    opened = (day for _, day in resources.opened(work.session, site.code))
    openings = tuple(Opening(o.day, o.name, (o.kind,) if o.kind else ()) for o in opened)
    return SiteDays(site.holidays, site.weekends_closed, (*weekly, *closures), openings)


def _no_hours(kind: str, weekdays: tuple[int, ...]) -> Closure:
    return Closure(date.min, date.max, Because.HOURS, calendars=(kind,), weekdays=weekdays)


def must_be_meant(work: Work, site: Site, *days: date) -> None:
    """Refused for a day so far from today that somebody mistyped the year."""
    for day in days:
        if not near(day, work.today(site)):
            raise Refused("year_mistyped", day=day, years=YEARS_AROUND)


def patient_days(work: Work, site: Site, patient: int) -> SiteDays:
    """The days of the patient's site, without those on which the patient is away."""
    days = site_days(work, site)
    away = tuple(closure for _, closure in resources.absences(work.session, patient))
    return replace(days, closures=(*days.closures, *away))


def unit_names(work: Work, *at: Site) -> Mapping[str, str]:
    """The names of the units of these sites by public id; a unit no longer in use keeps its name."""
    return resources.unit_names(work.session, frozenset(site.code for site in at))


@dataclass(frozen=True, slots=True)
class Room:
    """The units of the kind that a visit needs, and what of their time others have taken; empty where it needs none.

    `busy` are the cells in which the patient is elsewhere; nothing begins before `now`, or on a day that is `shut`.
    """

    site: Site
    minutes: int
    units: tuple[Unit, ...] = ()
    opened: tuple[Opened, ...] = ()
    taken: Mapping[str, frozenset[int]] = field(default_factory=dict)
    busy: frozenset[int] = frozenset()
    now: datetime | None = None
    shut: tuple[Closure, ...] = ()

    def free(self, day: date) -> tuple[Free, ...]:
        """The times at which the visit can begin on that day."""
        gone = {unit.public_id: self.taken.get(unit.public_id, frozenset()) | self.busy for unit in self.units}
        return self._to_come(day, gone)

    def offered(self, day: date) -> tuple[Free, ...]:
        """The times that would be there if nobody had taken any."""
        return self._to_come(day, {})

    def _to_come(self, day: date, gone: Mapping[str, frozenset[int]]) -> tuple[Free, ...]:
        if any(day in closure for closure in self.shut):
            return ()
        found = free(self.units, day, self.minutes, self.site, gone, self.opened)
        return tuple(f for f in found if self.now is None or instant(day, f.at, self.site.zone) >= self.now)

    def places(self, day: date) -> int:
        """How many such visits still fit into that day."""
        return room(self.free(day), self.minutes, day, self.site.zone)


def room_for(work: Work, case: Case, code: str, days: tuple[date, date], *, alone: bool = True) -> Room:
    """Room for the visit on the days from first to last, its own booking lifted; not `alone`: all of this patient."""
    encounter, site = case.protocol.by_code[code], case.patient.site
    kind = kind_of(encounter)
    units = tuple(u for u in resources.units(work.session, site.code) if u.kind == kind and u.hours)
    minutes = minutes_of(*attended(case.protocol, case.facts, code))
    if not units:
        return Room(site, minutes)
    own = patients.key(work.session, case.patient.public_id)
    first, last = (datetime.combine(day, time(), ZoneInfo(site.zone)) for day in days)
    span = range(cells(first - CELL, 15).start, cells(last + timedelta(days=1), 15).stop)
    opened = tuple(day for _, day in resources.opened(work.session, site.code))
    taken = resources.taken(work.session, site.code, span, (own, code if alone else None))
    busy = spent_elsewhere(case.protocol, case.facts, code) if alone else frozenset()
    shut = tuple(c for _, c in resources.closures(work.session, site.code) if not c.calendars or kind in c.calendars)
    return Room(site, minutes, units, opened, taken, busy, work.now, shut)


def public_holidays(place: str, years: Iterable[int]) -> tuple[Closure, ...]:
    """The public holidays of a country or region (`BE`, `DE-BY`) in these years, one closure per day.

    Raises Refused for a place that is not known.
    """
    country, dash, region = place.upper().partition("-")
    try:
        found = country_holidays(country, subdiv=region or None, years=years, language="en_US", observed=True)
    except NotImplementedError as error:
        raise Refused("no_such_holidays", place=place) from error
    if dash and not region:
        raise Refused("no_such_holidays", place=place)
    return tuple(Closure(day, day, Because.HOLIDAY, name) for day, name in sorted(found.items()))
