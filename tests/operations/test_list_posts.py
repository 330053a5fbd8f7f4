import base64
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.cursors import Cursors
from pressroom.posts.queries import delete_post
from tests.service import ANY_VERSION, Actor, MakePost, violations

PATH = "/api/v1/posts"


async def page(client: httpx.AsyncClient, **parameters: int | str | None) -> dict[str, Any]:
    given = {name: value for name, value in parameters.items() if value is not None}
    answer = await client.get(PATH, params=given)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def titles(body: dict[str, Any]) -> list[str]:
    return [item["title"] for item in body["items"]]


async def test_empty(client: httpx.AsyncClient) -> None:
    assert await page(client) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
async def test_pages_concatenated_are_the_feed_newest_first(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, limit: int
) -> None:
    made = [(await make_post(user, title=f"Post {number}"))["title"] for number in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(-(-7 // limit)):
        body = await page(client, limit=limit, cursor=cursor)
        assert 1 <= len(body["items"]) <= limit
        seen += titles(body)
        cursor = body["next_cursor"]
    assert cursor is None
    assert seen == made[::-1]


async def test_pages_stay_whole_while_posts_come_and_go(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, database: Database
) -> None:
    """What stands from the first page to the last is seen once; what is added in front is not seen."""
    made = [await make_post(user, title=f"Post {number}") for number in range(9)]
    body = await page(client, limit=2)
    seen = titles(body)
    for gone in (
        made[8],
        made[7],
        made[3],
        made[2],
    ):  # seen, the cursor's own, and two to come
        await make_post(user, title="Breaking news")
        async with database.transaction() as unit:
            await delete_post(unit, gone["id"])
        body = await page(client, limit=2, cursor=body["next_cursor"])
        seen += titles(body)
        if body["next_cursor"] is None:
            break
    assert body["next_cursor"] is None
    assert len(seen) == len(set(seen))
    assert set(seen) >= {f"Post {number}" for number in (8, 7, 6, 5, 4, 1, 0)}
    assert "Breaking news" not in seen


async def test_posts_of_one_moment_are_not_lost_between_pages(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, database: Database
) -> None:
    for number in range(5):
        await make_post(user, title=f"Post {number}")
    connection = await database.connect()
    await connection.execute("UPDATE posts SET published_at = '2026-01-01T00:00:00Z'")
    await connection.close()
    seen: list[str] = []
    body: dict[str, Any] = {"next_cursor": None}
    for _ in range(3):
        body = await page(client, limit=2, cursor=body["next_cursor"])
        seen += titles(body)
    assert sorted(seen) == [f"Post {number}" for number in range(5)]


async def test_default_limit_is_20(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    for _ in range(21):
        await make_post(user)
    body = await page(client)
    assert len(body["items"]) == 20
    assert body["next_cursor"] is not None


async def test_drafts_are_never_in_it(
    client: httpx.AsyncClient, user: Actor, admin: Actor, make_post: MakePost
) -> None:
    await make_post(user, is_published=False)
    await make_post(admin, is_published=False)
    for caller in (None, user, admin):
        assert (await client.get(PATH, auth=caller)).json() == {"items": [], "next_cursor": None}


async def test_publishing_puts_a_post_in_and_takes_it_out(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user, is_published=False)
    for is_published, number in [(True, 1), (False, 0)]:
        change = {"is_published": is_published}
        await client.patch(f"{PATH}/{post['id']}", json=change, headers=ANY_VERSION, auth=user)
        assert len((await page(client))["items"]) == number


async def test_a_token_sent_along_is_checked(
    client: httpx.AsyncClient, user: Actor, deactivated: Actor
) -> None:
    assert (await client.get(PATH, auth=user)).status_code == 200
    assert (await client.get(PATH, auth=deactivated)).status_code == 401
    assert (await client.get(PATH, headers={"authorization": "Bearer nonsense"})).status_code == 401


async def test_cursor_of_somebody_else(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    await make_post(user)
    ours = (await page(client, limit=1))["next_cursor"]
    assert len(titles(await page(client, cursor=ours))) == 1
    raw = bytearray(base64.urlsafe_b64decode(ours))
    raw[7] ^= 1  # one microsecond
    foreign = [
        base64.urlsafe_b64encode(raw).decode(),
        Cursors([b"of another service"]).encode(post["created_at"], post["id"], "list_posts", None, None),
        ours[:-1],
        ours + "A",
        ours.swapcase(),
        "x",
        "A" * 200,
    ]
    for cursor in foreign:
        answer = await client.get(PATH, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/cursor-not-found"), cursor


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "101", "-1", "1.5", "", "ten", "１")),
        *(("author_id", value) for value in ("", "1", "me")),
        *(("q", value) for value in ("", "x" * 201, "a\0b", "a\n")),
        *(("cursor", value) for value in ("", "x" * 201, "a.b", "a b", "é", "a\n", "\0")),
    ],
)
async def test_parameter_that_violates_its_schema(client: httpx.AsyncClient, name: str, value: str) -> None:
    assert violations(await client.get(PATH, params={name: value})) == [("query", f"/{name}")]


async def test_unknown_parameter_is_refused(client: httpx.AsyncClient) -> None:
    assert violations(await client.get(PATH, params={"author": "1"})) == [("query", "/author")]


async def test_posts_of_one_author(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    for author, title in [(user, "One"), (other, "Two"), (user, "Three")]:
        await make_post(author, title=title)
    await make_post(user, is_published=False)
    first = await client.get(PATH, params={"author_id": str(user.id), "limit": 1})
    rest = await client.get(PATH, params={"author_id": str(user.id), "cursor": first.json()["next_cursor"]})
    assert titles(first.json()) + titles(rest.json()) == ["Three", "One"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("engine", ["Analytical Engines"]),
        ("ENGINES analytical", ["Analytical Engines"]),
        ('"analytical engine"', ["Analytical Engines"]),
        ('"engine analytical"', []),
        ("weaves", ["Looms", "Analytical Engines"]),
        ("weaving -engine", ["Looms"]),
        ("loom or engine", ["Looms", "Analytical Engines"]),
        ("the", []),
        ("nothing", []),
        ("' & | ! ( :* \\ <->", []),
        ("\U0001f600", []),
    ],
)
async def test_posts_with_words(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, q: str, found: list[str]
) -> None:
    await make_post(user, title="Analytical Engines", content="It weaves patterns of algebra.")
    await make_post(user, title="Looms", content="The loom is for weaving.")
    await make_post(user, title="A draft of the engine", is_published=False)
    assert titles(await page(client, q=q)) == found


async def test_pages_of_a_search(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    for number in range(6):
        await make_post(user, title=f"Post {number}", content="even" if number % 2 == 0 else "odd")
    first = await page(client, q="even", limit=2)
    second = await page(client, q="even", limit=2, cursor=first["next_cursor"])
    assert titles(first) + titles(second) == ["Post 4", "Post 2", "Post 0"]
    assert second["next_cursor"] is None
    for other in ({"q": "odd"}, {}, {"q": "even", "author_id": str(user.id)}):
        answer = await client.get(PATH, params={**other, "cursor": first["next_cursor"]})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/cursor-not-found"), other


async def test_an_item_can_be_changed_without_reading_it_again(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    """The version beside an item is the one in its ETag."""
    post = await make_post(user)
    (item,) = (await client.get("/api/v1/posts")).json()["items"]
    path, match = f"/api/v1/posts/{post['id']}", {"if-match": f'"{item["version"]}"'}
    assert (await client.get(path)).headers["etag"] == match["if-match"]
    changed = await client.patch(path, json={"title": "Other notes"}, headers=match, auth=user)
    assert (changed.status_code, changed.headers["etag"]) == (200, f'"{changed.json()["version"]}"')
    assert changed.json()["version"] > item["version"]
    assert (await client.patch(path, json={"title": "X"}, headers=match, auth=user)).status_code == 412
