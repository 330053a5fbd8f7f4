"""The small contract with every kind of security scheme, served and asked."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tests.contractgen.packages import THING, contract, package_of
from tests.contractgen.service import Answer, Service

TARGET = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
SCHEMES: dict[str, Any] = {
    "bearerAuth": {"type": "http", "scheme": "Bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "queryKey": {"type": "apiKey", "in": "query", "name": "the key"},
    "cookieKey": {"type": "apiKey", "in": "cookie", "name": "session"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "negotiate": {"type": "http", "scheme": "Negotiate"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {"a": "A"}}}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com/oidc"},
    "certificate": {"type": "mutualTLS"},
    "alias": {"$ref": "#/components/securitySchemes/key"},
}
Serve = Callable[..., Service]
Headers = list[tuple[str, str]]


def secured(*requirements: Any) -> Any:
    """The small contract, whose reading operation demands one of the requirements."""
    document = contract()
    document["components"]["securitySchemes"] = SCHEMES
    document["paths"][THING]["get"]["security"] = list(requirements)
    return document


def start(*requirements: Any, change: Callable[[Any], None] = lambda _: None) -> Service:
    """The service of the secured contract, changed by one thing more."""
    document = secured(*requirements)
    change(document)
    service = Service(package_of(document))
    service.answers = {"get_thing": service.package.responses.Thing({"name": "a"})}
    service.answers["put_thing"] = service.package.responses.PutThing204()
    return service


async def ask(service: Service, headers: Headers | None = None, query: str = "", **how: Any) -> Answer:
    return await service.ask("GET", f"{TARGET}{query}", headers=headers or [], **how)


def basic(text: str | bytes) -> Headers:
    raw = text if isinstance(text, bytes) else text.encode()
    return [("Authorization", f"Basic {b64encode(raw).decode()}")]


def challenges(answer: Answer) -> list[str]:
    return [value for name, value in answer.headers if name == "www-authenticate"]


DIGEST = (
    'username="ann", realm="r", nonce="n", uri="/t", response="00ff", algorithm=SHA-256, '
    'cnonce="c, \\"d\\"", qop=auth, nc=0000000a'
)
