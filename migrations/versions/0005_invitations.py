"""What patients agreed to be told, and the messages owed to them

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = ("invite", "update", "cancel", "link", "reminder")


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        *(sa.Column(name, words("minimal", "standard", name=name), nullable=True) for name in ("mail", "feed", "page")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("alarm", "reminder", "open_days")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_wishes_patient_id_patient")),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_wishes")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("code", text(80), nullable=False),
        sa.Column("kind", words(*KINDS, name="kind"), nullable=False),
        sa.Column("uid", text(36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamp", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("address", text(254), nullable=False),
        sa.Column("sight", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("state", words("waiting", "sent", "failed", "overtaken", "told", name="state"), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", text(300), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_outbox_sequence")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_outbox_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("uid", "sequence", "kind", name=op.f("uq_outbox_uid_sequence_kind")),
    )
    op.create_index(op.f("ix_outbox_patient_id"), "outbox", ["patient_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_outbox_waiting", "outbox", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    raise NotImplementedError("Versions only go forward: restore a backup instead.")
