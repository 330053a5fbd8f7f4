"""An operation of the contract as its route executes it, and the interface of the service."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.types import Scope

from .bodies import Body
from .deprecation import Deprecation
from .parameters import QuerystringParameter, StyledParameter
from .problems import Refusal
from .requests import QueryNames, Readable, Request
from .responses import RawResponse, Response, permitted_statuses


@dataclass(slots=True, eq=False)
class Operation:
    """One operation, with the tables that its route reads at run time.

    `security` holds the security requirements: schemes, and the roles that the caller must have.
    `query_keys` names the credentials in the query, `permitted` the statuses of each response here.
    `own_errors` are the responses whose schema does not admit a problem of RFC 9457: for their statuses,
    `own_statuses`, the service creates the response. `violation_location` is the property of a problem's
    violations that has the part of the request. Without `strict_query`, unknown names in the query are
    ignored. All responses have the headers of `deprecation`.
    """

    operation_id: str
    tag: str
    method: str
    path: str
    security: tuple[dict[str, tuple[str, ...]], ...]
    parameters: tuple[Readable[Any], ...]
    body: Body[Any] | None
    responses: tuple[type[Response], ...]
    other_paths: tuple[str, ...] = ()
    query_keys: tuple[str, ...] = ()
    own_errors: tuple[type[Response], ...] = ()
    violation_location: str = "in"
    raw_response: bool = False
    strict_query: bool = True
    deprecation: Deprecation | None = None
    permitted: dict[type[Response], frozenset[int]] = field(init=False)
    own_statuses: frozenset[int] = field(init=False)
    query_names: QueryNames = field(init=False)

    def __post_init__(self) -> None:
        self.permitted = permitted_statuses(self.responses)
        self.own_statuses = frozenset().union(*(self.permitted[each] for each in self.own_errors))
        if self.raw_response:
            self.permitted[RawResponse] = frozenset(range(200, 600))
        self.query_names = _query_names(self)


def _query_names(operation: Operation) -> QueryNames:
    parameters = [each for each in operation.parameters if each.location in ("query", "querystring")]
    styled = [each.named for each in parameters if isinstance(each, StyledParameter | QuerystringParameter)]
    spread = {each.name for each in styled if not each.owns(each.name)}
    known = {each.name for each in parameters} - spread
    owners = [each for each in styled if each.is_deep or each.is_spread]
    return QueryNames(frozenset({*known, *operation.query_keys}), owners, strict=operation.strict_query)


class UnitOfWork(Protocol):
    """The work of one request: opened by the service, finished by generated code."""

    async def finish(self, status: int) -> None:
        """Commit or roll back the work of the request; called once, before the first byte is sent."""


class Principal(Protocol):
    """A caller: its roles are compared with the roles and scopes of the contract."""

    @property
    def roles(self) -> Collection[str]: ...


class Service(Protocol):
    """The part of the service that every request needs, for any contract."""

    def unit_of_work(self, operation: Operation, scope: Scope, /) -> AbstractAsyncContextManager[Any]: ...

    def error(self, error: Exception, operation: Operation, scope: Scope, /) -> Refusal:
        """Return the response to an unhandled exception: 500, or 503 if the client should try again."""
        ...


Handle = Callable[[Request, Any], Awaitable[Response]]
