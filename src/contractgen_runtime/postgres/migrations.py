"""The history of a schema: `migrate` brings a database to its head; nothing else ever changes the schema."""

from io import StringIO
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


class Migrations:
    """The revisions in a package, so that its wheel has them too: `location` is as in `package:folder`.

    Processes that migrate at once take turns by the number `lock`, which all versions of a service agree on;
    unless given it is made of the location.
    """

    def __init__(self, location: str, *, lock: int | None = None) -> None:
        self._location = location
        self._lock = crc32(location.encode()) if lock is None else lock

    def head(self) -> str:
        """Return the revision that this version of the service needs."""
        return cast(str, ScriptDirectory.from_config(self._config()).get_current_head())

    async def current(self, dsn: str) -> str | None:
        """Return the revision that the database is at; None for one that was never migrated."""
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return cast(str | None, await connection.fetchval("SELECT version_num FROM alembic_version"))
        except asyncpg.UndefinedTableError:
            return None
        finally:
            await connection.close()

    async def migrate(self, dsn: str) -> str:
        """Upgrade the database to the head revision, all or nothing, and return that; callers take turns."""
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, timeout=5), poolclass=NullPool
        )
        try:
            async with engine.begin() as connection:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({self._lock})"))
                # After the wait for our turn: rather give up than hold requests up behind an ALTER TABLE.
                await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
                await connection.run_sync(self._upgrade)
        finally:
            await engine.dispose()
        return self.head()

    async def revise(self, dsn: str, message: str) -> Path:
        """Write a revision with what the tables have beyond the head, and return its file.

        The database is brought to the head first: it is what the tables are compared with.
        """
        await self.migrate(dsn)
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, timeout=5), poolclass=NullPool
        )
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(self._revise, message)
        finally:
            await engine.dispose()

    def _revise(self, connection: Connection, message: str) -> Path:
        config = self._config()
        config.attributes["connection"] = connection
        number = f"{int(self.head() or 0) + 1:04}"
        made = command.revision(config, message, autogenerate=True, rev_id=number)
        return Path(cast(Any, made).path)

    def _upgrade(self, connection: Connection) -> None:
        config = self._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def _config(self) -> Config:
        config = Config(stdout=StringIO())  # Alembic reports there what `revise` returns
        config.set_main_option("script_location", self._location)
        return config


def run_revisions(metadata: MetaData) -> None:
    """Execute the revisions that Alembic asks for; its `env.py` is a call of this with the service's tables.

    They run on the connection that `migrate` opened, in its transaction.
    """
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
