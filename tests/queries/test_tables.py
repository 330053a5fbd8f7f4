"""The tables that the code knows are those that the migrations make."""

import asyncio
import importlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from contractgen_runtime.postgres.statements import Statement
from pressroom import migrations
from pressroom.migrations import MIGRATIONS
from pressroom.schema import metadata
from pressroom_api import models
from tests.house.project import python_files

#: Every module of the service but those that Alembic runs.
STATEMENTS = [
    ".".join(path.with_suffix("").parts[1:])
    for path in python_files("src/pressroom")
    if "migrations" not in path.parts and path.stem not in {"__init__", "__main__"}
]
UPDATED = re.compile(r"\bUPDATE (\w+) SET ")
CHECKS = {
    "audit_events_action_check": set(get_args(models.AuditAction)),
    "users_role_check": set(get_args(models.Role)),
    "notifications_state_check": set(get_args(models.NotificationState)),
}


def test_every_constraint_and_index_has_a_name_that_tells_its_table() -> None:
    things = [
        (table.name, thing.name)
        for table in metadata.tables.values()
        for some in (table.constraints, table.indexes)
        for thing in some
    ]
    assert len(things) > len(metadata.tables) > 0
    assert [pair for pair in things if not str(pair[1] or "").startswith(f"{pair[0]}_")] == []


async def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(database_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_check_constraints_stand_in_the_database_as_in_the_tables(database_url: str) -> None:
    """Alembic's comparison leaves checks out."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS text FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
    )
    await connection.close()
    found = {row["conname"]: set(row["text"].split("'")[1::2]) for row in rows}
    assert found == CHECKS
    declared = {
        str(constraint.name): set(str(getattr(constraint, "sqltext", "")).split("'")[1::2])
        for table in metadata.tables.values()
        for constraint in table.constraints
        if str(constraint.name).endswith("_check")
    }
    assert declared == CHECKS


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert await MIGRATIONS.current(database_url) == MIGRATIONS.head()
    assert await MIGRATIONS.migrate(database_url) == MIGRATIONS.head()


@pytest.fixture
async def bare(database_url: str) -> AsyncIterator[str]:
    """The address of a database that was never migrated."""
    parts = urlsplit(database_url)
    name = parts.path[1:] + "_bare"
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(parts._replace(path=f"/{name}"))
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_replicas_that_migrate_at_once_take_turns(bare: str) -> None:
    assert await MIGRATIONS.current(bare) is None
    revisions = await asyncio.gather(*(MIGRATIONS.migrate(bare) for _ in range(4)))
    assert set(revisions) == {MIGRATIONS.head()} == {await MIGRATIONS.current(bare)}


async def test_every_migration_can_be_taken_back_and_made_again(bare: str) -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    def climb(connection: Connection) -> None:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for revision in reversed([*script.walk_revisions()]):
                for step in ("upgrade", "downgrade", "upgrade"):
                    getattr(revision.module, step)()

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(bare))
    async with engine.begin() as connection:
        await connection.run_sync(climb)
        assert await connection.run_sync(lambda sync: set(inspect(sync).get_table_names())) == set(
            metadata.tables
        )
    await engine.dispose()


#: Another hash of the same password: nothing has changed for anybody who knows the account.
UNSEEN = ["pressroom.auth.queries.RENEW_HASH"]


def test_every_change_of_a_row_with_versions_moves_its_version_on() -> None:
    """An ETag that stays over a change would let two clients overwrite each other."""
    names = {name for name, table in metadata.tables.items() if "updated_at" in table.columns}
    changes = [
        (f"{module.__name__}.{name}", statement.sql)
        for module in map(importlib.import_module, STATEMENTS)
        for name, statement in vars(module).items()
        if isinstance(statement, Statement) and (found := UPDATED.search(statement.sql)) and found[1] in names
    ]
    assert changes
    moved = re.compile(r"updated_at=greatest\(clock_timestamp\(\)")
    assert [name for name, sql in changes if not moved.search(sql)] == UNSEEN
