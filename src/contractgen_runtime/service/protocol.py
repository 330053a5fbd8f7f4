"""The wire: uvicorn's protocol, whose own refusals are problems too, and whose answers leave in one piece."""

from datetime import UTC, datetime

from uvicorn._types import ASGI3Application, ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from .log import write_line
from .problems import MEDIA_TYPE, problem_body

# What no header may hold; and those that say how an answer is framed, which uvicorn then does.
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})
_FRAMING = {b"connection", b"transfer-encoding"}
_REMEMBERED = 256


class _Beginnings(dict[bytes, bytes]):
    """The beginnings of lines, by names of headers that are sound and do not say how an answer is framed."""

    def __missing__(self, name: bytes) -> bytes:
        if name in _FRAMING or HEADER_RE.search(name):
            raise KeyError(name)
        beginning = b"\r\n" + name + b": "
        if len(self) < _REMEMBERED:
            self[name] = beginning
        return beginning


_BEGINNINGS = _Beginnings()


class WholeAnswers(RequestResponseCycle):
    """uvicorn's exchange of a request and its answer; one that is there as a whole is written at once.

    uvicorn writes the head before the body, and searches each header twice for what none may hold. What is
    not plain (streams, HEAD, the last answer of a connection, no header at all) it writes or refuses as ever.
    """

    _head: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """Keep the head back for the first part of the body."""
        if message["type"] == "http.response.start" and not self.response_started:
            self.response_started = True
            self._head = message
            return
        head, self._head = self._head, None
        if head is None:
            await super().send(message)
        elif whole := self._whole(head, message):
            self._write_whole(whole)
        else:
            self.response_started = False
            await super().send(head)
            await super().send(message)

    def _whole(self, head: HTTPResponseStartEvent, message: ASGISendEvent) -> bytes | None:
        """The bytes of the answer, None when it is not plain."""
        if (
            message["type"] != "http.response.body"
            or message.get("more_body")
            or not self.keep_alive
            or self.disconnected
            or self.flow.write_paused
            or self.scope["method"] == "HEAD"
        ):
            return None
        body = message.get("body", b"")
        fields = [*self.default_headers, *head["headers"]]
        parts, length = [STATUS_LINE[head["status"]][:-2]], b""
        try:
            for name, value in fields:
                parts += _BEGINNINGS[name], value
                if name == b"content-length":
                    length = value
        except KeyError:
            return None
        parts.append(b"\r\n\r\n")
        text = b"".join(parts)
        is_sound = len(text) - len(text.translate(None, _CONTROLS)) == 2 * (len(fields) + 2)
        return text + body if is_sound and length == b"%d" % len(body) else None

    def _write_whole(self, whole: bytes) -> None:
        self.waiting_for_100_continue = False
        self.transport.write(whole)
        self.response_complete = True
        self.message_event.set()
        self.on_response()


class ProblemProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools. What it cannot read has no request id, for it is no request."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.__class__ = WholeAnswers  # made two frames up, by a name that cannot be given
        super()._start_asgi_task(cycle, app)

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
