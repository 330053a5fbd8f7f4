"""The edge around every request: its id, allowed hosts, security headers, last resort and access log."""

import re
from asyncio import CancelledError
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Protocol, TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contractgen_runtime.problems import Refusal

from .log import describe, ids_of, write_line
from .problems import FAILED, MEDIA_TYPE, problem_body
from .request_ids import ID_HEADER, RequestIds

Header = tuple[bytes, bytes]
#: Called for each request with its method, the template of its route if any, the status, and the seconds.
Observer: TypeAlias = Callable[[str, str | None, int, float], None]

# Of W3C Trace Context: version, trace id, parent id, flags; only later versions than 00 may append more.
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:(?<!^00.{53})-.*)?"
)
_HOST = re.compile(rb"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LONGEST_PATH = 200
_UNMATCHED = "(unmatched)"
_REMEMBERED_HOSTS = 256

_RETRY_AFTER = (b"retry-after", b"1")
SECURITY_HEADERS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
)
_OURS = frozenset(name for name, _ in SECURITY_HEADERS) | {ID_HEADER}


class Span(Protocol):
    """The span of one request."""

    def end(self, template: str | None, status: int) -> None: ...


class Tracing(Protocol):
    """Begins the span of a request, and sets `scope["trace_id"]` to the trace that it belongs to."""

    def begin(self, scope: Scope) -> Span: ...


class Edge:
    """ASGI middleware around everything. Handlers find the id, one of `ids`, in `scope["request_id"]`.

    `details` are more fields of a request's line in the log. A line has the `trace_id` of a request that
    belongs to a trace. `observe` counts requests and `tracing` traces them; each costs nothing unless given.
    With `request_id_in_problems` every problem has the id too, as `request_id`: clients can quote it,
    whatever rejects their request. Problems are sent in one piece.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Collection[str],
        ids: RequestIds | None = None,
        request_id_in_problems: bool = False,
        log: Callable[[dict[str, Any]], None] = write_line,
        details: Callable[[Scope], Mapping[str, object]] | None = None,
        observe: Observer | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._app = app
        self._details = details
        self._observe = observe
        self._tracing = tracing
        self._log = log
        self._ids = ids or RequestIds()
        self._in_problems = request_id_in_problems
        self._any_host = "*" in allowed_hosts
        self._hosts = frozenset(host.encode() for host in allowed_hosts)
        self._known_hosts: set[bytes] = set()  # as sent, with port: spares parsing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        host, sent_id = _read(scope)
        scope["request_id"] = request_id = self._ids.of(sent_id)
        span = self._tracing.begin(scope) if self._tracing is not None else None
        id_header = (ID_HEADER, request_id.encode("ascii"))
        status = size = 0
        addition = b""

        async def send_finished(message: Message) -> None:
            nonlocal status, size, addition
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _finished(message.get("headers", ()), id_header)
                addition = self._extend_problem(message, request_id) if status >= 400 else b""
            elif message["type"] == "http.response.body":
                size += _add(addition, message)
            await _send_to_who_is_there(send, message)

        try:
            if host in self._known_hosts or self._is_allowed(host):
                await self._app(scope, receive, send_finished)
            else:
                await _send_problem(send_finished, 400, "The Host header names no host of this service.")
        except CancelledError:
            # The server shuts down and waits no longer: the client can try elsewhere.
            if not status:
                await _send_problem(send_finished, 503, "The service is shutting down.", _RETRY_AFTER)
            raise
        except Exception as error:  # noqa: BLE001 - the last resort, and the only place that logs it
            refusal = self._refusal_of(error, scope)
            # Of an answer that has begun only the end can be withheld: the server then cuts the connection.
            if not status:
                await _send_problem(send_finished, refusal.status, refusal.detail, *refusal.headers)
        finally:
            self._finish(scope, span, started, status, size)

    def _finish(self, scope: Scope, span: Span | None, started: float, status: int, size: int) -> None:
        """Log and count a request whose response is sent."""
        seconds = perf_counter() - started
        template: str | None = getattr(scope.get("route"), "path", None)
        entry = {
            "time": datetime.now(UTC),
            "level": "info",
            "event": "request",
            "request_id": scope["request_id"],
            "method": scope["method"],
            "route": template or _address(scope, status),
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes": size,
        }
        if "trace_id" in scope:
            entry["trace_id"] = scope["trace_id"]
        if self._details is not None:
            entry |= self._details(scope)
        self._log(entry)
        if self._observe is not None:
            self._observe(scope["method"], template, status, seconds)
        if span is not None:
            span.end(template, status)

    def _extend_problem(self, message: Message, request_id: str) -> bytes:
        """Return what replaces the last brace of a problem, and make room for it in Content-Length."""
        if not self._in_problems or (b"content-type", MEDIA_TYPE.encode()) not in message["headers"]:
            return b""
        addition = b',"request_id":"%b"}' % request_id.encode("ascii")
        message["headers"] = [
            (name, b"%d" % (int(value) + len(addition) - 1) if name == b"content-length" else value)
            for name, value in message["headers"]
        ]
        return addition

    def _is_allowed(self, host: bytes | None) -> bool:
        parsed = _HOST.fullmatch(host) if host else None
        if host is None or parsed is None:
            return False
        name = parsed[1].lower()
        allowed = (
            self._any_host
            or name in self._hosts
            or any(b"*" + name[dot:] in self._hosts for dot in range(1, len(name)) if name[dot] == ord("."))
        )
        if allowed and len(self._known_hosts) < _REMEMBERED_HOSTS:
            self._known_hosts.add(host)
        return allowed

    def _refusal_of(self, error: Exception, scope: Scope) -> Refusal:
        """Return what is sent for an error; `receive` raises refusals to routes without generated code."""
        if isinstance(error, Refusal):
            return error
        self._log(
            {
                "time": datetime.now(UTC),
                "level": "error",
                "event": "unhandled_exception",
                **ids_of(scope),
                "error": type(error).__qualname__,
                "traceback": describe(error),
            }
        )
        return Refusal(500, FAILED)


def _address(scope: Scope, status: int) -> str:
    """The address of a request without a route; of one that does not exist nothing: it may be anything."""
    return _UNMATCHED if status in (404, 405) else scope["path"][:_LONGEST_PATH]


def _read(scope: Scope) -> tuple[bytes | None, bytes | None]:
    """Return the Host, None unless there is exactly one, and the id that the client has sent.

    The trace that the request belongs to, if it names one, is set in the scope.
    """
    host = given = None
    hosts = 0
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
            hosts += 1
        elif name == ID_HEADER:
            given = value
        elif name == b"traceparent" and (parent := _TRACEPARENT.fullmatch(value)):
            scope["trace_id"] = parent[1].decode("ascii")
    return (host if hosts == 1 else None), given


def _finished(headers: Collection[Header], id_header: Header) -> list[Header]:
    """The answer's headers with ours behind them; what the app has set itself stays, but for the id."""
    for name, _ in headers:
        if name in _OURS:
            break
    else:
        return [*headers, id_header, *SECURITY_HEADERS]
    given = {name for name, _ in headers}
    kept = [header for header in headers if header[0] != ID_HEADER]
    return [*kept, id_header, *(header for header in SECURITY_HEADERS if header[0] not in given)]


def _add(addition: bytes, message: Message) -> int:
    """Add to a body that has a last brace; return its length."""
    body: bytes = message.get("body", b"")
    if addition and body:
        message["body"] = body = body[:-1] + addition
    return len(body)


async def _send_to_who_is_there(send: Send, message: Message) -> None:
    """Send, unless the client has left: that is no failure of the service."""
    try:
        await send(message)
    except OSError:
        pass
    except RuntimeError as error:
        if "handler is closed" not in str(error):  # as uvloop calls a connection that is gone
            raise


async def _send_problem(send: Send, status: int, detail: str, *more: Header) -> None:
    body = problem_body(status, detail)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
