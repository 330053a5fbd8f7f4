"""A service that is not there: handlers and host of any generated package, and who was reached."""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NoReturn

from fastapi import FastAPI
from starlette.types import Scope


class Reached(Exception):
    """A handler was called: there is nothing more to find out."""


class _EveryRole(frozenset[str]):
    def __contains__(self, role: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Caller:
    roles: frozenset[str] = _EveryRole()


@dataclass(frozen=True, slots=True)
class _Context:
    async def finish(self, status: int) -> None:
        """Nothing was done that could be kept or undone."""


class StubHost:
    """Takes every credential; `reached` is the operation of the last request that had a route."""

    def __init__(self, package: Any) -> None:
        self.package = package
        self.reached: Any = None
        for name, member in inspect.getmembers(package.operations.Host, inspect.iscoroutinefunction):
            challenges = member.__annotations__["return"] == "DigestChallenge"
            setattr(self, name, self._challenge if challenges else self._caller)

    @asynccontextmanager
    async def unit_of_work(self, operation: Any, scope: Scope, /) -> AsyncIterator[_Context]:
        del scope
        self.reached = operation
        yield _Context()

    def error(self, error: Exception, operation: Any, scope: Scope, /) -> Any:
        del operation, scope
        status = 204 if isinstance(error, Reached) else 500
        return self.package.operations.Refusal(status, f"{type(error).__name__}: {error}")

    async def _caller(self, context: _Context, credential: Any, /) -> _Caller:
        del context, credential
        return _Caller()

    async def _challenge(self, context: _Context, /) -> Any:
        del context
        return self.package.operations.DigestChallenge(realm="stub", nonce="stub")


def stub_app(package: Any) -> tuple[FastAPI, StubHost]:
    """An application with a package's routes, and the host that stands behind them."""
    host = StubHost(package)
    tags = {
        name: _handlers(parameter.annotation.__origin__)
        for name, parameter in inspect.signature(package.Api).parameters.items()
        if name != "host"
    }
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    package.Api(host=host, **tags).mount(app)
    return app, host


def _handlers(protocol: Any) -> SimpleNamespace:
    members = inspect.getmembers(protocol, inspect.iscoroutinefunction)
    return SimpleNamespace(**{name: _handler(name, member) for name, member in members})


def _handler(name: str, member: Any) -> Any:
    """A handler of the Protocol's own signature."""

    async def handle(*_: object, **__: object) -> NoReturn:
        raise Reached(name)

    signature = inspect.signature(member)
    parameters = list(signature.parameters.values())[1:]
    handle.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # read first
    return handle
