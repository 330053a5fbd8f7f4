"""What every scenario needs beside its client: who it is, its mail, and one kind of assertion."""

import os
import re
import time
from pathlib import Path
from uuid import UUID

BASE = os.environ["BASE"]
ADMIN_EMAIL = os.environ["ADMIN_EMAIL"]
ADMIN_PASSWORD = os.environ["ADMIN_PASSWORD"]
UNKNOWN_ID = UUID("00000000-0000-7000-8000-000000000000")


def mailed_token(address: str, page: str, nth: int = 1) -> str:
    """Return the token of the nth mail to an address that links to a page."""
    mailbox = Path(os.environ["MAILBOXES"], address)
    for _ in range(200):
        text = mailbox.read_text() if mailbox.exists() else ""
        tokens: list[str] = re.findall(rf"/{page}#token=([\w-]{{43}})", text)
        if len(tokens) >= nth:
            return tokens[nth - 1]
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address} with a link to {page}")


def equal(found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"expected {expected!r}, got {found!r}")
