"""Responses as bytes, read by h11: what an application sends is what a client gets, or it gets a 500."""

import asyncio
import gc
import socket
import struct
import weakref
from typing import Any

import h11
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from contractgen_runtime.service.wire.limits import Limits
from contractgen_runtime.service.wire.responses import _LINES, encode_fields
from contractgen_runtime.service.wire.wire import Wire
from tests.contractgen_runtime.service.wire.connections import (
    body,
    echo_path,
    listening,
    read_all,
    sending,
    start,
)

_LENGTH_4 = (b"content-length", b"4")
_FAILED = (500, b"The service failed to answer this request.")
_SMUGGLED = b"1\r\nset-cookie: a=b"


#: What an application sends, and what a client gets for a GET: the status and the body, or a part of it.
RESPONSES: dict[str, tuple[list[Message], tuple[int, bytes]]] = {
    "whole": ([start(200, _LENGTH_4), body(b"body")], (200, b"body")),
    "upper case": ([start(200, (b"Content-Length", b"4"), (b"X", b"1")), body(b"body")], (200, b"body")),
    "lists as fields": (
        [{"type": "http.response.start", "status": 200, "headers": [[*_LENGTH_4]]}, body(b"body")],
        (200, b"body"),
    ),
    "no content": ([start(204), body(b"")], (204, b"")),
    "empty": ([start(200, (b"content-length", b"0")), body(b"")], (200, b"")),
    "not modified": ([start(304, (b"etag", b'"1"')), body(b"")], (304, b"")),
    "not modified, with a length": ([start(304, _LENGTH_4), body(b"")], (304, b"")),
    "without a length": ([start(200), body(b"body")], (200, b"body")),
    "a stream": ([start(200), body(b"bo", more=True), body(b"dy", more=True), body(b"")], (200, b"body")),
    "a stream with an empty part": (
        [start(200), body(b"", more=True), body(b"bo", more=True), body(b"", more=True), body(b"dy")],
        (200, b"body"),
    ),
    "a stream of known length": (
        [start(200, _LENGTH_4), body(b"bo", more=True), body(b"dy")],
        (200, b"body"),
    ),
    "closes": ([start(200, _LENGTH_4, (b"connection", b"close")), body(b"body")], (200, b"body")),
    "chunked": ([start(200, (b"transfer-encoding", b"chunked")), body(b"body")], (200, b"body")),
    "a tab in a value": ([start(200, _LENGTH_4, (b"x", b"1\t2")), body(b"body")], (200, b"body")),
    "no reason": ([start(299, _LENGTH_4), body(b"body")], (299, b"body")),
    "two bodies": ([start(200, _LENGTH_4), body(b"body"), body(b"body")], (200, b"body")),
    # What is wrong before the first byte is a 500
    "too long": ([start(200, _LENGTH_4), body(b"bodies")], _FAILED),
    "too short": ([start(200, _LENGTH_4), body(b"b")], _FAILED),
    "a length that is none": ([start(200, (b"content-length", b"x")), body(b"b")], _FAILED),
    "a line end in a value": (
        [start(200, _LENGTH_4, (b"x", _SMUGGLED)), body(b"body")],
        _FAILED,
    ),
    "half a line end in a value": (
        [start(200, _LENGTH_4, (b"x", _SMUGGLED[2:])), body(b"body")],
        _FAILED,
    ),
    "a null in a value": ([start(200, _LENGTH_4, (b"x", b"\0")), body(b"body")], _FAILED),
    "a colon in a name": ([start(200, _LENGTH_4, (b"x: 1", b"2")), body(b"body")], _FAILED),
    "nothing": ([], _FAILED),
    "no body": ([start(200, _LENGTH_4)], _FAILED),
    "a body first": ([body(b"body")], _FAILED),
    "two heads": ([start(200, _LENGTH_4), start(200, _LENGTH_4), body(b"body")], _FAILED),
}
#: These begin, and cannot go on: the connection is cut, so that no client takes them for whole.
CUT: dict[str, list[Message]] = {
    "no end": [start(200), body(b"bo", more=True)],
    "a stream that is too long": [start(200, _LENGTH_4), body(b"bo", more=True), body(b"dies")],
    "a stream that is too short": [start(200, _LENGTH_4), body(b"bo", more=True), body(b"")],
}


async def exchange(messages: list[Message], request: str = "GET / HTTP/1.1") -> tuple[bytes, list[bytes]]:
    """Return what comes back for a request to an application that sends these messages, and the writes."""
    writes: list[bytes] = []
    async with listening(sending(messages), writes) as (reader, writer):
        writer.write(f"{request}\r\nhost: a\r\n\r\n".encode())
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10), writes


def parsed(received: bytes, method: str) -> tuple[int, bytes]:
    """Return status and body; h11.RemoteProtocolError if what was received is not one whole response."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(received)
    client.receive_data(b"")
    status, data = 0, b""
    while not isinstance(event := client.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            data += event.data
        else:
            pytest.fail(str(event))
    assert client.trailing_data == (b"", True)
    return status, data


@pytest.mark.parametrize("request_", ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET / HTTP/1.0"])
@pytest.mark.parametrize("name", RESPONSES)
async def test_a_client_gets_what_was_sent(name: str, request_: str) -> None:
    messages, (status, expected) = RESPONSES[name]
    method = request_.partition(" ")[0]
    if method == "HEAD" and name in ("too long", "too short", "no body"):
        messages, status = [start(200, _LENGTH_4), body(b"body")], 200
    received, _ = await exchange(messages, request_)
    got, data = parsed(received, method)
    assert got == status
    assert (
        expected in data
        if method == "GET" and status == 500
        else data == (expected if method == "GET" else b"")
    )
    assert (b"\r\nconnection: close\r\n" in received) == (request_.endswith("1.0") or name == "closes")
    assert not (request_.endswith("1.0") and b"transfer-encoding" in received)  # of HTTP/1.1


@pytest.mark.parametrize("name", CUT)
async def test_a_response_that_breaks_off_is_no_whole_one(name: str) -> None:
    with pytest.raises((h11.RemoteProtocolError, ConnectionResetError)):
        parsed((await exchange(CUT[name]))[0], "GET")


@pytest.mark.parametrize("name", ["whole", "without a length", "no content", "nothing"])
async def test_a_whole_response_is_written_at_once(name: str) -> None:
    received, writes = await exchange(RESPONSES[name][0])
    assert writes == [received]


async def test_fields_keep_their_order_and_the_date_is_first() -> None:
    state = ServerState()
    state.default_headers = [(b"date", b"today")]
    messages = [start(200, (b"set-cookie", b"a"), (b"x", b"1"), (b"set-cookie", b"b")), body(b"body")]
    async with listening(sending(messages), state=state) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
    expected = (
        b"HTTP/1.1 200 OK\r\ndate: today\r\nset-cookie: a\r\nx: 1\r\nset-cookie: b\r\ncontent-length: 4"
    )
    assert head == expected + b"\r\n\r\n"


async def test_values_that_differ_each_time_are_not_kept() -> None:
    for number in range(1000):
        encode_fields(200, [(b"x-request-id", b"%d" % number), (b"x-%d" % number, b"1")])
    assert encode_fields(200, [(b"x-request-id", b"new"), (b"x-y", b"1")])[0].endswith(b"new\r\nx-y: 1")
    assert len(_LINES) < 600


async def test_requests_in_one_piece_are_answered_in_turn() -> None:
    async with listening(echo_path) as (reader, writer):
        writer.write(b"".join(b"GET /x%d HTTP/1.1\r\nhost: a\r\n\r\n" % n for n in range(3)))
        for n in range(3):
            assert (await reader.readuntil(b"/x%d" % n)).startswith(b"HTTP/1.1 200 OK")


async def test_continue_is_sent_when_the_body_is_read() -> None:
    async with listening(echo_path) as (reader, writer):
        writer.write(b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"x")
        assert (await reader.readuntil(b"/a")).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("version", "begun"), [("1.1", "x"), ("1.0", "")])
async def test_continue_is_not_sent_to_who_does_not_wait(version: str, begun: str) -> None:
    """The client has begun to send its body, or is of HTTP/1.0, which does not know of it."""
    async with listening(read_all) as (reader, writer):
        fields = "host: a\r\ncontent-length: 2\r\nexpect: 100-continue"
        writer.write(f"POST /a HTTP/{version}\r\n{fields}\r\n\r\n{begun}".encode())
        await asyncio.sleep(0.1)
        writer.write(b"xx"[len(begun) :])
        assert (await reader.readuntil(b"/a")).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("expectation", ["expect: 100-continue\r\n", ""])
async def test_a_body_that_nobody_reads_is_not_asked_for(expectation: str) -> None:
    async with listening(sending(RESPONSES["whole"][0])) as (reader, writer):
        writer.write(f"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n{expectation}\r\n".encode())
        head = await reader.readuntil(b"body")
        assert head.startswith(b"HTTP/1.1 200 OK")
        # Who waits to be asked may send the body or not: the next bytes could be either.
        assert (b"connection: close" in head) == bool(expectation)
        if not expectation:
            writer.write(b"xGET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert await reader.readuntil(b"body") == head


@pytest.mark.parametrize(
    "request_",
    [
        b"content-length: 1000000\r\n\r\n",
        b"transfer-encoding: chunked\r\n\r\n",
    ],
)
async def test_a_large_rest_of_a_body_ends_the_connection(request_: bytes) -> None:
    async with listening(sending(RESPONSES["whole"][0])) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: a\r\n" + request_)
        assert b"\r\nconnection: close\r\n" in await reader.read()


async def test_each_request_has_its_own_state() -> None:
    found: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(dict(scope["state"]))
        scope["state"]["secret"] = "of the first"
        await echo_path(scope, receive, send)

    async with listening(app) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
            await reader.readuntil(b"/x")
    assert found == [{"made": "by the lifespan"}] * 2


async def test_after_its_response_a_request_ends() -> None:
    ends: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await echo_path(scope, receive, send)
        ends.append(await receive())

    async with listening(app) as (reader, writer):
        writer.write(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        await reader.readuntil(b"/x")
    assert ends == [{"type": "http.disconnect"}]


async def test_what_is_sent_to_a_client_that_has_left_is_dropped() -> None:
    """The client resets the connection, so that nothing could be written."""
    left, done = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await receive()
        assert await receive() == {"type": "http.disconnect"}
        left.set()
        await send(start(200))
        await send(body(b"body"))
        done.set()

    async with listening(app) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(0.05)
        reset = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        writer.transport.abort()
        await asyncio.wait_for(left.wait(), 5)
        assert await asyncio.wait_for(done.wait(), 5)


async def test_a_closed_connection_is_freed_without_the_garbage_collector() -> None:
    state = ServerState()
    async with listening(echo_path, state=state) as (reader, writer):
        writer.write(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        await reader.readuntil(b"/x")
        known = [weakref.ref(each) for each in state.connections]
        gc.disable()
        try:
            writer.close()
            for _ in range(20):
                await asyncio.sleep(0.02)
            assert known
            assert not state.connections
            assert not state.tasks
        finally:
            gc.enable()


def test_uvicorn_is_as_the_wire_expects() -> None:
    """What uvicorn does not document and `Wire`, `DrainingServer` and `serving` use."""
    wire: Any = Wire(Limits())
    config = uvicorn.Config(echo_path, http=wire, log_config=None)
    config.load()
    assert config.http_protocol_class is wire
    server = uvicorn.Server(config)
    assert server.server_state.connections == set()
    assert server.server_state.tasks == set()
    assert server.server_state.total_requests == 0
    assert server.server_state.default_headers == []
    assert config.root_path == ""
    assert config.asgi_version == "3.0"
