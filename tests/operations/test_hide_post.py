import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from tests.service import ANY_VERSION, Actor, MakePost, bytes_of, violations

PATH = "/api/v1/posts"
WHY = {"reason": "Advertising."}


@pytest.mark.parametrize("caller", ["moderator", "admin"])
async def test_a_hidden_post_is_gone_for_the_public(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_post: MakePost, caller: str
) -> None:
    author = actors["user"]
    path = f"{PATH}/{(await make_post(author))['id']}"
    answer = await client.post(f"{path}/hide", json=WHY, auth=actors[caller])
    assert (answer.status_code, answer.json()["hidden_reason"]) == (200, "Advertising.")
    for reader in (None, actors["other"]):
        hidden, missing = [await client.get(it, auth=reader) for it in (path, f"{PATH}/{new_id()}")]
        assert hidden.status_code == 404
        assert bytes_of(hidden) == bytes_of(missing)
    for feed in (PATH, f"{PATH}?author_id={author.id}", f"/api/v1/users/{author.id}/posts", f"{PATH}?q=text"):
        assert (await client.get(feed)).json()["items"] == [], feed
    for insider in (author, actors["moderator"], actors["admin"]):
        assert (await client.get(path, auth=insider)).json() == answer.json()


async def test_the_trail_tells_who_hid_it_and_why(
    client: httpx.AsyncClient, admin: Actor, moderator: Actor, user: Actor, make_post: MakePost
) -> None:
    post = await make_post(user)
    for reason in ("Advertising.", "Advertising.", "Slander."):
        await client.post(f"{PATH}/{post['id']}/hide", json={"reason": reason}, auth=moderator)
    found = await client.get("/api/v1/audit-events", params={"action": "post_hidden"}, auth=admin)
    events = found.json()["items"]
    assert {(event["actor_id"], event["subject_id"]) for event in events} == {
        (str(moderator.id), str(post["id"]))
    }
    assert [event["changes"] for event in events] == [
        [{"member": "hidden_reason", "before": "Advertising.", "after": "Slander."}],
        [{"member": "hidden_reason", "before": None, "after": "Advertising."}],
    ]


async def test_its_author_cannot_bring_it_back(
    client: httpx.AsyncClient, moderator: Actor, user: Actor, make_post: MakePost
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    await client.post(f"{path}/hide", json=WHY, auth=moderator)
    change = {"title": "Other notes", "is_published": True}
    assert (await client.patch(path, json=change, headers=ANY_VERSION, auth=user)).status_code == 200
    for verb in ("unpublish", "publish"):
        assert (await client.post(f"{path}/{verb}", auth=user)).status_code == 200
    assert (await client.post(f"{path}/unhide", auth=user)).status_code == 403
    assert (await client.get(path)).status_code == 404
    assert (await client.get(PATH)).json()["items"] == []


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\nb", None, 1])
async def test_reason_that_violates_its_schema(
    client: httpx.AsyncClient, moderator: Actor, user: Actor, make_post: MakePost, reason: object
) -> None:
    path = f"{PATH}/{(await make_post(user))['id']}"
    answer = await client.post(f"{path}/hide", json={"reason": reason}, auth=moderator)
    assert violations(answer) == [("body", "/reason")]
    assert (await client.get(path)).status_code == 200
