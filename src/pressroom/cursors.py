"""Opaque page cursors: a signed position in a list that is ordered by a time and an id."""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pressroom.keys import derived

_POSITION = struct.Struct(">q16s")  # microseconds since 1970, id
_MAC = 12
_TEXT = re.compile(r"[A-Za-z0-9_-]{48}", re.ASCII)  # 24 + 12 bytes in base64url: no padding, no spare bits
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Cursors:
    """Encodes and decodes cursors under a key of its own, derived from the first of the secrets.

    Those of the other secrets are accepted.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = derived(secrets, b"page cursor")

    def after(self, found: Sequence[Mapping[str, Any]], limit: int, by: str, *query: object) -> str | None:
        """Return the cursor of the page after `limit` of the rows, which are ordered by time `by` and `id`.

        None if there are no more than `limit` rows.
        """
        if len(found) <= limit:
            return None
        last = found[limit - 1]
        return self.encode(last[by], last["id"], *query)

    def encode(self, moment: datetime, id: UUID, *query: object) -> str:  # noqa: A002 - the column's name
        """Return 48 characters of [A-Za-z0-9_-] for an aware time, exact to the microsecond, and an id.

        They are valid for one `query` only: the list's name and its filters.
        """
        position = _POSITION.pack((moment - _EPOCH) // _MICROSECOND, id.bytes)
        return base64.urlsafe_b64encode(position + _mac(self._keys[0], position, query)).decode("ascii")

    def decode(self, text: str, *query: object) -> tuple[datetime, UUID] | None:
        """Return the position, its time in UTC; None for a text that `encode` did not make for this query."""
        if _TEXT.fullmatch(text) is None:
            return None
        raw = base64.urlsafe_b64decode(text)
        position, mac = raw[:-_MAC], raw[-_MAC:]
        if not any(hmac.compare_digest(mac, _mac(key, position, query)) for key in self._keys):
            return None
        microseconds, identifier = _POSITION.unpack(position)
        return _EPOCH + microseconds * _MICROSECOND, UUID(bytes=identifier)


def _mac(key: bytes, position: bytes, query: tuple[object, ...]) -> bytes:
    # Keyed BLAKE2 is a MAC of its own, at a third of the cost of HMAC.
    return hashlib.blake2b(position + repr(query).encode(), key=key, digest_size=_MAC).digest()
