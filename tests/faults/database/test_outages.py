"""Faults of the database while a service is under load: only 503, soon, and nothing acknowledged is lost."""

import asyncio
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from tests.faults.database.cluster import Cluster, can_mount, execute, filled, kill_tree
from tests.faults.database.conftest import Target
from tests.tiers import amount, full_only, slow

pytestmark = slow

IDLE = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
ALIVE = ("livez",)
READS = ("get_me", "list_posts", "readyz")
WRITES = ("create_post", "update_post", "notify_user")
ALL = (*READS, *WRITES)
#: The longest response that is promised, and what a busy machine may add.
LONGEST = 5.0
READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = on"
NO_LONGER = "ALTER SYSTEM RESET default_transaction_read_only"
RELOAD = "SELECT pg_reload_conf()"

mounts = pytest.mark.skipif(not can_mount(), reason="no file system can be mounted here")


async def test_a_black_hole_between_service_and_database(target: Target) -> None:
    """Nothing passes and nothing is closed. After 10 s the server has ended every open transaction."""
    load = target.load()
    watcher = await asyncpg.connect(target.cluster.url)
    async with load.running():
        began = monotonic()
        target.silence.passes.clear()
        await asyncio.sleep(amount(6, full=30))
        idle, ended = await watcher.fetchval(IDLE), monotonic()
        target.silence.passes.set()
        await load.progress(within=5)
    await watcher.close()
    assert load.statuses(ALL, (began + 0.5, ended)) == {503}
    assert load.longest(*ALL) < LONGEST
    assert load.statuses(ALIVE) == {200}
    assert load.longest(*ALIVE) < 1
    assert ended - began < 15 or idle == 0
    await load.assert_nothing_is_lost(target.cluster.url)


async def test_a_primary_that_is_read_only(target: Target) -> None:
    """Reads go on; writes do as soon as they can."""
    load = target.load()
    async with load.running():
        await execute(target.cluster.url, READ_ONLY, RELOAD)
        await asyncio.sleep(0.5)
        began = monotonic()
        await asyncio.sleep(amount(1, full=10))
        ended = monotonic()
        await execute(target.cluster.url, NO_LONGER, RELOAD)
        await load.progress(within=5)
    assert load.statuses(WRITES, (began, ended)) == {503}
    assert load.statuses((*READS, *ALIVE)) == {200}
    assert load.longest(*ALL) < LONGEST
    await load.assert_nothing_is_lost(target.cluster.url)


@mounts
async def test_a_disk_that_is_full(target: Target, disk: Path) -> None:
    """The file system of a table has no byte left; reads go on, and writes when there is room again."""
    url = target.cluster.url
    await execute(url, f"CREATE TABLESPACE small LOCATION '{disk}'")
    await execute(url, "ALTER TABLE posts SET TABLESPACE small")
    load = target.load()
    async with load.running():
        with filled(disk):
            await asyncio.sleep(amount(2, full=10))
            began = monotonic()
            await asyncio.sleep(0.5)
            ended = monotonic()
        await load.progress(within=5)
    assert load.statuses(("create_post",), (began, ended)) == {503}
    assert load.statuses((*READS, *ALIVE)) == {200}
    assert load.longest(*ALL) < LONGEST
    await load.assert_nothing_is_lost(url)
    await execute(url, "ALTER TABLE posts SET TABLESPACE pg_default", "DROP TABLESPACE small")


@full_only
@mounts
async def test_a_disk_of_the_log_that_is_full(target: Target, log: Path) -> None:
    """PostgreSQL gives up when it cannot write its log, and recovers when there is room again."""
    load = target.load()
    async with load.running():
        try:
            with filled(log):
                await load.meets(503, "create_post", within=60)
                await asyncio.sleep(5)
        finally:
            if not target.cluster.runs:
                await asyncio.to_thread(target.cluster.start)
        await load.progress(within=15)
    assert load.statuses(ALIVE) == {200}
    assert load.longest(*ALL) < LONGEST
    await load.assert_nothing_is_lost(target.cluster.url)


@pytest.mark.parametrize("attempt", range(amount(1, full=5)))
async def test_the_database_is_killed(target: Target, attempt: int) -> None:
    """Requests get 503 until it is there again, and no connection of a client is cut."""
    del attempt
    load = target.load()
    async with load.running():
        target.cluster.kill()
        began = monotonic()
        await load.meets(503, *READS, within=5)
        await asyncio.sleep(1)
        ended = monotonic()
        await asyncio.to_thread(target.cluster.start)
        await load.progress(within=5)
    assert load.statuses(ALL, (began + 0.5, ended)) == {503}
    assert load.statuses(ALIVE) == {200}
    assert load.longest(*ALL) < LONGEST
    await load.assert_nothing_is_lost(target.cluster.url)


@pytest.mark.parametrize("attempt", range(amount(1, full=3)))
async def test_everything_is_killed(target: Target, attempt: int) -> None:
    """SIGKILL ends every process of the service and of PostgreSQL at once; then both are started again."""
    del attempt
    load = target.load(may_cut=True)
    async with load.running():
        target.cluster.kill()
        kill_tree(target.pid)
        await asyncio.to_thread(target.cluster.start)
        await target.start()
        load.url = target.url
        await load.progress()
    assert load.cuts
    assert load.longest(*ALL) < LONGEST
    await load.assert_nothing_is_lost(target.cluster.url)


@full_only
async def test_a_standby_takes_over(target: Target) -> None:
    """The primary is killed and its address leads to the standby, which is read-only until it is promoted."""
    primary, standby = target.cluster, Cluster(target.folder / "standby")
    await asyncio.to_thread(standby.follow, primary)
    standby.start()
    try:
        await execute(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'", RELOAD)
        load = target.load()
        async with load.running():
            primary.kill()
            target.silence.target = standby.url
            await load.meets(200, *READS, within=5)
            began = monotonic()
            await asyncio.sleep(2)
            ended = monotonic()
            await execute(standby.url, "SELECT pg_promote()")
            await load.progress(within=5)
        assert load.statuses(WRITES, (began + 1, ended)) == {503}
        assert load.statuses((*READS, *ALIVE), (began + 1, monotonic())) == {200}
        assert load.longest(*ALL) < LONGEST
        await load.assert_nothing_is_lost(standby.url)
    finally:
        await target.stop()
        standby.stop()
