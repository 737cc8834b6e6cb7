"""GO and NO-GO, repeats, confirmed bookings, and visits that one attendance fulfils together

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = sqlmodel.sql.sqltypes.AutoString(length=120)
    op.add_column("visit", sa.Column("confirmed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("ALTER TABLE visit ADD COLUMN go VARCHAR(20) CONSTRAINT ck_visit_go CHECK (go IN ('go', 'no_go'))")
    op.add_column("visit", sa.Column("decided_by", name, server_default=sa.text("''"), nullable=False))
    op.add_column("visit", sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("visit", sa.Column("taken_for", sa.Date(), nullable=True))
    op.create_table(
        "together",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_together_patient_id_patient")),
        sa.PrimaryKeyConstraint("patient_id", "code", name=op.f("pk_together")),
    )


def downgrade() -> None:
    raise NotImplementedError("Versions only go forward: restore a backup instead.")
