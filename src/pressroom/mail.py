"""Mail: letters go to the configured server or become .eml files, those of notifications among them."""

import asyncio
import logging
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.notifications.queries import begin_attempt, mark_notification
from pressroom.outbox import ClaimedJob, enqueue

NOTIFICATION_MAIL = "notification_mail"

logger = logging.getLogger(__name__)


async def enqueue_notification_mail(unit: UnitOfWork, notification_id: UUID) -> None:
    await enqueue(unit, NOTIFICATION_MAIL, {"notification_id": str(notification_id)})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person, before it is a message on the wire."""

    full_name: str
    email: str
    subject: str
    body: str
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class MailTransport(Protocol):
    """A destination of letters: `Mailbox`, or the `SmtpServer` of smtp.py."""

    async def send(self, letter: Letter, /, *, job_id: UUID) -> None: ...


class Mailbox:
    """A folder of .eml files; `domain` is the sender's."""

    def __init__(self, folder: Path, *, domain: str) -> None:
        self._folder = folder
        self._domain = domain

    async def send(self, letter: Letter, *, job_id: UUID) -> None:
        """Write the file of a job's mail; one of an earlier attempt is replaced."""
        path = self._folder / f"{job_id}.eml"
        await asyncio.to_thread(_write, path, compose(letter, job_id=job_id, domain=self._domain))
        logger.info("mail written to %s", path)


class NotificationMail:
    """The worker's handler of jobs of the kind NOTIFICATION_MAIL."""

    def __init__(self, database: Database, transport: MailTransport) -> None:
        self._database = database
        self._transport = transport

    async def run(self, job: ClaimedJob) -> None:
        async with self._database.transaction() as unit:
            it = await begin_attempt(unit, _notification_id(job), attempts=job["attempts"])
        if it is None:  # deleted since: nobody waits for this mail
            return
        letter = Letter(it["full_name"], it["email"], it["subject"], it["body"], it["created_at"])
        await self._transport.send(letter, job_id=job["id"])

    async def done(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        await mark_notification(unit, _notification_id(job), "sent")

    async def dead(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        await mark_notification(unit, _notification_id(job), "failed")


def compose(letter: Letter, *, job_id: UUID, domain: str) -> EmailMessage:
    """Return the message; its Message-ID is made of the job's id, so that receivers detect a repetition."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Pressroom", "no-reply", domain)
    message["To"] = Address(_one_line(letter.full_name), addr_spec=letter.email)
    message["Subject"] = _one_line(letter.subject)
    _keep_encoded_words(message, letter)
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{job_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _keep_encoded_words(message: EmailMessage, letter: Letter) -> None:
    """Encode texts that look encoded: else mail programs would show another text for `=?utf-8?q?Hi?=`."""
    name, subject = _one_line(letter.full_name), _one_line(letter.subject)
    if "=?" in name:
        del message["To"]
        message.set_raw("To", f"{_encoded(name, 'To')}\r\n <{letter.email}>")
    if "=?" in subject:
        del message["Subject"]
        message.set_raw("Subject", _encoded(subject, "Subject"))


def _encoded(text: str, header: str) -> str:
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _notification_id(job: ClaimedJob) -> UUID:
    return UUID(job["payload"]["notification_id"])


def _one_line(text: str) -> str:
    """Return header text in one line: a line break in it would start a header of the writer's choice."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _write(path: Path, message: EmailMessage) -> None:
    """Write a file completely or not at all; a repeated attempt replaces the file of the one before."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
