"""The tokens that give accounts another address."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ACTIONS = (
    "'user_registered', 'user_updated', "
    "'session_started', 'session_revoked', 'sessions_revoked', 'refresh_token_reused', "
    "'post_hidden', 'post_unhidden', 'post_deleted', 'password_changed', 'password_reset', 'email_verified', "
    "'user_created', 'user_deleted', 'user_notified'"
)
MORE_ACTIONS = "'email_change_requested', 'email_changed', 'email_change_undone'"


def upgrade() -> None:
    op.create_table(
        "address_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("address_tokens_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("address_tokens_user_id_fkey")),
    )
    op.create_index("address_tokens_digest_key", "address_tokens", ["digest"], unique=True)
    op.create_index("address_tokens_user_id_idx", "address_tokens", ["user_id"])
    op.create_index(
        "address_tokens_change_key",
        "address_tokens",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("purpose = 'email_change_mail'"),
    )
    op.create_index("address_tokens_expires_at_idx", "address_tokens", ["expires_at"])
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    op.drop_table("address_tokens")
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
