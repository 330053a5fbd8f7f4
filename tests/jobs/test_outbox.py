"""The queue's promises, one statement at a time."""

from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel import col, update

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom import outbox
from pressroom.outbox import ClaimedJob, Job

EXPIRE: Statement[Any] = Statement(
    update(Job).where(col(Job.id) == bindparam("job_id")).values(run_at=text("now() - interval '1 second'"))
)


async def add(database: Database, *, kind: str = "mail", max_attempts: int = 3) -> Any:
    async with database.transaction() as unit:
        return await outbox.enqueue(unit, kind, {"n": 1}, max_attempts=max_attempts)


async def claim(database: Database, *, limit: int = 10, running: Any = ()) -> list[ClaimedJob]:
    async with database.transaction() as unit:
        return await outbox.claim(unit, limit=limit, lease=30, running=list(running))


async def expire(database: Database, job_id: Any) -> None:
    async with database.transaction() as unit:
        assert await unit.execute(EXPIRE, job_id=job_id) == 1


async def test_a_rolled_back_transaction_leaves_no_job(database: Database) -> None:
    unit = UnitOfWork(database)
    await outbox.enqueue(unit, "mail", {"n": 1})
    assert await claim(database) == []
    await unit.finish(409)
    assert await claim(database) == []
    assert await outbox.next_due(UnitOfWork(database)) is None


async def test_a_stored_job_is_claimed_once(database: Database) -> None:
    job_id = await add(database)
    (job,) = await claim(database)
    assert (job["id"], job["kind"], job["payload"], job["attempts"]) == (job_id, "mail", {"n": 1}, 1)
    assert job["dead_at"] is None
    assert await claim(database) == []
    due = await outbox.next_due(UnitOfWork(database))
    assert due is not None
    assert 20 < due <= 30


async def test_two_claims_at_once_share(database: Database) -> None:
    """The rows of a claim that has not ended are passed over, not waited for."""
    for _ in range(5):
        await add(database)
    first = UnitOfWork(database)
    taken = await outbox.claim(first, limit=3, lease=30, running=[])
    rest = await claim(database)
    await first.finish(200)
    assert (len(taken), len(rest)) == (3, 2)
    assert len({job["id"] for job in taken + rest}) == 5


async def test_a_claim_that_expired_is_given_again_but_not_to_who_runs_it(database: Database) -> None:
    job_id = await add(database)
    (old,) = await claim(database)
    await expire(database, job_id)
    assert await claim(database, running=[job_id]) == []
    (new,) = await claim(database)
    assert new["attempts"] == 2
    assert new["claim"] != old["claim"]


@pytest.mark.parametrize("change", ["complete", "retry", "bury", "release"])
async def test_a_late_worker_changes_nothing(database: Database, change: str) -> None:
    job_id = await add(database)
    (old,) = await claim(database)
    await expire(database, job_id)
    (new,) = await claim(database)
    needed: dict[str, dict[str, Any]] = {"retry": {"delay": 0.0, "error": "e"}, "bury": {"error": "e"}}
    arguments = needed.get(change, {})
    async with database.transaction() as unit:
        assert await getattr(outbox, change)(unit, old, **arguments) is False
    async with database.transaction() as unit:
        assert await getattr(outbox, change)(unit, new, **arguments) is True


async def test_a_retried_job_waits_its_delay(database: Database) -> None:
    await add(database)
    (job,) = await claim(database)
    async with database.transaction() as unit:
        assert await outbox.retry(unit, job, delay=7.0, error="no")
    assert await claim(database) == []
    due = await outbox.next_due(UnitOfWork(database))
    assert due is not None
    assert 5 < due <= 7


async def test_a_released_job_is_due_at_once_and_not_charged(database: Database) -> None:
    await add(database)
    (job,) = await claim(database)
    async with database.transaction() as unit:
        assert await outbox.release(unit, job)
    (again,) = await claim(database)
    assert again["attempts"] == 1


async def test_a_job_whose_worker_always_dies_is_given_up(database: Database) -> None:
    job_id = await add(database, max_attempts=2)
    for attempt in (1, 2):
        (job,) = await claim(database)
        assert (job["attempts"], job["dead_at"]) == (attempt, None)
        await expire(database, job_id)
    (job,) = await claim(database)
    assert job["dead_at"] is not None
    assert job["attempts"] == 2
    await expire(database, job_id)
    assert await claim(database) == []
    (dead,) = await outbox.select_dead(UnitOfWork(database))
    assert (dead["id"], dead["attempts"]) == (job_id, 2)
    assert dead["last_error"] == "the worker ended during the last attempt"


async def test_a_buried_job_is_listed_and_can_start_over(database: Database) -> None:
    job_id = await add(database, max_attempts=1)
    (job,) = await claim(database)
    async with database.transaction() as unit:
        assert await outbox.bury(unit, job, error="ValueError: no")
    assert await claim(database) == []
    (dead,) = await outbox.select_dead(UnitOfWork(database))
    assert (dead["id"], dead["last_error"]) == (job_id, "ValueError: no")
    async with database.transaction() as unit:
        assert await outbox.revive(unit, job_id)
        assert not await outbox.revive(unit, job_id)
    (again,) = await claim(database)
    assert (again["id"], again["attempts"], again["dead_at"]) == (job_id, 1, None)


def test_backoff_doubles_up_to_a_quarter_of_an_hour() -> None:
    for attempts, expected in ((1, 1), (2, 2), (3, 4), (10, 512), (11, 900), (60, 900)):
        assert expected * 0.9 <= outbox.backoff(attempts) <= expected * 1.1
