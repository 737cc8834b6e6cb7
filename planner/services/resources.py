"""A site's calendar: weekends, public holidays by country and region, hours, closures; and what is free in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from holidays import country_holidays

from planner.core.calendar import Because, Calendar, Closure, Opening
from planner.core.days import LATEST, YEARS_AROUND, near
from planner.core.errors import Refused
from planner.core.rooms import Capacity
from planner.core.turns import barred
from planner.core.units import CELL, cells, weekdays_without
from planner.store import patients, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.core.patients import Site
    from planner.core.rooms import Room
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
    return Calendar(weekend, (*public, *days.closures), days.openings, years)


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


def capacity(
    work: Work, site: Site, days: tuple[date, date] | None = None, beside: tuple[int, str | None] | None = None
) -> Capacity:
    """What the site's units offer on the days from first to last, else from today on, without what `beside` takes.

    That is one visit of a patient, or with None in place of its code all of them.
    """
    first, last = (datetime.combine(day, time(), ZoneInfo(site.zone)) for day in days or (work.today(site), LATEST))
    span = range(cells(first - CELL, 15).start, cells(last + timedelta(days=1), 15).stop)
    session = work.session
    opened = tuple(day for _, day in resources.opened(session, site.code))
    shut = tuple(closure for _, closure in resources.closures(session, site.code))
    taken = resources.taken(session, site.code, span, beside)
    return Capacity(site, resources.units(session, site.code), opened, shut, taken, work.now)


def room_for(work: Work, case: Case, code: str, days: tuple[date, date], *, alone: bool = True) -> Room:
    """Room for the visit on the days from first to last, its own booking lifted; not `alone`: all of this patient."""
    own = patients.key(work.session, case.patient.public_id)
    found = capacity(work, case.patient.site, days, (own, code if alone else None))
    room = found.room(case.protocol, case.facts, code)
    return replace(room, busy=barred(case.protocol, case.facts, code)) if alone and room.units else room


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
