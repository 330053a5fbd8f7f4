import httpx

from tests.service import Actor, MakePost

PATH = "/api/v1/posts"


async def test_a_published_post_is_a_draft_again(
    client: httpx.AsyncClient, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    answer = await client.post(f"{path}/unpublish", auth=user)
    assert answer.status_code == 200
    assert (answer.json()["is_published"], answer.json()["published_at"]) == (False, None)
    assert (await client.get(path)).status_code == 404
    assert (await client.get(path, auth=user)).json() == answer.json()
    assert (await client.get(PATH)).json()["items"] == []


async def test_a_draft_stays_as_it_is(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    path = f"{PATH}/{(await make_post(user, is_published=False))['id']}"
    before = await client.get(path, auth=user)
    answer = await client.post(f"{path}/unpublish", auth=user)
    assert (answer.content, answer.headers["etag"]) == (before.content, before.headers["etag"])


async def test_publishing_again_is_news(client: httpx.AsyncClient, user: Actor, make_post: MakePost) -> None:
    path = f"{PATH}/{(await make_post(user, title='First'))['id']}"
    await make_post(user, title="Second")
    await client.post(f"{path}/unpublish", auth=user)
    await client.post(f"{path}/publish", auth=user)
    feed = (await client.get(PATH)).json()["items"]
    assert [post["title"] for post in feed] == ["First", "Second"]
