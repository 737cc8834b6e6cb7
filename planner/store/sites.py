"""Sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from planner.core.patients import Site
from planner.store.tables import SiteRow

if TYPE_CHECKING:
    from sqlmodel import Session


def add(session: Session, site: Site) -> None:
    """Save a new site."""
    session.add(SiteRow(**{name: getattr(site, name) for name in Site.__slots__}))
    session.flush()


def every(session: Session, reach: frozenset[str] | None = None) -> tuple[Site, ...]:
    """The sites within `reach` (None: all), by code."""
    rows = session.exec(select(SiteRow).order_by(SiteRow.code)).all()
    return tuple(site(row) for row in rows if reach is None or row.code in reach)


def ids(session: Session, codes: frozenset[str]) -> list[int]:
    """The keys of these sites; unknown codes have none."""
    found = session.exec(select(SiteRow.id).where(col(SiteRow.code).in_(codes)))
    return [key for key in found if key is not None]


def site(row: SiteRow) -> Site:
    """The value of a row."""
    return Site(**{name: getattr(row, name) for name in Site.__slots__})
