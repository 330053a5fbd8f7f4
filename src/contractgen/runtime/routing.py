"""Find the operation of a request by table, run it, send its answer."""

import re
from collections.abc import Sequence
from typing import NoReturn

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from .operations import Handle, Operation, Service
from .problems import Encoded, Refusal
from .requests import Request
from .responses import Response

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ContractRoute(APIRoute):
    """A FastAPI route whose application is the operation's generated code.

    One that `streams` sends its answer itself.
    """

    streams = False

    def __init__(self, operation: Operation, handle: Handle, service: Service) -> None:
        async def endpoint() -> None:
            """Never called: `app` below answers."""

        super().__init__(
            operation.path,
            endpoint,
            methods=[operation.method],
            name=operation.operation_id,
            operation_id=operation.operation_id,
            tags=[operation.tag],
            response_model=None,
        )
        self.operation = operation
        self.permitted = operation.permitted
        self.handle_operation = handle
        self.service = service
        self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(await self.answer(scope, receive), scope, send)

    async def answer(self, scope: Scope, receive: Receive) -> Encoded:
        """Run the operation; nothing is sent before its unit of work is finished."""
        try:
            async with self.service.unit_of_work(self.operation, scope) as context:
                response = await self.handle_operation(Request(scope, receive), context)
                encoded = response.encode()
                if encoded[0] not in self.permitted.get(type(response), ()):
                    self.refuse(response, encoded[0])
                await context.finish(encoded[0])
                return encoded
        except Refusal as refusal:
            return refusal.encode()
        except Exception as error:  # noqa: BLE001 - the service decides what a client is told
            return self.service.error(error, self.operation, scope).encode()

    def refuse(self, response: Response, status: int) -> NoReturn:
        """TypeError: this answer is none that the contract has."""
        name, operation = type(response).__name__, self.operation.operation_id
        raise TypeError(f"{name} of status {status} is no response of {operation}")


class ContractRouter:
    """Innermost middleware: answers the contract's paths by one look-up, hands everything else on.

    Literal paths win over templates, in whatever order the contract has them. 405 and OPTIONS name every
    method of the path.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[ContractRoute]) -> None:
        self._app = app
        self._literals: dict[str, dict[str, ContractRoute]] = {}
        templates: dict[str, dict[str, ContractRoute]] = {}
        for route in routes:
            table = templates if "{" in route.operation.path else self._literals
            table.setdefault(route.operation.path, {})[route.operation.method] = route
        self._templates = [
            (tuple(_PLACEHOLDER.findall(path)), methods) for path, methods in templates.items()
        ]
        self._template = re.compile("|".join(f"({_expression(path)})" for path in templates) or r"(?!)")
        self._groups = self._first_groups()

    def _first_groups(self) -> dict[int, int]:
        groups, first = {}, 1
        for index, (names, _) in enumerate(self._templates):
            groups[first] = index
            first += 1 + len(names)
        return groups

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self._find(scope) if scope["type"] == "http" else None
        if methods is None:
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if route is None:
            await send_answer(_without_route(method, methods), scope, send)
            return
        scope["route"] = route
        if route.streams:
            await route.app(scope, receive, send)
        else:
            await send_answer(await route.answer(scope, receive), scope, send)

    def _find(self, scope: Scope) -> dict[str, ContractRoute] | None:
        path = scope["path"]
        methods = self._literals.get(path)
        if methods is not None:
            scope["path_params"] = {}
            return methods
        match = self._template.fullmatch(path)
        if match is None or match.lastindex is None:
            return None
        names, methods = self._templates[self._groups[match.lastindex]]
        values = match.groups()[match.lastindex : match.lastindex + len(names)]
        scope["path_params"] = dict(zip(names, values, strict=True))
        return methods


def _expression(path: str) -> str:
    parts = _PLACEHOLDER.split(path)
    return "".join("([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _without_route(method: str, methods: dict[str, ContractRoute]) -> Encoded:
    allowed = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
    headers = [(b"allow", ", ".join(sorted(allowed)).encode())]
    if method == "OPTIONS":
        return 204, headers, b""
    return Refusal(405, "This path does not take this method.", headers).encode()


async def send_answer(answer: Encoded, scope: Scope, send: Send) -> None:
    """Send an answer that is there as a whole."""
    status, headers, body = answer
    if status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
