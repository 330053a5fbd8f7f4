"""HTTP Digest access authentication, RFC 7616: the credentials of a client and the challenge of the host."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from .credentials import Authorization, unauthorized
from .requests import Request

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of RFC 9110 is no secret
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))[ \t]*(?:,[ \t,]*|\Z)')
_COUNT = re.compile(r"[0-9a-fA-F]{8}", re.ASCII)
_REQUIRED = {"realm", "nonce", "uri", "response"}


@dataclass(frozen=True, slots=True)
class DigestChallenge:
    """The challenge from which a client computes its response; the host creates and recognizes the nonce."""

    realm: str
    nonce: str
    algorithm: str = "SHA-256"
    qop: str = "auth"
    opaque: str | None = None
    stale: bool = False

    def encode(self) -> bytes:
        quoted = {"realm": self.realm, "nonce": self.nonce, "qop": self.qop, "opaque": self.opaque}
        parameters = [f"{name}={_quoted(value)}" for name, value in quoted.items() if value is not None]
        parameters += [
            f"algorithm={self.algorithm}",
            "charset=UTF-8",
            *(["stale=true"] if self.stale else []),
        ]
        return f"Digest {', '.join(parameters)}".encode()


@dataclass(frozen=True, slots=True)
class DigestCredentials:
    """A client's parameters and the request's method, from which its response is computed.

    `nonce_count` is `nc`, or 0 without it. `username` is a hash if `userhash` is true.
    """

    username: str
    realm: str
    nonce: str
    uri: str
    method: str
    response: str = field(repr=False)
    algorithm: str
    qop: str | None
    cnonce: str | None
    nonce_count: int
    opaque: str | None
    userhash: bool


class Digest(Authorization):
    """The parameters of `Authorization: Digest`; the host checks the response."""

    def __init__(self) -> None:
        super().__init__("Digest")

    def read(self, request: Request) -> DigestCredentials:
        try:
            return _credentials(_parameters(self.text(request).decode()), request.scope["method"])
        except ValueError:  # not UTF-8, or not the parameters that the scheme requires
            raise unauthorized(self.challenge) from None


def _parameters(text: str) -> dict[str, str]:
    """Return the parameters by lowercase name; raise ValueError for a malformed or repeated one."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None or match[1].lower() in found:
            raise ValueError("not a list of parameters")
        found[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        position = match.end()
    return found


def _credentials(given: dict[str, str], method: str) -> DigestCredentials:
    if not given.keys() >= _REQUIRED or ("username" in given) == ("username*" in given):
        raise ValueError("a parameter is missing")
    if "qop" in given and not (given.keys() >= {"cnonce", "nc"} and _COUNT.fullmatch(given["nc"])):
        raise ValueError("qop needs cnonce and nc")
    return DigestCredentials(
        username=given["username"] if "username" in given else _extended(given["username*"]),
        realm=given["realm"],
        nonce=given["nonce"],
        uri=given["uri"],
        method=method,
        response=given["response"],
        algorithm=given.get("algorithm", "MD5"),
        qop=given.get("qop"),
        cnonce=given.get("cnonce"),
        nonce_count=int(given["nc"], 16) if "qop" in given else 0,
        opaque=given.get("opaque"),
        userhash=given.get("userhash", "").lower() == "true",
    )


def _extended(value: str) -> str:
    """Return the text of an extended parameter, RFC 8187: `UTF-8''J%C3%A4s` -> `Jäs`."""
    charset, _, rest = value.partition("'")
    if charset.lower() != "utf-8":
        raise ValueError("not UTF-8")
    return unquote(rest.partition("'")[2], errors="strict")


def _quoted(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a challenge's parameter must be printable")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
