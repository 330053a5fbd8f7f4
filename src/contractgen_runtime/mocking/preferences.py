"""The header `Prefer` (RFC 7240): which response a client wants from a mock."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from starlette.types import ASGIApp, Receive, Scope, Send

_MEMBER = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_PREFERENCE = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)')
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MockedRequest:
    """What a mock needs to know of a request: its method, its path, and the preferences of the client."""

    method: str
    path: str
    preferences: Mapping[str, str]


#: The request that is being handled.
CURRENT: ContextVar[MockedRequest] = ContextVar("mocked request")


class Preferences:
    """ASGI middleware that makes a request, with its preferences, known to the mock of its handler."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            CURRENT.set(MockedRequest(scope["method"], scope["path"], preferences_of(scope)))
        await self._app(scope, receive, send)


def preferences_of(scope: Scope) -> Mapping[str, str]:
    """Return the preferences of a request by name."""
    fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"prefer"]
    return parse_preferences(",".join(fields)) if fields else _NONE


def parse_preferences(text: str) -> dict[str, str]:
    """Parse the header: of a repeated name the first counts, what is malformed is ignored."""
    found: dict[str, str] = {}
    for member in _MEMBER.findall(text):
        if match := _PREFERENCE.match(member):
            value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            found.setdefault(match[1].lower(), value)
    return found
