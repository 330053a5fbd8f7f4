"""Security schemes: what a request must carry so that its caller is known."""

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


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme: `method` is the name of the host's method that turns a credential into a caller."""

    name: str
    method: str
    type: SchemeType

    @property
    def is_bearer(self) -> bool:
        return isinstance(self.type, BearerScheme)

    @property
    def is_digest(self) -> bool:
        return isinstance(self.type, DigestScheme)

    @property
    def is_mutual_tls(self) -> bool:
        return isinstance(self.type, MutualTlsScheme)

    @property
    def query_key(self) -> str | None:
        """The name of the query parameter that carries the credential, if one does."""
        match self.type:
            case ApiKeyScheme("query", name):
                return name
        return None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Schemes that let a caller in together; `class_name` is that of the callers of several."""

    schemes: tuple[Scheme, ...]
    class_name: str | None
