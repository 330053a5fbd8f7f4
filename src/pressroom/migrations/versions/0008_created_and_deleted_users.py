"""The audit trail tells of accounts that admins make and of accounts that are deleted."""

from alembic import op

revision = "0008"
down_revision = "0007"

ACTIONS = (
    "'user_registered', 'user_updated', "
    "'session_started', 'session_revoked', 'sessions_revoked', 'refresh_token_reused', "
    "'post_hidden', 'post_unhidden', 'post_deleted', "
    "'password_changed', 'password_reset', 'email_verified'"
)
MORE_ACTIONS = "'user_created', 'user_deleted'"


def upgrade() -> None:
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
