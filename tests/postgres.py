"""The test run's own PostgreSQL: one server for all processes of the run, a database for each."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from pressroom import embedded
from pressroom.migrations import migrate


@contextmanager
def database(run: str, worker: str) -> Iterator[str]:
    """The DSN of a migrated database of this process's own.

    The first process of the run starts the server and migrates a template, each clones that, and the last one
    removes everything. DATABASE_URL_TEST may name a server to use instead, whose user may create databases.
    """
    folder = Path(tempfile.gettempdir()) / f"pressroom-tests-{run}"
    template, name = f"pressroom_{run}_template", f"pressroom_{run}_{worker}"
    foreign = os.environ.get("DATABASE_URL_TEST")
    with _locked(folder):
        server = foreign or embedded.start(folder)
        _run(_clone(server, template, name, forgetful=not foreign))
        (folder / f"{worker}.{os.getpid()}").touch()
    try:
        yield _named(server, name)
    finally:
        with _locked(folder):
            (folder / f"{worker}.{os.getpid()}").unlink()
            _run(_drop(server, name))
            last = not any(_alive(member) for member in folder.glob("*.*"))
            if last:
                _run(_drop(server, template))
            if not foreign:
                embedded.stop(folder)
            if last:
                shutil.rmtree(folder)


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


async def _clone(server: str, template: str, name: str, *, forgetful: bool) -> None:
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
