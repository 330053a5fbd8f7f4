"""As low as Python and asyncpg go: a bare ASGI function that validates and logs nothing.

Connections are kept in a list, verified tokens remembered, JSON written by orjson.
"""

import os
import uuid
from typing import Any

import asyncpg
import jwt
import orjson

SECRET = os.environ["BENCH_SECRET"]
CONNECTIONS = 20
ME = "select id, email, full_name, role::text, is_active, created_at, updated_at from users where id = $1"
FEED = (
    "select id, title, content, is_published, author_id, created_at, updated_at from posts "
    "where is_published order by created_at desc, id desc limit $1"
)
CREATE = (
    "insert into posts (id, title, content, is_published, author_id) values ($1, $2, $3, $4, $5) "
    "returning id, title, content, is_published, author_id, created_at, updated_at"
)
free: list[Any] = []
verified: dict[bytes, uuid.UUID] = {}


async def keep(connection: Any) -> None:
    """Reset nothing: a connection comes back as it was."""


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["path"] == "/api/v1/health":
        await respond(send, 200, {"status": "ok"})
    else:
        subject, connection = subject_of(scope), free.pop()
        try:
            await answer(scope, receive, send, subject, connection)
        finally:
            free.append(connection)


async def live(receive: Any, send: Any) -> None:
    await receive()
    pool = await asyncpg.create_pool(
        os.environ["BENCH_DSN"], min_size=CONNECTIONS, max_size=CONNECTIONS, reset=keep
    )
    free.extend([await pool.acquire() for _ in range(CONNECTIONS)])
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for connection in free:
        await pool.release(connection)
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def answer(scope: Any, receive: Any, send: Any, subject: uuid.UUID, connection: Any) -> None:
    user = await connection.fetchrow(ME, subject)
    if scope["path"] == "/api/v1/users/me":
        await respond(send, 200, dict(user) | {"display_name": f"{user['full_name']} ({user['email']})"})
    elif scope["method"] == "GET":
        await respond(send, 200, {"items": [dict(row) for row in await connection.fetch(FEED, 20)]})
    else:
        new = orjson.loads(await body_of(receive))
        values = (uuid.uuid4(), new["title"], new["content"], new.get("is_published", False), subject)
        await respond(send, 201, dict(await connection.fetchrow(CREATE, *values)))


def subject_of(scope: Any) -> uuid.UUID:
    value = next(value for name, value in scope["headers"] if name == b"authorization")
    if value not in verified:
        verified[value] = uuid.UUID(jwt.decode(value[7:].decode(), SECRET, algorithms=["HS256"])["sub"])
    return verified[value]


async def body_of(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def respond(send: Any, status: int, content: object) -> None:
    body = orjson.dumps(content, default=str)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
