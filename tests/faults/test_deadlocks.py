"""Sessions that wait for each other's locks: one of them gives up within a second, and no request fails."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from contractgen_runtime.postgres.db import Database
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.service import ANY_VERSION, PASSWORD, Actor, MakePost, MakeUser, serving
from tests.tiers import amount

CHANGE = {"title": "Other notes", "content": "Some text."}
#: A lock is waited for a second at most; the rest is what a busy machine may add.
LONGEST = 3.0

Timed = tuple[httpx.Response, float]


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    return create_app(settings.model_copy(update={"pool_size": 40}))


async def timed(sending: Any) -> Timed:
    began = monotonic()
    answer: httpx.Response = await sending
    return answer, monotonic() - began


def check(found: list[Timed], *statuses: int) -> None:
    assert {answer.status_code for answer, _ in found} <= {*statuses, 503}
    assert all("retry-after" in answer.headers for answer, _ in found if answer.status_code == 503)
    assert max(seconds for _, seconds in found) < LONGEST


@pytest.mark.parametrize("attempt", range(amount(1, full=10)))
async def test_a_foreign_session_locks_in_the_opposite_order(
    app: FastAPI, database_url: str, make_user: MakeUser, make_post: MakePost, attempt: int
) -> None:
    """A request has its caller's row and waits for a post; the session has the post and wants the caller."""
    del attempt
    authors = [await make_user() for _ in range(4)]
    posts = [(await make_post(author))["id"] for author in authors]

    async def cross(client: httpx.AsyncClient, author: Actor, post_id: UUID) -> tuple[Timed, bool]:
        foreign = await asyncpg.connect(database_url)
        refused = True
        try:
            await foreign.execute("BEGIN")
            await foreign.execute("SELECT FROM posts WHERE id = $1 FOR UPDATE", post_id)
            path = f"/api/v1/posts/{post_id}"
            writing = asyncio.create_task(
                timed(client.patch(path, json=CHANGE, headers=ANY_VERSION, auth=author))
            )
            await asyncio.sleep(0.2)  # it waits by now
            with suppress(asyncpg.DeadlockDetectedError):
                await foreign.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", author.id)
                refused = False
            return await writing, refused
        finally:
            await foreign.close()

    async with serving(app) as client:
        crossings = (cross(client, *each) for each in zip(authors, posts, strict=True))
        found = await asyncio.gather(*crossings)
        check([each for each, _ in found], 200)
        assert all(each.status_code == 503 or refused for (each, _), refused in found)


@pytest.mark.parametrize("attempt", range(amount(2, full=20)))
async def test_an_account_is_deleted_with_its_posts_while_they_are_changed(
    app: FastAPI, database: Database, make_user: MakeUser, make_post: MakePost, attempt: int
) -> None:
    """One request locks an account and then all its posts, the others the account and one of them."""
    del attempt

    async def race(client: httpx.AsyncClient) -> list[Timed]:
        author = await make_user()
        posts = [(await make_post(author))["id"] for _ in range(5)]
        changing = [
            timed(client.patch(f"/api/v1/posts/{post_id}", json=CHANGE, headers=ANY_VERSION, auth=author))
            for post_id in posts
        ]
        leaving = {"password": PASSWORD, "posts": "delete"}
        deleting = timed(client.post("/api/v1/users/me/delete", json=leaving, auth=author))
        return list(await asyncio.gather(*changing[:3], deleting, *changing[3:]))

    async with serving(app) as client:
        races = await asyncio.gather(*(race(client) for _ in range(4)))
    found = [each for race_ in races for each in race_]
    check(found, 200, 204, 401, 404)
    assert [answer.status_code for answer, _ in found].count(204) == len(races)
