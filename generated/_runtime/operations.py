"""What a route executes: an operation of the contract, its responses, and the service behind it."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.types import Scope

from .bodies import Body
from .parameters import QuerystringParameter, StyledParameter
from .problems import Refusal
from .requests import QueryNames, Readable, Request
from .responses import RawResponse, Response, permitted_statuses


@dataclass(slots=True, eq=False)
class Operation:
    """One method on one path, or several: the very tables that its route reads.

    `security` holds the alternatives: each names schemes and the roles that the caller must have.
    `query_keys` names the credentials that stand in the query, `permitted` the statuses that each response
    may have here. `own_errors` are the responses into which no problem of RFC 9457 fits: for their statuses,
    `own_statuses`, the service says what a refusal looks like. Without `strict_query`, names that the
    contract does not have are ignored.
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
    raw_response: bool = False
    strict_query: bool = True
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
    claimants = [each for each in styled if each.is_deep or each.is_spread]
    return QueryNames(frozenset({*known, *operation.query_keys}), claimants, strict=operation.strict_query)


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
        ...


Handle = Callable[[Request, Any], Awaitable[Response]]
