"""The instant of each booking beside its local time, and in what patients were told

Revision: 0007, after 0006.

What is there already is filled with the time-zone rules of now, by which its invitations were written: left empty, the
first change of the rules would pass unseen for every visit that is booked today.
"""

import json
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
VISIT = sa.table(
    "visit",
    sa.column("patient_id", sa.Integer),
    sa.column("code", sa.String),
    sa.column("day", sa.Date),
    sa.column("at", sa.Time),
    sa.column("zone", sa.String),
    sa.column("later", sa.Boolean),
    sa.column("instant", MOMENT()),
)
OUTBOX = sa.table("outbox", sa.column("id", sa.Integer), sa.column("sight", sa.String))


def instant(day: date, at: time, zone: str) -> datetime | None:
    """None for a time that the clocks skip: nobody is there then."""
    wall = datetime.combine(day, at, ZoneInfo(zone))
    found = wall.astimezone(UTC)
    return found if found.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None) else None


def fill_visits(connection: sa.Connection) -> None:
    timed = sa.select(VISIT).where(VISIT.c.day.is_not(None), VISIT.c.at.is_not(None), VISIT.c.zone.is_not(None))
    for row in connection.execute(timed).all():
        found = instant(row.day, row.at.replace(fold=int(row.later)), row.zone)
        own = sa.and_(VISIT.c.patient_id == row.patient_id, VISIT.c.code == row.code)
        connection.execute(sa.update(VISIT).where(own).values(instant=found))


def fill_messages(connection: sa.Connection) -> None:
    for row in connection.execute(sa.select(OUTBOX)).all():
        sight = json.loads(row.sight)
        seen = sight["seen"]
        if not seen["at"] or not seen["zone"]:
            continue
        at = time.fromisoformat(seen["at"].rstrip("+")).replace(fold=int(seen["at"].endswith("+")))
        found = instant(date.fromisoformat(seen["first"]), at, seen["zone"])
        seen["instant"] = found and found.isoformat()
        filled = sa.update(OUTBOX).where(OUTBOX.c.id == row.id).values(sight=json.dumps(sight, sort_keys=True))
        connection.execute(filled)


def upgrade() -> None:
    op.add_column("visit", sa.Column("instant", MOMENT(), nullable=True))
    fill_visits(op.get_bind())
    fill_messages(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Versions only go forward: restore a backup instead.")
