"""Add the time of publication, the reason for hiding, and the search words of posts.

The column `is_published` stays for the version before, which reads and writes it: a trigger sets each by the
other, and 0014 removes both.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

IS_PUBLIC = "published_at IS NOT NULL AND hidden_reason IS NULL"
WORDS = "to_tsvector('english'::regconfig, ((title || ' '::text) || content))"
ACTIONS = (
    "'user_registered', 'user_updated', 'session_started', 'session_revoked', 'sessions_revoked', "
    "'refresh_token_reused'"
)
MORE_ACTIONS = "'post_hidden', 'post_unhidden', 'post_deleted'"
SET_EACH_BY_THE_OTHER = """
CREATE FUNCTION posts_set_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.is_published AND NEW.published_at IS NULL
        OR TG_OP = 'UPDATE' AND NEW.is_published IS DISTINCT FROM OLD.is_published
    THEN
        NEW.published_at := CASE WHEN NEW.is_published THEN coalesce(NEW.published_at, now()) END;
    ELSE
        NEW.is_published := NEW.published_at IS NOT NULL;
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.add_column("posts", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("posts", sa.Column("hidden_reason", sa.Text(), nullable=True))
    op.add_column(
        "posts", sa.Column("words", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=True)
    )
    op.execute("UPDATE posts SET published_at = created_at WHERE is_published")
    op.drop_index("posts_feed_idx", "posts")
    op.drop_index("posts_author_id_idx", "posts")
    op.alter_column("posts", "is_published", server_default=sa.false())
    op.execute(SET_EACH_BY_THE_OTHER)
    op.execute(
        "CREATE TRIGGER posts_published BEFORE INSERT OR UPDATE ON posts "
        "FOR EACH ROW EXECUTE FUNCTION posts_set_published()"
    )
    public = sa.text(IS_PUBLIC)
    op.create_index("posts_feed_idx", "posts", ["published_at", "id"], postgresql_where=public)
    op.create_index(
        "posts_author_feed_idx", "posts", ["author_id", "published_at", "id"], postgresql_where=public
    )
    op.create_index("posts_author_id_idx", "posts", ["author_id", "created_at", "id"])
    op.create_index("posts_words_idx", "posts", ["words"], postgresql_using="gin")
    _take_actions(f"{ACTIONS}, {MORE_ACTIONS}")


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS posts_published ON posts")
    op.execute("DROP FUNCTION IF EXISTS posts_set_published")
    op.alter_column("posts", "is_published", server_default=None)
    for index in ("posts_feed_idx", "posts_author_feed_idx", "posts_author_id_idx", "posts_words_idx"):
        op.drop_index(index, "posts")
    for column in ("words", "hidden_reason", "published_at"):
        op.drop_column("posts", column)
    op.create_index("posts_author_id_idx", "posts", ["author_id"])
    op.create_index("posts_feed_idx", "posts", ["created_at", "id"], postgresql_where=sa.text("is_published"))
    _take_actions(ACTIONS)


def _take_actions(actions: str) -> None:
    op.drop_constraint(op.f("audit_events_action_check"), "audit_events")
    op.create_check_constraint(op.f("audit_events_action_check"), "audit_events", f"action IN ({actions})")
