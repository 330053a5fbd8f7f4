"""The history of a schema: `migrate` brings a database to its head; nothing else ever changes the schema."""

import re
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast
from zlib import crc32

import asyncpg

if TYPE_CHECKING:
    from sqlalchemy import MetaData

# The name of a revision and of the one before it, where a file has no more than that.
_LINK = re.compile(r"""^(revision|down_revision) = (?:None|["'](\w+)["'])$""", re.MULTILINE)


class Migrations:
    """The revisions in a package, so that its wheel has them too: `location` is as in `package:folder`.

    Processes that migrate at once take turns by the number `lock`, which all versions of a service agree on;
    unless given it is made of the location.
    """

    def __init__(self, location: str, *, lock: int | None = None) -> None:
        self._location = location
        self._lock = crc32(location.encode()) if lock is None else lock

    def head(self) -> str:
        """Return the revision that this version of the service needs; MigrationError without revisions."""
        return _plain_head(self._location) or cast(str, _revisions().head(self._location))

    async def current(self, dsn: str) -> str | None:
        """Return the revision that the database is at; None for one that was never migrated."""
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return cast(str | None, await connection.fetchval("SELECT version_num FROM alembic_version"))
        except asyncpg.UndefinedTableError:
            return None
        finally:
            await connection.close()

    async def migrate(self, dsn: str, *, to: str = "") -> str:
        """Upgrade the database to a revision, or else to the head, all or nothing; return the revision.

        Callers take turns. MigrationError if a revision fails.
        """
        revision = to or self.head()
        await _revisions().upgrade(self._location, dsn, self._lock, revision)
        return revision

    async def revise(self, dsn: str, message: str) -> Path:
        """Write a revision with what the tables have beyond the head, and return its file.

        The database is brought to the head first: it is what the tables are compared with.
        """
        await self.migrate(dsn)
        return cast(Path, await _revisions().revise(self._location, dsn, message))


def run_revisions(metadata: "MetaData") -> None:
    """Execute the revisions that Alembic asks for: its `env.py` calls this with the service's tables."""
    _revisions().run(metadata)


def _plain_head(location: str) -> str | None:
    """Return the head of revisions that are one plain line; None if only Alembic can tell.

    So a start need not wait for the import of Alembic, a tenth of a second.
    """
    package, _, folder = location.partition(":")
    versions = files(package) / folder / "versions"
    if not versions.is_dir():
        return None
    revisions = (each for each in versions.iterdir() if each.name.endswith(".py") and each.name[0] != "_")
    links = [dict(_LINK.findall(each.read_text("utf-8"))) for each in revisions]
    heads = {link.get("revision") for link in links} - {link.get("down_revision") for link in links}
    is_plain = all(link.keys() == {"revision", "down_revision"} for link in links)
    return heads.pop() if is_plain and len(heads) == 1 else None


def _revisions() -> ModuleType:
    from . import revisions  # noqa: PLC0415 - Alembic takes longer to import than most commands to work

    return revisions
