"""The worker loop, against a real queue: it is awaited by what it does, never by sleeping."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom import outbox
from pressroom.mail import NOTIFICATION_MAIL, Mailbox, NotificationMail, enqueue_notification_mail
from pressroom.notifications.queries import insert_notification
from pressroom.notifications.tables import Notification
from pressroom.outbox import ClaimedJob, Job
from pressroom.users.queries import insert_user
from pressroom.worker import Worker

JOBS: Statement[dict[str, int]] = Statement(select(func.count().label("count")).select_from(Job))
STATES: Statement[dict[str, str]] = Statement(select(col(Notification.state)))


class Recorder:
    """A handler that notes what it is asked, and does what the test wants."""

    def __init__(self, work: Callable[[ClaimedJob], Any] | None = None) -> None:
        self.work = work
        self.started: asyncio.Queue[ClaimedJob] = asyncio.Queue()
        self.ended: asyncio.Queue[tuple[str, UUID]] = asyncio.Queue()

    async def run(self, job: ClaimedJob, /) -> None:
        self.started.put_nowait(job)
        if self.work:
            await self.work(job)

    async def done(self, unit: UnitOfWork, job: ClaimedJob, /) -> None:
        self.ended.put_nowait(("done", job["id"]))

    async def dead(self, unit: UnitOfWork, job: ClaimedJob, /) -> None:
        self.ended.put_nowait(("dead", job["id"]))


@asynccontextmanager
async def running(database_url: str, handlers: dict[str, Any], **options: Any) -> AsyncIterator[Worker]:
    worker = Worker(Database(database_url, size=3), handlers, **options)
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(20):
            yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 20)


async def add(database: Database, kind: str = "job", *, max_attempts: int = 3) -> UUID:
    async with database.transaction() as unit:
        return await outbox.enqueue(unit, kind, {}, max_attempts=max_attempts)


async def jobs_left(database: Database) -> int:
    row = await UnitOfWork(database).fetch_one(JOBS)
    assert row is not None
    return row["count"]


async def test_a_job_is_heard_of_run_and_removed(database_url: str, database: Database) -> None:
    recorder = Recorder()
    async with running(database_url, {"job": recorder}, poll=600) as worker:
        first = await add(database)
        assert await recorder.ended.get() == ("done", first)
        second = await add(database)  # the worker sleeps for ten minutes unless the notification wakes it
        assert await recorder.ended.get() == ("done", second)
        worker.stop()
    assert await jobs_left(database) == 0


async def test_a_failure_is_retried_after_its_backoff(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def backoff(attempts: int) -> float:
        asked.append(attempts)
        return 0.05

    monkeypatch.setattr(outbox, "backoff", backoff)

    async def fail_twice(job: ClaimedJob) -> None:
        if job["attempts"] < 3:
            raise ConnectionError("mail server away")

    recorder = Recorder(fail_twice)
    async with running(database_url, {"job": recorder}, poll=600):
        job_id = await add(database)
        assert await recorder.ended.get() == ("done", job_id)
    assert asked == [1, 2]
    assert [recorder.started.get_nowait()["attempts"] for _ in range(3)] == [1, 2, 3]
    assert await jobs_left(database) == 0


async def test_a_poison_job_is_dead_lettered_and_blocks_nobody(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "backoff", lambda attempts: 0.0)

    async def poison(job: ClaimedJob) -> None:
        raise ValueError("never works")

    bad, good = Recorder(poison), Recorder()
    async with running(database_url, {"bad": bad, "good": good}, concurrency=1):
        bad_id, good_id = await add(database, "bad"), await add(database, "good")
        assert await bad.ended.get() == ("dead", bad_id)
        assert await good.ended.get() == ("done", good_id)
    assert bad.started.qsize() == 3
    (dead,) = await outbox.select_dead(UnitOfWork(database))
    assert (dead["id"], dead["attempts"], dead["last_error"]) == (bad_id, 3, "ValueError: never works")


async def test_a_job_nobody_knows_is_kept(database_url: str, database: Database) -> None:
    other = Recorder()
    async with running(database_url, {"other": other}, poll=600):
        unknown = await add(database, "unknown", max_attempts=1)
        known = await add(database, "other")
        assert await other.ended.get() == ("done", known)
        while not (dead := await outbox.select_dead(UnitOfWork(database))):
            await asyncio.sleep(0.01)
    assert dead[0]["id"] == unknown


async def test_two_workers_share_without_doubles(database_url: str, database: Database) -> None:
    async def yield_a_while(job: ClaimedJob) -> None:
        await asyncio.sleep(0)

    recorder = Recorder(yield_a_while)
    ids = [await add(database) for _ in range(60)]
    async with (
        running(database_url, {"job": recorder}, concurrency=4),
        running(database_url, {"job": recorder}, concurrency=4),
    ):
        ended = Counter([(await recorder.ended.get())[1] for _ in ids])
    assert ended == Counter(ids)
    assert recorder.started.qsize() == 60
    assert await jobs_left(database) == 0


async def test_no_more_at_once_than_its_concurrency(database_url: str, database: Database) -> None:
    gate = asyncio.Event()

    async def wait(job: ClaimedJob) -> None:
        await gate.wait()

    recorder = Recorder(wait)
    for _ in range(5):
        await add(database)
    async with running(database_url, {"job": recorder}, concurrency=2, poll=0.01):
        await recorder.started.get()
        await recorder.started.get()
        await asyncio.sleep(0.1)  # many polls
        assert recorder.started.empty()
        gate.set()
        for _ in range(5):
            assert (await recorder.ended.get())[0] == "done"


async def test_stopping_lets_a_job_end(database_url: str, database: Database) -> None:
    gate = asyncio.Event()

    async def wait(job: ClaimedJob) -> None:
        await gate.wait()

    recorder = Recorder(wait)
    async with running(database_url, {"job": recorder}, grace=10) as worker:
        await add(database)
        await recorder.started.get()
        worker.stop()
        asyncio.get_running_loop().call_later(0.05, gate.set)
    assert recorder.ended.qsize() == 1
    assert await jobs_left(database) == 0


async def test_what_outlasts_the_grace_goes_back_uncharged(database_url: str, database: Database) -> None:
    async def hang(job: ClaimedJob) -> None:
        await asyncio.Event().wait()

    recorder = Recorder(hang)
    async with running(database_url, {"job": recorder}, grace=0.05):
        await add(database)
        await recorder.started.get()
    async with database.transaction() as unit:
        (job,) = await outbox.claim(unit, limit=1, lease=30, running=[])
    assert job["attempts"] == 1
    assert recorder.ended.empty()


async def test_a_job_that_hangs_is_cut_and_retried(database_url: str, database: Database) -> None:
    async def hang(job: ClaimedJob) -> None:
        await asyncio.Event().wait()

    recorder = Recorder(hang)
    async with running(database_url, {"job": recorder}, job_timeout=0.05):
        job_id = await add(database, max_attempts=1)
        assert await recorder.ended.get() == ("dead", job_id)


TERMINATE_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


async def test_a_database_outage_in_mid_job_neither_loses_nor_repeats_it(
    database_url: str, database: Database
) -> None:
    gate = asyncio.Event()

    async def wait(job: ClaimedJob) -> None:
        await gate.wait()

    recorder = Recorder(wait)
    async with running(database_url, {"job": recorder}, poll=600):
        first = await add(database)
        await recorder.started.get()
        connection = await database.connect()
        await connection.execute(TERMINATE_ALL)  # the worker's listener among them
        gate.set()
        assert await recorder.ended.get() == ("done", first)
        async with asyncio.timeout(5):  # the listener comes back, long before the poll
            while await listeners(connection) == 0:
                await asyncio.sleep(0.02)
            await connection.execute(
                "INSERT INTO jobs (id, kind, payload, max_attempts) "
                f"VALUES (gen_random_uuid(), 'job', '{{}}', 1); NOTIFY {outbox.CHANNEL}"
            )
            assert (await recorder.ended.get())[0] == "done"
        await connection.close()
    assert recorder.started.qsize() == 1  # the second job; the first was taken out above, and ran once
    assert await jobs_left(database) == 0


async def listeners(connection: Any) -> int:
    count = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    return int(count)


async def test_a_job_that_is_claimed_runs_though_the_next_statement_fails(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(unit: UnitOfWork) -> float | None:
        raise Unavailable("the database went away after the claim was stored")

    monkeypatch.setattr(outbox, "next_due", fail)
    recorder = Recorder()
    async with running(database_url, {"job": recorder}, poll=600):
        job_id = await add(database)
        assert await recorder.ended.get() == ("done", job_id)
    assert recorder.started.get_nowait()["attempts"] == 1


def test_a_claim_must_outlast_the_work() -> None:
    with pytest.raises(ValueError, match="lease"):
        Worker(Database("postgresql://"), {}, lease=30, job_timeout=20, settle_for=15)


async def notify(database: Database, *, subject: str = "Grüße", full_name: str = "Ada Lovelace") -> UUID:
    async with database.transaction() as unit:
        user = await insert_user(unit, email="ada@example.com", full_name=full_name, password_hash="x")
        assert user is not None
        row = await insert_notification(
            unit, user_id=user["id"], subject=subject, body="Zeile 1\nZeile 2 ✓\n"
        )
        assert row is not None
        await enqueue_notification_mail(unit, row["id"])
        return row["id"]


async def states(database: Database) -> list[str]:
    return [row["state"] for row in await UnitOfWork(database).fetch_all(STATES)]


@asynccontextmanager
async def mailing(database_url: str, database: Database, mailbox: Path) -> AsyncIterator[None]:
    mail = NotificationMail(database, Mailbox(mailbox, domain="pressroom.example"))
    async with running(database_url, {NOTIFICATION_MAIL: mail}, poll=600):
        yield


async def test_a_notification_becomes_a_message(
    database_url: str, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pressroom.mail")
    mailbox = tmp_path / "mailbox"
    async with mailing(database_url, database, mailbox):
        await notify(
            database,
            subject="Hello\r\nBcc: eve@example.com",
            full_name="Łukasz\u2028Ż, ż",
        )
        while await jobs_left(database):
            await asyncio.sleep(0.01)
    (path,) = mailbox.iterdir()
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["Subject"] == "Hello Bcc: eve@example.com"
    assert "Bcc" not in message
    (receiver,) = message["To"].addresses
    assert (receiver.display_name, receiver.addr_spec) == ("Łukasz Ż, ż", "ada@example.com")
    assert message["Message-ID"] == f"<{path.stem}@pressroom.example>"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content().splitlines() == ["Zeile 1", "Zeile 2 ✓"]
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert await states(database) == ["sent"]
    assert str(path) in caplog.text
    assert "ada@example.com" not in caplog.text


async def test_a_mail_that_cannot_be_written_is_marked_failed(
    database_url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "backoff", lambda attempts: 0.0)
    (tmp_path / "mailbox").write_text("a file where the folder should be")
    async with mailing(database_url, database, tmp_path / "mailbox"):
        await notify(database)
        while await states(database) != ["failed"]:
            await asyncio.sleep(0.01)
    (dead,) = await outbox.select_dead(UnitOfWork(database))
    assert dead["attempts"] == outbox.MAX_ATTEMPTS


async def test_a_repeated_attempt_replaces_its_file(database: Database, tmp_path: Path) -> None:
    await notify(database)
    async with database.transaction() as unit:
        (job,) = await outbox.claim(unit, limit=1, lease=30, running=[])
    mail = NotificationMail(database, Mailbox(tmp_path, domain="pressroom.example"))
    await mail.run(job)
    await mail.run(job)
    assert [path.name for path in tmp_path.iterdir()] == [f"{job['id']}.eml"]


async def test_a_failure_of_the_queue_itself_ends_with_its_cause(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder()
    connection = await database.connect()
    await connection.execute("ALTER TABLE jobs RENAME TO jobs_away")
    try:
        with caplog.at_level(logging.ERROR, logger="pressroom.worker"):
            async with running(database_url, {"work": recorder}, poll=0.05):
                while "no jobs claimed" not in caplog.text:
                    await asyncio.sleep(0.01)
                await connection.execute("ALTER TABLE jobs_away RENAME TO jobs")
                async with database.transaction() as unit:
                    job_id = await outbox.enqueue(unit, "work", {})
                assert await recorder.ended.get() == ("done", job_id)
    finally:
        await connection.execute("ALTER TABLE IF EXISTS jobs_away RENAME TO jobs")
        await connection.close()
