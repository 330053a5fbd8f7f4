"""A service for any generated package: stand-ins for its handlers and host, and requests to it over ASGI."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.types import Message, Scope


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        values = [value for header, value in self.headers if header == name]
        assert len(values) < 2, f"{name} stands {len(values)} times"
        return values[0] if values else None


async def ask(
    app: Any,
    method: str,
    target: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
    tls: dict[str, Any] | None = None,
    leaves: bool = False,
) -> Answer:
    """One request; a body of several chunks comes in as many messages; `tls` is ASGI's extension.

    A client that `leaves` does so after the chunks, without having ended the body.
    """
    path, _, query = target.partition("?")
    chunks = [body] if isinstance(body, bytes) else list(body)
    incoming = [
        {"type": "http.request", "body": chunk, "more_body": leaves or index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    incoming += [{"type": "http.disconnect"}] if leaves else []
    sent: list[Message] = []

    async def receive() -> Message:
        if not incoming:  # a client that waits for its answer
            await asyncio.Event().wait()
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = http_scope(method, path, query, headers)
    await app(scope if tls is None else {**scope, "extensions": {"tls": tls}}, receive, send)
    start, *rest = sent
    return Answer(
        start["status"],
        [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]],
        b"".join(message.get("body", b"") for message in rest),
    )


def http_scope(method: str, path: str, query: str = "", headers: Sequence[tuple[str, str]] = ()) -> Scope:
    """An ASGI scope as servers make it of a path as it is sent."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }


@dataclass(frozen=True)
class Caller:
    """Whoever presents a token; the token is the list of the roles."""

    roles: frozenset[str]


@dataclass
class Context:
    """A unit of work that remembers how it ended."""

    finished: list[int] = field(default_factory=list)

    async def finish(self, status: int) -> None:
        self.finished.append(status)


class Host:
    """The token `reader,admin` stands for a caller of these roles, `bad` for nobody.

    Credentials of other kinds are taken alike: their user's name or subject is the list of the roles.
    """

    def __init__(self, refusal: type[Exception]) -> None:
        self.refusal = refusal
        self.contexts: list[Context] = []
        self.credentials: list[tuple[str, Any]] = []

    def learn(self, operations: Any) -> None:
        """Have a method for every security scheme of a contract."""
        for name, member in vars(operations.Host).items():
            if inspect.iscoroutinefunction(member) and not hasattr(self, name):
                challenges = member.__annotations__["return"] == "DigestChallenge"
                method = partial(self._challenge, operations) if challenges else partial(self._take, name)
                setattr(self, name, method)

    @asynccontextmanager
    async def unit_of_work(self, operation: Any, scope: Scope, /) -> AsyncIterator[Context]:
        self.contexts.append(Context())
        yield self.contexts[-1]

    async def bearer_auth(self, context: Context, token: str, /) -> Caller | None:
        return None if token == "bad" else Caller(frozenset(token.split(",")))

    async def _challenge(self, operations: Any, context: Context, /) -> Any:
        return operations.DigestChallenge(realm='a "b"', nonce="n", opaque="o", stale=True)

    async def _take(self, method: str, context: Context, credential: Any, /) -> Caller | None:
        self.credentials.append((method, credential))
        text = getattr(credential, "username", getattr(credential, "subject", credential))
        return await self.bearer_auth(context, text)

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Exception:
        return self.refusal(500, f"{type(error).__name__}: {error}")


class Service:
    """A generated package, mounted; `answers` holds what each handler returns, `calls` what it was given."""

    def __init__(self, package: Any) -> None:
        self.package = package
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.watch: Callable[[Any], Awaitable[None]] | None = None
        self.host = Host(package.operations.Refusal)
        self.host.learn(package.operations)
        self.app = FastAPI()
        wanted = inspect.signature(package.Api.__init__).parameters
        tags = {name: p.annotation for name, p in wanted.items() if name not in ("self", "host")}
        self.handlers = {name: self._handlers(protocol) for name, protocol in tags.items()}
        package.Api(host=self.host, **self.handlers).mount(self.app)

    def _handlers(self, annotation: Any) -> SimpleNamespace:
        protocol = annotation.__origin__
        names = [name for name, member in vars(protocol).items() if inspect.iscoroutinefunction(member)]
        return SimpleNamespace(**{name: self._handler(name, getattr(protocol, name)) for name in names})

    def _handler(self, name: str, member: Any) -> Any:
        async def handler(*arguments: Any, **named: Any) -> Any:
            self.calls.append((name, arguments, named))
            if self.watch:
                await self.watch(named["body"])
            return self.answers[name]

        signature = inspect.signature(member)
        handler.__signature__ = signature.replace(  # type: ignore[attr-defined]  # inspect reads it first
            parameters=list(signature.parameters.values())[1:]
        )
        return handler

    @property
    def call(self) -> dict[str, Any]:
        """The named arguments of the one call that was made."""
        ((_, _, named),) = self.calls
        return named

    def operation(self, operation_id: str) -> Any:
        """The live table of an operation."""
        found = [
            route.operation
            for route in self.app.routes
            if hasattr(route, "operation") and route.operation.operation_id == operation_id
        ]
        return found[0]

    async def ask(self, method: str, target: str, **how: Any) -> Answer:
        """A request as `ask` makes it; `token` and `json` are short for their headers and body."""
        headers = list(how.pop("headers", ()))
        if "token" in how:
            headers.append(("Authorization", f"Bearer {how.pop('token')}"))
        if "json" in how:
            headers.append(("Content-Type", "application/json"))
            how["body"] = json.dumps(how.pop("json")).encode()
            headers.append(("Content-Length", str(len(how["body"]))))
        return await ask(self.app, method, target, headers=headers, **how)
