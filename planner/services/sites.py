"""Sites: set up before the first patient; their units, hours, closed and opened days as they change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.disclosure import names_illness
from planner.core.errors import NotFound, Refused
from planner.core.history import SiteAct
from planner.core.texts import clean
from planner.core.units import CELL, kind_of
from planner.services import cuts
from planner.services.resources import calendar, must_be_meant, public_holidays, site_days
from planner.services.work import public_id
from planner.store import audit, resources, sites

if TYPE_CHECKING:
    from datetime import date, time

    from planner.core.calendar import Calendar, Closure
    from planner.core.history import Entry, Payload
    from planner.core.patients import Site
    from planner.core.units import Hours, Opened, Unit
    from planner.services.cuts import Cut
    from planner.services.work import Work

CELL_SECONDS = int(CELL.total_seconds())
HOURS_CHANGE = frozenset({SiteAct.ADD_UNIT, SiteAct.SET_HOURS, SiteAct.WITHDRAW_UNIT})
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def add(work: Work, site: Site) -> None:
    """Save a new site; Refused for a code that is taken, or a country or region whose holidays are not known.

    Refused too where its name or a number names an illness: both stand in every mail, calendar and paper of a patient.
    """
    for what, words, most in (("The code", site.code, 20), ("The name", site.name, 120)):
        if not clean(words):
            raise Refused("words_needed", what=what)
        if len(words) > most:
            raise Refused("words_long", what=what, most=most)
    for what, words in (("The name", site.name), ("The phone", site.phone), ("The emergency number", site.emergency)):
        if names_illness(words):
            raise Refused("names_illness", what=what)
    if site.holidays is not None:
        public_holidays(site.holidays, ())
    if any(known.code == site.code for known in sites.every(work.session)):
        raise Refused("site_known", code=site.code)
    sites.add(work.session, site)
    new: Payload = {"code": site.code, "name": site.name, "zone": site.zone, "holidays": site.holidays}
    audit.write(work.session, work.stamp("add_site"), f"site:{site.code}", (None, new), None)


@dataclass(frozen=True, slots=True)
class Ward:
    """What a site has and when: units, closed days, days opened by hand; each but the units with its id."""

    site: Site
    units: tuple[Unit, ...]
    closures: tuple[tuple[str, Closure], ...]
    opened: tuple[tuple[str, Opened], ...]
    of_units: tuple[tuple[str, str, Closure], ...] = ()
    """Closures of one unit: the closure's id, the unit's name, the days."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """A day opened by hand, and what had closed it, kind by kind."""

    day: date
    calendar: Calendar
    closed: tuple[tuple[str, tuple[Closure, ...]], ...]


def every(work: Work) -> tuple[Site, ...]:
    """All sites, by code."""
    return sites.every(work.session)


def ward(work: Work, code: str) -> Ward:
    """The site with all that it has; NotFound where there is none."""
    site, session = _known(work, code), work.session
    return Ward(
        site,
        resources.units(session, code),
        resources.closures(session, code),
        resources.opened(session, code),
        resources.closures_of_units(session, code),
    )


def _known(work: Work, code: str) -> Site:
    found = next((site for site in sites.every(work.session) if site.code == code), None)
    if found is None:
        raise NotFound("no_such_site")
    return found


def kinds(work: Work) -> tuple[str, ...]:
    """Every kind of unit that a known protocol's visits take."""
    found = {kind_of(e) for protocol in work.library.protocols.values() for e in protocol.encounters}
    return tuple(sorted(kind for kind in found if kind is not None))


def add_unit(work: Work, code: str, unit: Unit) -> Unit:
    """A new unit of the site; Refused without a name, or where its kind has one of that name."""
    known = ward(work, code).units
    if not unit.name.strip():
        raise Refused("words_needed", what="The name")
    if unit.kind not in kinds(work):
        raise Refused("no_such_kind", known=kinds(work))
    if any((other.kind, other.name.casefold()) == (unit.kind, unit.name.casefold()) for other in known):
        raise Refused("unit_known", name=unit.name)
    made = replace(unit, public_id=public_id())
    resources.add_unit(work.session, code, made)
    _told(work, code, SiteAct.ADD_UNIT, {"unit": made.name, "kind": made.kind, "hours": _hours(made.hours)})
    return made


def set_hours(work: Work, code: str, unit: str, hours: tuple[Hours, ...], agreed: str | None = None) -> tuple[Cut, ...]:
    """The unit's opening hours from now on; what is booked stays where it is: the visits that they cut.

    Refused until those were `agreed` to (as their seal; None: nobody is asked).
    """
    site, found = _known(work, code), unit_of(work, code, unit)
    _on_quarters(*(at for one in hours for at in (one.opens, one.closes)))
    before = cuts.ground(work, site)
    resources.write_hours(work.session, unit, hours)
    cut = cuts.since(work, site, before)
    cuts.must_be_agreed(cut, agreed)
    _told(work, code, SiteAct.SET_HOURS, {"unit": found.name, "hours": _hours(hours)}, {"hours": _hours(found.hours)})
    return cut


def withdraw_unit(work: Work, code: str, unit: str) -> None:
    """The unit is out of use; Refused while a visit still to come is booked in it."""
    found = unit_of(work, code, unit)
    if resources.in_use(work.session, unit, int(work.now.timestamp()) // CELL_SECONDS):
        raise Refused("unit_in_use", name=found.name)
    resources.withdraw_unit(work.session, unit)
    _told(work, code, SiteAct.WITHDRAW_UNIT, None, {"unit": found.name, "kind": found.kind})


def unit_of(work: Work, code: str, unit: str) -> Unit:
    """The unit of the site; NotFound where it has none of that id."""
    found = next((known for known in ward(work, code).units if known.public_id == unit), None)
    if found is None:
        raise NotFound("no_such_unit")
    return found


def close(work: Work, code: str, closure: Closure, unit: str = "", agreed: str | None = None) -> tuple[Cut, ...]:
    """Days on which the site, a kind or one unit is closed, with the reason: the visits that it cuts.

    Bookings on closed days or in a closed unit wait for new ones, once they were `agreed` to as for hours:
    `planner.services.disruption` proposes them.
    """
    site = _known(work, code)
    if not closure.name.strip():
        raise Refused("words_needed", what="The reason")
    must_be_meant(work, site, closure.first, closure.last)
    where = unit_of(work, code, unit).name if unit else ", ".join(closure.calendars)
    before = cuts.ground(work, site)
    resources.add_closure(work.session, code, (public_id(), closure), unit=unit)
    cut = cuts.since(work, site, before)
    cuts.must_be_agreed(cut, agreed)
    _told(work, code, SiteAct.CLOSE, {**_run(closure), "where": where})
    return cut


def _on_quarters(*times: time) -> None:
    for at in times:
        if at.minute % 15 or at.second:
            raise Refused("hours_off_quarter", at=at)


def reopen(work: Work, code: str, closure: str) -> None:
    """A closure taken back."""
    of_unit = {which: unit for which, unit, _ in resources.closures_of_units(work.session, code)}.get(closure)
    found = resources.withdraw_closure(work.session, code, closure)
    _told(work, code, SiteAct.REOPEN_DAYS, None, {**_run(found), "where": of_unit or ", ".join(found.calendars)})


def open_day(work: Work, code: str, day: Opened) -> Lifted:
    """A closed day opened by hand, with its hours and a reason: what had closed it."""
    site = _known(work, code)
    if not day.name.strip():
        raise Refused("words_needed", what="The reason")
    must_be_meant(work, site, day.day)
    _on_quarters(day.opens, day.closes)
    if day.closes <= day.opens:
        raise Refused("hours_backwards", opens=day.opens, closes=day.closes)
    lifted = _is_closed(work, code, day)
    resources.add_opened(work.session, code, public_id(), day)
    _told(work, code, SiteAct.OPEN_DAY, _opened(day))
    return lifted


def _is_closed(work: Work, code: str, day: Opened) -> Lifted:
    """Why it is closed; Refused for a day that is open already: its usual hours would be cut to those given."""
    found = ward(work, code)
    open_on = calendar(site_days(work, found.site), range(day.day.year, day.day.year + 1))
    units = sorted({unit.kind for unit in found.units})
    asked = [day.kind] if day.kind else units or kinds(work)
    closed = tuple((kind, open_on.why_closed(day.day, kind, attended=False)) for kind in asked)
    if any(not why for kind, why in closed if day.kind or kind in units):
        raise Refused("day_open_already", day=day.day)
    return Lifted(day.day, open_on, closed)


def shut_day(work: Work, code: str, opened: str) -> tuple[Cut, ...]:
    """A day opened by hand closed again: the visits that this cuts."""
    site = _known(work, code)
    before = cuts.ground(work, site)
    found = resources.withdraw_opened(work.session, code, opened)
    _told(work, code, SiteAct.SHUT_DAY, None, _opened(found))
    return cuts.since(work, site, before)


def closed_since(work: Work, code: str, act: str, day: date, closure: Closure) -> bool:
    """Whether what closes a day of the site came only after an act: closed, opened hours lost, or shut again."""
    return any(_closes(entry, day, closure) for entry in audit.told_since(work.session, f"site:{code}", act))


def _closes(entry: Entry, day: date, closure: Closure) -> bool:
    """Whether that write may have closed the day: hours of whatever unit may have been the last of the weekday."""
    if entry.action == SiteAct.CLOSE:
        return entry.new == {**_run(closure), "where": ", ".join(closure.calendars)}
    if entry.action == SiteAct.SHUT_DAY:
        return entry.old is not None and entry.old["day"] == day.isoformat()
    return closure.because is Because.HOURS and entry.action in HOURS_CHANGE


def _told(work: Work, code: str, act: SiteAct, new: Payload, old: Payload = None) -> None:
    """The site's calendar is another one from now on: told in the audit, and plans are made anew."""
    resources.changed(work.session, code)
    audit.write(work.session, work.stamp(act.value), f"site:{code}", (old, new), None)


def _hours(hours: tuple[Hours, ...]) -> str:
    return ", ".join(f"{DAYS[h.weekday]} {h.opens:%H:%M}-{h.closes:%H:%M}" for h in sorted(hours))


def _run(closure: Closure) -> dict[str, str | int | bool | None]:
    return {"first": closure.first.isoformat(), "last": closure.last.isoformat(), "name": closure.name}


def _opened(day: Opened) -> dict[str, str | int | bool | None]:
    hours = f"{day.opens:%H:%M}-{day.closes:%H:%M}"
    return {"day": day.day.isoformat(), "hours": hours, "kind": day.kind, "name": day.name}
