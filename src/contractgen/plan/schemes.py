"""The types of security schemes: what a request must carry so that its caller is known."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class BearerScheme:
    """A token in `Authorization: Bearer`, also that of OAuth 2 and OpenID Connect."""


@dataclass(frozen=True, slots=True)
class BasicScheme:
    """A user name and a password; `realm` is the text of the challenge."""

    realm: str


@dataclass(frozen=True, slots=True)
class DigestScheme:
    """A response to a challenge of the host (RFC 7616)."""


@dataclass(frozen=True, slots=True)
class HttpScheme:
    """Any other scheme of the header `Authorization`, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class ApiKeyScheme:
    """A key in the parameter of a name, in `header`, `query` or `cookie`."""

    location: str
    name: str


@dataclass(frozen=True, slots=True)
class MutualTlsScheme:
    """A certificate of the client."""


SchemeType: TypeAlias = (
    BearerScheme | BasicScheme | DigestScheme | HttpScheme | ApiKeyScheme | MutualTlsScheme
)
