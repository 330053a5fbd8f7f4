"""Answer for the operations of a service that have no handler yet, from the examples of its contract."""

import inspect
from asyncio import sleep
from functools import wraps
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any, TypeVar, get_origin

from fastapi import FastAPI

from contractgen_runtime.items import ItemStream
from contractgen_runtime.mounting import open_handlers
from contractgen_runtime.problems import Encoded, Headers
from contractgen_runtime.responses import StreamedResponse
from contractgen_runtime.routing import ContractRoute

from .calls import Call, Recall
from .choice import MARK, Choice
from .deletions import Deletions, acted_on
from .examples import ExampleResponse, Examples
from .preferences import CURRENT, MockedRequest, Preferences, applied, delay_of

HandlersT = TypeVar("HandlersT")
# Also those that no RFC knows: a contract may declare 419.
_STATUSES = frozenset(range(200, 600))
_NOTE = "**Mocked: this operation has no handler yet.** Its responses are examples of the contract."


class MockedResponse(StreamedResponse):
    """A recorded response, with the mark and other headers of the mock."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, example: ExampleResponse, headers: Headers | None = None) -> None:
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in example.headers]
        self._status = status
        self._headers: Headers = [*encoded, MARK, *(headers or ())]
        self._body = example.body

    def encode(self) -> Encoded:
        return self._status, self._headers, self._body

    open = encode


class Mocks:
    """The mocks of a generated package, from the examples of its contract or the file that has them.

    Where mocks are not `allowed`, as in production, nothing is mocked: `Api.mount` then raises HandlerError,
    which names the operations without a handler.
    """

    def __init__(self, package: ModuleType, examples: Path | Examples, *, allowed: bool) -> None:
        self._package: Any = package
        self._allowed = allowed
        if not allowed:
            examples = Examples.empty()
        self._examples = Examples.read(examples) if isinstance(examples, Path) else examples
        self._choices: dict[str, Choice] = {}
        self._open: set[str] = set()
        self.deletions = Deletions()
        self.recall: Recall = lambda _call, _example: None

    @property
    def mocked(self) -> list[str]:
        """The operationIds that are mocked, in the order of the contract."""
        return [name for name in self._examples.operations if name in self._open]

    def note(self, name: str, _: object) -> str:
        """Return what the documentation says of an operation if it is mocked, else nothing."""
        return _NOTE if name in self._open else ""

    def fill(self, handlers: HandlersT) -> HandlersT:
        """Return the handlers of a tag's module, with mocks for those that are still to be written."""
        if not self._allowed:
            return handlers
        module, protocol = self._tag(getattr(handlers, "__name__", type(handlers).__module__))
        names = open_handlers(handlers, protocol)
        filled = _Filled(handlers)
        for name in names:
            setattr(filled, name, self._handler(module, name, getattr(protocol, name)))
        return filled if names else handlers  # type: ignore[return-value]  # it has their attributes

    def install(self, app: FastAPI) -> None:
        """Let the mounted routes send mocked responses; call it once, after `Api.mount`."""
        for route in app.router.routes:
            if isinstance(route, ContractRoute) and route.operation.operation_id in self._open:
                operation = route.operation
                self._choices[operation.operation_id] = Choice(operation, self._examples)
                route.permitted[MockedResponse] = _STATUSES
        if self._open:
            app.add_middleware(Preferences)
        app.state.mocked = frozenset(self._open)

    def refused(self, operation_id: str, status: int) -> ExampleResponse:
        """Return the declared response to a rejected request; Refusal if it has no example."""
        return self._choices[operation_id].choose({"code": str(status)}, "")[1]

    def _tag(self, name: str) -> tuple[str, type]:
        """Return the module of a tag and its Protocol, by the name of its handlers' module.

        That is `<tag>` or `<tag>.handlers`; `Api` takes the handlers by the name of the tag's module.
        """
        parameters = inspect.signature(self._package.Api.__init__).parameters
        for module in (name.rpartition(".")[2], name.removesuffix(".handlers").rpartition(".")[2]):
            if module in parameters:
                annotation = parameters[module].annotation
                return module, get_origin(annotation) or annotation
        raise LookupError(f"the contract has no tag whose handlers are in {name}")

    def _handler(self, module: str, name: str, member: Any) -> Any:
        operation_id = self._examples.operation_of(module, name)
        self._open.add(operation_id)

        @wraps(member)
        async def handle(_self: object, *_: object, **named: object) -> MockedResponse:
            choice, request = self._choices[operation_id], CURRENT.get()
            await _read_items(named.get("body"))
            if self._is_gone(request, choice):
                return MockedResponse(*choice.not_found())
            status, example = choice.choose(request.preferences, str(named.get("accept", "")))
            if delay := delay_of(request.preferences):
                await sleep(delay)
            if status >= 300 or not request.preferences.keys().isdisjoint(("code", "example")):
                return MockedResponse(status, example, applied(request.preferences))
            call = Call(operation_id, request.method, request.path, named)
            recalled = self.recall(call, example)
            if recalled and recalled.status:
                status, example = choice.choose({"code": str(recalled.status)}, "")
            elif recalled and recalled.example:
                example = recalled.example
                self.deletions.note(
                    "PUT" if request.method == "POST" else request.method, recalled.path, choice.template
                )
            else:
                self.deletions.note(request.method, request.path, choice.template)
            return MockedResponse(status, example, applied(request.preferences))

        return MethodType(handle, self)

    def _is_gone(self, request: MockedRequest, choice: Choice) -> bool:
        """Return whether a request is for what a client has deleted, unless it asks for a status.

        POST and PUT make it again, but nothing below it where the contract declares a 404. OPTIONS and TRACE
        are not about what is there.
        """
        if "code" in request.preferences or request.method in ("OPTIONS", "TRACE"):
            return False
        if request.method in ("POST", "PUT"):
            above = request.path.rpartition("/")[0], choice.template.rpartition("/")[0]
            resource = acted_on(request.path, choice.template)
            if resource != (request.path, choice.template):
                above = resource
            return choice.has_not_found and self.deletions.covers(*above)
        return self.deletions.covers(request.path, choice.template)


async def _read_items(body: object) -> None:
    """Read the items of a body to its end: an invalid one is rejected where a handler reads it."""
    if isinstance(body, ItemStream):
        async for _ in body:
            pass


class _Filled:
    """The handlers of a tag, some of them replaced."""

    def __init__(self, handlers: object) -> None:
        self.__name__ = getattr(handlers, "__name__", type(handlers).__name__)
        self._handlers = handlers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handlers, name)

    def __dir__(self) -> list[str]:
        """Return the names of all handlers, so that `Api.mount` finds those that no operation has."""
        return [*dir(self._handlers), *vars(self)]
