"""Identities of callers: tokens that the service or an issuer signs, and accounts with a secret.

Each finds the identity that a credential stands for, or None. The method of a host for a security scheme
returns the caller that it makes of that.
"""

import asyncio
import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt

_HOUR = timedelta(hours=1)
# Of a key that does not name its algorithm PyJWT takes the first one alone.
_OF_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_ALGORITHMS = (*_OF_RSA, "ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller's name, and its roles or scopes."""

    name: str
    roles: frozenset[str] = frozenset()


class SignedTokens:
    """JSON Web Tokens that the service signs itself with a secret (HS256)."""

    def __init__(self, secret: str, *, issuer: str) -> None:
        self._secret = secret
        self._issuer = issuer

    def issue(
        self, name: str, roles: Collection[str] = (), *, lifetime: timedelta = timedelta(hours=1)
    ) -> str:
        """Return a token for a name with roles."""
        now = datetime.now(UTC)
        claims = {"sub": name, "roles": sorted(roles), "iss": self._issuer, "iat": now, "exp": now + lifetime}
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def find(self, token: str) -> Identity | None:
        """Return whose token it is; None if it is invalid or expired."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                issuer=self._issuer,
                options={"require": ["sub", "exp"]},
            )
        except jwt.InvalidTokenError:
            return None
        return identity_of(claims)


class IssuedTokens:
    """JSON Web Tokens of an OAuth 2 or OpenID Connect issuer, whose public keys are at `jwks_url`."""

    def __init__(self, jwks_url: str, *, issuer: str, audience: str) -> None:
        self._keys = _IssuerKeys(jwks_url, cache_keys=True, timeout=5)
        self._issuer = issuer
        self._audience = audience

    async def find(self, token: str) -> Identity | None:
        """Return whose token it is; None if it is invalid, expired or meant for another audience.

        ConnectionError when the keys of the issuer cannot be fetched: that is no fault of the client.
        """
        return await asyncio.to_thread(self._find, token)  # fetching keys blocks

    def _find(self, token: str) -> Identity | None:
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=_algorithms(key),
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["sub", "exp"]},
            )
        except (jwt.InvalidTokenError, jwt.PyJWKClientError):
            return None
        return identity_of(claims)


class _IssuerKeys(jwt.PyJWKClient):
    """The keys of an issuer; ConnectionError, with the reason, when its server sends none."""

    def get_signing_keys(self, refresh: bool = False) -> list[jwt.PyJWK]:
        try:
            return super().get_signing_keys(refresh)
        # PyJWT does not check what is in the set.
        except (jwt.PyJWTError, OSError, ValueError, AttributeError, TypeError) as error:
            raise ConnectionError(f"the keys of the issuer cannot be fetched: {error}") from error


def _algorithms(key: jwt.PyJWK) -> Sequence[str]:
    """Return the algorithms of a key: the one that it names, or all of its type."""
    names_it = bool(key._jwk_data.get("alg"))  # noqa: SLF001 - PyJWT tells it nowhere else
    if key.key_type == "RSA" and not names_it:
        return _OF_RSA
    return [key.algorithm_name] if key.algorithm_name in _ALGORITHMS else []


def identity_of(claims: dict[str, Any]) -> Identity:
    """Return the identity of a token's claims: the roles in `roles`, the scopes in `scope` or `scp`."""
    roles: set[str] = set()
    for name in ("roles", "scope", "scp"):
        value = claims.get(name)
        listed = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
        roles |= {each for each in listed if isinstance(each, str)}
    return Identity(str(claims["sub"]), frozenset(roles))


@dataclass(frozen=True, slots=True)
class Account:
    """A name, its secret (a key or a password), and its roles."""

    name: str
    secret: str
    roles: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Account":
        """Read `name:secret` or `name:secret:role role`; ValueError for anything else."""
        name, _, rest = text.partition(":")
        secret, _, roles = rest.partition(":")
        if not name or not secret:
            raise ValueError("an account is written name:secret or name:secret:role role")
        return cls(name, secret, frozenset(roles.split()))


class Accounts:
    """The accounts that keys and passwords belong to; secrets are compared in constant time."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts: Sequence[Account] = tuple(accounts)

    def with_key(self, key: str) -> Identity | None:
        """Return the account whose secret is a key."""
        digest = _digest(key)
        found = [each for each in self._accounts if hmac.compare_digest(_digest(each.secret), digest)]
        return Identity(found[0].name, found[0].roles) if found else None

    def with_password(self, name: str, password: str) -> Identity | None:
        """Return the account of a name if the password is its secret."""
        account = self.named(name)
        secret = account.secret if account else ""
        same = hmac.compare_digest(_digest(secret), _digest(password))
        return Identity(account.name, account.roles) if account and same else None

    def named(self, name: str) -> Account | None:
        """Return the account of a name."""
        return next((each for each in self._accounts if each.name == name), None)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
