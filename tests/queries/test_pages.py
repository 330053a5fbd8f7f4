"""Pages: every row once, in order, with a total that belongs to them."""

from datetime import datetime
from uuid import UUID

import asyncpg
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.posts.queries import insert_post, list_feed
from pressroom.users.queries import insert_user, list_users
from pressroom.users.tables import UserRow


async def add_users(database: Database, count: int, *, moderators: int = 0) -> list[UserRow]:
    """All at the same instant, so that only the id orders them; newest first."""
    async with database.transaction() as unit:
        rows = [
            await insert_user(
                unit,
                email=f"user{number}@example.com",
                full_name=f"User {number}",
                password_hash="x",
                role="moderator" if number < moderators else "user",
            )
            for number in range(count)
        ]
    return sorted((row for row in rows if row), key=lambda row: (row["created_at"], row["id"]), reverse=True)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
async def test_user_pages_joined_are_all_users(database: Database, size: int) -> None:
    everyone = await add_users(database, 7)
    pages = [await list_users(UnitOfWork(database), page=page, size=size) for page in range(1, 9)]
    assert [row for page in pages for row in page["items"]] == everyone
    assert {page["total"] for page in pages} == {7}


async def test_users_of_a_role(database: Database) -> None:
    everyone = await add_users(database, 7, moderators=3)
    page = await list_users(UnitOfWork(database), page=1, size=2, role="moderator")
    assert page["total"] == 3
    assert page["items"] == [row for row in everyone if row["role"] == "moderator"][:2]
    assert await list_users(UnitOfWork(database), page=1, size=2, role="admin") == {"total": 0, "items": []}


async def test_page_beyond_the_end_knows_the_total(database: Database) -> None:
    await add_users(database, 3)
    assert await list_users(UnitOfWork(database), page=9, size=2) == {"total": 3, "items": []}
    huge = await list_users(UnitOfWork(database), page=2**40, size=100)
    assert huge == {"total": 3, "items": []}


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 13])
async def test_feed_pages_joined_are_all_published_posts(database: Database, limit: int) -> None:
    ada = (await add_users(database, 1))[0]
    published = []
    for batch in range(3):  # several instants, several posts at each
        async with database.transaction() as unit:
            for number in range(6):
                row = await insert_post(
                    unit,
                    title=f"{batch}.{number}",
                    content="C",
                    is_published=number % 3 != 0,
                    author_id=ada["id"],
                )
                if row["is_published"]:
                    published.append(row)
    expected = sorted(published, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    seen = []
    before: tuple[datetime, UUID] | None = None
    while True:
        rows = await list_feed(UnitOfWork(database), limit=limit, before=before)
        assert len(rows) <= limit + 1
        seen += rows[:limit]
        if len(rows) <= limit:
            break
        before = (seen[-1]["published_at"] or seen[-1]["created_at"], seen[-1]["id"])
    assert seen == expected


async def test_addresses_are_found_by_their_index(database: Database) -> None:
    connection = await database.connect()
    await connection.execute("SET enable_seqscan = off")
    plan = await connection.fetch("EXPLAIN SELECT 1 FROM users WHERE lower(email) = lower('A@example.com')")
    with pytest.raises(asyncpg.UniqueViolationError, match="users_email_key"):
        await connection.execute(
            "INSERT INTO users (id, email, full_name, password_hash, role, is_active) "
            "SELECT gen_random_uuid(), address, 'A', 'x', 'user', true "
            "FROM unnest(ARRAY['a@b.c', 'A@b.c']) address"
        )
    await connection.close()
    assert "users_email_key" in "\n".join(row[0] for row in plan)
