"""Who sends a request: the credentials that it carries, one reader for each kind of security scheme.

A reader's `read` gives the credential, or refuses the request with 401 and the scheme's challenge. `sent`
says whether there is one of its kind, `attempted` whether its place holds anything at all.
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
        """What `WWW-Authenticate` says of the scheme, RFC 9110."""
        ...

    def attempted(self, request: Request) -> bool: ...

    def sent(self, request: Request) -> bool: ...

    def read(self, request: Request) -> CredentialT_co: ...


def has_credentials(request: Request) -> bool:
    """Whether the request says in `Authorization` who sends it."""
    return b"authorization" in request.headers


def bearer_token(request: Request) -> str:
    """The token of `Authorization: Bearer`; 401 when there is none, or more than one."""
    scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise unauthorized(BEARER)
    if len(request.headers) != len(request.scope["headers"]) and request.count(b"authorization") > 1:
        raise unauthorized(BEARER)
    return token.decode("latin-1")


def unauthorized(*challenges: bytes) -> Refusal:
    """401, with the challenges that RFC 9110 asks for."""
    only_tokens = all(challenge.startswith(BEARER) for challenge in challenges)
    needed = "a valid access token" if only_tokens else "valid credentials"
    return Refusal(401, f"This operation needs {needed}.", [(_CHALLENGE, each) for each in challenges])


# Authorization ------------------------------------------------------------------------------------------


class Authorization:
    """The header `Authorization` where it is of one scheme."""

    def __init__(self, name: str) -> None:
        self.name = name.lower().encode()
        self.challenge = name.encode()

    def attempted(self, request: Request) -> bool:
        return has_credentials(request)

    def sent(self, request: Request) -> bool:
        return request.headers.get(b"authorization", b"").partition(b" ")[0].lower() == self.name

    def text(self, request: Request) -> bytes:
        """What follows the scheme's name; 401 when there is nothing, or more than one header."""
        text = request.headers.get(b"authorization", b"").partition(b" ")[2].strip()
        if not self.sent(request) or not text or request.count(b"authorization") > 1:
            raise unauthorized(self.challenge)
        return text


class HttpScheme(Authorization):
    """Any scheme of `Authorization`: what follows its name, as it stands."""

    def read(self, request: Request) -> str:
        return self.text(request).decode("latin-1")


class Bearer(Authorization):
    """A bearer token, RFC 6750: what http bearer, oauth2 and openIdConnect have in common."""

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
        # No scheme is registered for keys; this one tells a client where the key belongs.
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        self.challenge = f'ApiKey in="{location}", name="{quoted}"'.encode()

    def attempted(self, request: Request) -> bool:
        return bool(self._values(request))

    def sent(self, request: Request) -> bool:
        return bool(self._values(request))

    def read(self, request: Request) -> str:
        """The key as it stands, a query's percent-decoded; 401 when there is none, or more than one."""
        values = self._values(request)
        if self.location == "cookie":
            values = values[:1]  # of several the first, which is the most specific
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
    """The certificate that a client has shown: its subject (RFC 4514), and its chain, PEM, its own first."""

    subject: str
    chain: tuple[str, ...]


class MutualTls:
    """The client's certificate as the server verified it: the extension `tls` of ASGI.

    A server without the extension shows none, so that every request is refused.
    """

    challenge: ClassVar[bytes] = b"ClientCertificate"

    def attempted(self, request: Request) -> bool:
        return self.sent(request)

    def sent(self, request: Request) -> bool:
        tls = _tls(request)
        return any(tls.get(each) for each in ("client_cert_name", "client_cert_chain", "client_cert_error"))

    def read(self, request: Request) -> ClientCertificate:
        """401 without a certificate, and for one that the server could not verify."""
        tls = _tls(request)
        if not self.sent(request) or tls.get("client_cert_error"):
            raise unauthorized(self.challenge)
        return ClientCertificate(tls.get("client_cert_name") or "", tuple(tls.get("client_cert_chain") or ()))


def _tls(request: Request) -> dict[str, Any]:
    extensions: dict[str, dict[str, Any]] = request.scope.get("extensions") or {}
    return extensions.get("tls") or {}
