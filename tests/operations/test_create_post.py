import json

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from tests.service import Actor, violations

PATH = "/api/v1/posts"
NEW = {"title": "Notes", "content": "First line.\r\n\tSecond line.\n"}


async def count(database: Database) -> int:
    connection = await database.connect()
    number: int = await connection.fetchval("SELECT count(*) FROM posts")
    await connection.close()
    return number


async def test_draft_unless_said_otherwise(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.post(PATH, json=NEW, auth=user)
    assert answer.status_code == 201
    post = answer.json()
    assert post["created_at"] == post["updated_at"]
    assert {name: post[name] for name in ("title", "content", "is_published", "author_id")} == {
        **NEW,
        "is_published": False,
        "author_id": str(user.id),
    }


@pytest.mark.parametrize("is_published", [True, False])
async def test_location_resolves(client: httpx.AsyncClient, user: Actor, is_published: bool) -> None:
    answer = await client.post(PATH, json={**NEW, "is_published": is_published}, auth=user)
    assert answer.json()["is_published"] is is_published
    found = await client.get(answer.headers["location"], auth=user)
    assert (found.status_code, found.json()) == (200, answer.json())


async def test_published_post_is_first_in_the_feed(client: httpx.AsyncClient, user: Actor) -> None:
    await client.post(PATH, json={**NEW, "title": "First", "is_published": True}, auth=user)
    made = await client.post(PATH, json={**NEW, "title": "Second", "is_published": True}, auth=user)
    feed = (await client.get(PATH)).json()["items"]
    assert [post["title"] for post in feed] == ["Second", "First"]
    assert feed[0] == made.json()


@pytest.mark.parametrize("is_escaped", [True, False])
async def test_longest_post_of_the_widest_characters(
    client: httpx.AsyncClient, user: Actor, is_escaped: bool
) -> None:
    """20,000 characters outside the basic plane, as 80,000 bytes or as 240,000 bytes of escapes."""
    new = {"title": "\U0001f600" * 200, "content": "\U0001f600" * 20_000}
    answer = await client.post(
        PATH,
        content=json.dumps(new, ensure_ascii=is_escaped),
        headers={"content-type": "application/json"},
        auth=user,
    )
    assert answer.status_code == 201
    assert (answer.json()["title"], answer.json()["content"]) == (new["title"], new["content"])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", " Notes"),
        ("title", "Notes\nmore"),
        ("title", "Notes\n"),
        ("title", "Notes\x7f"),
        ("title", None),
        ("title", 1),
        ("content", ""),
        ("content", "x" * 20_001),
        ("content", "a\0b"),
        ("content", "a\x1bb"),
        ("content", ["text"]),
        ("is_published", None),
        ("is_published", "true"),
        ("is_published", 1),
    ],
)
async def test_member_that_violates_its_schema(
    client: httpx.AsyncClient, user: Actor, database: Database, member: str, value: object
) -> None:
    answer = await client.post(PATH, json={**NEW, member: value}, auth=user)
    assert violations(answer) == [("body", f"/{member}")]
    assert await count(database) == 0


@pytest.mark.parametrize("member", ["title", "content"])
async def test_members_are_required(client: httpx.AsyncClient, user: Actor, member: str) -> None:
    body = {name: value for name, value in NEW.items() if name != member}
    assert violations(await client.post(PATH, json=body, auth=user)) == [("body", f"/{member}")]


async def test_author_cannot_be_chosen(
    client: httpx.AsyncClient, user: Actor, admin: Actor, database: Database
) -> None:
    answer = await client.post(PATH, json={**NEW, "author_id": str(user.id)}, auth=admin)
    assert len(violations(answer)) == 1
    assert await count(database) == 0


async def test_without_a_token(client: httpx.AsyncClient, database: Database) -> None:
    assert (await client.post(PATH, json=NEW)).status_code == 401
    assert await count(database) == 0
