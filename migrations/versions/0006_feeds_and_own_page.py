"""Calendar feeds, and the patient's own page

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", text(22), nullable=False),
        sa.Column("kind", words("patient", "site", "pharmacy", "unit", name="kind"), nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        *(sa.Column(f"{other}_id", sa.Integer(), nullable=True) for other in ("patient", "staff", "site", "unit")),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("made_by", text(120), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", MOMENT(), nullable=True),
        sa.CheckConstraint("(patient_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_feed_one_owner")),
        *(of("feed", f"{other}_id", other) for other in ("patient", "staff", "site", "unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("public_id", name=op.f("uq_feed_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(op.f("ix_feed_patient_id"), "feed", ["patient_id"])
    op.create_index(op.f("ix_feed_staff_id"), "feed", ["staff_id"])
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("address_hash", text(64), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", MOMENT(), nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.Column("used_at", MOMENT(), nullable=True),
        of("link", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index(op.f("ix_link_address_hash"), "link", ["address_hash"])
    op.create_index(op.f("ix_link_asked_at"), "link", ["asked_at"])
    op.create_table(
        "guest",
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT(), nullable=True),
        of("guest", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_guest")),
    )
    op.create_index(op.f("ix_guest_patient_id"), "guest", ["patient_id"])
    op.create_table(
        "patient_word",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("code", text(80), nullable=False),
        sa.Column("word", words("seen", "call", name="word"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("done_at", MOMENT(), nullable=True),
        of("patient_word", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("patient_id", "code", "word", name=op.f("pk_patient_word")),
    )


def downgrade() -> None:
    raise NotImplementedError("Versions only go forward: restore a backup instead.")
