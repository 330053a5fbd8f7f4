"""What tells whether two requests ask for the same."""

import hashlib
from collections.abc import Mapping

from pydantic_core import to_json


class Fingerprints:
    """Digests of a request's parameters and body, under a key: they may have a password in them."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, person=b"idempotency").digest()

    def of(self, parameters: Mapping[str, object]) -> bytes:
        """32 bytes."""
        return hashlib.blake2b(to_json(parameters), key=self._key, digest_size=32).digest()
