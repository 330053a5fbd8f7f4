"""A client whose every response is checked against the contract, so that no test can forget to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp

from .checker import Checker


class Witness(httpx.AsyncBaseTransport):
    """Passes requests on and raises ContractViolation for a response that is not one of the contract's."""

    def __init__(self, transport: httpx.AsyncBaseTransport, checker: Checker) -> None:
        self._transport = transport
        self._checker = checker

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = _Recording(request.stream)
        request.stream = body
        response = await self._transport.handle_async_request(request)
        await response.aread()
        self._checker.check(request, response, bytes(body.seen))
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


class _Recording(httpx.AsyncByteStream):
    """A request's body, and what of it has been read: its chunks stay as they are."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seen = bytearray()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self.seen += chunk
            yield chunk


@asynccontextmanager
async def serving(
    app: FastAPI, checker: Checker, *, through: ASGIApp | None = None, url: str = "http://testserver"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running application; `through` is what stands before it, if anything does."""
    transport = Witness(httpx.ASGITransport(through or app), checker)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=url) as client,
    ):
        yield client
