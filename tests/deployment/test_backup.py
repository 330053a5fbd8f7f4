"""Backups are drilled while the service writes: every write that it has acknowledged is found again."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from contractgen_runtime.postgres import embedded
from pressroom.main import create_app
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings
from tests.service import Actor, serving
from tests.tiers import slow

EMAIL, PASSWORD = "ada@example.com", "analytical engine of 1842"

pytestmark = slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user of the embedded server may enter."""
    with tempfile.TemporaryDirectory(prefix="pressroom-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class Writers:
    """Clients that publish posts one after the other, and remember what was acknowledged."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.acknowledged: set[str] = set()
        self._client = client
        self._token = token
        self._stopping = False

    async def write(self) -> None:
        headers = {"authorization": f"Bearer {self._token}"}
        number = 0
        while not self._stopping:
            number += 1
            body = {"title": f"Post {number}", "content": "Text.", "is_published": True}
            answer = await self._client.post("/api/v1/posts", json=body, headers=headers)
            if answer.status_code == 201:
                self.acknowledged.add(answer.json()["id"])

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.acknowledged) < count:
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.write()) for _ in range(4)]
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*tasks)


async def sign_up(client: httpx.AsyncClient) -> str:
    body = {"email": EMAIL, "password": PASSWORD, "full_name": "Ada Lovelace"}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code in {200, 201, 202}
    return await log_in(client)


async def log_in(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def posts(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {str(row["id"]) for row in await connection.fetch("SELECT id FROM posts")}
    finally:
        await connection.close()


async def assert_served(settings: Settings, dsn: str, acknowledged: set[str]) -> None:
    """The service works on a restored database, and has every write."""
    await MIGRATIONS.migrate(dsn)
    assert acknowledged - await posts(dsn) == set()
    async with serving(create_app(settings.model_copy(update={"database_url": dsn}))) as client:
        token = await log_in(client)
        headers = {"authorization": f"Bearer {token}"}
        for post_id in list(acknowledged)[:3]:
            assert (await client.get(f"/api/v1/posts/{post_id}")).status_code == 200
        body = {"title": "After", "content": "Text."}
        assert (await client.post("/api/v1/posts", json=body, headers=headers)).status_code == 201


async def run(program: str, *arguments: str, **options: Any) -> None:
    command = [str(embedded.program(program)), *arguments]
    work = partial(
        subprocess.run, command, capture_output=True, text=True, timeout=120, check=False, **options
    )
    done = await asyncio.to_thread(work)
    assert done.returncode == 0, done.stderr


async def test_a_dump_has_what_was_acknowledged_before_it(
    settings: Settings, user: Actor, database_url: str, tmp_path: Path
) -> None:
    dump, restored = str(tmp_path / "pressroom.dump"), f"restored_{os.getpid()}"
    target = urlunsplit(urlsplit(database_url)._replace(path=f"/{restored}"))
    async with serving(create_app(settings)) as client:
        writers = Writers(client, await sign_up(client))
        async with writers.writing():
            await writers.until(20)
            before = set(writers.acknowledged)
            await run("pg_dump", "--format=custom", f"--file={dump}", database_url)
            await writers.until(len(before) + 5)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f'CREATE DATABASE "{restored}"')
        await run("pg_restore", "--exit-on-error", f"--dbname={target}", dump)
        await assert_served(settings, target, before)
    finally:
        await connection.execute(f'DROP DATABASE IF EXISTS "{restored}" WITH (FORCE)')
        await connection.close()


@asynccontextmanager
async def receiving(dsn: str, archive: Path, owner: int | None) -> AsyncIterator[None]:
    """Receive the log of a server as it is written; each is stored here before a write is acknowledged."""
    command = [str(embedded.program("pg_receivewal")), "--synchronous", "--no-loop"]
    command += [f"--directory={archive}", f"--dbname={dsn}"]
    environment = os.environ | {"PGAPPNAME": "archive"}
    process = await asyncio.create_subprocess_exec(*command, user=owner, env=environment)
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(60):
            while not await connection.fetchval("SELECT count(*) FROM pg_stat_replication"):
                await asyncio.sleep(0.05)
            await connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'archive'")
            await connection.execute("SELECT pg_reload_conf()")
            while await connection.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":
                await asyncio.sleep(0.05)
        yield
    finally:
        connection.terminate()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def recovered(dsn: str) -> None:
    """Wait until the log is replayed: a server can be read before, and refuses to write."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval("SELECT pg_is_in_recovery()"):
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def test_a_base_backup_with_the_log_has_every_acknowledged_write(
    settings: Settings, folder: Path
) -> None:
    """The server is killed amid writes and its disk is lost; nothing that was acknowledged is."""
    lost, found, archive = folder / "lost", folder / "found", folder / "archive"
    dsn = await asyncio.to_thread(embedded.start, lost)
    data = lost / "postgresql"
    owner = data.stat().st_uid if os.geteuid() == 0 else None
    for each in (found, archive):
        each.mkdir()
        os.chown(each, data.stat().st_uid, -1)
    socket = (parse_qs(urlsplit(dsn).query).get("host") or [""])[0]
    await MIGRATIONS.migrate(dsn)
    async with (
        receiving(dsn, archive, owner),
        serving(create_app(settings.model_copy(update={"database_url": dsn, "pool_size": 4}))) as client,
    ):
        writers = Writers(client, await sign_up(client))
        async with writers.writing():
            await writers.until(10)
            backup = str(found / "postgresql")
            await run(
                "pg_basebackup", f"--host={socket}", "--username=postgres", f"--pgdata={backup}", user=owner
            )
            await writers.until(len(writers.acknowledged) + 30)
            # As a crash: nothing is written any more, the processes just end.
            await run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={data}", user=owner)
    await asyncio.to_thread(embedded.stop, lost)
    for each in archive.glob("*.partial"):  # of the segment that was being written
        each.rename(each.with_suffix(""))
    (found / "postgresql" / "recovery.signal").touch()
    with (found / "postgresql" / "postgresql.auto.conf").open("a") as file:
        file.write(f"restore_command = 'cp {archive}/%f %p'\nsynchronous_standby_names = ''\n")
    try:
        restored = await asyncio.to_thread(embedded.start, found)
        await recovered(restored)
        await assert_served(settings, restored, writers.acknowledged)
    finally:
        await asyncio.to_thread(embedded.stop, found)
