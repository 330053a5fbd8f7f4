"""Opaque page cursors: a signed position in a list that is ordered by creation time and id."""

import base64
import hashlib
import hmac
import re
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

_POSITION = struct.Struct(">q16s")  # microseconds since 1970, id
_MAC = 12
_TEXT = re.compile(r"[A-Za-z0-9_-]{48}", re.ASCII)  # 24 + 12 bytes in base64url: no padding, no spare bits
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Cursors:
    """Encodes and decodes cursors under a key of its own, derived from the secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, person=b"page cursor").digest()

    def encode(self, created_at: datetime, id: UUID) -> str:  # noqa: A002 - the column's name
        """48 characters of [A-Za-z0-9_-] for an aware time, exact to the microsecond, and an id."""
        position = _POSITION.pack((created_at - _EPOCH) // _MICROSECOND, id.bytes)
        return base64.urlsafe_b64encode(position + self._mac(position)).decode("ascii")

    def decode(self, text: str) -> tuple[datetime, UUID] | None:
        """The position, its time in UTC; None for a text that `encode` did not make with this secret."""
        if _TEXT.fullmatch(text) is None:
            return None
        raw = base64.urlsafe_b64decode(text)
        position, mac = raw[:-_MAC], raw[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(position)):
            return None
        microseconds, identifier = _POSITION.unpack(position)
        return _EPOCH + microseconds * _MICROSECOND, UUID(bytes=identifier)

    def _mac(self, position: bytes) -> bytes:
        # Keyed BLAKE2 is a MAC of its own, at a third of the cost of HMAC.
        return hashlib.blake2b(position, key=self._key, digest_size=_MAC).digest()
