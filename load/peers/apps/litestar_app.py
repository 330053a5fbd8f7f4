"""Litestar, with msgspec for validation and JSON, and asyncpg."""

import os
import uuid
from datetime import datetime
from typing import Annotated

import asyncpg
import jwt
import msgspec
from litestar import Litestar, Request, get, post
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException
from litestar.params import Parameter

from load.peers.apps.floor import CREATE, FEED, ME, SECRET, keep


class User(msgspec.Struct):
    id: uuid.UUID
    email: str
    full_name: str
    role: str
    is_active: bool
    created_at: datetime
    updated_at: datetime | None
    display_name: str


class Post(msgspec.Struct):
    id: uuid.UUID
    title: str
    content: str
    is_published: bool
    author_id: uuid.UUID
    created_at: datetime
    updated_at: datetime | None


class NewPost(msgspec.Struct, forbid_unknown_fields=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=20000)]
    is_published: bool = False


class Page(msgspec.Struct):
    items: list[Post]


async def caller(request: Request) -> asyncpg.Record:
    header = request.headers.get("authorization")
    if not header:
        raise NotAuthorizedException
    subject = uuid.UUID(jwt.decode(header[7:], SECRET, algorithms=["HS256"])["sub"])
    user = await request.app.state.pool.fetchrow(ME, subject)
    if not user or not user["is_active"]:
        raise NotAuthorizedException
    return user


@get("/api/v1/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@get("/api/v1/users/me", dependencies={"user": Provide(caller)})
async def me(user: asyncpg.Record) -> User:
    return User(**user, display_name=f"{user['full_name']} ({user['email']})")


@get("/api/v1/posts", dependencies={"user": Provide(caller)})
async def feed(
    user: asyncpg.Record,  # noqa: ARG001 - asked for its check
    request: Request,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
) -> Page:
    return Page([Post(**row) for row in await request.app.state.pool.fetch(FEED, limit)])


@post("/api/v1/posts", dependencies={"user": Provide(caller)})
async def create(user: asyncpg.Record, request: Request, data: NewPost) -> Post:
    values = (uuid.uuid4(), data.title, data.content, data.is_published, user["id"])
    return Post(**await request.app.state.pool.fetchrow(CREATE, *values))


async def connect(app: Litestar) -> None:
    app.state.pool = await asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=10, max_size=10, reset=keep)


app = Litestar(
    [health, me, feed, create], on_startup=[connect], openapi_config=None, signature_types=[asyncpg.Record]
)
