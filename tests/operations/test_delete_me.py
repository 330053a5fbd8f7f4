import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from tests.service import PASSWORD, Actor, MakePost, MakeSession, MakeUser, violations

PATH = "/api/v1/users/me/delete"


async def delete(
    client: httpx.AsyncClient, actor: Actor, posts: str = "keep", password: str = PASSWORD
) -> httpx.Response:
    return await client.post(PATH, json={"password": password, "posts": posts}, auth=actor)


async def test_nothing_tells_any_more_who_it_was(
    client: httpx.AsyncClient, admin: Actor, make_user: MakeUser, database: Database
) -> None:
    zelda = await make_user(email="zelda@example.com", full_name="Zelda Fitzgerald")
    message = {"subject": "Dear Zelda", "body": "Good to have you here, Zelda."}
    await client.post(f"/api/v1/users/{zelda.id}/notify", json=message, auth=admin)
    assert (await delete(client, zelda)).status_code == 204
    left = (await client.get(f"/api/v1/users/{zelda.id}", auth=admin)).json()
    assert (left["full_name"], left["email"]) == ("Deleted account", f"deleted-{zelda.id}@example.invalid")
    assert (left["role"], left["is_active"]) == ("user", False)
    connection = await database.connect()
    for table in ("users", "sessions", "mailed_tokens", "notifications", "audit_events"):
        rows = await connection.fetch(f"SELECT t::text FROM {table} t")
        assert not [row[0] for row in rows if "zelda" in row[0].lower()], table
    await connection.close()


@pytest.mark.parametrize("path", ["/api/v1/auth/register", "/api/v1/users"])
async def test_what_was_answered_to_it_and_of_it_is_kept_no_longer(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database, path: str
) -> None:
    async def ask(path: str, body: dict[str, str], caller: Actor) -> dict[str, Any]:
        headers = {"idempotency-key": path}
        answer = await client.post(path, json=body, headers=headers, auth=caller)
        assert answer.status_code in {201, 202}, answer.text
        told: dict[str, Any] = answer.json()
        return told

    new = {"email": "zelda@example.com", "password": PASSWORD, "full_name": "Zelda Fitzgerald"}
    made = await ask(path, new | ({"role": "user"} if path == "/api/v1/users" else {}), admin)
    login = await client.post("/api/v1/auth/login", json={"email": new["email"], "password": PASSWORD})
    zelda = replace(user, token=login.json()["access_token"])
    for author in (zelda, user):
        await ask("/api/v1/posts", {"title": "Notes", "content": "Some text."}, author)
    for receiver in (made["id"], user.id):
        await ask(f"/api/v1/users/{receiver}/notify", {"subject": "Hello", "body": "Welcome."}, admin)
    assert (await delete(client, zelda)).status_code == 204
    connection = await database.connect()
    rows = await connection.fetch("SELECT content, caller_id FROM idempotency_keys ORDER BY operation")
    await connection.close()
    assert [row["caller_id"] for row in rows] == [user.id, admin.id]
    assert made["id"] not in str(rows)


async def test_nobody_gets_in_any_more_and_the_address_is_free(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession
) -> None:
    sessions = [user, await make_session(user)]
    await delete(client, user)
    for session in sessions:
        assert (await client.get("/api/v1/users/me", auth=session)).status_code == 401
    credentials = {"email": user.email, "password": PASSWORD}
    assert (await client.post("/api/v1/auth/login", json=credentials)).status_code == 401
    again = await client.post("/api/v1/auth/register", json={**credentials, "full_name": "Somebody Else"})
    assert again.status_code == 201
    assert again.json()["id"] != str(user.id)


@pytest.mark.parametrize(("posts", "status"), [("keep", 200), ("delete", 404)])
async def test_posts_as_asked(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_post: MakePost, posts: str, status: int
) -> None:
    own, others = await make_post(user), await make_post(other)
    await delete(client, user, posts)
    assert (await client.get(f"/api/v1/posts/{own['id']}")).status_code == status
    assert (await client.get(f"/api/v1/posts/{others['id']}")).status_code == 200


async def test_the_password_is_needed(client: httpx.AsyncClient, user: Actor) -> None:
    answer = await delete(client, user, password="a wrong one")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-password")
    assert (await client.get("/api/v1/users/me", auth=user)).status_code == 200


async def test_the_last_active_admin_stays(
    client: httpx.AsyncClient, admin: Actor, deactivated: Actor
) -> None:
    answer = await delete(client, admin)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/last-admin")
    assert (await client.get("/api/v1/users/me", auth=admin)).status_code == 200


async def test_of_all_admins_who_leave_at_once_one_stays(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    admins = [await make_user("admin") for _ in range(4)]
    answers = await asyncio.gather(*(delete(client, admin) for admin in admins))
    assert sorted(answer.status_code for answer in answers) == [204, 204, 204, 409]


async def test_it_is_told_in_the_audit_trail(client: httpx.AsyncClient, user: Actor, admin: Actor) -> None:
    await delete(client, user)
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    told = (event["action"], event["actor_id"], event["subject_id"])
    assert told == ("user_deleted", str(user.id), str(user.id))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"password": PASSWORD}, "/posts"),
        ({"posts": "keep"}, "/password"),
        ({"password": PASSWORD, "posts": "burn"}, "/posts"),
    ],
)
async def test_body_that_violates_its_schema(
    client: httpx.AsyncClient, user: Actor, body: dict[str, str], pointer: str
) -> None:
    assert violations(await client.post(PATH, json=body, auth=user)) == [("body", pointer)]
