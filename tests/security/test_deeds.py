"""Who may do something when a request begins must still be allowed to when it writes.

Generated over all operations of the contract that write for a caller. Requests are sent over a raw socket.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest

from contractgen_runtime.postgres.connections import Connection
from contractgen_runtime.postgres.db import Database
from load.service import isolated_environment, service
from tests.security.writing import WRITING, Deed, body_of, contents, prepare
from tests.service import PASSWORD, Actor, MakePost, MakeSession, MakeUser
from tests.tiers import sampled

SECRETS = {
    "PRESSROOM_TOKEN_SECRET": "the tests' own token secret, 32 bytes and more",
    "PRESSROOM_PASSWORD_PEPPER": "the tests' own pepper, again 32 bytes and more",
}
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture(scope="module")
def url(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    environment = isolated_environment(folder) | SECRETS | {"DATABASE_URL": database_url}
    with service(str(folder), environment, "--no-mail-worker") as url:
        yield url


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    connection = await database.connect()
    yield connection
    await connection.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        async with asyncio.timeout(15):
            yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def status(reader: asyncio.StreamReader) -> int:
    """The status of the next response, whose head is read."""
    head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1])


async def do(url: str, deed: Deed) -> int:
    """The status of the whole request."""
    async with connected(url) as (reader, writer):
        writer.write(deed.head(length=len(deed.body)) + b"\r\n" + deed.body)
        return await status(reader)


# By another connection, through the service -------------------------------------------------------------

Change = Callable[[httpx.AsyncClient, Actor, Actor, Actor], Awaitable[httpx.Response]]


def patch(**changes: object) -> Change:
    async def change(client: httpx.AsyncClient, caller: Actor, _: Actor, admin: Actor) -> httpx.Response:
        path, headers = f"/api/v1/users/{caller.id}", {"if-match": "*"}
        return await client.patch(path, json=changes, headers=headers, auth=admin)

    return change


async def log_out(client: httpx.AsyncClient, _: Actor, elsewhere: Actor, __: Actor) -> httpx.Response:
    return await client.post("/api/v1/auth/logout-everywhere", auth=elsewhere)


async def change_password(client: httpx.AsyncClient, _: Actor, elsewhere: Actor, __: Actor) -> httpx.Response:
    body = {"old_password": PASSWORD, "new_password": "quite another horse"}
    return await client.post("/api/v1/auth/change-password", json=body, auth=elsewhere)


CHANGES: dict[str, Change] = {
    "deactivated": patch(is_active=False),
    "demoted": patch(role="user"),
    "logged out everywhere": log_out,
    "password changed": change_password,
}


@pytest.mark.parametrize("operation", WRITING)
async def test_a_deed_is_done_by_a_caller_who_stays(
    url: str, make_user: MakeUser, make_post: MakePost, connection: Connection, operation: str
) -> None:
    """What the tests below refuse would have been done, and would have changed something."""
    deed, _ = await prepare(operation, make_user, make_post)
    before = await contents(connection)
    assert await do(url, deed) in range(200, 300)
    assert await contents(connection) != before


@pytest.mark.parametrize(
    ("operation", "change"), sampled(list(product([name for name in WRITING if body_of(name)], CHANGES)), 19)
)
async def test_nothing_is_written_for_a_caller_who_changed_while_the_body_came(
    url: str,
    make_user: MakeUser,
    make_post: MakePost,
    make_session: MakeSession,
    connection: Connection,
    operation: str,
    change: str,
) -> None:
    deed, admin = await prepare(operation, make_user, make_post)
    elsewhere = await make_session(deed.caller)
    async with connected(url) as (reader, writer), httpx.AsyncClient(base_url=url) as client:
        writer.write(deed.head(length=len(deed.body)) + b"expect: 100-continue\r\n\r\n")
        assert await status(reader) == 100  # admitted: the body is wanted
        writer.write(deed.body[:5])
        assert (await CHANGES[change](client, deed.caller, elsewhere, admin)).is_success
        before = await contents(connection)
        writer.write(deed.body[5:])
        answer = await status(reader)
    assert answer in deed.refusals
    assert (answer == 403) == (change == "demoted" and 403 in deed.refusals)
    assert await contents(connection) == before


@pytest.mark.parametrize("operation", ["create_post", "notify_user"])
async def test_a_caller_who_changed_while_the_body_came_is_not_sent_an_earlier_response(
    url: str, make_user: MakeUser, make_post: MakePost, make_session: MakeSession, operation: str
) -> None:
    """The request repeats one with the same key, whose response is stored."""
    deed, admin = await prepare(operation, make_user, make_post)
    elsewhere = await make_session(deed.caller)
    head = deed.head(length=len(deed.body)) + b"idempotency-key: the-same\r\n"
    async with connected(url) as (reader, writer):
        writer.write(head + b"\r\n" + deed.body)
        assert await status(reader) in (201, 202)
    async with connected(url) as (reader, writer), httpx.AsyncClient(base_url=url) as client:
        writer.write(head + b"expect: 100-continue\r\n\r\n")
        assert await status(reader) == 100
        assert (await CHANGES["deactivated"](client, deed.caller, elsewhere, admin)).is_success
        writer.write(deed.body)
        assert await status(reader) == 401


# At the same moment, in the database --------------------------------------------------------------------

COMMITTED = {
    "deactivated": "UPDATE users SET is_active = false WHERE id = $1",
    "demoted": "UPDATE users SET role = 'user' WHERE id = $1",
    "logged out everywhere": "DELETE FROM sessions WHERE user_id = $1",
}


@pytest.mark.parametrize(("operation", "change"), sampled(list(product(WRITING, COMMITTED)), 25))
async def test_a_deed_waits_for_a_change_of_its_caller_and_is_refused(
    url: str,
    make_user: MakeUser,
    make_post: MakePost,
    connection: Connection,
    database: Database,
    operation: str,
    change: str,
) -> None:
    """The change is made and not yet committed when the request comes, which sees the caller as it was."""
    deed, _ = await prepare(operation, make_user, make_post)
    changing = await database.connect()
    try:
        async with changing.transaction():
            await changing.execute(COMMITTED[change], deed.caller.id)
            doing = asyncio.create_task(do(url, deed))
            while not await connection.fetchval(WAITING):
                assert not doing.done(), doing.result()
                await asyncio.sleep(0.005)
            before = await contents(changing)
        assert await doing in deed.refusals
        assert await contents(connection) == before
    finally:
        await changing.close()


async def test_a_deed_waits_for_its_caller_no_longer_than_a_second(
    url: str, make_user: MakeUser, make_post: MakePost, database: Database
) -> None:
    """Every operation at once, and every account is held by somebody who does nothing."""
    deeds = [(await prepare(operation, make_user, make_post))[0] for operation in WRITING]
    holding = await database.connect()
    try:
        async with holding.transaction():
            await holding.execute("SELECT FROM users FOR UPDATE")
            begin = monotonic()
            answers = await asyncio.gather(*(do(url, deed) for deed in deeds))
            assert monotonic() - begin < 4
    finally:
        await holding.close()
    assert dict(zip(WRITING, answers, strict=True)) == dict.fromkeys(WRITING, 503)


@pytest.mark.parametrize("operation", WRITING)
async def test_requests_of_one_caller_at_once_never_wait_for_each_other_in_a_circle(
    url: str, make_user: MakeUser, make_post: MakePost, operation: str
) -> None:
    """A deadlock would be a 503. Only one of them can end a session or delete a post."""
    deed, _ = await prepare(operation, make_user, make_post)
    answers = await asyncio.gather(*(do(url, deed) for _ in range(6)))
    assert min(answers) in range(200, 300)
    assert max(answers) < 500


@pytest.mark.parametrize("change", [{"full_name": "Ada King"}, {"role": "user"}, {"is_active": False}])
async def test_admins_who_change_each_other_never_wait_in_a_circle(
    url: str, make_user: MakeUser, change: dict[str, object]
) -> None:
    """A third, who asks for nothing, always stays one."""
    first, second, _ = [await make_user("admin") for _ in range(3)]
    headers = {"if-match": "*"}
    async with httpx.AsyncClient(base_url=url) as client:
        answers = await asyncio.gather(
            *(
                client.patch(f"/api/v1/users/{target.id}", json=change, headers=headers, auth=caller)
                for caller, target in [(first, second), (second, first)] * 4
            )
        )
    assert {answer.status_code for answer in answers} <= {200, 401, 403}
    assert 200 in {answer.status_code for answer in answers}


async def test_an_admin_who_is_demoted_while_waiting_holds_nobody_up(
    url: str, make_user: MakeUser, database: Database
) -> None:
    """What it has of its turn by then, another admin must not wait for, nor it for that one."""
    first, middle, last = sorted([await make_user("admin") for _ in range(3)], key=lambda each: each.id)
    demoting, holding, watching = [await database.connect() for _ in range(3)]

    async def until_waiting(count: int) -> None:
        while await watching.fetchval(WAITING) != count:
            await asyncio.sleep(0.01)

    async with httpx.AsyncClient(base_url=url, headers={"if-match": "*"}) as client, asyncio.timeout(15):

        def patch(caller: Actor, target: Actor) -> "asyncio.Task[httpx.Response]":
            return asyncio.create_task(
                client.patch(f"/api/v1/users/{target.id}", json={"role": "user"}, auth=caller)
            )

        async with holding.transaction():
            async with demoting.transaction():
                await demoting.execute("UPDATE users SET role = 'user' WHERE id <> $1", last.id)
                locking = asyncio.create_task(
                    holding.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", middle.id)
                )
                await until_waiting(1)
                refused = patch(first, last)
                await until_waiting(2)
            await locking
            done = patch(last, first)
            while not done.done() and await watching.fetchval(WAITING) != 2:
                await asyncio.sleep(0.01)
        assert (await refused).status_code == 403
        assert (await done).status_code == 200
    for each in (demoting, holding, watching):
        await each.close()
