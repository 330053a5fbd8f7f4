"""Mails about an account. The token of a link is made when the mail is, so that nothing else ever has it.

Most go to the address that the account has; those of an address token to the address that the token gives.
"""

from dataclasses import dataclass
from uuid import UUID

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.credentials.queries import Receiver, grant_address_token, grant_token
from pressroom.credentials.tables import EMAIL_CHANGE_MAIL, EMAIL_UNDO_MAIL
from pressroom.mail import Letter, MailTransport
from pressroom.outbox import ClaimedJob, enqueue
from pressroom.tokens import digest_of, opaque_token
from pressroom.users.queries import select_user

RESET_MAIL = "password_reset_mail"
VERIFICATION_MAIL = "email_verification_mail"
SESSION_ENDED_MAIL = "session_ended_mail"
EMAIL_CHANGE_NOTICE = "email_change_notice"


@dataclass(frozen=True, slots=True)
class Link:
    """The path of a page, and how many seconds the token works that the link brings there."""

    path: str
    lifetime: float


@dataclass(frozen=True, slots=True)
class AccountMailKind:
    """The text of a mail, and the link below it, if it has one."""

    subject: str
    text: str
    link: Link | None


CHANGE_LINK = Link("/change-email", lifetime=86_400)
UNDO_LINK = Link("/undo-email-change", lifetime=259_200)

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
    EMAIL_CHANGE_MAIL: AccountMailKind(
        subject="Confirm your new address",
        text="Somebody, probably you, wants this address for an account. Confirm it within 24 hours:",
        link=CHANGE_LINK,
    ),
    EMAIL_CHANGE_NOTICE: AccountMailKind(
        subject="Your account is to get another address",
        text=(
            "Somebody who knows your password, probably you, wants another address for your account.\n"
            "It keeps this one until the new one is confirmed. If that was not you, change your password:\n"
            "that makes the mail to the new address useless."
        ),
        link=None,
    ),
    EMAIL_UNDO_MAIL: AccountMailKind(
        subject="Your account has another address",
        text=(
            "Your account has another address from now on. If that was not you, give it this one back\n"
            "within 72 hours, which ends all sessions, and then reset your password:"
        ),
        link=UNDO_LINK,
    ),
}


async def enqueue_account_mail(unit: UnitOfWork, kind: str, user_id: UUID | None) -> None:
    """Queue a mail; one to nobody is queued too, and dropped, so that it takes the same time."""
    await enqueue(unit, kind, {"user_id": str(user_id) if user_id else None})


async def enqueue_address_mail(unit: UnitOfWork, kind: str, token_id: UUID) -> None:
    """Queue the mail of an address token, to the address that it gives."""
    await enqueue(unit, kind, {"address_token_id": str(token_id)})


class AccountMail:
    """The worker's handler of jobs of these kinds; every link begins with `link_base`."""

    def __init__(self, database: Database, transport: MailTransport, *, link_base: str) -> None:
        self._database = database
        self._transport = transport
        self._link_base = link_base

    async def run(self, job: ClaimedJob) -> None:
        kind, token = KINDS[job["kind"]], opaque_token()
        async with self._database.transaction() as unit:
            if "address_token_id" in job["payload"]:
                token_id = UUID(job["payload"]["address_token_id"])
                receiver = await grant_address_token(unit, token_id, digest_of(token))
            else:
                receiver = await _grant_to_owner(unit, job, kind.link, digest_of(token))
        if receiver is None:
            return
        body = f"{kind.text}\n"
        if kind.link:
            # Behind the #, the token is sent to no server and stands in no log; a click is still needed.
            body += f"\n{self._link_base}{kind.link.path}#token={token}\n"
        letter = Letter(receiver["full_name"], receiver["email"], kind.subject, body)
        await self._transport.send(letter, job_id=job["id"])

    async def done(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        """Record nothing: no resource shows the state of these mails."""

    async def dead(self, unit: UnitOfWork, job: ClaimedJob) -> None:
        """Record nothing: the log has the failure."""


async def _grant_to_owner(
    unit: UnitOfWork, job: ClaimedJob, link: Link | None, digest: bytes
) -> Receiver | None:
    """Make the token of the link valid; return the receiver of the mail, None if nobody needs it."""
    if job["payload"]["user_id"] is None:
        return None
    user = await select_user(unit, UUID(job["payload"]["user_id"]))
    if user is None or not user["is_active"]:
        return None
    if job["kind"] == VERIFICATION_MAIL and user["email_verified"]:
        return None
    if link:
        await grant_token(unit, user["id"], job["kind"], digest, lifetime=link.lifetime)
    return {"full_name": user["full_name"], "email": user["email"]}
