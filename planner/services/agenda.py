"""What a person looks at first: today of their sites, and the week of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from planner.core.agenda import DECIDED, PRESSING, Asks, Entry, items, time_of, untold
from planner.core.calendar import ANY
from planner.core.days import near
from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.services.cases import case_of
from planner.services.patients import own_sites
from planner.services.resources import calendar, site_days, unit_names
from planner.store import deliveries, patients

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.core.calendar import Calendar, Closure
    from planner.core.notices import Message
    from planner.core.patients import Patient, Site
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.services.work import Work

WEEK = 7


@dataclass(frozen=True, slots=True)
class Today:
    """The three columns of a day; `site` None: all sites of the person. `units`: names by public id."""

    sites: tuple[Site, ...]
    site: Site | None
    day: date
    now: tuple[Entry, ...]
    decide: tuple[Entry, ...]
    soon: tuple[Entry, ...]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit in a week, with the patient whose it is."""

    patient: Patient
    schedule: Schedule
    visit: Visit


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a site: why it is closed, by the kind of resource, and its visits by time."""

    day: date
    calendar: Calendar
    closed: tuple[tuple[str, tuple[Closure, ...]], ...]
    visits: tuple[Booked, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday of a site; none for a person without a site. `units`: names by public id."""

    sites: tuple[Site, ...]
    site: Site | None
    first: date
    today: date
    days: tuple[Day, ...]
    units: Mapping[str, str]


def today(work: Work, site: str = "") -> Today:
    """What is now, to be decided and soon for the patients of these sites; NotFound for a site out of reach."""
    sites = own_sites(work)
    chosen = chosen_of(sites, site) if site else None
    shown = (chosen,) if chosen is not None else sites
    found = [entry for place in shown for entry in _entries(work, place)]
    now = sorted((e for e in found if e.item.asks is Asks.VISIT), key=_by_time)
    decide = sorted((e for e in found if e.item.asks in DECIDED), key=_by_need)
    soon = sorted((e for e in found if e.item.asks not in (*DECIDED, Asks.VISIT)), key=_gravest)
    columns = (tuple(now), tuple(decide), tuple(soon))
    return Today(sites, chosen, day_at(work, next(iter(shown), None)), *columns, unit_names(work, *shown))


def _entries(work: Work, site: Site) -> Iterable[Entry]:
    failed: dict[str, list[Message]] = {}
    for public_id, message in deliveries.failed(work.session, site.code):
        failed.setdefault(public_id, []).append(message)
    for patient in patients.every(work.session, frozenset({site.code})):
        case = case_of(work, patient)
        found = (
            *untold(case.schedule, failed.get(patient.public_id, ()), case.today),
            *items(case.schedule, case.today),
        )
        yield from (Entry(patient, case.schedule, item) for item in found)


def _by_time(entry: Entry) -> tuple[bool, time, str]:
    """By time, then those without one."""
    at = entry.item.at
    return (at is None, at or time.min, entry.patient.subject_id)


def _by_need(entry: Entry) -> tuple[int, date, str]:
    return (PRESSING[entry.item.asks], entry.item.day or date.min, entry.patient.subject_id)


def _by_day(entry: Entry) -> tuple[date, int, str]:
    return (entry.item.day or date.min, PRESSING[entry.item.asks], entry.patient.subject_id)


def _gravest(entry: Entry) -> tuple[bool, date, int, str]:
    """By day, but first of all a visit that hardly has a day left."""
    return (entry.item.asks is not Asks.FEW_DAYS, *_by_day(entry))


def chosen_of(sites: tuple[Site, ...], code: str) -> Site | None:
    """The site of that code, without one the first; NotFound for a code that is not among them."""
    found = next((site for site in sites if code in ("", site.code)), None)
    if found is None and code:
        raise NotFound("no_such_site")
    return found


def day_at(work: Work, site: Site | None) -> date:
    """Today, as the site counts it."""
    return work.today(site) if site is not None else work.now.date()


def week(work: Work, site: str = "", holding: date | None = None) -> Week:
    """The week of a site (else of the person's first one) that holds a day (else today)."""
    sites = own_sites(work)
    chosen = chosen_of(sites, site)
    now = day_at(work, chosen)
    asked = asked_near(holding or now, now)
    first = asked - timedelta(days=asked.weekday())
    days = _days(work, chosen, first) if chosen is not None else ()
    return Week(sites, chosen, first, now, days, unit_names(work, *sites))


def asked_near(asked: date, now: date) -> date:
    """The day that is asked for; Refused where it is so far from today that somebody mistyped the year."""
    if not near(asked, now):
        raise Refused("no_such_week", day=asked)
    return asked


def _days(work: Work, site: Site, first: date) -> tuple[Day, ...]:
    open_on = calendar(site_days(work, site), range(first.year - 1, first.year + 2))
    kinds = sorted({e.calendar for p in work.library.protocols.values() for e in p.encounters} - {ANY})
    on: dict[date, list[Booked]] = {first + timedelta(days=n): [] for n in range(WEEK)}
    for patient in patients.every(work.session, frozenset({site.code})):
        schedule = case_of(work, patient).schedule
        for visit in schedule.visits:
            if visit.day in on and visit.state is not State.NOT_APPLICABLE and visit.host is None:
                on[visit.day].append(Booked(patient, schedule, visit))
    return tuple(Day(day, open_on, _closed(open_on, kinds, day), _in_order(found)) for day, found in on.items())


def _closed(open_on: Calendar, kinds: Iterable[str], day: date) -> tuple[tuple[str, tuple[Closure, ...]], ...]:
    """What is closed at the site on that day; nobody's own absence closes a site."""
    found = ((kind, open_on.why_closed(day, kind, attended=False)) for kind in kinds)
    return tuple((kind, why) for kind, why in found)


def _in_order(found: list[Booked]) -> tuple[Booked, ...]:
    return tuple(sorted(found, key=_by_clock))


def _by_clock(booked: Booked) -> tuple[bool, time, str]:
    at = time_of(booked.visit)
    return (at is None, at or time.min, booked.patient.subject_id)
