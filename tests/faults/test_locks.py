"""Rows that somebody holds, and connections that go silent: who waits for them, how long, and who not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.statements import Statement
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.service import ANY_VERSION, Actor, MakePost, serving
from tests.tiers import full_only

SETTINGS: Statement[dict[str, str]] = Statement(
    text(
        "SELECT current_setting('lock_timeout') lock, "
        "current_setting('idle_in_transaction_session_timeout') idle"
    )
)
IDLE = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name = $1"


@asynccontextmanager
async def held(database_url: str, rows: list[tuple[str, object]]) -> AsyncIterator[None]:
    """Lock each row in a session of its own."""
    async with AsyncExitStack() as stack:
        for table, row_id in rows:
            connection = await asyncpg.connect(database_url)
            stack.push_async_callback(connection.close)
            await stack.enter_async_context(connection.transaction())
            await connection.execute(f"SELECT FROM {table} WHERE id = $1 FOR UPDATE", row_id)
        yield


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"pool_size": 20}))


async def timed(
    sending: "asyncio.Future[httpx.Response] | asyncio.Task[httpx.Response]",
) -> tuple[httpx.Response, float]:
    began = monotonic()
    return await sending, monotonic() - began


async def test_who_writes_to_rows_that_are_held_waits_a_second_and_readers_do_not_wait(
    app: FastAPI, database: Database, database_url: str, user: Actor, make_post: MakePost
) -> None:
    posts = [await make_post(user) for _ in range(40)]
    async with serving(app) as client, held(database_url, [("posts", post["id"]) for post in posts]):
        writing = [
            asyncio.create_task(
                client.patch(
                    f"/api/v1/posts/{post['id']}", json={"title": "New"}, headers=ANY_VERSION, auth=user
                )
            )
            for post in posts
        ]
        await asyncio.sleep(0.3)
        reading = [
            await timed(asyncio.ensure_future(client.get("/api/v1/users/me", auth=user))) for _ in range(10)
        ]
        assert not any(each.done() for each in writing)
        refused = [await each for each in writing]
    assert [answer.status_code for answer, _ in reading] == [200] * 10
    assert max(seconds for _, seconds in reading) < 0.5
    assert {answer.status_code for answer in refused} == {503}
    assert all(answer.headers["retry-after"] for answer in refused)


async def test_a_held_row_is_waited_for_once_and_the_connection_is_kept(
    app: FastAPI, database: Database, database_url: str, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    path = f"/api/v1/posts/{post['id']}"
    async with serving(app) as client:
        async with held(database_url, [("posts", post["id"])]):
            began = monotonic()
            refused = await client.patch(path, json={"title": "New"}, headers=ANY_VERSION, auth=user)
            assert 0.9 < monotonic() - began < 4  # without the limit it was 5
        assert refused.status_code == 503
        assert (
            await client.patch(path, json={"title": "New"}, headers=ANY_VERSION, auth=user)
        ).status_code == 200


async def test_the_limits_are_those_of_a_transaction_and_stay_in_it(database: Database) -> None:
    async with database.transaction() as unit:
        await unit.execute(Statement(text("CREATE TEMPORARY TABLE anything (id int) ON COMMIT DROP")))
        within = await unit.fetch_row(SETTINGS)
    assert (within["lock"], within["idle"]) == ("1s", "10s")
    connection = await database.lease()
    after = await connection.fetchrow(SETTINGS.sql)
    database.release(connection)
    assert after is not None
    assert (after["lock"], after["idle"]) == ("0", "0")


async def test_writers_leave_connections_to_readers_and_take_turns(database_url: str) -> None:
    database = Database(database_url, size=4, acquire_timeout=0.2)
    taken = [await database.lease_to_write() for _ in range(3)]
    with pytest.raises(Unavailable, match="to write"):
        await database.lease_to_write()
    reader = await database.lease()
    waiting = asyncio.create_task(database.lease_to_write())
    await asyncio.sleep(0)
    assert database.waiting == 1
    database.discard(taken.pop())
    taken.append(await waiting)
    for connection in (*taken, reader):
        database.release(connection)
    everyone = [await database.lease() for _ in range(4)]
    for connection in everyone:
        database.release(connection)
    await database.close()


class Silence:
    """A proxy of PostgreSQL's socket that can stop to pass anything on, without closing anything."""

    def __init__(self, folder: Path, target: str) -> None:
        self.path = folder / ".s.PGSQL.5432"
        self._target = target
        self.passes = asyncio.Event()
        self.passes.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self._target)
        try:
            await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer))
        finally:
            for each in (writer, ours):
                each.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self.passes.wait()
            writer.write(data)
            await writer.drain()


@full_only
async def test_no_backend_stays_in_a_transaction_whose_client_has_vanished(
    database: Database, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = Path(parse_qs(urlsplit(database_url).query)["host"][0])
    silence = Silence(tmp_path_factory.mktemp("proxy"), str(folder / ".s.PGSQL.5432"))
    server = await asyncio.start_unix_server(silence.serve, silence.path)
    name = urlsplit(database_url).path[1:]
    through = Database(
        f"postgresql://postgres:@/{name}?host={silence.path.parent}&application_name=vanished", size=2
    )
    watcher = await asyncpg.connect(database_url)

    async def vanish() -> None:
        async with through.transaction() as unit:
            await unit.execute(Statement(text("CREATE TEMPORARY TABLE anything (id int)")))
            silence.passes.clear()
            assert await watcher.fetchval(IDLE, "vanished") == 1
            await unit.execute(Statement(text("SELECT 1")))

    with pytest.raises(Unavailable):
        await vanish()
    async with asyncio.timeout(15):
        while await watcher.fetchval(IDLE, "vanished"):
            await asyncio.sleep(0.2)
    silence.passes.set()
    server.close()
    await watcher.close()
    await through.close()
