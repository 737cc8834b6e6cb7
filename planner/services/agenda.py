"""What a person looks at first: today of their sites, and the week of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from planner.core.agenda import DECIDED, PRESSING, SOON, Asks, Item, items, time_of, uncleared, untold
from planner.core.calendar import ANY
from planner.core.days import near
from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.services.cases import MOST_CASES, case_of
from planner.services.disruption import waiting
from planner.services.patients import own_sites
from planner.services.resources import calendar, site_days, unit_names
from planner.services.schedules import Memory
from planner.store import deliveries, patients

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planner.core.calendar import Calendar, Closure
    from planner.core.notices import Message
    from planner.core.patients import Patient, Site
    from planner.core.schedule import Schedule
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.work import Work

WEEK = 7

_items: Memory[tuple[Item, ...]] = Memory(MOST_CASES)
_visits: Memory[Mapping[date, tuple[Visit, ...]]] = Memory(MOST_CASES)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with the patient whom it is about: the one at `place` among the lines of that case."""

    case: Case
    place: int
    item: Item

    @property
    def patient(self) -> Patient:
        """Whom it is about."""
        return self.case.patient

    @property
    def schedule(self) -> Schedule:
        """Their schedule."""
        return self.case.schedule


@dataclass(frozen=True, slots=True)
class Today:
    """The three columns of a day; `site` None: all sites of the person. `units`: names by public id.

    `cases` are the patients of whom there is any line; `waiting` the sites with booked visits on closed days, and how
    many; `untold` what no mail could tell.
    """

    sites: tuple[Site, ...]
    site: Site | None
    day: date
    cases: tuple[Case, ...]
    now: tuple[Entry, ...]
    decide: tuple[Entry, ...]
    soon: tuple[Entry, ...]
    units: Mapping[str, str]
    waiting: tuple[tuple[Site, int], ...] = ()
    untold: tuple[Entry, ...] = ()

    @property
    def soon_by_patient(self) -> tuple[tuple[Entry, ...], ...]:
        """What is soon, patient by patient: whose first line is the most urgent comes first."""
        found: dict[str, list[Entry]] = {}
        for entry in self.soon:
            found.setdefault(entry.patient.public_id, []).append(entry)
        return tuple(map(tuple, found.values()))


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit in a week, with the patient whose it is."""

    case: Case
    visit: Visit

    @property
    def patient(self) -> Patient:
        """Whose visit it is."""
        return self.case.patient


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
    soon = sorted((e for e in found if e.item.asks in SOON), key=_gravest)
    columns = (tuple(now), tuple(decide), tuple(soon))
    cases = tuple({entry.patient.public_id: entry.case for entry in found}.values())
    counted = tuple((place, waiting(work, place)) for place in shown)
    closed = tuple((place, number) for place, number in counted if number)
    day = day_at(work, next(iter(shown), None))
    failed = tuple(entry for place in shown for entry in _untold(work, place))
    return Today(sites, chosen, day, cases, *columns, unit_names(work, *shown), closed, failed)


def lines(case: Case) -> tuple[Item, ...]:
    """Everything of one patient that is now, to be decided or soon."""
    return _items.get(case.key, lambda: items(case.schedule, case.today))


def _entries(work: Work, site: Site) -> Iterator[Entry]:
    for patient in patients.every(work.session, frozenset({site.code})):
        case = case_of(work, patient)
        yield from (Entry(case, place, item) for place, item in enumerate(lines(case)))


def _untold(work: Work, site: Site) -> Iterator[Entry]:
    """What no mail could tell, or may: it differs without any act on the patient, so it is never remembered."""
    failed: dict[str, list[Message]] = {}
    for public_id, message in deliveries.failed(work.session, site.code):
        failed.setdefault(public_id, []).append(message)
    for public_id, messages in failed.items():
        case = case_of(work, patients.find(work.session, public_id, None))
        found = untold(case.schedule, messages, case.today)
        yield from (Entry(case, place, item) for place, item in enumerate(found))
    for public_id in deliveries.unaddressed(work.session, site.code):
        yield Entry(case_of(work, patients.find(work.session, public_id, None)), 0, Item(Asks.ADDRESS, None))
    for patient in patients.every(work.session, frozenset({site.code})):
        if patient.ended is not None:
            yield from _uncleared(work, patient)


def _uncleared(work: Work, patient: Patient) -> Iterator[Entry]:
    """What is left in the calendar of a patient for whom the study ended."""
    held = deliveries.held(work.session, patients.key(work.session, patient.public_id))
    for item in uncleared(held, patient.ended_because, work.today(patient.site)):
        yield Entry(case_of(work, patient), 0, item)


def _by_time(entry: Entry) -> tuple[bool, time, str]:
    """By time, then those without one."""
    at = entry.item.at
    return (at is None, at or time.min, entry.patient.subject_id)


def _by_need(entry: Entry) -> tuple[int, date, str]:
    return (PRESSING[entry.item.asks], entry.item.day or date.min, entry.patient.subject_id)


def _in_time(entry: Entry) -> tuple[date, int, str]:
    return (entry.item.day or date.min, PRESSING[entry.item.asks], entry.patient.subject_id)


def _gravest(entry: Entry) -> tuple[bool, date, int, str]:
    """By day, but first of all a visit that hardly has a day left."""
    return (entry.item.asks is not Asks.FEW_DAYS, *_in_time(entry))


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
        case = case_of(work, patient)
        visits = _by_day(case)
        for day, found in on.items():
            found.extend(Booked(case, visit) for visit in visits.get(day, ()))
    return tuple(Day(day, open_on, _closed(open_on, kinds, day), _in_order(found)) for day, found in on.items())


def _by_day(case: Case) -> Mapping[date, tuple[Visit, ...]]:
    """The visits of a patient by their days; one that another's attendance fulfils stands in that one's place."""

    def made() -> Mapping[date, tuple[Visit, ...]]:
        on: dict[date, tuple[Visit, ...]] = {}
        for visit in case.schedule.visits:
            if visit.day is not None and visit.state is not State.NOT_APPLICABLE and visit.host is None:
                on[visit.day] = (*on.get(visit.day, ()), visit)
        return on

    return _visits.get(case.key, made)


def _closed(open_on: Calendar, kinds: Iterable[str], day: date) -> tuple[tuple[str, tuple[Closure, ...]], ...]:
    """What is closed at the site on that day; nobody's own absence closes a site."""
    found = ((kind, open_on.why_closed(day, kind, attended=False)) for kind in kinds)
    return tuple((kind, why) for kind, why in found)


def _in_order(found: list[Booked]) -> tuple[Booked, ...]:
    return tuple(sorted(found, key=_by_clock))


def _by_clock(booked: Booked) -> tuple[bool, time, str]:
    at = time_of(booked.visit)
    return (at is None, at or time.min, booked.patient.subject_id)
