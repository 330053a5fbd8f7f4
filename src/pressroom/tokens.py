"""Access tokens: JWTs in one exact form; verified ones are remembered. Opaque tokens: random, used once."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from random import randrange
from time import time
from typing import Any, NamedTuple, cast
from uuid import UUID

from pressroom.keys import Key, accepted_keys, signing_key
from pressroom.settings import Settings

ISSUER = AUDIENCE = "pressroom"
#: RFC 9068: nothing that is signed for another purpose is taken for an access token.
TYPE = "at+jwt"
#: Seconds that clocks may differ.
LEEWAY = 5
LONGEST = 4096
REMEMBERED = 16_384

_HEADER = {"alg", "kid", "typ"}
_CLAIMS = {"sub", "sid", "iss", "aud", "iat", "exp"}


class Verified(NamedTuple):
    """The claims of a valid token."""

    session_id: UUID
    user_id: UUID
    usable_until: int


class TokenIssuer:
    """Issues and verifies access tokens; a verified one costs a look-up until it expires or is pushed out.

    A token is verified by the key that it names and by no other, and a key has one algorithm.
    """

    def __init__(self, settings: Settings) -> None:
        self.lifetime = settings.token_lifetime
        self._key = signing_key(settings)
        self._keys = {key.id: key for key in (self._key, *accepted_keys(settings))}
        self._verified: dict[bytes | str, Verified] = {}
        self._remembered: list[bytes | str] = []

    def issue(self, user_id: UUID, session_id: UUID) -> str:
        now, key = int(time()), self._key
        claims = {
            "sub": str(user_id),
            "sid": str(session_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime,
        }
        sign = cast("Callable[[bytes], bytes]", key.sign)  # settings refuse a key that cannot
        header = {"alg": key.algorithm, "kid": key.id, "typ": TYPE}
        message = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        return f"{message}.{_part(sign(message.encode()))}"

    def verify(self, token: bytes | str) -> Verified | None:
        """The session and the account of a token; None for anything that is not a valid token of ours."""
        known = self._verified.get(token)
        if known is not None and known.usable_until > time():
            return known
        return self._verify_anew(token)

    def _verify_anew(self, token: bytes | str) -> Verified | None:
        self._verified.pop(token, None)
        if len(token) > LONGEST:
            return None
        try:
            found = self._read(token.decode("ascii") if isinstance(token, bytes) else token)
        except Exception:  # noqa: BLE001 - a hostile header raises more than ValueError (RecursionError, KeyError)
            return None
        self._remember(token, found)
        return found

    def _remember(self, token: bytes | str, found: Verified) -> None:
        """Remember a token in place of any other one: of more tokens than places, in turn, most are found."""
        if len(self._remembered) < REMEMBERED:
            self._remembered.append(token)
        else:
            place = randrange(REMEMBERED)  # noqa: S311 - which one is forgotten is no secret
            self._verified.pop(self._remembered[place], None)
            self._remembered[place] = token
        self._verified[token] = found

    def _read(self, text: str) -> Verified:
        """Return what the token says; raise any exception if it is not exactly as `issue` makes it."""
        header, payload, _ = text.split(".")
        _expect(is_signed(text, self._key_of(_object(header))))
        claims, now = _object(payload), int(time())
        _expect(claims.keys() == _CLAIMS)
        _expect((claims["iss"], claims["aud"]) == (ISSUER, AUDIENCE))
        _expect(type(claims["iat"]) is type(claims["exp"]) is int)
        _expect(claims["iat"] - LEEWAY <= now < claims["exp"] + LEEWAY)
        return Verified(_id(claims["sid"]), _id(claims["sub"]), claims["exp"] + LEEWAY)

    def _key_of(self, header: dict[str, Any]) -> Key:
        _expect(header.keys() == _HEADER and header["typ"] == TYPE)
        key = self._keys[header["kid"]]
        _expect(header["alg"] == key.algorithm)
        return key


def is_signed(text: str, key: Key) -> bool:
    """Return whether a token is signed with a key, and in the one spelling that it has."""
    try:
        _, _, signature = map(_bytes, text.split("."))
    except ValueError:
        return False
    return key.is_signature(signature, text.rpartition(".")[0].encode())


def _expect(condition: bool) -> None:
    if not condition:
        raise ValueError


def _object(part: str) -> dict[str, Any]:
    """The JSON object of a part; ValueError if it has a name twice, or what only Python takes for JSON."""
    value = json.loads(_bytes(part).decode(), object_pairs_hook=_once, parse_constant=_expect_not)
    _expect(type(value) is dict)
    return dict(value)


def _part(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(part: str) -> bytes:
    """The bytes of a part in its one spelling: Python skips what is no base64, and unused bits at the end."""
    value = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    _expect(_part(value) == part)
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    _expect(len(dict(pairs)) == len(pairs))
    return dict(pairs)


def _expect_not(constant: str) -> None:
    raise ValueError(constant)


def _id(text: object) -> UUID:
    """An id in its one spelling."""
    _expect(isinstance(text, str) and str(UUID(text)) == text)
    return UUID(str(text))


def opaque_token() -> str:
    """32 random bytes in base64url."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Return the digest that is stored of a mailed token, which is random: so no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()
