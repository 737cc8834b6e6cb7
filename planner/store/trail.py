"""The audit trail as a whole: who may read which part of it is asked of the database, never sorted out afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_
from sqlalchemy import select as core_select
from sqlmodel import col, select

from planner.core.history import About, Line, Only, Review, SiteAct, after_the_fact
from planner.core.staff import Role
from planner.store.audit import entry
from planner.store.tables import AuditRow, PatientRow, SiteRow, StaffRow, StaffSiteRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Select
    from sqlmodel import Session

    from planner.core.history import Scope, Sought

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")

HISTORY = "history"
"""The entity of rows about the history itself: reviews and exports."""

REVIEW = "review"


def read(
    session: Session, scope: Scope, sought: Sought, *, start: int = 0, most: int | None = None
) -> tuple[Line, ...]:
    """What is sought of what may be read, the newest first."""
    query = _sought(session, core_select(AuditRow, PatientRow, SiteRow), scope, sought)
    newest = query.order_by(col(AuditRow.id).desc()).offset(start)
    return tuple(_line(*found) for found in session.execute(newest.limit(most) if most is not None else newest))


def number(session: Session, scope: Scope, sought: Sought) -> int:
    """How many there are."""
    found: int = session.execute(
        _sought(session, core_select(func.count(col(AuditRow.id))), scope, sought)
    ).scalar_one()
    return found


def newest(session: Session, scope: Scope) -> int | None:
    """The place of the newest write that may be read."""
    query = _from(core_select(func.max(col(AuditRow.id)))).where(_readable(scope))
    found: int | None = session.execute(query).scalar_one()
    return found


def later(session: Session, scope: Scope, than: int) -> int:
    """How many writes that may be read came after that one, those about the history itself not counted."""
    query = _from(core_select(func.count(col(AuditRow.id)))).where(_readable(scope), col(AuditRow.entity) != HISTORY)
    found: int = session.execute(query.where(col(AuditRow.id) > than)).scalar_one()
    return found


def people(session: Session, scope: Scope) -> dict[str, str]:
    """The names of those who wrote what may be read, by their login."""
    query = _from(core_select(col(AuditRow.login), func.max(AuditRow.actor))).where(_readable(scope))
    found = session.execute(query.where(col(AuditRow.login) != "").group_by(col(AuditRow.login)))
    return dict(sorted(((login, name) for login, name in found), key=lambda pair: pair[1]))


def actions(session: Session, scope: Scope) -> tuple[str, ...]:
    """The kinds of acts in what may be read."""
    query = _from(core_select(col(AuditRow.action))).where(_readable(scope))
    return tuple(sorted(session.execute(query.distinct()).scalars()))


def reviews(session: Session, scope: Scope) -> tuple[Review, ...]:
    """The last review of each person whose patients overlap with those that may be read, the newest first."""
    signed = select(func.max(AuditRow.id)).where(AuditRow.entity == HISTORY, AuditRow.action == REVIEW)
    last = signed.where(_colleagues(scope)).group_by(AuditRow.login)
    rows = session.exec(select(AuditRow).where(col(AuditRow.id).in_(last)).order_by(col(AuditRow.id).desc()))
    return tuple(_review(row) for row in rows)


def _review(row: AuditRow) -> Review:
    up_to = int((entry(row).new or {}).get("up_to") or 0)
    return Review(row.actor, row.login, row.role, row.at, up_to, row.reason)


def _from(query: S) -> S:
    query = query.select_from(AuditRow).outerjoin(PatientRow, col(PatientRow.id) == col(AuditRow.patient_id))
    return query.outerjoin(SiteRow, col(SiteRow.id) == col(PatientRow.site_id))


def _readable(scope: Scope) -> ColumnElement[bool]:
    """Patients, units and days of the sites in reach, and what colleagues did with the history; or what is of none."""
    if not scope.patients:
        return and_(col(AuditRow.patient_id).is_(None), col(AuditRow.entity) != HISTORY)
    near: ColumnElement[bool] = col(AuditRow.patient_id).is_not(None)
    if scope.reach is not None:
        near = and_(near, col(SiteRow.code).in_(scope.reach))
    return or_(near, _of_sites(scope), and_(col(AuditRow.entity) == HISTORY, _colleagues(scope)))


def _of_sites(scope: Scope) -> ColumnElement[bool]:
    """Whether it is about the units or days of a site in reach."""
    own = [f"site:{code}" for code in scope.reach] if scope.reach is not None else None
    where = col(AuditRow.entity).in_(own) if own is not None else col(AuditRow.entity).like("site:%")
    return and_(col(AuditRow.action).in_([act.value for act in SiteAct]), where)


def _colleagues(scope: Scope) -> ColumnElement[bool]:
    """Whether the writer's patients are, in part at least, those in reach."""
    if scope.reach is None:
        return col(AuditRow.login).is_not(None)
    near = select(StaffRow.login).join(StaffSiteRow).join(SiteRow).where(col(SiteRow.code).in_(scope.reach))
    return or_(col(AuditRow.role) == Role.MEDICAL_MONITOR, col(AuditRow.login).in_(near))


def _sought(session: Session, query: S, scope: Scope, sought: Sought) -> S:
    asked = _from(query).where(_readable(scope), *_asked(sought))
    if sought.only is Only.LATE:
        return asked.where(col(AuditRow.id).in_(_late(session, scope, sought)))
    return asked


def _asked(sought: Sought) -> Iterable[ColumnElement[bool]]:
    if sought.login:
        yield col(AuditRow.login) == sought.login
    if sought.action:
        yield col(AuditRow.action) == sought.action
    if sought.subject:
        yield col(PatientRow.subject_id).icontains(sought.subject, autoescape=True)
    if sought.since is not None:
        yield col(AuditRow.at) >= sought.since
    if sought.before is not None:
        yield col(AuditRow.at) < sought.before
    if sought.only is Only.OUTSIDE:
        yield col(AuditRow.entity).like("acceptance:%")


def _late(session: Session, scope: Scope, sought: Sought) -> list[int]:
    """Records after the fact: by the day at the patient's site, which the engines do not know how to count."""
    query = _from(core_select(AuditRow, col(SiteRow.zone))).where(_readable(scope), *_asked(sought))
    records = session.execute(query.where(col(AuditRow.entity).like("visit:%")))
    return [row.id for row, zone in records if after_the_fact(entry(row), row.at.astimezone(ZoneInfo(zone)).date())]


def _line(row: AuditRow, patient: PatientRow | None, site: SiteRow | None) -> Line:
    about = None
    if patient is not None and site is not None:
        protocol = (patient.protocol_id, patient.protocol_version)
        about = About(patient.public_id, patient.subject_id, protocol, site.code, site.zone)
    return Line(row.id or 0, entry(row), row.login, row.role, row.mac or "", about)
