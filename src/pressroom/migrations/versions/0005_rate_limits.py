"""Counters of attempts; unlogged, for losing them in a crash does no harm."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("rate_limits_pkey")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("rate_limits_resets_at_idx", "rate_limits", ["resets_at"])


def downgrade() -> None:
    op.drop_table("rate_limits")
