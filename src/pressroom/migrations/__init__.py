"""The schema's history."""

from contractgen_runtime.postgres.migrations import Migrations

#: The number is older than the name of the run-time's own: versions of both may migrate at once.
MIGRATIONS = Migrations("pressroom:migrations", lock=0x70726573)
