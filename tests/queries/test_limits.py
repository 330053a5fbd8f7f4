"""Counting attempts: by account and by address, shared by all who use the database, whatever fails."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from contractgen_runtime.postgres.connections import Connection
from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom import limits
from pressroom.limits import Exceeded, Limits, Policy
from pressroom.settings import Settings
from pressroom.users.queries import lock_user
from tests.service import Actor

POLICY: Policy = {
    "policy": "tries",
    "account": {"quota": 3, "window": 60},
    "address": {"quota": 5, "window": 600},
}


@pytest.fixture(autouse=True)
def policies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POLICIES", {"try": POLICY, "retry": POLICY})


@pytest.fixture
def addresses() -> Iterator[str]:
    return (f"203.0.113.{number}" for number in range(1, 255))


class Counting:
    """Limits with a unit of work for each attempt, as requests have."""

    def __init__(self, settings: Settings, database: Database, scale: int = 1) -> None:
        self._limits = Limits(settings.model_copy(update={"rate_limit_scale": scale}))
        self._database = database

    async def count(self, account: str, address: str, operation: str = "try") -> Exceeded | None:
        unit = UnitOfWork(self._database)
        return await self._limits.count(unit, operation, account=account, address=address)

    async def forgive(self, account: str, address: str) -> None:
        await self._limits.forgive(UnitOfWork(self._database), "try", account=account, address=address)


@pytest.fixture
def counting(settings: Settings, database: Database) -> Counting:
    return Counting(settings, database)


async def test_an_account_has_its_quota_wherever_it_comes_from(
    counting: Counting, addresses: Iterator[str]
) -> None:
    refusals = [await counting.count("ada", next(addresses)) for _ in range(4)]
    assert refusals[:3] == [None] * 3
    refusal = refusals[3]
    assert refusal is not None
    assert 58 <= refusal["retry_after"] <= 60
    assert refusal["rate_limit"] == f'"account";r=0;t={refusal["retry_after"]}'
    assert refusal["rate_limit_policy"] == '"account";q=3;w=60, "address";q=5;w=600'
    assert await counting.count("bob", next(addresses)) is None


async def test_an_address_has_its_quota_whatever_account_it_tries(counting: Counting) -> None:
    refusals = [await counting.count(f"account {number}", "203.0.113.7") for number in range(6)]
    assert refusals[:5] == [None] * 5
    assert refusals[5] is not None
    assert refusals[5]["rate_limit"].startswith('"address";r=0;t=')
    assert await counting.count("account 7", "203.0.113.8") is None


async def test_of_two_spent_quotas_the_longer_wait_counts(counting: Counting) -> None:
    for _ in range(5):
        await counting.count("ada", "203.0.113.7")
    refusal = await counting.count("ada", "203.0.113.7")
    assert refusal is not None
    assert 598 <= refusal["retry_after"] <= 600


async def test_a_client_cannot_choose_among_its_ipv6_addresses(counting: Counting) -> None:
    for number in range(5):
        assert await counting.count(f"account {number}", f"2001:db8:0:1::{number}") is None
    assert await counting.count("account 6", "2001:db8:0:1:ffff::1") is not None
    assert await counting.count("account 6", "2001:db8:0:2::1") is None


async def test_operations_of_one_policy_share_it(counting: Counting, addresses: Iterator[str]) -> None:
    for operation in ("try", "retry", "try"):
        assert await counting.count("ada", next(addresses), operation) is None
    assert await counting.count("ada", next(addresses), "retry") is not None


async def test_a_window_that_is_over_starts_anew(
    counting: Counting, addresses: Iterator[str], database: Database
) -> None:
    refusals = [await counting.count("ada", next(addresses)) for _ in range(4)]
    assert refusals[3] is not None
    connection = await database.connect()
    await connection.execute("UPDATE rate_limits SET resets_at = now() - interval '1 second'")
    await connection.close()
    assert [await counting.count("ada", next(addresses)) for _ in range(3)] == [None] * 3
    assert await counting.count("ada", next(addresses)) is not None


async def test_a_forgiven_attempt_counts_no_longer(counting: Counting) -> None:
    for _ in range(20):
        assert await counting.count("ada", "203.0.113.7") is None
        await counting.forgive("ada", "203.0.113.7")


async def test_attempts_made_at_once_all_count(counting: Counting, addresses: Iterator[str]) -> None:
    refusals = await asyncio.gather(*(counting.count("ada", next(addresses)) for _ in range(40)))
    assert refusals.count(None) == 3


@pytest.mark.parametrize("change", ["count", "forgive"])
async def test_attempts_that_share_both_quotas_never_deadlock(
    counting: Counting, database: Database, change: str
) -> None:
    """Whoever waits for the row that is first by its key does not have the other one yet."""
    connection = await database.connect()
    lock = "SELECT true FROM rate_limits WHERE key = $1 FOR UPDATE"
    for number in range(2):
        await counting.count(f"account {number}", "203.0.113.7")
    address = await connection.fetchval("SELECT key FROM rate_limits WHERE attempts = 2")
    orders = set()
    for number in range(8):  # which of the two keys is the lower one is chance
        await connection.execute("DELETE FROM rate_limits WHERE key <> $1", address)
        await counting.count(f"account {number}", "203.0.113.7")
        account = await connection.fetchval("SELECT key FROM rate_limits WHERE key <> $1", address)
        orders.add(account < address)
        lower, higher = sorted([account, address])
        # In the table it stands behind the other one from now on.
        await connection.execute("UPDATE rate_limits SET attempts = attempts WHERE key = $1", lower)
        async with asyncio.TaskGroup() as tasks, connection.transaction():
            await connection.execute(lock, lower)
            tasks.create_task(getattr(counting, change)(f"account {number}", "203.0.113.7"))
            await waited_for(connection)
            is_free = await connection.fetchval(f"{lock} SKIP LOCKED", higher)
        assert is_free, "it has the row that is second"
    await connection.close()
    assert orders == {True, False}


async def waited_for(connection: Connection) -> None:
    """Until somebody waits for what this connection has locked."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    async with asyncio.timeout(5):
        while not await connection.fetchval(waiting):
            await asyncio.sleep(0.005)


async def test_two_workers_share_the_counters(
    settings: Settings, database: Database, addresses: Iterator[str]
) -> None:
    workers = [Counting(settings, database), Counting(settings, database)]
    refusals = [await workers[number % 2].count("ada", next(addresses)) for number in range(4)]
    assert [refusal is None for refusal in refusals] == [True, True, True, False]


async def test_the_scale_raises_the_quotas_and_zero_switches_them_off(
    settings: Settings, database: Database, addresses: Iterator[str]
) -> None:
    raised, off = Counting(settings, database, 2), Counting(settings, database, 0)
    assert [await raised.count("ada", next(addresses)) for _ in range(6)] == [None] * 6
    refusal = await raised.count("ada", next(addresses))
    assert refusal is not None
    assert refusal["rate_limit_policy"] == '"account";q=6;w=60, "address";q=10;w=600'
    assert await off.count("ada", next(addresses)) is None


async def test_an_attempt_stands_although_its_request_fails(
    counting: Counting, settings: Settings, database: Database, user: Actor
) -> None:
    unit = UnitOfWork(database)
    await Limits(settings).count(unit, "try", account="ada", address="203.0.113.7")
    await lock_user(unit, user.id)
    await unit.finish(500)
    connection = await database.connect()
    assert await connection.fetchval("SELECT sum(attempts) FROM rate_limits") == 2
    await connection.close()


async def test_no_attempt_is_counted_on_a_second_connection(
    settings: Settings, database: Database, user: Actor
) -> None:
    unit = UnitOfWork(database)
    await lock_user(unit, user.id)
    with pytest.raises(RuntimeError, match="before the transaction begins"):
        await Limits(settings).count(unit, "try", account="ada", address="203.0.113.7")
    await unit.rollback()


async def test_nobody_can_read_from_the_counters_who_it_was(counting: Counting, database: Database) -> None:
    await counting.count("ada@example.com", "203.0.113.7")
    connection = await database.connect()
    rows: list[asyncpg.Record] = await connection.fetch("SELECT * FROM rate_limits")
    await connection.close()
    assert {len(row["key"]) for row in rows} == {16}
    assert "ada" not in str(rows)


async def test_past_windows_are_tidied_away(counting: Counting, database: Database) -> None:
    await counting.count("ada", "203.0.113.7")
    connection = await database.connect()
    await connection.execute("UPDATE rate_limits SET resets_at = now()")
    await counting.count("bob", "203.0.113.8")
    async with database.transaction() as unit:
        await limits.delete_past_windows(unit)
    assert await connection.fetchval("SELECT count(*) FROM rate_limits") == 2
    await connection.close()
