"""The first schema: users, posts, notifications, jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _time("created_at", server_default=sa.func.now()),
        _time("updated_at", server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.CheckConstraint("role IN ('admin', 'moderator', 'user')", name=op.f("users_role_check")),
    )
    op.create_index("users_email_key", "users", [sa.text("lower(email)")], unique=True)
    op.create_index("users_list_idx", "users", ["created_at", "id"])

    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        _time("created_at", server_default=sa.func.now()),
        _time("updated_at", server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name=op.f("posts_pkey")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("posts_author_id_fkey")),
    )
    op.create_index("posts_author_id_idx", "posts", ["author_id"])
    op.create_index("posts_feed_idx", "posts", ["created_at", "id"], postgresql_where=sa.text("is_published"))

    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _time("created_at", server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("notifications_user_id_fkey")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("notifications_state_check")),
    )
    op.create_index("notifications_user_id_idx", "notifications", ["user_id"])

    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        _time("run_at", server_default=sa.func.now()),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        _time("dead_at", nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        _time("created_at", server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name=op.f("jobs_pkey")),
    )
    op.create_index("jobs_due_idx", "jobs", ["run_at"], postgresql_where=sa.text("dead_at IS NULL"))


def _time(name: str, *, nullable: bool = False, server_default: object = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=server_default, nullable=nullable)


def downgrade() -> None:
    for table in ("jobs", "notifications", "posts", "users"):
        op.drop_table(table)
