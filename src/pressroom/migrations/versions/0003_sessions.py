"""Sessions and their refresh tokens. Access tokens from before have no session: everybody logs in again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ACTIONS = "'user_registered', 'user_updated'"
MORE_ACTIONS = "'session_started', 'session_revoked', 'sessions_revoked', 'refresh_token_reused'"


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("sessions_user_id_fkey")),
    )
    op.create_index("sessions_user_id_idx", "sessions", ["user_id", "last_used_at"])
    op.create_index("sessions_expires_at_idx", "sessions", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("refresh_tokens_pkey")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("refresh_tokens_session_id_fkey"), ondelete="CASCADE"
        ),
    )
    op.create_index("refresh_tokens_session_id_idx", "refresh_tokens", ["session_id"])
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    for table in ("refresh_tokens", "sessions"):
        op.drop_table(table)
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
