"""Fingerprints of requests: two requests for the same have the same one."""

import hashlib
from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from pressroom.keys import derived


class Fingerprints:
    """Digests of a request's parameters and body, under a key: they may have a password in them."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = derived(secrets, b"idempotency")

    def of(self, parameters: Mapping[str, object]) -> list[bytes]:
        """Return 32 bytes for each secret; new requests are stored with the first."""
        text = to_json(parameters)
        return [hashlib.blake2b(text, key=key, digest_size=32).digest() for key in self._keys]
