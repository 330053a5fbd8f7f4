"""Refresh tokens: opaque, used once, and worth nothing without the secret that they were made with."""

import base64
import hmac

from pressroom.keys import derived, secrets_of
from pressroom.settings import Settings


class RefreshTokens:
    """Opaque tokens that follow each other.

    The next token is a function of the one before and of the secret, so that a repeated request can be given
    the same answer although nothing that was sent is stored. Stored is a digest under the secret: without the
    secret no session can be refreshed. Several secrets are known while one replaces another.
    """

    def __init__(self, settings: Settings) -> None:
        secrets = secrets_of(settings)
        self._digesting = derived(secrets, b"refresh digest")
        self._following = derived(secrets, b"refresh token")
        self.lifetimes = {
            "lifetime": float(settings.session_lifetime),
            "longest_lifetime": float(settings.session_longest_lifetime),
        }

    def digests(self, token: str) -> list[bytes]:
        """Return the digests that the database may have of a token; a new one is stored under the first."""
        return [_mac(key, token) for key in self._digesting]

    def next(self, token: str) -> dict[bytes, str]:
        """The tokens that may follow, by their digests; a token that is used now is followed by the first."""
        macs = [_mac(key, token) for key in self._following]
        following = [base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii") for mac in macs]
        return {_mac(key, each): each for key, each in zip(self._digesting, following, strict=True)}


def _mac(key: bytes, token: str) -> bytes:
    return hmac.digest(key, token.encode(), "sha256")
