import asyncio

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL
from tests.service import PASSWORD, Actor, MakeMailedToken, MakeSession, violations

PATH = "/api/v1/auth/change-password"
ME = "/api/v1/users/me"
NEW = "difference engine"


async def change(
    client: httpx.AsyncClient, actor: Actor, old: str = PASSWORD, new: str = NEW
) -> httpx.Response:
    return await client.post(PATH, json={"old_password": old, "new_password": new}, auth=actor)


async def log_in(client: httpx.AsyncClient, actor: Actor, password: str) -> int:
    body = {"email": actor.email, "password": password}
    return (await client.post("/api/v1/auth/login", json=body)).status_code


async def test_the_new_password_opens_and_the_old_one_does_not(
    client: httpx.AsyncClient, user: Actor
) -> None:
    assert (await change(client, user)).status_code == 204
    assert [await log_in(client, user, PASSWORD), await log_in(client, user, NEW)] == [401, 200]


async def test_other_sessions_end_and_this_one_stays(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_session: MakeSession
) -> None:
    elsewhere = await make_session(user)
    await change(client, user)
    assert (await client.get(ME, auth=elsewhere)).status_code == 401
    refresh = {"refresh_token": elsewhere.refresh_token}
    assert (await client.post("/api/v1/auth/refresh", json=refresh)).status_code == 401
    for actor in (user, other):
        assert (await client.get(ME, auth=actor)).status_code == 200


async def test_a_mail_that_is_out_resets_nothing_any_more(
    client: httpx.AsyncClient, user: Actor, make_mailed_token: MakeMailedToken
) -> None:
    token = await make_mailed_token(user, RESET_MAIL)
    await change(client, user)
    body = {"token": token, "new_password": "somebody else's words"}
    assert (await client.post("/api/v1/auth/password-reset/confirm", json=body)).status_code == 404


async def test_the_old_password_is_needed(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession
) -> None:
    elsewhere = await make_session(user)
    answer = await change(client, user, old="a wrong one")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-password")
    assert await log_in(client, user, PASSWORD) == 200
    assert (await client.get(ME, auth=elsewhere)).status_code == 200


@pytest.mark.parametrize("password", ["password1234", "QWERTY123456", "aaaaaaaaaaaa"])
async def test_a_common_password_is_refused(client: httpx.AsyncClient, user: Actor, password: str) -> None:
    answer = await change(client, user, new=password)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/common-password")
    assert await log_in(client, user, PASSWORD) == 200


@pytest.mark.parametrize(("is_same_session", "refused"), [(True, {403}), (False, {401, 403})])
async def test_of_two_changes_at_once_one_has_shown_the_right_password(
    client: httpx.AsyncClient,
    user: Actor,
    make_session: MakeSession,
    is_same_session: bool,
    refused: set[int],
) -> None:
    """The other shows a password that is no more, or its session has ended with the change."""
    elsewhere = user if is_same_session else await make_session(user)
    answers = await asyncio.gather(
        change(client, user, new="the first new one"), change(client, elsewhere, new="the second new one")
    )
    done, other = sorted(answer.status_code for answer in answers)
    assert done == 204
    assert other in refused


async def test_a_reset_that_has_begun_goes_first(
    client: httpx.AsyncClient, user: Actor, make_mailed_token: MakeMailedToken, database: Database
) -> None:
    """It has the account and wants its token: a change that waits for it must not have the token."""
    await make_mailed_token(user, RESET_MAIL)
    resetting, watching = await database.connect(), await database.connect()
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    try:
        async with asyncio.timeout(10), resetting.transaction():
            await resetting.execute("UPDATE users SET updated_at = now()")
            changing = asyncio.create_task(change(client, user))
            while not await watching.fetch(waiting):
                await asyncio.sleep(0.01)
            await resetting.execute("DELETE FROM mailed_tokens")
        assert (await changing).status_code == 204
    finally:
        await resetting.close()
        await watching.close()


async def test_it_is_told_in_the_audit_trail(client: httpx.AsyncClient, user: Actor, admin: Actor) -> None:
    await change(client, user)
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert (event["action"], event["actor_id"], event["changes"]) == ("password_changed", str(user.id), [])


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("", NEW, "/old_password"),
        ("x" * 65, NEW, "/old_password"),
        (PASSWORD, "eleven char", "/new_password"),
        (PASSWORD, "x" * 65, "/new_password"),
    ],
)
async def test_body_that_violates_its_schema(
    client: httpx.AsyncClient, user: Actor, old: str, new: str, pointer: str
) -> None:
    assert violations(await change(client, user, old, new)) == [("body", pointer)]
