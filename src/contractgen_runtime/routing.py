"""Find the operation of a request by table, run it, and send its response."""

from collections.abc import Callable, Sequence
from typing import NoReturn, TypeAlias
from urllib.parse import unquote

from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from .operations import Handle, Operation, Service
from .paths import PLACEHOLDER, Found, PathTable
from .problems import Encoded, Refusal
from .requests import Request
from .responses import Response, whole

# Creates the response to a rejected request if the errors of the contract are not problems of RFC 9457.
OwnRefusal: TypeAlias = Callable[[Refusal, Operation, Scope], Response]

_PERCENT = ord("%")


class ContractRoute(APIRoute):
    """A FastAPI route whose application is the operation's generated code.

    A route that `streams` sends its response itself.
    """

    streams = False

    def __init__(self, operation: Operation, handle: Handle, service: Service) -> None:
        async def endpoint() -> None:
            """Do nothing: `app` below handles requests."""

        super().__init__(
            "/",  # a placeholder: Starlette's path syntax has converters and does not permit every name
            endpoint,
            methods=[operation.method],
            name=operation.operation_id,
            operation_id=operation.operation_id,
            tags=[operation.tag],
            response_model=None,
        )
        self.path = self.path_format = operation.path
        self.param_convertors = dict.fromkeys(PLACEHOLDER.findall(operation.path), StringConvertor())
        self.operation = operation
        self.permitted = operation.permitted
        self.handle_operation = handle
        self.service = service
        self.own_refusal: OwnRefusal | None = getattr(service, "refused", None)
        self.app = self._serve
        if operation.deprecation is not None:
            self.streams = True
            self.app = operation.deprecation.announced(self._serve)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match nothing: `ContractRouter` has already tried all paths of the contract."""
        del scope
        return Match.NONE, {}

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_response(await self.respond(scope, receive), scope, send)

    async def respond(self, scope: Scope, receive: Receive) -> Encoded:
        """Return the response of the operation; nothing is sent before its unit of work is finished."""
        request = Request(scope, receive)
        try:
            async with self.service.unit_of_work(self.operation, scope) as context:
                response = await self.handle_operation(request, context)
                encoded = response.encode()
                if encoded[0] not in self.permitted.get(type(response), ()):
                    self.raise_undeclared(response, encoded[0])
                await context.finish(encoded[0])
                return encoded
        except Refusal as refusal:
            return self.rejection(refusal, scope)
        except Exception as error:  # noqa: BLE001 - the service turns any error into a response
            return self.rejection(self.service.error(error, self.operation, scope), scope)
        finally:
            request.close()

    def rejection(self, refusal: Refusal, scope: Scope) -> Encoded:
        """Return the response to a rejected request: a problem of RFC 9457, or the service's own response."""
        if self.own_refusal is None or refusal.status not in self.operation.own_statuses:
            return refusal.encode(self.operation.violation_location)
        try:
            response = self.own_refusal(refusal, self.operation, scope)
            status, headers, body = whole(response)
            if status != refusal.status or status not in self.permitted.get(type(response), ()):
                self.raise_undeclared(response, status)
        except Refusal as other:
            return other.encode(self.operation.violation_location)
        except Exception as error:  # noqa: BLE001 - as above; this response is always a problem of RFC 9457
            return self.service.error(error, self.operation, scope).encode(self.operation.violation_location)
        own = {name for name, _ in refusal.headers}
        return status, [*(each for each in headers if each[0] not in own), *refusal.headers], body

    def raise_undeclared(self, response: Response, status: int) -> NoReturn:
        """Raise TypeError: the contract does not declare this response with this status."""
        name, operation = type(response).__name__, self.operation.operation_id
        raise TypeError(f"{name} of status {status} is not a response of {operation}")


Methods: TypeAlias = dict[str, ContractRoute]


class ContractRouter:
    """The innermost middleware: finds the contract's paths by one look-up, and passes other requests on.

    A literal path has precedence, then the most literal template that has the method, in any order of the
    contract. 405 and OPTIONS list every method of the address.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[ContractRoute]) -> None:
        self._app = app
        methods: dict[str, Methods] = {}
        for route in routes:
            operation = route.operation
            for path in (operation.path, *operation.other_paths):
                methods.setdefault(path, {})[operation.method] = route
        self._table = PathTable(methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" else ()
        if not found:
            await self._app(scope, receive, send)
            return
        route = _route(scope, found)
        if route is None:
            await send_response(_without_route(scope["method"], found), scope, send)
        elif route.streams:
            await route.app(scope, receive, send)
        else:
            await send_response(await route.respond(scope, receive), scope, send)

    def _find(self, scope: Scope) -> Sequence[Found[Methods]]:
        """Return the matching paths; only `raw_path` keeps `%2F`, since servers decode `path`."""
        root, path = scope.get("root_path", ""), scope["path"]
        below = root != "" and path.startswith(f"{root}/")
        if not _is_encoded(scope):
            return self._table.find(path[len(root) :] if below else path)
        raw = scope["raw_path"].decode("latin-1")
        return self._table.find_encoded("/" + raw.split("/", root.count("/") + 1)[-1] if below else raw)


def _is_encoded(scope: Scope) -> bool:
    raw: bytes | None = scope.get("raw_path")
    return raw is not None and _PERCENT in raw


def _route(scope: Scope, found: Sequence[Found[Methods]]) -> ContractRoute | None:
    """Return the first route that has the request's method, and update the scope; GET serves HEAD too.

    `path_params` are decoded; `raw_path_params` are set if the path has escapes.
    """
    method = scope["method"]
    for methods, names, texts in found:
        route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if route is not None:
            scope["route"] = route
            scope["path_params"] = values = dict(zip(names, texts, strict=True)) if names else {}
            if values and _is_encoded(scope):
                scope["raw_path_params"] = values
                scope["path_params"] = {name: unquote(text) for name, text in values.items()}
            return route
    return None


def _without_route(method: str, found: Sequence[Found[Methods]]) -> Encoded:
    methods = {method for each in found for method in each.value}
    allowed = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
    headers = [(b"allow", ", ".join(sorted(allowed)).encode())]
    if method == "OPTIONS":
        return 204, headers, b""
    return Refusal(405, "This path does not support this method.", headers).encode()


async def send_response(encoded: Encoded, scope: Scope, send: Send) -> None:
    """Send a whole response."""
    status, headers, body = encoded
    if status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
