"""One connection: its bytes as requests, one after another, and its deadlines."""

import asyncio
import fcntl
import struct
import termios
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, cast

from contractgen_runtime.problems import Refusal

from .exchange import Exchange
from .framing import Framing
from .heads import Head, check_begun, target_too_long
from .limits import BUFFERED_BYTES, DRAIN_SECONDS, HEAD_BYTES, LINGER_BYTES, LINGER_SECONDS, SLOWEST
from .responses import rejection

if TYPE_CHECKING:
    from .wire import Wire

_END = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """The protocol of one connection.

    It answers one request at a time; what comes behind that request waits as bytes. `deadline` is the time by
    which the client must do what comes next; `Wire` calls `expire` after it.
    """

    _transport: asyncio.Transport
    _head: Head

    def __init__(self, wire: "Wire", loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self.client = ""
        self.is_admitted = False
        self.deadline = inf
        self.write_paused = False
        self._read_paused = False
        self._is_fresh = True  # no response yet
        self._closing = False
        self._ignoring = False  # of what still comes nothing is a request
        self._eof = False
        self._held = b""
        self._exchange: Exchange | None = None
        self._body: Framing | None = None
        self._body_budget = 0.0
        self._waiting_since = 0.0
        self._ignored = 0
        self._unread = 0
        self._drain_waiters: list[asyncio.Future[None]] = []

    # Called by the transport ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = self._transport = cast(asyncio.Transport, transport)  # of a stream socket
        # Writing is paused, and has a deadline, as soon as there is a byte that the kernel does not take.
        transport.set_write_buffer_limits(high=0)
        template = self._wire.template(transport)
        self.client = template["client"][0] if template["client"] else ""
        self._head = Head(template, self._wire.app_state)
        self._set_deadline(self._wire.limits.head_timeout)
        if not self._wire.admit(self):
            self._reject(Refusal(503, "The service has too many connections.", [(b"retry-after", b"1")]))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._wire.forget(self)
        self._closing = self._ignoring = True
        if self._exchange is not None:
            self._exchange.disconnect()
        self.resume_writing()
        del self._head  # it and its parser refer to each other

    def data_received(self, data: bytes) -> None:
        if self._ignoring:
            self._ignored += len(data)
            if self._ignored > LINGER_BYTES:
                self.abort()
        elif self._held:
            self._take(self._held + data, is_begun=self._exchange is None and self._body is None)
        else:
            self._take(data)

    def eof_received(self) -> bool:
        """Return whether the connection stays open for the response."""
        self._eof = True
        if self._exchange is None or self._closing:
            return False
        self._exchange.end()
        return True

    def pause_writing(self) -> None:
        self.write_paused = True
        self._unread = self._count_unread()
        self._set_deadline(self._wire.limits.write_timeout)

    def resume_writing(self) -> None:
        self.write_paused = False
        for waiter in self._drain_waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._drain_waiters.clear()
        limits = self._wire.limits
        if self._closing:
            self._set_deadline(LINGER_SECONDS)
        elif self._exchange is None:
            self._set_deadline(limits.head_timeout if self._held else limits.idle_timeout)
        elif self._exchange.waits_for_body:
            self._set_deadline(self._body_budget)
        else:
            self.deadline = inf

    # Requests ---------------------------------------------------------------------------------------------

    def _take(self, data: bytes, *, is_begun: bool = False) -> None:
        """Take what belongs to the current request, or else the next one; the rest waits."""
        try:
            if self._body is not None:
                data = self._take_body(self._body, data)
            if self._exchange is None and self._body is None and data:
                data = self._take_head(data, is_begun=is_begun)
        except Refusal as refusal:
            self._reject(refusal)
            return
        self._held = data
        if len(data) > BUFFERED_BYTES:
            self._pause_reading()

    def _take_head(self, data: bytes, *, is_begun: bool) -> bytes:
        if data.startswith(b"\r\n"):  # an empty line before a request (RFC 9112, 2.2)
            data = data[2:]
        end = data.find(_END, 0, HEAD_BYTES) + 4
        if end < 4:
            self._wait_for_head(data, is_begun=is_begun)
            return data
        rest = b""
        if end != len(data):
            data, rest = data[:end], data[end:]
        wire, head = self._wire, self._head
        scope = head.read(data)
        body = head.body
        exchange = Exchange(
            self,
            scope,
            wire.state.default_headers,
            keep_alive=head.keep_alive and not wire.draining,
            is_whole=body is None,
        )
        self._exchange = exchange
        if not self.write_paused:
            self.deadline = inf
        if body is None:
            wire.waiting.pop(self, None)
        else:
            self._body = body
            self._body_budget = wire.limits.body_timeout
            exchange.expects_continue = head.expects_continue and not rest
            if rest:
                rest = self._take_body(body, rest)
        wire.start(exchange)
        return rest

    def _wait_for_head(self, data: bytes, *, is_begun: bool) -> None:
        if len(data) >= HEAD_BYTES:
            if b"\n" not in data[:HEAD_BYTES]:
                raise target_too_long()
            raise Refusal(431, f"The head of the request may have at most {HEAD_BYTES} bytes.")
        if data:
            check_begun(data)
        if self._eof:
            self._close(linger=False)
        elif not (is_begun or self._is_fresh or self.write_paused):
            self._set_deadline(self._wire.limits.head_timeout)

    def _take_body(self, body: Framing, data: bytes) -> bytes:
        """Pass bytes of the body to the application, or discard those of a request that has its response."""
        exchange = self._exchange
        try:
            rest = body.feed(data, exchange.add_body if exchange else _discard)
        except Refusal as refusal:
            if exchange is None:
                raise
            # The application has the request and sends its response: there is one.
            self._ignoring = True
            exchange.fail(refusal)
            return b""
        if body.is_complete:
            self._body = None
            self._wire.waiting.pop(self, None)
        if exchange is None:
            if body.is_complete:
                self._wait_for_next()
            return rest
        if exchange.waits_for_body:
            self._refill_budget(len(data) - len(rest))
        exchange.is_whole = body.is_complete
        if exchange.has_news:
            exchange.wake()
        if exchange.is_full:
            self._pause_reading()
        return rest

    def _refill_budget(self, size: int) -> None:
        """Take the time of waiting from that of the body; bytes add to it."""
        now, limit = self._loop.time(), self._wire.limits.body_timeout
        self._body_budget = min(limit, self._body_budget - (now - self._waiting_since) + size / SLOWEST)
        self._waiting_since = now
        if not self.write_paused:
            self.deadline = now + self._body_budget

    def _reject(self, refusal: Refusal) -> None:
        self._wire.report(refusal)
        self._transport.write(rejection(refusal))
        self._close(linger=True)

    # Called by the exchange -------------------------------------------------------------------------------

    def create_future(self) -> "asyncio.Future[None]":
        return self._loop.create_future()

    def write(self, data: bytes) -> None:
        if data:
            self._transport.write(data)

    def write_whole(self, data: bytes) -> None:
        """Write the end of a response; go on to the next request, or close."""
        if data:
            self._transport.write(data)
        exchange = self._exchange
        assert exchange is not None  # noqa: S101 - it calls this
        exchange.is_answered = True
        if exchange.receives:
            exchange.wake()
        self._exchange = None
        self._wire.state.total_requests += 1
        if not exchange.keep_alive:
            self._close(linger=not exchange.is_whole or self._ignoring)
            return
        self._is_fresh = False
        self._resume_reading()
        self._wait_for_next()
        if self._held:
            held, self._held = self._held, b""
            self._take(held)
        elif self._eof:
            self._close(linger=False)

    async def drained(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._drain_waiters.append(waiter)
        await waiter

    def wait_for_body(self) -> None:
        self._resume_reading()
        self._waiting_since = self._loop.time()
        if not self.write_paused:
            self.deadline = self._waiting_since + self._body_budget

    def may_keep(self, status: int) -> bool:
        exchange, body = self._exchange, self._body
        return (
            body is not None
            and exchange is not None
            and not exchange.expects_continue
            and body.missing is not None
            and body.missing <= BUFFERED_BYTES
            and status not in (408, 413)
        )

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = self._ignoring = True
        if self._exchange is not None:
            self._exchange.disconnect()
        self._wire.forget(self)
        self._transport.abort()

    # Called by the server ---------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Answer what has begun, and what comes at once; then close."""
        self._wire.drain()
        if self._exchange is not None:
            self._exchange.keep_alive = False
        elif not self._closing:
            self.deadline = min(self.deadline, self._loop.time() + DRAIN_SECONDS)

    def expire(self) -> None:
        """End what has taken until its deadline."""
        if self.write_paused:
            unread = self._count_unread()
            timeout = self._wire.limits.write_timeout
            if self._unread - unread < SLOWEST * timeout:
                self.abort()
            else:
                self._unread = unread
                self._set_deadline(timeout)
        elif self._closing:
            self.abort()
        elif self._exchange is not None:
            self.deadline = inf
            self._ignoring = True
            self._exchange.fail(Refusal(408, "The body of the request arrives too slowly."))
        elif self._held:
            self._reject(Refusal(408, "The head of the request arrives too slowly."))
        else:
            self._close(linger=False)

    # Helpers ----------------------------------------------------------------------------------------------

    def _wait_for_next(self) -> None:
        """Begin the time in which the client sends its next request, or the rest of a body."""
        limits = self._wire.limits
        self._wire.waiting[self] = None
        if not self.write_paused:
            self._set_deadline(limits.idle_timeout if self._body is None else limits.body_timeout)

    def _close(self, *, linger: bool) -> None:
        """Close when everything is written; with `linger`, read on a while: a reset loses the response."""
        self._closing = self._ignoring = True
        self._held = b""
        self._wire.release(self)
        if not self.write_paused:
            self._set_deadline(LINGER_SECONDS)
        if linger and not self._eof:
            self._resume_reading()
            self._transport.write_eof()
        else:
            self._transport.close()

    def _set_deadline(self, seconds: float) -> None:
        self.deadline = self._loop.time() + seconds

    def _pause_reading(self) -> None:
        if not (self._read_paused or self._closing):
            self._read_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._read_paused and not self._eof:
            self._read_paused = False
            self._transport.resume_reading()

    def _count_unread(self) -> int:
        """Return how many bytes the client has not taken, with those that the kernel has."""
        size = self._transport.get_write_buffer_size()
        with suppress(OSError, AttributeError, ValueError):
            descriptor = self._transport.get_extra_info("socket").fileno()
            size += struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        return size


def _discard(data: bytes) -> Any:
    del data
