"""The hospital of the demo and its staff: one account for each role, with new passwords at each start."""

from __future__ import annotations

import secrets
from datetime import time, timedelta
from typing import TYPE_CHECKING

from planner.core.disclosure import Detail
from planner.core.patients import Site, Wishes
from planner.core.staff import Actor, Role
from planner.core.units import Hours, Unit
from planner.services import accounts, contacts, sites
from planner.services.resources import SiteDays, calendar
from planner.store import patients

if TYPE_CHECKING:
    from datetime import date

    from planner.services.work import Work

ONE_DAY = timedelta(days=1)
EVERYTHING = Wishes(mail=Detail.STANDARD, feed=Detail.STANDARD, page=Detail.STANDARD)
SITE = Site(
    "01",
    "Brussels (demo)",
    "Europe/Brussels",
    "BE",
    weekends_closed=True,
    phone="+32 2 000 00 00",
    emergency="+32 2 000 00 01",
)
HERE = frozenset({SITE.code})
NURSE = Actor("nurse", "Nele Example", Role.NURSE, HERE)
PHARMACIST = Actor("pharmacist", "Paul Example", Role.PHARMACIST, HERE)
INVESTIGATOR = Actor("investigator", "Iris Example", Role.INVESTIGATOR, HERE)
MEDICAL_MONITOR = Actor("medical-monitor", "Marc Example", Role.MEDICAL_MONITOR, HERE)
MONITOR = Actor("monitor", "Mona Example", Role.MONITOR, HERE)
ADMIN = Actor("admin", "Adam Example", Role.ADMIN, HERE)
STAFF = (NURSE, PHARMACIST, INVESTIGATOR, MEDICAL_MONITOR, MONITOR, ADMIN)

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike: i and l, o and 0, 1."""

GROUPS, IN_A_GROUP = 4, 5


WEEKDAYS = range(5)
PLACES = {
    "apheresis": ("Apheresis 1",),
    "bed": ("Cell therapy bed 1", "Cell therapy bed 2", "Cell therapy bed 3", "Cell therapy bed 4"),
    "chair": ("Chair 1", "Chair 2", "Chair 3", "Chair 4", "Chair 5", "Chair 6"),
    "clinic": ("Room 1", "Room 2", "Room 3"),
    "scanner": ("CT", "MRI"),
    "telephone": ("Telephone line",),
    "theatre": ("Theatre 1", "Theatre 2"),
}
OPEN = (time(8), time(18))


def set_up(work: Work) -> None:
    """The site with its places, and its accounts, without passwords yet."""
    sites.add(work, SITE)
    hours = tuple(Hours(weekday, *OPEN) for weekday in WEEKDAYS)
    every_day = tuple(Hours(weekday, *OPEN) for weekday in range(7))
    for kind, names in PLACES.items():
        for name in names:
            sites.add_unit(work, SITE.code, Unit("", kind, name, every_day if kind == "telephone" else hours))
    for person in STAFF:
        accounts.create(work, person)


def all_agree(work: Work) -> None:
    """Whoever has an address wants mails, a feed and a page of their own: the visits booked by then are told."""
    for patient in patients.every(work.session, None):
        if patient.ended is None and patients.contact(work.session, patient.public_id).email:
            contacts.agree(work, patient.public_id, patient.version, EVERYTHING)


def renew_passwords(work: Work) -> dict[str, str]:
    """A new password for each account of the demo, by login; whoever was signed in is so no longer."""
    return {person.login: _renewed(work, person.login) for person in STAFF}


def _renewed(work: Work, login: str) -> str:
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(IN_A_GROUP)) for _ in range(GROUPS))
    public_id = accounts.account_of(work, login).public_id
    accounts.enable(work, public_id)
    accounts.set_password(work, accounts.account_of(work, login), password)
    accounts.sign_out_everywhere(work, public_id)
    return password


def open_day(day: date, *, forward: bool) -> date:
    """The first day, from `day` on or back, on which the site is open."""
    days = SiteDays(SITE.holidays, SITE.weekends_closed)
    while calendar(days, range(day.year, day.year + 1)).why_closed(day, "clinic", attended=True):
        day += ONE_DAY if forward else -ONE_DAY
    return day
