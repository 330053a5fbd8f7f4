"""The header `Prefer` (RFC 7240), by which a client chooses a mock's response."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from starlette.types import ASGIApp, Receive, Scope, Send

from contractgen_runtime.problems import Refusal

_MOST_DELAY = 60_000
_MEMBER = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_PREFERENCE = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)')
_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_NONE: Mapping[str, str] = MappingProxyType({})
# The preferences of a mock; all others are those of the contract.
_OWN = ("code", "example", "delay")


@dataclass(frozen=True, slots=True)
class MockedRequest:
    """The parts of a request that a mock needs: its method, its path, and the preferences of the client."""

    method: str
    path: str
    preferences: Mapping[str, str]


#: The request that is being handled.
CURRENT: ContextVar[MockedRequest] = ContextVar("mocked request")


class Preferences:
    """ASGI middleware that makes a request, with its preferences, known to the mock of its handler.

    The route does not see the preferences of the mock: a contract may have a parameter `Prefer` of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            preferences = preferences_of(scope)
            CURRENT.set(MockedRequest(scope["method"], scope["path"], preferences))
            if not preferences.keys().isdisjoint(_OWN):
                scope = {**scope, "headers": list(_without_own(scope["headers"]))}
        await self._app(scope, receive, send)


def preferences_of(scope: Scope) -> Mapping[str, str]:
    """Return the preferences of a request by name."""
    fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"prefer"]
    return parse_preferences(",".join(fields)) if fields else _NONE


def _without_own(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers of a request without the preferences of the mock."""
    for name, value in headers:
        if name != b"prefer":
            yield name, value
            continue
        members = _MEMBER.findall(value.decode("latin-1"))
        others = [each for each in members if parse_preferences(each).keys().isdisjoint(_OWN)]
        if others:
            yield name, ",".join(others).strip().encode("latin-1")


def delay_of(preferences: Mapping[str, str]) -> float:
    """Return the seconds that a client wants to wait; Refusal if they are none, or too many."""
    delay = preferences.get("delay", "0")
    if not (delay.isascii() and delay.isdecimal() and len(delay) < 6 and int(delay) <= _MOST_DELAY):
        raise Refusal(400, f"Prefer: delay is a number of milliseconds, at most {_MOST_DELAY}.")
    return int(delay) / 1000


def applied(preferences: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the header `Preference-Applied` of a mock's own preferences, if there are any."""
    names = [name for name in _OWN if name in preferences]
    value = ", ".join(f"{name}={_word(preferences[name])}" for name in names)
    return [(b"preference-applied", value.encode("latin-1"))] if names else []


def _word(value: str) -> str:
    """Return a token as it is, and any other text in quotes."""
    if _TOKEN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def parse_preferences(text: str) -> dict[str, str]:
    """Parse the header: of a repeated name the first counts, what is malformed is ignored."""
    found: dict[str, str] = {}
    for member in _MEMBER.findall(text):
        if match := _PREFERENCE.match(member):
            value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            found.setdefault(match[1].lower(), value)
    return found
