"""The chain of the audit trail: each row is sealed with a key that is not in the database, and with the row before.

An edited, missing or moved row breaks the chain where it was touched; an end cut off shows against the head, and an end
cut off with the head, against a head written down outside.
"""

from __future__ import annotations

import hmac
import json
from contextlib import closing
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import func, update
from sqlmodel import col, select

from planner.core.history import Broken, Fault, Head, Verdict
from planner.store.database import AUDIT_KEY
from planner.store.tables import AuditRow, HeadRow

if TYPE_CHECKING:
    from sqlmodel import Session

BEGINNING = "0" * 64
"""What the first row of a chain is sealed with."""

SEALED = ("id", "actor", "login", "act", "action", "patient_id", "entity", "old", "new", "reason")
AT_A_TIME = 500


def seal(session: Session, row: AuditRow) -> None:
    """Put the row at the end of the chain; whoever adds one at the same time waits until this transaction ends."""
    end = session.exec(select(HeadRow.seq, HeadRow.mac).where(HeadRow.id == 1).with_for_update()).one()
    row.id, row.previous = end[0] + 1, end[1]
    row.mac = _mac(_key(session), row.previous, row)
    session.connection().execute(update(HeadRow).values(seq=row.id, mac=row.mac))


def _key(session: Session) -> str:
    key = session.info.get(AUDIT_KEY)
    if not key:
        raise ValueError("connect with the audit key: without it no row of the trail can be sealed or checked")
    return str(key)


def _mac(key: str, previous: str, row: AuditRow) -> str:
    """The seal of a row: of everything that it says, in one way of writing it on every engine."""
    said = {name: getattr(row, name) for name in SEALED}
    said |= {"at": row.at.astimezone(UTC).isoformat(), "role": None if row.role is None else str(row.role)}
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), (previous + written).encode(), sha256).hexdigest()


def head(session: Session) -> Head | None:
    """The end of the chain as the database keeps it; None where somebody removed it."""
    found = session.exec(select(HeadRow.seq, HeadRow.mac).where(HeadRow.id == 1)).first()
    return Head(*found) if found is not None else None


def verify(session: Session, since: Head | None = None) -> Verdict:
    """Follow the chain from its first row to its last; `since` is a head that was written down earlier."""
    older = _older(session)
    broken, last, rows = _followed(session, older)
    number = session.exec(select(func.count()).select_from(AuditRow)).one()
    return Verdict(
        rows=rows,
        older=number - session.exec(select(func.count()).where(col(AuditRow.id) > older.seq)).one(),
        broken=broken,
        last=last,
        head=head(session),
        kept=since is None or _kept(session, since, older),
    )


def _older(session: Session) -> Head:
    """The last row before the chain began, with nothing to seal it."""
    first = session.exec(select(func.min(AuditRow.id)).where(col(AuditRow.mac).is_not(None))).one()
    older = select(func.max(AuditRow.id))
    found = session.exec(older if first is None else older.where(col(AuditRow.id) < first)).one()
    return Head(found or 0, BEGINNING)


def _followed(session: Session, last: Head) -> tuple[Broken | None, Head, int]:
    """The first row that is not as it was written, the last row that is, and how many are."""
    rows = 0
    chained = select(AuditRow).where(col(AuditRow.id) > last.seq).order_by(col(AuditRow.id))
    with closing(session.exec(chained.execution_options(yield_per=AT_A_TIME))) as found:
        for row in found:
            fault = _fault(session, row, last)
            if fault is not None:
                return Broken(last.seq + 1, fault), last, rows
            last, rows = Head(last.seq + 1, row.mac or ""), rows + 1
    return None, last, rows


def _fault(session: Session, row: AuditRow, last: Head) -> Fault | None:
    if row.id != last.seq + 1:
        return Fault.MISSING
    if row.previous != last.mac:
        elsewhere = session.exec(select(AuditRow.id).where(AuditRow.mac == row.previous)).first()
        return Fault.EDITED if elsewhere is None else Fault.MOVED
    right = _mac(_key(session), row.previous, row)
    return None if hmac.compare_digest(right, row.mac or "") else Fault.EDITED


def _kept(session: Session, since: Head, older: Head) -> bool:
    """Whether the row that was the last one is still there, with its seal or, from paper, the beginning of it."""
    if since.seq <= older.seq:
        return BEGINNING.startswith(since.mac)
    found = session.exec(select(AuditRow.mac).where(AuditRow.id == since.seq)).first()
    return found is not None and found.startswith(since.mac)
