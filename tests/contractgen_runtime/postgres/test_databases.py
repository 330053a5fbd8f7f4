"""Databases for tests: made from one template, gone afterwards, and emptied between tests."""

import asyncio
import os
import tempfile
import uuid
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


async def test_what_tests_have_written_and_left_open_is_gone(database_url: str) -> None:
    guard = (
        "CREATE TABLE trail (id int)",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'append only'; END$$",
        "CREATE TRIGGER guard BEFORE TRUNCATE ON trail EXECUTE FUNCTION refuse()",
        "INSERT INTO trail VALUES (1)",
    )
    forgotten = await asyncpg.connect(database_url)
    await in_database(database_url, *guard)
    try:
        with pytest.raises(asyncpg.RaiseError, match="append only"):
            await empty(database_url, ["trail", "people"])
        await forgotten.execute("BEGIN; LOCK TABLE people")
        await empty(database_url, ["trail", "people"], append_only=["trail"])
        check = await asyncpg.connect(database_url)
        assert await check.fetchval("SELECT count(*) FROM trail") == 0
        with pytest.raises(asyncpg.RaiseError, match="append only"):
            await check.execute("TRUNCATE trail")
        await check.close()
        assert forgotten.is_closed()
    finally:
        await in_database(database_url, "DROP TABLE trail", "DROP FUNCTION refuse")
