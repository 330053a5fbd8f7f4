"""Remove the column of posts that no version has used since 0006, and what kept it right.

Databases that an earlier form of 0006 has migrated have neither.
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS posts_published ON posts")
    op.execute("DROP FUNCTION IF EXISTS posts_set_published")
    op.execute("ALTER TABLE posts DROP COLUMN IF EXISTS is_published")


def downgrade() -> None:
    op.execute("ALTER TABLE posts ADD COLUMN is_published boolean NOT NULL DEFAULT false")
    op.execute("UPDATE posts SET is_published = true WHERE published_at IS NOT NULL")
