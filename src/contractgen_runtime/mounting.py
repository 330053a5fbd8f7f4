"""Mount the routes of a contract in a FastAPI application, after a check of all handlers."""

import inspect
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from .routing import ContractRoute, ContractRouter
from .stubs import is_unimplemented

# A class that annotations name without its module: the callers of several security schemes.
_OF_CALLERS = re.compile(r"\b(\w+\[CallerT_contra\])")


class HandlerError(TypeError):
    """Lists the handlers that are missing, extra, or have another signature than the contract.

    `open_operations` are the handlers that are missing or marked as unimplemented.
    """

    def __init__(self, message: str, open_operations: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.open_operations = tuple(open_operations)


def check_handlers(handlers: Mapping[str, tuple[Any, type]]) -> None:
    """Compare each tag's implementation with its Protocol; raise HandlerError with signatures to paste."""
    faults = [
        fault for tag, (handler, protocol) in handlers.items() for fault in _faults(tag, handler, protocol)
    ]
    if faults:
        still_open = [name for tag in handlers.values() for name in open_handlers(*tag)]
        raise HandlerError("the handlers do not match the contract:\n\n" + "\n\n".join(faults), still_open)


def open_handlers(handlers: Any, protocol: type) -> list[str]:
    """Return the names of a tag's handlers that are missing or marked as unimplemented."""
    every = ((name, getattr(handlers, name, None)) for name in _wanted(protocol))
    return [name for name, handler in every if handler is None or is_unimplemented(handler)]


def _wanted(protocol: type) -> dict[str, Any]:
    """Return the handlers that a Protocol demands, by name."""
    return {name: member for name, member in vars(protocol).items() if inspect.iscoroutinefunction(member)}


def _faults(tag: str, handlers: Any, protocol: type) -> list[str]:
    where = getattr(handlers, "__name__", type(handlers).__name__)
    wanted = _wanted(protocol)
    faults = []
    for name, member in wanted.items():
        handler = getattr(handlers, name, None)
        if handler is None:
            faults.append(f"{where}: the handler {name} is missing; write\n\n{_signature(name, member)}")
        elif is_unimplemented(handler):
            faults.append(f"{where}: the handler {name} is marked as unimplemented; write it")
        elif not inspect.iscoroutinefunction(handler) or _shape(handler) != _shape(member, skip=1):
            faults.append(
                f"{where}: the handler {name} differs; the contract needs\n\n{_signature(name, member)}"
            )
    extra = [name for name in _coroutines(handlers) if name not in wanted]
    return faults + [f"{where}: the contract has no operation {name} under the tag {tag!r}" for name in extra]


def _coroutines(handlers: Any) -> list[str]:
    """Return the public coroutine functions that a module or object defines itself."""
    home = getattr(handlers, "__name__", type(handlers).__module__)
    found = inspect.getmembers(handlers, inspect.iscoroutinefunction)
    return [name for name, member in found if not name.startswith("_") and member.__module__ == home]


def _shape(function: Any, skip: int = 0) -> list[tuple[str, Any]]:
    """Return the kinds of a function's parameters, and the names of those that are passed by name."""
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [("", "positional") if p.kind in positional else (p.name, p.kind) for p in parameters]


def _signature(name: str, member: Any) -> str:
    signature = inspect.signature(member)
    positional: list[str] = []
    named: list[str] = []
    for parameter in list(signature.parameters.values())[1:]:
        text = f"{parameter.name}: {_plain(parameter.annotation)}"
        (named if parameter.kind is inspect.Parameter.KEYWORD_ONLY else positional).append(text)
    parameters = ", ".join([*positional, "/", *(["*", *named] if named else [])])
    answers = _plain(signature.return_annotation).replace(" | ", "\n    | ")
    return f"async def {name}({parameters}) -> (\n    {answers}\n): ..."


def _plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = _OF_CALLERS.sub(r"operations.\1", text)
    return text.replace("_contra", "").replace("ContextT", "Context").replace("CallerT", "Caller")


def mount(app: FastAPI, routes: Sequence[ContractRoute], document: dict[str, Any], source: bytes) -> None:
    """Add the routes, serve the contract as the application's document, and find routes by table.

    The router is the innermost middleware: any middleware that is added before or after wraps it.
    """
    app.router.routes.extend(routes)
    app.router.redirect_slashes = False  # an address that is not in the contract is 404
    app.user_middleware.append(Middleware(ContractRouter, routes=routes))
    app.openapi = lambda: document  # type: ignore[method-assign]  # as FastAPI documents it
    app.title, app.version = document["info"]["title"], document["info"]["version"]
    app.state.contract_sha256 = sha256(source).hexdigest()

    async def contract(_: Request) -> Response:
        return Response(source, media_type="application/yaml")

    if app.openapi_url:
        app.add_route(app.openapi_url.replace(".json", ".yaml"), contract, include_in_schema=False)
