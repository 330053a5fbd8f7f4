"""Access tokens: JWTs of one algorithm, signed and verified with one secret; verified ones are remembered."""

import re
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

    def issue(self, user_id: UUID) -> str:
        now = int(time())
        claims = {
            "sub": str(user_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._secret, ALGORITHM)

    def verify(self, token: bytes | str) -> UUID | None:
        """The user that the token was issued to; None for anything that is not a valid token of ours."""
        known = self._verified.get(token)
        if known is not None and known[1] > time():
            return known[0]
        return self._verify_anew(token)

    def _verify_anew(self, token: bytes | str) -> UUID | None:
        self._verified.pop(token, None)
        claims = self._claims(token)
        if claims is None:
            return None
        user_id = UUID(claims["sub"])
        self._verified[token] = (user_id, int(claims["exp"]))
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return user_id

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
                options={"require": ["sub", "iss", "aud", "iat", "exp"], "strict_aud": True},
            )
            UUID(claims["sub"])
        except Exception:  # noqa: BLE001 - a hostile header raises more than PyJWTError (RecursionError, ValueError)
            return None
        return claims
