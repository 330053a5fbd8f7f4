from typing import Any

import asyncpg
import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from tests.service import ANY_VERSION, PASSWORD, Actor, MakeUser, violations

PATH = "/api/v1/audit-events"


async def page(client: httpx.AsyncClient, admin: Actor, **parameters: object) -> dict[str, Any]:
    given = {name: str(value) for name, value in parameters.items() if value is not None}
    answer = await client.get(PATH, params=given, auth=admin)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def rename(client: httpx.AsyncClient, user: Actor, name: str = "Ada King") -> None:
    answer = await client.patch(
        f"/api/v1/users/{user.id}", json={"full_name": name}, headers=ANY_VERSION, auth=user
    )
    assert answer.status_code == 200


async def test_empty(client: httpx.AsyncClient, admin: Actor) -> None:
    assert await page(client, admin) == {"items": [], "next_cursor": None}


async def test_an_event_tells_who_did_what_to_whom(
    client: httpx.AsyncClient, admin: Actor, user: Actor
) -> None:
    change = {"role": "moderator", "is_active": False, "full_name": "Grace Hopper"}
    headers = {"x-request-id": "the-request"}
    await client.patch(f"/api/v1/users/{user.id}", json=change, headers=headers | ANY_VERSION, auth=admin)
    (event,) = (await page(client, admin))["items"]
    assert event == {
        "id": event["id"],
        "action": "user_updated",
        "actor_id": str(admin.id),
        "subject_id": str(user.id),
        "changes": [
            {"member": "role", "before": "user", "after": "moderator"},
            {"member": "is_active", "before": "true", "after": "false"},
        ],
        "address": "127.0.0.1",
        "request_id": "the-request",
        "created_at": event["created_at"],
    }
    assert "Grace" not in str(event)


async def test_a_refused_change_leaves_no_event(
    client: httpx.AsyncClient, admin: Actor, user: Actor, other: Actor
) -> None:
    await client.patch(f"/api/v1/users/{other.id}", json={"role": "admin"}, headers=ANY_VERSION, auth=user)
    await client.patch(f"/api/v1/users/{new_id()}", json={"role": "admin"}, headers=ANY_VERSION, auth=admin)
    body = {"email": user.email, "password": PASSWORD, "full_name": "Somebody Else"}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 409
    assert (await page(client, admin))["items"] == []


async def test_filters_narrow_together(
    client: httpx.AsyncClient, admin: Actor, user: Actor, other: Actor
) -> None:
    body = {"email": "new@example.com", "password": PASSWORD, "full_name": "New Account"}
    new = (await client.post("/api/v1/auth/register", json=body)).json()["id"]
    await rename(client, user)
    await client.patch(
        f"/api/v1/users/{user.id}", json={"role": "moderator"}, headers=ANY_VERSION, auth=admin
    )

    async def found(**parameters: object) -> list[tuple[str, str, str]]:
        items = (await page(client, admin, **parameters))["items"]
        return [(item["action"], item["actor_id"], item["subject_id"]) for item in items]

    registered = ("user_registered", new, new)
    renamed = ("user_updated", str(user.id), str(user.id))
    raised = ("user_updated", str(admin.id), str(user.id))
    assert await found() == [raised, renamed, registered]
    assert await found(action="user_registered") == [registered]
    assert await found(actor_id=admin.id) == [raised]
    assert await found(subject_id=user.id) == [raised, renamed]
    assert await found(subject_id=user.id, actor_id=user.id, action="user_updated") == [renamed]
    assert await found(subject_id=other.id) == []


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
async def test_pages_concatenated_are_the_trail_while_it_grows(
    client: httpx.AsyncClient, admin: Actor, make_user: MakeUser, limit: int
) -> None:
    made = [await make_user() for _ in range(6)]
    for actor in made:
        await rename(client, actor)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        body = await page(client, admin, limit=limit, cursor=cursor)
        assert 1 <= len(body["items"]) <= limit
        seen += [item["subject_id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        await rename(client, admin)
    assert seen == [str(actor.id) for actor in reversed(made)]


@pytest.mark.parametrize("cursor", ["x", "A" * 48])
async def test_a_foreign_cursor_is_not_found(client: httpx.AsyncClient, admin: Actor, cursor: str) -> None:
    answer = await client.get(PATH, params={"cursor": cursor}, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/cursor-not-found")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("limit", "0"), ("limit", "101"), ("action", "user_eaten"), ("actor_id", "42"), ("subject_id", "")],
)
async def test_parameter_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, parameter: str, value: str
) -> None:
    answer = await client.get(PATH, params={parameter: value}, auth=admin)
    assert violations(answer) == [("query", f"/{parameter}")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET action = action", "DELETE FROM audit_events", "TRUNCATE audit_events"],
)
async def test_the_database_itself_refuses_to_change_the_trail(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database, statement: str
) -> None:
    await rename(client, user)
    connection = await database.connect()
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await connection.execute(statement)
    await connection.close()
    assert len((await page(client, admin))["items"]) == 1
