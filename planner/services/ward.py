"""The ward by place: which unit has which visit and when, and how much of its time is taken."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.errors import Refused
from planner.core.facts import State
from planner.core.units import CELL, Unit, ends, hours_on, kind_of, open_cells, taken_by
from planner.services.agenda import WEEK, asked_near, chosen_of, day_at
from planner.services.cases import case_of
from planner.services.patients import own_sites
from planner.services.resources import calendar, site_days, unit_names
from planner.services.sites import kinds
from planner.store import patients, resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, time

    from planner.core.calendar import Calendar, Closure
    from planner.core.facts import Fact
    from planner.core.patients import Patient, Site
    from planner.core.units import Opened
    from planner.core.visit import Visit
    from planner.services.work import Work

CELLS_AN_HOUR = timedelta(hours=1) // CELL


@dataclass(frozen=True, slots=True)
class Placed:
    """A visit in its unit, from when until when; `unit` None: booked without one although its kind has units."""

    patient: Patient
    visit: Visit
    kind: str
    day: date
    unit: str | None
    at: time | None
    until: time | None
    cells: frozenset[int]
    cut: bool = False
    """Whether it is still to come, in a unit that is not open for all of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a site has, and who is in it on the days that are asked for, in order of time.

    `former` are units no longer in use in which there is such a visit.
    """

    site: Site
    calendar: Calendar
    units: tuple[Unit, ...]
    former: tuple[Unit, ...]
    opened: tuple[Opened, ...]
    placed: tuple[Placed, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its units."""
        return tuple(sorted({unit.kind for unit in (*self.units, *self.former)}))

    def why(self, day: date, kind: str) -> tuple[Closure, ...]:
        """Why all units of that kind are closed on that day."""
        return self.calendar.why_closed(day, kind, attended=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit on one day: when it is open, why it is closed, and its visits in order of time."""

    day: date
    hours: tuple[tuple[time, time], ...] = ()
    why: tuple[Closure, ...] = ()
    visits: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One unit over the days; `name` empty: the visits of that kind that were booked without a unit."""

    kind: str
    name: str
    in_use: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of units on one day: visits booked, hours taken of hours open."""

    kind: str
    booked: int
    taken: float
    open: float

    @property
    def left(self) -> float:
        """Hours that are still free."""
        return self.open - self.taken


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the site: why it is closed, kind by kind, and what each kind has on it.

    A weekday on which a kind never has hours closes nothing: nobody looks for it then.
    """

    day: date
    closed: tuple[tuple[str, tuple[Closure, ...]], ...]
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """The units of a site from `first` to `last`; nothing for a person without a site. `kinds`: those it has."""

    sites: tuple[Site, ...]
    site: Site | None
    kinds: tuple[str, ...]
    first: date
    last: date
    today: date
    calendar: Calendar | None
    rows: tuple[Row, ...] = ()
    days: tuple[Day, ...] = ()


def week(work: Work, site: str = "", kind: str = "", holding: date | None = None) -> Ward:
    """Unit by unit, Monday to Sunday around a day (else today)."""
    chosen, asked = _asked(work, site, kind, holding)
    first = asked - timedelta(days=asked.weekday())
    return _ward(work, chosen, kind, tuple(first + timedelta(days=n) for n in range(WEEK)))


def month(work: Work, site: str = "", kind: str = "", holding: date | None = None) -> Ward:
    """Day by day, the month that holds a day (else today)."""
    chosen, asked = _asked(work, site, kind, holding)
    length = monthrange(asked.year, asked.month)[1]
    return _ward(work, chosen, kind, tuple(asked.replace(day=n + 1) for n in range(length)))


def _asked(work: Work, site: str, kind: str, holding: date | None) -> tuple[Site | None, date]:
    """The site and the day; NotFound for a site out of reach, Refused for a kind or a day that there is not."""
    chosen = chosen_of(own_sites(work), site)
    if kind and kind not in kinds(work):
        raise Refused("no_such_kind", known=", ".join(kinds(work)))
    now = day_at(work, chosen)
    return chosen, asked_near(holding or now, now)


def _ward(work: Work, site: Site | None, kind: str, days: tuple[date, ...]) -> Ward:
    plan = _plan(work, site, days) if site is not None else None
    return Ward(
        sites=own_sites(work),
        site=site,
        kinds=plan.kinds if plan is not None else (),
        first=days[0],
        last=days[-1],
        today=day_at(work, site),
        calendar=plan.calendar if plan is not None else None,
        rows=tuple(_rows(plan, kind, days)) if plan is not None else (),
        days=tuple(_day(plan, kind, day) for day in days) if plan is not None else (),
    )


# ---- who is where


def _plan(work: Work, site: Site, days: tuple[date, ...]) -> Plan:
    units = resources.units(work.session, site.code)
    names = unit_names(work, site)
    placed = tuple(sorted(_placed(work, site, days, {unit.public_id: unit.kind for unit in units}), key=_by_time))
    gone = {one.unit: one.kind for one in placed if one.unit is not None} | {unit.public_id: "" for unit in units}
    former = tuple(Unit(unit, kind, names[unit]) for unit, kind in gone.items() if kind)
    open_on = calendar(site_days(work, site), range(days[0].year - 1, days[0].year + 2))
    opened = tuple(day for _, day in resources.opened(work.session, site.code))
    return Plan(site, open_on, units, former, opened, placed)


def _placed(work: Work, site: Site, days: tuple[date, ...], of: Mapping[str, str]) -> Iterator[Placed]:
    """The visits that have a unit, and those booked without one although the site has units (`of`: kinds) for them."""
    for patient in patients.every(work.session, frozenset({site.code})):
        for visit in case_of(work, patient).schedule.visits:
            fact = visit.fact if visit.host is None else None  # the attendance that fulfils it too stands there
            if fact is not None and fact.day is not None and days[0] <= fact.day <= days[-1]:
                kind = of.get(fact.unit or "") or kind_of(visit.encounter) or ""
                if fact.unit is not None or (visit.state is State.BOOKED and kind in of.values()):
                    yield _in_place(patient, visit, fact, kind, fact.day)


def _in_place(patient: Patient, visit: Visit, fact: Fact, kind: str, day: date) -> Placed:
    taken = frozenset(taken_by(fact, visit.encounter, *visit.guests))
    return Placed(patient, visit, kind, day, fact.unit, fact.at, ends(fact, visit.encounter, *visit.guests), taken)


def _by_time(placed: Placed) -> tuple[date, int, str, str]:
    """By time, which of two equal ones is the first being known by their cells; those without a time last."""
    at = placed.at.hour * 60 + placed.at.minute if placed.at is not None else 24 * 60
    start = min(placed.cells, default=0)
    return (placed.day, start or at, placed.patient.subject_id, placed.visit.code)


# ---- unit by unit


def _rows(plan: Plan, kind: str, days: tuple[date, ...]) -> Iterator[Row]:
    for own in plan.kinds if not kind else (kind,):
        for unit in (*plan.units, *plan.former):
            if unit.kind == own:
                in_use = unit in plan.units
                cells = tuple(_cell(plan, unit, day) if in_use else _left(plan, unit, day) for day in days)
                yield Row(own, unit.name, in_use, cells)
        loose = [one for one in plan.placed if one.kind == own and one.unit is None]
        if loose:
            cells = tuple(Cell(day, visits=tuple(one for one in loose if one.day == day)) for day in days)
            yield Row(own, "", in_use=True, cells=cells)


def _cell(plan: Plan, unit: Unit, day: date) -> Cell:
    why = (*plan.why(day, unit.kind), *(closure for closure in unit.closures if day in closure))
    its_own = open_cells(unit, day, plan.site.zone, plan.opened)  # some visits may be there on a closed day
    here = _left(plan, unit, day).visits
    visits = tuple(replace(one, cut=one.visit.to_come and not one.cells <= its_own) for one in here)
    return Cell(day, () if why else hours_on(unit, day, plan.opened), why, visits)


def _left(plan: Plan, unit: Unit, day: date) -> Cell:
    return Cell(day, visits=tuple(one for one in plan.placed if (one.unit, one.day) == (unit.public_id, day)))


# ---- day by day


def _day(plan: Plan, kind: str, day: date) -> Day:
    shown = [own for own in plan.kinds if kind in ("", own)]
    why = {own: tuple(c for c in plan.why(day, own) if c.because is not Because.HOURS) for own in shown}
    return Day(day, tuple(why.items()), tuple(_load(plan, own, day) for own in shown))


def _load(plan: Plan, kind: str, day: date) -> Load:
    """What is taken outside the hours of its unit takes nothing of what is open."""
    here = [one for one in plan.placed if (one.kind, one.day) == (kind, day)]
    gone: dict[str, frozenset[int]] = {}
    for one in here:
        if one.unit is not None:
            gone[one.unit] = gone.get(one.unit, frozenset()) | one.cells
    units = [unit for unit in plan.units if unit.kind == kind and not plan.why(day, kind)]
    free = {unit.public_id: open_cells(unit, day, plan.site.zone, plan.opened) for unit in units}
    taken = sum(len(cells & gone.get(unit, frozenset())) for unit, cells in free.items())
    return Load(kind, len(here), taken / CELLS_AN_HOUR, sum(map(len, free.values())) / CELLS_AN_HOUR)
