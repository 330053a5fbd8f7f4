"""Alembic behind `Migrations`: finds revisions, executes them, and writes new ones."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, cast

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from .reasons import MigrationError, reason_of


def head(location: str) -> str:
    """Return the last revision."""
    with _explained():
        return cast(str, ScriptDirectory.from_config(_config(location)).get_current_head())


async def upgrade(location: str, dsn: str, lock: int, revision: str) -> None:
    """Execute the revisions up to this one that a database has not seen, in one transaction."""
    async with _connected(dsn) as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({lock})"))
        # After the wait for our turn: rather give up than hold requests up behind an ALTER TABLE. It is less
        # than what a statement of a request has: those that wait behind it are served.
        await connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        await connection.run_sync(lambda each: command.upgrade(_config(location, each), revision))


async def revise(location: str, dsn: str, message: str) -> Path:
    """Write the revision that takes a database at the head to the service's tables."""
    number = f"{int(head(location) or 0) + 1:04}"

    def write(connection: Connection) -> Path:
        made = command.revision(_config(location, connection), message, autogenerate=True, rev_id=number)
        return Path(cast(Any, made).path)

    async with _connected(dsn) as connection:
        return await connection.run_sync(write)


def run(metadata: MetaData) -> None:
    """Execute what `upgrade` or `revise` asks for, on their connection and in their transaction."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


def _config(location: str, connection: Connection | None = None) -> Config:
    config = Config(stdout=StringIO())  # Alembic reports there what `revise` returns
    config.set_main_option("script_location", location)
    config.attributes["connection"] = connection
    return config


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, timeout=5), poolclass=NullPool
    )
    try:
        with _explained():
            async with engine.begin() as connection:
                yield connection
    finally:
        await engine.dispose()


@contextmanager
def _explained() -> Iterator[None]:
    """Raise MigrationError, with the reason of the database where there is one."""
    try:
        yield
    except DBAPIError as error:
        raise MigrationError(reason_of(error.orig or error)) from error
    except (SQLAlchemyError, CommandError) as error:
        raise MigrationError(reason_of(error)) from error
