import httpx
import pytest

from contractgen_runtime.postgres.tables import new_id
from tests.service import Actor, bytes_of, violations


async def test_oneself(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await client.get(f"/api/v1/users/{user.id}", auth=user)
    assert answer.status_code == 200
    assert answer.json() == (await client.get("/api/v1/users/me", auth=user)).json()


async def test_admins_see_everybody(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    answer = await client.get(f"/api/v1/users/{user.id}", auth=admin)
    assert (answer.status_code, answer.json()["email"]) == (200, user.email)


@pytest.mark.parametrize("caller", ["other", "moderator", "demoted"])
async def test_others_cannot_tell_who_exists(
    client: httpx.AsyncClient, actors: dict[str, Actor], user: Actor, caller: str
) -> None:
    known, unknown = [
        await client.get(f"/api/v1/users/{it}", auth=actors[caller]) for it in (user.id, new_id())
    ]
    assert known.status_code == unknown.status_code == 403
    assert bytes_of(known) == bytes_of(unknown)


async def test_unknown_to_an_admin(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.get(f"/api/v1/users/{new_id()}", auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/user-not-found")


async def test_without_a_token(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.get(f"/api/v1/users/{user.id}")).status_code == 401


async def test_id_in_capitals(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.get(f"/api/v1/users/{str(user.id).upper()}", auth=user)).status_code == 200


async def test_id_that_is_none(client: httpx.AsyncClient, user: Actor) -> None:
    for text in (
        "1",
        "Me",
        user.id.hex,
        f"{{{user.id}}}",
        f"{user.id} ",
        f"urn:uuid:{user.id}",
        "%00",
    ):
        answer = await client.get(f"/api/v1/users/{text}", auth=user)
        assert violations(answer) == [("path", "/user_id")], text


async def test_address_that_is_not_utf_8_is_none(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.get("/api/v1/users/%FF", auth=user)).status_code == 404


async def test_what_a_client_has_is_not_sent_again(
    client: httpx.AsyncClient, user: Actor, admin: Actor, other: Actor
) -> None:
    path = f"/api/v1/users/{user.id}"
    known = {"if-none-match": (await client.get(path, auth=user)).headers["etag"]}
    for caller, status in [(user, 304), (admin, 304), (other, 403)]:
        assert (await client.get(path, headers=known, auth=caller)).status_code == status
