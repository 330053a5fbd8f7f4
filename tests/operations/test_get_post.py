from datetime import datetime

import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from tests.service import Actor, MakePost, bytes_of, violations

PATH = "/api/v1/posts"


def moment_of(time: datetime | None) -> str:
    assert time is not None
    return time.isoformat().replace("+00:00", "Z")


async def test_everybody_sees_a_published_post(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    for caller in (None, other, user):
        answer = await client.get(f"{PATH}/{post['id']}", auth=caller)
        assert answer.status_code == 200
        assert answer.json() == {
            **post,
            "id": str(post["id"]),
            "author_id": str(user.id),
            **{name: moment_of(post[name]) for name in ("created_at", "updated_at", "published_at")},
        }


@pytest.mark.parametrize("caller", ["anonymous", "other", "moderator", "demoted"])
async def test_a_draft_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_post: MakePost, caller: str
) -> None:
    draft = await make_post(actors["user"], is_published=False)
    answers = [await client.get(f"{PATH}/{it}", auth=actors.get(caller)) for it in (draft["id"], new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert bytes_of(answers[0]) == bytes_of(answers[1])
    assert list(answers[0].headers) == list(answers[1].headers)


@pytest.mark.parametrize("caller", ["user", "admin"])
async def test_author_and_admins_see_a_draft(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_post: MakePost, caller: str
) -> None:
    draft = await make_post(actors["user"], is_published=False)
    answer = await client.get(f"{PATH}/{draft['id']}", auth=actors[caller])
    assert (answer.status_code, answer.json()["is_published"]) == (200, False)


async def test_a_token_sent_along_is_checked(
    client: httpx.AsyncClient, user: Actor, deactivated: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    assert (await client.get(path, auth=deactivated)).status_code == 401
    assert (await client.get(path, headers={"authorization": "Bearer nonsense"})).status_code == 401


async def test_id_that_is_none(client: httpx.AsyncClient) -> None:
    for text in ("1", "latest", new_id().hex, "%F0%9F%98%80"):
        assert violations(await client.get(f"{PATH}/{text}")) == [("path", "/post_id")], text


async def test_what_a_client_has_is_not_sent_again(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    etag = (await client.get(path)).headers["etag"]
    for known in (etag, f'"1", W/{etag}', "*"):
        answer = await client.get(path, headers={"if-none-match": known})
        assert (answer.status_code, answer.headers["etag"], answer.content) == (304, etag, b"")
    await client.patch(path, json={"title": "Other notes"}, headers={"if-match": etag}, auth=user)
    answer = await client.get(path, headers={"if-none-match": etag})
    assert (answer.status_code, answer.json()["title"]) == (200, "Other notes")


async def test_a_draft_of_another_is_not_there_whatever_the_client_has(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user, is_published=False))['id']}"
    etag = (await client.get(path, auth=user)).headers["etag"]
    for known in (etag, "*"):
        headers = {"if-none-match": known}
        assert (await client.get(path, headers=headers, auth=other)).status_code == 404
