"""Verified addresses, and the tokens of mails."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ACTIONS = (
    "'user_registered', 'user_updated', "
    "'session_started', 'session_revoked', 'sessions_revoked', 'refresh_token_reused', "
    "'post_hidden', 'post_unhidden', 'post_deleted'"
)
MORE_ACTIONS = "'password_changed', 'password_reset', 'email_verified'"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("email_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "mailed_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "purpose", name=op.f("mailed_tokens_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("mailed_tokens_user_id_fkey")),
    )
    op.create_index("mailed_tokens_digest_key", "mailed_tokens", ["digest"], unique=True)
    op.create_index("mailed_tokens_expires_at_idx", "mailed_tokens", ["expires_at"])
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    op.drop_table("mailed_tokens")
    op.drop_column("users", "email_verified")
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
