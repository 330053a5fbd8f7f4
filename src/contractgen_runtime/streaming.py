"""Streamed responses: their chunks, and the route that sends them."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine
from typing import Any, Generic, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from .bodies import has_content
from .problems import Encoded, Headers, Refusal
from .requests import Request
from .responses import Opened, Response, StreamedResponse
from .routing import ContractRoute, send_response

ItemT = TypeVar("ItemT")


class EncodedItems(Generic[ItemT]):
    """The items of a handler's iterator, each encoded by `encode`; closing them closes the iterator."""

    def __init__(self, items: AsyncIterable[ItemT], encode: Callable[[ItemT], bytes]) -> None:
        self._items = aiter(items)
        self._encode = encode

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return self._encode(await anext(self._items))

    async def aclose(self) -> None:
        await _close(self._items)


class StreamingRoute(ContractRoute):
    """A route of an operation whose response may be a stream.

    The first chunk is awaited before the unit of work is finished and anything is sent, so that an error
    until then gets its own response. Later chunks are awaited while the unit of work is still open. An error
    after the first chunk leaves the response incomplete: the server closes the connection.
    """

    streams = True

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = _Stream(scope, receive, send)
        encoded: Encoded | None = None
        try:
            async with self.service.unit_of_work(self.operation, scope) as context:
                response = await self.handle_operation(stream.request, context)
                status, headers, body = _open(response)
                if status not in self.permitted.get(type(response), ()):
                    self.raise_undeclared(response, status)
                if isinstance(body, bytes):
                    await context.finish(status)
                    encoded = status, headers, body
                else:
                    waits_for_body = self.operation.body is not None and has_content(stream.request)
                    await stream.run(status, headers, body, context, waits_for_body=waits_for_body)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            encoded = self.rejection(refusal, scope)
        except Exception as error:  # noqa: BLE001 - the service turns any error into a response
            encoded = self.rejection(self.service.error(error, self.operation, scope), scope)
        finally:
            stream.request.close()
        if encoded is not None and not stream.started:
            await send_response(encoded, scope, send)


def _open(response: Response) -> Opened:
    return response.open() if isinstance(response, StreamedResponse) else response.encode()


class _Stream:
    """One streamed response, and the connection to its client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.request = Request(scope, self._receive)
        self.started = False
        self._incoming = receive
        self._received = asyncio.Event()
        self._send = send

    async def run(
        self, status: int, headers: Headers, body: AsyncIterable[bytes], context: Any, *, waits_for_body: bool
    ) -> None:
        """Send the whole body; if the client disconnects, close the iterator and raise ClientDisconnect."""
        sending = asyncio.ensure_future(self._pump(status, headers, body, context))
        leaving = asyncio.ensure_future(self._disconnect(waits_for_body=waits_for_body))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait((sending, leaving))
        if sending.cancelled():
            raise ClientDisconnect
        sending.result()

    async def _pump(self, status: int, headers: Headers, body: AsyncIterable[bytes], context: Any) -> None:
        chunks = aiter(body)
        try:
            is_head = self.request.scope["method"] == "HEAD"
            first = b"" if is_head else _bytes(await anext(chunks, b""))
            await context.finish(status)
            self.started = True
            await self._deliver({"type": "http.response.start", "status": status, "headers": headers})
            if not is_head:
                await self._deliver({"type": "http.response.body", "body": first, "more_body": True})
                async for chunk in chunks:
                    await self._deliver(
                        {"type": "http.response.body", "body": _bytes(chunk), "more_body": True}
                    )
            await self._deliver({"type": "http.response.body", "body": b""})
        finally:
            await _close(chunks)

    async def _deliver(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # how servers report that the client has disconnected
            raise ClientDisconnect from None

    async def _receive(self) -> Message:
        message = await self._incoming()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._received.set()
        return message

    async def _disconnect(self, *, waits_for_body: bool) -> None:
        """Wait until the client disconnects; first for the end of a body that the handler still reads."""
        if waits_for_body:
            await self._received.wait()
        while (await self._incoming())["type"] != "http.disconnect":
            pass


def _bytes(chunk: object) -> bytes:
    if not isinstance(chunk, bytes):
        raise TypeError(f"a chunk of a response must be bytes, not {type(chunk).__name__}")
    return chunk


async def _close(items: AsyncIterator[Any]) -> None:
    close: Callable[[], Coroutine[Any, Any, None]] | None = getattr(items, "aclose", None)
    if close is not None:
        await close()
