"""Add the subject of a stored response, so that the response can be deleted with the account."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.create_index("idempotency_keys_subject_id_idx", "idempotency_keys", ["subject_id"])


def downgrade() -> None:
    op.drop_column("idempotency_keys", "subject_id")
