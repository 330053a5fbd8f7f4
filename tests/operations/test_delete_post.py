import asyncio

import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from pressroom.posts.tables import PostRow
from tests.service import ANY_VERSION, Actor, MakePost, violations


def path(post: PostRow) -> str:
    return f"/api/v1/posts/{post['id']}"


@pytest.mark.parametrize("caller", ["user", "admin"])
@pytest.mark.parametrize("is_published", [True, False])
async def test_a_deleted_post_is_gone(
    client: httpx.AsyncClient,
    actors: dict[str, Actor],
    make_post: MakePost,
    caller: str,
    is_published: bool,
) -> None:
    post = await make_post(actors["user"], is_published=is_published)
    answer = await client.delete(path(post), headers=ANY_VERSION, auth=actors[caller])
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        again = await client.request(method, path(post), headers=ANY_VERSION, auth=actors["user"])
        assert again.status_code == 404
    assert (
        await client.patch(path(post), json={}, headers=ANY_VERSION, auth=actors["user"])
    ).status_code == 404
    assert (await client.get("/api/v1/posts")).json()["items"] == []


async def test_other_posts_stay(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post, neighbour = await make_post(user), await make_post(user)
    await client.delete(path(post), headers=ANY_VERSION, auth=user)
    assert (await client.get(path(neighbour))).status_code == 200


async def test_one_of_several_at_once_deletes_it(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    answers = await asyncio.gather(
        *(client.delete(path(post), headers=ANY_VERSION, auth=user) for _ in range(5))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 204
    assert set(statuses[1:]) <= {404, 412}  # found to be gone before the deletion, or by it


@pytest.mark.parametrize("caller", ["other", "moderator", "demoted"])
@pytest.mark.parametrize(("is_published", "status"), [(True, 403), (False, 404)])
async def test_posts_of_others_stay(
    client: httpx.AsyncClient,
    actors: dict[str, Actor],
    make_post: MakePost,
    caller: str,
    is_published: bool,
    status: int,
) -> None:
    post = await make_post(actors["user"], is_published=is_published)
    assert (await client.delete(path(post), headers=ANY_VERSION, auth=actors[caller])).status_code == status
    assert (await client.get(path(post), auth=actors["user"])).status_code == 200


async def test_unknown_post(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.delete(f"/api/v1/posts/{new_id()}", headers=ANY_VERSION, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/post-not-found")


async def test_without_a_token(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    assert (await client.delete(path(post))).status_code == 401
    assert (await client.get(path(post))).status_code == 200


async def test_request_that_violates_the_contract(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.delete("/api/v1/posts/1?force=yes", headers=ANY_VERSION, auth=user)
    assert violations(answer) == [("path", "/post_id"), ("query", "/force")]


async def test_without_a_version(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    assert (await client.delete(path(post), auth=user)).status_code == 428
    assert (await client.get(path(post))).status_code == 200


async def test_only_the_version_that_was_seen_is_deleted(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    seen = {"if-match": (await client.get(path(post))).headers["etag"]}
    changed = await client.patch(path(post), json={"title": "Other notes"}, headers=seen, auth=user)
    assert (await client.delete(path(post), headers=seen, auth=user)).status_code == 412
    seen = {"if-match": changed.headers["etag"]}
    assert (await client.delete(path(post), headers=seen, auth=user)).status_code == 204
