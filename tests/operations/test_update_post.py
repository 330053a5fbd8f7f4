import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from pressroom.posts.tables import PostRow
from tests.service import ANY_VERSION, Actor, MakePost, bytes_of, violations


def path(post: PostRow) -> str:
    return f"/api/v1/posts/{post['id']}"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other notes"},
        {"content": "Other text."},
        {"is_published": False},
        {"title": "Other notes", "content": "Other text.", "is_published": False},
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
    answer = await client.patch(path(post), json=change, headers=ANY_VERSION, auth=actors[caller])
    assert answer.status_code == 200
    after = answer.json()
    published_at = before["published_at"] if change.get("is_published", True) else None
    assert after == before | change | {
        "published_at": published_at,
        "updated_at": after["updated_at"],
        "version": after["version"],
    }
    assert datetime.fromisoformat(after["updated_at"]) > post["updated_at"]
    assert (await client.get(path(post), auth=actors["user"])).json() == after


async def test_no_other_post_is_changed(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post, neighbour = await make_post(user), await make_post(user)
    await client.patch(path(post), json={"title": "Other notes"}, headers=ANY_VERSION, auth=user)
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
    answer = await client.patch(
        path(post), json={"title": "Mine now"}, headers=ANY_VERSION, auth=actors[caller]
    )
    assert answer.status_code == status
    assert (await client.get(path(post), auth=actors["user"])).json()["title"] == "Notes"


async def test_a_draft_of_another_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    draft = await make_post(user, is_published=False)
    missing = f"/api/v1/posts/{new_id()}"
    answers = [
        await client.patch(it, json={"title": "Mine"}, headers=ANY_VERSION, auth=other)
        for it in (path(draft), missing)
    ]
    assert bytes_of(answers[0]) == bytes_of(answers[1])


async def test_unknown_post(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.patch(
        f"/api/v1/posts/{new_id()}", json={"title": "Notes"}, headers=ANY_VERSION, auth=admin
    )
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
    assert violations(await client.patch(path(post), json=change, headers=ANY_VERSION, auth=user)) == [
        ("body", pointer)
    ]


async def test_unknown_member_is_refused(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    change = {"title": "Other notes", "author_id": str(new_id())}
    assert len(violations(await client.patch(path(post), json=change, headers=ANY_VERSION, auth=user))) == 1
    assert (await client.get(path(post))).json()["title"] == "Notes"


async def test_without_a_token(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    assert (await client.patch(path(post), json={"title": "Mine now"})).status_code == 401


async def test_id_that_is_none(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.patch("/api/v1/posts/1", json={}, headers=ANY_VERSION, auth=user)
    assert violations(answer) == [("path", "/post_id")]


async def test_without_a_version(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    answer = await client.patch(path(post), json={"title": "Mine now"}, auth=user)
    assert (answer.status_code, answer.json()["title"]) == (428, "Precondition Required")
    assert (await client.get(path(post))).json()["title"] == "Notes"


@pytest.mark.parametrize("written", ["{}", '"1", {}', 'W/"1" , {}', '{},"x"'])
async def test_the_version_that_was_seen_is_changed(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, written: str
) -> None:
    post = await make_post(user)
    seen = (await client.get(path(post))).headers["etag"]
    headers = {"if-match": written.format(seen)}
    answer = await client.patch(path(post), json={"title": "Other notes"}, headers=headers, auth=user)
    assert answer.status_code == 200
    assert answer.headers["etag"] == (await client.get(path(post))).headers["etag"] != seen


@pytest.mark.parametrize(
    "written", ['"1"', '""', '"zzzzzzzzzzzzzz"', '"ffffffffffffffff"', "W/{}", '"ffffffffffffff"']
)
async def test_another_version_is_left_alone(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, written: str
) -> None:
    """A weak tag, too, says nothing of what the client has seen."""
    post = await make_post(user)
    headers = {"if-match": written.format((await client.get(path(post))).headers["etag"])}
    answer = await client.patch(path(post), json={"title": "Mine now"}, headers=headers, auth=user)
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/version-mismatch")
    assert (await client.get(path(post))).json()["title"] == "Notes"


@pytest.mark.parametrize("written", ["", "1", '"1', '"1""2"', '*, "1"', 'w/"1"', '"é"', ","])
async def test_text_that_names_no_version(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost, written: str
) -> None:
    post = await make_post(user)
    headers = {b"if-match": written.encode("latin-1")}
    answer = await client.patch(path(post), json={}, headers=headers, auth=user)
    assert answer.status_code == 412


async def test_version_longer_than_any(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    post = await make_post(user)
    headers = {"if-match": '"1"' * 400}
    answer = await client.patch(path(post), json={}, headers=headers, auth=user)
    assert violations(answer) == [("header", "/If-Match")]


async def test_200_changes_of_one_version_at_once(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    headers = {"if-match": (await client.get(path(post))).headers["etag"]}
    changes = [{"title": f"Title {number}"} for number in range(200)]
    answers = await asyncio.gather(
        *(client.patch(path(post), json=change, headers=headers, auth=user) for change in changes)
    )
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [412] * 199
    winner = changes[statuses.index(200)]
    assert (await client.get(path(post))).json()["title"] == winner["title"]


async def test_nothing_to_change_makes_no_version(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    seen = await client.get(path(post))
    headers = {"if-match": seen.headers["etag"]}
    answer = await client.patch(path(post), json={}, headers=headers, auth=user)
    assert (answer.status_code, answer.content) == (200, seen.content)
    assert answer.headers["etag"] == (await client.get(path(post))).headers["etag"] == headers["if-match"]
    other = await client.patch(path(post), json={}, headers={"if-match": '"1"'}, auth=user)
    assert (other.status_code, other.json()["type"]) == (412, "/problems/version-mismatch")
