from datetime import datetime
from typing import Any

import httpx
import pytest

from pressroom.posts.tables import PostRow
from pressroom.tables import new_id
from tests.service import Actor, MakePost, violations


def path(post: PostRow) -> str:
    return f"/api/v1/posts/{post['id']}"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other notes"},
        {"content": "Other text."},
        {"is_published": False},
        {"title": "Other notes", "content": "Other text.", "is_published": False},
        {},
    ],
)
@pytest.mark.parametrize("caller", ["user", "admin"])
async def test_what_is_given_changes_and_the_rest_stays(
    client: httpx.AsyncClient,
    actors: dict[str, Actor],
    make_post: MakePost,
    caller: str,
    change: dict[str, Any],
) -> None:
    post = await make_post(actors["user"])
    before = (await client.get(path(post), auth=actors["user"])).json()
    answer = await client.patch(path(post), json=change, auth=actors[caller])
    assert answer.status_code == 200
    after = answer.json()
    assert after == before | change | {"updated_at": after["updated_at"]}
    assert datetime.fromisoformat(after["updated_at"]) > post["updated_at"]
    assert (await client.get(path(post), auth=actors["user"])).json() == after


async def test_no_other_post_is_changed(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post, neighbour = await make_post(user), await make_post(user)
    await client.patch(path(post), json={"title": "Other notes"}, auth=user)
    assert (await client.get(path(neighbour))).json()["title"] == "Notes"


@pytest.mark.parametrize("caller", ["other", "moderator", "demoted"])
@pytest.mark.parametrize(("is_published", "status"), [(True, 403), (False, 404)])
async def test_posts_of_others(
    client: httpx.AsyncClient,
    actors: dict[str, Actor],
    make_post: MakePost,
    caller: str,
    is_published: bool,
    status: int,
) -> None:
    post = await make_post(actors["user"], is_published=is_published)
    answer = await client.patch(path(post), json={"title": "Mine now"}, auth=actors[caller])
    assert answer.status_code == status
    assert (await client.get(path(post), auth=actors["user"])).json()["title"] == "Notes"


async def test_a_draft_of_another_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    draft = await make_post(user, is_published=False)
    missing = f"/api/v1/posts/{new_id()}"
    answers = [await client.patch(it, json={"title": "Mine"}, auth=other) for it in (path(draft), missing)]
    assert answers[0].content == answers[1].content


async def test_unknown_post(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.patch(f"/api/v1/posts/{new_id()}", json={"title": "Notes"}, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/post-not-found")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": None}, "/title"),
        ({"content": None}, "/content"),
        ({"is_published": None}, "/is_published"),
        ({"title": ""}, "/title"),
        ({"content": "a\0b"}, "/content"),
        ({"is_published": 0}, "/is_published"),
        ([], ""),
    ],
)
async def test_change_that_violates_its_schema(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, change: object, pointer: str
) -> None:
    post = await make_post(user)
    assert violations(await client.patch(path(post), json=change, auth=user)) == [("body", pointer)]


async def test_unknown_member_is_refused(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    change = {"title": "Other notes", "author_id": str(new_id())}
    assert len(violations(await client.patch(path(post), json=change, auth=user))) == 1
    assert (await client.get(path(post))).json()["title"] == "Notes"


async def test_without_a_token(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    assert (await client.patch(path(post), json={"title": "Mine now"})).status_code == 401


async def test_id_that_is_none(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.patch("/api/v1/posts/1", json={}, auth=user)
    assert violations(answer) == [("path", "/post_id")]
