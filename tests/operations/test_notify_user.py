import asyncio
import email
import email.policy
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.tables import new_id
from pressroom.mail import enqueue_notification_mail
from pressroom.main import create_app
from pressroom.notifications import handlers
from pressroom.settings import Settings
from tests.service import PASSWORD, Actor, serving, violations

MESSAGE = {"subject": "Wëlcome", "body": "Good to have you here.\nSee you \U0001f600"}


def path(actor: Actor) -> str:
    return f"/api/v1/users/{actor.id}/notify"


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    connection = await database.connect()
    found = await connection.fetch(f"SELECT * FROM {table}")
    await connection.close()
    return [dict(row) for row in found]


async def test_notification_is_queued_with_its_job(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database
) -> None:
    answer = await client.post(path(user), json=MESSAGE, auth=admin)
    assert answer.status_code == 202
    notification = answer.json()
    expected = {**MESSAGE, "state": "queued", "user_id": str(user.id)}
    assert {name: notification[name] for name in expected} == expected
    (row,) = await rows(database, "notifications")
    assert (str(row["id"]), row["state"]) == (notification["id"], "queued")
    (job,) = await rows(database, "jobs")
    assert notification["id"] in job["payload"]
    assert user.email not in job["payload"]


async def test_notification_and_job_are_stored_together_or_not_at_all(
    client: httpx.AsyncClient,
    admin: Actor,
    user: Actor,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def enqueue_and_fail(unit: UnitOfWork, notification_id: UUID) -> None:
        await enqueue_notification_mail(unit, notification_id)
        raise RuntimeError("between the job and the answer")

    monkeypatch.setattr(handlers, "enqueue_notification_mail", enqueue_and_fail)
    assert (await client.post(path(user), json=MESSAGE, auth=admin)).status_code == 500
    assert await rows(database, "notifications") == []
    assert await rows(database, "jobs") == []


async def test_a_deleted_account_gets_no_mail(
    client: httpx.AsyncClient, admin: Actor, user: Actor, database: Database
) -> None:
    body = {"password": PASSWORD, "posts": "keep"}
    assert (await client.post("/api/v1/users/me/delete", json=body, auth=user)).status_code == 204
    answer = await client.post(path(user), json=MESSAGE, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/user-not-found")
    assert await rows(database, "jobs") == []


async def test_a_deactivated_account_gets_its_mail(
    client: httpx.AsyncClient, admin: Actor, deactivated: Actor, database: Database
) -> None:
    """It may be what tells of the deactivation."""
    assert (await client.post(path(deactivated), json=MESSAGE, auth=admin)).status_code == 202
    assert len(await rows(database, "jobs")) == 1


async def test_the_mail_worker_sends_it(
    settings: Settings, database: Database, admin: Actor, user: Actor
) -> None:
    app = create_app(settings.model_copy(update={"mail_worker": True}))
    async with asyncio.timeout(20), serving(app) as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        while (await rows(database, "notifications"))[0]["state"] == "queued":
            await asyncio.sleep(0.02)
    (row,) = await rows(database, "notifications")
    assert (str(row["id"]), row["state"]) == (answer.json()["id"], "sent")
    assert await rows(database, "jobs") == []
    (file,) = Path(settings.mailbox_dir).glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert mail["To"] == f"Ada Lovelace <{user.email}>"
    assert mail["Subject"] == MESSAGE["subject"]
    assert mail.get_content().splitlines() == MESSAGE["body"].splitlines()


async def test_unknown_user(client: httpx.AsyncClient, admin: Actor, database: Database) -> None:
    answer = await client.post(f"/api/v1/users/{new_id()}/notify", json=MESSAGE, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/user-not-found")
    assert await rows(database, "jobs") == []


@pytest.mark.parametrize("caller", ["user", "moderator", "demoted"])
async def test_for_admins_only(
    client: httpx.AsyncClient, actors: dict[str, Actor], database: Database, caller: str
) -> None:
    answer = await client.post(path(actors["user"]), json=MESSAGE, auth=actors[caller])
    assert answer.status_code == 403
    assert await rows(database, "notifications") == []


async def test_without_a_token(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.post(path(user), json=MESSAGE)).status_code == 401


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("subject", ""),
        ("subject", "x" * 201),
        ("subject", "Hello\r\nBcc: everybody@example.com"),
        ("subject", None),
        ("body", ""),
        ("body", "x" * 5001),
        ("body", "a\0b"),
        ("body", 1),
    ],
)
async def test_member_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, member: str, value: object
) -> None:
    answer = await client.post(path(admin), json={**MESSAGE, member: value}, auth=admin)
    assert violations(answer) == [("body", f"/{member}")]


@pytest.mark.parametrize("member", ["subject", "body"])
async def test_members_are_required(client: httpx.AsyncClient, admin: Actor, member: str) -> None:
    body = {name: value for name, value in MESSAGE.items() if name != member}
    assert violations(await client.post(path(admin), json=body, auth=admin)) == [("body", f"/{member}")]


async def test_receiver_cannot_be_named_in_the_body(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.post(path(admin), json={**MESSAGE, "to": "x@example.com"}, auth=admin)
    assert len(violations(answer)) == 1


async def test_id_that_is_none(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.post("/api/v1/users/me/notify", json=MESSAGE, auth=admin)
    assert violations(answer) == [("path", "/user_id")]
