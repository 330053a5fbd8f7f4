"""The credentials of a request: one reader for each type of security scheme.

`read` returns the credential or rejects the request with 401 and the scheme's challenge. `sent` returns
whether the request has a credential of the scheme, `attempted` whether its header, parameter or cookie has
any value.
"""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar
from urllib.parse import unquote_plus

from .problems import Refusal
from .requests import Request

CredentialT_co = TypeVar("CredentialT_co", covariant=True)

_CHALLENGE = b"www-authenticate"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BEARER = b"Bearer"


class Reader(Protocol[CredentialT_co]):
    """Reads the credential of one security scheme."""

    @property
    def challenge(self) -> bytes:
        """The challenge of the scheme in `WWW-Authenticate`, RFC 9110."""
        ...

    def attempted(self, request: Request) -> bool: ...

    def sent(self, request: Request) -> bool: ...

    def read(self, request: Request) -> CredentialT_co: ...


def has_credentials(request: Request) -> bool:
    """Return whether the request has an `Authorization` header."""
    return b"authorization" in request.headers


def bearer_token(request: Request) -> str:
    """Return the token of `Authorization: Bearer`; raise 401 if there is none or more than one."""
    scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise unauthorized(BEARER)
    if len(request.headers) != len(request.scope["headers"]) and request.count(b"authorization") > 1:
        raise unauthorized(BEARER)
    return token.decode("latin-1")


def unauthorized(*challenges: bytes) -> Refusal:
    """Return a 401 with the challenges that RFC 9110 requires."""
    only_tokens = all(challenge.startswith(BEARER) for challenge in challenges)
    needed = "a valid access token" if only_tokens else "valid credentials"
    return Refusal(401, f"This operation needs {needed}.", [(_CHALLENGE, each) for each in challenges])


# Authorization ------------------------------------------------------------------------------------------


class Authorization:
    """The `Authorization` header of one scheme."""

    def __init__(self, name: str) -> None:
        self.name = name.lower().encode()
        self.challenge = name.encode()

    def attempted(self, request: Request) -> bool:
        return has_credentials(request)

    def sent(self, request: Request) -> bool:
        return request.headers.get(b"authorization", b"").partition(b" ")[0].lower() == self.name

    def text(self, request: Request) -> bytes:
        """Return the text after the scheme's name; raise 401 if it is empty or there are several headers."""
        text = request.headers.get(b"authorization", b"").partition(b" ")[2].strip()
        if not self.sent(request) or not text or request.count(b"authorization") > 1:
            raise unauthorized(self.challenge)
        return text


class HttpScheme(Authorization):
    """Any scheme of `Authorization`: the unchanged text after its name."""

    def read(self, request: Request) -> str:
        return self.text(request).decode("latin-1")


class Bearer(Authorization):
    """A bearer token, RFC 6750: the credential of http bearer, oauth2 and openIdConnect."""

    def __init__(self) -> None:
        super().__init__("Bearer")

    def read(self, request: Request) -> str:
        return bearer_token(request)


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """A user's name and password, RFC 7617."""

    username: str
    password: str = field(repr=False)


class Basic(Authorization):
    """A user's name and password, in base64 of UTF-8."""

    def __init__(self, realm: str) -> None:
        super().__init__("Basic")
        self.challenge = f'Basic realm="{realm}", charset="UTF-8"'.encode()

    def read(self, request: Request) -> BasicCredentials:
        try:
            text = b64decode(self.text(request), validate=True).decode()
        except ValueError:  # not base64, or not of UTF-8
            raise unauthorized(self.challenge) from None
        username, colon, password = text.partition(":")
        if not colon or _CONTROL.search(text):
            raise unauthorized(self.challenge)
        return BasicCredentials(username, password)


# Elsewhere ----------------------------------------------------------------------------------------------


class ApiKey:
    """A key in a header, in the query or in a cookie."""

    def __init__(self, location: str, name: str) -> None:
        self.location = location
        self.name = name
        # No scheme is registered for keys; this one names the location of the key.
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        self.challenge = f'ApiKey in="{location}", name="{quoted}"'.encode()

    def attempted(self, request: Request) -> bool:
        return bool(self._values(request))

    def sent(self, request: Request) -> bool:
        return bool(self._values(request))

    def read(self, request: Request) -> str:
        """Return the key, percent-decoded if it is in the query; raise 401 unless there is exactly one."""
        values = self._values(request)
        if self.location == "cookie":
            values = values[:1]  # the first of several is the most specific
        if len(values) != 1 or not values[0]:
            raise unauthorized(self.challenge)
        try:
            return unquote_plus(values[0], errors="strict") if self.location == "query" else values[0]
        except UnicodeDecodeError:
            raise unauthorized(self.challenge) from None

    def _values(self, request: Request) -> list[str]:
        if self.location == "query":
            query: bytes = request.scope["query_string"]
            pairs = [pair.partition("=") for pair in query.decode("latin-1").split("&")]
            return [value for name, _, value in pairs if unquote_plus(name) == self.name]
        if self.location == "header":
            return _header_values(request, self.name.lower().encode())
        cookies = [pair for line in _header_values(request, b"cookie") for pair in line.split(";")]
        pairs = [cookie.strip().partition("=") for cookie in cookies]
        return [value for name, _, value in pairs if name == self.name]


def _header_values(request: Request, name: bytes) -> list[str]:
    if name not in request.headers:
        return []
    return [value.decode("latin-1") for header, value in request.scope["headers"] if header == name]


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client's certificate: its subject (RFC 4514) and its chain in PEM, itself first."""

    subject: str
    chain: tuple[str, ...]


class MutualTls:
    """The client's certificate as the server verified it: the extension `tls` of ASGI.

    Without the extension there is no certificate, so every request is rejected.
    """

    challenge: ClassVar[bytes] = b"ClientCertificate"

    def attempted(self, request: Request) -> bool:
        return self.sent(request)

    def sent(self, request: Request) -> bool:
        tls = _tls(request)
        return any(tls.get(each) for each in ("client_cert_name", "client_cert_chain", "client_cert_error"))

    def read(self, request: Request) -> ClientCertificate:
        """Return the certificate; raise 401 without one, or if the server could not verify it."""
        tls = _tls(request)
        if not self.sent(request) or tls.get("client_cert_error"):
            raise unauthorized(self.challenge)
        return ClientCertificate(tls.get("client_cert_name") or "", tuple(tls.get("client_cert_chain") or ()))


def _tls(request: Request) -> dict[str, Any]:
    extensions: dict[str, dict[str, Any]] = request.scope.get("extensions") or {}
    return extensions.get("tls") or {}
