import httpx

from contractgen_runtime.postgres.tables import new_id
from tests.service import Actor, MakeSession, bytes_of, violations

PATH = "/api/v1/auth/sessions"
ME = "/api/v1/users/me"


async def test_the_session_ends_and_no_other(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession
) -> None:
    lost = await make_session(user)
    assert (await client.delete(f"{PATH}/{lost.session_id}", auth=user)).status_code == 204
    assert (await client.get(ME, auth=lost)).status_code == 401
    assert (await client.get(ME, auth=user)).status_code == 200
    again = await client.delete(f"{PATH}/{lost.session_id}", auth=user)
    assert (again.status_code, again.json()["type"]) == (404, "/problems/session-not-found")


async def test_ones_own(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.delete(f"{PATH}/{user.session_id}", auth=user)).status_code == 204
    assert (await client.get(ME, auth=user)).status_code == 401


async def test_nobody_elses_not_even_by_an_admin(
    client: httpx.AsyncClient, user: Actor, other: Actor, admin: Actor
) -> None:
    for caller in (other, admin):
        answers = [await client.delete(f"{PATH}/{it}", auth=caller) for it in (user.session_id, new_id())]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert bytes_of(answers[0]) == bytes_of(answers[1])
    assert (await client.get(ME, auth=user)).status_code == 200


async def test_id_that_is_none(client: httpx.AsyncClient, user: Actor) -> None:
    assert violations(await client.delete(f"{PATH}/42", auth=user)) == [("path", "/session_id")]
