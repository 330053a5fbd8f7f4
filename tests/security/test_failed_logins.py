"""Failed log-ins are in the audit trail: bounded, without what was typed, and alike for unknown addresses."""

from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from tests.service import PASSWORD, Actor

TYPED = "a password that was typed"
LOGIN = "/api/v1/auth/login"
Event = dict[str, Any]


async def fail(client: httpx.AsyncClient, email: str, password: str = TYPED) -> httpx.Response:
    answer = await client.post(LOGIN, json={"email": email, "password": password})
    assert answer.status_code == 401
    return answer


async def trail(client: httpx.AsyncClient, admin: Actor, **filters: str) -> list[Event]:
    answer = await client.get("/api/v1/audit-events", params=filters, auth=admin)
    assert TYPED not in answer.text
    events: list[Event] = answer.json()["items"]
    return [event for event in events if event["action"] == "user_updated"]


@pytest.mark.parametrize("who", ["user", "deactivated", "nobody"])
async def test_a_failed_log_in_is_told_with_where_it_came_from(
    client: httpx.AsyncClient, actors: dict[str, Actor], admin: Actor, who: str
) -> None:
    email = actors[who].email if who in actors else "nobody@example.com"
    answer = await fail(client, email, PASSWORD if who == "deactivated" else TYPED)
    (event,) = await trail(client, admin)
    assert event["changes"] == [{"member": "login", "before": None, "after": "failed"}]
    assert (event["actor_id"], event["address"]) == (None, "127.0.0.1")
    assert event["request_id"] == answer.headers["x-request-id"]
    if who in actors:
        assert event["subject_id"] == str(actors[who].id)
    else:
        assert event["subject_id"] not in {str(actor.id) for actor in actors.values()}
        assert "nobody" not in str(event)


async def test_whoever_tries_passwords_does_not_fill_the_trail(
    client: httpx.AsyncClient, user: Actor, other: Actor, admin: Actor, database: Database
) -> None:
    for email in (user.email, "nobody@example.com", "NOBODY@example.com", other.email) * 5:
        await fail(client, email)
    assert len(await trail(client, admin)) == 3
    assert len(await trail(client, admin, subject_id=str(user.id))) == 1
    connection = await database.connect()
    await connection.execute("ALTER TABLE audit_events DISABLE TRIGGER USER")
    await connection.execute("UPDATE audit_events SET created_at = created_at - interval '5 minutes'")
    await connection.execute("ALTER TABLE audit_events ENABLE TRIGGER USER")
    await connection.close()
    for email in (user.email, "nobody@example.com") * 2:
        await fail(client, email)
    assert len(await trail(client, admin)) == 5


async def test_a_log_in_that_succeeds_is_no_failed_one(
    client: httpx.AsyncClient, user: Actor, admin: Actor
) -> None:
    answer = await client.post(LOGIN, json={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert await trail(client, admin) == []
