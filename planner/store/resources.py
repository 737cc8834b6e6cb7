"""A site's units with their hours, closed and opened days, and the time that visits have taken.

Nothing is deleted but taken time and replaced hours, whose history stands in the audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from planner.core.calendar import Because, Closure
from planner.core.errors import NotFound, Repeated, Stale
from planner.core.units import Hours, Opened, Unit
from planner.store.resource_tables import CellRow, ClosureRow, HoursRow, OpenedRow, UnitRow
from planner.store.tables import SiteRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel import Session

Named = tuple[str, Closure]
"""A closure with its public id, by which it is taken back."""


def units(session: Session, site: str) -> tuple[Unit, ...]:
    """The units of a site that are in use, by kind and name."""
    rows = session.exec(
        select(UnitRow)
        .join(SiteRow, col(SiteRow.id) == col(UnitRow.site_id))
        .where(SiteRow.code == site, col(UnitRow.withdrawn).is_(other=False))
        .order_by(col(UnitRow.kind), col(UnitRow.name))
    ).all()
    keys = [row.id for row in rows if row.id is not None]
    hours, shut = _hours(session, keys), _own_closures(session, keys)
    return tuple(Unit(r.public_id, r.kind, r.name, hours.get(r.id or 0, ()), shut.get(r.id or 0, ())) for r in rows)


def unit_names(session: Session, reach: frozenset[str] | None) -> dict[str, str]:
    """The name of every unit of these sites (None: of all) by its public id, of those no longer in use too."""
    query = select(UnitRow.public_id, UnitRow.name)
    if reach is not None:
        query = query.join(SiteRow, col(SiteRow.id) == col(UnitRow.site_id)).where(col(SiteRow.code).in_(reach))
    return dict(session.exec(query).all())


def _hours(session: Session, keys: list[int]) -> dict[int, tuple[Hours, ...]]:
    found: dict[int, list[Hours]] = {}
    for row in session.exec(select(HoursRow).where(col(HoursRow.unit_id).in_(keys))):
        found.setdefault(row.unit_id, []).append(Hours(row.weekday, row.opens, row.closes))
    return {key: tuple(sorted(hours)) for key, hours in found.items()}


def _own_closures(session: Session, keys: list[int]) -> dict[int, tuple[Closure, ...]]:
    query = select(ClosureRow).where(col(ClosureRow.unit_id).in_(keys), col(ClosureRow.withdrawn).is_(other=False))
    found: dict[int, list[Closure]] = {}
    for row in session.exec(query.order_by(col(ClosureRow.first))):
        found.setdefault(row.unit_id or 0, []).append(_closure(row))
    return {key: tuple(closures) for key, closures in found.items()}


def add_unit(session: Session, site: str, unit: Unit) -> None:
    """Save a new unit with its hours."""
    row = UnitRow(public_id=unit.public_id, site_id=_site(session, site), kind=unit.kind, name=unit.name)
    session.add(row)
    session.flush()
    write_hours(session, unit.public_id, unit.hours)


def write_hours(session: Session, public_id: str, hours: Iterable[Hours]) -> None:
    """The unit's opening hours from now on."""
    own = unit_key(session, public_id)
    session.connection().execute(delete(HoursRow).where(col(HoursRow.unit_id) == own))
    session.add_all(HoursRow(unit_id=own, weekday=h.weekday, opens=h.opens, closes=h.closes) for h in hours)


def withdraw_unit(session: Session, public_id: str) -> None:
    """The unit is no longer in use."""
    row = session.get_one(UnitRow, unit_key(session, public_id))
    row.withdrawn = True
    session.add(row)


def unit_key(session: Session, public_id: str) -> int:
    """The unit's own key; NotFound where there is none."""
    found = session.exec(select(UnitRow.id).where(UnitRow.public_id == public_id)).first()
    if found is None:
        raise NotFound("no_such_unit")
    return found


def _site(session: Session, code: str) -> int:
    return session.exec(select(SiteRow.id).where(SiteRow.code == code)).one() or 0


# ---- closed and opened days


def closures(session: Session, site: str) -> tuple[Named, ...]:
    """The closures of the whole site or of a kind, by day; those of a unit stand with the unit."""
    query = (
        select(ClosureRow)
        .join(SiteRow, col(SiteRow.id) == col(ClosureRow.site_id))
        .where(SiteRow.code == site, col(ClosureRow.withdrawn).is_(other=False))
        .where(col(ClosureRow.unit_id).is_(None), col(ClosureRow.patient_id).is_(None))
    )
    return tuple((row.public_id, _closure(row)) for row in session.exec(query.order_by(col(ClosureRow.first))))


def closures_of_units(session: Session, site: str) -> tuple[tuple[str, str, Closure], ...]:
    """The closures of single units, by day: the closure's id, the unit's name, the days."""
    query = (
        select(ClosureRow, UnitRow.name)
        .join(UnitRow, col(UnitRow.id) == col(ClosureRow.unit_id))
        .join(SiteRow, col(SiteRow.id) == col(ClosureRow.site_id))
        .where(SiteRow.code == site, col(ClosureRow.withdrawn).is_(other=False))
    )
    found = session.exec(query.order_by(col(ClosureRow.first)))
    return tuple((row.public_id, name, _closure(row)) for row, name in found)


def absences(session: Session, patient: int) -> tuple[Named, ...]:
    """The days on which a patient is away."""
    query = select(ClosureRow).where(ClosureRow.patient_id == patient, col(ClosureRow.withdrawn).is_(other=False))
    return tuple((row.public_id, _closure(row)) for row in session.exec(query.order_by(col(ClosureRow.first))))


def _closure(row: ClosureRow) -> Closure:
    because = Because.ABSENCE if row.patient_id is not None else Because.CLOSURE
    return Closure(row.first, row.last, because, row.name, (row.kind,) if row.kind else ())


def add_closure(session: Session, site: str, named: Named, *, unit: str = "", patient: int | None = None) -> None:
    """Save days on which the site, a kind or a unit of it is closed, or a patient is away."""
    public_id, closure = named
    session.add(
        ClosureRow(
            public_id=public_id,
            site_id=_site(session, site),
            unit_id=unit_key(session, unit) if unit else None,
            patient_id=patient,
            kind=next(iter(closure.calendars), ""),
            first=closure.first,
            last=closure.last,
            name=closure.name,
        )
    )


def withdrawn(session: Session, patient: int, public_id: str) -> bool:
    """Whether that absence of the patient was taken back."""
    own = (ClosureRow.public_id == public_id, ClosureRow.patient_id == patient)
    return bool(session.exec(select(ClosureRow.withdrawn).where(*own)).first())


def withdraw_closure(session: Session, site: str, public_id: str, patient: int | None = None) -> Closure:
    """The closure holds no longer; what it was. NotFound where the site has none, Repeated where it held no longer."""
    row = session.exec(
        select(ClosureRow).where(
            ClosureRow.public_id == public_id,
            ClosureRow.site_id == _site(session, site),
            col(ClosureRow.patient_id).is_not_distinct_from(patient),
        )
    ).first()
    if row is None:
        raise NotFound("no_such_closure")
    if row.withdrawn:
        raise Repeated("taken_back_before")
    row.withdrawn = True
    session.add(row)
    return _closure(row)


def opened(session: Session, site: str) -> tuple[tuple[str, Opened], ...]:
    """The days opened by hand, with the id of each."""
    query = (
        select(OpenedRow)
        .join(SiteRow, col(SiteRow.id) == col(OpenedRow.site_id))
        .where(SiteRow.code == site, col(OpenedRow.withdrawn).is_(other=False))
    )
    return tuple((row.public_id, _opened(row)) for row in session.exec(query.order_by(col(OpenedRow.day))))


def _opened(row: OpenedRow) -> Opened:
    return Opened(row.day, row.opens, row.closes, row.kind, row.name)


def add_opened(session: Session, site: str, public_id: str, day: Opened) -> None:
    """Save a day opened by hand."""
    values = {name: getattr(day, name) for name in Opened.__slots__}
    session.add(OpenedRow(public_id=public_id, site_id=_site(session, site), **values))


def withdraw_opened(session: Session, site: str, public_id: str) -> Opened:
    """The day is as closed as before; what was opened. NotFound and Repeated as for a closure."""
    row = session.exec(
        select(OpenedRow).where(OpenedRow.public_id == public_id, OpenedRow.site_id == _site(session, site))
    ).first()
    if row is None:
        raise NotFound("no_such_opened_day")
    if row.withdrawn:
        raise Repeated("taken_back_before")
    row.withdrawn = True
    session.add(row)
    return _opened(row)


def changed(session: Session, site: str) -> None:
    """Count one more change of the site's calendar: plans made before no longer hold."""
    counted = update(SiteRow).where(col(SiteRow.code) == site).values(version=col(SiteRow.version) + 1)
    session.connection().execute(counted)


# ---- taken time


def taken(
    session: Session, site: str, span: range, beside: tuple[int, str | None] | None = None
) -> dict[str, frozenset[int]]:
    """The cells of `span` that visits have taken, by the unit's public id, without those of `beside`.

    That is one visit of a patient, or with None in place of its code all of them.
    """
    query = (
        select(UnitRow.public_id, CellRow.cell, CellRow.patient_id, CellRow.code)
        .join(UnitRow, col(UnitRow.id) == col(CellRow.unit_id))
        .join(SiteRow, col(SiteRow.id) == col(UnitRow.site_id))
        .where(SiteRow.code == site, col(CellRow.cell) >= span.start, col(CellRow.cell) < span.stop)
    )
    found: dict[str, set[int]] = {}
    for unit, cell, patient, code in session.exec(query):
        if beside not in ((patient, code), (patient, None)):
            found.setdefault(unit, set()).add(cell)
    return {unit: frozenset(cells) for unit, cells in found.items()}


def holders(session: Session, site: str, first: int) -> dict[tuple[str, int], tuple[int, str]]:
    """Who has each taken cell from `first` on: patient and visit, by the unit's public id and the cell."""
    query = (
        select(UnitRow.public_id, CellRow.cell, CellRow.patient_id, CellRow.code)
        .join(UnitRow, col(UnitRow.id) == col(CellRow.unit_id))
        .join(SiteRow, col(SiteRow.id) == col(UnitRow.site_id))
        .where(SiteRow.code == site, col(CellRow.cell) >= first)
    )
    return {(unit, cell): (patient, code) for unit, cell, patient, code in session.exec(query)}


def in_use(session: Session, unit: str, cell: int) -> bool:
    """Whether a visit has taken time of the unit from that cell on; nobody takes any until this transaction ends."""
    held = select(UnitRow.id).where(UnitRow.public_id == unit).with_for_update()
    later = (col(CellRow.unit_id) == session.exec(held).one(), col(CellRow.cell) >= cell)
    return session.exec(select(CellRow.cell).where(*later)).first() is not None


def release(session: Session, patient: int, code: str) -> None:
    """The visit takes no time any more."""
    mine = (col(CellRow.patient_id) == patient, col(CellRow.code) == code)
    session.connection().execute(delete(CellRow).where(*mine))


def take(session: Session, patient: int, code: str, unit: str, cells: range) -> None:
    """The visit takes these cells; Stale where another visit has one of them: the table holds each cell once.

    Stale too where the unit was taken out of use a moment ago; from here on it is not, until this transaction ends.
    """
    there = (UnitRow.public_id == unit, col(UnitRow.withdrawn).is_(other=False))
    own = session.exec(select(UnitRow.id).where(*there).with_for_update(read=True)).first()
    if own is None:
        raise Stale("slot_taken")
    rows = [{"unit_id": own, "cell": cell, "patient_id": patient, "code": code} for cell in cells]
    try:
        session.connection().execute(insert(CellRow).values(rows))
    except IntegrityError as error:
        raise Stale("slot_taken") from error
