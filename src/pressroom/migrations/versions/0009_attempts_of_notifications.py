"""Add the number of attempts to send a notification."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ACTIONS = (
    "'user_registered', 'user_updated', "
    "'session_started', 'session_revoked', 'sessions_revoked', 'refresh_token_reused', "
    "'post_hidden', 'post_unhidden', 'post_deleted', 'password_changed', 'password_reset', 'email_verified', "
    "'user_created', 'user_deleted'"
)
MORE_ACTIONS = "'user_notified'"


def upgrade() -> None:
    op.add_column(
        "notifications", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    op.drop_column("notifications", "attempts")
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
