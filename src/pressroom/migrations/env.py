"""Run by Alembic, for `MIGRATIONS.migrate`."""

from contractgen_runtime.postgres.migrations import run_revisions
from pressroom.schema import metadata

run_revisions(metadata)
