"""The privileges of the role that serves, which is not the one that owns the tables and migrates them."""

from collections.abc import Iterator

from pressroom.schema import metadata

#: Nobody changes or deletes what stands there; a trigger refuses it even of the owner.
_APPEND_ONLY = {"audit_events"}


def grants(role: str) -> Iterator[str]:
    """Yield the statements that give a role what `serve` and `worker` need, and nothing else."""
    name = '"' + role.replace('"', '""') + '"'
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
    yield f"GRANT USAGE ON SCHEMA public TO {name};"
    yield f"GRANT SELECT ON alembic_version TO {name};"
    for table in sorted(metadata.tables):
        privileges = "SELECT, INSERT" if table in _APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        yield f"GRANT {privileges} ON {table} TO {name};"
    # Also for statements that are a transaction of their own, which nothing sends with them.
    yield f"ALTER ROLE {name} SET lock_timeout = '1s';"
