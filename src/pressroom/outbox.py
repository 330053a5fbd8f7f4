"""The job queue: one table, written in the transaction of the work that asks for the job.

`run_at` is when a job is due and, once claimed, when its claim expires: new, retried and orphaned jobs are
one thing. Every claim has a token of its own, which each later change of the job must present.
"""

import json
import random
from datetime import datetime
from typing import Any, TypedDict, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Double,
    Index,
    Text,
    Uuid,
    bindparam,
    case,
    extract,
    func,
    literal_column,
    null,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col, delete, insert, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import Table, new_id, seconds, timestamp

CHANNEL = "pressroom_jobs"
MAX_ATTEMPTS = 10
_LONGEST_BACKOFF = 900.0


class PermanentError(Exception):
    """Raised by a job's work when no later attempt can do it."""


class Job(Table, table=True):
    __tablename__ = "jobs"
    __table_args__ = (Index("jobs_due_idx", "run_at", postgresql_where=text("dead_at IS NULL")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    run_at: datetime = timestamp()
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    max_attempts: int
    claim: UUID | None = None
    dead_at: datetime | None = None
    last_error: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()


class ClaimedJob(TypedDict):
    id: UUID
    kind: str
    payload: dict[str, Any]  # ids, never personal data
    attempts: int  # with this one
    max_attempts: int
    claim: UUID
    dead_at: datetime | None  # set when it has no attempt left: it is dead and must not run


class JobCount(TypedDict):
    state: str
    jobs: int
    waited: float  # seconds since the first of them was due; negative while none is


class DeadJob(TypedDict):
    id: UUID
    kind: str
    attempts: int
    last_error: str | None
    dead_at: datetime


_DUE = (
    select(col(Job.id))
    .where(
        col(Job.dead_at).is_(None),
        col(Job.run_at) <= func.now(),
        col(Job.id) != func.all(bindparam("running", type_=ARRAY(Uuid))),
    )
    .order_by(col(Job.run_at))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_EXHAUSTED = col(Job.attempts) >= col(Job.max_attempts)


def _settling(**values: Any) -> Any:
    """Return an update of a job that only the holder of its claim can make."""
    owned = (col(Job.id) == bindparam("job_id"), col(Job.claim) == bindparam("held", type_=Uuid))
    return update(Job).where(*owned).values(values | {"claim": null()})


_inserted = (
    insert(Job)
    .values({name: bindparam(name) for name in ("id", "kind", "payload", "max_attempts")} | {"attempts": 0})
    .returning(col(Job.id))
    .cte("inserted")
)
ENQUEUE: Statement[dict[str, Any]] = Statement(select(func.pg_notify(CHANNEL, ""), _inserted.c.id))

CLAIM: Statement[Any] = Statement(
    update(Job)
    .where(col(Job.id) == _DUE.c.id)
    .values(
        {
            Job.attempts: case((_EXHAUSTED, col(Job.attempts)), else_=col(Job.attempts) + 1),
            Job.claim: func.gen_random_uuid(),
            Job.run_at: func.now() + seconds("lease"),
            Job.dead_at: case((_EXHAUSTED, func.now())),
            Job.last_error: case(
                (_EXHAUSTED, "the worker ended during the last attempt"), else_=col(Job.last_error)
            ),
        }
    )
    .returning(
        col(Job.id),
        col(Job.kind),
        col(Job.payload),
        col(Job.attempts),
        col(Job.max_attempts),
        col(Job.claim),
        col(Job.dead_at),
    )
)

NEXT_DUE: Statement[Any] = Statement(
    select(extract("epoch", func.min(col(Job.run_at)) - func.now()).cast(Double).label("seconds")).where(
        col(Job.dead_at).is_(None)
    )
)

COMPLETE: Statement[Any] = Statement(
    delete(Job).where(col(Job.id) == bindparam("job_id"), col(Job.claim) == bindparam("held"))
)
RETRY: Statement[Any] = Statement(
    _settling(run_at=func.now() + seconds("delay"), last_error=bindparam("error", type_=Text))
)
BURY: Statement[Any] = Statement(_settling(dead_at=func.now(), last_error=bindparam("error", type_=Text)))
RELEASE: Statement[Any] = Statement(_settling(run_at=func.now(), attempts=col(Job.attempts) - 1))

_STATE = case(
    (col(Job.dead_at).is_not(None), "dead"),
    (col(Job.run_at) <= func.now(), "due"),
    (col(Job.claim).is_not(None), "running"),
    else_="scheduled",
)
_waited = extract("epoch", func.now() - func.min(col(Job.run_at))).cast(Double)
COUNT_JOBS: Statement[JobCount] = Statement(
    select(_STATE.label("state"), func.count().label("jobs"), _waited.label("waited")).group_by(
        literal_column("1")
    )
)

_DEAD = col(Job.dead_at).is_not(None)
SELECT_DEAD: Statement[DeadJob] = Statement(
    select(col(Job.id), col(Job.kind), col(Job.attempts), col(Job.last_error), col(Job.dead_at))
    .where(_DEAD)
    .order_by(col(Job.dead_at))
)
_revived = (
    update(Job)
    .where(col(Job.id) == bindparam("job_id"), _DEAD)
    .values({Job.dead_at: null(), Job.attempts: 0, Job.run_at: func.now(), Job.claim: null()})
    .returning(col(Job.id))
    .cte("revived")
)
REVIVE: Statement[dict[str, Any]] = Statement(select(func.pg_notify(CHANNEL, ""), _revived.c.id))


async def enqueue(
    unit: UnitOfWork, kind: str, payload: dict[str, Any], *, max_attempts: int = MAX_ATTEMPTS
) -> UUID:
    """Add a job, which exists and wakes a worker if and only if this unit of work is committed."""
    job_id = new_id()
    await unit.fetch_one(
        ENQUEUE, id=job_id, kind=kind, payload=json.dumps(payload), max_attempts=max_attempts
    )
    return job_id


async def claim(unit: UnitOfWork, *, limit: int, lease: float, running: list[UUID]) -> list[ClaimedJob]:
    """Claim up to `limit` due jobs for `lease` seconds; never one that the caller is running already.

    An attempt counts from its claim, so a job that kills its worker runs out of them; then it is dead.
    """
    rows = await unit.fetch_all(CLAIM, limit=limit, lease=lease, running=running)
    return [cast(ClaimedJob, row | {"payload": json.loads(row["payload"])}) for row in rows]


async def next_due(unit: UnitOfWork) -> float | None:
    """Return the seconds until the next job is due or a claim expires; None if there is no job."""
    row = await unit.fetch_one(NEXT_DUE)
    return None if row is None or row["seconds"] is None else max(0.0, float(row["seconds"]))


async def complete(unit: UnitOfWork, job: ClaimedJob) -> bool:
    """Delete a job that is done. False, here and below: another worker has claimed it meanwhile."""
    return await unit.execute(COMPLETE, job_id=job["id"], held=job["claim"]) == 1


async def retry(unit: UnitOfWork, job: ClaimedJob, *, delay: float, error: str) -> bool:
    """Let a job whose attempt failed be due again after `delay` seconds."""
    return await unit.execute(RETRY, job_id=job["id"], held=job["claim"], delay=delay, error=error) == 1


async def bury(unit: UnitOfWork, job: ClaimedJob, *, error: str) -> bool:
    """Keep a job whose last attempt failed as dead, for a person to inspect."""
    return await unit.execute(BURY, job_id=job["id"], held=job["claim"], error=error) == 1


async def release(unit: UnitOfWork, job: ClaimedJob) -> bool:
    """Return a job of a worker that stops: it is due at once, and the attempt is not counted."""
    return await unit.execute(RELEASE, job_id=job["id"], held=job["claim"]) == 1


async def count_jobs(unit: UnitOfWork) -> list[JobCount]:
    """Return the number of jobs in each state that a job is in: due, running, scheduled or dead."""
    return await unit.fetch_all(COUNT_JOBS)


async def select_dead(unit: UnitOfWork) -> list[DeadJob]:
    return await unit.fetch_all(SELECT_DEAD)


async def revive(unit: UnitOfWork, job_id: UUID) -> bool:
    """Let a dead job start over; return False if there is no such dead job."""
    return await unit.fetch_one(REVIVE, job_id=job_id) is not None


def backoff(attempts: int) -> float:
    """Return the seconds before the next attempt: 1, 2, 4 ... up to 15 minutes, spread by a tenth."""
    return min(2.0 ** (attempts - 1), _LONGEST_BACKOFF) * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, keeps no secret
