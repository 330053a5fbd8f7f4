"""Databases for tests: made from one template, gone afterwards, and emptied between tests."""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from contractgen_runtime.postgres.testing import empty, temporary_database


async def migrate(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE notes (id int)")
    await connection.close()


async def names(dsn: str, run: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE $1", f"%{run}%")
    await connection.close()
    return {row["datname"] for row in rows}


async def in_database(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def test_workers_have_databases_of_their_own_and_leave_nothing(database_url: str) -> None:
    """On the server of these tests, as on one that DATABASE_URL_TEST names."""
    run = uuid.uuid4().hex[:8]
    migrated = 0

    async def counted(dsn: str) -> None:
        nonlocal migrated
        migrated += 1
        await migrate(dsn)

    with (
        temporary_database("shop", counted, run=run, worker="gw0", server=database_url) as first,
        temporary_database("shop", counted, run=run, worker="gw1", server=database_url) as second,
        temporary_database("mail", counted, run=run, worker="gw0", server=database_url) as other,
    ):
        assert len({first, second, other}) == 3
        assert migrated == 2
        asyncio.run(in_database(first, "INSERT INTO notes VALUES (1)"))
        asyncio.run(in_database(second, "CREATE TABLE of_its_own (id int)"))
    assert asyncio.run(names(database_url, run)) == set()
    assert not (Path(tempfile.gettempdir()) / f"contractgen-tests-{run}").exists()


def test_without_the_names_of_xdist_a_process_is_a_run_of_its_own(database_url: str) -> None:
    with temporary_database("shop", migrate, server=database_url) as dsn:
        assert dsn.partition("?")[0].endswith(f"/shop_{os.getpid()}_main")


GUARDED = """
CREATE TABLE trail (id int);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'append only'; END$$;
CREATE TRIGGER guard BEFORE TRUNCATE OR DELETE ON trail EXECUTE FUNCTION refuse();
INSERT INTO trail VALUES (1)
"""


@pytest.fixture
async def trail(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to a database that has a table which only grows."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(GUARDED)
    yield connection
    await connection.execute("RESET ROLE; DROP TABLE trail; DROP FUNCTION refuse; DROP ROLE IF EXISTS plain")
    await connection.close()


async def is_empty_and_guarded(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    with pytest.raises(asyncpg.RaiseError, match="append only"):
        await connection.execute("TRUNCATE trail")
    with pytest.raises(asyncpg.RaiseError, match="append only"):
        await connection.execute("DELETE FROM trail")
    return not await connection.fetch("SELECT FROM trail")


@pytest.mark.parametrize("rows", [1, 100_000])
async def test_what_tests_have_written_and_left_open_is_gone(
    database_url: str, trail: "asyncpg.Connection[asyncpg.Record]", rows: int
) -> None:
    """Many rows are truncated, few are deleted."""
    await trail.execute("ALTER TABLE trail DISABLE TRIGGER guard")
    await trail.execute(f"INSERT INTO trail SELECT generate_series(1, {rows})")
    await trail.execute("ALTER TABLE trail ENABLE TRIGGER guard")
    forgotten = await asyncpg.connect(database_url)
    await forgotten.execute("BEGIN; LOCK TABLE people")
    await empty(database_url, ["trail", "people"], append_only=["trail"])
    assert await is_empty_and_guarded(trail)
    assert forgotten.is_closed()


async def test_an_owner_who_may_not_pass_triggers_over_takes_them_away(
    trail: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await trail.execute("CREATE ROLE plain; ALTER TABLE trail OWNER TO plain; SET ROLE plain")
    with pytest.raises(asyncpg.RaiseError, match="append only"):
        await empty(trail, ["trail"])
    await empty(trail, ["trail"], append_only=["trail"])
    assert await is_empty_and_guarded(trail)
