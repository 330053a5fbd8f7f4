import httpx

from tests.service import Actor, MakePost

PATH = "/api/v1/posts"


async def test_a_hidden_post_is_public_again(
    client: httpx.AsyncClient, admin: Actor, moderator: Actor, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user, hidden_reason="Advertising.")
    path = f"{PATH}/{post['id']}"
    answer = await client.post(f"{path}/unhide", auth=moderator)
    assert (answer.status_code, answer.json()["hidden_reason"]) == (200, None)
    assert (await client.get(path)).json() == answer.json()
    assert (await client.get(PATH)).json()["items"] == [answer.json()]
    found = await client.get("/api/v1/audit-events", params={"action": "post_unhidden"}, auth=admin)
    assert [event["actor_id"] for event in found.json()["items"]] == [str(moderator.id)]


async def test_a_post_that_is_not_hidden_stays_as_it_is(
    client: httpx.AsyncClient, admin: Actor, moderator: Actor, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    before = await client.get(path)
    answer = await client.post(f"{path}/unhide", auth=moderator)
    assert (answer.content, answer.headers["etag"]) == (before.content, before.headers["etag"])
    found = await client.get("/api/v1/audit-events", params={"action": "post_unhidden"}, auth=admin)
    assert found.json()["items"] == []
