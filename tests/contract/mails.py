"""An SMTP server that keeps what it gets: a folder for each recipient, a file for each mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from load.service import free_port


class _Folders:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd calls it so
        for recipient in envelope.rcpt_tos:
            folder = self._folder / recipient
            folder.mkdir(exist_ok=True)
            file = folder / uuid4().hex
            file.write_bytes(envelope.original_content or b"")
            file.rename(file.with_suffix(".eml"))  # no reader sees half a mail
        return "250 OK"


@contextmanager
def mails_in(folder: Path) -> Iterator[str]:
    """Receive mails as long as the context lasts; yield the server's address for PRESSROOM_SMTP_URL."""
    folder.mkdir()
    controller = Controller(_Folders(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
