"""Whatever dies, the answer is one that the contract names, and no write is reported that does not stand."""

import importlib
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import bindparam, func, select
from sqlmodel import insert
from starlette.types import Message, Receive, Scope, Send

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import new_id
from contractgen_runtime.service import failures
from pressroom import problems
from pressroom.context import Context
from pressroom.posts import handlers as posts
from pressroom.posts.queries import insert_post
from pressroom.posts.tables import Post
from pressroom_api import responses
from tests.contract.document import OPERATIONS
from tests.faults.requests import ask
from tests.service import Actor, serving

SECRET = "the-inside-of-the-service"
SUICIDE: Statement[Any] = Statement(select(func.pg_terminate_backend(func.pg_backend_pid()).label("dead")))
INSERT_ORPHAN: Statement[Any] = Statement(
    insert(Post).values({name: bindparam(name) for name in ("id", "title", "content", "author_id")})
)

Log = list[dict[str, Any]]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What the service logs of failures."""
    entries: Log = []
    monkeypatch.setattr(failures, "write_line", entries.append)
    return entries


@pytest.fixture
def stand_in(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Replaces an operation's handler, after the application has checked the right one."""

    def replace(operation: str, handler: Any) -> None:
        module = importlib.import_module(f"pressroom.{OPERATIONS[operation].tag}.handlers")
        monkeypatch.setattr(module, operation, handler)

    return replace


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_bug_is_a_500_that_tells_nothing(
    client: httpx.AsyncClient, stand_in: Callable[[str, Any], None], log: Log, admin: Actor, operation: str
) -> None:
    async def bug(context: Context, *caller: object, **parameters: object) -> None:
        raise ZeroDivisionError(SECRET)

    stand_in(operation, bug)
    answer = await ask(client, operation, admin)
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "ZeroDivision" not in answer.text
    (entry,) = log
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["event"], entry["level"]) == ("unhandled_exception", "error")
    assert entry["operation"] == OPERATIONS[operation].id
    assert f"ZeroDivisionError: {SECRET}" in entry["traceback"]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_lost_database_is_a_503_to_try_again(
    client: httpx.AsyncClient, stand_in: Callable[[str, Any], None], log: Log, admin: Actor, operation: str
) -> None:
    async def lose_the_database(context: Context, *caller: object, **parameters: object) -> None:
        await context.fetch_one(SUICIDE)

    stand_in(operation, lose_the_database)
    answer = await ask(client, operation, admin)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    (entry,) = log
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["event"], entry["level"]) == ("unavailable", "warning")
    assert entry["operation"] == OPERATIONS[operation].id
    assert (await client.get("/readyz" if operation != "readyz" else "/api/v1/posts")).status_code == 200


async def test_a_handler_that_answers_what_the_contract_does_not_have(
    client: httpx.AsyncClient, stand_in: Callable[[str, Any], None], log: Log, user: Actor
) -> None:
    async def nothing(context: Context, *caller: object, **parameters: object) -> None:
        return None

    stand_in("get_me", nothing)
    assert (await ask(client, "get_me", user)).status_code == 500
    assert len(log) == 1


async def test_a_body_with_a_member_too_many_is_not_sent(
    client: httpx.AsyncClient, stand_in: Callable[[str, Any], None], log: Log, user: Actor
) -> None:
    async def leak(context: Context, *caller: object, **parameters: object) -> responses.GetMe200:
        leaking: Any = {**user.user, "password_hash": SECRET}
        return responses.GetMe200(leaking, etag='"1"')

    stand_in("get_me", leak)
    answer = await ask(client, "get_me", user)
    assert answer.status_code == 500
    assert SECRET not in answer.text


async def test_a_bug_undoes_what_was_written(
    client: httpx.AsyncClient,
    stand_in: Callable[[str, Any], None],
    log: Log,
    user: Actor,
    database: Database,
) -> None:
    create_post = posts.create_post

    async def write_and_fail(context: Context, *caller: Any, **parameters: Any) -> None:
        context.write_together()
        await create_post(context, *caller, **parameters)
        raise ZeroDivisionError

    stand_in("create_post", write_and_fail)
    assert (await ask(client, "create_post", user)).status_code == 500
    assert await count_posts(database) == 0


async def test_a_refusal_undoes_what_was_written(
    client: httpx.AsyncClient, stand_in: Callable[[str, Any], None], user: Actor, database: Database
) -> None:
    async def write_and_refuse(context: Context, *caller: Any, **parameters: Any) -> responses.PostNotFound:
        await insert_post(context, title="x", content="x", is_published=True, author_id=user.id)
        return responses.PostNotFound(problems.POST_NOT_FOUND)

    stand_in("update_post", write_and_refuse)
    assert (await ask(client, "update_post", user)).status_code == 404
    assert await count_posts(database) == 0


async def test_a_swallowed_violation_is_never_reported_as_stored(
    client: httpx.AsyncClient,
    stand_in: Callable[[str, Any], None],
    log: Log,
    user: Actor,
    database: Database,
) -> None:
    async def swallow(context: Context, *caller: Any, **parameters: Any) -> responses.CreatePost201:
        post = await insert_post(context, title="x", content="x", is_published=True, author_id=user.id)
        orphan = {"title": "x", "content": "x", "author_id": new_id()}
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await context.execute(INSERT_ORPHAN, id=new_id(), **orphan)
        return responses.CreatePost201(post, location=f"/api/v1/posts/{post['id']}", etag='"1"')

    stand_in("create_post", swallow)
    assert (await ask(client, "create_post", user)).status_code == 500
    assert log[0]["error"] == "TransactionLost"
    assert await count_posts(database) == 0


async def test_a_connection_lost_before_commit_is_never_reported_as_stored(
    client: httpx.AsyncClient,
    stand_in: Callable[[str, Any], None],
    log: Log,
    user: Actor,
    database: Database,
) -> None:
    create_post = posts.create_post

    async def write_and_lose(context: Context, *caller: Any, **parameters: Any) -> object:
        context.write_together()
        answer = await create_post(context, *caller, **parameters)
        connection = await database.connect()
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        await connection.close()
        return answer

    stand_in("create_post", write_and_lose)
    assert (await ask(client, "create_post", user)).status_code == 503
    assert await count_posts(database) == 0


async def test_what_is_reported_stands_before_the_first_byte_is_sent(
    app: FastAPI, user: Actor, database: Database
) -> None:
    seen: list[tuple[int, int]] = []

    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        async def look_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.append((message["status"], await count_posts(database)))
            await send(message)

        await app(scope, receive, look_and_send)

    async with serving(app, through=through) as client:
        await ask(client, "create_post", user)
    assert seen == [(201, 1)]


async def test_no_request_leaves_a_transaction_behind(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    """A pool of five serves fifty refused and fifty stored requests."""
    for _ in range(50):
        assert (await ask(client, "create_post", user)).status_code == 201
        assert (await ask(client, "delete_post", user)).status_code == 404
    connection = await database.connect()
    open_ones = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    await connection.close()
    assert open_ones == 0


async def count_posts(database: Database) -> int:
    connection = await database.connect()
    number: int = await connection.fetchval("SELECT count(*) FROM posts")
    await connection.close()
    return number
