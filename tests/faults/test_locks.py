"""Rows that somebody holds, and connections that go silent: who waits for them, how long, and who not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.statements import Statement
from pressroom.main import create_app
from pressroom.schema import metadata
from pressroom.settings import Settings
from tests.contract.document import OPERATIONS
from tests.faults.database.silence import Silence
from tests.faults.requests import BODIES, ask
from tests.service import ANY_VERSION, Actor, MakePost, MakeUser, serving
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
            assert 0.9 < monotonic() - began < 3  # without the limit it is 4
        assert refused.status_code == 503
        assert (
            await client.patch(path, json={"title": "New"}, headers=ANY_VERSION, auth=user)
        ).status_code == 200


async def test_no_operation_waits_longer_than_a_second_for_any_row(
    settings: Settings, database: Database, database_url: str, make_user: MakeUser, make_post: MakePost
) -> None:
    """Somebody holds every row of every table, those of limits and sessions too."""
    writing = [name for name, each in OPERATIONS.items() if each.method != "GET"]
    callers = {name: await make_user("admin") for name in writing}
    posts = {name: (await make_post(caller))["id"] for name, caller in callers.items()}

    async def send(client: httpx.AsyncClient, operation: str) -> tuple[httpx.Response, float]:
        caller = callers[operation]
        changes = {
            name: value
            for name, value in {"email": caller.email, "refresh_token": caller.refresh_token}.items()
            if name in BODIES.get(operation, {})
        }
        return await timed(
            asyncio.ensure_future(ask(client, operation, caller, post_id=posts[operation], **changes))
        )

    wide = create_app(settings.model_copy(update={"pool_size": 2 * len(writing)}))
    async with serving(wide) as client, AsyncExitStack() as stack:
        for operation in sorted(BODIES.keys() - {"update_user"}):  # those with limits have counters now
            await send(client, operation)
        holder = await asyncpg.connect(database_url)
        stack.push_async_callback(holder.close)
        await stack.enter_async_context(holder.transaction())
        for table in metadata.tables:
            await holder.execute(f'SELECT FROM "{table}" FOR UPDATE')
        found = dict(
            zip(writing, await asyncio.gather(*(send(client, name) for name in writing)), strict=True)
        )
    assert {name: seconds for name, (_, seconds) in found.items() if seconds > 2.5} == {}
    statuses = [answer.status_code for answer, _ in found.values()]
    assert set(statuses) == {200, 404, 503}  # 200 and 404 of what has nothing to change
    assert statuses.count(503) > len(statuses) / 2


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


@full_only
async def test_no_backend_stays_in_a_transaction_whose_client_has_vanished(
    database: Database, database_url: str
) -> None:
    silence = Silence(database_url)
    name = urlsplit(database_url).path[1:]
    watcher = await asyncpg.connect(database_url)

    async def vanish(through: Database) -> None:
        async with through.transaction() as unit:
            await unit.execute(Statement(text("CREATE TEMPORARY TABLE anything (id int)")))
            silence.passes.clear()
            assert await watcher.fetchval(IDLE, "vanished") == 1
            await unit.execute(Statement(text("SELECT 1")))

    async with silence.listening() as address:
        through = Database(f"postgresql://postgres@{address}/{name}?application_name=vanished", size=2)
        with pytest.raises(Unavailable):
            await vanish(through)
        async with asyncio.timeout(15):
            while await watcher.fetchval(IDLE, "vanished"):
                await asyncio.sleep(0.2)
        silence.passes.set()
        await through.close()
    await watcher.close()
