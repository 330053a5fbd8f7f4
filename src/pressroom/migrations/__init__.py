"""The schema's history: `migrate` brings a database to its head; nothing else ever changes the schema."""

from typing import cast

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_ONE_AT_A_TIME = 0x70726573  # a number that all versions of the service agree on


def head_revision() -> str:
    """The revision that this version of the service needs."""
    return cast(str, ScriptDirectory.from_config(_config()).get_current_head())


async def current_revision(dsn: str) -> str | None:
    """The revision that the database is at; None for one that was never migrated."""
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return cast(str | None, await connection.fetchval("SELECT version_num FROM alembic_version"))
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


async def migrate(dsn: str) -> str:
    """Upgrade the database to the head revision, all or nothing, and return that; callers take turns."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, timeout=5), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
            # After the wait for our turn: rather give up than hold every request up behind an ALTER TABLE.
            await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()
    return head_revision()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option(
        "script_location", "pressroom:migrations"
    )  # inside the package, so in its wheel too
    return config
