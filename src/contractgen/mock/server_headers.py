"""The headers that a contract leaves to what surrounds the routes: `x-sent-by: server`."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contractgen.mock.values import NoValueError, Values
from contractgen.plan.contract import Contract
from contractgen_runtime.pointers import child


def server_headers(contract: Contract) -> dict[str, str]:
    """Return the pointer of the schema of each such header, by its name."""
    document = contract.document
    found: dict[str, str] = {}
    for response in (each for operation in contract.operations for each in operation.responses):
        declared = document.resolve(response.pointer)[0].get("headers", {}) if response.pointer else {}
        for name in declared.keys() - found.keys():
            header, pointer = document.resolve(child(response.pointer, "headers", name))
            if header.get("x-sent-by") == "server" and "schema" in header:
                found[name] = child(pointer, "schema")
    return found


class ServerHeaders:
    """Middleware that sends them in every response: what the client sent under the name, or a new value."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], values: Values) -> None:
        self._app = app
        self._headers = headers
        self._values = values

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, schema in self._headers.items():
                    value = self._value(schema, _sent(scope, name))
                    if value is not None:
                        sent.setdefault(name, str(value))
            await send(message)

        await self._app(scope, receive, with_headers)

    def _value(self, schema: str, sent: str) -> Any:
        for value in (sent, uuid4().hex):
            if value and self._values.is_valid(schema, value):
                return value
        try:
            return self._values.make(schema)
        except NoValueError:
            return None


def _sent(scope: Scope, name: str) -> str:
    values = dict(scope.get("headers", ()))
    return str(values.get(name.lower().encode("latin-1"), b"").decode("latin-1"))
