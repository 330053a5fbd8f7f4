from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from tests.service import Actor, MakePost, violations


def path(author: Actor) -> str:
    return f"/api/v1/users/{author.id}/posts"


async def make_some(author: Actor, make_post: MakePost) -> None:
    await make_post(author, title="Published")
    await make_post(author, title="Draft", is_published=False)
    await make_post(author, title="Hidden", hidden_reason="Advertising.")


@pytest.mark.parametrize(
    ("caller", "titles"),
    [
        ("user", ["Hidden", "Draft", "Published"]),
        ("admin", ["Hidden", "Draft", "Published"]),
        ("moderator", ["Published"]),
        ("other", ["Published"]),
        ("anonymous", ["Published"]),
    ],
)
async def test_everybody_gets_what_they_may_see(
    client: httpx.AsyncClient,
    actors: dict[str, Actor],
    make_post: MakePost,
    caller: str,
    titles: list[str],
) -> None:
    await make_some(actors["other"] if caller == "user" else actors["demoted"], make_post)
    await make_some(actors["user"], make_post)
    answer = await client.get(path(actors["user"]), auth=actors.get(caller))
    assert [post["title"] for post in answer.json()["items"]] == titles
    assert {post["author_id"] for post in answer.json()["items"]} == {str(actors["user"].id)}


@pytest.mark.parametrize("caller", ["user", "anonymous"])
@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_pages_concatenated_are_the_list(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_post: MakePost, caller: str, limit: int
) -> None:
    author = actors["user"]
    for number in range(5):
        await make_post(author, title=f"Post {number}")
        await make_post(actors["other"])
    seen: list[Any] = []
    cursor: str | None = None
    for _ in range(-(-5 // limit)):
        parameters = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        body = (await client.get(path(author), params=parameters, auth=actors.get(caller))).json()
        seen += [post["title"] for post in body["items"]]
        cursor = body["next_cursor"]
    assert cursor is None
    assert seen == [f"Post {number}" for number in reversed(range(5))]


async def test_a_cursor_is_good_for_its_list_alone(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    for _ in range(3):
        await make_post(user)
    public = {"cursor": (await client.get(f"{path(user)}?limit=1")).json()["next_cursor"]}
    own = {"cursor": (await client.get(f"{path(user)}?limit=1", auth=user)).json()["next_cursor"]}
    assert (await client.get(path(user), params=own, auth=user)).status_code == 200
    assert (await client.get(path(user), params=public)).status_code == 200
    for address, parameters, caller in [
        (path(user), own, None),
        (path(user), public, user),
        (path(other), public, None),
        ("/api/v1/posts", public, None),
        ("/api/v1/posts", public | {"author_id": str(user.id)}, None),
    ]:
        answer = await client.get(address, params=parameters, auth=caller)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/cursor-not-found"), address


async def test_an_unknown_account_has_none(client: httpx.AsyncClient, admin: Actor) -> None:
    for caller in (None, admin):
        answer = await client.get(f"/api/v1/users/{new_id()}/posts", auth=caller)
        assert answer.json() == {"items": [], "next_cursor": None}


async def test_parameters_that_violate_their_schemas(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.get(f"{path(user)}?limit=0&cursor=a.b&q=x")
    assert violations(answer) == [("query", "/cursor"), ("query", "/limit"), ("query", "/q")]
