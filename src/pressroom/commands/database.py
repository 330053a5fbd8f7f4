"""Shared parts of the commands that use the database."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from contractgen_runtime.postgres import embedded
from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.reasons import DATABASE_ERRORS, reason_of
from pressroom.commands.errors import DATABASE, CommandError
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings

T = TypeVar("T")


def with_database(settings: Settings) -> Settings:
    """Return the settings with the URL of a database: in development the embedded one, if none is given."""
    if settings.database_url:
        return settings
    try:
        dsn = embedded.start(settings.state_dir, setting=settings.variable("state_dir"))
    except embedded.EmbeddedServerError as error:
        raise CommandError(str(error), DATABASE) from None
    return settings.model_copy(update={"database_url": dsn})


def with_database_at_head(settings: Settings) -> Settings:
    """Return the same settings, provided that the database has the schema of this version."""
    settings = with_database(settings)
    current, head = run(MIGRATIONS.current(settings.database_url)), MIGRATIONS.head()
    if current != head:
        state = f"is at {current}" if current else "was never migrated"
        raise CommandError(
            f"DATABASE_URL: the schema {state} but must be at {head}: run pressroom migrate", DATABASE
        )
    return settings


@asynccontextmanager
async def transaction(settings: Settings) -> AsyncIterator[UnitOfWork]:
    """Open a transaction on a connection of its own."""
    database = Database(settings.database_url, size=1)
    try:
        async with database.transaction() as unit:
            yield unit
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run work on the database; CommandError with the reason if the database cannot be used."""
    try:
        return asyncio.run(work)
    except DATABASE_ERRORS as error:
        raise CommandError(
            f"DATABASE_URL: the database cannot be used: {reason_of(error)}", DATABASE
        ) from None
