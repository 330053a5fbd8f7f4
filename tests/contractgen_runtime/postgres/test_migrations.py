"""The history of a schema that is in a package of somebody else."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from contractgen_runtime.postgres.migrations import Migrations
from contractgen_runtime.postgres.reasons import DATABASE_ERRORS, MigrationError, reason_of
from contractgen_runtime.postgres.revisions import head

ENV = """
from sqlalchemy import MetaData
from contractgen_runtime.postgres.migrations import run_revisions
run_revisions(MetaData())
"""
REVISION = """
from alembic import op
revision, down_revision = "{number}", {before!r}
def upgrade():
    op.execute("{statement}")
"""


@pytest.fixture
def revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the revisions of a package, `shop`."""
    versions = tmp_path / "shop" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (versions.parent / "env.py").write_text(ENV)
    add(versions, "0001", None, "CREATE TABLE orders (id int)")
    monkeypatch.syspath_prepend(tmp_path)
    yield versions
    sys.modules.pop("shop", None)


def add(versions: Path, number: str, before: str | None, statement: str) -> None:
    revision = REVISION.format(number=number, before=before, statement=statement)
    (versions / f"{number}.py").write_text(revision)


@pytest.fixture
async def bare(database_url: str) -> AsyncIterator[str]:
    """The address of a database that was never migrated."""
    parts = urlsplit(database_url)
    name = f"{parts.path[1:]}_bare"
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(parts._replace(path=f"/{name}"))
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_a_database_is_brought_to_the_head_of_a_package(revisions: Path, bare: str) -> None:
    migrations = Migrations("shop:migrations")
    assert (migrations.head(), await migrations.current(bare)) == ("0001", None)
    assert await migrations.migrate(bare) == "0001"
    add(revisions, "0002", "0001", "ALTER TABLE orders ADD COLUMN sum int")
    assert (migrations.head(), await migrations.current(bare)) == ("0002", "0001")
    assert await migrations.migrate(bare) == "0002"
    connection = await asyncpg.connect(bare)
    assert await connection.fetch("SELECT id, sum FROM orders") == []
    await connection.close()


async def test_a_revision_that_fails_leaves_nothing_of_those_before_it(revisions: Path, bare: str) -> None:
    add(revisions, "0002", "0001", "SELECT 1 / 0")
    migrations = Migrations("shop:migrations")
    with pytest.raises(DATABASE_ERRORS) as failure:
        await migrations.migrate(bare)
    assert reason_of(failure.value) == "division by zero"
    assert await migrations.current(bare) is None


async def test_a_revision_gives_up_at_a_lock_before_those_behind_it_do(revisions: Path, bare: str) -> None:
    """Whoever reads meanwhile waits in line behind the revision, for less than the 4 s of a statement."""
    migrations = Migrations("shop:migrations")
    await migrations.migrate(bare)
    add(revisions, "0002", "0001", "ALTER TABLE orders ADD COLUMN sum int")
    holder, reader = await asyncpg.connect(bare), await asyncpg.connect(bare, command_timeout=4)
    async with holder.transaction():
        await holder.fetch("SELECT FROM orders")
        migrating = asyncio.create_task(migrations.migrate(bare))
        async with asyncio.timeout(30):
            while not await reader.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        assert await reader.fetch("SELECT FROM orders") == []
        with pytest.raises(MigrationError, match="lock timeout"):
            await migrating
    assert await migrations.migrate(bare) == "0002"
    await holder.close()
    await reader.close()


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ('revision = "b"\ndown_revision = "0001"\n', "b"),
        ("revision = 'b'\ndown_revision = '0001'\n", "b"),
        ('revision: str = "b"\ndown_revision: str | None = "0001"\n', "b"),
        ('revision = "b"  # a note\ndown_revision = "0001"\n', "b"),
        ('"""Revises what\nrevision = 1\nwas."""\nrevision = "b"\ndown_revision = "0001"\n', "b"),
        ('revision = "b"\ndown_revision = ("0001",)\n', "b"),
        ('x = "0001"\nrevision = "b"\ndown_revision = x\n', "b"),
    ],
)
def test_the_head_is_what_alembic_says(revisions: Path, written: str, after: str) -> None:
    (revisions / "__init__.py").touch()
    (revisions / "b.py").write_text(written)
    assert Migrations("shop:migrations").head() == after == head("shop:migrations")


def test_two_heads_are_a_reason(revisions: Path) -> None:
    add(revisions, "0002", "0001", "SELECT 1")
    add(revisions, "0003", "0001", "SELECT 1")
    with pytest.raises(MigrationError, match="multiple heads"):
        Migrations("shop:migrations").head()


def test_a_location_that_does_not_exist_is_a_reason() -> None:
    with pytest.raises(MigrationError) as failure:
        Migrations("contractgen_runtime:nowhere").head()
    assert "nowhere" in reason_of(failure.value)
    assert isinstance(failure.value, DATABASE_ERRORS)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "it does not answer"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (asyncpg.PostgresError("no\nDETAIL: secret"), "no"),
        (OSError(), "OSError"),
    ],
)
def test_a_reason_is_one_line_without_details(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
