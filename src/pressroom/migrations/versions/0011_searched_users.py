"""An index for the search of accounts by any part of a name or an address.

It is of text cut into threes. The extension pg_trgm does the same, but is not everywhere: the PostgreSQL that
comes along does not have it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TRIGRAMS = """
CREATE FUNCTION trigrams(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT substr(lower(value), start, 3)), '{}')
    FROM generate_series(1, length(lower(value)) - 2) AS start
)
"""
TRIGRAMS_OF_USER = "trigrams(((full_name || ' '::text) || email))"


def upgrade() -> None:
    op.execute(TRIGRAMS)
    # A column, although nobody reads it: an index of the expression alone may have it computed for every row.
    op.add_column(
        "users", sa.Column("trigrams", sa.ARRAY(sa.Text()), sa.Computed(TRIGRAMS_OF_USER, persisted=True))
    )
    op.create_index("users_trigrams_idx", "users", ["trigrams"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_column("users", "trigrams")
    op.execute("DROP FUNCTION trigrams")
