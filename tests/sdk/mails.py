"""A mail server that keeps what it receives: one file for each address, in the order of arrival."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailboxes:
    """What aiosmtpd calls for each message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the server's name for it
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = message.get_body()
        assert body is not None
        for address in envelope.rcpt_tos:
            with (self._folder / address).open("a") as mailbox:
                mailbox.write(body.get_content())
        return "250 OK"


@asynccontextmanager
async def mail_server(folder: Path) -> AsyncIterator[str]:
    """Start a mail server that writes into a folder; yield its address."""
    mailboxes = Mailboxes(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailboxes, hostname="mail.test"), "127.0.0.1", 0
    )
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
