import asyncio
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from pressroom import outbox
from pressroom.settings import Settings
from pressroom.worker import create_worker
from tests.service import Actor

MESSAGE = {"subject": "Welcome", "body": "Good to have you here."}


async def notify(client: httpx.AsyncClient, admin: Actor, receiver: Actor) -> str:
    """Where the notification is."""
    answer = await client.post(f"/api/v1/users/{receiver.id}/notify", json=MESSAGE, auth=admin)
    assert answer.status_code == 202
    location: str = answer.headers["location"]
    assert location.endswith(answer.json()["id"])
    assert (await client.get(location, auth=admin)).json() == answer.json()
    return location


async def wait_for(client: httpx.AsyncClient, admin: Actor, location: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            body: dict[str, Any] = (await client.get(location, auth=admin)).json()
            if body["state"] == state:
                return body
            await asyncio.sleep(0.02)


async def test_queued_then_sent(
    client: httpx.AsyncClient, settings: Settings, admin: Actor, user: Actor
) -> None:
    location = await notify(client, admin, user)
    queued = (await client.get(location, auth=admin)).json()
    assert (queued["state"], queued["attempts"]) == ("queued", 0)
    worker = create_worker(settings)
    task = asyncio.create_task(worker.run())
    sent = await wait_for(client, admin, location, "sent")
    worker.stop()
    await task
    assert sent == queued | {"state": "sent", "attempts": 1}


async def test_failed_after_the_last_attempt(
    client: httpx.AsyncClient,
    settings: Settings,
    admin: Actor,
    user: Actor,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "backoff", lambda attempts: 0.0)
    settings.mailbox_dir.write_text("a file where the folder should be")
    location = await notify(client, admin, user)
    worker = create_worker(settings)
    task = asyncio.create_task(worker.run())
    failed = await wait_for(client, admin, location, "failed")
    assert failed["attempts"] == outbox.MAX_ATTEMPTS == 10
    settings.mailbox_dir.unlink()
    async with database.transaction() as unit:
        (dead,) = await outbox.select_dead(unit)
        assert await outbox.revive(unit, dead["id"])
    assert (await wait_for(client, admin, location, "sent"))["attempts"] == 1
    worker.stop()
    await task


async def test_unknown_notification(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.get(f"/api/v1/notifications/{new_id()}", auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/notification-not-found")


async def test_not_for_its_receiver(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    assert (await client.get(await notify(client, admin, user), auth=user)).status_code == 403
