import asyncio
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.users.queries import update_user
from tests.service import Actor, MakeSession, ReadMail, bytes_of, violations

PATH = "/api/v1/auth/refresh"


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(PATH, json={"refresh_token": token})


async def refresh_when_served(client: httpx.AsyncClient, token: str) -> httpx.Response:
    """As clients do that heed Retry-After: where the machine is busy, not all get a connection in time."""
    while (answer := await refresh(client, token)).status_code == 503:
        await asyncio.sleep(int(answer.headers["retry-after"]))
    return answer


async def refreshed(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    answer = await refresh(client, token)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def status_of(client: httpx.AsyncClient, access_token: str) -> int:
    headers = {"authorization": f"Bearer {access_token}"}
    return (await client.get("/api/v1/users/me", headers=headers)).status_code


async def age(database: Database, seconds: float) -> None:
    """Let every refresh token have been used that much earlier."""
    connection = await database.connect()
    await connection.execute(f"UPDATE refresh_tokens SET used_at = used_at - interval '{seconds} seconds'")
    await connection.close()


async def test_new_tokens_of_the_same_session(client: httpx.AsyncClient, user: Actor) -> None:
    tokens = await refreshed(client, user.refresh_token)
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 1800)
    assert tokens["user"]["id"] == str(user.id)
    assert tokens["refresh_token"] != user.refresh_token
    assert await status_of(client, tokens["access_token"]) == 200
    assert len((await client.get("/api/v1/auth/sessions", auth=user)).json()["items"]) == 1


async def test_a_chain_of_tokens(client: httpx.AsyncClient, user: Actor) -> None:
    token, seen = user.refresh_token, {user.refresh_token}
    for _ in range(5):
        token = (await refreshed(client, token))["refresh_token"]
        seen.add(token)
    assert len(seen) == 6


async def test_only_digests_are_stored(client: httpx.AsyncClient, user: Actor, database: Database) -> None:
    tokens = await refreshed(client, user.refresh_token)
    connection = await database.connect()
    rows = await connection.fetch("SELECT * FROM refresh_tokens")
    await connection.close()
    assert {len(row["digest"]) for row in rows} == {32}
    for token in (user.refresh_token, tokens["refresh_token"]):
        assert token not in str(rows)


async def test_the_latest_use_repeated_within_the_grace_has_the_same_answer(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    first = await refreshed(client, user.refresh_token)
    await age(database, 9)
    again = await refreshed(client, user.refresh_token)
    assert again["refresh_token"] == first["refresh_token"]
    assert await status_of(client, again["access_token"]) == 200


async def test_a_hundred_at_once_get_one_successor_and_the_session_lives(
    client: httpx.AsyncClient, user: Actor
) -> None:
    answers = await asyncio.gather(*(refresh_when_served(client, user.refresh_token) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert (await refresh(client, successor)).status_code == 200


@pytest.mark.parametrize("case", ["after the grace", "no longer the latest"])
async def test_any_other_second_use_ends_the_session(
    client: httpx.AsyncClient,
    user: Actor,
    admin: Actor,
    make_session: MakeSession,
    database: Database,
    case: str,
) -> None:
    elsewhere = await make_session(user)
    tokens = await refreshed(client, user.refresh_token)
    if case == "after the grace":
        await age(database, 11)
    else:
        tokens = await refreshed(client, tokens["refresh_token"])
    stolen = await refresh(client, user.refresh_token)
    assert (stolen.status_code, stolen.json()["type"]) == (401, "/problems/invalid-refresh-token")
    assert stolen.headers["www-authenticate"] == "Bearer"
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401
    assert await status_of(client, tokens["access_token"]) == 401
    assert await status_of(client, user.token) == 401
    assert await status_of(client, elsewhere.token) == 200  # another session is not touched
    events = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert [(event["action"], event["subject_id"]) for event in events] == [
        ("refresh_token_reused", str(user.id))
    ]


async def test_the_owner_of_a_stolen_token_is_told_once(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, database: Database
) -> None:
    tokens = await refreshed(client, user.refresh_token)
    await age(database, 11)
    answers = await asyncio.gather(*(refresh_when_served(client, user.refresh_token) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {401}
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401
    (letter,) = await read_mail()
    assert (letter.email, letter.subject) == (user.email, "A session of yours was ended")
    assert "its key was used twice" in letter.body
    assert "#token=" not in letter.body


async def test_no_mail_tells_of_a_repetition_or_of_a_token_that_was_never_good(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    for token in (user.refresh_token, user.refresh_token, "x" * 43):
        await refresh(client, token)
    assert await read_mail() == []


async def test_every_refused_token_gets_the_same_answer(
    client: httpx.AsyncClient, user: Actor, other: Actor, deactivated: Actor, database: Database
) -> None:
    await client.post("/api/v1/auth/logout", auth=user)
    connection = await database.connect()
    expire = "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1"
    await connection.execute(expire, other.session_id)
    await connection.close()
    tokens = ["x" * 43, user.refresh_token, other.refresh_token, deactivated.refresh_token]
    answers = [await refresh(client, token) for token in tokens]
    assert {answer.status_code for answer in answers} == {401}
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert await status_of(client, other.token) == 401


async def test_the_new_role_is_in_the_answer(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    async with database.transaction() as unit:
        await update_user(unit, user.id, role="moderator")
    assert (await refreshed(client, user.refresh_token))["user"]["role"] == "moderator"


async def test_a_refresh_lets_the_session_live_on_but_not_for_ever(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    connection = await database.connect()
    lifetimes = "SELECT extract(epoch FROM expires_at - now())::int / 3600 / 24.0 FROM sessions"
    token = (await refreshed(client, user.refresh_token))["refresh_token"]
    assert 13 < await connection.fetchval(lifetimes) <= 14
    await connection.execute("UPDATE sessions SET created_at = now() - interval '29 days'")
    await refreshed(client, token)
    assert 0 < await connection.fetchval(lifetimes) <= 1
    await connection.close()


@pytest.mark.parametrize(
    "body",
    [
        {"refresh_token": "x" * 42},
        {"refresh_token": "x" * 44},
        {"refresh_token": "!" * 43},
        {"refresh_token": 7},
    ],
)
async def test_body_that_violates_its_schema(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert violations(await client.post(PATH, json=body)) == [("body", "/refresh_token")]


async def test_no_token(client: httpx.AsyncClient) -> None:
    assert violations(await client.post(PATH, json={})) == [("body", "/refresh_token")]
