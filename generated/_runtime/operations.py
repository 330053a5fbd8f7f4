"""What a route executes: an operation of the contract, its responses, and the service behind it."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from starlette.types import Scope

from .bodies import Body
from .parameters import Parameter
from .problems import Encoded, Refusal
from .requests import Request


class Response:
    """An answer that the contract declares; generated classes add its body and headers as fields."""

    status: ClassVar[int]
    media_type: ClassVar[str | None] = None
    model: ClassVar[type | None] = None
    header_names: ClassVar[dict[str, bool]] = {}

    def encode(self) -> Encoded:
        """Status, headers and body, ready to send."""
        raise TypeError(f"{type(self).__name__} is not a response of the contract")


@dataclass(slots=True, eq=False)
class Operation:
    """One method on one path: the very tables that its route reads.

    `security` holds the alternatives: each names schemes and the roles that the caller must have.
    `query_keys` names the credentials that stand in the query.
    """

    operation_id: str
    tag: str
    method: str
    path: str
    security: tuple[dict[str, tuple[str, ...]], ...]
    parameters: tuple[Parameter[Any], ...]
    body: Body[Any] | None
    responses: tuple[type[Response], ...]
    query_keys: tuple[str, ...] = ()
    query_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        parameters = (p.name for p in self.parameters if p.location == "query")
        self.query_names = frozenset((*parameters, *self.query_keys))


class UnitOfWork(Protocol):
    """What the service opens for one request and generated code concludes."""

    async def finish(self, status: int) -> None:
        """Called once, before the first byte is sent: keep the work of this request, or undo it."""


class Principal(Protocol):
    """Who calls: the contract's roles and scopes are checked against these."""

    @property
    def roles(self) -> Collection[str]: ...


class Service(Protocol):
    """The part of the service that every request needs, whatever the contract."""

    def unit_of_work(self, operation: Operation, scope: Scope, /) -> AbstractAsyncContextManager[Any]: ...

    def error(self, error: Exception, operation: Operation, scope: Scope, /) -> Refusal:
        """The answer to an exception that escaped: a 500, or a 503 where trying again helps."""


Handle = Callable[[Request, Any], Awaitable[Response]]


def header_value(value: str | int) -> bytes:
    """A response header's value; ValueError for what would end the header."""
    encoded = str(value).encode("latin-1")
    if b"\r" in encoded or b"\n" in encoded or b"\0" in encoded:
        raise ValueError("a header's value must be one line")
    return encoded
