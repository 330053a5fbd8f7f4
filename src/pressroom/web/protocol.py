"""The wire: uvicorn's protocol, whose own refusals are problems too, and whose answers leave in one piece."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pressroom.web.log import write_line
from pressroom.web.problems import MEDIA_TYPE, problem_body

_STATUS_LINE = b"HTTP/1.1 "
_CONTINUE = b"HTTP/1.1 100"


class WholeAnswers(asyncio.Transport):
    """A transport that keeps the head of an answer back for the first part of its body.

    uvicorn writes them one after the other: together they cost one system call and one packet less.
    """

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: Any) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head + data)
        elif data.startswith(_STATUS_LINE) and not data.startswith(_CONTINUE):
            self._head = data
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Send what is kept back, and close."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()


class ProblemProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools. What it cannot read has no request id, for it is no request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(WholeAnswers(cast(asyncio.Transport, transport)))

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the text is not for clients
        """Refuse what is not HTTP, and close: nobody knows where a next request would begin."""
        body = problem_body(400, "This is not a request of HTTP/1.1.")
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
        write_line({"time": datetime.now(UTC), "level": "info", "event": "not_http", "status": 400})
