"""Mails about an account. The token of a link is made when the mail is, so that nothing else ever has it."""

from dataclasses import dataclass
from uuid import UUID

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.credentials.queries import grant_token
from pressroom.mail import Letter, MailTransport
from pressroom.outbox import ClaimedJob, enqueue
from pressroom.tokens import digest_of, opaque_token
from pressroom.users.queries import select_user
from pressroom.users.tables import UserRow

RESET_MAIL = "password_reset_mail"
VERIFICATION_MAIL = "email_verification_mail"
SESSION_ENDED_MAIL = "session_ended_mail"


@dataclass(frozen=True, slots=True)
class Link:
    """The path of a page, and how many seconds the token works that the link brings there."""

    path: str
    lifetime: float


@dataclass(frozen=True, slots=True)
class AccountMailKind:
    """What a mail says, and the link below it, where it has one."""

    subject: str
    text: str
    link: Link | None


KINDS = {
    RESET_MAIL: AccountMailKind(
        subject="Reset your password",
        text="Somebody, probably you, has asked for a new password. Choose it within 30 minutes:",
        link=Link("/reset-password", lifetime=1800),
    ),
    VERIFICATION_MAIL: AccountMailKind(
        subject="Verify your address",
        text="An account was made with this address. Say within 24 hours that it is yours:",
        link=Link("/verify-email", lifetime=86_400),
    ),
    SESSION_ENDED_MAIL: AccountMailKind(
        subject="A session of yours was ended",
        text=(
            "One of your sessions was ended because its key was used twice: somebody may have a copy of it.\n"
            "Your other sessions go on. If you cannot explain this, change your password: it ends them."
        ),
        link=None,
    ),
}


async def enqueue_account_mail(unit: UnitOfWork, kind: str, user_id: UUID | None) -> None:
    """Queue a mail; one to nobody is queued too, and dropped, so that it takes the same time."""
    await enqueue(unit, kind, {"user_id": str(user_id) if user_id else None})


class AccountMail:
    """What the worker does for jobs of these kinds; every link begins with `link_base`."""

    def __init__(self, database: Database, transport: MailTransport, *, link_base: str) -> None:
        self._database = database
        self._transport = transport
        self._link_base = link_base

    async def run(self, job: ClaimedJob) -> None:
        kind = KINDS[job["kind"]]
        body = f"{kind.text}\n"
        async with self._database.transaction() as unit:
            user = await _recipient(unit, job)
            if user is None:
                return
            if kind.link:
                body += f"\n{await self._granted(unit, kind.link, user['id'], job['kind'])}\n"
        letter = Letter(user["full_name"], user["email"], kind.subject, body)
        await self._transport.send(letter, job_id=job["id"])

    async def _granted(self, unit: UnitOfWork, link: Link, user_id: UUID, purpose: str) -> str:
        """The address of a link whose token works from now on."""
        token = opaque_token()
        await grant_token(unit, user_id, purpose, digest_of(token), lifetime=link.lifetime)
        # Behind the #, the token is sent to no server and stands in no log; nothing is done before a click.
        return f"{self._link_base}{link.path}#token={token}"

    async def done(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        """Nobody asks what became of it."""

    async def dead(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        """The log tells."""


async def _recipient(unit: UnitOfWork, job: ClaimedJob) -> UserRow | None:
    """The active account that the mail is for, if it still needs one."""
    if job["payload"]["user_id"] is None:
        return None
    user = await select_user(unit, UUID(job["payload"]["user_id"]))
    if user is None or not user["is_active"]:
        return None
    return None if job["kind"] == VERIFICATION_MAIL and user["email_verified"] else user
