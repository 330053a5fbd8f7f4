"""The mails of the service under load, where it writes them to a folder: the tokens in them."""

import email.policy
import os
import re
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

import gevent

VARIABLE = "LOAD_MAILBOX"
_LINK = re.compile(r"/(?P<page>[a-z-]+)#token=(?P<token>\S+)")
_POLL = 0.05


class Mailbox:
    """A folder of .eml files, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._tokens: dict[tuple[str, str], str] = {}

    def token(self, receiver: str, page: str, timeout: float = 10.0) -> str | None:
        """Wait for the mail that links to a page, such as `verify-email`; return the token of its link."""
        deadline = monotonic() + timeout
        while (token := self._tokens.pop((receiver, page), None)) is None:
            if monotonic() > deadline:
                return None
            gevent.sleep(_POLL)
            self._read_new()
        return token

    def _read_new(self) -> None:
        for path in sorted(self._folder.glob("*.eml")):
            if path.name not in self._read:
                self._read.add(path.name)
                self._keep(path.read_bytes())

    def _keep(self, mail: bytes) -> None:
        message = email.message_from_bytes(mail, policy=email.policy.default)
        for receiver in message["To"].addresses:
            for link in _LINK.finditer(message.get_content()):
                self._tokens[receiver.addr_spec, link["page"]] = link["token"]


def find_mailbox(environment: Mapping[str, str] = os.environ) -> Mailbox | None:
    """Return the mailbox that the variable names, None where no mail can be read."""
    folder = environment.get(VARIABLE)
    return Mailbox(Path(folder)) if folder else None
