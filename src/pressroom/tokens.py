"""Access tokens: JWTs of one algorithm, verified ones are remembered. Refresh tokens: opaque, used once."""

import base64
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from time import time
from typing import Any
from uuid import UUID

import jwt

from pressroom.settings import Settings

ALGORITHM = "HS256"
ISSUER = AUDIENCE = "pressroom"
LONGEST = 4096
REMEMBERED = 8192

# PyJWT skips characters outside the alphabet and the unused bits of the last one, so that many texts
# would be one token. 43 characters are the 32 bytes of the signature.
_CANONICAL = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)


class TokenIssuer:
    """Issues and verifies access tokens; a verified one costs a look-up until it expires or is pushed out."""

    def __init__(self, settings: Settings) -> None:
        self.lifetime = settings.token_lifetime
        self._secret = settings.token_secret.get_secret_value().encode("utf-8", "surrogateescape")
        self._verified: OrderedDict[bytes | str, tuple[UUID, int]] = OrderedDict()

    def issue(self, user_id: UUID, session_id: UUID) -> str:
        now = int(time())
        claims = {
            "sub": str(user_id),
            "sid": str(session_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._secret, ALGORITHM)

    def verify(self, token: bytes | str) -> UUID | None:
        """The session that the token belongs to; None for anything that is not a valid token of ours."""
        known = self._verified.get(token)
        if known is not None and known[1] > time():
            return known[0]
        return self._verify_anew(token)

    def _verify_anew(self, token: bytes | str) -> UUID | None:
        self._verified.pop(token, None)
        claims = self._claims(token)
        if claims is None:
            return None
        session_id = UUID(claims["sid"])
        self._verified[token] = (session_id, int(claims["exp"]))
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return session_id

    def _claims(self, token: bytes | str) -> dict[str, Any] | None:
        if len(token) > LONGEST:
            return None
        try:
            text = token.decode("ascii") if isinstance(token, bytes) else token
            if _CANONICAL.fullmatch(text) is None:
                return None
            claims = jwt.decode(
                text,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["sub", "sid", "iss", "aud", "iat", "exp"], "strict_aud": True},
            )
            UUID(claims["sid"])
        except Exception:  # noqa: BLE001 - a hostile header raises more than PyJWTError (RecursionError, ValueError)
            return None
        return claims


def opaque_token() -> str:
    """32 random bytes in base64url."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """What the database has of an opaque token: it is random in all its bits, so no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


class RefreshTokens:
    """Opaque tokens that follow each other.

    The next token is a function of the one before and of the secret, so that a repeated request can be given
    the same answer although nothing that was sent is stored.
    """

    def __init__(self, settings: Settings) -> None:
        secret = settings.token_secret.get_secret_value().encode("utf-8", "surrogateescape")
        self._key = hashlib.blake2b(secret, person=b"refresh token").digest()
        self.lifetimes = {
            "lifetime": float(settings.session_lifetime),
            "longest_lifetime": float(settings.session_longest_lifetime),
        }

    def next(self, token: str) -> str:
        mac = hmac.digest(self._key, token.encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
