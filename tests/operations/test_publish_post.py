from datetime import datetime

import httpx
import pytest

from tests.service import ANY_VERSION, Actor, MakePost

PATH = "/api/v1/posts"


@pytest.mark.parametrize("caller", ["user", "admin"])
async def test_a_draft_becomes_the_first_of_the_feed(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_post: MakePost, caller: str
) -> None:
    draft = await make_post(actors["user"], is_published=False)
    await make_post(actors["user"], title="Written later, published before")
    answer = await client.post(f"{PATH}/{draft['id']}/publish", auth=actors[caller])
    assert answer.status_code == 200
    post = answer.json()
    assert post["is_published"] is True
    assert datetime.fromisoformat(post["published_at"]) > draft["created_at"]
    found = await client.get(f"{PATH}/{draft['id']}")
    assert (found.json(), found.headers["etag"]) == (post, answer.headers["etag"])
    assert (await client.get(PATH)).json()["items"][0] == post


async def test_a_published_post_stays_as_it_is(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    before = await client.get(path)
    answer = await client.post(f"{path}/publish", auth=user)
    assert (answer.content, answer.headers["etag"]) == (before.content, before.headers["etag"])


async def test_a_change_of_the_draft_is_noticed(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    """Publishing is a change as well: who has read the draft must look again."""
    path = f"{PATH}/{(await make_post(user, is_published=False))['id']}"
    seen = {"if-match": (await client.get(path, auth=user)).headers["etag"]}
    await client.post(f"{path}/publish", auth=user)
    assert (await client.patch(path, json={"title": "Late"}, headers=seen, auth=user)).status_code == 412


async def test_changing_a_published_post_does_not_publish_it_anew(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    before = (await client.get(path)).json()
    for change in ({"title": "Other notes"}, {"is_published": True}):
        after = (await client.patch(path, json=change, headers=ANY_VERSION, auth=user)).json()
        assert after["published_at"] == before["published_at"]
