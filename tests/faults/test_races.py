"""What must hold when requests race. `python -m tests.faults.races` has the full counts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from load.service import isolated_environment, prepare, service
from tests.faults import races


class Target:
    """A running service of two workers, and its admin's and its user's credentials."""

    def __init__(self, url: str, dsn: str, seeded: dict[str, Any]) -> None:
        self.url, self.dsn = url, dsn
        self.admin, self.user = seeded["admin"], seeded["user"]


@pytest.fixture
def target(database: object, database_url: str, tmp_path: Path) -> Iterator[Target]:
    environment = isolated_environment(tmp_path) | races.RAISED | {"DATABASE_URL": database_url}
    seeding = ["seed", "--users", "2", "--posts", "0", "--tokens", "0"]
    seeded = json.loads(prepare(seeding, str(tmp_path), environment))
    with service(str(tmp_path), environment, "--workers", "2", "--no-mail-worker") as url:
        yield Target(url, database_url, seeded)


async def test_races(target: Target) -> None:
    """One service for all of them: starting it takes longer than they do."""
    found = await races.register_at_once(target.url, 100)
    assert found == {201: 1, 409: 99}

    async with races.clients(target.url, 30) as client:
        first = await races.log_in(client, races.EMAIL, races.PASSWORD)
        statuses, successors = await races.refresh_at_once(client, first["refresh_token"], 30)
        assert (statuses, len(successors)) == ({200}, 1)
        assert await races.refresh_at_once(client, successors.pop(), 1) != ({401}, set())

        admins = [await races.log_in(client, **account) for account in (target.admin, target.user)]
        connection = await asyncpg.connect(target.dsn)
        author = await races.log_in(client, races.EMAIL, races.PASSWORD)
        acknowledged, stored, left = await races.write_until_deactivated(
            target.url, connection, admins[0], author, 16
        )
        assert acknowledged == stored == left > 0
        assert set(await races.demote_each_other(client, connection, admins, 10)) == {1}
        await connection.close()

        await every_worker_knows_of_a_log_out(client, admins[1]["access_token"])


async def every_worker_knows_of_a_log_out(client: httpx.AsyncClient, access_token: str) -> None:
    headers = {"authorization": f"Bearer {access_token}", "connection": "close"}
    before = [(await client.get(races.ME, headers=headers)).status_code for _ in range(10)]
    assert (await client.post("/api/v1/auth/logout", headers=headers)).status_code == 204
    after = [(await client.get(races.ME, headers=headers)).status_code for _ in range(10)]
    assert (set(before), set(after)) == ({200}, {401})
