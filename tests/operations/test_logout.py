import httpx

from tests.service import Actor, MakeSession

PATH = "/api/v1/auth/logout"
ME = "/api/v1/users/me"


async def test_both_tokens_are_refused_from_now_on(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.get(ME, auth=user)).status_code == 200
    answer = await client.post(PATH, auth=user)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(ME, auth=user)).status_code == 401
    refresh = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh_token})
    assert refresh.status_code == 401
    assert (await client.post(PATH, auth=user)).status_code == 401


async def test_other_sessions_stay(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_session: MakeSession
) -> None:
    elsewhere = await make_session(user)
    await client.post(PATH, auth=user)
    for actor in (elsewhere, other):
        assert (await client.get(ME, auth=actor)).status_code == 200


async def test_without_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.post(PATH)).status_code == 401
