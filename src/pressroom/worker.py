"""The worker: claims due jobs, runs them side by side, and settles each with the claim that it holds."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from contractgen_runtime.postgres.connections import Connection, Unavailable
from contractgen_runtime.postgres.db import Database, TransactionLost, UnitOfWork
from pressroom import outbox
from pressroom.auth.queries import delete_expired_sessions
from pressroom.credentials.mail import KINDS as ACCOUNT_MAILS
from pressroom.credentials.mail import AccountMail
from pressroom.credentials.queries import delete_expired_tokens
from pressroom.idempotency.queries import delete_expired_keys
from pressroom.limits import delete_past_windows
from pressroom.mail import NOTIFICATION_MAIL, Mailbox, MailTransport, NotificationMail
from pressroom.outbox import CHANNEL, ClaimedJob, PermanentError
from pressroom.settings import Settings
from pressroom.smtp import SmtpServer

logger = logging.getLogger(__name__)


class JobHandler(Protocol):
    """`run` does the work, outside any transaction; `done` or `dead` is part of the one that ends the job."""

    async def run(self, job: ClaimedJob, /) -> None: ...
    async def done(self, unit: UnitOfWork, job: ClaimedJob, /) -> None: ...
    async def dead(self, unit: UnitOfWork, job: ClaimedJob, /) -> None: ...


#: Deletes what has expired.
Chore = Callable[[UnitOfWork], Awaitable[None]]


class Worker:
    """Runs jobs until `stop()`. Times are in seconds; `lease` must exceed `job_timeout + settle_for`."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, JobHandler],
        *,
        chores: Sequence[Chore] = (),
        tidy_every: float = 3600.0,
        concurrency: int = 8,
        lease: float = 40.0,
        job_timeout: float = 20.0,
        settle_for: float = 15.0,
        poll: float = 10.0,
        grace: float = 9.0,
    ) -> None:
        if lease <= job_timeout + settle_for:
            raise ValueError("lease must exceed job_timeout + settle_for, or two workers run one job")
        self._database = database
        self._handlers = handlers
        self._chores = chores
        self._tidy_every = tidy_every
        self._concurrency = concurrency
        self._lease = lease
        self._job_timeout = job_timeout
        self._settle_for = settle_for
        self._poll = poll
        self._grace = grace
        self._attempts: dict[UUID, asyncio.Task[None]] = {}
        self._attending: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """Claim no more jobs; running ones may end within the grace period, and then return to the queue."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop()`, or until cancelled, which does the same; the database is closed at the end."""
        await self._database.open()
        beside = [asyncio.create_task(self._listen()), asyncio.create_task(self._tidy())]
        try:
            while not self._stopping:
                self._wake.clear()
                wait = await self._start_due_jobs()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait)
        finally:
            for task in beside:
                task.cancel()
            await self._drain()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._database.close()

    async def _start_due_jobs(self) -> float:
        """Claim as many jobs as there is room for; return the seconds until the next look."""
        room = self._concurrency - len(self._attempts)
        if room <= 0:
            return self._poll  # a job that ends wakes the loop
        try:
            async with self._database.transaction() as unit:
                jobs = await outbox.claim(unit, limit=room, lease=self._lease, running=list(self._attempts))
                for job in jobs:
                    if job["dead_at"]:
                        await self._declare_dead(unit, job)
            for job in jobs:
                if not job["dead_at"]:
                    self._attend(job)  # before anything else can fail: they are claimed
            due = await outbox.next_due(UnitOfWork(self._database))
        except (Unavailable, TransactionLost) as error:
            logger.warning("no jobs claimed: %s", error)
            return min(1.0, self._poll)
        except Exception:
            # Whatever it is, mail must flow again when it is mended, without a restart.
            logger.exception("no jobs claimed")
            return min(1.0, self._poll)
        return self._poll if due is None else min(self._poll, due)

    def _attend(self, job: ClaimedJob) -> None:
        self._attempts[job["id"]] = attempt = asyncio.create_task(self._attempt(job))
        attending = asyncio.create_task(self._see_through(job, attempt))
        self._attending.add(attending)
        attending.add_done_callback(self._attending.discard)

    async def _attempt(self, job: ClaimedJob) -> None:
        if job["kind"] not in self._handlers:
            raise LookupError(f"this worker knows no job of kind {job['kind']}")
        async with asyncio.timeout(self._job_timeout):
            await self._handlers[job["kind"]].run(job)

    async def _see_through(self, job: ClaimedJob, attempt: asyncio.Task[None]) -> None:
        try:
            await asyncio.wait({attempt})
            await self._settle(job, self._settlement(job, attempt))
        except Exception:
            logger.exception("job %s could not be settled; it runs again when its claim expires", job["id"])
        finally:
            del self._attempts[job["id"]]
            self._wake.set()

    def _settlement(
        self, job: ClaimedJob, attempt: asyncio.Task[None]
    ) -> Callable[[UnitOfWork], Awaitable[None]]:
        """Return the write that settles an attempt that ended."""
        if attempt.cancelled():
            return lambda unit: _released(unit, job)
        error = attempt.exception()
        if error is None:
            return lambda unit: self._done(unit, job)
        reason = f"{type(error).__name__}: {error}"
        logger.warning(
            "attempt %d of job %s (%s) failed: %s", job["attempts"], job["id"], job["kind"], reason
        )
        if job["attempts"] >= job["max_attempts"] or isinstance(error, PermanentError):
            return lambda unit: self._dead(unit, job, reason)
        return lambda unit: _retried(unit, job, reason)

    async def _settle(self, job: ClaimedJob, write: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        """Settle an attempt, also through a database outage that is shorter than the claim."""
        deadline = time.monotonic() + self._settle_for
        while True:
            try:
                async with self._database.transaction() as unit:
                    return await write(unit)
            except (Unavailable, TransactionLost) as error:
                if time.monotonic() >= deadline:
                    raise
                logger.warning("job %s not settled yet: %s", job["id"], error)
                await asyncio.sleep(0.5)

    async def _done(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        if await outbox.complete(unit, job):
            await self._handlers[job["kind"]].done(unit, job)

    async def _dead(self, unit: UnitOfWork, job: ClaimedJob, reason: str) -> None:
        if await outbox.bury(unit, job, error=reason):
            await self._declare_dead(unit, job)

    async def _declare_dead(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        logger.error("job %s (%s) is dead after %d attempts", job["id"], job["kind"], job["attempts"])
        if handler := self._handlers.get(job["kind"]):
            await handler.dead(unit, job)

    async def _drain(self) -> None:
        """Let running jobs end within the grace, cancel the rest, and see all of them settled."""
        if self._attending:
            await asyncio.wait(self._attending, timeout=self._grace)
        for attempt in self._attempts.values():
            attempt.cancel()
        if self._attending:
            await asyncio.wait(self._attending, timeout=2.0)
        for attending in self._attending:
            attending.cancel()
        await asyncio.gather(*self._attending, return_exceptions=True)

    async def _tidy(self) -> None:
        """Delete expired rows now and then; several workers may do it at once."""
        while True:
            for chore in self._chores:
                try:
                    async with self._database.transaction() as unit:
                        await chore(unit)
                except (Unavailable, TransactionLost) as error:
                    logger.warning("not tidied up: %s", error)
                except Exception:
                    logger.exception("not tidied up")
            await asyncio.sleep(self._tidy_every)

    async def _listen(self) -> None:
        """Wake the loop at every notification, on a connection of its own that is reopened after outages."""
        while True:
            try:
                connection = await self._database.connect()
                try:
                    await self._hear(connection)
                finally:
                    connection.terminate()
            except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                logger.warning("not listening for jobs, polling: %s", error)
            await asyncio.sleep(1.0)

    async def _hear(self, connection: Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
        self._wake.set()  # for what was enqueued while nobody listened
        while not lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), 15.0)
            await connection.execute("SELECT 1")  # notices a connection that died in silence


async def _released(unit: UnitOfWork, job: ClaimedJob) -> None:
    await outbox.release(unit, job)


async def _retried(unit: UnitOfWork, job: ClaimedJob, reason: str) -> None:
    await outbox.retry(unit, job, delay=outbox.backoff(job["attempts"]), error=reason)


def create_worker(settings: Settings) -> Worker:
    """The service's worker, on a few connections of its own so that requests cannot starve it."""
    database = Database(settings.database_url, size=3)
    domain = urlsplit(settings.public_url).hostname or "localhost"
    if settings.smtp_url.get_secret_value():
        transport: MailTransport = SmtpServer(settings.smtp_url.get_secret_value(), domain=domain)
    else:
        transport = Mailbox(settings.mailbox_dir, domain=domain)
    account_mail = AccountMail(database, transport, link_base=settings.link_base)
    handlers: dict[str, JobHandler] = {NOTIFICATION_MAIL: NotificationMail(database, transport)}
    handlers |= dict.fromkeys(ACCOUNT_MAILS, account_mail)
    chores = [delete_expired_keys, delete_expired_sessions, delete_expired_tokens, delete_past_windows]
    return Worker(database, handlers, chores=chores)


async def run(settings: Settings) -> None:
    """Run a worker as a process of its own, until SIGTERM or SIGINT."""
    worker = create_worker(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    await worker.run()
