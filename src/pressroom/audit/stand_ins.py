"""Ids in the audit trail of addresses that have no account."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from pressroom.keys import derived


class StandIns:
    """Ids that are made of addresses under a key: one for each address, and they tell nothing of it."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._key = derived(secrets, b"stand-in")[0]

    def of(self, email: str) -> UUID:
        digest = hashlib.blake2b(email.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16)
        return UUID(bytes=digest.digest())
