"""Mail by SMTP: each letter is handed to the configured server, in a connection of its own."""

import logging
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from pressroom.mail import Letter, compose
from pressroom.outbox import PermanentError

logger = logging.getLogger(__name__)

#: Seconds for each step of the conversation; the worker bounds the whole.
STEP_TIMEOUT = 10.0


class NotAccepted(Exception):
    """The server did not take the mail; the text names no receiver, for it is kept and logged."""


class Rejected(NotAccepted, PermanentError):
    """The server will not take this mail later either."""


class SmtpServer:
    """The server at `smtp://...` (STARTTLS where it is offered, always with a password) or `smtps://...`.

    `domain` is the sender's.
    """

    def __init__(self, url: str, *, domain: str) -> None:
        parts = urlsplit(url)
        self._domain = domain
        self._host = parts.hostname
        self._port = parts.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._use_tls = parts.scheme == "smtps"
        # None is "if offered": a password is never sent in the clear.
        self._start_tls = False if self._use_tls else True if self._username else None

    async def send(self, letter: Letter, *, job_id: UUID) -> None:
        """Hand a job's mail over; NotAccepted, OSError or TimeoutError when that fails, Rejected for good."""
        try:
            await aiosmtplib.send(
                compose(letter, job_id=job_id, domain=self._domain),
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._use_tls,
                start_tls=self._start_tls,
                timeout=STEP_TIMEOUT,
            )
        except aiosmtplib.SMTPException as error:
            refused = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
            kind = Rejected if _is_permanent(refused) else NotAccepted
            raise kind(_reason(refused)) from None
        logger.info("mail of job %s handed to %s", job_id, self._host)


def _is_permanent(refused: aiosmtplib.SMTPException) -> bool:
    """Return whether the server rejects this receiver or text; other 5xx, as of a log-in, can be repaired."""
    if isinstance(refused, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return 500 <= refused.code < 600
    return False


def _reason(refused: aiosmtplib.SMTPException) -> str:
    """Return the reason of a failure, without the server's words, which may repeat an address."""
    name = type(refused).__name__.removeprefix("SMTP")
    if isinstance(refused, aiosmtplib.SMTPResponseException):
        return f"{name} {refused.code}"
    return f"{name}: {refused.__cause__}" if isinstance(refused.__cause__, OSError) else name
