"""Databases for tests: one server for all processes of a run, a database for each process."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from . import embedded

if TYPE_CHECKING:
    from .connections import Connection

Migrate = Callable[[str], Awaitable[object]]

# What a test that failed has left open must not make the next ones fail too.
_FREE_LOCKS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'
"""
# Rows are deleted, without triggers, where the user may do that and they are few: the new files of a TRUNCATE
# cost PostgreSQL 26 ms for twelve tables.
_CAN_DELETE = """
SELECT current_setting('is_superuser') = 'on' AND max(pg_relation_size(name::regclass)) < 1000000
FROM unnest($1::text[]) AS name
"""


@contextmanager
def temporary_database(
    name: str, migrate: Migrate, *, run: str = "", worker: str = "main", server: str | None = None
) -> Iterator[str]:
    """The DSN of a migrated database of this process's own.

    The first process of the run starts the server and migrates a template, each clones that, and the last one
    removes everything. `server` or DATABASE_URL_TEST may name a server to use instead, whose user may create
    databases. `name` is short, of letters and digits; `run` and `worker` are `testrun_uid` and `worker_id` of
    pytest-xdist.
    """
    run = run[:12] or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"contractgen-tests-{run}"
    template, own = f"{name}_{run}_template", f"{name}_{run}_{worker}"
    member = folder / f"{name}-{worker}.{os.getpid()}"
    foreign = server or os.environ.get("DATABASE_URL_TEST")
    with _locked(folder):
        address = foreign or embedded.start(folder)
        _run(_clone(address, template, own, migrate, forgetful=not foreign))
        member.touch()
    try:
        yield _named(address, own)
    finally:
        with _locked(folder):
            member.unlink()
            members = [each for each in folder.glob("*.*") if _alive(each)]
            _run(_drop(address, own))
            if not any(each.name.startswith(f"{name}-") for each in members):
                _run(_drop(address, template))
            if not foreign and not any(each.suffix == member.suffix for each in members):
                embedded.stop(folder)
            if not members:
                shutil.rmtree(folder)


async def empty(
    database: "str | Connection", tables: Iterable[str], *, append_only: Iterable[str] = ()
) -> None:
    """Empty the tables of a database, which is a DSN or a connection; a connection for all tests is cheapest.

    `append_only` are those of the tables whose triggers refuse that.
    """
    if isinstance(database, str):
        connection = await asyncpg.connect(database)
        try:
            await empty(connection, tables, append_only=append_only)
        finally:
            await connection.close()
        return
    names = [f'"{table}"' for table in tables]
    await database.execute(_FREE_LOCKS)
    if await database.fetchval(_CAN_DELETE, names):
        statements = ["SET LOCAL session_replication_role = replica", *map("DELETE FROM {}".format, names)]
    else:
        guarded = list(append_only)
        statements = [f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in guarded]
        statements += ["TRUNCATE " + ", ".join(names)]
        statements += [f'ALTER TABLE "{table}" ENABLE TRIGGER USER' for table in guarded]
    await database.execute("; ".join(statements))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    while True:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if folder.exists() and folder.stat().st_ino == os.fstat(descriptor).st_ino:
            break
        os.close(descriptor)  # the last process of the run removed it meanwhile
    try:
        yield
    finally:
        os.close(descriptor)


async def _clone(server: str, template: str, name: str, migrate: Migrate, *, forgetful: bool) -> None:
    connection = await asyncpg.connect(server)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", template):
            if forgetful:  # a server of ours that loses its data with the machine: nobody will miss them
                await connection.execute("ALTER SYSTEM SET fsync = off")
                await connection.execute("SELECT pg_reload_conf()")
            await connection.execute(f'CREATE DATABASE "{template}"')
            await migrate(_named(server, template))
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()


async def _drop(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _named(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _alive(member: Path) -> bool:
    with suppress(ProcessLookupError):
        os.kill(int(member.suffix[1:]), 0)
        return True
    return False


def _run(work: Coroutine[object, object, object]) -> None:
    # With a factory the runner leaves the current loop alone: pytest-asyncio has one of its own.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(work)
