"""The feed at depth: its pages cost the same wherever they are, and joined they are the whole."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contractgen_runtime.postgres.connections import Connection
from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import new_id
from pressroom.posts.queries import (
    delete_post,
    feed,
    hide_post,
    insert_post,
    list_feed,
    of_author,
    update_post,
)
from pressroom.posts.tables import PostRow
from pressroom.users.queries import insert_user
from tests.queries.plans import explain, is_planned_once

DEPTH = 100_000
PAGE = 20

# Of 200 authors in turn; every tenth is a draft, every hundredth hidden.
FILL = """
WITH authors AS (
    INSERT INTO users (id, email, full_name, password_hash, role, is_active)
    SELECT gen_random_uuid(), n || '@example.com', 'An Author', 'x', 'user', true
    FROM generate_series(0, 199) n
    RETURNING id, split_part(email, '@', 1)::int AS number
)
INSERT INTO posts (id, title, content, published_at, hidden_reason, author_id, created_at)
SELECT gen_random_uuid(), 'Post ' || n, 'Text.',
       CASE WHEN n % 10 <> 0 THEN now() - n * interval '1 second' END,
       CASE WHEN n % 100 = 1 THEN 'Hidden.' END, authors.id, now() - n * interval '1 second'
FROM generate_series(1, $1) n JOIN authors ON number = n % 200
"""


@pytest.fixture
async def deep(database: Database) -> AsyncIterator[Connection]:
    """A connection to a database of DEPTH posts, planned for any argument as a prepared statement is."""
    connection = await database.connect()
    await connection.execute(FILL, DEPTH, timeout=60)
    await connection.execute("VACUUM ANALYZE posts")
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    yield connection
    await connection.execute("TRUNCATE posts, users CASCADE")
    await connection.close()


async def test_a_page_at_depth_costs_what_the_first_does(deep: Connection) -> None:
    """Page 5,000 walks the index from its position: no sort, no sequential scan, nothing skipped over."""
    author = await deep.fetchval("SELECT id FROM users WHERE email LIKE '3@%'")
    pages: list[tuple[Callable[..., Statement[PostRow]], str, str, int]] = [
        (partial(feed, author=False, words=False), "published_at", "posts_feed_idx", 88_900),
        (partial(feed, author=True, words=False), "published_at", "posts_author_feed_idx", 480),
        (of_author, "created_at", "posts_author_id_idx", 480),
    ]
    for statement, by, index, deepest in pages:
        first, later = (statement(later=is_later, limit=PAGE + 1) for is_later in (False, True))
        wanted = {"author_id": author}
        narrowed = f"author_id = '{author}'" if "author_id" in first.names else "true"
        public = "published_at IS NOT NULL AND hidden_reason IS NULL" if by == "published_at" else "true"
        position = await deep.fetchrow(
            f"SELECT {by} AS moment, id FROM posts WHERE {narrowed} AND {public} "
            f"ORDER BY {by} DESC, id DESC OFFSET {deepest} LIMIT 1"
        )
        assert position
        plan, cost = await explain(deep, first, **wanted)
        deep_plan, deep_cost = await explain(deep, later, **wanted, **dict(position))
        for lines in (plan, deep_plan):
            assert f"Index Scan Backward using {index}" in lines, lines
            assert "Sort" not in lines
            assert "Seq Scan" not in lines
            assert "Rows Removed" not in lines
        assert deep_cost <= cost * 1.2 + 3, (cost, deep_cost)  # 3: down the index to the position
        if index == "posts_feed_idx":  # of an author few posts may remain, and another plan is made for them
            assert await is_planned_once(deep, first)
            assert await is_planned_once(deep, later, **dict(position))
            assert later.gathered
            together = {name: [value] * 2 for name, value in position.items()}
            assert await is_planned_once(deep, later.gathered, **together)
            plan, gathered_cost = await explain(deep, later.gathered, **together)
            assert f"Index Scan Backward using {index}" in plan, plan
            assert "Seq Scan" not in plan
            assert gathered_cost <= 2 * deep_cost + 3, (deep_cost, gathered_cost)

    # One test for all: the posts take seconds to make.
    words = feed(author=False, words=True, later=False, limit=PAGE + 1)
    plan, cost = await explain(deep, words, words="77777", limit=PAGE + 1)
    assert "posts_words_idx" in plan
    assert cost < 100, plan


async def test_words_find_a_post_exactly_while_it_is_public(database: Database) -> None:
    author = await make_author(database)
    async with database.transaction() as unit:
        post = await insert_post(
            unit, title="Rain", content="It pours.", is_published=False, author_id=author
        )

    async def found() -> list[str]:
        unit = UnitOfWork(database)
        words = ("rain", "snow", "pour")
        return [each for each in words if await list_feed(unit, limit=1, author_id=author, words=each)]

    async def changed(**changes: Any) -> list[str]:
        async with database.transaction() as unit:
            await update_post(unit, post["id"], **changes)
        return await found()

    async def hidden(reason: str | None) -> list[str]:
        async with database.transaction() as unit:
            await hide_post(unit, post["id"], reason=reason)
        return await found()

    assert await found() == []
    assert await changed(is_published=True) == ["rain", "pour"]
    assert await changed(title="Snow") == ["snow", "pour"]
    assert await hidden("It is cold.") == []
    assert await changed(content="It melts.") == []
    assert await hidden(None) == ["snow"]
    assert await changed(is_published=False) == []
    assert await changed(is_published=True, title="Rain") == ["rain"]


async def test_pages_that_are_read_together_are_those_read_alone(database: Database) -> None:
    sent: list[str] = []

    async def trace(statement: str, work: Any) -> Any:
        sent.append(statement)
        return await work

    database.trace = trace
    authors = [await make_author(database) for _ in range(3)]
    posts = [await publish(database, authors[number % 3]) for number in range(17)]
    positions = [(published_at(post), post["id"]) for post in posts]
    places: list[tuple[datetime, UUID] | None] = [None, *positions]
    some: list[UUID | None] = [*authors]
    anybody: list[UUID | None] = [None]
    for of in (product(some, places), product(anybody, places[1:]), product(some, places[:1])):
        pages = [
            partial(list_feed, UnitOfWork(database), limit=4, author_id=author, before=position)
            for author, position in of
        ]
        alone = [await page() for page in pages]
        sent.clear()
        together = await asyncio.gather(*(page() for page in pages))
        assert together == alone
        assert any(together)
        assert any("unnest" in each for each in sent)


CHANGES = st.lists(st.tuples(st.sampled_from(["insert", "delete", "hide", "publish"]), st.integers(0, 30)))


@settings(
    max_examples=25,
    deadline=None,
    # The fixture empties the database once; each example looks at an author of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(count=st.integers(0, 12), limit=st.integers(1, 5), changes=st.lists(CHANGES, max_size=8))
async def test_pages_joined_are_the_feed_whatever_happens_between_them(
    database: Database, count: int, limit: int, changes: list[list[tuple[str, int]]]
) -> None:
    """What is there from the first page to the last is seen once and in order; nothing is seen twice."""
    author = await make_author(database)
    posts = [await publish(database, author) for _ in range(count)]
    standing = {post["id"] for post in posts}
    seen: list[PostRow] = []
    before: tuple[datetime, UUID] | None = None
    for number in range(count + len(changes) * 40):
        page = await list_feed(UnitOfWork(database), limit=limit, before=before, author_id=author)
        seen += page[:limit]
        if len(page) <= limit:
            break
        before = (published_at(seen[-1]), seen[-1]["id"])
        for change, index in changes[number] if number < len(changes) else ():
            standing -= await disturb(database, author, change, posts[index % count]["id"])
    ids = [post["id"] for post in seen]
    assert len(ids) == len(set(ids))
    assert set(ids) >= standing
    assert seen == sorted(seen, key=lambda post: (published_at(post), post["id"]), reverse=True)


async def make_author(database: Database) -> UUID:
    async with database.transaction() as unit:
        user = await insert_user(
            unit, email=f"{new_id().hex}@example.com", full_name="An Author", password_hash="x"
        )
    assert user is not None
    return user["id"]


async def publish(database: Database, author: UUID) -> PostRow:
    async with database.transaction() as unit:
        return await insert_post(unit, title="Post", content="Text.", is_published=True, author_id=author)


async def disturb(database: Database, author: UUID, change: str, post_id: UUID) -> set[UUID]:
    """Change the feed while somebody reads it; the post that is no longer where it was."""
    if change == "insert":
        await publish(database, author)
        return set()
    async with database.transaction() as unit:
        if change == "delete":
            await delete_post(unit, post_id)
        elif change == "hide":
            await hide_post(unit, post_id, reason="Hidden.")
        else:
            await update_post(unit, post_id, is_published=False)
            await update_post(unit, post_id, is_published=True)
    return {post_id}


def published_at(post: PostRow) -> datetime:
    assert post["published_at"] is not None
    return post["published_at"]
