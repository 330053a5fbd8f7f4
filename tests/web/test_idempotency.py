"""A request that comes again with its Idempotency-Key: the same answer, and the work is done once."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.tables import new_id
from pressroom.idempotency.queries import delete_expired_keys
from pressroom.worker import Worker
from tests.contract.document import DOCUMENT, OPERATIONS, handler_of, resolve
from tests.service import PASSWORD, Actor, MakeUser, violations

POSTS = "/api/v1/posts"
REGISTER = "/api/v1/auth/register"
POST = {"title": "Notes", "content": "Some text."}
NEW = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
MESSAGE = {"subject": "Welcome", "body": "Good to have you here."}
KEY = {"idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}

#: What creates or sends nothing that a repetition would double.
REPEATABLE = {"login"}


async def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    connection = await database.connect()
    found = await connection.fetch(statement)
    await connection.close()
    return [dict(row) for row in found]


async def count(database: Database, table: str) -> int:
    return len(await rows(database, f"SELECT FROM {table}"))


def test_every_post_that_creates_or_sends_takes_a_key() -> None:
    keyed = {
        handler_of(operation["operationId"])
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        and any(resolve(it)["name"] == "Idempotency-Key" for it in operation.get("parameters", ()))
    }
    creating = {
        name
        for name, operation in OPERATIONS.items()
        if operation.method == "POST" and {201, 202} & operation.responses.keys()
    }
    assert keyed == creating - REPEATABLE


@pytest.mark.parametrize("body", [POST, POST | {"is_published": True, "title": "\U0001f600 é"}])
async def test_the_same_answer_again(
    client: httpx.AsyncClient, user: Actor, database: Database, body: dict[str, object]
) -> None:
    first = await client.post(POSTS, json=body, headers=KEY, auth=user)
    again = await client.post(POSTS, json=body, headers=KEY, auth=user)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("location", "etag", "content-type", "content-length"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(database, "posts") == 1


async def test_members_in_another_order_are_the_same_request(client: httpx.AsyncClient, user: Actor) -> None:
    first = await client.post(POSTS, json=POST, headers=KEY, auth=user)
    again = await client.post(POSTS, json=dict(reversed(POST.items())), headers=KEY, auth=user)
    assert again.content == first.content


async def test_other_content_under_a_known_key_is_a_conflict(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    await client.post(POSTS, json=POST, headers=KEY, auth=user)
    answer = await client.post(POSTS, json={**POST, "title": "Other notes"}, headers=KEY, auth=user)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/idempotency-key-reused")
    assert await count(database, "posts") == 1


async def test_another_receiver_is_other_content(
    client: httpx.AsyncClient, admin: Actor, user: Actor, other: Actor, database: Database
) -> None:
    for receiver, status in [(user, 202), (other, 409), (user, 202)]:
        path = f"/api/v1/users/{receiver.id}/notify"
        assert (await client.post(path, json=MESSAGE, headers=KEY, auth=admin)).status_code == status
    assert await count(database, "jobs") == 1


async def test_keys_of_two_callers_and_of_two_operations_never_meet(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database
) -> None:
    for caller in (user, admin):
        assert (await client.post(POSTS, json=POST, headers=KEY, auth=caller)).status_code == 201
    path = f"/api/v1/users/{user.id}/notify"
    assert (await client.post(path, json=MESSAGE, headers=KEY, auth=admin)).status_code == 202
    assert await count(database, "posts") == 2


async def test_without_a_key_each_request_is_its_own(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    for _ in range(2):
        assert (await client.post(POSTS, json=POST, auth=user)).status_code == 201
    assert await count(database, "posts") == 2
    assert await count(database, "idempotency_keys") == 0


async def test_a_refusal_is_not_kept(client: httpx.AsyncClient, admin: Actor, database: Database) -> None:
    path = f"/api/v1/users/{new_id()}/notify"
    assert (await client.post(path, json=MESSAGE, headers=KEY, auth=admin)).status_code == 404
    assert len(violations(await client.post(POSTS, json={}, headers=KEY, auth=admin))) == 2
    assert await count(database, "idempotency_keys") == 0
    assert (await client.post(POSTS, json=POST, headers=KEY, auth=admin)).status_code == 201


async def test_who_may_no_longer_do_it_is_told_nothing(
    client: httpx.AsyncClient, make_user: MakeUser, user: Actor, database: Database
) -> None:
    admin = await make_user("admin")
    path = f"/api/v1/users/{user.id}/notify"
    assert (await client.post(path, json=MESSAGE, headers=KEY, auth=admin)).status_code == 202
    await rows(database, f"UPDATE users SET role = 'user' WHERE id = '{admin.id}'")
    assert (await client.post(path, json=MESSAGE, headers=KEY, auth=admin)).status_code == 403


async def test_a_registration_is_repeatable_and_its_password_cannot_be_guessed_from_what_is_kept(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await client.post(REGISTER, json=NEW, headers=KEY)
    again = await client.post(REGISTER, json=NEW, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    guess = await client.post(REGISTER, json={**NEW, "password": PASSWORD + "!"}, headers=KEY)
    assert (guess.status_code, guess.json()["type"]) == (409, "/problems/idempotency-key-reused")
    unkeyed = await client.post(REGISTER, json=NEW)
    assert (unkeyed.status_code, unkeyed.json()["type"]) == (409, "/problems/email-taken")
    (kept,) = await rows(database, "SELECT * FROM idempotency_keys")
    assert PASSWORD not in repr(kept)


async def test_100_notifications_of_one_key_at_once_are_one_mail(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database
) -> None:
    path = f"/api/v1/users/{user.id}/notify"
    answers = await asyncio.gather(
        *(client.post(path, json=MESSAGE, headers=KEY, auth=admin) for _ in range(100))
    )
    assert Counter(answer.status_code for answer in answers) == {202: 100}
    assert len({answer.content for answer in answers}) == 1
    assert await count(database, "notifications") == await count(database, "jobs") == 1


async def test_registrations_of_one_key_at_once_get_one_answer(
    client: httpx.AsyncClient, database: Database
) -> None:
    """The second is refused for the address that the first has taken, and still is told what that one was."""
    answers = await asyncio.gather(*(client.post(REGISTER, json=NEW, headers=KEY) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {201: 10}
    assert len({answer.content for answer in answers}) == 1
    assert await count(database, "users") == 1


async def test_of_two_contents_at_once_one_is_a_conflict(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    bodies = [{**POST, "title": f"Notes {number % 2}"} for number in range(20)]
    answers = await asyncio.gather(
        *(client.post(POSTS, json=body, headers=KEY, auth=user) for body in bodies)
    )
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 10}
    assert await count(database, "posts") == 1


@pytest.mark.parametrize(
    "change",
    [
        "response = 'CreatePost299'",
        "content = (content::jsonb - 'etag')::text",
        'content = (content::jsonb || \'{"link": "/"}\')::text',
        "content = (content::jsonb #- '{body,title}')::text",
        "content = (content::jsonb || '{\"body\": null}')::text",
        "content = jsonb_set(content::jsonb, '{body,views}', '7')::text",
        "content = jsonb_set(content::jsonb, '{body,is_published}', '\"no\"')::text",
    ],
)
async def test_an_answer_that_the_contract_no_longer_has_is_a_conflict(
    client: httpx.AsyncClient, user: Actor, database: Database, change: str
) -> None:
    """As after a deployment that changed the answer: the work was done, and is not done again."""
    await client.post(POSTS, json=POST, headers=KEY, auth=user)
    await rows(database, f"UPDATE idempotency_keys SET {change}")
    answer = await client.post(POSTS, json=POST, headers=KEY, auth=user)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/answer-outdated")
    assert await count(database, "posts") == 1


async def test_a_key_is_forgotten_after_24_hours(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    for hours, posts in [(23.99, 1), (24.01, 2), (23.99, 2)]:
        await client.post(POSTS, json=POST, headers=KEY, auth=user)
        await rows(database, f"UPDATE idempotency_keys SET created_at = now() - interval '{hours} hours'")
        answer = await client.post(POSTS, json=POST, headers=KEY, auth=user)
        assert answer.status_code == 201
        assert await count(database, "posts") == posts


async def test_the_worker_deletes_what_has_expired(
    client: httpx.AsyncClient, user: Actor, database_url: str, database: Database
) -> None:
    for number in range(3):
        await client.post(POSTS, json=POST, headers={"idempotency-key": str(number)}, auth=user)
    await rows(
        database, "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key <> '1'"
    )
    failed: list[UnitOfWork] = []

    async def fail(unit: UnitOfWork) -> None:
        failed.append(unit)
        raise ZeroDivisionError

    worker = Worker(Database(database_url, size=2), {}, chores=[fail, delete_expired_keys], tidy_every=0.01)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while await count(database, "idempotency_keys") > 1 or len(failed) < 2:
            await asyncio.sleep(0.01)
    worker.stop()
    await task
    (kept,) = await rows(database, "SELECT key FROM idempotency_keys")
    assert kept["key"] == "1"


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é", "\t"])
async def test_key_that_violates_its_schema(client: httpx.AsyncClient, user: Actor, key: str) -> None:
    headers = {b"idempotency-key": key.encode("latin-1")}
    answer = await client.post(POSTS, json=POST, headers=headers, auth=user)
    assert violations(answer) == [("header", "/Idempotency-Key")]
