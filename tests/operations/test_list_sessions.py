from datetime import UTC, datetime, timedelta

import httpx

from contractgen_runtime.postgres.db import Database
from pressroom.auth.queries import MOST_SESSIONS, delete_expired_sessions
from tests.service import PASSWORD, Actor, MakeSession

PATH = "/api/v1/auth/sessions"


async def test_a_session_tells_where_it_came_from(client: httpx.AsyncClient, user: Actor) -> None:
    login = await client.post(
        "/api/v1/auth/login",
        json={"email": user.email, "password": PASSWORD},
        headers={b"user-agent": b"A Browser \x01\xe9" + b"!" * 300},
    )
    headers = {"authorization": f"Bearer {login.json()['access_token']}"}
    here, elsewhere = (await client.get(PATH, headers=headers)).json()["items"]
    assert (here["address"], here["is_current"]) == ("127.0.0.1", True)
    assert here["user_agent"] == ("A Browser \xe9" + "!" * 300)[:200]
    assert here["created_at"] == here["last_used_at"]
    in_two_weeks = datetime.now(UTC) + timedelta(days=14)
    assert abs(datetime.fromisoformat(here["expires_at"]) - in_two_weeks) < timedelta(minutes=1)
    assert (elsewhere["id"], elsewhere["is_current"]) == (str(user.session_id), False)


async def test_nobody_elses_and_no_expired_one(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_session: MakeSession, database: Database
) -> None:
    expired = await make_session(user)
    connection = await database.connect()
    await connection.execute("UPDATE sessions SET expires_at = now() WHERE id = $1", expired.session_id)
    await connection.close()
    (only,) = (await client.get(PATH, auth=user)).json()["items"]
    assert only["id"] == str(user.session_id)


async def test_a_refresh_is_a_use(client: httpx.AsyncClient, user: Actor, make_session: MakeSession) -> None:
    later = await make_session(user)
    await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh_token})
    items = (await client.get(PATH, auth=user)).json()["items"]
    assert [item["id"] for item in items] == [str(user.session_id), str(later.session_id)]
    assert items[0]["last_used_at"] > items[0]["created_at"]


async def test_of_too_many_the_ones_unused_for_longest_end(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession
) -> None:
    made = [await make_session(user) for _ in range(MOST_SESSIONS)]
    assert (await client.get(PATH, auth=user)).status_code == 401  # the first of 101
    items = (await client.get(PATH, auth=made[0])).json()["items"]
    assert [item["id"] for item in items] == [str(session.session_id) for session in reversed(made)]


async def test_expired_sessions_are_tidied_away(
    client: httpx.AsyncClient, user: Actor, other: Actor, database: Database
) -> None:
    connection = await database.connect()
    await connection.execute("UPDATE sessions SET expires_at = now() WHERE user_id = $1", other.id)
    async with database.transaction() as unit:
        await delete_expired_sessions(unit)
    assert [row["id"] for row in await connection.fetch("SELECT id FROM sessions")] == [user.session_id]
    assert await connection.fetchval("SELECT count(*) FROM refresh_tokens") == 1
    await connection.close()
