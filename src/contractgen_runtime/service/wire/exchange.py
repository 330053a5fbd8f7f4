"""One request and its response, as an ASGI application sees them."""

import logging
from asyncio import CancelledError, Future, Task, sleep
from collections.abc import Awaitable, Sequence
from typing import Protocol

from starlette.types import ASGIApp, Message, Scope

from contractgen_runtime.problems import Refusal
from contractgen_runtime.service.problems import FAILED, MEDIA_TYPE, problem_body

from .limits import BUFFERED_BYTES
from .responses import Field, encode_fields

_LOG = logging.getLogger(__name__)
_BODILESS = frozenset({204, 304})
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_LENGTH = b"\r\ncontent-length: %d"
_CLOSE = b"\r\nconnection: close"


class Channel(Protocol):
    """The side of a connection that an exchange uses."""

    #: While it is true, the client does not read what has been written.
    write_paused: bool

    def create_future(self) -> "Future[None]": ...
    def write(self, data: bytes) -> None: ...
    def write_whole(self, data: bytes) -> None:
        """Write data that ends the response."""
        ...

    def drained(self) -> Awaitable[None]:
        """Wait until the client has read, or is gone."""
        ...

    def wait_for_body(self) -> None:
        """Read on, until the deadline of the body."""
        ...

    def may_keep(self, status: int) -> bool:
        """Return whether another request can follow a response of this status."""
        ...

    def abort(self) -> None: ...


class Exchange:
    """The application's `receive` and `send` for one request."""

    __slots__ = (
        "_body",
        "_channel",
        "_chunked",
        "_default_fields",
        "_delivered",
        "_ended",
        "_failure",
        "_head",
        "_left",
        "_waiter",
        "expects_continue",
        "gone",
        "is_answered",
        "is_begun",
        "is_whole",
        "keep_alive",
        "scope",
        "task",
    )

    def __init__(
        self,
        channel: Channel,
        scope: Scope,
        default_fields: Sequence[Field],
        *,
        keep_alive: bool,
        is_whole: bool,
    ) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        #: Whether all of the request has arrived.
        self.is_whole = is_whole
        self.expects_continue = False
        self.gone = False
        self.is_begun = False
        self.is_answered = False
        self.task: Task[None] | None = None
        self._channel = channel
        self._default_fields = default_fields
        self._body = b""
        self._delivered = False
        self._ended = False
        self._failure: Refusal | None = None
        self._waiter: Future[None] | None = None
        self._head: Message | None = None
        self._left: int | None = None
        self._chunked = False

    async def run(self, app: ASGIApp, tasks: "set[Task[None]]") -> None:
        """Run the application. A request without a response gets one, or loses its connection."""
        try:
            await app(self.scope, self.receive, self.send)
            if not self.is_answered and not self.gone:
                _LOG.error("The application returned without a whole response.")
        except CancelledError:
            pass  # by the server, which does not wait any longer
        except Exception:  # noqa: BLE001 - whatever it is, the client gets a response
            _LOG.exception("The application failed.")
        finally:
            if self.task is not None:
                tasks.discard(self.task)
            if not self.is_answered and not self.gone:
                self._fail()

    def _fail(self) -> None:
        if self.is_begun:
            self._channel.abort()
            return
        head = {"status": 500, "headers": [(b"content-type", MEDIA_TYPE.encode())]}
        self._channel.write_whole(self._begin(head, problem_body(500, FAILED), is_end=True))

    # The request --------------------------------------------------------------------------------------

    def add_body(self, data: bytes) -> None:
        """Add bytes of the body, which the application gets when it asks for them."""
        self._body = self._body + data if self._body else data

    def fail(self, refusal: Refusal) -> None:
        """Reject the rest of the request: `receive` raises the refusal."""
        self._failure = refusal
        self.keep_alive = False
        self.wake()

    def end(self) -> None:
        """Mark the client as one that sends nothing more, but may still read the response."""
        self._ended = True
        if not self.is_whole:
            self.keep_alive = False
        self.wake()

    def disconnect(self) -> None:
        """Mark the client as gone."""
        self.gone = True
        self.wake()

    def wake(self) -> None:
        """Let `receive` look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def is_full(self) -> bool:
        return len(self._body) > BUFFERED_BYTES

    async def receive(self) -> Message:
        """Return the next part of the body, or that the client is gone or has its response.

        Raises a Refusal when the rest of the body is malformed or does not come.
        """
        while not (self._body or (self.is_whole and not self._delivered)):
            if self._failure is not None:
                raise self._failure
            if self.gone or self._ended or self.is_answered:
                return {"type": "http.disconnect"}
            if not self.is_whole:
                if self.expects_continue:
                    self.expects_continue = False
                    self._channel.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                self._channel.wait_for_body()
            self._waiter = self._channel.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        body, self._body = self._body, b""
        self._delivered = self.is_whole
        return {"type": "http.request", "body": body, "more_body": not self.is_whole}

    @property
    def receives(self) -> bool:
        return self._waiter is not None

    @property
    def has_news(self) -> bool:
        return self._body != b"" or self.is_whole

    @property
    def waits_for_body(self) -> bool:
        return self._waiter is not None and not self.is_whole

    # The response -------------------------------------------------------------------------------------

    async def send(self, message: Message) -> None:
        """Send a part of the response; a head waits for the first part of its body, to be written with it."""
        if self._channel.write_paused:
            await self._channel.drained()
        if self.gone:
            await sleep(0)  # applications that only send shall not stop everything else
            return
        kind = message["type"]
        head = self._head
        if kind == "http.response.start" and head is None and not self.is_begun:
            self._head = message
            return
        if kind != "http.response.body" or self.is_answered or (head is None and not self.is_begun):
            raise RuntimeError(f"{kind} is not what can be sent now.")
        body: bytes = message.get("body", b"")
        is_end = not message.get("more_body", False)
        data = self._continue(body, is_end=is_end) if head is None else self._begin(head, body, is_end=is_end)
        if is_end:
            self._channel.write_whole(data)
        else:
            self._channel.write(data)

    def _begin(self, head: Message, body: bytes, *, is_end: bool) -> bytes:
        """Return the head of the response and the first part of its body."""
        status: int = head["status"]
        text, given, closes = encode_fields(status, [*self._default_fields, *head.get("headers", ())])
        if closes or not (self.is_whole or self._channel.may_keep(status)):
            self.keep_alive = False
        framing = b""
        if status in _BODILESS or self.scope["method"] == "HEAD":
            body, self._left = b"", None
            if given is not None and status != 204:
                framing = _LENGTH % int(given)
        elif given is not None or is_end:
            length = len(body) if given is None else int(given)
            framing = _LENGTH % length
            self._left = length - len(body)
            self._check_length(is_end=is_end)
        elif self.scope["http_version"] == "1.1":
            self._chunked = True
            framing = _CHUNKED
            body = _chunk(body)
        else:  # the body of an HTTP/1.0 response ends with its connection
            self.keep_alive = False
        self._head = None
        self.is_begun = True
        close = b"" if self.keep_alive else _CLOSE
        return b"".join((text, framing, close, b"\r\n\r\n", body))

    def _continue(self, body: bytes, *, is_end: bool) -> bytes:
        """Return the next part of a body as bytes."""
        if self._chunked:
            return _chunk(body) + b"0\r\n\r\n" if is_end else _chunk(body)
        if self._left is None:
            return body if self.scope["http_version"] == "1.0" and self.scope["method"] != "HEAD" else b""
        self._left -= len(body)
        self._check_length(is_end=is_end)
        return body

    def _check_length(self, *, is_end: bool) -> None:
        if self._left is not None and (self._left < 0 or (is_end and self._left)):
            raise RuntimeError("The body of the response is not as long as its Content-Length.")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
